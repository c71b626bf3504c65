package features

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The deviations of a stretch of queries are √(Σ_s a_ts var_ts), term by term.
func TestScoreDeviationIsItsDefinition(t *testing.T) {
	const n, rows, d = 9, 4, 6
	rng := rand.New(rand.NewPCG(8, 8))
	q, k, attention := gaussian(rng, rows*d, 0.7), gaussian(rng, n*d, 0.7), make([]float64, rows*n)
	copy(k[2*d:3*d], q[:d]) // where |q−k|² vanishes
	for i := range attention {
		attention[i] = rng.Float64()
	}
	attention[5] = 0 // a weight that is not felt
	for _, name := range Drawn() {
		spec := Spec{Map: name, Rows: IID, Neurons: 64}
		if Adapts(name) {
			continue // TestAdaptedVariances
		}
		of, known := NewScoreDeviation(spec, k, d)
		if known != Unbiased(name) {
			t.Errorf("%s: deviation known: %t", name, known)
		}
		if !known {
			continue
		}
		of.Of(q[:3*d], attention[:3*n]) // what was asked before plays no part
		for i, deviation := range of.Of(q, attention) {
			var want float64
			for s := range n {
				v, _ := scoreVariance(spec, q[i*d:(i+1)*d], k[s*d:(s+1)*d])
				want += attention[i*n+s] * v
			}
			// |q±k|² ≲ 40 of both is rounded in its 6 + 3 operations, and is an exponent.
			if math.Abs(deviation/math.Sqrt(want)-1) > 40*9*0x1p-53 {
				t.Errorf("%s: deviation of query %d is %v; wanted %v", name, i, deviation, math.Sqrt(want))
			}
		}
	}
}

// scoreVariance returns the analytic variance of one score estimate
// φ(q)·φ(k) relative to exp(2 q·k), for independent rows (science §3), and
// whether it is known: biased maps have none.
func scoreVariance(spec Spec, q, k []float64) (variance float64, known bool) {
	var s, delta float64
	for i := range q {
		s += square(q[i] + k[i])
		delta += square(q[i] - k[i])
	}
	switch m := float64(spec.Neurons); spec.Map {
	case "positive":
		return math.Expm1(s) / m, true
	case "hyperbolic":
		return 4 * square(math.Sinh(s/2)) / m, true
	case "trig":
		return 4 * square(math.Sinh(delta/2)) / m, true
	case "cosine":
		return math.Exp(delta) * (1 + 0.5*math.Exp(-2*delta) - math.Exp(-delta)) / m, true
	}
	return math.NaN(), false
}

// Beyond what float64 holds a deviation is infinite, not unknown.
func TestScoreDeviationOverflows(t *testing.T) {
	for name, k := range map[string]float64{"positive": 30, "hyperbolic": 30, "trig": -30, "cosine": -30} {
		of, _ := NewScoreDeviation(Spec{Map: name, Rows: IID, Neurons: 10}, []float64{k}, 1)
		if got := of.Of([]float64{30}, []float64{1}); !math.IsInf(got[0], 1) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Unbiased maps estimate exp(q·k) with the stated variance: the mean over many
// neurons lies within five standard errors, and the sampled variance near the
// analytic one, where its own spread is known to be small (science §3: s ≤ 1.5).
func TestUnbiasedMapsHaveTheStatedMeanAndVariance(t *testing.T) {
	const d, m, draws = 6, 64, 4000
	rng := rand.New(rand.NewPCG(7, 7))
	q, k := gaussian(rng, d, 0.3), gaussian(rng, d, 0.3)
	want := 0.0
	for i := range q {
		want += q[i] * k[i]
	}
	want = math.Exp(want)
	for _, name := range Drawn() {
		if !Unbiased(name) || Adapts(name) { // those: TestAdaptedMapsAreUnbiased
			continue
		}
		spec := Spec{Map: name, Rows: IID, Neurons: m}
		relative, known := scoreVariance(spec, q, k)
		if !known {
			t.Fatalf("%s is unbiased but has no variance", name)
		}
		var sum, squares float64
		for range draws {
			fm, err := New(spec, d, rng)
			if err != nil {
				t.Fatal(err)
			}
			a, err := fm.Evaluate(q, k, 1, Gain{})
			if err != nil {
				t.Fatal(err)
			}
			var score float64
			for i := range a.Q {
				score += a.Q[i] * a.K[i]
			}
			score *= math.Exp(-2 * a.Shift)
			sum += score / want
			squares += square(score/want - 1)
		}
		mean, variance := sum/draws, squares/draws
		if z := (mean - 1) / math.Sqrt(relative/draws); math.Abs(z) > 5 {
			t.Errorf("%s: mean is %.4f of exp(q·k), %.1f standard errors off", name, mean, z)
		}
		// The sampled variance of a mean of 64 scores spreads by about √(2/4000).
		if ratio := variance / relative; math.Abs(ratio-1) > 0.15 {
			t.Errorf("%s: variance is %.3f of the stated one", name, ratio)
		}
	}
}

func TestBiasedMapsHaveNoVariance(t *testing.T) {
	for _, name := range Drawn() {
		_, known := scoreVariance(Spec{Map: name, Neurons: 4}, []float64{1}, []float64{1})
		known = known || Adapts(name)
		if known != Unbiased(name) {
			t.Errorf("%s: unbiased %v, variance known %v", name, Unbiased(name), known)
		}
	}
}
