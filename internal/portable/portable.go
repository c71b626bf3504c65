// Package portable computes elementary functions and normal random numbers with
// the same bits on every processor.
//
// Package math does not: its Exp is assembly on some processors, and the
// compiler fuses x*y + z into one rounding where the processor can, in package
// math, too. Here, and in all of nasim that makes numbers, every product that a
// sum follows is rounded by an explicit conversion, float64(x*y) + z, which the
// language specification says no compiler may undo. TestSource finds those that
// are forgotten.
//
// Each function documents its error in units in the last place of the result.
// The bounds are derived beside the steps and held against mpmath's values.
// Special cases are those of package math.
package portable

import "math"

// polynomial evaluates a polynomial, its coefficients from the highest power
// down, by Horner's rule in x² for the even and the odd powers: two chains of
// steps that a processor can take side by side.
func polynomial(coefficients []float64, x float64) float64 {
	z := x * x
	var y, other float64
	for _, c := range coefficients {
		y, other = other, float64(y*z)+c
	}
	// The last step made other hold the even powers.
	return other + float64(x*y)
}

// Hypot returns √(x² + y²) within 2 units.
func Hypot(x, y float64) float64 {
	if math.IsInf(x, 0) || math.IsInf(y, 0) {
		return math.Inf(1)
	}
	x, y = math.Abs(x), math.Abs(y)
	large, small := max(x, y), min(x, y)
	if large == 0 {
		return 0
	}
	ratio := small / large
	return float64(large * math.Sqrt(1+float64(ratio*ratio)))
}
