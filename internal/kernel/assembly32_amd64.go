package kernel

// What the assembly of single.go's kernels provides and what it reads.

// selection32: from 4n bytes before its middle on, masks of n float32 that are
// selected and then of others that are not; n up to 16.
//
//lint:ignore U1000 the assembly reads it
var selection32 = [32]int32{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}

// singleExp is what exp in float32 needs: exp x is 2ⁿ exp r as in exp.go, with q of
// degree 4, whose coefficients leave exp r wrong by 1.0e-8 of itself
// (testdata/single_coefficients.py). ln 2 is its nearest float32 and a rest: fused,
// x − n times the first is exact. Beyond ±110, exp is Inf or 0 whatever the
// argument.
//
//lint:ignore U1000 the assembly reads it
var singleExp = [...]float32{
	log2e, 3 << 22, 0x1.62e430p-1, -0x1.05c610p-29, 110, -110, 1,
	0x1.6d117cp-10,
	0x1.120be2p-7,
	0x1.555518p-5,
	0x1.5554dcp-3,
	0x1p-1,
}

// singleLimits are bits of float32, as the assembly compares them: those of a
// number's magnitude, and of the largest |x| for which exp x and x Φ(x) are normal
// numbers, with room.
//
//lint:ignore U1000 the assembly reads it
var singleLimits = [...]uint32{1<<31 - 1, 0x42ae0000, 0x41480000, 127, 1 << 31} // …, 87, 12.5, the exponent of 1, −0

// geluConstants are K, −2K, −½ and the largest a.
//
//lint:ignore U1000 the assembly reads it
var geluConstants = [...]float32{geluK, -2 * geluK, -0.5, geluMost}

// sigmoidConstants bound x.
//
//lint:ignore U1000 the assembly reads it
var sigmoidConstants = [...]float32{-sigmoidMost, sigmoidMost}

//go:noescape
func expSum32AVX512(dst, src []float32, shift float32) float32

//go:noescape
func max32AVX512(x []float32) float32

//go:noescape
func scale32AVX512(x []float32, by float32)

//go:noescape
func add32AVX512(dst, x []float32)

//go:noescape
func multiply32AVX512(x, by, sum []float32)

//go:noescape
func gelu32AVX512(x []float32)

//go:noescape
func sigmoidProduct32AVX512(x []float32, linear, cubic float32)

//go:noescape
func sum32AVX512(x []float32) float64

//go:noescape
func squares32AVX512(x []float32, mean float64) float64

//go:noescape
func affine32AVX512(dst, x, scale, shift []float32, high, low, by float32)

//go:noescape
func divideAVX512(x []float64, by float64)

//go:noescape
func expSum32AVX2(dst, src []float32, shift float32) float32

//go:noescape
func max32AVX2(x []float32) float32

//go:noescape
func scale32AVX2(x []float32, by float32)

//go:noescape
func add32AVX2(dst, x []float32)

//go:noescape
func multiply32AVX2(x, by, sum []float32)

//go:noescape
func gelu32AVX2(x []float32)

//go:noescape
func sigmoidProduct32AVX2(x []float32, linear, cubic float32)

//go:noescape
func sum32AVX2(x []float32) float64

//go:noescape
func squares32AVX2(x []float32, mean float64) float64

//go:noescape
func affine32AVX2(dst, x, scale, shift []float32, high, low, by float32)

//go:noescape
func divideAVX2(x []float64, by float64)
