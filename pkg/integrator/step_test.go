package integrator

import (
	"context"
	"fmt"
	"math"
	"testing"
)

// A step that would nearly reach the bound does; one that would leave less than
// itself takes half of what is left; others are as long as wanted. MaxStep is
// not exceeded for the sake of the bound.
func TestPlan(t *testing.T) {
	const far = 100.
	for _, c := range []struct{ left, next, longest, want float64 }{
		{8, 8, 8, 8}, {8, 8, far, 8}, {1, 8, far, 1}, {8.0625, 8, far, 8.0625}, {8.25, 8, far, 4.125}, {8.0625, 8, 8, 4.03125},
		{15.9375, 8, far, 7.96875}, {16, 8, far, 8}, {16.5, 8, far, 8}, {far, 8, far, 8},
	} {
		for _, dir := range []float64{1, -1} {
			it := &Integrator{t: 32, next: c.next, settings: Settings{MaxStep: c.longest}}
			if got := it.plan(32+dir*c.left, dir); got != 32+dir*c.want {
				t.Errorf("%+v in direction %v: a step to %v", c, dir, got)
			}
		}
	}
}

// The wanted step is held between the limits: ten units in the last place of t
// (of whatever sign) or MinStep, and MaxStep or what float64 can sum.
func TestAllowedSteps(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ at, shortest, longest, size, want float64 }{
		{1, 0, inf, 0, 10 * 0x1p-52}, {-1, 0, inf, 0, 10 * 0x1p-52}, {-0.75, 0, inf, 0, 10 * 0x1p-53}, {0, 0.5, 2, 0.25, 0.5}, {0, 0.5, 2, 1, 1}, {0, 0.5, 2, 3, 2}, {0, 0, inf, inf, 1e300},
	} {
		it := &Integrator{t: c.at, settings: Settings{MinStep: c.shortest, MaxStep: c.longest}}
		if got := it.allowed(c.size); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// Equal steps are the fewest not longer than Step, to one part in 1e9.
func TestEqualSteps(t *testing.T) {
	for _, c := range []struct {
		length float64
		steps  int
	}{{4, 4}, {4 * (1 + 0.98e-9), 4}, {4 * (1 + 1.02e-9), 5}, {3.5, 4}, {1e-3, 1}, {1e-12, 1}} {
		sol, err := Solve(context.Background(), Problem{Derivative: constant}, []float64{0}, Span{0, c.length}, RK4(), Settings{Step: 1})
		if err != nil || sol.Stats.Accepted != c.steps || sol.Stats.LargestStep > 1+1e-9 {
			t.Errorf("over %v: %v, %v; want %d steps", c.length, sol.Stats, err, c.steps)
		}
	}
}

// A step cut short by a bound says nothing against the longer one: after a save
// at every small distance, steps are what they were before; and a step that has
// been cut and still found too long does.
func TestCutStepsDoNotShortenTheNext(t *testing.T) {
	it, err := New(Problem{Derivative: constant}, 1, nil, Settings{FirstStep: 8, Control: Control{I: 1, MaxFactor: 1.5}})
	if err != nil {
		t.Fatal(err)
	}
	it.Reset(0, []float64{0})
	it.Advance(context.Background(), 0.001)
	if it.next != 8 {
		t.Errorf("after a cut step of 0.001 the next is %v, wanted before it: 8", it.next)
	}
	it.past.rejected = true // nor where the step must not grow
	if it.Advance(context.Background(), 0.002); it.next != 8 {
		t.Errorf("after a rejected and a cut step the next is %v, wanted before it: 8", it.next)
	}
	it.Advance(context.Background(), 0.002+7.97) // not much shorter than wanted: not cut
	if it.next != 7.97*1.5 && math.Abs(it.next-7.97*1.5) > 1e-12 {
		t.Errorf("after a step of 7.97 without an error the next is %v, want half as much again", it.next)
	}
}

// SteadyTime · f just as large as the tolerance is steady, a little more is not.
func TestSteadyAtTheTolerance(t *testing.T) {
	for slope, want := range map[float64]Reason{1: Steady, math.Nextafter(1, 2): ReachedEnd} {
		f := func(_ float64, _, dy []float64) { dy[0] = slope }
		sol, err := Solve(context.Background(), Problem{Derivative: f}, []float64{0}, Span{0, 1}, RK4(), Settings{Step: 1, Rtol: 5e-324, Atol: 0.5, SteadyTime: 0.5})
		if err != nil || sol.Status.Reason != want {
			t.Errorf("slope %v: %v, %v", slope, sol.Status, err)
		}
	}
}

// What is not finite is found where it is, in the derivative at a stage or at the
// end, or in a state that finite derivatives lead out of float64.
func TestNotFiniteIsFound(t *testing.T) {
	huge := []float64{1, 1.7e308}
	for n, f := range []Derivative{
		func(_ float64, _, dy []float64) { dy[0], dy[1] = 0, 1e308 },
		func(_ float64, _, dy []float64) { dy[0], dy[1] = 1e308, 0 },
		func(t float64, _, dy []float64) { dy[0], dy[1] = 0, 1/max(0, 0.5-t) },
		func(t float64, _, dy []float64) { dy[0], dy[1] = math.Sqrt(0.7-t), 0 },
		func(t float64, _, dy []float64) { dy[0], dy[1] = 1/max(0, 0.5-t), 0 },
	} {
		want := []int{1, 0, 1, 0, 0}[n]
		start := []float64{1, 1}
		if n < 2 {
			start = []float64{huge[n], huge[1-n]}
		}
		for _, m := range Methods() {
			sol, err := Solve(context.Background(), Problem{Derivative: f}, start, Span{0, 1}, m, Settings{Step: 1})
			if n > 1 && m.Name() == "euler" { // looks at the start only
				continue
			}
			if err == nil || sol.Status.Reason != NotFinite || sol.Status.Component != want || sol.Status.Step != 1 || sol.Status.Value-sol.Status.Value == 0 {
				t.Errorf("%s, case %d: %v, %+v", m.Name(), n, err, sol.Status)
			}
			// A sum of infinite derivatives may be NaN; the derivative found first is not.
			if infinite := n == 2 || n == 4; infinite && !math.IsInf(sol.Status.Value, 1) {
				t.Errorf("%s, case %d: found %v", m.Name(), n, sol.Status.Value)
			}
		}
	}
}

// The component in a message about steps too short is the one with the largest
// error in units of its own group's tolerance, left-out groups aside.
func TestWorstComponent(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		estimate []float64
		groups   []Group
		want     int
	}{
		{[]float64{1, -3, 2}, []Group{{To: 3, Atol: 1}}, 1},
		{[]float64{1, -3, 2}, []Group{{To: 1, Atol: 0.25}, {From: 1, To: 3, Atol: 1}}, 0},
		{[]float64{1, -3, 2}, []Group{{To: 2, Atol: inf}, {From: 2, To: 3, Atol: 1}}, 2},
		{[]float64{1, -3, 2}, []Group{{To: 3, Rtol: 1, Atol: 1}}, 2}, // 1/(1+2), 3/(1+8), 2/(1+4)
		{[]float64{1, -3, 2}, []Group{{To: 3, Atol: inf}}, -1},
		{[]float64{2, 2, 2}, []Group{{To: 3, Atol: 1}}, 0},
	} {
		it := &Integrator{ws: &rkWorkspace{err: c.estimate}, y: []float64{2, 0, 4}, new: []float64{-1, -8, 0}, settings: Settings{Groups: c.groups}}
		if got := it.worst(); got != c.want {
			t.Errorf("%+v: component %d", c, got)
		}
	}
}

// Events, memories and settings aside, a status that is about no component says −1.
func TestStatusesWithoutAComponent(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	event := []Event{{Terminal: true, Function: func(t float64, _ []float64) float64 { return t - 0.5 }}}
	for reason, c := range map[Reason]struct {
		ctx      context.Context
		events   []Event
		settings Settings
	}{
		ReachedEnd:    {context.Background(), nil, Settings{}},
		TerminalEvent: {context.Background(), event, Settings{}},
		Steady:        {context.Background(), nil, Settings{SteadyTime: 1e-20}},
		Canceled:      {ctx, nil, Settings{}},
		TooManySteps:  {context.Background(), nil, Settings{Step: 0.1, MaxSteps: 2}},
		OutOfTime:     {context.Background(), nil, Settings{TimeLimit: 1}},
		StepUnderflow: {context.Background(), nil, Settings{MaxStep: 5e-324}},
		GridEnded:     {context.Background(), nil, Settings{Grid: []float64{0.5}}},
	} {
		it, err := New(Problem{Derivative: growth, Events: c.events}, 1, nil, c.settings)
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0.25, []float64{1})
		if st := it.Advance(c.ctx, 1); st.Reason != reason || st.Component != -1 || st.Time != it.Time() {
			t.Errorf("%v: %+v", reason, st)
		}
	}
	for reason, want := range map[Reason]string{-1: "Reason(-1)", Unstarted: "unstarted", Endless: "endless", TooLarge: "too large", TooLarge + 1: "Reason(13)"} {
		if got := fmt.Sprint(reason); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A norm that comes to NaN although all numbers are finite is said to be at fault.
func TestNormAtFault(t *testing.T) {
	norm := NormFunc(func(at, _ float64, _, _, _ []float64) float64 { return math.Sqrt(0.5 - at) })
	sol, err := Solve(context.Background(), Problem{Derivative: constant}, []float64{0}, Span{0, 10}, nil, Settings{Norm: norm, FirstStep: 0.75, MinStep: 0.5, MaxStep: 0.75})
	if err == nil || sol.Status.Reason != NotFinite || sol.Status.Component != -1 || !math.IsNaN(sol.Status.Value) || sol.Time != 0.75 {
		t.Errorf("%v, %+v", err, sol.Status)
	}
}

// Solve takes a span in either direction whose save times lie in it, ends
// included, and an infinite end where anything but the clock's end can stop it.
func TestSpans(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	never := []Event{{Function: func(float64, []float64) float64 { return 1 }}}
	once := []Event{{Terminal: true, Function: func(t float64, _ []float64) float64 { return t - 2 }}}
	save := func(at ...float64) Settings { return Settings{Save: Save{At: at}} }
	for _, c := range []struct {
		span     Span
		events   []Event
		settings Settings
		fine     bool
	}{
		{Span{0, 1}, nil, save(0, 1), true},
		{Span{1, 0}, nil, save(1, 0), true},
		{Span{0, 1}, nil, save(math.Nextafter(0, -1)), false},
		{Span{0, 1}, nil, save(0, math.Nextafter(1, 2)), false},
		{Span{1, 0}, nil, save(math.Nextafter(0, -1)), false},
		{Span{1, 0}, nil, save(math.Nextafter(1, 2), 0), false},
		{Span{1, 0}, nil, save(0, 1), false},
		{Span{0, 1}, nil, save(1, 0), false},
		{Span{1, 1}, nil, save(1), true},
		{Span{nan, 1}, nil, Settings{}, false},
		{Span{0, nan}, nil, Settings{}, false},
		{Span{-inf, 1}, nil, Settings{MaxSteps: 3}, false},
		{Span{0, inf}, nil, Settings{}, false},
		{Span{0, inf}, never, Settings{}, false},
		{Span{0, inf}, once, Settings{}, true},
		{Span{0, inf}, nil, Settings{SteadyTime: 1}, true},
		{Span{0, -inf}, nil, Settings{SteadyTime: 1}, true},
		{Span{0, inf}, nil, Settings{MaxSteps: 3}, true},
		{Span{0, inf}, nil, Settings{TimeLimit: 1}, true},
		{Span{0, inf}, nil, Settings{MaxSteps: 3, Step: 1}, false},
		{Span{0, inf}, nil, Settings{MaxSteps: 3, Grid: []float64{1}}, false},
	} {
		sol, err := Solve(context.Background(), Problem{Derivative: growth, Events: c.events}, []float64{0}, c.span, nil, c.settings)
		if (sol != nil) != c.fine {
			t.Errorf("%v with %+v: %v, %v", c.span, c.settings, sol, err)
		}
		if sol != nil && len(sol.Saved.Times) != len(c.settings.Save.At) {
			t.Errorf("%v: saved at %v", c.span, sol.Saved.Times)
		}
	}
}
