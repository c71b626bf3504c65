package integrator

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
)

func constant(_ float64, _, dy []float64) { dy[0] = 1 }

// A grid, or save times, against the direction of the integration are refused
// with the remedy, and nothing is integrated: never one giant step, never a
// number from outside a step.
func TestTimesAgainstTheDirection(t *testing.T) {
	problem := Problem{Derivative: growth}
	for _, span := range []Span{{0, 1}, {1, 0}} {
		grid := []float64{0.25, 0.5, 0.75}
		if span[0] < span[1] {
			grid = []float64{0.75, 0.5, 0.25}
		}
		for name, s := range map[string]Settings{"Grid": {Grid: grid}, "Save.At": {Save: Save{At: grid}}} {
			sol, err := Solve(context.Background(), problem, []float64{1}, span, nil, s)
			if ends := fmt.Sprintf("from %v to %v", grid[0], grid[2]); name == "Grid" && !strings.Contains(fmt.Sprint(err), ends) {
				t.Errorf("%v does not say %q", err, ends)
			}
			if err == nil || sol != nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "direction") {
				t.Errorf("%s over %v: %v, %v", name, span, sol, err)
			}
			it, err := New(problem, 1, nil, s)
			if err != nil {
				t.Fatal(err)
			}
			it.Reset(span[0], []float64{1})
			st := it.Advance(context.Background(), span[1])
			if st.Reason != WrongDirection || it.Time() != span[0] || it.Stats().Steps != 0 || len(it.Saved().Times) != 0 {
				t.Errorf("%s over %v: %v at %v", name, span, st, it.Time())
			}
			if st.Err() == nil || !strings.Contains(st.Err().Error(), "Settings."+name) || !strings.Contains(st.Err().Error(), "direction") {
				t.Errorf("%q does not say what to do", st)
			}
		}
	}
}

// Save times that are all dealt with do not hinder the way back.
func TestBackAfterSaving(t *testing.T) {
	it, err := New(Problem{Derivative: constant}, 1, nil, Settings{Save: Save{At: []float64{0.5, 1}}})
	if err != nil {
		t.Fatal(err)
	}
	it.Reset(0, []float64{0})
	for _, end := range []float64{1, 0} {
		if st := it.Advance(context.Background(), end); st.Early() {
			t.Fatal(st)
		}
	}
	if got := fmt.Sprint(it.Saved().Times); got != "[0.5 1]" {
		t.Errorf("saved at %v", got)
	}
}

// An Advance over nothing has no direction: it offers the start and leaves all
// other save times for later, whichever way that goes.
func TestAdvanceOverNothing(t *testing.T) {
	for _, c := range []struct {
		at  []float64
		end float64
	}{{[]float64{2, 1, 0}, 0}, {[]float64{2, 3, 4}, 4}, {[]float64{1.5}, 1}} {
		it, err := New(Problem{Derivative: constant}, 1, nil, Settings{Save: Save{At: c.at}})
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(2, []float64{2}) // y = t
		for _, end := range []float64{2, 2, c.end} {
			if st := it.Advance(context.Background(), end); st.Early() {
				t.Fatal(st)
			}
		}
		const rounding = 1e-15 // of sums of a few steps, relative to 4
		if fmt.Sprint(it.Saved().Times) != fmt.Sprint(c.at) || largestDifference(it.Saved().Values, c.at) > 4*rounding {
			t.Errorf("saved %v at %v, want %v", it.Saved().Values, it.Saved().Times, c.at)
		}
	}
}

// f jumps from 1 to −1 at t = 1, where a terminal event is too: the derivative
// known there is that of the time before and must not be used after. Every
// method is exact for both pieces, so y(2) = 0 to rounding.
func TestTerminalEventAtDiscontinuity(t *testing.T) {
	f := func(t float64, _, dy []float64) {
		if dy[0] = 1; t > 1 {
			dy[0] = -1
		}
	}
	event := Event{Terminal: true, Function: func(t float64, _ []float64) float64 { return t - 1 }}
	const rounding = 1e-14 // of sums of some ten steps, relative to 1
	for _, m := range Methods() {
		for _, s := range []Settings{{}, {Step: 0.25}, {Grid: []float64{0.5, 1, 1.5, 2}}} {
			if m.ErrorOrder() == 0 && s.Step == 0 && s.Grid == nil {
				continue
			}
			it, err := New(Problem{Derivative: f, Discontinuities: []float64{1}, Events: []Event{event}}, 1, m, s)
			if err != nil {
				t.Fatal(err)
			}
			it.Reset(0, []float64{0})
			if st := it.Advance(context.Background(), 2); st.Reason != TerminalEvent || it.Time() != 1 {
				t.Fatalf("%s: %v", m.Name(), st)
			}
			if st := it.Advance(context.Background(), 2); st.Reason != ReachedEnd {
				t.Fatalf("%s: %v", m.Name(), st)
			}
			if y := it.State()[0]; math.Abs(y) > rounding || it.Stats().Discontinuities != 1 || len(it.Crossings()) != 1 {
				t.Errorf("%s: y(2) = %v after %d discontinuities, crossings %v", m.Name(), y, it.Stats().Discontinuities, it.Crossings())
			}
		}
	}
}

// Events at one instant are all reported, also when the first of them is
// terminal; those that come later are found after going on, once.
func TestEventsAtOneInstant(t *testing.T) {
	line := func(at, slope float64, terminal bool) Event {
		return Event{Terminal: terminal, Function: func(t float64, _ []float64) float64 { return slope * (t - at) }}
	}
	for _, at := range []float64{0.3, 0.5, 1} { // inside a step and at ends
		events := []Event{line(at, 1, true), line(at, -3, false), line(at, 0.7, false), line(1.5, 1, false), line(at+1e-9, 1, false)}
		it, err := New(Problem{Derivative: constant, Events: events}, 1, Dopri5(), Settings{Step: 0.5})
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0, []float64{0})
		st := it.Advance(context.Background(), 2)
		if st.Reason != TerminalEvent || st.Event != 0 {
			t.Fatalf("%v: %v", at, st)
		}
		if st := it.Advance(context.Background(), 2); st.Early() {
			t.Fatalf("%v: %v", at, st)
		}
		count := make([]int, len(events))
		for _, c := range it.Crossings() {
			count[c.Event]++
			want := []float64{at, at, at, 1.5, at + 1e-9}[c.Event]
			if math.Abs(c.Time-want) > 1e-14 { // a few units in the last place of 1.5
				t.Errorf("event %d at %v, want %v", c.Event, c.Time, want)
			}
		}
		if fmt.Sprint(count) != "[1 1 1 1 1]" {
			t.Errorf("terminal event at %v: events met %v times; want each once", at, count)
		}
	}
}

// Restart puts a grid back to the first end beyond the new start.
func TestRestartRewindsTheGrid(t *testing.T) {
	for _, c := range []struct {
		grid     []float64
		from, to float64
		restart  float64
		want     string
	}{
		{[]float64{1, 2, 3, 4}, 0, 3, 1.5, "[1 2 3 2 3 4]"},
		{[]float64{3, 2, 1, 0}, 4, 1, 2, "[3 2 1 1 0]"},
		{[]float64{1, 2, 3, 4}, 0, 2, 3, "[1 2 4]"},
		{[]float64{4}, 0, 4, 2, "[4 4]"},
	} {
		it, err := New(Problem{Derivative: constant}, 1, RK4(), Settings{Grid: c.grid, RecordSteps: true})
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(c.from, []float64{0})
		if st := it.Advance(context.Background(), c.to); st.Early() {
			t.Fatal(st)
		}
		it.Restart(c.restart, []float64{0})
		if st := it.Advance(context.Background(), c.grid[len(c.grid)-1]); st.Early() {
			t.Fatal(st)
		}
		if got := fmt.Sprint(it.Steps()); got != c.want {
			t.Errorf("grid %v restarted at %v: steps %s, want %s", c.grid, c.restart, got, c.want)
		}
	}
}
