package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// problem is one product, C = alpha op(A) op(B) + beta C, with its operands.
type problem[T float] struct {
	transA, transB bool
	m, n, k        int
	alpha, beta    T
	a, b, c        []T
	lda, ldb, ldc  int
}

// newProblem draws a product of the given size, with gaps between rows that
// hold NaN: an element read from a gap would show.
func newProblem[T float](r *rand.Rand, transA, transB bool, m, n, k int) *problem[T] {
	p := &problem[T]{transA: transA, transB: transB, m: m, n: n, k: k}
	p.alpha = T(r.NormFloat64())
	p.beta = []T{0, 1, T(r.NormFloat64())}[r.IntN(3)]
	draw := func(rows, columns int) ([]T, int) {
		stride := columns + r.IntN(4)
		x := make([]T, rows*stride)
		for i := range x {
			x[i] = T(math.NaN())
			if i%max(stride, 1) < columns {
				x[i] = T(r.NormFloat64())
			}
		}
		return x, stride
	}
	rowsA, columnsA, rowsB, columnsB := m, k, k, n
	if transA {
		rowsA, columnsA = k, m
	}
	if transB {
		rowsB, columnsB = n, k
	}
	p.a, p.lda = draw(rowsA, columnsA)
	p.b, p.ldb = draw(rowsB, columnsB)
	p.c, p.ldc = draw(m, n)
	return p
}

func (p *problem[T]) String() string {
	return fmt.Sprintf("%c%c %d×%d×%d alpha %v beta %v strides %d %d %d", letter(p.transA), letter(p.transB), p.m, p.n, p.k, p.alpha, p.beta, p.lda, p.ldb, p.ldc)
}

// solve returns C by an engine, leaving the problem as it is.
func (p *problem[T]) solve(e *engine[T]) []T {
	c := slices.Clone(p.c)
	gemm(e, p.transA, p.transB, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, c, p.ldc)
	return c
}

// exact returns element (i, j) of the result in twice the working precision,
// and the sum of the absolute values of its terms.
func (p *problem[T]) exact(i, j int) (value, size float64) {
	var s twice
	for q := range p.k {
		x, y := p.a[place(p.transA, i, q, p.lda)], p.b[place(p.transB, q, j, p.ldb)]
		s.add(float64(x), float64(y))
		size += math.Abs(float64(x) * float64(y))
	}
	var t twice
	t.add(s.high, float64(p.alpha))
	t.add(s.low, float64(p.alpha))
	size *= math.Abs(float64(p.alpha))
	if p.beta != 0 {
		t.add(float64(p.c[i*p.ldc+j]), float64(p.beta))
		size += math.Abs(float64(p.c[i*p.ldc+j]) * float64(p.beta))
	}
	return t.high + t.low, size
}

// place is where element (i, j) of op(X) lies.
func place(trans bool, i, j, stride int) int {
	if trans {
		return j*stride + i
	}
	return i*stride + j
}

// twice is a sum of products kept in two float64 (Ogita, Rump and Oishi,
// "Accurate sum and dot product", 2005, algorithm 5.3).
type twice struct{ high, low float64 }

func (s *twice) add(x, y float64) {
	product := x * y
	productError := math.FMA(x, y, -product)
	sum := s.high + product
	z := sum - s.high
	sumError := (s.high - (sum - z)) + (product - z)
	s.high = sum
	s.low += productError + sumError
}

// roundings is how many roundings a term of one element goes through at most:
// its product, the sums of a run of k, the product with alpha, and for each run
// the product of C with beta and the sum; one more for the reference.
func roundings(k int) float64 {
	runs := (k + kcMost - 1) / kcMost
	return float64(1 + min(k, kcMost) + 1 + 2*runs + 1)
}

// gamma is γ_n = n u / (1 − n u), the bound of n roundings in a row (Higham,
// Accuracy and Stability of Numerical Algorithms, lemma 3.1).
func gamma[T float](n float64) float64 {
	u := 0x1p-53
	if _, single := any(T(0)).(float32); single {
		u = 0x1p-24
	}
	return n * u / (1 - n*u)
}

// check compares a result with the exact one and makes sure that the gaps
// between the rows of C are as they were.
func (p *problem[T]) check(t *testing.T, name string, got []T) {
	t.Helper()
	bound := gamma[T](roundings(p.k))
	for at, v := range got {
		i, j := at/p.ldc, at%p.ldc
		if j >= p.n {
			if !math.IsNaN(float64(v)) {
				t.Fatalf("%s: %v: wrote %v between rows, at row %d + %d", name, p, v, i, j)
			}
			continue
		}
		want, size := p.exact(i, j)
		if !(math.Abs(float64(v)-want) <= bound*size) {
			t.Fatalf("%s: %v: C[%d,%d] = %v, want %v within %.1e", name, p, i, j, v, want, bound*size)
		}
	}
}

// testPaths solves one random problem by all paths. Paths that fuse must agree
// to the bit.
func testPaths[T float](t *testing.T, r *rand.Rand, m, n, k int, engineOf func(*path) *engine[T]) {
	t.Helper()
	p := newProblem[T](r, r.IntN(2) == 0, r.IntN(2) == 0, m, n, k)
	var fused []T
	for _, path := range available() {
		got := p.solve(engineOf(path))
		p.check(t, path.name, got)
		switch {
		case path == pathGo:
		case fused == nil:
			fused = got
		case !sameBits(fused, got):
			t.Fatalf("%v: %s and the path before it differ in bits", p, path.name)
		}
	}
}

func sameBits[T float](a, b []T) bool {
	return slices.EqualFunc(a, b, func(x, y T) bool {
		return math.Float64bits(float64(x)) == math.Float64bits(float64(y))
	})
}

func of64(p *path) *engine[float64] { return p.engine64 }
func of32(p *path) *engine[float32] { return p.engine32 }

func TestGemmSmall(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 1))
	for m := 0; m <= 40; m++ {
		for n := 0; n <= 40; n++ {
			k := r.IntN(41)
			testPaths(t, r, m, n, k, of64)
			testPaths(t, r, n, k, m, of32)
			testPaths(t, r, n, k, m, of64)
			testPaths(t, r, m, n, k, of32)
		}
	}
}

// TestGemmPanels: however many panels of columns there are, and however wide the last.
func TestGemmPanels(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 9))
	for n := 41; n <= 200; n++ {
		testPaths(t, r, 1+r.IntN(120), n, 1+r.IntN(70), of64)
		testPaths(t, r, 1+r.IntN(120), n, 1+r.IntN(70), of32)
	}
}

func TestGemmBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 2))
	for _, s := range [][3]int{
		{100, 50, kcMost}, {100, 50, kcMost + 1}, {9, 25, 1000}, {97, 49, 513}, // several runs of k
		{400, 30, 5}, {193, 60, 70}, // several blocks of rows
		{5, 2600, 4}, {9, 1203, 33}, // several blocks of columns
		{1, 1, 3000}, {1, 500, 40}, {500, 1, 40},
	} {
		for range 4 {
			testPaths(t, r, s[0], s[1], s[2], of64)
			testPaths(t, r, s[0], s[1], s[2], of32)
		}
	}
}

// TestGemmWithoutReading: what is not needed is not read.
func TestGemmWithoutReading(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 3))
	for _, path := range available() {
		p := newProblem[float64](r, false, true, 19, 29, 31)
		p.beta = 0
		for i := range p.c {
			p.c[i] = math.NaN()
		}
		p.check(t, path.name, p.solve(path.engine64))

		for i := range p.a {
			p.a[i] = math.NaN()
		}
		p.alpha = 0
		for i := range p.m {
			for j, v := range p.solve(path.engine64)[i*p.ldc : i*p.ldc+p.n] {
				if v != 0 {
					t.Fatalf("%s: alpha = beta = 0: C[%d,%d] = %v", path.name, i, j, v)
				}
			}
		}
	}
}

// TestGemmElement: an element of C depends only on its row of op(A), its column
// of op(B) and k, not on the size of C, its place in it, or the layout of the
// operands.
func TestGemmElement(t *testing.T) {
	testElement(t, of64)
	testElement(t, of32)
}

func testElement[T float](t *testing.T, engineOf func(*path) *engine[T]) {
	r := rand.New(rand.NewPCG(16, 4))
	for _, path := range available() {
		e := engineOf(path)
		p := newProblem[T](r, false, true, 61, 59, 700)
		whole := p.solve(e)
		for range 50 {
			i, j := r.IntN(p.m), r.IntN(p.n)
			m, n := 1+r.IntN(p.m-i), 1+r.IntN(p.n-j)
			part := make([]T, m*n)
			for s := range m {
				copy(part[s*n:(s+1)*n], p.c[(i+s)*p.ldc+j:])
			}
			gemm(e, false, true, m, n, p.k, p.alpha, p.a[i*p.lda:], p.lda, p.b[j*p.ldb:], p.ldb, p.beta, part, n)
			for s := range m {
				if !sameBits(part[s*n:(s+1)*n], whole[(i+s)*p.ldc+j:(i+s)*p.ldc+j+n]) {
					t.Fatalf("%s: rows %d+%d, columns %d+%d of C differ if computed alone", path.name, i, m, j, n)
				}
			}
		}
		a, b := transposed(p.a, p.m, p.k, p.lda), transposed(p.b, p.n, p.k, p.ldb)
		other := slices.Clone(p.c)
		gemm(e, true, false, p.m, p.n, p.k, p.alpha, a, p.m, b, p.n, p.beta, other, p.ldc)
		if !sameBits(other, whole) {
			t.Fatalf("%s: the result depends on the layout of A and B", path.name)
		}
	}
}

func transposed[T float](x []T, rows, columns, stride int) []T {
	y := make([]T, rows*columns)
	for i := range rows {
		for j := range columns {
			y[j*rows+i] = x[i*stride+j]
		}
	}
	return y
}

// TestGemmGram: Φ Φᵀ is symmetric to the bit.
func TestGemmGram(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 5))
	const n, k = 53, 600
	phi := make([]float64, n*k)
	for i := range phi {
		phi[i] = r.NormFloat64()
	}
	for _, path := range available() {
		c := make([]float64, n*n)
		gemm(path.engine64, false, true, n, n, k, 1, phi, k, phi, k, 0, c, n)
		if !sameBits(c, transposed(c, n, n, n)) {
			t.Errorf("%s: a Gram matrix is not symmetric", path.name)
		}
	}
}

// TestGemmConcurrent: calls at the same time do not disturb one another.
func TestGemmConcurrent(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 6))
	p := newProblem[float64](r, true, false, 70, 80, 300)
	want := p.solve(active.engine64)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				if !sameBits(p.solve(active.engine64), want) {
					t.Error("a product differs when computed beside others")
					return
				}
			}
		})
	}
	group.Wait()
}

// TestGemmShows: each element of C is shown once and final, of several blocks, of more than one run of k, added to C,
// and where nothing is multiplied; and what is then made of it stays.
func TestGemmShows(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	for _, size := range [][3]int{{1, 1, 1}, {7, 5, 3}, {203, 1100, 20}, {100, 30, 600}, {3, 4, 0}, {2, 0, 3}} {
		m, n, k := size[0], size[1], size[2]
		for _, beta := range []float64{0, -0.5} {
			a, b, c := normal(r, m*k), normal(r, n*k), normal(r, m*(n+2))
			for _, p := range available() {
				want, got := slices.Clone(c), slices.Clone(c)
				gemm(p.engine64, false, true, m, n, k, 1, a, k, b, k, beta, want, n+2)
				gemmBlocks(p.engine64, false, true, m, n, k, 1, a, k, b, k, beta, got, n+2, func(i, j, rows, columns int) {
					for ; rows > 0; i, rows = i+1, rows-1 {
						for at := i*(n+2) + j; at < i*(n+2)+j+columns; at++ {
							if math.Float64bits(got[at]) != math.Float64bits(want[at]) {
								t.Fatalf("%s, %v, beta %g: row %d: %g is shown, not %g", p.name, size, beta, i, got[at], want[at])
							}
							got[at] = math.NaN()
						}
					}
				})
				for at, x := range got {
					if inside := at%(n+2) < n; math.IsNaN(x) != inside {
						t.Fatalf("%s, %v, beta %g: element %d: %g", p.name, size, beta, at, x)
					}
				}
			}
		}
	}
}

func TestGemmAllocatesNothing(t *testing.T) {
	x, y, z := make([]float64, 100*100), make([]float32, 100*100), make([]float32, 100*100)
	c, seen := make([]float64, 100*100), 0
	perRun := testing.AllocsPerRun(100, func() {
		Gemm(false, true, 99, 98, 97, 1, x, 100, x, 100, 0, c, 100)
		Gemm32(false, true, 99, 98, 97, 1, y, 100, y, 100, 0, z, 100)
		GemmBlocks(false, true, 99, 98, 97, 1, x, 100, x, 100, 0, c, 100, func(i, j, rows, columns int) { seen += rows * columns })
	})
	if perRun != 0 {
		t.Errorf("%v allocations a run", perRun)
	}
}

func TestGemmRefusesShortSlices(t *testing.T) {
	x := make([]float64, 100)
	for name, call := range map[string]func(){
		"short A":       func() { Gemm(false, false, 11, 5, 10, 1, x, 10, x, 10, 0, x, 10) },
		"short B":       func() { Gemm(false, false, 5, 10, 11, 1, x, 11, x, 10, 0, x, 10) },
		"short C":       func() { Gemm(false, false, 11, 10, 2, 1, x, 2, x, 10, 0, x, 10) },
		"narrow stride": func() { Gemm(true, false, 10, 5, 10, 1, x, 9, x, 10, 0, x, 10) },
		"negative size": func() { Gemm(false, false, -1, 5, 10, 1, x, 9, x, 10, 0, x, 10) },
		"Dot":           func() { Dot(x, x[1:]) },
		"Dots":          func() { Dots(x, x, len(x), make([]float64, 2)) },
		"Axpy":          func() { Axpy(1, x, x[1:]) },
		"Exp":           func() { Exp(x, x[1:], 0) },
		"DecayRank1":    func() { DecayRank1(1, x, x, x) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}
