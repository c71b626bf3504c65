package fit

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/diff/fd"

	"github.com/nasim-sim/nasim/pkg/model/features"
)

// randomTokens are n tokens with correlated queries and keys.
func randomTokens(n, d, dv int, rng *rand.Rand) *Tokens[float64] {
	in := &Tokens[float64]{N: n, Q: make([]float64, n*d), K: make([]float64, n*d), V: make([]float64, n*dv)}
	for i := range in.Q {
		in.K[i] = rng.NormFloat64()
		in.Q[i] = 0.5*in.K[i] + rng.NormFloat64()
	}
	for i := range in.V {
		in.V[i] = rng.NormFloat64()
	}
	return in
}

func randomParameters(f Form, rng *rand.Rand) *Parameters[float64] {
	p := NewParameters[float64](f)
	for _, x := range p.arrays() {
		for i := range x {
			x[i] = 0.5 * rng.NormFloat64()
		}
	}
	return p
}

var forms = []Form{{Dim: 3, Neurons: 5}, {Dim: 4, Neurons: 3, Dendrites: 6}, {Dim: 1, Neurons: 1}, {Dim: 2, Neurons: 7, Dendrites: 1}}

// Every gradient, of every form, masked and not, against central differences.
func TestGradient(t *testing.T) {
	const tolerance = 1e-6 // of the gradient's size
	for _, f := range forms {
		for _, causal := range []bool{false, true} {
			rng := rand.New(rand.NewPCG(1, uint64(f.Neurons)))
			in := randomTokens(6, f.Dim, 2, rng)
			p, g := randomParameters(f, rng), NewParameters[float64](f)
			of := &Attention[float64]{Attend(in, make([]float64, f.Dim), causal, nil), causal}
			var w workspace[float64]
			w.Gradient(p, g, in, of, 0.25)
			for a, x := range p.arrays() {
				if len(x) == 0 {
					continue
				}
				loss := func(at []float64) float64 {
					q := p.clone()
					copy(q.arrays()[a], at)
					return 0.25 * w.Loss(q, in, of)
				}
				want := fd.Gradient(nil, loss, x, &fd.Settings{Formula: fd.Central})
				size, off := 0.0, 0.0
				for i, v := range want {
					size = math.Max(size, math.Abs(v))
					off = math.Max(off, math.Abs(v-g.arrays()[a][i]))
				}
				if !(off <= tolerance*math.Max(size, 1e-3)) {
					t.Errorf("%+v, causal %t: array %d is off by %.2g of %.2g", f, causal, a, off, size)
				}
			}
		}
	}
}

// In float32 the loss and its gradient are those of float64.
func TestGradientInFloat32(t *testing.T) {
	for _, f := range append(forms, Form{Dim: 16, Neurons: 100}) {
		rng := rand.New(rand.NewPCG(2, uint64(f.Neurons)))
		in := randomTokens(20, f.Dim, 2, rng)
		p, g := randomParameters(f, rng), NewParameters[float64](f)
		of := &Attention[float64]{Attend(in, make([]float64, f.Dim), false, nil), false}
		var w workspace[float64]
		loss := w.Loss(p, in, of)
		w.Gradient(p, g, in, of, 0.1)
		var w32 workspace[float32]
		g32 := NewParameters[float32](f)
		in32 := &Tokens[float32]{in.N, inPrecision[float32](in.Q), inPrecision[float32](in.K), inPrecision[float32](in.V)}
		p32, of32 := converted[float32](p), &Attention[float32]{inPrecision[float32](of.Weights), false}
		loss32 := w32.Loss(p32, in32, of32)
		w32.Gradient(p32, g32, in32, of32, 0.1)
		if math.Abs(loss-loss32) > 1e-4*loss {
			t.Errorf("%+v: loss %v, in float32 %v", f, loss, loss32)
		}
		for a, x := range g.arrays() {
			size, off := 0.0, 0.0
			for i, v := range x {
				size = math.Max(size, math.Abs(v))
				off = math.Max(off, math.Abs(v-float64(g32.arrays()[a][i])))
			}
			if !(off <= 1e-4*math.Max(size, 0.01)) {
				t.Errorf("%+v: array %d is off by %.2g of %.2g", f, a, off, size)
			}
		}
	}
}

func inPrecision[To, From Real](x []From) []To {
	y := make([]To, len(x))
	for i, v := range x {
		y[i] = To(v)
	}
	return y
}

// Attention is unchanged, both covariances become the same diagonal, and |q'+k'|² falls.
func TestInvariances(t *testing.T) {
	const n, d = 400, 5
	rng := rand.New(rand.NewPCG(3, 4))
	q, k := make([]float64, n*d), make([]float64, n*d)
	for i := range q {
		k[i] = rng.NormFloat64()*float64(1+i%d) + 2
		q[i] = 0.3*k[(i+1)%len(k)]/float64(1+i%d) + rng.NormFloat64() - 1
	}
	var m Moments
	m.Add(q[:100*d], k[:100*d], 100, d)
	m.Add(q[100*d:], k[100*d:], n-100, d)
	v, err := m.Invariances(features.Both)
	if err != nil {
		t.Fatal(err)
	}
	in := &Tokens[float64]{N: n, Q: v.Queries(q, n), K: v.Keys(k, n)}
	have := Attend(in, v.Shift, false, nil)
	want := Attend(&Tokens[float64]{N: n, Q: q, K: k}, make([]float64, d), false, nil)
	for i := range want {
		if math.Abs(have[i]-want[i]) > 1e-12 {
			t.Fatalf("weight %d is %v, not %v", i, have[i], want[i])
		}
	}
	for i := range d {
		for j := range d {
			cq, ck := 0.0, 0.0
			for s := range n {
				cq += in.Q[s*d+i] * in.Q[s*d+j] / n
				ck += in.K[s*d+i] * in.K[s*d+j] / n
			}
			if i != j && (math.Abs(cq) > 1e-3 || math.Abs(ck) > 1e-3) || i == j && math.Abs(cq/ck-1) > 2e-3 {
				t.Errorf("covariances at %d, %d: %v and %v", i, j, cq, ck)
			}
		}
	}
	size := func(q, k []float64) (sum float64) {
		for i := range q {
			sum += (q[i] + k[i]) * (q[i] + k[i]) / n
		}
		return sum
	}
	if before, after := size(q, k), size(in.Q, in.K); !(after < 0.7*before) {
		t.Errorf("mean |q+k|² is %v, and was %v", after, before)
	}
}

// With enough neurons the start is the unbiased map's estimate: its attention tends to the softmax.
func TestStart(t *testing.T) {
	const d = 3
	rng := rand.New(rand.NewPCG(5, 6))
	var inputs []*Tokens[float64]
	for range 8 {
		in := randomTokens(12, d, 2, rng)
		for i := range in.Q {
			in.Q[i], in.K[i] = 0.6*in.Q[i], 0.6*in.K[i]
		}
		inputs = append(inputs, in)
	}
	v := features.Unchanged(d)
	v.Shift = []float64{0.3, -0.2, 0.1}
	for _, kind := range []string{StartPairs, StartGauss} {
		var errors []float64
		for _, m := range []int{500, 8000} {
			p, err := Start(Form{Dim: d, Neurons: m}, kind, inputs, v, false, rand.New(rand.NewPCG(7, 8)))
			if err != nil {
				t.Fatal(err)
			}
			var w workspace[float64]
			off, count := 0.0, 0.0
			for _, in := range inputs {
				w.features(p, in)
				network := w.network(in, false)
				for i, a := range Attend(in, v.Shift, false, nil) {
					x := network[i]
					off += (x - a) * (x - a)
					count++
				}
			}
			errors = append(errors, math.Sqrt(off/count))
		}
		if kind == StartGauss && !(errors[1] < 0.5*errors[0]) || !(errors[1] < 0.02) {
			t.Errorf("%s: errors %v with 500 and 8000 neurons", kind, errors)
		}
	}
}

// The rate rises, then falls to a fiftieth.
func TestRate(t *testing.T) {
	if got := rateAt(0, 1000); math.Abs(got-0.02) > 1e-12 {
		t.Error(got)
	}
	if got := rateAt(500, 1000); math.Abs(got-0.51) > 1e-12 {
		t.Error(got)
	}
	if got := rateAt(999, 1000); math.Abs(got-0.02) > 1e-4 {
		t.Error(got)
	}
}
