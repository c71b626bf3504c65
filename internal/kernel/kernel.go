// Package kernel multiplies matrices and applies exp, softmax, GELU and layer
// normalisation to rows: the arithmetic on which nasim spends its time, on one
// thread, in Go and in assembly for AVX2 and AVX-512.
//
// # Contract
//
// Matrices are flat slices in row-major order with a row stride. Nothing is
// allocated once a size has been seen. Three paths exist, "generic" (Go),
// "avx2" (with FMA) and "avx512"; the fastest that the processor runs is chosen
// when the program starts, unless the environment variable NASIM_KERNEL names
// one ([Name], [Check]).
//
// Results depend on the operands and the path, and on nothing else:
//
//   - generic gives the same bits on every machine; avx2 and avx512 give the same
//     bits as each other. Between these two kinds, results differ within the
//     error bounds below, because avx2 and avx512 fuse each product with its sum.
//   - An element of a product depends on its row of op(A), its column of op(B),
//     its old value, alpha, beta and k. It is the same whether it is computed
//     alone or as part of a larger matrix, wherever it lies, and however the
//     operands are laid out. So Φ Φᵀ is symmetric to the bit. The same holds for
//     every element of Exp, Axpy, Scale, DecayRank1, Exp32, Gelu32 and its kin, Add32, Multiply32 and
//     AddRow32. What is summed over a row depends on the row and nothing else.
//
// An element of alpha op(A) op(B) + beta C is wrong by γ_r (|alpha| |A| |B| +
// |beta| |C|) at most, where r = 2 + min(k, 256) + 2 ⌈k/256⌉ and
// γ_r = r u/(1 − r u), u the unit roundoff; Dot by γ_n |x|ᵀ|y|, and Dots by γ_{n+1} of that and the old sum. Exp is
// wrong by 2 units in the last place at most, subnormal results included; Exp32
// by 2u of itself and half of the smallest subnormal number. The bounds of the
// other functions of rows are stated beside them.
//
// # How a product is computed
//
// A processor multiplies and adds 4 to 16 times as fast as its caches deliver,
// so each element loaded must be used many times. The way is that of Goto: cut
// the product until the pieces fit the caches, and copy each piece once into the
// order in which it will be read.
//
//	       n                    k                    n
//	   ┌───nc───┬──┐        ┌─kc──┬──┐           ┌───nc───┬──┐
//	   │        │  │        │     │  │           │░░░░░░░░│  │ kc   packed: panels of
//	mc │   C    │  │  +=  mc│▒▒▒▒▒│  │     ×     ├────────┼──┤      nr columns
//	   ├────────┤  │        ├─────┤  │           │        │  │ k
//	 m │        │  │      m │  A  │  │           │   B    │  │
//	   └────────┴──┘        └─────┴──┘           └────────┴──┘
//	                         packed: panels
//	                         of mr rows
//
//	       nr                   kc → one step          nr
//	   ┌────────┐           ┌───────────┐        ┌──────────────┐
//	mr │ sums in│  +=    mr │ a │ a │ … │   ×    │ b b b b b b b│ kc
//	   │registers           └───────────┘        │ …            │ ↓
//	   └────────┘
//
// The loops, from the outside: blocks of nc columns; runs of kc; blocks of mc rows
// (the block of A is packed, and stays in the second-level cache); panels of nr
// columns (a panel of B is packed by the first block of rows, and stays in the
// first-level cache for it, in the second-level one for the others); panels of mr
// rows, of which a micro-kernel takes all of a block. What is left of each is an
// mr×nr tile of C is summed in registers over kc steps, each of which loads one
// column of mr and one row of nr and does mr·nr multiply-adds. With AVX-512 the
// tile is 8×24 (float64) or 8×48 (float32), 24 registers of sums; with AVX2
// 4×12 or 4×24, 12 of 16; in Go 4×4.
//
// Packing takes care of transposes and strides, so that one micro-kernel serves
// all; rows and columns that are missing at the edges are packed as zeros, the
// latter up to a whole vector. Four vectors of columns that are left are taken as
// two panels of two. Where the other operand has few columns or rows, packing takes
// longer than it saves, and the micro-kernel reads full panels where they lie.
//
// # References
//
// K. Goto and R. van de Geijn, "Anatomy of high-performance matrix
// multiplication", ACM TOMS 34(3), 2008; F. Van Zee and R. van de Geijn, "BLIS:
// a framework for rapidly instantiating BLAS functionality", ACM TOMS 41(3),
// 2015; N. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed.,
// SIAM 2002, chapter 3. For exp: W. Cody and W. Waite, "Software Manual for the
// Elementary Functions", 1980, chapter 6.
package kernel

// float is the element type of a kernel that exists in both precisions.
type float interface{ float32 | float64 }

// Dot returns Σ x_i y_i. It panics if the lengths differ.
func Dot(x, y []float64) float64 {
	sameLength("Dot", len(x), len(y))
	return active.dot(x, y)
}

// Dots adds x·row to sums_i for each of len(sums) rows of len(x), stride apart. It panics if rows
// is too short for them or a stride shorter than a row.
func Dots(x, rows []float64, stride int, sums []float64) {
	checkMatrix("Dots: rows", len(rows), len(sums), len(x), stride, false)
	if len(x) > 0 {
		active.dots(x, rows, stride, sums)
	}
}

// Axpy adds alpha x to y in place. It panics if the lengths differ.
func Axpy(alpha float64, x, y []float64) {
	sameLength("Axpy", len(x), len(y))
	active.axpy(alpha, x, y)
}

// Scale multiplies x by alpha in place.
func Scale(alpha float64, x []float64) { active.scale(alpha, x) }

// Exp writes exp(src_i + shift) to dst_i; dst may be src itself. It panics if
// the lengths differ.
func Exp(dst, src []float64, shift float64) {
	sameLength("Exp", len(dst), len(src))
	active.exp(dst, src, shift)
}

// DecayRank1 replaces a, a len(x) × len(y) matrix in row-major order, by
// decay a + x yᵀ. It panics if a has another size.
func DecayRank1(decay float64, x, y, a []float64) {
	sameLength("DecayRank1", len(a), len(x)*len(y))
	active.decayRank1(decay, x, y, a)
}

// Max returns the largest x_i, −Inf of none. NaN may be passed over.
func Max(x []float64) float64 { return active.max(x) }

// Extremes returns the smallest and the largest x_i, +Inf and −Inf of none. NaN may be passed over.
func Extremes(x []float64) (least, greatest float64) { return active.extremes(x) }

// Carry returns x·x, x·y and x·z, and then replaces z by c[0]z + c[1]x + c[2]y and
// y by b[0]y + b[1]x, all in one pass. It panics if the lengths differ.
func Carry(x, y, z []float64, b [2]float64, c [3]float64) (xx, xy, xz float64) {
	sameLength("Carry", len(x), len(y))
	sameLength("Carry", len(x), len(z))
	return active.carry(x, y, z, b[0], b[1], c[0], c[1], c[2])
}

// Quotients returns Σ w_i/d_i and Σ u_i/d_i, where d = a₀x + a₁y + a₂z, or least
// where that is more. The length must be a multiple of 4. It panics if it is
// not, or if the lengths differ.
func Quotients(a [3]float64, x, y, z []float64, least float64, w, u []float64) (sumW, sumU float64) {
	for _, v := range [][]float64{y, z, w, u} {
		sameLength("Quotients", len(x), len(v))
	}
	if len(x)%4 != 0 {
		panic("kernel: Quotients: the length is not a multiple of 4")
	}
	return active.quotients(a[0], a[1], a[2], least, x, y, z, w, u)
}

// Gemm computes C = alpha op(A) op(B) + beta C in float64, where op(X) is X or,
// if the matrix is marked so, Xᵀ; op(A) is m×k, op(B) k×n and C m×n. Matrices
// are row-major with row strides lda, ldb, ldc. With beta = 0, C is written
// without being read, with alpha = 0 or k = 0, A and B are not read, so that
// NaN there does not spread. C must not overlap A or B. It panics if a slice is
// too short for its matrix or a stride shorter than a row.
func Gemm(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	gemm(active.engine64, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// GemmBlocks is [Gemm] that shows each block of C as soon as it is final, while it is in the
// caches, by its first row and column and its size. What is then done with the block may
// change it.
func GemmBlocks(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int,
	show func(i, j, rows, columns int)) {
	gemmBlocks(active.engine64, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, show)
}

// Gemm32 is [Gemm] in float32.
func Gemm32(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	gemm(active.engine32, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

func sameLength(name string, a, b int) {
	if a != b {
		panic("kernel: " + name + ": slices of unlike lengths")
	}
}
