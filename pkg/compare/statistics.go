package compare

import (
	"math"
	"slices"
)

// Quantile returns the q-quantile, 0 ≤ q ≤ 1, of x, by linear interpolation
// between order statistics at position (n−1)q: NumPy's default. x is left as
// it is. An empty x gives null.
func Quantile(x []float64, q float64) Number {
	if len(x) == 0 {
		return Null()
	}
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	position := float64(q * float64(len(sorted)-1))
	low := int(math.Floor(position))
	if low >= len(sorted)-1 {
		return Number(sorted[len(sorted)-1])
	}
	a, b, w := sorted[low], sorted[low+1], position-math.Floor(position)
	return Number(a + float64((b-a)*w))
}

// Mean returns the arithmetic mean of x; an empty x gives null.
func Mean(x []float64) Number {
	if len(x) == 0 {
		return Null()
	}
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return Number(sum / float64(len(x)))
}

// Pearson returns the correlation of x and y, which have equal lengths. It is
// null for fewer than two points or where either series is constant to within
// ConstantSpread of its largest magnitude.
func Pearson(x, y []float64) Number {
	if len(x) != len(y) {
		panic("compare: Pearson of series of unequal lengths")
	}
	if len(x) < 2 {
		return Null()
	}
	// Each series is divided by its largest magnitude first: calcium spans
	// many decades and its squares may overflow.
	u, su := standardised(x)
	v, sv := standardised(y)
	if su <= ConstantSpread || sv <= ConstantSpread || !finite(su) || !finite(sv) {
		return Null()
	}
	sum := 0.0
	for i := range u {
		sum += float64(u[i] * v[i])
	}
	r := sum / (su * sv * float64(len(x)))
	return Number(math.Max(-1, math.Min(1, r)))
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

func dot(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += float64(v * y[i])
	}
	return sum
}

func norm(x []float64) float64 { return math.Sqrt(dot(x, x)) }

// difference returns x − y, or nil where either is empty.
func difference(x, y []float64) []float64 {
	if len(x) == 0 || len(y) == 0 {
		return nil
	}
	out := make([]float64, len(x))
	for i := range x {
		out[i] = x[i] - y[i]
	}
	return out
}

func largest(x []float64) Number {
	if len(x) == 0 {
		return Null()
	}
	return Number(slices.Max(x))
}

func smallest(x []float64) Number {
	if len(x) == 0 {
		return Null()
	}
	return Number(slices.Min(x))
}
