package kernel

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

// best runs f as a benchmark and returns the shortest run. On a machine that
// others use, the mean measures them, too.
func best(b *testing.B, f func()) time.Duration {
	f()
	shortest := time.Duration(math.MaxInt64)
	for b.Loop() {
		start := time.Now()
		f()
		shortest = min(shortest, time.Since(start))
	}
	return shortest
}

func benchGemm[T float](b *testing.B, e *engine[T], transA, transB bool, m, n, k int) {
	x, y, c := make([]T, m*k), make([]T, k*n), make([]T, m*n)
	for i := range x {
		x[i] = 1
	}
	for i := range y {
		y[i] = 1
	}
	lda, ldb := k, n
	if transA {
		lda = m
	}
	if transB {
		ldb = k
	}
	t := best(b, func() { gemm(e, transA, transB, m, n, k, 1, x, lda, y, ldb, 0, c, n) })
	b.ReportMetric(2*float64(m)*float64(n)*float64(k)/float64(t.Nanoseconds()), "GFLOP/s")
}

// gemmSizes are square ones and the network's: Gram matrices Φ Φᵀ of 200 tokens
// and q Wᵀ of 200 tokens.
var gemmSizes = []struct {
	transA, transB bool
	m, n, k        int
}{
	{false, false, 64, 64, 64},
	{false, false, 128, 128, 128},
	{false, false, 512, 512, 512},
	{false, true, 512, 512, 512},
	{true, false, 512, 512, 512},
	{false, false, 1024, 1024, 1024},
	{false, true, 197, 197, 1024},
	{false, true, 200, 200, 10000},
	{false, true, 200, 200, 100000},
	{false, true, 400, 400, 10000},
	{false, true, 197, 1000, 64},
	{false, true, 197, 10000, 64},
	{false, true, 197, 10000, 16},
	{false, false, 197, 64, 10000},
	{true, false, 1000, 64, 197},
}

func BenchmarkGemm(b *testing.B) {
	for _, p := range available() {
		for _, s := range gemmSizes {
			name := fmt.Sprintf("%s/%c%c/%dx%dx%d", p.name, letter(s.transA), letter(s.transB), s.m, s.n, s.k)
			b.Run("f64/"+name, func(b *testing.B) { benchGemm(b, p.engine64, s.transA, s.transB, s.m, s.n, s.k) })
			b.Run("f32/"+name, func(b *testing.B) { benchGemm(b, p.engine32, s.transA, s.transB, s.m, s.n, s.k) })
		}
	}
}

func letter(trans bool) byte {
	if trans {
		return 'T'
	}
	return 'N'
}

// benchVector reports nanoseconds an element for each path.
func benchVector(b *testing.B, elements int, f func(p *path)) {
	const repeat = 100 // the clock takes longer than a short vector
	for _, p := range available() {
		b.Run(fmt.Sprintf("%s/%d", p.name, elements), func(b *testing.B) {
			t := best(b, func() {
				for range repeat {
					f(p)
				}
			})
			b.ReportMetric(float64(t.Nanoseconds())/float64(repeat*elements), "ns/element")
		})
	}
}

func ramp(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i%200)/10 - 15
	}
	return x
}

func BenchmarkExp(b *testing.B) {
	for _, n := range []int{16, 197, 1000, 10000} {
		x, y := ramp(n), make([]float64, n)
		benchVector(b, n, func(p *path) { p.exp(y, x, 0.5) })
	}
}

func BenchmarkDot(b *testing.B) {
	for _, n := range []int{16, 64, 1000} {
		x, y := ramp(n), ramp(n)
		benchVector(b, n, func(p *path) { p.dot(x, y) })
	}
}

func BenchmarkDots(b *testing.B) { // with so many neurons of 197 queries, as the read-outs' coupling
	const rows, n, stride = 197, 256, 1024
	x, all, sums := ramp(n), ramp(rows*stride), make([]float64, rows)
	benchVector(b, rows*n, func(p *path) { p.dots(x, all, stride, sums) })
}

func BenchmarkAxpy(b *testing.B) {
	for _, n := range []int{16, 64, 1000} {
		x, y := ramp(n), make([]float64, n)
		benchVector(b, n, func(p *path) { p.axpy(1e-9, x, y) })
	}
}

func BenchmarkCarry(b *testing.B) {
	for _, n := range []int{64, 1000} {
		x, y, z := ramp(n), ramp(n), make([]float64, n)
		benchVector(b, n, func(p *path) { p.carry(x, y, z, 0.5, 1e-9, 0.5, 1e-9, 1e-9) })
	}
}

func BenchmarkQuotients(b *testing.B) {
	for _, n := range []int{24, 216} {
		x := slices.Repeat([]float64{1}, n)
		benchVector(b, n, func(p *path) { p.quotients(1, 1, 1, 1, x, x, x, x, x) })
	}
}

func BenchmarkDecayRank1(b *testing.B) {
	for _, d := range []int{16, 64} {
		x, y, a := ramp(1000), ramp(d), make([]float64, 1000*d)
		benchVector(b, 1000*d, func(p *path) { p.decayRank1(0.5, x, y, a) })
	}
}

func ramp32(n int) []float32 {
	x := make([]float32, n)
	for i, v := range ramp(n) {
		x[i] = float32(v) / 3
	}
	return x
}

// BenchmarkSingle is what transformers in float32 do to rows.
func BenchmarkSingle(b *testing.B) {
	for _, n := range []int{197, 768, 3072} {
		x, y, ones := ramp32(n), make([]float32, n), slices.Repeat([]float32{1}, n)
		for _, c := range []struct {
			name string
			f    func(p *path)
		}{
			{"exp", func(p *path) { p.expSum32(y, x, -1) }},
			{"softmax", func(p *path) {
				copy(y, x)
				p.scale32(y, 1/p.expSum32(y, y, -p.max32(y)))
			}},
			{"gelu", func(p *path) { copy(y, x); p.gelu32(y) }},
			{"geluTanh", func(p *path) { copy(y, x); p.sigmoidProduct32(y, geluLinear, geluCubic) }},
			{"layerNorm", func(p *path) {
				mean := p.sum32(x)
				p.affine32(y, x, ones, ones, float32(mean), 0, float32(p.squares32(x, mean)))
			}},
			{"add", func(p *path) { p.add32(y, ones) }},
			{"multiply", func(p *path) { p.multiply32(y, ones, x) }},
		} {
			b.Run(c.name, func(b *testing.B) { benchVector(b, n, c.f) })
		}
	}
}
