package features

import "math"

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
	return f.relativeVarianceOf(q, k, spec.Neurons), true
}

// ScoreDeviations returns the analytic relative standard deviation of a score
// estimate for each of some queries, √(Σ_s a_ts var_ts) with the weights of their
// rows of the softmax matrix; nil and false for biased maps. q is [T×d], attention
// [T×N] and k [N×d], q and k divided by d^{1/4}. A head is told by the median
// over its tokens: the mean would be that of the worst one.
func ScoreDeviations(spec Spec, q, k, attention []float64, d int) (deviations []float64, known bool) {
	f, ok := lookup(spec.Map)
	if !ok || f.relativeVariance == nil {
		return nil, false
	}
	n := len(k) / d
	deviations = make([]float64, len(q)/d)
	for t := range deviations {
		var mean float64
		qt := q[t*d : (t+1)*d]
		for s := range n {
			if a := attention[t*n+s]; a > 0 {
				mean += a * f.relativeVarianceOf(qt, k[s*d:(s+1)*d], spec.Neurons)
			}
		}
		deviations[t] = math.Sqrt(mean)
	}
	return deviations, true
}

// relativeVarianceOf is relativeVariance for one query and key.
func (f family) relativeVarianceOf(q, k []float64, neurons int) float64 {
	var s, delta float64
	for i := range q {
		s += square(q[i] + k[i])
		delta += square(q[i] - k[i])
	}
	return f.relativeVariance(s, delta, float64(neurons))
}
