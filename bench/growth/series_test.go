package main

import (
	"math"
	"testing"
)

// A 16-fold range of the one size that varies, the others fixed as the table says.
func TestSeriesVaryOneSize(t *testing.T) {
	for _, s := range allSeries() {
		first, last := s.sizes[0], s.sizes[len(s.sizes)-1]
		if s.vary(last) != 16*s.vary(first) {
			t.Errorf("%s: from %d to %d", s.name, s.vary(first), s.vary(last))
		}
		changed := 0
		for _, c := range [][2]int{{first.tokens, last.tokens}, {first.neurons, last.neurons}, {first.values, last.values}} {
			if c[0] != c[1] {
				changed++
			}
		}
		if changed != 1 {
			t.Errorf("%s: %d sizes vary, from %v to %v", s.name, changed, first, last)
		}
	}
}

// Inner products would grow with N², so outputs are timed where H takes fewer
// multiplications: 2 N m d_v against N² (m + d_v) bidirectional; and causal, where
// a block of 32 tokens brings its own, N m (4 d_v + 128) against 3 N² m.
func TestOutputsAreRecalledFromH(t *testing.T) {
	for _, s := range allSeries() {
		for _, at := range s.sizes {
			n, m, dv := float64(at.tokens), float64(at.neurons), float64(at.values)
			byH, byProducts := 2*n*m*dv, n*n*(m+dv)
			if s.work.causal {
				byH, byProducts = n*m*(4*dv+128), 3*n*n*m
			}
			if !s.work.attention && byH >= byProducts {
				t.Errorf("%s at %v: inner products are cheaper", s.name, at)
			}
		}
	}
}

func TestExponent(t *testing.T) {
	s := series{vary: func(s size) int { return s.tokens }}
	for _, n := range []int{10, 20, 40} {
		s.sizes = append(s.sizes, size{tokens: n})
		s.seconds = append(s.seconds, 3*math.Pow(float64(n), 1.5))
	}
	if e := s.exponent(); math.Abs(e-1.5) > 1e-12 { // rounding
		t.Errorf("exponent %g", e)
	}
}
