package integrator

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator/problems"
)

// rootBound is the promise on the time of a crossing, as a root of the
// interpolant.
const rootBound = 1e-10

// At the time reported, the interpolated state that the event was shown is on
// the surface to the bound times the speed (1 here), and the true crossings,
// at multiples of π, are met to the accuracy of the solution.
func TestEventsOfTheOscillator(t *testing.T) {
	p := problems.Oscillator()
	for _, m := range Methods() {
		for _, d := range []Direction{Either, Rising, Falling} {
			var values []float64
			event := Event{Direction: d, Function: func(_ float64, y []float64) float64 { return y[0] },
				Found: func(_ float64, y []float64) { values = append(values, y[0]) }}
			settings := Settings{Rtol: 1e-8, Atol: 1e-8}
			if m.Order() < 4 {
				settings = Settings{Step: 1e-4}
			} else if m.ErrorOrder() == 0 {
				settings = Settings{Step: 1e-2}
			}
			sol, err := Solve(context.Background(), Problem{Derivative: p.Derivative, Events: []Event{event}}, []float64{0, 1}, Span{0, 10}, m, settings)
			if err != nil {
				t.Fatal(err)
			}
			want := map[Direction][]float64{Either: {math.Pi, 2 * math.Pi, 3 * math.Pi}, Rising: {2 * math.Pi}, Falling: {math.Pi, 3 * math.Pi}}[d]
			if len(sol.Crossings) != len(want) {
				t.Fatalf("%s, direction %d: crossings %v, want %v", m.Name(), d, sol.Crossings, want)
			}
			bound := 1e-6 // of the solutions themselves; Euler's phase drifts by h²/3 a step
			if m.Order() == 1 {
				bound = 1e-4
			}
			for n, c := range sol.Crossings {
				if math.Abs(values[n]) > rootBound {
					t.Errorf("%s: the event function is %.2g at the crossing", m.Name(), values[n])
				}
				if math.Abs(c.Time-want[n]) > bound {
					t.Errorf("%s: crossing at %v, want %v", m.Name(), c.Time, want[n])
				}
			}
		}
	}
}

// A ball thrown up and bouncing without loss, by hand: terminal events, a
// changed state, and on. It lands every 2v/g.
func TestTerminalEventAndRestart(t *testing.T) {
	const g, v = 9.81, 5.0
	f := func(_ float64, y, dy []float64) { dy[0], dy[1] = y[1], -g }
	ground := Event{Name: "ground", Terminal: true, Direction: Falling, Function: func(_ float64, y []float64) float64 { return y[0] }}
	it, err := New(Problem{Derivative: f, Events: []Event{ground}}, 2, Dopri5(), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	it.Reset(0, []float64{0, v})
	for n := 1; n <= 20; n++ {
		st := it.Advance(context.Background(), 1e3)
		if st.Reason != TerminalEvent || st.Err() != nil || !st.Early() {
			t.Fatalf("bounce %d: %v", n, st)
		}
		if want := float64(n) * 2 * v / g; math.Abs(it.Time()-want) > rootBound || it.Time() != st.Time {
			t.Fatalf("bounce %d at %v, want %v", n, it.Time(), want)
		}
		it.SetState([]float64{0, -it.State()[1]})
	}
}

// After a terminal event the integration goes on from the event's state, with
// nothing of the step that was cut: the end is as right as without the event.
func TestGoingOnAfterTerminalEvent(t *testing.T) {
	p := problems.Oscillator()
	for _, m := range Methods() {
		if m.Order() < 4 {
			continue
		}
		s := Settings{Rtol: 1e-9, Atol: 1e-9}
		if m.ErrorOrder() == 0 {
			s.Step = 0.01
		}
		it, err := New(Problem{Derivative: p.Derivative, Events: []Event{{Terminal: true, Function: func(_ float64, y []float64) float64 { return y[0] }}}}, 2, m, s)
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0, []float64{0, 1})
		stops := 0
		for st := it.Advance(context.Background(), 10); st.Early(); st = it.Advance(context.Background(), 10) {
			if stops++; st.Reason != TerminalEvent || stops > 3 {
				t.Fatalf("%s: stop %d: %v", m.Name(), stops, st)
			}
		}
		if stops != 3 || math.Abs(it.State()[0]-math.Sin(10)) > 1e-7 {
			t.Errorf("%s: %d stops, error %.2g", m.Name(), stops, it.State()[0]-math.Sin(10))
		}
	}
}

// A zero exactly at a step's end is one crossing, there.
func TestEventAtStepEnd(t *testing.T) {
	f := func(_ float64, _, dy []float64) { dy[0] = 1 }
	event := Event{Function: func(t float64, _ []float64) float64 { return max(t-0.5, min(t-0.25, 0)) }} // 0 on [0.25, 0.5]
	sol, err := Solve(context.Background(), Problem{Derivative: f, Events: []Event{event}}, []float64{0}, Span{0, 1}, nil, Settings{Step: 0.25})
	if err != nil || len(sol.Crossings) != 1 || sol.Crossings[0].Time != 0.25 {
		t.Errorf("%v, %v", sol.Crossings, err)
	}
}

// A crossing at a step's end is at that end to the last bit, also where t + h
// with h = tNew − t is another number.
func TestEventAtRoundedStepEnd(t *testing.T) {
	last, rounded := -0.3, 0
	for end := 0.01; end < 1e3; end *= 3.1 {
		if last+(end-last) == end {
			last = end
			continue
		}
		rounded++
		zero := func(t float64, _ []float64) float64 { return min(t-end, 0) } // first 0 at the end itself
		for _, terminal := range []bool{false, true} {
			events := []Event{{Function: zero, Terminal: terminal}, {Function: zero}}
			sol, err := Solve(context.Background(), Problem{Derivative: constant, Events: events}, []float64{0}, Span{last, end}, RK4(), Settings{Grid: []float64{end}})
			if err != nil || len(sol.Crossings) != 2 || sol.Crossings[0].Time != end || sol.Crossings[1].Time != end || sol.Time != end {
				t.Errorf("from %v to %v: crossings %v, %v", last, end, sol.Crossings, err)
			}
		}
		last = end
	}
	if rounded == 0 {
		t.Error("no step has a rounded size")
	}
}

// Two crossings within one step are found with Samples and missed without, and
// the earliest terminal event of several ends the step.
func TestSamplesAndOrder(t *testing.T) {
	f := func(_ float64, _, dy []float64) { dy[0] = 1 }
	bump := func(a, b float64) func(float64, []float64) float64 {
		return func(_ float64, y []float64) float64 { return (y[0] - a) * (y[0] - b) }
	}
	for samples, want := range map[int]int{0: 0, 1: 2, 7: 2} {
		p := Problem{Derivative: f, Events: []Event{{Function: bump(0.3, 0.6), Samples: samples}}}
		sol, err := Solve(context.Background(), p, []float64{0}, Span{0, 1}, Dopri5(), Settings{Step: 1})
		if err != nil || len(sol.Crossings) != want {
			t.Errorf("%d samples: %v, %v; want %d crossings", samples, sol.Crossings, err, want)
		}
	}
	var looks []float64
	look := func(t float64, _ []float64) float64 { looks = append(looks, t); return 1 }
	if _, err := Solve(context.Background(), Problem{Derivative: f, Events: []Event{{Function: look, Samples: 3}}}, []float64{0}, Span{0, 1}, nil, Settings{Step: 1}); err != nil || fmt.Sprint(looks) != "[0 0.25 0.5 0.75 1]" {
		t.Errorf("3 samples: looked at %v, %v", looks, err)
	}
	line := func(at float64, terminal bool) Event {
		return Event{Function: func(_ float64, y []float64) float64 { return y[0] - at }, Terminal: terminal}
	}
	p := Problem{Derivative: f, Events: []Event{line(0.9, true), line(0.7, true), line(0.2, false), line(0.8, false)}}
	sol, err := Solve(context.Background(), p, []float64{0}, Span{0, 1}, RK4(), Settings{Step: 1})
	if err != nil || sol.Status.Event != 1 || math.Abs(sol.Time-0.7) > rootBound || math.Abs(sol.State[0]-0.7) > rootBound {
		t.Fatalf("%v %v %v", sol.Status, sol.State, err)
	}
	if len(sol.Crossings) != 2 || sol.Crossings[0].Event != 2 || sol.Crossings[1].Event != 1 {
		t.Errorf("crossings %v; want events 2 and 1", sol.Crossings)
	}
}

// Backwards in time the direction is that of the integration, and the time of
// the crossing the same.
func TestEventBackwards(t *testing.T) {
	p := problems.Oscillator()
	event := Event{Direction: Falling, Function: func(_ float64, y []float64) float64 { return y[0] }}
	sol, err := Solve(context.Background(), Problem{Derivative: p.Derivative, Events: []Event{event}},
		[]float64{math.Sin(4), math.Cos(4)}, Span{4, 1}, Dop853(), Settings{Rtol: 1e-12, Atol: 1e-12})
	if err != nil || len(sol.Crossings) != 0 {
		t.Fatalf("sin rises through π backwards, but %v, %v", sol.Crossings, err)
	}
	event.Direction = Rising
	sol, err = Solve(context.Background(), Problem{Derivative: p.Derivative, Events: []Event{event}},
		[]float64{math.Sin(4), math.Cos(4)}, Span{4, 1}, Dop853(), Settings{Rtol: 1e-12, Atol: 1e-12})
	if err != nil || len(sol.Crossings) != 1 || math.Abs(sol.Crossings[0].Time-math.Pi) > rootBound {
		t.Fatalf("%v, %v", sol.Crossings, err)
	}
}

// root against functions with known zeros, the hard ones for secants included.
func TestRoot(t *testing.T) {
	for _, c := range []struct {
		name    string
		g       func(float64) float64
		a, b, x float64
	}{
		{"curve", func(x float64) float64 { return x*x + x/2 - 0.3 }, 0, 1, (math.Sqrt(1.45) - 0.5) / 2},
		{"line", func(x float64) float64 { return x - 0.3 }, 0, 1, 0.3},
		{"flat", func(x float64) float64 { return math.Pow(x-0.4, 9) }, 0, 1, 0.4},
		{"steep", func(x float64) float64 { return math.Atan(1e6 * (x - 0.123456)) }, 0, 1, 0.123456},
		{"step", func(x float64) float64 { return math.Copysign(1, x-0.77) }, 0, 1, 0.77},
		{"end", func(x float64) float64 { return x - 1 }, 0, 1, 1},
		{"falling", func(x float64) float64 { return math.Exp(-x) - 0.5 }, 0, 1, math.Ln2},
	} {
		gb, count := c.g(c.b), 0
		counted := func(x float64) float64 { count++; return c.g(x) }
		x := root(counted, c.a, c.g(c.a), c.b, gb, 1e-15)
		// The ninth power is 0 in float64 for |x − 0.4| < 1e-36, not sooner.
		if math.Abs(x-c.x) > 1e-14 {
			t.Errorf("%s: root at %v, want %v", c.name, x, c.x)
		}
		if g := c.g(x); g != 0 && math.Signbit(g) != math.Signbit(gb) {
			t.Errorf("%s: g(%v) = %v is not on the far side", c.name, x, g)
		}
		// Digits grow by 1.6 or more an evaluation near a simple zero: one, then
		// sixteen after six, a few more to begin with and two to close the bracket.
		// At a step the bracket is halved each time, fifty times down to 1e-15.
		smooth := c.name == "curve" || c.name == "line" || c.name == "falling"
		if smooth && count > 10 || c.name == "step" && count > 52 {
			t.Errorf("%s: %d evaluations", c.name, count)
		}
	}
}
