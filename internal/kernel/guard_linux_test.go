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

func TestStaysInside(t *testing.T) {
	end := guarded(t)
	const most = 70
	x, y, a := end(most), end(most), end(41*41)
	b, c := end(41*41), end(41*41)
	for _, p := range available() {
		for n := range most + 1 {
			u, v := x[most-n:], y[most-n:]
			p.dot(u, v)
			p.axpy(1, u, v)
			p.exp(v, u, 0)
			p.max(u)
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
					gemm(p.engine64, transA, transB, n, n, k, 1, a[len(a)-n*k:], lda, b[len(b)-n*k:], ldb, 1, c[len(c)-n*n:], n)
				}
			}
		}
	}
}
