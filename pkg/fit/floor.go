package fit

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// FloorTokens is how many tokens the floor of a head is taken over.
const FloorTokens = 2048

// Floor is how well so many neurons could do if their signs were free: the error of the output with the best approximation of that rank
// to the kernel between the tokens of many inputs. It is indicative, no bound: the approximation is the best for all pairs of tokens,
// and attention asks for those within an input only.
type Floor struct {
	InSample float64 // on the inputs that it is made from; NaN where their tokens are fewer than twice the neurons, and tell nothing
	HeldOut  float64 // on others, by the Nyström extension; NaN likewise
	Tokens   int     // that it is made from
}

// FloorOf computes it, in float64. With the kernel A_ts = exp(q_t·k_s)/Z_t over tokens of training inputs from all over, Z_t being query
// t's sum over the keys of its own input that it sees, and Q [T×m] the basis of the m leading singular directions of A on the side of
// its queries, found by power iterations from a random start,
//
//	φ_k(s) = Qᵀ A_·s,  φ_q(t) = A_t· Bᵀ (B Bᵀ + λ)⁻¹,  B = Qᵀ A
//
// On the tokens themselves, without λ, that is Q Qᵀ A, the truncated singular value decomposition; it goes on to tokens of other inputs
// by their kernel with these (Nyström), with that λ which is best on the validation inputs. Rows are divided by their sums, as the
// network's are, or by 1 where what is signed adds up to less than a half.
func FloorOf(ctx context.Context, neurons int, in Inputs, causal bool, rng *rand.Rand) (Floor, error) {
	floor := Floor{InSample: math.NaN(), HeldOut: math.NaN()}
	sample, tokens, err := tokensOf(in.Train)
	if floor.Tokens = tokens; err != nil || tokens < 2*neurons {
		return floor, err
	}
	f := newFloorSample(sample, tokens, causal)
	if err := f.decompose(ctx, neurons, floorIterations, rng); err != nil {
		return floor, err
	}
	floor.InSample = f.inSample()
	if floor.HeldOut, err = f.heldOut(ctx, in); err != nil {
		return floor, err
	}
	return floor, nil
}

// floorIterations are few: where singular values fall slowly the error is the decomposition's within a hundredth, where they fall fast
// it may be a third above it.
const floorIterations = 6

// ridges are those λ among which the validation inputs choose, relative to the mean square of the kept singular values.
var ridges = []float64{1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1}

// tokensOf reads inputs from all over a source, up to [FloorTokens].
func tokensOf(of Source) (inputs []*Tokens[float64], tokens int, err error) {
	for i := range of.Len() {
		x, err := of.Read(i * stride(of.Len()) % of.Len())
		if err != nil {
			return nil, 0, err
		}
		if tokens+x.N > FloorTokens {
			break
		}
		inputs, tokens = append(inputs, x), tokens+x.N
	}
	return inputs, tokens, nil
}

// stride is a number about the golden part of a count that shares no divisor with it: its multiples come from all over, each once.
func stride(count int) int {
	s := max(1, int(0.618*float64(count)))
	for divisor(s, count) != 1 {
		s++
	}
	return s
}

// divisor is the greatest that two numbers share.
func divisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// floorSample are the tokens that a floor is made from.
type floorSample struct {
	inputs        []*Tokens[float64]
	n, d, m       int
	causal        bool
	queries, keys []float64
	scale         []float64 // log Z of each query
	a             []float64 // [n×n]
	basis         []float64 // Q [n×m]
	through       []float64 // Bᵀ = Aᵀ Q [n×m]
}

func newFloorSample(inputs []*Tokens[float64], tokens int, causal bool) *floorSample {
	f := &floorSample{inputs: inputs, n: tokens, d: len(inputs[0].Q) / inputs[0].N, causal: causal}
	for _, x := range inputs {
		f.queries, f.keys = append(f.queries, x.Q...), append(f.keys, x.K...)
	}
	f.a = make([]float64, f.n*f.n)
	gemm(false, true, f.n, f.n, f.d, f.queries, f.keys, 0, f.a)
	at := 0
	for _, x := range inputs {
		for t := range x.N {
			row := f.a[(at+t)*f.n : (at+t+1)*f.n]
			z := logSum(visible(row[at:at+x.N], t, causal))
			exp(row, -z)
			f.scale = append(f.scale, z)
		}
		at += x.N
	}
	return f
}

// logSum is log Σ exp.
func logSum(x []float64) float64 {
	most := largest(x)
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(v - most)
	}
	return most + math.Log(sum)
}

// decompose finds the basis. After each pair of products it is made orthonormal, so that small directions are not lost beside large ones.
func (f *floorSample) decompose(ctx context.Context, m, iterations int, rng *rand.Rand) error {
	f.m = m
	f.basis, f.through = make([]float64, f.n*m), make([]float64, f.n*m)
	for i := range f.through {
		f.through[i] = rng.NormFloat64()
	}
	for range iterations {
		gemm(false, false, f.n, m, f.n, f.a, f.through, 0, f.basis)
		orthonormal(f.basis, f.n, m)
		gemm(true, false, f.n, m, f.n, f.a, f.basis, 0, f.through)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

// orthonormal replaces x [n×m] by an orthonormal basis of what its columns span.
func orthonormal(x []float64, n, m int) {
	a := blas64.General{Rows: n, Cols: m, Stride: m, Data: x}
	tau, size := make([]float64, m), make([]float64, 2)
	lapack64.Geqrf(a, tau, size[:1], -1)
	lapack64.Orgqr(a, tau, size[1:], -1)
	work := make([]float64, int(max(size[0], size[1])))
	lapack64.Geqrf(a, tau, work, len(work))
	lapack64.Orgqr(a, tau, work, len(work))
}

func (f *floorSample) inSample() float64 {
	e := floorError{causal: f.causal}
	at := 0
	for _, x := range f.inputs {
		block := make([]float64, x.N*x.N)
		rows := func(of []float64) []float64 { return of[at*f.m : (at+x.N)*f.m] }
		gemm(false, true, x.N, x.N, f.m, rows(f.basis), rows(f.through), 0, block)
		e.add(x, block)
		at += x.N
	}
	return e.value()
}

// heldOut is the error on the held-out inputs with the ridge that is best on the validation inputs.
func (f *floorSample) heldOut(ctx context.Context, in Inputs) (float64, error) {
	square := mat.NewSymDense(f.m, nil) // B Bᵀ
	gemm(true, false, f.m, f.m, f.n, f.through, f.through, 0, square.RawSymmetric().Data)
	trace := mat.Trace(square) / float64(f.m)
	var parts [2][]*Tokens[float64]
	for i, of := range []Source{in.Validation, in.HeldOut} {
		var err error
		if parts[i], _, err = tokensOf(of); err != nil {
			return 0, err
		}
	}
	best, told := math.Inf(1), math.NaN()
	for _, ridge := range ridges {
		with := mat.NewSymDense(f.m, nil)
		with.CopySym(square)
		for i := range f.m {
			with.SetSym(i, i, square.At(i, i)+ridge*trace)
		}
		var inverse mat.Cholesky
		if !inverse.Factorize(with) {
			continue
		}
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		validation, err := f.extended(&inverse, parts[0])
		if err != nil {
			return 0, err
		}
		if validation >= best {
			continue
		}
		best = validation
		if told, err = f.extended(&inverse, parts[1]); err != nil {
			return 0, err
		}
	}
	return told, nil
}

// extended is the error on inputs that the floor is not made from.
func (f *floorSample) extended(inverse *mat.Cholesky, inputs []*Tokens[float64]) (float64, error) {
	e := floorError{causal: f.causal}
	for _, x := range inputs {
		rows, columns, own := make([]float64, x.N*f.n), make([]float64, f.n*x.N), make([]float64, x.N*x.N)
		gemm(false, true, x.N, f.n, f.d, x.Q, f.keys, 0, rows)
		gemm(false, true, x.N, x.N, f.d, x.Q, x.K, 0, own)
		for t := range x.N {
			exp(rows[t*f.n:(t+1)*f.n], -logSum(visible(own[t*x.N:(t+1)*x.N], t, f.causal)))
		}
		gemm(false, true, f.n, x.N, f.d, f.queries, x.K, 0, columns)
		for t := range f.n {
			exp(columns[t*x.N:(t+1)*x.N], -f.scale[t])
		}
		k := mat.NewDense(f.m, x.N, nil) // φ_kᵀ, then (B Bᵀ + λ)⁻¹ φ_kᵀ
		gemm(true, false, f.m, x.N, f.n, f.basis, columns, 0, k.RawMatrix().Data)
		var condition mat.Condition
		if err := inverse.SolveTo(k, k); err != nil && !errors.As(err, &condition) {
			return 0, err
		}
		q, block := make([]float64, x.N*f.m), make([]float64, x.N*x.N)
		gemm(false, false, x.N, f.m, f.n, rows, f.through, 0, q)
		gemm(false, false, x.N, x.N, f.m, q, k.RawMatrix().Data, 0, block)
		e.add(x, block)
	}
	return e.value(), nil
}

// floorError adds up errors of the output.
type floorError struct {
	causal    bool
	off, size float64
}

// leastRowSum is what a row of weights, which is 1 in all, may add up to for it to be divided by that.
const leastRowSum = 0.5

// add adds those of an input with a kernel in units of each query's sum; the kernel is written over.
func (e *floorError) add(in *Tokens[float64], kernel []float64) {
	n, dv := in.N, len(in.V)/in.N
	exact := Attend(in, make([]float64, len(in.Q)/n), e.causal, nil)
	for t := range n {
		row := kernel[t*n : (t+1)*n]
		seen := visible(row, t, e.causal)
		sum := 0.0
		for _, x := range seen {
			sum += x
		}
		if sum >= leastRowSum {
			for s := range seen {
				seen[s] /= sum
			}
		}
		clear(row[len(seen):])
	}
	mine, reference := make([]float64, n*dv), make([]float64, n*dv)
	gemm(false, false, n, dv, n, kernel, in.V, 0, mine)
	gemm(false, false, n, dv, n, exact, in.V, 0, reference)
	for i, x := range reference {
		d := mine[i] - x
		e.off += float64(d * d)
		e.size += float64(x * x)
	}
}

func (e *floorError) value() float64 { return math.Sqrt(e.off / e.size) }
