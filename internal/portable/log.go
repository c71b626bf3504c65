package portable

import "math"

// ln x is k ln 2 + ln m with x = 2ᵏ m and √½ ≤ m < √2. With f = m − 1 and
// s = f/(2 + f), ln m = 2 artanh s = 2s + s z l(z), z = s², and as 2s = f − s f,
// ln m = f − s (f − z l(z)): f itself is exact.

// logCoefficients are those of l (testdata/coefficients.py): they leave ln m
// wrong by 5e-19 of itself.
var logCoefficients = [...]float64{
	0x1.0c04595972ab8p-3,
	0x1.0fbe83c2cbcf3p-3,
	0x1.3b1c360763b8ap-3,
	0x1.745cf901605f7p-3,
	0x1.c71c720160b47p-3,
	0x1.2492492476c87p-2,
	0x1.9999999999a38p-2,
	0x1.5555555555555p-1,
}

// Log returns the natural logarithm within 2 units.
//
// With k = 0 the part that is rounded before the last sum is below a quarter of
// the result: 0.9 units in all. The worst case is k = −1, where ln 2 cancels half
// of ln m: half a unit of ln m, at most 0.35, may be a unit of the result.
func Log(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	const (
		bits           = 52
		smallestNormal = 0x1p-1022
	)
	shift := 0
	if x < smallestNormal {
		x, shift = x*(1<<bits), bits
	}
	pattern := int64(math.Float64bits(x))
	exponent := (pattern - int64(math.Float64bits(math.Sqrt2/2))) >> bits
	f := math.Float64frombits(uint64(pattern-exponent<<bits)) - 1
	k := float64(int(exponent) - shift)
	s := f / (2 + f)
	z := s * s
	away := float64(s * (f - float64(z*polynomial(logCoefficients[:], z))))
	return float64(k*ln2Hi) + (f - (away - float64(k*ln2Lo)))
}

// Log10 returns the decimal logarithm within 4 units.
func Log10(x float64) float64 { return float64(Log(x) * math.Log10E) }

// Pow returns xʸ for x > 0, wrong by 2 + 3 |y ln x| units at most. Another x
// gives NaN, but for 0, which gives 0, 1 or Inf after the sign of y.
func Pow(x, y float64) float64 {
	if y == 0 {
		return 1
	}
	return Exp(float64(y * Log(x)))
}
