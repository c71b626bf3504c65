package features

import (
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// ScoreVariance returns the analytic variance of one score estimate
// φ(q)·φ(k) relative to exp(2 q·k), for independent rows (science §3), and
// whether it is known: biased maps have none.
//
// The positive estimator is log-normal with log-variance |q+k|²: its spread
// over seeds under-reports this number as soon as the tail is not drawn, so
// reports print it beside any Monte-Carlo spread.
func ScoreVariance(spec Spec, q, k []float64) (variance float64, known bool) {
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

// ScoreDeviation returns the attention-weighted mean over tokens of the
// analytic relative standard deviation of the scores, √Σ_s a_ts var_ts, where
// attention [n×n] is the softmax matrix; NaN and false for biased maps.
// q and k are [n×d], divided by d^{1/4}.
func ScoreDeviation(spec Spec, q, k, attention []float64, n, d int) (deviation float64, known bool) {
	f, ok := lookup(spec.Map)
	if !ok || f.relativeVariance == nil {
		return math.NaN(), false
	}
	var sum float64
	for t := range n {
		var mean float64
		qt := q[t*d : (t+1)*d]
		for s := range n {
			if a := attention[t*n+s]; a > 0 {
				v, _ := ScoreVariance(spec, qt, k[s*d:(s+1)*d])
				mean += a * v
			}
		}
		sum += math.Sqrt(mean)
	}
	return sum / float64(n), true
}

// MeanSquaredSum returns the mean of |q_t + k_s|² over visible pairs: the
// log-variance s that decides how many neurons a positive map needs.
func MeanSquaredSum(q, k []float64, n, d int, causal bool) float64 {
	var sum float64
	var pairs int
	for t := range n {
		last := n
		if causal {
			last = t + 1
		}
		qt := q[t*d : (t+1)*d]
		for s := range last {
			ks := k[s*d : (s+1)*d]
			sum += kernel.Dot(qt, qt) + 2*kernel.Dot(qt, ks) + kernel.Dot(ks, ks)
			pairs++
		}
	}
	return sum / float64(pairs)
}
