package fit

import (
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// gemm is C = op(A) op(B) + β C, with C m × n and k the inner size, without gaps.
func gemm[T Real](transA, transB bool, m, n, k int, a, b []T, beta T, c []T) {
	lda, ldb := k, n
	if transA {
		lda = m
	}
	if transB {
		ldb = k
	}
	switch a := any(a).(type) {
	case []float64:
		kernel.Gemm(transA, transB, m, n, k, 1, a, lda, any(b).([]float64), ldb, float64(beta), any(c).([]float64), n)
	case []float32:
		kernel.Gemm32(transA, transB, m, n, k, 1, a, lda, any(b).([]float32), ldb, float32(beta), any(c).([]float32), n)
	}
}

// exp replaces each x by e^{x + shift}.
func exp[T Real](x []T, shift T) {
	switch x := any(x).(type) {
	case []float64:
		kernel.Exp(x, x, float64(shift))
	case []float32:
		kernel.Exp32(x, x, float32(shift))
	}
}

// softmaxRow replaces scores by their softmax, and returns the greatest and the sum of exp(score − greatest).
func softmaxRow[T Real](x []T) (greatest, sum T) {
	switch x := any(x).(type) {
	case []float64:
		greatest, sum := kernel.SoftmaxRow(x)
		return T(greatest), T(sum)
	case []float32:
		greatest, sum := kernel.SoftmaxRow32(x)
		return T(greatest), T(sum)
	}
	panic("unreachable")
}

// add adds x to y.
func add[T Real](y, x []T) {
	if y, ok := any(y).([]float32); ok {
		kernel.Add32(y, any(x).([]float32))
		return
	}
	kernel.Axpy(1, any(x).([]float64), any(y).([]float64))
}

// multiply multiplies x by the elements of by, and adds the products to sum.
func multiply[T Real](x, by, sum []T) {
	if x, ok := any(x).([]float32); ok {
		kernel.Multiply32(x, any(by).([]float32), any(sum).([]float32))
		return
	}
	for i, v := range x {
		x[i] = T(v * by[i])
		sum[i] += x[i]
	}
}

func total[T Real](x []T) T {
	if x, ok := any(x).([]float32); ok {
		return T(kernel.Sum32(x))
	}
	sum := T(0)
	for _, v := range x {
		sum += v
	}
	return sum
}

func largest[T Real](x []T) T {
	if x, ok := any(x).([]float32); ok {
		return T(kernel.Max32(x))
	}
	most := T(math.Inf(-1))
	for _, v := range x {
		most = max(most, v)
	}
	return most
}
