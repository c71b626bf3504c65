package features

import (
	"math"
	"slices"
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

// ScoreDeviation returns the analytic relative standard deviation of a score
// estimate, √(Σ_s a_ts var_ts) with the weights of the softmax matrix attention
// [n×n], at the median token; NaN and false for biased maps. q and k are [n×d],
// divided by d^{1/4}. The mean over tokens would be that of the worst one.
func ScoreDeviation(spec Spec, q, k, attention []float64, n, d int) (deviation float64, known bool) {
	f, ok := lookup(spec.Map)
	if !ok || f.relativeVariance == nil {
		return math.NaN(), false
	}
	deviations := make([]float64, n)
	for t := range n {
		var mean float64
		qt := q[t*d : (t+1)*d]
		for s := range n {
			if a := attention[t*n+s]; a > 0 {
				v, _ := ScoreVariance(spec, qt, k[s*d:(s+1)*d])
				mean += a * v
			}
		}
		deviations[t] = math.Sqrt(mean)
	}
	slices.Sort(deviations)
	return (deviations[(n-1)/2] + deviations[n/2]) / 2, true
}
