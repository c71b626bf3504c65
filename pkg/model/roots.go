package model

import "math"

// cubeRoot returns ∛x, off by 1e-15 of it at most, without a division, of which each would wait for the
// one before. From a third of the exponent, off by 3.5 % at most, y is made 1/∛|x|: with 1 − |x| y³ = e it
// is that times 1 − e to the power of −1/3, of whose series four terms are taken. Two of these steps are enough.
func cubeRoot(x float64) float64 {
	if x == 0 {
		return 0
	}
	size := math.Abs(x)
	const offset = 0x553ef0ff289dd796
	y := math.Float64frombits(offset - math.Float64bits(size)/3)
	for range 2 {
		e := 1 - float64((size*y)*(y*y))
		y += float64(y * e * (1.0/3 + float64(e*(2.0/9)) + float64(e*e*(14.0/81))))
	}
	return x * y * y
}

// bisect returns where a condition, met at low and not at high, ceases to be.
func bisect(low, high float64, met func(float64) bool) float64 {
	for {
		middle := low + float64((high-low)/2)
		if middle == low || middle == high {
			return low
		}
		if met(middle) {
			low = middle
		} else {
			high = middle
		}
	}
}
