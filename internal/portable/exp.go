package portable

import "math"

// eˣ is 2ⁿ eʳ with x = n ln 2 + r, n whole and |r| ≤ ln 2 / 2, and eʳ − 1 is
// r + r² q(r). r is the sum of two numbers, as rounding it to one would cost
// half a unit.

const (
	toWhole = 3 << 51               // added to a small number, leaves a whole one in its lowest bits
	ln2Hi   = 0x1.62e42fee00000p-1  // the first 32 bits of ln 2, so that n ln2Hi is exact
	ln2Lo   = 0x1.a39ef35793c76p-33 // the rest
	expMost = 800                   // beyond ±expMost, eˣ is Inf or 0 whatever the argument
)

// expCoefficients are those of q (testdata/coefficients.py): they leave eʳ − 1
// wrong by 1e-18 of itself.
var expCoefficients = [...]float64{
	0x1.1f730349868cep-29,
	0x1.af4de97ca4194p-26,
	0x1.27e4db646b17ep-22,
	0x1.71de0231960ebp-19,
	0x1.a01a01a6d889cp-16,
	0x1.a01a01abe7fe1p-13,
	0x1.6c16c16c162d4p-10,
	0x1.11111111100dcp-7,
	0x1.5555555555556p-5,
	0x1.5555555555557p-3,
	0x1.0000000000000p-1,
}

// Exp returns eˣ within 1 unit; below the smallest normal number, within one of
// the smallest subnormal.
//
// The error is half a unit of the last sum, a quarter of the sum before it,
// which is at most 0.42, and an eighth of r² q, at most 0.07 and wrong by two
// units of its own.
func Exp(x float64) float64 {
	n, t := reducedExp(max(-expMost, min(x, expMost)))
	// In two steps, as 2ⁿ itself may be below the smallest normal number.
	half := n >> 1
	return float64(float64((1+t)*power2(half)) * power2(n-half))
}

// reducedExp returns n and eʳ − 1. Of a NaN, n is of no use and no harm.
func reducedExp(x float64) (n int32, t float64) {
	shifted := float64(x*math.Log2E) + toWhole
	whole := shifted - toWhole
	hi, lo := x-float64(whole*ln2Hi), float64(whole*ln2Lo)
	r := hi - lo
	rest := (hi - r) - lo
	t = r + (rest + float64(float64(r*r)*polynomial(expCoefficients[:], r)))
	return int32(uint32(math.Float64bits(shifted))), t
}

// power2 returns 2ⁿ, for n of a normal number.
func power2(n int32) float64 {
	const offset = 1023 // added to the exponent by float64
	return math.Float64frombits(uint64(n+offset) << 52)
}

// Expm1 returns eˣ − 1 within 2 units.
//
// It is 2ⁿ(eʳ − 1) + (2ⁿ − 1), whose second part is exact. The worst case is
// n = 1 and a result just above 0.41: the 0.6 units of eʳ − 1 ≈ −0.29 are 1.2 of
// it, and half a unit is the sum's.
func Expm1(x float64) float64 {
	const (
		low  = -40      // eˣ is below half a unit of 1
		high = 53 * 0.7 // 2ⁿ − 1 is exact before
	)
	switch {
	case x == 0:
		return x // keeps its sign
	case x < low:
		return -1
	case x > high:
		return Exp(x) - 1
	}
	n, t := reducedExp(x)
	scale := power2(n)
	return float64(scale*t) + (scale - 1)
}

// Sinh returns (eˣ − e⁻ˣ)/2 within 4 units: with e = e^|x| − 1, it is
// (e + e/(e + 1))/2.
func Sinh(x float64) float64 {
	a := math.Abs(x)
	var y float64
	if a < 700 {
		e := Expm1(a)
		y = float64(0.5 * (e + e/(e+1)))
	} else {
		half := Exp(0.5 * a)
		y = float64(float64(0.5*half) * half)
	}
	return math.Copysign(y, x)
}

// Tanh returns sinh x / cosh x within 3 units: with e = e^{2|x|} − 1, it is
// e/(e + 2).
func Tanh(x float64) float64 {
	const most = 20 // tanh rounds to 1 from 19.1 on
	e := Expm1(2 * min(math.Abs(x), most))
	return math.Copysign(e/(e+2), x)
}
