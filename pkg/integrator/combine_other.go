//go:build !amd64

package integrator

// vectors says whether combineVector can be used.
const vectors = false

// lanes is the number of elements that combineVector takes at a time.
const lanes = 8

func combineVector(_, _ []float64, _ *[6]float64, _ *[6][]float64, _ int) {
	panic("integrator: there is no vector form on this machine")
}
