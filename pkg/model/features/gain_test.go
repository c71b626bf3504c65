package features

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A gain multiplies each query's features by its factor and nothing else.
func TestGains(t *testing.T) {
	const n, d, m = 6, 4, 30
	rng := rand.New(rand.NewPCG(2, 2))
	q, k := gaussian(rng, n*d, 0.7), gaussian(rng, n*d, 0.7)
	for _, name := range []string{"positive", "hyperbolic", "elu1", "truncated_positive", "positive_cosine"} {
		fm, err := New(Spec{Map: name, Rows: IID, Neurons: m}, d, rng)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := fm.Evaluate(q, k, n, Gain{})
		if err != nil {
			t.Fatal(err)
		}
		for _, causal := range []bool{false, true} {
			for _, kind := range []string{GainNorm, GainRate, GainEqualised, GainBalanced} {
				if kind == GainNorm && !HasNormFactor(name) {
					continue
				}
				checkGain(t, fm, plain, q, k, n, Gain{kind, causal})
			}
		}
	}
}

// A learned map knows what its keys sum to on average.
func TestTrainedGain(t *testing.T) {
	const n, d, m = 6, 4, 30
	rng := rand.New(rand.NewPCG(3, 2))
	q, k := gaussian(rng, n*d, 0.7), gaussian(rng, n*d, 0.7)
	l := randomLearned(d, m, 2, rng)
	for range m {
		l.Gain = append(l.Gain, rng.Float64())
	}
	fm, err := NewLearned(l)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := fm.Evaluate(q, k, n, Gain{})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{GainTrained, GainRate, GainEqualised, GainBalanced} {
		checkGain(t, fm, plain, q, k, n, Gain{Kind: kind})
	}
	l.Gain = nil
	if _, err := fm.Evaluate(q, k, n, Gain{Kind: GainTrained}); err == nil {
		t.Error("a map that does not know has a trained gain")
	}
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}

func checkGain(t *testing.T, fm *Map, plain *Activity, q, k []float64, n int, gain Gain) {
	t.Helper()
	a, err := fm.Evaluate(q, k, n, gain)
	if err != nil {
		t.Fatal(err)
	}
	m := fm.Neurons
	unit, plainUnit := math.Exp(-a.Shift), math.Exp(-plain.Shift)
	g := make([]float64, m)
	for s := range n * m {
		if !gain.Causal {
			g[s%m] += plainUnit * plain.K[s]
		}
		if math.Abs(unit*a.K[s]-plainUnit*plain.K[s]) > 1e-13*math.Abs(plainUnit*plain.K[s]) {
			t.Fatalf("%s %v: the gain changed a key", fm.Map, gain)
		}
	}
	for i := range n {
		var rate, read, x2 float64
		for j := range m {
			if gain.Causal {
				g[j] += plainUnit * plain.K[i*m+j]
			}
			rate += plainUnit * plain.Q[i*m+j]
			read += g[j] * plainUnit * plain.Q[i*m+j]
		}
		for _, v := range q[i*fm.Dim : (i+1)*fm.Dim] {
			x2 += v * v
		}
		trained := 0.0
		var lengthsQ, lengthsK []float64
		for s := range n {
			sumQ, sumK := 0.0, 0.0
			for j := range m {
				sumQ += plain.Q[s*m+j] * plain.Q[s*m+j]
				sumK += plain.K[s*m+j] * plain.K[s*m+j]
			}
			lengthsQ, lengthsK = append(lengthsQ, math.Log(sumQ)/2), append(lengthsK, math.Log(sumK)/2)
		}
		for j := 0; j < m && fm.learned != nil && fm.learned.Gain != nil; j++ {
			trained += fm.learned.Gain[j] * plainUnit * plain.Q[i*m+j]
		}
		want := map[string]float64{GainTrained: 1 / trained, GainBalanced: math.Exp(median(lengthsK) - median(lengthsQ)), GainNorm: math.Exp(-fm.family.normFactor * x2), GainRate: 1 / rate, GainEqualised: 1 / read}[gain.Kind]
		if math.Abs(math.Exp(a.LogGain[i])/want-1) > 1e-12 {
			t.Fatalf("%s %v: query %d has the gain %g, not %g", fm.Map, gain, i, math.Exp(a.LogGain[i]), want)
		}
		for j := range m {
			have, plain := unit*a.Q[i*m+j], want*plainUnit*plain.Q[i*m+j]
			if math.Abs(have-plain) > 1e-12*math.Abs(plain) {
				t.Fatalf("%s %v: feature %d of query %d is %g, not %g", fm.Map, gain, j, i, have, plain)
			}
		}
	}
}

func TestGainsWithoutMeaning(t *testing.T) {
	for _, c := range []struct{ name, gain string }{
		{"elu1", GainNorm}, {"linear", GainNorm}, {"linear", GainRate}, {"cosine", GainEqualised}, {"trig", GainRate}, {"positive", "loud"},
	} {
		fm, err := New(Spec{Map: c.name, Rows: IID, Neurons: 4}, 2, rand.New(rand.NewPCG(1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fm.Evaluate([]float64{1, 1}, []float64{1, 1}, 1, Gain{Kind: c.gain}); err == nil {
			t.Errorf("%s with gain %s: no error", c.name, c.gain)
		}
	}
}
