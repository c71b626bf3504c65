package portable

import (
	"math"
	"math/big"
	"sync"
)

// x is n π/2 + r with |r| ≤ π/4; n's last two bits choose sin r or cos r and the
// sign. r is kept as the sum of two numbers, whose second is felt at first order.

// pi2 are π/2 in three pieces of 33 bits, whose multiples by n ≤ 2²⁰ are exact,
// and what is left, as testdata/coefficients.py prints them.
var pi2 = [...]float64{0x1.921fb54400000p+0, 0x1.0b4611a600000p-34, 0x1.3198a2e000000p-69, 0x1.b839a252049c1p-104}

// sinCoefficients and cosCoefficients are those of s and c in z = r²,
// sin r = r + r z s and cos r = 1 − z/2 + z² c (testdata/coefficients.py): they
// leave either wrong by 7e-18 of itself.
var (
	sinCoefficients = [...]float64{
		-0x1.ab17bdcbd3414p-41,
		0x1.61217ee5cca1bp-33,
		-0x1.ae64541295cdfp-26,
		0x1.71de3a54607a5p-19,
		-0x1.a01a01a019937p-13,
		0x1.1111111111110p-7,
		-0x1.5555555555555p-3,
	}
	cosCoefficients = [...]float64{
		0x1.ab78473be59d7p-45,
		-0x1.9394b9eb4d56dp-37,
		0x1.1eed8deb82809p-29,
		-0x1.27e4fb7712ca2p-22,
		0x1.a01a01a019d0ap-16,
		-0x1.6c16c16c16c16p-10,
		0x1.5555555555555p-5,
	}
)

// Sin returns the sine within 1 unit.
func Sin(x float64) float64 {
	if x == 0 {
		return x // keeps its sign
	}
	return quarter(x, 0)
}

// Cos returns the cosine within 1 unit.
func Cos(x float64) float64 { return quarter(x, 1) }

// quarter returns sin(x + turns π/2).
func quarter(x float64, turns uint64) float64 {
	const most = 1 << 20 // n is at most 0.64 of it
	var n uint64
	var r, rest float64
	switch {
	case math.IsInf(x, 0) || math.IsNaN(x):
		return math.NaN()
	case math.Abs(x) < most:
		n, r, rest = reduce(x)
	default:
		n, r, rest = reduceLarge(x)
	}
	n += turns
	z := r * r
	half := float64(0.5 * z)
	var y float64
	if n&1 == 0 {
		y = r + (float64(rest*(1-half)) + float64(float64(r*z)*polynomial(sinCoefficients[:], z)))
	} else {
		head := 1 - half
		y = head + (((1 - head) - half) + (float64(float64(z*z)*polynomial(cosCoefficients[:], z)) - float64(r*rest)))
	}
	if n&2 != 0 {
		return -y
	}
	return y
}

// reduce takes the pieces of n π/2 from x one by one and keeps what rounding
// loses (Cody & Waite; Knuth's sum of two). No float64 below 2²⁰ is nearer to a
// multiple of π/2 than 2⁻⁶⁰, so that r + rest is good to 2⁻⁹⁰ of itself.
func reduce(x float64) (n uint64, r, rest float64) {
	shifted := float64(x*(2/math.Pi)) + toWhole
	whole := shifted - toWhole
	a, lostA := difference(x-float64(whole*pi2[0]), float64(whole*pi2[1]))
	b, lostB := difference(a, float64(whole*pi2[2]))
	lost := (lostA + lostB) - float64(whole*pi2[3])
	r = b + lost
	return math.Float64bits(shifted), r, (b - r) + lost
}

// difference returns x − y as the sum of its rounded value and what that lost.
func difference(x, y float64) (rounded, lost float64) {
	rounded = x - y
	back := rounded - x
	return rounded, (x - (rounded - back)) - (y + back)
}

// twoOverPi is 2/π to 1229 bits: 1024 before a float64's point, and after it
// enough for the 62 zeros that may follow and two float64.
var twoOverPi = sync.OnceValue(func() *big.Float {
	const digits = "0.6366197723675813430755350534900574481378385829618257949906693762355871905369061403604552110" +
		"650123438242913709070318321475716473844583146115118696429267993569169598677496363102923109855" +
		"877012307548695715848695906467734495609668945160473295204568907990228637618475603476106958244" +
		"819576437477513763421148923997857736009946893909578384435932923871322996246679458512187977946"
	v, _, err := big.ParseFloat(digits, 10, 1229, big.ToNearestEven)
	if err != nil {
		panic(err)
	}
	return v
})

// reduceLarge is reduce for any finite x, in long arithmetic.
func reduceLarge(x float64) (n uint64, r, rest float64) {
	turns := new(big.Float).SetPrec(1300).SetFloat64(math.Abs(x))
	turns.Mul(turns, twoOverPi())
	floor, _ := new(big.Float).Add(turns, big.NewFloat(0.5)).Int(nil)
	left := turns.Sub(turns, new(big.Float).SetInt(floor))
	left.Quo(left, twoOverPi())
	r, _ = left.Float64()
	rest, _ = left.Sub(left, big.NewFloat(r)).Float64()
	n = new(big.Int).And(floor, big.NewInt(3)).Uint64()
	if x < 0 {
		return -n, -r, -rest
	}
	return n, r, rest
}
