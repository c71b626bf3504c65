package features

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// A ScoreDeviation computes the analytic standard deviation of score estimates
// φ(q)·φ(k), for independent rows, relative to exp(q·k) (science §3), some queries
// at a time.
//
// The positive estimator is log-normal with log-variance |q+k|²: its spread
// over seeds under-reports this number as soon as the tail is not drawn, so
// reports print it beside any Monte-Carlo spread.
// It serves one goroutine at a time.
type ScoreDeviation struct {
	family  family
	neurons float64
	dim     int
	k, k2   []float64 // keys [N×d] and their |k|²
	scores  []float64 // space
}

// NewScoreDeviation returns the deviation of score estimates with keys k [N×d],
// divided by d^{1/4}; nil and false for biased maps.
func NewScoreDeviation(spec Spec, k []float64, d int) (deviation *ScoreDeviation, known bool) {
	f, ok := lookup(spec.Map)
	if !ok || f.relativeVariance == nil {
		return nil, false
	}
	return &ScoreDeviation{family: f, neurons: float64(spec.Neurons), dim: d, k: k, k2: squaredNorms(k, d)}, true
}

// Of returns √(Σ_s a_ts var_ts) for each of the queries q [T×d], divided by
// d^{1/4}, with the weights of their rows of the softmax matrix, [T×N]. A head is
// told by the median over its tokens: the mean would be that of the worst one.
func (v *ScoreDeviation) Of(q, attention []float64) []float64 {
	q2, n, d := squaredNorms(q, v.dim), len(v.k2), v.dim
	v.scores = slices.Grow(v.scores[:0], len(q2)*n)[:len(q2)*n]
	kernel.Gemm(false, true, len(q2), n, d, 1, q, d, v.k, d, 0, v.scores, n)
	deviations := make([]float64, len(q2))
	for t := range deviations {
		var mean float64
		for s, a := range attention[t*n : (t+1)*n] {
			if a > 0 {
				norms, cross := q2[t]+v.k2[s], float64(2*v.scores[t*n+s])
				mean += float64(a * v.family.relativeVariance(max(norms+cross, 0), max(norms-cross, 0), v.neurons)) // |q+k|², |q−k|²
			}
		}
		deviations[t] = math.Sqrt(mean)
	}
	return deviations
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
