package fit

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/diff/fd"

	"github.com/nasim-sim/nasim/pkg/model/features"
)

// fivePoint is exact to the step's fourth power.
var fivePoint = fd.Settings{Formula: fd.Formula{
	Stencil:    []fd.Point{{Loc: -2, Coeff: 1. / 12}, {Loc: -1, Coeff: -8. / 12}, {Loc: 1, Coeff: 8. / 12}, {Loc: 2, Coeff: -1. / 12}},
	Derivative: 1, Step: 1e-3,
}}

// randomLearned is a map of random numbers, whose invariances are those of tokens.
func randomLearned(t *testing.T, f Form, in *Tokens[float64], rng *rand.Rand) *features.LearnedMap {
	t.Helper()
	var m Moments
	m.Add(in.Q, in.K, in.N, f.Dim)
	v, err := m.Invariances(features.Both)
	if err != nil {
		t.Fatal(err)
	}
	p := randomParameters(f, rng)
	return &features.LearnedMap{
		Dim: f.Dim, MeanQ: v.MeanQ, MeanK: v.MeanK, Balance: v.Balance, Inverse: v.Inverse,
		Query: features.LearnedSide(p.Query), Key: features.LearnedSide(p.Key), Square: p.Square,
	}
}

// offBy is the largest difference, and the largest number.
func offBy(got, want []float64) (off, size float64) {
	for i, v := range want {
		off, size = math.Max(off, math.Abs(v-got[i])), math.Max(size, math.Abs(v))
	}
	return off, size
}

// Every gradient through a stand-in, by its parameters and by queries, keys and values, of every form, masked and not, against
// differences.
func TestStandInGradient(t *testing.T) {
	const tolerance = 1e-6 // of the gradient's largest number
	const n, dv = 6, 2
	for _, f := range forms {
		for _, causal := range []bool{false, true} {
			// Of these no dendrite is so near to where it falls silent that a difference steps over it.
			rng := rand.New(rand.NewPCG(12, uint64(f.Neurons)))
			in := randomTokens(n, f.Dim, dv, rng)
			s := NewStandIn[float64](randomLearned(t, f, in, rng), causal)
			weights := make([]float64, n*dv)
			for i := range weights {
				weights[i] = rng.NormFloat64()
			}
			value := func(s *StandIn[float64], q, k, v []float64) float64 {
				sum := 0.0
				for i, x := range new(Pass[float64]).Attend(s, q, k, v, n) {
					sum += weights[i] * x
				}
				return sum
			}
			var pass Pass[float64]
			for range 2 { // the second time over what the first has left
				pass.Attend(s, in.Q, in.K, in.V, n)
				g := NewParameters[float64](f)
				dq, dk, dv := pass.Back(weights, g)
				for i, x := range s.arrays() {
					if len(x) == 0 {
						continue
					}
					want := fd.Gradient(nil, func(at []float64) float64 {
						other := *s
						other.Parameters = s.clone()
						copy(other.arrays()[i], at)
						return value(&other, in.Q, in.K, in.V)
					}, x, &fivePoint)
					if off, size := offBy(g.arrays()[i], want); !(off <= tolerance*math.Max(size, 1e-3)) {
						t.Errorf("%+v, causal %t: array %d is off by %.2g of %.2g", f, causal, i, off, size)
					}
				}
				for _, c := range []struct {
					name   string
					x, got []float64
					of     func(x []float64) float64
				}{
					{"queries", in.Q, dq, func(x []float64) float64 { return value(s, x, in.K, in.V) }},
					{"keys", in.K, dk, func(x []float64) float64 { return value(s, in.Q, x, in.V) }},
					{"values", in.V, dv, func(x []float64) float64 { return value(s, in.Q, in.K, x) }},
				} {
					if off, size := offBy(c.got, fd.Gradient(nil, c.of, c.x, &fivePoint)); !(off <= tolerance*math.Max(size, 1e-3)) {
						t.Errorf("%+v, causal %t: the gradient by the %s is off by %.2g of %.2g", f, causal, c.name, off, size)
					}
				}
			}
		}
	}
}

// A stand-in's answer is that of the map in a run: its features' sums.
func TestStandInIsTheMap(t *testing.T) {
	const n, dv = 7, 3
	for _, f := range forms {
		rng := rand.New(rand.NewPCG(12, uint64(f.Neurons)))
		in := randomTokens(n, f.Dim, dv, rng)
		l := randomLearned(t, f, in, rng)
		m, err := features.NewLearned(l)
		if err != nil {
			t.Fatal(err)
		}
		a, err := m.Evaluate(in.Q, in.K, n, features.Gain{Kind: features.GainNone})
		if err != nil {
			t.Fatal(err)
		}
		got := new(Pass[float64]).Attend(NewStandIn[float64](l, false), in.Q, in.K, in.V, n)
		single := new(Pass[float32]).Attend(NewStandIn[float32](l, false), inPrecision[float32](in.Q), inPrecision[float32](in.K), inPrecision[float32](in.V), n)
		for i := range n {
			sum, want := 0.0, make([]float64, dv)
			for j := range n {
				k := 0.0
				for r := range f.Neurons {
					k += a.Q[i*f.Neurons+r] * a.K[j*f.Neurons+r]
				}
				sum += k
				for c := range dv {
					want[c] += k * in.V[j*dv+c]
				}
			}
			for c := range dv {
				if w := want[c] / sum; math.Abs(got[i*dv+c]-w) > 1e-12 || math.Abs(float64(single[i*dv+c])-w) > 1e-4 {
					t.Errorf("%+v: %v, in float32 %v, not %v", f, got[i*dv+c], single[i*dv+c], w)
				}
			}
		}
		again := NewStandIn[float64](NewStandIn[float64](l, true).Learned(), true)
		for i, x := range NewStandIn[float64](l, true).arrays() {
			for j, v := range x {
				if again.arrays()[i][j] != v {
					t.Fatalf("array %d is another when it has been taken out and in", i)
				}
			}
		}
	}
}

// The losses are their definitions, and their gradients differences; a shift of all scores changes nothing.
func TestAgainst(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	draw := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = 3 * rng.NormFloat64()
		}
		return x
	}
	theirs, mine := draw(3*5), draw(3*5)
	copy(mine[10:], theirs[10:]) // to the last question the same answer
	for i := range 5 {
		mine[10+i] += 100
	}
	agreement, gradient := (&Answer[float64]{Scores: mine, Columns: 5}).Against(&Answer[float64]{Scores: theirs, Columns: 5})
	loss := func(mine []float64) (kl float64) {
		for at := 0; at < 15; at += 5 {
			a, b := theirs[at:at+5], mine[at:at+5]
			za, zb := 0.0, 0.0
			for i := range a {
				za, zb = za+math.Exp(a[i]), zb+math.Exp(b[i])
			}
			for i := range a {
				kl += math.Exp(a[i]) / za * (a[i] - b[i] - math.Log(za/zb)) / 3
			}
		}
		return kl
	}
	if want := loss(mine); math.Abs(agreement.Loss-want) > 1e-12*want {
		t.Errorf("the loss is %v, not %v", agreement.Loss, want)
	}
	if off, size := offBy(gradient.Scores, fd.Gradient(nil, loss, mine, &fivePoint)); off > 1e-8*size {
		t.Errorf("its gradient is off by %.2g of %.2g", off, size)
	}
	same := 1.0
	for at := 0; at < 10; at += 5 {
		a, b := 0, 0
		for i := range 5 {
			if theirs[at+i] > theirs[at+a] {
				a = i
			}
			if mine[at+i] > mine[at+b] {
				b = i
			}
		}
		if a == b {
			same++
		}
	}
	if math.Abs(agreement.Same-same/3) > 1e-15 {
		t.Errorf("the same answer on %v, not %v", agreement.Same, same/3)
	}

	e, r := draw(7), draw(7)
	agreement, gradient = (&Answer[float64]{Embedding: e}).Against(&Answer[float64]{Embedding: r})
	off := func(e []float64) float64 {
		er, ee, rr := 0.0, 0.0, 0.0
		for i := range e {
			er, ee, rr = er+e[i]*r[i], ee+e[i]*e[i], rr+r[i]*r[i]
		}
		return 1 - er/math.Sqrt(ee*rr)
	}
	if math.Abs(agreement.Loss-off(e)) > 1e-14 || !math.IsNaN(agreement.Same) || agreement.Cosine() != 1-agreement.Loss {
		t.Errorf("%+v, not %v", agreement, off(e))
	}
	if off, size := offBy(gradient.Embedding, fd.Gradient(nil, off, e, &fivePoint)); off > 1e-8*size {
		t.Errorf("its gradient is off by %.2g of %.2g", off, size)
	}
	if a, g := (&Answer[float64]{Scores: []float64{}, Columns: 5}).Against(&Answer[float64]{Columns: 5}); a.Loss != 0 || len(g.Scores) != 0 {
		t.Error("no question has a loss")
	}
	if a, g := (&Answer[float64]{Embedding: make([]float64, 7)}).Against(&Answer[float64]{Embedding: r}); a.Loss != 1 || g.Embedding[0] != 0 {
		t.Error("an embedding of zeros has a cosine")
	}
}
