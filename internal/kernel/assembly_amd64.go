package kernel

import "math"

// What the assembly provides and what it reads; each function is described
// where it is written.

// selection: from 8n bytes before its middle on, masks of n float64 (of 2n
// float32) that are selected and then of others that are not; n up to 12.
//
//lint:ignore U1000 the assembly reads it
var selection = [24]int64{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}

// expConstants are the constants of exp.go in the order of the registers.
//
//lint:ignore U1000 the assembly reads it
var expConstants = [...]float64{log2e, toHalves, ln2Hi, ln2Lo, expMost, -expMost}

// expRoots are 1 and √2.
//
//lint:ignore U1000 the assembly reads it
var expRoots = [...]float64{1, math.Sqrt2}

// expWide are what expAVX2 reads whole vectors of: constants of exp.go, the
// polynomial's coefficients, toHalves, what takes the bits of h/2 + toHalves to h + 1024, a mask of the
// bits that are then 0 if |h| is less than 1024, or h is −1024, and a table of 1 and √2 in turn, each
// less what the lowest bit of h adds to its bits where h is added to twice the exponent.
//
//lint:ignore U1000 the assembly reads it
var expWide = func() (wide [15][4]uint64) {
	const beyond = 1 << 10 // the least h that is not taken
	bits := math.Float64bits
	var rows []uint64
	for _, x := range append([]float64{log2e, ln2Hi, ln2Lo}, expHalfCoefficients[:]...) {
		rows = append(rows, bits(x))
	}
	for i, x := range append(rows, bits(toHalves), beyond-bits(toHalves), ^uint64(2*beyond-1)) {
		wide[i] = [4]uint64{x, x, x, x}
	}
	one, root := bits(expRoots[0]), bits(expRoots[1])-1<<51
	wide[len(wide)-1] = [4]uint64{one, root, one, root}
	return wide
}()

// expOffset is a number that makes halves whole as toHalves does but leaves h + 2²⁰ lowest, the
// bits that it has beside, and a mask of those that such a sum has beyond them.
//
//lint:ignore U1000 the assembly reads it
var expOffset = [...]uint64{0x4328_0000_0010_0000, 0x4328_0000_0000_0000, ^uint64(1<<21 - 1)}

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
func tile64AVX512(k int, alpha float64, a []float64, rowA, stepA int, b []float64, stepB int, beta float64, c []float64, ldc int)

//go:noescape
func tile32AVX512(k int, alpha float32, a []float32, rowA, stepA int, b []float32, stepB int, beta float32, c []float32, ldc int)

//go:noescape
func edge64AVX512(k int, alpha float64, a []float64, rowA, stepA int, b []float64, stepB int, beta float64, c []float64, ldc, rows, columns int)

//go:noescape
func edge32AVX512(k int, alpha float32, a []float32, rowA, stepA int, b []float32, stepB int, beta float32, c []float32, ldc, rows, columns int)

//go:noescape
func tile64AVX2(k int, alpha float64, a []float64, rowA, stepA int, b []float64, stepB int, beta float64, c []float64, ldc int)

//go:noescape
func tile32AVX2(k int, alpha float32, a []float32, rowA, stepA int, b []float32, stepB int, beta float32, c []float32, ldc int)

//go:noescape
func edge64AVX2(k int, alpha float64, a []float64, rowA, stepA int, b []float64, stepB int, beta float64, c []float64, ldc, rows, columns int)

//go:noescape
func edge32AVX2(k int, alpha float32, a []float32, rowA, stepA int, b []float32, stepB int, beta float32, c []float32, ldc, rows, columns int)

//go:noescape
func turn64AVX2(panel []float64, width int, x []float64, stride, k int)

//go:noescape
func turn32AVX2(panel []float32, width int, x []float32, stride, k int)

//go:noescape
func turn8AVX2(panel []float32, width int, x []float32, stride, k int)

//go:noescape
func gather64AVX2(panel []float64, width int, x []float64, stride, k int)

//go:noescape
func gather32AVX2(panel []float32, width int, x []float32, stride, k int)

//go:noescape
func dotAVX512(x, y []float64) float64

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
