package plotting

import (
	"math"
	"slices"
)

// pearson is the correlation of the pairs whose members are finite, or of their
// logarithms where both are positive; NaN for fewer than two, or no variance.
func pearson(x, y []float64, logarithms bool) float64 {
	var a, b []float64
	for i := range x {
		u, v := x[i], y[i]
		if logarithms {
			u, v = math.Log(u), math.Log(v)
		}
		if finite(u) && finite(v) {
			a, b = append(a, u), append(b, v)
		}
	}
	if len(a) < 2 {
		return math.NaN()
	}
	// Scaled by their largest member, so that squares do not overflow.
	p, q := scaled(a), scaled(b)
	mp, mq := mean(p), mean(q)
	var pp, qq, pq float64
	for i := range p {
		u, v := p[i]-mp, q[i]-mq
		pp, qq, pq = pp+u*u, qq+v*v, pq+u*v
	}
	if pp == 0 || qq == 0 {
		return math.NaN()
	}
	return pq / math.Sqrt(pp) / math.Sqrt(qq)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func scaled(x []float64) []float64 {
	top := 0.0
	for _, v := range x {
		top = max(top, math.Abs(v))
	}
	if top == 0 {
		return x
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v / top
	}
	return out
}

// mean is the arithmetic mean; NaN of nothing.
func mean(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// finiteOf keeps the finite values.
func finiteOf(x []float64) []float64 {
	var out []float64
	for _, v := range x {
		if finite(v) {
			out = append(out, v)
		}
	}
	return out
}

// quantile is the value below which the fraction q of the sorted x lies,
// straight between neighbours; NaN of nothing.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	pos := q * float64(len(sorted)-1)
	i := min(int(pos), len(sorted)-1)
	j := min(i+1, len(sorted)-1)
	w := pos - float64(i)
	return sorted[i]*(1-w) + sorted[j]*w
}

// medianError is the median of |p/Z − 1| over the tokens where it is finite.
func medianError(p, z []float64) float64 {
	var errors []float64
	for i := range p {
		if e := math.Abs(p[i]/z[i] - 1); finite(e) {
			errors = append(errors, e)
		}
	}
	slices.Sort(errors)
	return quantile(errors, 0.5)
}
