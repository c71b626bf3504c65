package integrator

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"
)

// The zero value is the defaults that the fields state, no more and no less.
func TestDefaults(t *testing.T) {
	stated := Settings{
		Rtol: 1e-6, Atol: 1e-9, Norm: RMS{}, MaxStep: math.Inf(1), MaxSteps: 1_000_000,
		Control: Control{I: 0.65, P: 0.2, Safety: 0.9, MinFactor: 0.2, MaxFactor: 10},
		Groups:  []Group{{From: 0, To: 3, Rtol: 1e-6, Atol: 1e-9}},
	}
	got, err := Settings{}.resolved(Dopri5(), 3)
	if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", stated) {
		t.Errorf("%v: the zero value is\n%+v, stated\n%+v", err, got, stated)
	}
	if got, err := (Settings{}).resolved(Rodas5P(), 3); err != nil || got.Control.I != 1 || got.Control.P != 0 || got.Control.D != 0 {
		t.Errorf("%v: an implicit method's gains are %+v", err, got.Control)
	}
	if got, err := (Settings{Control: PI()}).resolved(Rodas5P(), 3); err != nil || got.Control.I != 0.65 || got.Control.P != 0.2 {
		t.Errorf("%v: gains that are given to an implicit method are %+v", err, got.Control)
	}
	for _, s := range []Settings{{Step: 0.1}, {Grid: []float64{1}}} {
		if got, err := s.resolved(RK4(), 1); err != nil || got.MaxSteps != 0 {
			t.Errorf("prescribed steps are limited to %d, %v", got.MaxSteps, err)
		}
	}
	if DefaultRtol != 1e-6 || DefaultAtol != 1e-9 {
		t.Error("the exported defaults are others")
	}
}

// What is chosen is kept: no default replaces it.
func TestChosenSettingsAreKept(t *testing.T) {
	chosen := Settings{
		Rtol: 1e-3, Atol: 1e-2, Norm: Groupwise{}, MaxStep: 5, MinStep: 5, MaxSteps: 1, FirstStep: 2, Carry: CarryFirst, TimeLimit: 1,
		Control: Control{I: 0.1, P: 0.3, D: 0.2, Safety: 1, MinFactor: 0.5, MaxFactor: 1.5},
		Groups:  []Group{{From: 0, To: 1, Rtol: 0.1, Atol: math.Inf(1)}, {From: 1, To: 2, Rtol: 1e-3, Atol: 1e-2}},
	}
	for range 2 { // P and D of 0 are values once I is given
		got, err := chosen.resolved(Dopri5(), 2)
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", chosen) {
			t.Errorf("%v: chosen\n%+v, got\n%+v", err, chosen, got)
		}
		chosen.Control.P, chosen.Control.D = 0, 0
	}
}

// Each bound on a setting: the last value that is let through, and the first
// that is not.
func TestSettingsAtTheirBounds(t *testing.T) {
	control := func(c Control) Settings { c.I = 1; return Settings{Control: c} }
	group := func(g ...Group) Settings { return Settings{Groups: g} }
	inf := math.Inf(1)
	save := func(float64, []float64, []float64) {}
	for name, c := range map[string]struct{ in, out Settings }{
		"Rtol":            {Settings{Rtol: math.MaxFloat64}, Settings{Rtol: inf}},
		"a tolerance":     {Settings{Atol: inf, Step: 1}, Settings{Atol: inf}},
		"one tolerance":   {Settings{Atol: inf, Groups: []Group{{From: 1, To: 2, Atol: 1}}}, Settings{Atol: inf, Norm: Groupwise{}}},
		"a Grid without":  {Settings{Atol: inf, Grid: []float64{1}}, Settings{Groups: []Group{{To: 4, Atol: inf}}}},
		"Rtol's sign":     {Settings{Rtol: 5e-324}, Settings{Rtol: -5e-324}},
		"Atol's sign":     {Settings{Atol: 5e-324}, Settings{Atol: -5e-324}},
		"MaxSteps":        {Settings{MaxSteps: 1}, Settings{MaxSteps: -1}},
		"TimeLimit":       {Settings{TimeLimit: 1}, Settings{TimeLimit: -1}},
		"Carry":           {Settings{Carry: CarryFirst}, Settings{Carry: CarryFirst + 1}},
		"Carry's sign":    {Settings{Carry: Estimate}, Settings{Carry: -1}},
		"MinStep":         {Settings{MinStep: 1, MaxStep: 1}, Settings{MinStep: math.Nextafter(1, 2), MaxStep: 1}},
		"FirstStep":       {Settings{FirstStep: math.MaxFloat64}, Settings{FirstStep: inf}},
		"SteadyTime":      {Settings{SteadyTime: 1}, Settings{SteadyTime: -1}},
		"MaxStep":         {Settings{MaxStep: 5e-324}, Settings{MaxStep: math.NaN()}},
		"Step":            {Settings{Step: 1}, Settings{Step: 1, Grid: []float64{}}},
		"Width":           {Settings{Save: Save{Width: 1, Function: save}}, Settings{Save: Save{Width: -1, Function: save}}},
		"no Function":     {Settings{Save: Save{Width: 0}}, Settings{Save: Save{Width: 1}}},
		"Safety":          {control(Control{Safety: 1}), control(Control{Safety: math.Nextafter(1, 2)})},
		"Safety's sign":   {control(Control{Safety: 0.3}), control(Control{Safety: -0.3})},
		"MinFactor":       {control(Control{MinFactor: math.Nextafter(1, 0)}), control(Control{MinFactor: 1})},
		"its sign":        {control(Control{MinFactor: 0.1}), control(Control{MinFactor: -0.1})},
		"MaxFactor":       {control(Control{MaxFactor: math.Nextafter(1, 2)}), control(Control{MaxFactor: 1})},
		"I":               {control(Control{P: 0.1}), Settings{Control: Control{P: 0.1}}},
		"P":               {control(Control{P: 0}), control(Control{P: -0.1})},
		"D":               {control(Control{D: 0}), control(Control{D: -0.1})},
		"Group":           {group(Group{From: 0, To: 1}, Group{From: 1, To: 4}), group(Group{From: 0, To: 2}, Group{From: 1, To: 4})},
		"Group's end":     {group(Group{From: 3, To: 4}), group(Group{From: 3, To: 5})},
		"Group's start":   {group(Group{From: 0, To: 1}), group(Group{From: -1, To: 1})},
		"empty Group":     {group(Group{From: 2, To: 3}), group(Group{From: 2, To: 2})},
		"Group's Rtol":    {group(Group{To: 4, Rtol: math.MaxFloat64}), group(Group{To: 4, Rtol: inf})},
		"its Rtol's sign": {group(Group{To: 4, Rtol: 5e-324}), group(Group{To: 4, Rtol: -5e-324})},
		"its Atol's sign": {group(Group{To: 4, Atol: 5e-324}), group(Group{To: 4, Atol: -5e-324})},
		"Grid":            {Settings{Grid: []float64{3, 2, 1}}, Settings{Grid: []float64{3, 2, 2}}},
		"Grid's order":    {Settings{Grid: []float64{1, 2, 3}}, Settings{Grid: []float64{1, 3, 2, 4}}},
		"Grid's numbers":  {Settings{Grid: []float64{math.MaxFloat64}}, Settings{Grid: []float64{inf}}},
		"Save.At":         {Settings{Save: Save{At: []float64{0}}}, Settings{Save: Save{At: []float64{math.NaN()}}}},
	} {
		if _, err := New(Problem{Derivative: growth}, 4, nil, c.in); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := New(Problem{Derivative: growth}, 4, nil, c.out); err == nil {
			t.Errorf("%s: %+v was accepted", name, c.out)
		}
	}
}

// Units are the caller's: time in units of 2ⁿ and each group of components in
// units of its own, tolerances and step sizes with them, give the same steps and
// states to the bit. (FirstStep is given: the estimate compares f with df/dt.)
func TestUnitsDoNotMatter(t *testing.T) {
	type units struct{ time, first, second float64 }
	run := func(norm Norm, u units) []float64 {
		f := func(t float64, y, dy []float64) {
			a, b := y[0]/u.first, y[1]/u.second
			dy[0] = (-a + math.Exp(-2*t/u.time) + b) * (u.first / u.time)
			dy[1] = (a*a - 20*b) * (u.second / u.time)
		}
		s := Settings{
			Norm: norm, Rtol: 1e-4, FirstStep: u.time / 64, MaxStep: u.time / 8, MinStep: u.time / 1024, SteadyTime: u.time / 4,
			Groups:      []Group{{From: 0, To: 1, Atol: 1e-4 * u.first}, {From: 1, To: 2, Atol: 1e-5 * u.second}},
			RecordSteps: true, Save: Save{At: []float64{0.3 * u.time, 2.2 * u.time}},
		}
		sol, err := Solve(context.Background(), Problem{Derivative: f}, []float64{0.2 * u.first, 0.9 * u.second}, Span{0, 100 * u.time}, nil, s)
		if err != nil || sol.Status.Reason != Steady || len(sol.Saved.Times) != 2 {
			t.Fatalf("%v, %v", sol, err)
		}
		numbers := []float64{sol.Time / u.time, sol.Stats.SmallestStep / u.time, sol.Stats.LargestStep / u.time, sol.Stats.PeakError, sol.State[0] / u.first, sol.State[1] / u.second}
		for _, end := range sol.Steps {
			numbers = append(numbers, end/u.time)
		}
		for n := range sol.Saved.Times {
			numbers = append(numbers, sol.Saved.Row(n)[0]/u.first, sol.Saved.Row(n)[1]/u.second)
		}
		return numbers
	}
	for _, norm := range []Norm{RMS{}, Groupwise{}} {
		want := run(norm, units{1, 1, 1})
		for _, u := range []units{{1024, 1, 1}, {0x1p-30, 1, 1}, {1, 0x1p40, 1}, {1, 1, 0x1p-40}, {0x1p20, 0x1p-20, 0x1p-7}} {
			if got := run(norm, u); fmt.Sprintf("%x", got) != fmt.Sprintf("%x", want) {
				t.Errorf("%T, units %v:\n%v, in units of 1\n%v", norm, u, got, want)
			}
		}
	}
}

// MaxSteps steps are taken and not one more; so it is with each Advance.
func TestMaxStepsIsTheNumberOfSteps(t *testing.T) {
	it, err := New(Problem{Derivative: constant}, 1, nil, Settings{Step: 0.25, MaxSteps: 4})
	if err != nil {
		t.Fatal(err)
	}
	it.Reset(0, []float64{0})
	for _, end := range []float64{1, 2} {
		if st := it.Advance(context.Background(), end); st.Early() {
			t.Error(st)
		}
	}
	if st := it.Advance(context.Background(), 3.25); st.Reason != TooManySteps || it.Time() != 2+4*1.25/5 || st.Limit != 4 {
		t.Errorf("%v at %v", st, it.Time())
	}
}

// A time limit is over once more time has passed, and none never is.
func TestStopwatch(t *testing.T) {
	past := time.Now().Add(-time.Hour)
	for _, c := range []struct {
		clock watch
		over  bool
	}{{watch{0, past}, false}, {watch{2 * time.Hour, past}, false}, {watch{time.Minute, past}, true}, {stopwatch(time.Hour), false}, {stopwatch(0), false}} {
		if got := c.clock.over(); got != c.over {
			t.Errorf("%+v: over is %v", c.clock, got)
		}
	}
}

// An Advance that cannot start says so, names what it was asked for and leaves
// everything as it is.
func TestAdvanceThatCannotStart(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		start, end float64
		settings   Settings
		reset      bool
	}{
		{0, 1, Settings{}, false}, {0, nan, Settings{}, true}, {nan, 1, Settings{}, true}, {inf, 1, Settings{}, true}, {-inf, 1, Settings{}, true},
		{0, inf, Settings{Step: 1}, true}, {0, -inf, Settings{Step: 1}, true}, {0, inf, Settings{Grid: []float64{1}}, true},
	} {
		it, err := New(Problem{Derivative: constant}, 1, nil, c.settings)
		if err != nil {
			t.Fatal(err)
		}
		if c.reset {
			it.Reset(c.start, []float64{5})
		}
		st := it.Advance(context.Background(), c.end)
		if st.Reason != Unstarted || st.Component != -1 || st.Err() == nil || it.Stats() != (Stats{}) || fmt.Sprint(st.Value, st.Time) != fmt.Sprint(c.end, it.Time()) {
			t.Errorf("from %v to %v with %+v: %+v", c.start, c.end, c.settings, st)
		}
	}
}
