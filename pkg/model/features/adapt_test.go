package features

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// adaptedMaps are those that know the data.
func adaptedMaps() []string {
	return slices.DeleteFunc(Names(), func(name string) bool { return !Adapts(name) })
}

// The variance of every score of the reference's tokens: of Gaussian rows NumPy's to rounding, of pairs, integrated there over 409 600
// draws and here over 8 192, to 20 %.
func TestAdaptedVariances(t *testing.T) {
	r := loadReference(t)
	q, k, d := r.Adapted.Query, r.Adapted.Key, r.Dim
	n := len(q) / d
	for _, name := range adaptedMaps() {
		want := r.Adapted.Variances[name]
		if len(want) != n*n {
			t.Fatalf("the reference lacks %s", name)
		}
		tolerance := 1e-9
		if name == Pairs {
			tolerance = 0.2
		}
		const neurons = 4096
		of, known := NewScoreDeviation(suited(t, Spec{Map: name, Rows: IID, Neurons: neurons}, q, k, d), k, d)
		if !known {
			t.Fatalf("%s has no deviation", name)
		}
		for s := range n {
			one := make([]float64, n*n) // all weight on key s
			for row := range n {
				one[row*n+s] = 1
			}
			for row, deviation := range of.Of(q, one) {
				if have := neurons * square(deviation); math.Abs(have/want[row*n+s]-1) > tolerance {
					t.Errorf("%s, query %d, key %d: m·variance %v, want %v", name, row, s, have, want[row*n+s])
				}
			}
		}
	}
}

// Every score is unbiased and has the stated variance, with every coupling the mean, with and without invariances: 2 000 draws of 64
// neurons, to 30 %, tokens of which |q+k|² is about 1.
func TestAdaptedMapsAreUnbiased(t *testing.T) {
	const n, d, m, draws = 6, 4, 64, 2000
	rng := rand.New(rand.NewPCG(17, 3))
	q, k := gaussian(rng, n*d, 0.3), gaussian(rng, n*d, 0.3)
	for i := range q {
		q[i] += 0.2
		k[i] += 0.3*q[i] - 0.1*float64(i%d)
	}
	for _, name := range append(adaptedMaps(), "positive") {
		for _, rows := range Couplings() {
			for _, kind := range InvarianceKinds() {
				if kind != NoInvariance && rows != IID {
					continue
				}
				to, err := Adapt(Spec{Map: name}, kind, nil, Tokens{Q: q, K: k, N: n, Dim: d})
				if err != nil {
					t.Fatal(err)
				}
				spec := Spec{Map: name, Rows: rows, Neurons: m, To: to}
				var sum, squares [n * n]float64
				for range draws {
					for i, score := range relativeScores(t, spec, q, k, n, d, rng) {
						sum[i] += score / draws
						squares[i] += square(score-1) / draws
					}
				}
				of, _ := NewScoreDeviation(spec, k, d)
				for i := range sum {
					one := make([]float64, n)
					one[i%n] = 1
					variance := square(of.Of(q[i/n*d:(i/n+1)*d], one)[0])
					if z := (sum[i] - 1) / math.Sqrt(squares[i]/draws); math.Abs(z) > 5 {
						t.Errorf("%s %s %s: score %d is %.4f of exp(q·k), %.1f standard errors off", name, rows, kind, i, sum[i], z)
					}
					if ratio := squares[i] / variance; rows == IID && math.Abs(ratio-1) > 0.3 {
						t.Errorf("%s %s: variance %d is %.3f of the stated one", name, kind, i, ratio)
					}
				}
			}
		}
	}
}

// relativeScores are φ(q_t)·φ(k_s)/exp(q_t·k_s) of one draw, the query's gain, which invariances give it, divided out.
func relativeScores(t *testing.T, spec Spec, q, k []float64, n, d int, rng *rand.Rand) []float64 {
	m, err := New(spec, d, rng)
	if err != nil {
		t.Fatal(err)
	}
	a, err := m.Evaluate(q, k, n, Gain{})
	if err != nil {
		t.Fatal(err)
	}
	scores := make([]float64, n*n)
	for i := range n {
		for s := range n {
			exact := kernel.Dot(q[i*d:(i+1)*d], k[s*d:(s+1)*d]) + a.LogGain[i]
			scores[i*n+s] = math.Exp(-2*a.Shift-exact) * kernel.Dot(a.Q[i*m.Neurons:(i+1)*m.Neurons], a.K[s*m.Neurons:(s+1)*m.Neurons])
		}
	}
	return scores
}

// For the tokens that they are drawn for, the neurons of pairs have no tails: each adds at most N to p_t/Z_t, and all rows together
// read their normalisers exactly, Σ_t p_t/Z_t = N, whatever is drawn and however long the tokens are.
func TestPairsHaveNoTails(t *testing.T) {
	const n, d, m = 9, 6, 200
	for _, length := range []float64{0.5, 3, 12} {
		for _, causal := range []bool{false, true} {
			rng := rand.New(rand.NewPCG(21, 1))
			tokens := Tokens{Q: gaussian(rng, n*d, length/math.Sqrt(d)), K: gaussian(rng, n*d, length/math.Sqrt(d)), N: n, Dim: d, Causal: causal}
			to, err := Adapt(Spec{Map: Pairs}, NoInvariance, nil, tokens)
			if err != nil {
				t.Fatal(err)
			}
			scores := relativeScores(t, Spec{Map: Pairs, Rows: IID, Neurons: m, To: to}, tokens.Q, tokens.K, n, d, rng)
			total := 0.0
			to.seen(tokens).attend(0, n, func(row int, attention []float64, _ float64) {
				sum := 0.0
				for s, a := range attention {
					sum += a * scores[row*n+s]
				}
				total += sum
				if sum > n {
					t.Errorf("length %g: p/Z is %g", length, sum)
				}
			})
			if math.Abs(total/n-1) > 1e-11 { // exponents of up to 10³
				t.Errorf("length %g, causal %t: the mean of p/Z is %.15g", length, causal, total/n)
			}
		}
	}
}

// What pairs estimate relative to the scores does not depend on where the tokens' means lie: rows move with them.
func TestPairsDoNotSeeTheCentre(t *testing.T) {
	const n, d, m = 8, 5, 64
	rng := rand.New(rand.NewPCG(23, 1))
	tokens := Tokens{Q: gaussian(rng, n*d, 0.8), K: gaussian(rng, n*d, 0.8), N: n, Dim: d}
	for i := range tokens.Q {
		tokens.Q[i]++
		tokens.K[i] -= 0.5
	}
	var scores [2][]float64
	for i, kind := range []string{NoInvariance, Center} {
		to, err := Adapt(Spec{Map: Pairs}, kind, nil, tokens)
		if err != nil {
			t.Fatal(err)
		}
		scores[i] = relativeScores(t, Spec{Map: Pairs, Rows: IID, Neurons: m, To: to}, tokens.Q, tokens.K, n, d, rand.New(rand.NewPCG(5, 5)))
	}
	for i, x := range scores[0] {
		if math.Abs(scores[1][i]/x-1) > 1e-10 {
			t.Fatalf("score %d is %v centred, %v as it is", i, scores[1][i], x)
		}
	}
}

// Coordinates and gains are SciPy's, up to the sign of each coordinate, and of all kinds the scores are the same.
func TestInvariancesAreThoseOfSciPy(t *testing.T) {
	r := loadReference(t)
	d := r.Dim
	in := Tokens{Q: r.Adapted.Query, K: r.Adapted.Key, N: len(r.Adapted.Query) / d, Dim: d}
	for _, kind := range InvarianceKinds()[1:] {
		to, err := Adapt(Spec{Map: "positive"}, kind, nil, in)
		if err != nil {
			t.Fatal(err)
		}
		have, want := to.seen(in), r.Invariances[kind]
		for i, x := range have.gain {
			if math.Abs(x-want.Gain[i]) > 1e-10 {
				t.Errorf("%s: gain %d is %v, want %v", kind, i, x, want.Gain[i])
			}
		}
		for j := range d {
			sign := 1.0
			if have.q[j]*want.Q[j] < 0 {
				sign = -1
			}
			for s := range in.N {
				for _, pair := range [][2]float64{{have.q[s*d+j], want.Q[s*d+j]}, {have.k[s*d+j], want.K[s*d+j]}} {
					if math.Abs(sign*pair[0]-pair[1]) > 1e-9 {
						t.Fatalf("%s: coordinate %d of token %d is %v, want ±%v", kind, j, s, pair[0], pair[1])
					}
				}
			}
		}
	}
}

// Invariances leave exp(q·k) of every map's limit as it is: the ideal map's sums, and kernel attention, are those without them.
func TestInvariancesOfTheIdealMap(t *testing.T) {
	const n, d = 7, 5
	rng := rand.New(rand.NewPCG(2, 8))
	q, k := gaussian(rng, n*d, 0.8), gaussian(rng, n*d, 0.8)
	q[3], k[2] = q[3]+1, k[2]-1
	attention := func(kind string, gain string) []float64 {
		to, err := Adapt(Spec{Map: Ideal}, kind, nil, Tokens{Q: q, K: k, N: n, Dim: d})
		if err != nil {
			t.Fatal(err)
		}
		m, err := New(Spec{Map: Ideal, To: to}, d, rng)
		if err != nil {
			t.Fatal(err)
		}
		a, err := m.Evaluate(q, k, n, Gain{Kind: gain})
		if err != nil {
			t.Fatal(err)
		}
		var rows []float64
		for i := range n {
			row := slices.Clone(a.Gram[(n+i)*2*n : (n+i)*2*n+n])
			sum := 0.0
			for _, x := range row {
				sum += x
			}
			if unit := math.Exp(-2 * a.Shift); gain == GainEqualised && math.Abs(sum*unit-1) > 1e-12 {
				t.Errorf("%s: an equalised query reads %g", kind, sum*unit)
			}
			normalise(row)
			rows = append(rows, row...)
		}
		return rows
	}
	for _, gain := range []string{GainNone, GainNorm, GainBalanced, GainEqualised} {
		want := attention(NoInvariance, gain)
		for _, kind := range InvarianceKinds()[1:] {
			for i, x := range attention(kind, gain) {
				if math.Abs(x-want[i]) > 1e-12 {
					t.Fatalf("%s %s: weight %d is %v, want %v", kind, gain, i, x, want[i])
				}
			}
		}
	}
}

// The directions of a block are the paper's simplex, turned; each row alone is N(0, I), and a score's error is less than with
// orthogonal rows, which is less than with independent ones, all of unit length (arXiv 2301.13856, theorem 3.5).
func TestSimplexRows(t *testing.T) {
	r := loadReference(t)
	d := r.Dim
	w := make([]float64, d*d)
	simplexRows(d, rand.New(rand.NewPCG(4, 4)))(w)
	for i := range d {
		for j := range d {
			x, y := w[i*d:(i+1)*d], w[j*d:(j+1)*d]
			if have := kernel.Dot(x, y) / math.Sqrt(kernel.Dot(x, x)*kernel.Dot(y, y)); math.Abs(have-r.Simplex[i*d+j]) > 1e-12 {
				t.Errorf("rows %d and %d have the cosine %v, want %v", i, j, have, r.Simplex[i*d+j])
			}
		}
	}
	const size, draws = 4, 20000
	rng := rand.New(rand.NewPCG(6, 6))
	x, y := []float64{1, 0, 0, 0}, []float64{-0.5, math.Sqrt(0.75), 0, 0}
	errors := map[string]float64{}
	for _, name := range Couplings() {
		next, rows := coupling(name).draw(size, rng), make([]float64, size*size)
		var first, second float64
		for range draws {
			next(rows)
			score := 0.0
			for i := range size {
				row := rows[i*size : (i+1)*size]
				first += row[i] / (draws * size)
				second += square(row[(i+1)%size]) / (draws * size)
				score += math.Exp(kernel.Dot(row, x)+kernel.Dot(row, y)-1) / size
			}
			errors[name] += square(score-math.Exp(kernel.Dot(x, y))) / draws
		}
		if math.Abs(first) > 5/math.Sqrt(draws*size) || math.Abs(second-1) > 5*math.Sqrt(2.0/(draws*size)) {
			t.Errorf("%s: an entry has the mean %.4f and the mean square %.4f", name, first, second)
		}
	}
	if !(errors[Simplex] < errors[Orthogonal] && errors[Orthogonal] < errors[IID]) {
		t.Errorf("mean square errors are %v", errors)
	}
	one := make([]float64, 3)
	simplexRows(1, rng)(one)
	if !finite(one) {
		t.Errorf("rows of length 1: %v", one)
	}
}

// Eigenvalues and vectors of symmetric matrices, of repeated and of vanishing ones, too.
func TestEigen(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	for _, rank := range []int{0, 1, 3, 7} {
		const d = 7
		x := gaussian(rng, rank*d, 1)
		s := make([]float64, d*d)
		if rank > 0 {
			kernel.Gemm(true, false, d, d, rank, 1, x, d, x, d, 0, s, d)
		}
		values, vectors := eigen(s, d)
		if !slices.IsSortedFunc(values, func(a, b float64) int { return int(math.Copysign(1, b-a)) }) && rank == d {
			t.Errorf("values %v", values)
		}
		for i := range d {
			for j := range d {
				product, want := 0.0, 0.0
				for l, value := range values {
					product += vectors[l*d+i] * value * vectors[l*d+j]
				}
				if i == j {
					want = 1
				}
				if have := kernel.Dot(vectors[i*d:(i+1)*d], vectors[j*d:(j+1)*d]); math.Abs(have-want) > 1e-14*d {
					t.Errorf("vectors %d and %d: %v", i, j, have)
				}
				if math.Abs(product-s[i*d+j]) > 1e-13*d*max(1, trace(s, d)) {
					t.Errorf("rank %d: entry %d, %d is %v, want %v", rank, i, j, product, s[i*d+j])
				}
			}
		}
	}
}

// What a map takes from tokens is refused where there is nothing to take, and said.
func TestAdaptErrors(t *testing.T) {
	good := Tokens{Q: []float64{1, 2}, K: []float64{0, 1}, N: 1, Dim: 2}
	for want, f := range map[string]func() error{
		"unknown invariances": func() error { _, err := Adapt(Spec{Map: Pairs}, "scale", nil, good); return err },
		"unknown map":         func() error { _, err := Adapt(Spec{Map: "pair"}, NoInvariance, nil, good); return err },
		"not finite": func() error {
			_, err := Adapt(Spec{Map: Pairs}, NoInvariance, nil, Tokens{Q: []float64{math.NaN(), 2}, K: []float64{0, 1}, N: 1, Dim: 2})
			return err
		},
		"has seen none": func() error {
			_, err := New(Spec{Map: "oprf", Rows: IID, Neurons: 4}, 2, rand.New(rand.NewPCG(1, 1)))
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	// One token, and tokens that are all alike, have invariances, too.
	for _, kind := range InvarianceKinds() {
		for _, name := range append(adaptedMaps(), "positive") {
			to, err := Adapt(Spec{Map: name}, kind, nil, good)
			if err != nil {
				t.Errorf("%s %s: %v", name, kind, err)
				continue
			}
			m, err := New(Spec{Map: name, Rows: IID, Neurons: 8, To: to}, 2, rand.New(rand.NewPCG(1, 1)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Evaluate(good.Q, good.K, 1, Gain{}); err != nil {
				t.Errorf("%s %s: %v", name, kind, err)
			}
		}
	}
}
