package model

import (
	"math"
	"testing"
)

// Diffusion along a line of compartments: the slowest of their modes falls as that of the process, which
// the heat equation without flux at its ends gives as D_Ca π²/ℓ².
func TestExchangeByDiffusion(t *testing.T) {
	buffered := BufferedCalcium()
	if !(buffered.Least < buffered.Usual && buffered.Usual < buffered.Most) {
		t.Errorf("%v", buffered)
	}
	for _, length := range []float64{1, 10} {
		want := buffered.Usual * math.Pi * math.Pi / (length * length)
		before := math.Inf(1)
		for _, count := range []int{4, 16, 64, 256} {
			exchange := ExchangeByDiffusion(buffered.Usual, length, count)
			sine := math.Sin(math.Pi / float64(2*count))
			slowest := 4 * exchange * sine * sine // of adjacency − degree of a line
			miss := math.Abs(slowest/want - 1)
			if miss > 1/float64(count*count) || miss > before/8 {
				t.Errorf("%d compartments over %v µm: %v/s, want %v/s", count, length, slowest, want)
			}
			before = miss
		}
	}
}
