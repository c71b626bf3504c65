package integrator

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/nasim-sim/nasim/pkg/integrator/problems"
)

func growth(_ float64, y, dy []float64) { dy[0] = y[0] }

// Whatever the span, the steps and the bounds on the way, each end is hit to
// the last bit, in both directions.
func TestEndsAreHitExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(Methods()).Draw(t, "method")
		settings := Settings{Rtol: 1e-3, Atol: 1e-3, RecordSteps: true}
		if m.ErrorOrder() == 0 || rapid.Bool().Draw(t, "fixed") {
			settings.Step = rapid.Float64Range(0.01, 3).Draw(t, "step")
		}
		ends := rapid.SliceOfN(rapid.Float64Range(-5, 5), 1, 5).Draw(t, "ends")
		jumps := rapid.SliceOfN(rapid.Float64Range(-5, 5), 0, 3).Draw(t, "jumps")
		it, err := New(Problem{Derivative: growth, Discontinuities: jumps}, 1, m, settings)
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(rapid.Float64Range(-5, 5).Draw(t, "start"), []float64{1})
		for _, end := range ends {
			from, before := it.Time(), len(it.Steps())
			if st := it.Advance(context.Background(), end); st.Reason != ReachedEnd || it.Time() != end {
				t.Fatalf("%v at %v, want %v", st, it.Time(), end)
			}
			hit := map[float64]bool{}
			for _, s := range it.Steps()[before:] {
				hit[s] = true
				if step := math.Abs(s - from); settings.Step > 0 && step > settings.Step*(1+1e-8) {
					t.Fatalf("a step of %v, asked for %v", step, settings.Step)
				}
				if (s-from)*(end-s) < 0 {
					t.Fatalf("step to %v on the way from %v to %v", s, from, end)
				}
				from = s
			}
			for _, j := range jumps {
				if len(it.Steps()) > before && (j-it.Steps()[before])*(j-end) < 0 && !hit[j] {
					t.Fatalf("the discontinuity at %v was crossed: %v", j, it.Steps()[before:])
				}
			}
		}
	})
}

// There and back again: what a method of order p loses is O(h^p), far less
// than the solution's change.
func TestBackwards(t *testing.T) {
	p := problems.Kepler(0.3)
	for _, m := range Methods() {
		s := Settings{Rtol: 1e-9, Atol: 1e-9}
		bound := 1e-5
		if m.Order() < 4 {
			s.Step, bound = 1e-3, map[int]float64{1: 0.1, 2: 1e-4, 3: 1e-6}[m.Order()]
		} else if m.ErrorOrder() == 0 {
			s.Step = 1e-2
		}
		it, err := New(Problem{Derivative: p.Derivative}, 4, m, s)
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0, p.Y0)
		for _, end := range []float64{2, 0} {
			if st := it.Advance(context.Background(), end); st.Early() {
				t.Fatal(st)
			}
		}
		if d := largestDifference(it.State(), p.Y0); !(d < bound) {
			t.Errorf("%s: back with an error of %.2g", m.Name(), d)
		}
	}
}

// A right-hand side that jumps: announced, the answer of a sum of polynomials
// of low degree is exact to rounding even with large steps, whichever of the
// two values f has at the jump itself, in both directions; not announced, the
// error is plain to see.
func TestDiscontinuityIsNotCrossed(t *testing.T) {
	const jump = 0.6180339887
	for _, left := range []bool{false, true} {
		f := func(t float64, _, dy []float64) {
			if t > jump || t == jump && !left {
				dy[0] = 100
			} else {
				dy[0] = -1
			}
		}
		for _, span := range []Span{{0, 1}, {1, 0}} {
			want := -jump + 100*(1-jump)
			if span[0] > span[1] {
				want = -want
			}
			for _, m := range Methods() {
				s := Settings{Step: 0.3}
				announced, err := Solve(context.Background(), Problem{Derivative: f, Discontinuities: []float64{jump, 5, jump, -1}}, []float64{0}, span, m, s)
				if err != nil {
					t.Fatal(err)
				}
				if e := math.Abs(announced.State[0] - want); e > 1e-13 {
					t.Errorf("%s over %v: error %.2g", m.Name(), span, e)
				}
				if announced.Stats.Discontinuities != 1 {
					t.Errorf("%s met %d discontinuities, want 1", m.Name(), announced.Stats.Discontinuities)
				}
				silent, err := Solve(context.Background(), Problem{Derivative: f}, []float64{0}, span, m, s)
				if err != nil || math.Abs(silent.State[0]-want) < 1e-3 {
					t.Errorf("%s over %v: the jump does no harm unannounced; the test shows nothing", m.Name(), span)
				}
			}
		}
	}
}

// A replayed grid gives the same steps and the same bits.
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
		again, err := Solve(context.Background(), problem, p.Y0, p.Span, m, Settings{Grid: first.Steps, RecordSteps: true})
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(first.State, first.Steps) != fmt.Sprint(again.State, again.Steps) {
			t.Errorf("%s: the replay ends at %v after %d steps, the run at %v after %d", m.Name(), again.State, len(again.Steps), first.State, len(first.Steps))
		}
	}
	sol, err := Solve(context.Background(), Problem{Derivative: growth}, []float64{1}, Span{0, 1}, RK4(), Settings{Grid: []float64{0.5}})
	if err == nil || sol.Status.Reason != GridEnded || sol.Time != 0.5 {
		t.Errorf("a grid that ends early: %v, %v", sol, err)
	}
}

// One Advance over three ends or three Advances: the same numbers to the
// tolerance, and between them nothing is evaluated twice (FSAL).
func TestAdvanceGoesOn(t *testing.T) {
	for _, m := range []Method{BS32(), Dopri5(), Tsit5()} {
		it, err := New(Problem{Derivative: growth}, 1, m, Settings{Step: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0, []float64{1})
		for n := 1; n <= 10; n++ {
			it.Advance(context.Background(), float64(n)/10)
		}
		if got, want := it.Stats().Evaluations, 1+10*(m.Stages()-1); got != want {
			t.Errorf("%s: %d evaluations in ten steps of FSAL, want %d", m.Name(), got, want)
		}
		it.ClearStats()
		it.SetDerivative(func(_ float64, y, dy []float64) { dy[0] = -y[0] })
		it.Advance(context.Background(), 0)
		it.Advance(context.Background(), 1)
		// Back to 0 under the other sign is growth again: e² in all, and e² /e.
		if e := math.Abs(it.State()[0]/math.E - 1); e > 1e-3 {
			t.Errorf("%s: %v after exchanging the derivative, want e", m.Name(), it.State()[0])
		}
	}
}

// CarryLast and CarryFirst start a stretch with a known step: no evaluation is
// spent on guessing, which Estimate does each time.
func TestCarry(t *testing.T) {
	count := func(c Carry) (evaluations int, second float64) {
		it, err := New(Problem{Derivative: growth}, 1, Dopri5(), Settings{Carry: c, RecordSteps: true})
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0, []float64{1})
		it.Advance(context.Background(), 3)
		n := len(it.Steps())
		it.ClearStats()
		it.Restart(3, []float64{1})
		it.Advance(context.Background(), 6)
		s := it.Stats()
		return s.Evaluations - 6*s.Steps, it.Steps()[n] - 3
	}
	estimated, _ := count(Estimate)
	last, long := count(CarryLast)
	first, short := count(CarryFirst)
	if estimated != 2 || last != 1 || first != 1 {
		t.Errorf("evaluations beyond the steps: estimate %d, last %d, first %d; want 2, 1, 1", estimated, last, first)
	}
	if !(short < long) {
		t.Errorf("the first step was carried as %v, the last as %v", short, long)
	}
}

// What each limit says, and that the partial solution comes with it.
func TestStatuses(t *testing.T) {
	canceledContext, cancel := context.WithCancelCause(context.Background())
	reason := errors.New("lunch")
	cancel(reason)
	blowUp := func(_ float64, y, dy []float64) { dy[0] = y[0] * y[0] } // 1/(1−t)
	logarithm := func(_ float64, y, dy []float64) { dy[0], dy[1] = -1, math.Log(y[0]) }
	names := func(i int) string { return []string{"calcium", "output"}[i] }
	for _, c := range []struct {
		name     string
		ctx      context.Context
		problem  Problem
		y0       []float64
		settings Settings
		reason   Reason
		words    []string
	}{
		{"canceled", canceledContext, Problem{Derivative: growth}, []float64{1}, Settings{}, Canceled, []string{"t = 0", "lunch"}},
		{"steps", nil, Problem{Derivative: growth}, []float64{1}, Settings{MaxSteps: 3}, TooManySteps, []string{"3 steps", "MaxSteps", "t = "}},
		{"clock", nil, Problem{Derivative: func(t float64, y, dy []float64) { time.Sleep(time.Millisecond); dy[0] = 0 }}, []float64{1}, Settings{Step: 1e-3, TimeLimit: time.Millisecond}, OutOfTime, []string{"TimeLimit", "0.001 s"}},
		{"blow-up", nil, Problem{Derivative: blowUp, Names: names}, []float64{1}, Settings{MinStep: 1e-6}, StepUnderflow, []string{"t = 0.9999", "calcium", "announce"}},
		{"logarithm", nil, Problem{Derivative: logarithm, Names: names}, []float64{1, 0}, Settings{}, NotFinite, []string{"NaN", "output", "from t = ", "domain"}},
		{"fixed", nil, Problem{Derivative: logarithm}, []float64{1, 0}, Settings{Step: 0.3}, NotFinite, []string{"NaN", "component 1", "t = 0.857142857143"}},
		{"start", nil, Problem{Derivative: growth}, []float64{math.Inf(1)}, Settings{}, NotFinite, []string{"+Inf", "component 0", "starts"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := c.ctx
			if ctx == nil {
				ctx = context.Background()
			}
			sol, err := Solve(ctx, c.problem, c.y0, Span{0, 2}, nil, c.settings)
			if err == nil || sol == nil || sol.Status.Reason != c.reason || !sol.Status.Early() {
				t.Fatalf("%v, %v; want %v", sol, err, c.reason)
			}
			for _, w := range c.words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
			if sol.Time < 0 || sol.Time >= 2 || len(sol.State) != len(c.y0) {
				t.Errorf("no partial solution: %+v", sol)
			}
			if c.reason == Canceled && !errors.Is(err, reason) {
				t.Errorf("%v does not wrap the cause", err)
			}
		})
	}
}

// Nonsense in the arguments is an error with no solution.
func TestArgumentsAreChecked(t *testing.T) {
	ok := Problem{Derivative: growth}
	for name, c := range map[string]struct {
		problem  Problem
		y0       []float64
		span     Span
		method   Method
		settings Settings
	}{
		"no derivative":      {Problem{}, []float64{1}, Span{0, 1}, nil, Settings{}},
		"no state":           {ok, nil, Span{0, 1}, nil, Settings{}},
		"NaN in span":        {ok, []float64{1}, Span{0, math.NaN()}, nil, Settings{}},
		"infinite span":      {ok, []float64{1}, Span{0, math.Inf(1)}, nil, Settings{}},
		"rk4 without steps":  {ok, []float64{1}, Span{0, 1}, RK4(), Settings{}},
		"negative rtol":      {ok, []float64{1}, Span{0, 1}, nil, Settings{Rtol: -1}},
		"NaN atol":           {ok, []float64{1}, Span{0, 1}, nil, Settings{Atol: math.NaN()}},
		"negative step":      {ok, []float64{1}, Span{0, 1}, nil, Settings{Step: -0.1}},
		"step and grid":      {ok, []float64{1}, Span{0, 1}, nil, Settings{Step: 0.1, Grid: []float64{1}}},
		"crooked grid":       {ok, []float64{1}, Span{0, 1}, nil, Settings{Grid: []float64{0.1, 0.5, 0.5, 1}}},
		"crooked saves":      {ok, []float64{1}, Span{0, 1}, nil, Settings{Save: Save{At: []float64{0.1, 0.5, 0.4}}}},
		"save outside":       {ok, []float64{1}, Span{0, 1}, nil, Settings{Save: Save{At: []float64{1.5}}}},
		"save backwards":     {ok, []float64{1}, Span{0, 1}, nil, Settings{Save: Save{At: []float64{0.5, 0.2}}}},
		"width only":         {ok, []float64{1}, Span{0, 1}, nil, Settings{Save: Save{Width: 2}}},
		"groups overlap":     {ok, []float64{1, 1}, Span{0, 1}, nil, Settings{Groups: []Group{{From: 0, To: 2}, {From: 1, To: 2}}}},
		"group too long":     {ok, []float64{1}, Span{0, 1}, nil, Settings{Groups: []Group{{From: 0, To: 2}}}},
		"group atol":         {ok, []float64{1}, Span{0, 1}, nil, Settings{Groups: []Group{{From: 0, To: 1, Atol: -1}}}},
		"event":              {Problem{Derivative: growth, Events: []Event{{}}}, []float64{1}, Span{0, 1}, nil, Settings{}},
		"discontinuity":      {Problem{Derivative: growth, Discontinuities: []float64{math.Inf(1)}}, []float64{1}, Span{0, 1}, nil, Settings{}},
		"control":            {ok, []float64{1}, Span{0, 1}, nil, Settings{Control: Control{I: 1, Safety: 2}}},
		"steps out of order": {ok, []float64{1}, Span{0, 1}, nil, Settings{MinStep: 2, MaxStep: 1}},
	} {
		if sol, err := Solve(context.Background(), c.problem, c.y0, c.span, c.method, c.settings); err == nil || sol != nil {
			t.Errorf("%s was accepted", name)
		} else if !strings.HasPrefix(err.Error(), "integrator: ") {
			t.Errorf("%s: %q does not say where", name, err)
		}
	}
	if _, err := ByName("rk45"); err == nil || !strings.Contains(err.Error(), "dopri5") {
		t.Errorf("an unknown name: %v", err)
	}
	for _, m := range Methods() {
		if got, err := ByName(m.Name()); err != nil || got != m || m.Source() == "" {
			t.Errorf("%s: %v, %v", m.Name(), got, err)
		}
	}
	var never Status
	if !strings.Contains(never.String(), "Reset") {
		t.Errorf("%q does not say what to do", never)
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
	it, err := New(Problem{Derivative: growth}, 1, nil, Settings{Save: Save{At: []float64{0, 1, 1.5, 2, 3}}})
	if err != nil {
		t.Fatal(err)
	}
	it.Reset(0, []float64{1})
	it.Advance(context.Background(), 1)
	it.Advance(context.Background(), 2)
	it.Restart(2, []float64{5})
	it.Advance(context.Background(), 3)
	if got := fmt.Sprint(it.Saved().Times); got != "[0 1 1.5 2 3]" {
		t.Errorf("saved at %v", got)
	}
}

// A problem whose exact solution is smooth but whose eigenvalue is −1000 is
// stiff to an explicit method and is reported so; the oscillator is not.
func TestStiffnessSuspicion(t *testing.T) {
	stiff := func(t float64, y, dy []float64) { dy[0] = -1000*(y[0]-math.Cos(t)) - math.Sin(t) }
	p := problems.Oscillator()
	for _, m := range []Method{Dopri5(), Tsit5(), Dop853()} {
		sol, err := Solve(context.Background(), Problem{Derivative: stiff}, []float64{1}, Span{0, 20}, m, Settings{Rtol: 1e-4, Atol: 1e-4})
		if err != nil || !sol.Stats.Stiff || math.Abs(sol.State[0]-math.Cos(20)) > 1e-3 {
			t.Errorf("%s: not suspected: %v, %v", m.Name(), sol.Stats, err)
		}
		sol, err = Solve(context.Background(), Problem{Derivative: p.Derivative}, p.Y0, Span{0, 1000}, m, Settings{})
		if err != nil || sol.Stats.Stiff {
			t.Errorf("%s: the oscillator is suspected: %v, %v", m.Name(), sol.Stats, err)
		}
	}
}
