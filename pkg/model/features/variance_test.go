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
	f, ok := lookup(spec.Map)
	if !ok || f.relativeVariance == nil {
		return math.NaN(), false
	}
	var s, delta float64
	for i := range q {
		s += square(q[i] + k[i])
		delta += square(q[i] - k[i])
	}
	return f.relativeVariance(s, delta, float64(spec.Neurons)), true
}
