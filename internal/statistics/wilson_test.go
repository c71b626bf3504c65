package statistics

import (
	"math"
	"testing"
)

// Intervals by scipy.stats.binomtest(k, n).proportion_ci(method="wilson").
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{
		{8, 10, 0.4901624715366418, 0.9433178485456248},
		{0, 7, 0.0, 0.35433043506668743},
		{30, 30, 0.8864866068260312, 1.0},
		{1, 1, 0.20654931437723745, 1.0},
		{267, 300, 0.8495437677561146, 0.9205947146887394},
	} {
		low, high := Wilson(float64(c.k)/float64(c.n), c.n)
		if math.Abs(low-c.low) > 1e-12 || math.Abs(high-c.high) > 1e-12 {
			t.Errorf("%d of %d: %v to %v, want %v to %v", c.k, c.n, low, high, c.low, c.high)
		}
	}
	if low, high := Wilson(0, 0); !math.IsNaN(low) || !math.IsNaN(high) {
		t.Errorf("of no trials: %v to %v", low, high)
	}
}
