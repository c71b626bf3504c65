package main

import (
	"math"
	"testing"

	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/pkg/integrator/problems"
)

// The page has a place for what is measured here.
func TestPage(t *testing.T) {
	if err := page.Check("../../docs/performance.md", equalBlock, pointsBlock, ownBlock); err != nil {
		t.Error(err)
	}
}

// Every problem has a floor, and its own end is without error.
func TestFloors(t *testing.T) {
	for _, p := range problems.Stiff() {
		c := &kase{problem: p, floor: floors[p.Name]}
		end := make([]float64, len(p.Y0))
		p.Exact(p.Span[1], end)
		if c.floor == 0 || c.wrong(end) != 0 {
			t.Errorf("%s: floor %g, error of its end %g", p.Name, c.floor, c.wrong(end))
		}
		end[0] += 1e-3 * (math.Abs(end[0]) + c.floor)
		if got := c.wrong(end); math.Abs(got-1e-3) > 1e-9 {
			t.Errorf("%s: error %g, want 1e-3", p.Name, got)
		}
	}
}

func TestAnswer(t *testing.T) {
	var x point
	seconds, end, err := readAnswer("12 34 5 0.25 1.5 -2\n", &x)
	if err != nil || seconds != 0.25 || len(end) != 2 || end[1] != -2 || x.steps != 12 || x.evaluations != 34 {
		t.Errorf("%v s, end %v, %+v, %v", seconds, end, x, err)
	}
	for _, text := range []string{"", "12 34 5 0.25", "12 34 five 0.25 1"} {
		if _, _, err := readAnswer(text, &x); err == nil {
			t.Errorf("%q is an answer", text)
		}
	}
}

// A power law is a straight line between logarithms.
func TestInterpolation(t *testing.T) {
	c := &curve{}
	for _, wrong := range []float64{1e-3, 1e-5, 1e-9} {
		c.points = append(c.points, &point{wrong: wrong, seconds: 1 / math.Sqrt(wrong)})
	}
	if got := c.at(1e-6, seconds); math.Abs(got-1e3) > 1e-9 {
		t.Errorf("%g s at 1e-6, want 1000", got)
	}
	if got := c.at(1e-2, seconds); !math.IsNaN(got) {
		t.Errorf("%g s beyond what was measured", got)
	}
}
