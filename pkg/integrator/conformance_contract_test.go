package integrator

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator/problems"
)

// Clauses of TestConformance: what every method does with the equations it is given.

// With a derivative of zero each component stays as it is to the bit, at the
// end, between, and backwards.
func keepsAConstant(t *testing.T, m Method) {
	zero := func(_ float64, _, dy []float64) { clear(dy) }
	for name, s := range stepping(m) {
		for _, start := range [][]float64{{math.Pi}, {1e300, -math.Pi, math.SmallestNonzeroFloat64, 0, -1e-300, 1, 2, 3, 1. / 3}} {
			s.Save.At = []float64{0, 0.3, 1, 2.2, 4}
			sol, err := Solve(context.Background(), Problem{Derivative: zero}, start, Span{0, 4}, m, s)
			if err != nil {
				t.Fatal(err)
			}
			for n := range s.Save.At {
				if largestDifference(sol.Saved.Row(n), start) != 0 {
					t.Errorf("%s: %v at %v", name, sol.Saved.Row(n), s.Save.At[n])
				}
			}
			if largestDifference(sol.State, start) != 0 || sol.Stats.Rejected != 0 {
				t.Errorf("%s: %v became %v after %v", name, start, sol.State, sol.Stats)
			}
		}
	}
}

// An Advance to where the time is evaluates nothing and is there.
func nothingForNothing(t *testing.T, m Method) {
	for name, s := range stepping(m) {
		sol, err := Solve(context.Background(), Problem{Derivative: circuit}, []float64{0.2, 0.9}, Span{3, 3}, m, s)
		if err != nil || sol.Status.Reason != ReachedEnd || sol.Time != 3 || sol.Stats != (Stats{}) || fmt.Sprint(sol.State) != "[0.2 0.9]" {
			t.Errorf("%s: %+v, %v", name, sol, err)
		}
	}
}

// Without an end the steps grow until the state is steady: under f = 0 at once;
// in a decay to 0 once what is left is below the tolerance.
func goesOnWithoutEnd(t *testing.T, m Method) {
	const atol = 1e-5
	s := Settings{SteadyTime: 1, Rtol: atol, Atol: atol}
	for name, f := range map[string]Derivative{"nothing": func(_ float64, _, dy []float64) { dy[0] = 0 }, "decay": problems.Decay().Derivative} {
		sol, err := Solve(context.Background(), Problem{Derivative: f}, []float64{1}, Span{0, math.Inf(1)}, m, s)
		if err != nil || sol.Status.Reason != Steady {
			t.Fatalf("%s: %v, %v", name, sol, err)
		}
		if name == "nothing" && (sol.Stats.Accepted != 0 || sol.State[0] != 1) || name == "decay" && !(math.Abs(sol.State[0]) <= 1.0001*atol && sol.Stats.Accepted > 3) {
			t.Errorf("%s: %v at t = %v after %v", name, sol.State, sol.Time, sol.Stats)
		}
	}
}

// The derivative is asked for in the span only, the guess of the first step and
// dense output included, in either direction. So slow an f would allow of a trial
// step far beyond.
func asksForNothingOutside(t *testing.T, m Method) {
	for name, s := range stepping(m) {
		for _, span := range []Span{{0, 0.75}, {0.75, 0}} {
			if s.Grid != nil {
				s.Grid = []float64{span[0] + (span[1]-span[0])/4, span[1] + 3*(span[1]-span[0])}
			}
			s.Save.At = []float64{0.5}
			f := func(at float64, y, dy []float64) {
				if dy[0] = 0.01 * y[0]; at < 0 || at > 0.75 {
					t.Errorf("%s over %v: asked for at %v", name, span, at)
				}
			}
			if _, err := Solve(context.Background(), Problem{Derivative: f}, []float64{1}, span, m, s); err != nil {
				t.Error(err)
			}
		}
	}
}

// Copies of one equation side by side are each what the equation is alone, to
// the bit: nine of them on steps that do not ask for an error; two where the root
// mean square of two equal errors is that of one, exactly.
func componentsDoNotMix(t *testing.T, m Method) {
	for name, s := range stepping(m) {
		copies := 9 // one more than a vector register pair takes
		if name == "adaptive" {
			copies = 2
		}
		var states [2][]float64
		for n, dim := range []int{1, copies} {
			f := func(t float64, y, dy []float64) {
				for i, x := range y {
					dy[i] = math.Sin(t) - x*x
				}
			}
			start := make([]float64, dim)
			for i := range start {
				start[i] = 0.3
			}
			sol, err := Solve(context.Background(), Problem{Derivative: f}, start, Span{0, 4}, m, s)
			if err != nil {
				t.Fatal(err)
			}
			states[n] = sol.State
		}
		for _, x := range states[1] {
			if x != states[0][0] {
				t.Errorf("%s: alone %v, side by side %v", name, states[0], states[1])
			}
		}
	}
}
