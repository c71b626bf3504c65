package kernel

import "math"

// What the assembly provides and what it reads; each function is described
// where it is written.

// selection: from 8n bytes before its middle on, masks of n float64 (of 2n
// float32) that are selected and then of others that are not; n up to 12.
//
//lint:ignore U1000 the assembly reads it
var selection = [24]int64{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}

// expConstants are the constants of exp.go in the order of the registers; with the second, a
// number of eighths has h + 4096 in its lowest bits.
//
//lint:ignore U1000 the assembly reads it
var expConstants = [...]float64{log2e, toEighths + 4096/8, ln2Hi, ln2Lo, expMost, -expMost}

// expHigh and expLow are the halves of expEighths' bits, the former less what the lowest bits of
// h + 4096 add to them where h + 4096 is added above 2⁴⁹.
//
//lint:ignore U1000 the assembly reads it
var expHigh, expLow = func() (high, low [8]uint32) {
	for j, power := range expEighths {
		bits := math.Float64bits(power) - uint64(j+4096)<<49
		high[j], low[j] = uint32(bits>>32), uint32(bits)
	}
	return high, low
}()

// expWide are what expAVX2 reads whole vectors of: constants of exp.go, the first for h in units
// of 2⁻⁵¹ and the next two for what that makes of h; the polynomial's coefficients; 2 and 4096 of
// these units; and a mask of the bits that 2 and less than 8192 of them have not.
//
//lint:ignore U1000 the assembly reads it
var expWide = func() (wide [11][4]uint64) {
	const unit = 1.0 / (1 << 48) // of h/8
	rows := append([]float64{log2e * unit, ln2Hi / unit, ln2Lo / unit}, expEighthCoefficients[:]...)
	for i, x := range append(rows, 2+4096/8*unit) {
		bits := math.Float64bits(x)
		wide[i] = [4]uint64{bits, bits, bits, bits}
	}
	beyond := ^(math.Float64bits(2) | 8191)
	wide[len(wide)-1] = [4]uint64{beyond, beyond, beyond, beyond}
	return wide
}()

// expOffset is a number that makes eighths whole as toEighths does but leaves h + 2²⁰ lowest, the
// bits that it has beside, and a mask of those that such a sum has beyond them.
//
//lint:ignore U1000 the assembly reads it
var expOffset = [...]uint64{0x4308_0000_0010_0000, 0x4308_0000_0000_0000, ^uint64(1<<21 - 1)}

// exponentBias is exponentOffset in memory.
//
//lint:ignore U1000 the assembly reads it
var exponentBias int64 = exponentOffset

// expLimits are bits of float64, as the assembly compares them: those of a
// number's magnitude, and of 708, up to which exp of ± it is a normal number.
//
//lint:ignore U1000 the assembly reads it
var expLimits = [...]uint64{1<<63 - 1, 0x4086_2000_0000_0000}

//go:noescape
func tile64AVX512(k int, alpha float64, a []float64, rowA, stepA, panelA int, b []float64, stepB int, beta float64, c []float64, ldc, rows int)

//go:noescape
func tile32AVX512(k int, alpha float32, a []float32, rowA, stepA, panelA int, b []float32, stepB int, beta float32, c []float32, ldc, rows int)

//go:noescape
func edge64AVX512(k int, alpha float64, a []float64, rowA, stepA, panelA int, b []float64, stepB int, beta float64, c []float64, ldc, rows, columns int)

//go:noescape
func edge32AVX512(k int, alpha float32, a []float32, rowA, stepA, panelA int, b []float32, stepB int, beta float32, c []float32, ldc, rows, columns int)

//go:noescape
func tile64AVX2(k int, alpha float64, a []float64, rowA, stepA, panelA int, b []float64, stepB int, beta float64, c []float64, ldc, rows int)

//go:noescape
func tile32AVX2(k int, alpha float32, a []float32, rowA, stepA, panelA int, b []float32, stepB int, beta float32, c []float32, ldc, rows int)

//go:noescape
func edge64AVX2(k int, alpha float64, a []float64, rowA, stepA, panelA int, b []float64, stepB int, beta float64, c []float64, ldc, rows, columns int)

//go:noescape
func edge32AVX2(k int, alpha float32, a []float32, rowA, stepA, panelA int, b []float32, stepB int, beta float32, c []float32, ldc, rows, columns int)

//go:noescape
func turn64AVX2(panel []float64, width int, x []float64, stride, k int)

//go:noescape
func turn32AVX2(panel []float32, width int, x []float32, stride, k int)

//go:noescape
func turn8AVX2(panel []float32, width int, x []float32, stride, k int)

//go:noescape
func gather64AVX2(panels []float64, width, neighbours int, x []float64, stride, k int)

//go:noescape
func gather32AVX2(panels []float32, width, neighbours int, x []float32, stride, k int)

//go:noescape
func dotAVX512(x, y []float64) float64

//go:noescape
func dotsAVX512(x, rows []float64, stride int, sums []float64)

//go:noescape
func maxAVX512(x []float64) float64

//go:noescape
func extremesAVX512(x []float64) (least, greatest float64)

//go:noescape
func axpyAVX512(alpha float64, x, y []float64)

//go:noescape
func scaleAVX512(alpha float64, x []float64)

//go:noescape
func decayRank1AVX512(decay float64, x, y, a []float64)

//go:noescape
func carryAVX512(x, y, z []float64, b0, b1, c0, c1, c2 float64) (xx, xy, xz float64)

//go:noescape
func quotientsAVX512(a0, a1, a2, least float64, x, y, z, w, u []float64) (sumW, sumU float64)

//go:noescape
func expAVX512(dst, src []float64, shift float64)

//go:noescape
func dotAVX2(x, y []float64) float64

//go:noescape
func dotsAVX2(x, rows []float64, stride int, sums []float64)

//go:noescape
func maxAVX2(x []float64) float64

//go:noescape
func extremesAVX2(x []float64) (least, greatest float64)

//go:noescape
func axpyAVX2(alpha float64, x, y []float64)

//go:noescape
func scaleAVX2(alpha float64, x []float64)

//go:noescape
func decayRank1AVX2(decay float64, x, y, a []float64)

//go:noescape
func carryAVX2(x, y, z []float64, b0, b1, c0, c1, c2 float64) (xx, xy, xz float64)

//go:noescape
func quotientsAVX2(a0, a1, a2, least float64, x, y, z, w, u []float64) (sumW, sumU float64)

//go:noescape
func expAVX2(dst, src []float64, shift float64)
