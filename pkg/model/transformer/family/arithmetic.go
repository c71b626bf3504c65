package family

import (
	"sync"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// Real is the precision of a pass.
type Real interface{ float32 | float64 }

// gemm writes C = A op(B), with A m × k and C m × n.
func gemm[T Real](transB bool, m, n, k int, a []T, lda int, b []T, ldb int, c []T, ldc int) {
	switch a := any(a).(type) {
	case []float64:
		kernel.Gemm(false, transB, m, n, k, 1, a, lda, any(b).([]float64), ldb, 0, any(c).([]float64), ldc)
	case []float32:
		kernel.Gemm32(false, transB, m, n, k, 1, a, lda, any(b).([]float32), ldb, 0, any(c).([]float32), ldc)
	}
}

// split cuts count into as many parts as there are threads, and does each on its own. What it computes of an element must not
// depend on the part that it falls into.
func split(threads, count int, do func(first, last int)) {
	threads = min(threads, count)
	if threads <= 1 {
		do(0, count)
		return
	}
	var group sync.WaitGroup
	for i := range threads {
		first, last := i*count/threads, (i+1)*count/threads
		group.Go(func() { do(first, last) })
	}
	group.Wait()
}

// In returns x in another precision, x itself in its own.
func In[To, From Real](x []From) []To {
	if same, ok := any(x).([]To); ok {
		return same
	}
	y := make([]To, len(x))
	for i, v := range x {
		y[i] = To(v)
	}
	return y
}
