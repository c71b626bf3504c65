package kernel

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestGenericBits: the generic path gives these bits on every machine; seen on
// amd64 and arm64. The check sums were computed by this test. A change of the
// order of summation or of exp's steps changes them, and with them the published
// numbers of NASIM_KERNEL=generic.
func TestGenericBits(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 12))
	uniform := func(n int) []float64 { // whole numbers over a power of two: exact everywhere
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(r.IntN(1<<20)-1<<19) / (1 << 17)
		}
		return x
	}
	const m, n, k = 13, 17, 600
	a, b, c := uniform(m*k), uniform(k*n), uniform(m*n)
	gemm(pathGo.engine64, false, false, m, n, k, 0.7, a, k, b, n, 0.3, c, n)
	e := make([]float64, len(b))
	pathGo.exp(e, b, 0.1)
	d := append([]float64{}, e...)
	pathGo.axpy(0.1, b, d)
	h := uniform(n * m)
	pathGo.decayRank1(0.9, e[:m], e[m:m+n], h)
	y, z := uniform(100), uniform(100)
	var sums [5]float64
	sums[0], sums[1], sums[2] = pathGo.carry(e[:100], y, z, 0.9, 0.1, 0.8, 0.2, 0.3)
	sums[3], sums[4] = pathGo.quotients(0.1, 0.2, 0.3, 0.4, e[:100], y, z, c[:100], d[:100])
	single := func(f func(x []float32)) []float64 {
		x := make([]float32, len(b))
		for i := range x {
			x[i] = float32(b[i])
		}
		f(x)
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = float64(v)
		}
		return y
	}
	use(t, pathGo)
	for _, result := range []struct {
		name string
		x    []float64
		want uint64
	}{
		{"softmax32", single(func(x []float32) { SoftmaxRow32(x) }), 0x6a3c079a23b1af59},
		{"gelu32", single(Gelu32), 0xc92c812a8e5e570b},
		{"geluTanh32", single(GeluTanh32), 0xad396fcedc69ecd3},
		{"layerNorm32", single(func(x []float32) { LayerNorm32(x, x, x, x, 1e-5) }), 0xc2f9a7e4af8bdd6c},
		{"gemm32", single(func(x []float32) {
			Gemm32(true, false, m, n, k, 0.7, slices.Clone(x), m, slices.Clone(x), n, 0.3, x, n)
		}), 0x859b23a48f3aef85},
		{"gemm", c, 0x2a1c75fdb5cc7a4f},
		{"exp", e, 0xa4a5a73c6283332e},
		{"axpy", d, 0x427d24005fcfe104},
		{"decayRank1", h, 0xd2398d484c224659},
		{"carry", append(append(sums[:3:3], y...), z...), 0x95156eaa46e46c03},
		{"quotients", sums[3:], 0x1724d69b84345915},
		{"dot", []float64{pathGo.dot(e, d)}, 0xa1dcd0f0fd932e3a},
	} {
		sum := fnv.New64a()
		for _, v := range result.x {
			binary.Write(sum, binary.LittleEndian, math.Float64bits(v))
		}
		if got := sum.Sum64(); got != result.want {
			t.Errorf("%s: %#x, want %#x", result.name, got, result.want)
		}
	}
}
