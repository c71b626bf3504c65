package features

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/internal/statistics"
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
	to      *Adaptation
	moments *secondMoments // of a map whose rows are drawn from another Gaussian
	draws   []keyed        // of the map pairs, which has no closed form
	neurons float64
	dim     int
	k, k2   []float64 // keys [N×d] and their |k|²
	scores  []float64 // space, as are
	sizes   []float64 // |q±k|² of a query and all keys, and
	grown   []float64 // e to its power, less 1
}

// NewScoreDeviation returns the deviation of score estimates with keys k [N×d],
// divided by d^{1/4}; nil and false for biased maps.
func NewScoreDeviation(spec Spec, k []float64, d int) (deviation *ScoreDeviation, known bool) {
	f, ok := lookup(spec.Map)
	if !ok || f.relativeVariance == nil || f.adapt != nil && spec.To == nil {
		return nil, false
	}
	v := &ScoreDeviation{family: f, to: spec.To, neurons: float64(spec.Neurons), dim: d, sizes: make([]float64, len(k)/d), grown: make([]float64, len(k)/d)}
	v.k = spec.To.seen(Tokens{Q: k, K: k, N: len(k) / d, Dim: d}).k
	v.k2 = squaredNorms(v.k, d)
	if spec.To != nil {
		if g, ok := spec.To.proposal.(*normalRows); ok {
			v.moments = g.secondMoments()
			v.k2 = v.moments.sizes(v.k, len(v.k2))
		}
	}
	return v, true
}

// MedianDeviation tells a head by the median of its tokens' deviations: the mean would
// be that of the worst one. Of none it is NaN.
func MedianDeviation(deviations []float64) float64 { return statistics.Quantile(deviations, 0.5) }

// Of returns √(Σ_s a_ts var_ts) for each of the queries q [T×d], divided by
// d^{1/4}, with the weights of their rows of the softmax matrix, [T×N].
func (v *ScoreDeviation) Of(q, attention []float64) []float64 {
	n, d := len(v.k2), v.dim
	q = v.to.seen(Tokens{Q: q, K: q, N: len(q) / d, Dim: d}).q
	if p, ok := v.pairs(); ok {
		if v.draws == nil {
			v.draws = p.forScores(int(v.neurons))
		}
		deviations := p.deviations(q, attention, v.draws)
		for t, x := range deviations {
			deviations[t] = math.Sqrt(x / v.neurons)
		}
		return deviations
	}
	q2 := squaredNorms(q, d)
	if v.moments != nil {
		q2, q = v.moments.parts(q, len(q2))
	}
	v.scores = slices.Grow(v.scores[:0], len(q2)*n)[:len(q2)*n]
	kernel.Gemm(false, true, len(q2), n, d, 1, q, d, v.k, d, 0, v.scores, n)
	deviations := make([]float64, len(q2))
	for t := range deviations {
		var mean float64
		grown := v.exponentials(q2[t], v.scores[t*n:(t+1)*n])
		for s, a := range attention[t*n : (t+1)*n] {
			if a > 0 {
				mean += float64(a * v.family.relativeVariance(grown[s], v.neurons))
			}
		}
		deviations[t] = math.Sqrt(mean)
	}
	return deviations
}

// pairs is the proposal of the map of that name.
func (v *ScoreDeviation) pairs() (*pairs, bool) {
	if v.to == nil {
		return nil, false
	}
	p, ok := v.to.proposal.(*pairs)
	return p, ok
}

// Each returns √var_ts for each of the queries q [T×d] and all keys: [T×N]; nil of the map pairs,
// whose variance has no closed form.
func (v *ScoreDeviation) Each(q []float64) []float64 {
	if _, integrated := v.pairs(); integrated {
		return nil
	}
	n, d := len(v.k2), v.dim
	q = v.to.seen(Tokens{Q: q, K: q, N: len(q) / d, Dim: d}).q
	q2 := squaredNorms(q, d)
	if v.moments != nil {
		q2, q = v.moments.parts(q, len(q2))
	}
	deviations := make([]float64, len(q2)*n)
	kernel.Gemm(false, true, len(q2), n, d, 1, q, d, v.k, d, 0, deviations, n)
	for t := range q2 {
		row := deviations[t*n : (t+1)*n]
		for s, grown := range v.exponentials(q2[t], row) {
			row[s] = math.Sqrt(v.family.relativeVariance(grown, v.neurons))
		}
	}
	return deviations
}

// exponentials returns e^x − 1 for x = |q+k|² or, of some maps, |q−k|², with all keys
// k, given |q|² and the q·k; or x is the exponent of [secondMoments], given its parts.
func (v *ScoreDeviation) exponentials(q2 float64, scores []float64) []float64 {
	sign := 2.0
	if v.family.ofDifference {
		sign = -2
	}
	for s, score := range scores {
		v.sizes[s] = max(q2+v.k2[s]+float64(sign*score), 0)
	}
	lessOne(v.grown, v.sizes)
	return v.grown
}

// lessOne sets y to e^x − 1.
func lessOne(y, x []float64) {
	kernel.Exp(y, x, 0)
	for i, x := range x {
		// Of a small power, a difference from 1 would be all rounding.
		if x < math.Ln2 {
			y[i] = portable.Expm1(x)
		} else {
			y[i]--
		}
	}
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
