package integrator

import "golang.org/x/sys/cpu"

// vectors says whether combineVector can be used. It is set once and only read.
var vectors = cpu.X86.HasAVX

// lanes is the number of elements that combineVector takes at a time.
const lanes = 8

// combineVector is combineScalar for 1 to 6 terms and a multiple of lanes
// elements, with AVX and without fused multiply-adds.
//
//go:noescape
func combineVector(dst, y []float64, factors *[6]float64, slopes *[6][]float64, terms int)
