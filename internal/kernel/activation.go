package kernel

import "math"

// Exp32 is [Exp] in float32.
func Exp32(dst, src []float32, shift float32) {
	sameLength("Exp32", len(dst), len(src))
	active.expSum32(dst, src, shift)
}

// SoftmaxRow32 replaces a row x by exp(x − greatest)/sum and returns the greatest
// x and the sum of exp(x − greatest). A −Inf beside finite numbers becomes 0; a
// row with a NaN or +Inf, or of −Inf alone, becomes NaN.
//
// An element is wrong by γ_{10 + n/16} of itself at most, n the length (by less
// than 2 units of the smallest subnormal beside that); the sum by γ_{9 + n/16}.
func SoftmaxRow32(row []float32) (greatest, sum float32) {
	if len(row) == 0 {
		return float32(math.Inf(-1)), 0
	}
	greatest = active.max32(row)
	sum = active.expSum32(row, row, -greatest)
	active.scale32(row, 1/sum)
	return greatest, sum
}

// SoftmaxRow is [SoftmaxRow32] in float64. The sum runs from the first element to
// the last and each exp is divided by it, so that all paths' results depend on
// exp alone.
func SoftmaxRow(row []float64) (greatest, sum float64) {
	greatest = active.max(row)
	active.exp(row, row, -greatest)
	for _, e := range row {
		sum += e
	}
	active.divide(row, sum)
	return greatest, sum
}

// Gelu32 replaces x by x Φ(x), Φ the normal distribution function (Hendrycks and
// Gimpel, arXiv 1606.08415), wrong by 8u of itself, u = 2⁻²⁴, and the smallest
// subnormal number at most, in the tail too. Of ±Inf it is Inf and −0.
func Gelu32(x []float32) { active.gelu32(x) }

// GeluTanh32 replaces x by GELU's approximation ½ x (1 + tanh(√(2/π)(x + 0.044715 x³))).
// It is x σ(z), wrong by γ_{8 + 4|z|} of itself and 2⁻¹²¹ at most: as much in the tail as
// z = 2√(2/π)(x + 0.044715 x³), rounded, is wrong. Of ±Inf it is Inf and −0.
func GeluTanh32(x []float32) { active.sigmoidProduct32(x, geluLinear, geluCubic) }

// Silu32 replaces x by x σ(x) = x/(1 + exp(−x)), with the bound of [GeluTanh32]
// for z = x.
func Silu32(x []float32) { active.sigmoidProduct32(x, 1, 0) }

// QuickGelu32 replaces x by x σ(1.702 x), with the bound of [GeluTanh32] for
// z = 1.702 x.
func QuickGelu32(x []float32) { active.sigmoidProduct32(x, 1.702, 0) }

// LayerNorm32 sets dst to (x − mean)/√(variance + eps) · scale + shift, with the mean and
// the (biased) variance of x; dst may be x itself. Both are summed in float64,
// the variance around the mean, so that an element is wrong by 5u |dst − shift| + u |dst|
// at most, and not by more for a large mean; u = 2⁻²⁴. It panics if the lengths
// differ.
func LayerNorm32(dst, x, scale, shift []float32, eps float32) {
	for _, v := range [][]float32{x, scale, shift} {
		sameLength("LayerNorm32", len(dst), len(v))
	}
	if len(x) == 0 {
		return
	}
	n := float64(len(x))
	mean := active.sum32(x) / n
	variance := active.squares32(x, mean) / n
	high := float32(mean)
	low := float32(mean - float64(high))
	active.affine32(dst, x, scale, shift, high, low, float32(1/math.Sqrt(variance+float64(eps))))
}

// Max32 is the largest element of a row of numbers; −Inf of none.
func Max32(x []float32) float32 {
	if len(x) == 0 {
		return float32(math.Inf(-1))
	}
	return active.max32(x)
}

// Add32 adds x to dst. It panics if the lengths differ.
func Add32(dst, x []float32) {
	sameLength("Add32", len(dst), len(x))
	active.add32(dst, x)
}

// Multiply32 multiplies x by the elements of by, and adds the products to sum. It panics if the lengths differ.
func Multiply32(x, by, sum []float32) {
	sameLength("Multiply32", len(x), len(by))
	sameLength("Multiply32", len(x), len(sum))
	active.multiply32(x, by, sum)
}

// Sum32 is the sum of a row, in float64; of at most n/16 + 4 roundings.
func Sum32(x []float32) float64 { return active.sum32(x) }

// AddRow32 adds row to each row of a, a matrix of as many columns. It panics if
// the length of a is no multiple of that of row.
func AddRow32(a, row []float32) {
	if len(row) == 0 {
		sameLength("AddRow32", len(a), 0)
		return
	}
	if len(a)%len(row) != 0 {
		panic("kernel: AddRow32: not a whole number of rows")
	}
	for ; len(a) > 0; a = a[len(row):] {
		active.add32(a[:len(row)], row)
	}
}
