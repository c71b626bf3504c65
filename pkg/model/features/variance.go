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
	q2, k2 := squaredNorms(q, d), squaredNorms(k, d)
	n, m := len(k2), float64(spec.Neurons)
	scores := make([]float64, len(q2)*n)
	kernel.Gemm(false, true, len(q2), n, d, 1, q, d, k, d, 0, scores, n)
	deviations = make([]float64, len(q2))
	for t := range deviations {
		var mean float64
		for s, a := range attention[t*n : (t+1)*n] {
			if a > 0 {
				norms, cross := q2[t]+k2[s], 2*scores[t*n+s]
				mean += a * f.relativeVariance(max(norms+cross, 0), max(norms-cross, 0), m) // |q+k|², |q−k|²
			}
		}
		deviations[t] = math.Sqrt(mean)
	}
	return deviations, true
}

// squaredNorms returns |x|² of each row of x [n×d].
func squaredNorms(x []float64, d int) []float64 {
	norms := make([]float64, len(x)/d)
	for i := range norms {
		row := x[i*d : (i+1)*d]
		norms[i] = kernel.Dot(row, row)
	}
	return norms
}
