package kernel

import "golang.org/x/sys/cpu"

var pathAVX2 = &path{
	name:    "avx2",
	vectors: vectorsAVX2,
	engine64: &engine[float64]{mr: 4, nr: 12, vector: 4, beside: 2, mc: 96, nc: 480, few: 96, kc: kcMost, tile: tile64AVX2, edge: edge64AVX2,
		turn: turn64AVX2, gather: gather64AVX2},
	engine32: &engine[float32]{mr: 4, nr: 24, vector: 8, beside: 2, mc: 192, nc: 960, few: 96, kc: kcMost, tile: tile32AVX2, edge: edge32AVX2,
		turn: turn32AVX2, turn8: turn8AVX2, gather: gather32AVX2},
}

var pathAVX512 = &path{
	name:    "avx512",
	vectors: vectorsAVX512,
	engine64: &engine[float64]{mr: 8, nr: 24, vector: 8, beside: 1, mc: 96, nc: 480, few: 96, kc: kcMost, tile: tile64AVX512, edge: edge64AVX512,
		turn: turn64AVX2, gather: gather64AVX2},
	engine32: &engine[float32]{mr: 8, nr: 48, vector: 16, beside: 1, mc: 192, nc: 960, few: 96, kc: kcMost, tile: tile32AVX512, edge: edge32AVX512,
		turn: turn32AVX2, turn8: turn8AVX2, gather: gather32AVX2},
}

// available lists the paths that this processor and its operating system can
// run, the fastest first.
func available() []*path {
	paths := []*path{pathGo}
	if !cpu.X86.HasAVX2 || !cpu.X86.HasFMA {
		return paths
	}
	paths = append([]*path{pathAVX2}, paths...)
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL {
		paths = append([]*path{pathAVX512}, paths...)
	}
	return paths
}
