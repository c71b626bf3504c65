package portable

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestNormalIsMathRand: the same numbers as package math/rand/v2, from the same
// draws. Its tail is rounded by package math, which may differ from this one by
// 2 units where x is 1.1 at least: 1e-15 with room for both.
func TestNormalIsMathRand(t *testing.T) {
	ours, theirs := rand.New(rand.NewPCG(16, 14)), rand.New(rand.NewPCG(16, 14))
	tail := 0
	for i := range 1_000_000 {
		got, want := Normal(ours), theirs.NormFloat64()
		if math.Abs(got) > layersEdge {
			tail++
		}
		if math.Abs(got) < layersEdge && got != want || math.Abs(got-want) > 1e-15*math.Abs(want) {
			t.Fatalf("number %d is %v, want %v", i, got, want)
		}
	}
	// The tail holds erfc(3.4426/√2) = 5.76e-4 of all: 576 ± 24 of a million.
	if tail < 576-5*24 || tail > 576+5*24 {
		t.Errorf("%d numbers of a million in the tail", tail)
	}
}

// TestNormalDistribution: Kolmogorov's distance from the normal distribution,
// by bins that each layer's edges cross. With n numbers it exceeds 2/√n with
// probability 2 exp(−8) = 0.0007; the seed is fixed.
func TestNormalDistribution(t *testing.T) {
	const n, perUnit, most = 1_000_000, 64, 5
	rng := rand.New(rand.NewPCG(16, 15))
	counts := make([]int, 2*most*perUnit+1)
	for range n {
		at := math.Floor((Normal(rng) + most) * perUnit)
		counts[int(max(0, min(at, float64(len(counts)-1))))]++
	}
	seen, worst := 0, 0.0
	for i, c := range counts[:len(counts)-1] {
		seen += c
		edge := float64(i+1)/perUnit - most
		worst = max(worst, math.Abs(float64(seen)/n-0.5*math.Erfc(-edge/math.Sqrt2)))
	}
	if worst > 2/math.Sqrt(n) {
		t.Errorf("Kolmogorov's distance %v", worst)
	}
}
