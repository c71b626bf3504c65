package kernel

import "math"

// exp x is 2ⁿ exp r with x = n ln 2 + r, n whole and |r| ≤ ln 2 / 2, and exp r
// is 1 + r + r² q(r). So it is in Go. With vectors, which choose one of eight numbers at
// little cost, it is 2^(h/8) exp r with x = h/8 ln 2 + r, h whole and |r| ≤ ln 2 / 16: the
// polynomial is shorter by four degrees, and what the rounding of 2^(h/8) adds is half a unit in the
// last place; each product is fused with the sum after it. h and n are from the lowest bits of
// x log₂e and a large number.

const (
	log2e     = math.Log2E
	toWhole   = 3 << 51               // added to a small number, leaves a whole one in its lowest bits
	toEighths = 3 << 48               // and a number of eighths
	ln2Hi     = 0x1.62e42fee00000p-1  // the first 32 bits of ln 2, so that n ln2Hi is exact
	ln2Lo     = 0x1.a39ef35793c76p-33 // the rest
	expMost   = 800                   // beyond ±expMost, exp is Inf or 0 whatever the argument
)

// expCoefficients are those of q, highest power first: q interpolates
// (exp r − 1 − r)/r² at the Chebyshev points of |r| ≤ ln 2 / 2, which puts
// exp r wrong by 1.7e-17 at most (testdata/exp_coefficients.py).
var expCoefficients = [...]float64{
	0x1.af38a9b0ec855p-26,
	0x1.289185613a3d6p-22,
	0x1.71de0dae63bb3p-19,
	0x1.a019b90d2ae7ap-16,
	0x1.a01a01a7c41d5p-13,
	0x1.6c16c1788bd90p-10,
	0x1.11111111109b3p-7,
	0x1.5555555553d63p-5,
	0x1.5555555555556p-3,
	0x1.0000000000001p-1,
}

// expEighthCoefficients are those of q for |r| ≤ ln 2 / 16: exp r is wrong by 2.95e-18 at most.
//
//lint:ignore U1000 the assembly reads it
var expEighthCoefficients = [...]float64{
	0x1.a01f5750a7797p-13,
	0x1.6c1cc1d4b606cp-10,
	0x1.1111110b1f57ap-7,
	0x1.55555547f56e3p-5,
	0x1.55555555555cep-3,
	0x1.000000000010fp-1,
}

// expEighths are 2^(j/8).
//
//lint:ignore U1000 the assembly reads it
var expEighths = [8]float64{
	0x1.0000000000000p+0,
	0x1.172b83c7d517bp+0,
	0x1.306fe0a31b715p+0,
	0x1.4bfdad5362a27p+0,
	0x1.6a09e667f3bcdp+0,
	0x1.8ace5422aa0dbp+0,
	0x1.ae89f995ad3adp+0,
	0x1.d5818dcfba487p+0,
}

// expGo is exp in Go.
func expGo(dst, src []float64, shift float64) {
	for i, v := range src {
		dst[i] = exp1(v + shift)
	}
}

// exp1 returns exp x within 2 units in the last place; below the smallest normal number, within one
// of the smallest subnormal.
func exp1(x float64) float64 {
	if x > expMost {
		x = expMost
	}
	if x < -expMost {
		x = -expMost
	}
	t := float64(x*log2e) + toWhole
	whole := t - toWhole
	r := (x - float64(whole*ln2Hi)) - float64(whole*ln2Lo)
	c := &expCoefficients
	q := float64(c[0]*r) + c[1]
	q = float64(q*r) + c[2]
	q = float64(q*r) + c[3]
	q = float64(q*r) + c[4]
	q = float64(q*r) + c[5]
	q = float64(q*r) + c[6]
	q = float64(q*r) + c[7]
	q = float64(q*r) + c[8]
	q = float64(q*r) + c[9]
	y := 1 + (r + float64(float64(r*r)*q))
	// In two steps, as 2ⁿ itself may be below the smallest normal number. Of a
	// NaN, n is of no use and no harm.
	n := int32(uint32(math.Float64bits(t)))
	half := n >> 1
	return float64(y*power2(half)) * power2(n-half)
}

// exponentOffset is what a float64 adds to its exponent, to store it.
const exponentOffset = 1023

// power2 returns 2ⁿ, for n of a normal number.
func power2(n int32) float64 { return math.Float64frombits(uint64(n+exponentOffset) << 52) }
