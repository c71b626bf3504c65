package main

import (
	"math"
	"strings"
	"testing"
)

// powerLaw is a method that takes 1/√error seconds, in either of two rounds.
func powerLaw(name string, slower float64, errors ...float64) *curve {
	c := &curve{name: name, kind: peer}
	for _, e := range errors {
		s := slower / math.Sqrt(e)
		c.points = append(c.points, &point{curve: c, rtol: e, wrong: e, seconds: []float64{s, 2 * s}, evaluations: 1})
	}
	return c
}

// A power law is a straight line between logarithms, so interpolation is exact.
func TestTimesAtAreExactOnAPowerLaw(t *testing.T) {
	const rounding = 1e-12
	c := powerLaw("a", 1, 1e-3, 1e-5, 1e-9)
	for _, wrong := range []float64{1e-3, 3e-4, 1e-6, 1e-9} {
		for round, s := range c.timesAt(wrong) {
			if want := float64(round+1) / math.Sqrt(wrong); math.Abs(s-want) > rounding*want {
				t.Errorf("error %g, round %d: %g s, want %g", wrong, round, s, want)
			}
		}
	}
	for _, beyond := range []float64{2e-3, 5e-10} {
		if s := c.timesAt(beyond); !math.IsNaN(s[0]) {
			t.Errorf("error %g, which was not measured: %g s", beyond, s)
		}
	}
}

// Of several crossings of one error the cheapest counts.
func TestTheCheapestCrossingCounts(t *testing.T) {
	c := powerLaw("a", 1, 1e-3, 1e-5, 1e-3, 1e-7)
	c.points[2].seconds = []float64{1e4, 1e4}
	c.points[3].seconds = []float64{1e5, 1e5}
	if s := c.timesAt(1e-4)[0]; math.Abs(s-100) > 1e-10 { // rounding
		t.Errorf("%g s at 1e-4, want those of the first crossing, 100", s)
	}
}

func TestRatioTable(t *testing.T) {
	boost := powerLaw("Boost.Odeint dopri5", 6, 1e-3, 1e-9)
	exact := powerLaw("exact", 3e-10, 2e-13)
	never := powerLaw("never", 1, 1e-1, 1e-2)
	got := ratioTable([]*curve{exact, powerLaw("twice", 3, 1e-3, 1e-9), never, boost}, boost)
	for _, want := range []string{"| twice | 2.00 | 2.00 | 2.00 | – |\n", "| exact, error 2e-13 throughout |"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	for _, none := range []string{"never", "Boost.Odeint dopri5 |"} {
		if strings.Contains(got, none) {
			t.Errorf("%q is in\n%s", none, got)
		}
	}
}
