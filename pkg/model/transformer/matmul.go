package transformer

import "github.com/nasim-sim/nasim/internal/kernel"

// matmul writes C = op(A) op(B), with C m × n and k the inner size, all row-major and without gaps. For float64 it is the only place
// of this package that multiplies matrices.
func matmul(transA, transB bool, m, n, k int, a, b, c []float64) {
	lda, ldb := k, n
	if transA {
		lda = m
	}
	if transB {
		ldb = k
	}
	kernel.Gemm(transA, transB, m, n, k, 1, a, lda, b, ldb, 0, c, n)
}
