package integrator

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator/problems"
)

// A replayed grid gives the same steps and the same bits; an iteration wants the tolerances, too.
func TestReplay(t *testing.T) {
	p := problems.Kepler(0.5)
	for _, m := range Methods() {
		s := Settings{RecordSteps: true, Rtol: 1e-4, Atol: 1e-4}
		if m.ErrorOrder() == 0 {
			s.Step = 0.07
		}
		problem := Problem{Derivative: p.Derivative, Discontinuities: []float64{1, 2.5}}
		first, err := Solve(context.Background(), problem, p.Y0, p.Span, m, s)
		if err != nil {
			t.Fatal(err)
		}
		replay := Settings{Grid: first.Steps, RecordSteps: true}
		if _, iterates := m.(*Radau); iterates {
			replay.Rtol, replay.Atol = s.Rtol, s.Atol
		}
		again, err := Solve(context.Background(), problem, p.Y0, p.Span, m, replay)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(first.State, first.Steps) != fmt.Sprint(again.State, again.Steps) {
			t.Errorf("%s: the replay ends at %v after %d steps, the run at %v after %d", m.Name(), again.State, len(again.Steps), first.State, len(first.Steps))
		}
	}
	it, err := New(Problem{Derivative: growth}, 1, RK4(), Settings{Grid: []float64{0.1, 0.5, 1}, RecordSteps: true})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // Reset begins the grid anew; an end between its points is hit
		it.Reset(0, []float64{1})
		for _, end := range []float64{0.3, 1} {
			it.Advance(context.Background(), end)
		}
		if got := fmt.Sprint(it.Steps()); got != "[0.1 0.3 0.5 1]" {
			t.Errorf("steps %v", got)
		}
	}
	sol, err := Solve(context.Background(), Problem{Derivative: growth}, []float64{1}, Span{0, 1}, RK4(), Settings{Grid: []float64{0.5}})
	if err == nil || sol.Status.Reason != GridEnded || sol.Time != 0.5 {
		t.Errorf("a grid that ends early: %v, %v", sol, err)
	}
}

// Accepted sees each accepted step once, whatever the stepping.
func TestAcceptedSeesEveryStep(t *testing.T) {
	for _, s := range []Settings{{}, {Step: 0.3}, {Grid: []float64{0.4, 1, 2}}} {
		var ends []float64
		smallest, largest := math.Inf(1), 0.0
		s.RecordSteps = true
		s.Accepted = func(t, h float64, y []float64) {
			if len(ends) > 0 && math.Abs(ends[len(ends)-1]+h-t) > 1e-15 || math.Abs(y[0]/math.Exp(t)-1) > 1e-3 {
				ends = append(ends, math.NaN())
			}
			ends = append(ends, t)
			smallest, largest = min(smallest, h), max(largest, h)
		}
		sol, err := Solve(context.Background(), Problem{Derivative: growth}, []float64{1}, Span{0, 2}, nil, s)
		if err != nil || fmt.Sprint(ends) != fmt.Sprint(sol.Steps) || len(ends) != sol.Stats.Accepted {
			t.Errorf("%v: saw %v, recorded %v", err, ends, sol.Steps)
		}
		if sol.Stats.SmallestStep != smallest || sol.Stats.LargestStep != largest || sol.Stats.Steps != sol.Stats.Accepted+sol.Stats.Rejected {
			t.Errorf("%v, but steps of %v to %v were seen", sol.Stats, smallest, largest)
		}
	}
}

// Within sees each accepted step once, and in it what Save.At would keep there: up to an event
// that ends the integration, and by any method.
func TestWithinSeesTheDenseOutput(t *testing.T) {
	for _, method := range []Method{RK4(), Dopri5(), Dop853(), Rodas5P(), Radau9()} {
		for _, last := range []float64{0, 3} { // of which the latter is met
			var ends, times, seen []float64
			s := Settings{RecordSteps: true, Rtol: 1e-8, Atol: 1e-300}
			if method.ErrorOrder() == 0 {
				s.Step = 0.3
			}
			s.Within = func(from, to float64, at func(t float64, y []float64)) {
				if len(ends) > 0 && ends[len(ends)-1] != from {
					t.Errorf("%s: a step from %v, not %v", method.Name(), from, ends[len(ends)-1])
				}
				ends = append(ends, to)
				y := []float64{0}
				for _, share := range []float64{0.1, 0.5, 0.99} {
					when := from + share*(to-from)
					at(when, y)
					times, seen = append(times, when), append(seen, y[0])
				}
			}
			problem := Problem{Derivative: growth, Events: []Event{{Function: func(_ float64, y []float64) float64 { return y[0] - last }, Terminal: true}}}
			sol, err := Solve(context.Background(), problem, []float64{1}, Span{0, 2}, method, s)
			if err != nil || fmt.Sprint(ends) != fmt.Sprint(sol.Steps) {
				t.Fatalf("%s: %v: saw %v, recorded %v", method.Name(), err, ends, sol.Steps)
			}
			if stopped := ends[len(ends)-1] < 2; stopped != (last == 3) {
				t.Errorf("%s: ended at %v", method.Name(), ends[len(ends)-1])
			}
			s.Within, s.Save.At = nil, times
			kept, err := Solve(context.Background(), problem, []float64{1}, Span{0, 2}, method, s)
			if err != nil || fmt.Sprint(kept.Saved.Values) != fmt.Sprint(seen) {
				t.Errorf("%s: %v: saw %v, kept %v", method.Name(), err, seen, kept.Saved.Values)
			}
		}
	}
}

// A relaxation to 1 stops when what is left is below the tolerance, not much
// earlier and not much later, and the end may be infinite.
func TestSteadyState(t *testing.T) {
	f := func(_ float64, y, dy []float64) { dy[0] = 1 - y[0] }
	for _, end := range []float64{1e6, math.Inf(1)} {
		sol, err := Solve(context.Background(), Problem{Derivative: f}, []float64{0}, Span{0, end}, nil, Settings{Rtol: 1e-6, Atol: 1e-9, SteadyTime: 1})
		if err != nil || sol.Status.Reason != Steady {
			t.Fatalf("%v, %v", sol, err)
		}
		// |1 − y| · 1 s ≤ rtol, y ≈ 1; a step overshoots by its own local error.
		if left := math.Abs(1 - sol.State[0]); left > 1.01e-6 || sol.Time > 60 {
			t.Errorf("stopped at t = %v with %v left", sol.Time, left)
		}
	}
}

// Saved numbers: at the start, the end and between, as the whole state or a
// function of it, in rows, against the exact solution.
func TestSave(t *testing.T) {
	p := problems.Oscillator()
	at := []float64{0, 0.1, 2.5, 5}
	radius := func(_ float64, y, out []float64) { out[0], out[1] = math.Hypot(y[0], y[1]), y[1] }
	for _, m := range []Method{RK4(), Dopri5(), Tsit5(), Dop853()} {
		settings := Settings{Rtol: 1e-10, Atol: 1e-10, Save: Save{At: at}}
		if m.ErrorOrder() == 0 {
			settings.Step = 2e-3
		}
		whole, err := Solve(context.Background(), Problem{Derivative: p.Derivative}, p.Y0, p.Span, m, settings)
		if err != nil {
			t.Fatal(err)
		}
		settings.Save.Function, settings.Save.Width = radius, 2
		part, err := Solve(context.Background(), Problem{Derivative: p.Derivative}, p.Y0, p.Span, m, settings)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(whole.Saved.Times, part.Saved.Times) != fmt.Sprint(at, at) {
			t.Fatalf("%s: saved at %v and %v", m.Name(), whole.Saved.Times, part.Saved.Times)
		}
		for n, s := range at {
			// Tolerance 1e-10 a step over five time units, dense output of order 3 included.
			if w := whole.Saved.Row(n); math.Abs(w[0]-math.Sin(s)) > 1e-8 || math.Abs(w[1]-math.Cos(s)) > 1e-8 {
				t.Errorf("%s at %v: %v", m.Name(), s, w)
			}
			if r := part.Saved.Row(n); math.Abs(r[0]-1) > 1e-8 || r[1] != whole.Saved.Row(n)[1] {
				t.Errorf("%s at %v: %v", m.Name(), s, r)
			}
		}
		if whole.Stats.Steps != part.Stats.Steps || largestDifference(whole.State, part.State) != 0 {
			t.Errorf("%s: saving changed the steps", m.Name())
		}
	}
	// Segments: boundaries are saved once, and Restart passes over what is done.
	it, err := New(Problem{Derivative: growth}, 1, nil, Settings{Save: Save{At: []float64{0, 1, 1.5, 2, 2.5, 3}}})
	if err != nil {
		t.Fatal(err)
	}
	it.Reset(0, []float64{1})
	it.Advance(context.Background(), 1)
	it.Advance(context.Background(), 2)
	it.Restart(2, []float64{5})
	it.Advance(context.Background(), 2.25)
	it.Restart(2.5, []float64{5}) // 2.5 itself counts as dealt with
	it.Advance(context.Background(), 3)
	if got := fmt.Sprint(it.Saved().Times); got != "[0 1 1.5 2 3]" {
		t.Errorf("saved at %v", got)
	}
}

// A function without a width is called and nothing is stored.
func TestSaveNothing(t *testing.T) {
	calls := 0
	sol, err := Solve(context.Background(), Problem{Derivative: growth}, []float64{1}, Span{0, 1}, nil,
		Settings{Save: Save{At: []float64{0.5, 1}, Function: func(_ float64, _, out []float64) { calls += 1 + len(out) }}})
	if err != nil || calls != 2 || len(sol.Saved.Times) != 0 || len(sol.Saved.Values) != 0 {
		t.Errorf("%v: %d calls, saved %+v", err, calls, sol.Saved)
	}
}
