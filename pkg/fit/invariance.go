package fit

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Moments gathers what the invariances need of a head's tokens, as they come. Its zero value is empty.
type Moments struct {
	dim        int
	count      float64
	sumQ, sumK []float64
	outerQ     []float64 // Σ q qᵀ, [d×d]
	outerK     []float64
}

// Add adds n tokens of size d.
func (m *Moments) Add(q, k []float64, n, d int) {
	if m.dim == 0 {
		m.dim = d
		m.sumQ, m.sumK = make([]float64, d), make([]float64, d)
		m.outerQ, m.outerK = make([]float64, d*d), make([]float64, d*d)
	}
	for t := range n {
		add(m.sumQ, q[t*d:(t+1)*d])
		add(m.sumK, k[t*d:(t+1)*d])
	}
	gemm(true, false, d, d, n, q, q, 1, m.outerQ)
	gemm(true, false, d, d, n, k, k, 1, m.outerK)
	m.count += float64(n)
}

// InvariancesOf returns the invariances that inputs of a head of size d call for, centred and balanced.
func InvariancesOf(ctx context.Context, of Source, d int) (*Invariances, error) {
	var moments Moments
	for i := range of.Len() {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		tokens, err := of.Read(i)
		if err != nil {
			return nil, err
		}
		moments.Add(tokens.Q, tokens.K, tokens.N, d)
	}
	return moments.Invariances(true)
}

// Invariances are changes of a head's queries and keys that its attention does not see:
//
//	q' = A⁻ᵀ(q − q̄)    k' = A(k − k̄)    q·k = q'·k' + (A⁻ᵀq̄)·k' + what depends on the query alone
//
// A balances and diagonalises the two covariances, of which A is a matrix geometric mean, so that |q'+k'|² is small.
type Invariances struct {
	Dim          int
	MeanQ, MeanK []float64 // q̄, k̄, [d]
	Balance      []float64 // A, [d×d]
	Inverse      []float64 // A⁻¹
	Shift        []float64 // A⁻ᵀ q̄, [d]: the exponent of a key's gain is Shift·k'
}

// Unchanged are the invariances that leave queries and keys as they are.
func Unchanged(dim int) *Invariances {
	v := &Invariances{Dim: dim, MeanQ: make([]float64, dim), MeanK: make([]float64, dim), Balance: make([]float64, dim*dim), Shift: make([]float64, dim)}
	for i := range dim {
		v.Balance[i*dim+i] = 1
	}
	v.Inverse = append([]float64(nil), v.Balance...)
	return v
}

// ridge is what is added to a covariance, of its mean variance, so that it can be inverted.
const ridge = 1e-4

// leastVariance bounds eigenvalues, relative to the largest.
const leastVariance = 1e-6

// Invariances returns those that the tokens call for: centred, and balanced too.
func (m *Moments) Invariances(balance bool) (*Invariances, error) {
	d := m.dim
	if m.count < 1 {
		return nil, errors.New("no tokens are given")
	}
	v := Unchanged(d)
	for i := range d {
		v.MeanQ[i], v.MeanK[i] = m.sumQ[i]/m.count, m.sumK[i]/m.count
	}
	v.Shift = append([]float64(nil), v.MeanQ...)
	if !balance {
		return v, nil
	}
	sq, sk := m.covariance(m.outerQ, v.MeanQ), m.covariance(m.outerK, v.MeanK)
	a, err := balancing(sq, sk)
	if err != nil {
		return nil, err
	}
	var inverse mat.Dense
	if err := inverse.Inverse(a); err != nil {
		return nil, fmt.Errorf("the covariances cannot be balanced: %w", err)
	}
	v.Balance, v.Inverse = flat(a), flat(&inverse)
	var shift mat.VecDense
	shift.MulVec(inverse.T(), mat.NewVecDense(d, v.MeanQ))
	for i := range d {
		v.Shift[i] = shift.AtVec(i)
	}
	return v, nil
}

func (m *Moments) covariance(outer, mean []float64) *mat.SymDense {
	d := m.dim
	s := mat.NewSymDense(d, nil)
	trace := 0.0
	for i := range d {
		for j := i; j < d; j++ {
			s.SetSym(i, j, outer[i*d+j]/m.count-float64(mean[i]*mean[j]))
		}
		trace += s.At(i, i)
	}
	for i := range d {
		s.SetSym(i, i, s.At(i, i)+float64(ridge*trace/float64(d))+math.SmallestNonzeroFloat64)
	}
	return s
}

// balancing returns A with A⁻ᵀ S_q A⁻¹ = A S_k Aᵀ, diagonal, largest first: A = Uᵀ M^½,
// M = S_k^{−½} (S_k^½ S_q S_k^½)^½ S_k^{−½}.
func balancing(sq, sk *mat.SymDense) (*mat.Dense, error) {
	root, err := power(sk, 0.5)
	if err != nil {
		return nil, err
	}
	inverse, err := power(sk, -0.5)
	if err != nil {
		return nil, err
	}
	inner, err := power(sandwich(root, sq), 0.5)
	if err != nil {
		return nil, err
	}
	a, err := power(sandwich(inverse, inner), 0.5)
	if err != nil {
		return nil, err
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(sandwich(a, sk), true) {
		return nil, errEigen
	}
	var u, out mat.Dense
	eigen.VectorsTo(&u)
	d, _ := u.Dims()
	turned := mat.NewDense(d, d, nil)
	for i := range d { // eigenvalues come smallest first
		for j := range d {
			turned.Set(i, j, u.At(j, d-1-i))
		}
	}
	out.Mul(turned, a)
	return &out, nil
}

var errEigen = errors.New("the eigenvalues of a covariance are not found; are the tokens finite?")

// power is S^p of a symmetric positive matrix.
func power(s mat.Symmetric, p float64) (*mat.SymDense, error) {
	var eigen mat.EigenSym
	if !eigen.Factorize(s, true) {
		return nil, errEigen
	}
	values := eigen.Values(nil)
	most := values[len(values)-1]
	var u mat.Dense
	eigen.VectorsTo(&u)
	d := len(values)
	out := mat.NewSymDense(d, nil)
	for i, x := range values {
		values[i] = math.Pow(max(x, most*leastVariance), p)
	}
	for i := range d {
		for j := i; j < d; j++ {
			sum := 0.0
			for l, x := range values {
				sum += float64(u.At(i, l) * x * u.At(j, l))
			}
			out.SetSym(i, j, sum)
		}
	}
	return out, nil
}

// sandwich is B S Bᵀ.
func sandwich(b, s mat.Matrix) *mat.SymDense {
	var half, whole mat.Dense
	half.Mul(b, s)
	whole.Mul(&half, b.T())
	d, _ := whole.Dims()
	out := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			out.SetSym(i, j, (whole.At(i, j)+whole.At(j, i))/2)
		}
	}
	return out
}

func flat(m *mat.Dense) []float64 { return append([]float64(nil), m.RawMatrix().Data...) }

// Queries returns q' = A⁻ᵀ(q − q̄) of n queries.
func (v *Invariances) Queries(q []float64, n int) []float64 {
	return turned(q, v.MeanQ, v.Inverse, false, n)
}

// Keys returns k' = A(k − k̄) of n keys.
func (v *Invariances) Keys(k []float64, n int) []float64 {
	return turned(k, v.MeanK, v.Balance, true, n)
}

// turned is (x − mean) times B, or Bᵀ.
func turned[T Real](x, mean, by []T, transposed bool, n int) []T {
	d := len(mean)
	centred, out := make([]T, n*d), make([]T, n*d)
	for t := range n {
		for j, m := range mean {
			centred[t*d+j] = x[t*d+j] - m
		}
	}
	gemm(false, transposed, n, d, d, centred, by, 0, out)
	return out
}
