package compare

import (
	"math"
	"slices"
)

func dot(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += float64(v * y[i])
	}
	return sum
}

func norm(x []float64) float64 { return math.Sqrt(dot(x, x)) }

// difference returns x − y, or nil where either is empty.
func difference(x, y []float64) []float64 {
	if len(x) == 0 || len(y) == 0 {
		return nil
	}
	out := make([]float64, len(x))
	for i := range x {
		out[i] = x[i] - y[i]
	}
	return out
}

func largest(x []float64) Number {
	if len(x) == 0 {
		return Null()
	}
	return Number(slices.Max(x))
}

func smallest(x []float64) Number {
	if len(x) == 0 {
		return Null()
	}
	return Number(slices.Min(x))
}
