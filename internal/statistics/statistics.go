// Package statistics holds the few statistics that tables and figures share: they
// are computed here and nowhere else, so that a figure and a table that name the
// same quantity show the same digits. What cannot be computed is NaN.
//
// Sums are rounded product by product (see internal/portable), so that every
// machine gets the same bytes; gonum's stat makes no such promise, and its
// quantiles are not NumPy's.
package statistics

import (
	"math"
	"slices"
)

// ConstantSpread is the relative standard deviation (against the largest
// magnitude) at or below which a series counts as constant, so that its
// correlation is unknown: 1e-12 is some thousand units of rounding.
const ConstantSpread = 1e-12

// Finite reports whether x is neither NaN nor infinite.
func Finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Quantile returns the q-quantile, 0 ≤ q ≤ 1, of x, by linear interpolation
// between order statistics at position (n−1)q: NumPy's default. x is left as
// it is. An empty x gives NaN.
func Quantile(x []float64, q float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	position := float64(q * float64(len(sorted)-1))
	low := int(math.Floor(position))
	if low >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	a, b, w := sorted[low], sorted[low+1], position-math.Floor(position)
	return a + float64((b-a)*w)
}

// Mean returns the arithmetic mean of x; an empty x gives NaN.
func Mean(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// Pearson returns the correlation of x and y, which have equal lengths. It is
// NaN for fewer than two points or where either series is constant to within
// ConstantSpread of its largest magnitude.
func Pearson(x, y []float64) float64 {
	if len(x) != len(y) {
		panic("statistics: Pearson of series of unequal lengths")
	}
	if len(x) < 2 {
		return math.NaN()
	}
	// Each series is divided by its largest magnitude first: calcium spans
	// many decades and its squares may overflow.
	u, su := standardised(x)
	v, sv := standardised(y)
	if su <= ConstantSpread || sv <= ConstantSpread || !Finite(su) || !Finite(sv) {
		return math.NaN()
	}
	sum := 0.0
	for i := range u {
		sum += float64(u[i] * v[i])
	}
	r := sum / (su * sv * float64(len(x)))
	return math.Max(-1, math.Min(1, r))
}

// standardised returns x scaled by its largest magnitude and centred, with the
// standard deviation (divisor n) of the result.
func standardised(x []float64) ([]float64, float64) {
	largest := 0.0
	for _, v := range x {
		largest = math.Max(largest, math.Abs(v))
	}
	if largest == 0 {
		return make([]float64, len(x)), 0
	}
	out := make([]float64, len(x))
	mean := 0.0
	for i, v := range x {
		out[i] = v / largest
		mean += out[i]
	}
	mean /= float64(len(x))
	squares := 0.0
	for i := range out {
		out[i] -= mean
		squares += float64(out[i] * out[i])
	}
	return out, math.Sqrt(squares / float64(len(x)))
}
