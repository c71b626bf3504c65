package kernel

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// guarded returns a function that places slices so that the byte after their
// end lies in a page that cannot be read: a kernel that reads or writes beyond
// a slice crashes the test.
func guarded(t *testing.T) func(n int) []float64 {
	page := unix.Getpagesize()
	const pages = 8
	return func(n int) []float64 {
		memory, err := unix.Mmap(-1, 0, (pages+1)*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Munmap(memory) })
		if err := unix.Mprotect(memory[pages*page:], unix.PROT_NONE); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return nil
		}
		return unsafe.Slice((*float64)(unsafe.Pointer(&memory[pages*page-8*n])), n)
	}
}

// half is the same memory, as float32.
func half(x []float64) []float32 {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&x[0])), 2*len(x))
}

func TestStaysInside(t *testing.T) {
	end := guarded(t)
	const most = 70
	x, y, a := end(most), end(most), end(41*41)
	b, c := end(41*41), end(41*41)
	wide, wider := end(20*99), end(20*99)
	single := func(n int) []float32 { return half(end((n + 1) / 2))[n&1:] }
	for _, p := range available() {
		use(t, p)
		for n := range most + 1 {
			r, s := single(n), single(n)
			Exp32(r, s, 1)
			SoftmaxRow32(r)
			Gelu32(r)
			Silu32(r)
			LayerNorm32(r, s, r, s, 1)
			Add32(r, s)
			Max32(r)
		}
		for n := range most + 1 {
			u, v := x[most-n:], y[most-n:]
			SoftmaxRow(u)
			p.dot(u, v)
			for rows := range 6 {
				p.dots(u, a[len(a)-rows*n:], n, y[most-rows:])
			}
			p.axpy(1, u, v)
			p.scale(1, u)
			p.exp(v, u, 0)
			p.max(u)
			p.extremes(u)
			p.carry(u, v, a[len(a)-n:], 1, 1, 1, 1, 1)
			p.quotients(1, 1, 1, 1, u[n%4:], v[n%4:], a[len(a)-n&^3:], b[len(b)-n&^3:], c[len(c)-n&^3:])
			p.decayRank1(0.5, u[:min(n, 3)], v, a[len(a)-min(n, 3)*n:])
		}
		for n := range 42 {
			for k := range 42 {
				for layout := range 4 {
					transA, transB := layout&1 != 0, layout&2 != 0
					lda, ldb := k, n
					if transA {
						lda = n
					}
					if transB {
						ldb = k
					}
					gemm(p.engine32, transA, transB, n, n, k, 1, half(a)[2*len(a)-n*k:], lda, half(b)[2*len(b)-n*k:], ldb, 1, half(c)[2*len(c)-n*n:], n)
					gemm(p.engine64, transA, transB, n, n, k, 1, a[len(a)-n*k:], lda, b[len(b)-n*k:], ldb, 1, c[len(c)-n*n:], n)
				}
			}
		}
		for n := 42; n < 100; n++ { // several panels of columns at once
			const m, k = 20, 19
			for _, transA := range []bool{false, true} {
				for _, transB := range []bool{false, true} {
					lda, ldb := k, n
					if transA {
						lda = m
					}
					if transB {
						ldb = k
					}
					gemm(p.engine32, transA, transB, m, n, k, 1, half(a)[2*len(a)-m*k:], lda, half(wide)[2*len(wide)-n*k:], ldb, 1, half(wider)[2*len(wider)-m*n:], n)
					gemm(p.engine64, transA, transB, m, n, k, 1, a[len(a)-m*k:], lda, wide[len(wide)-n*k:], ldb, 1, wider[len(wider)-m*n:], n)
				}
			}
		}
	}
}
