package integrator

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

// Statistics of parts add up to those of the whole.
func TestStatsAdd(t *testing.T) {
	a := Stats{Steps: 5, Accepted: 4, Rejected: 1, Evaluations: 30, PeakError: 0.5, SmallestStep: 0.1, LargestStep: 2}
	b := Stats{Steps: 2, Accepted: 2, Evaluations: 12, PeakError: 0.7, SmallestStep: 0.01, LargestStep: 1, Discontinuities: 1, Stiff: true, StiffTime: 3}
	want := Stats{Steps: 7, Accepted: 6, Rejected: 1, Evaluations: 42, PeakError: 0.7, SmallestStep: 0.01, LargestStep: 2, Discontinuities: 1, Stiff: true, StiffTime: 3}
	sum := Stats{}
	for _, s := range []Stats{a, {}, b} {
		sum.Add(s)
	}
	if sum != want {
		t.Errorf("%+v, want %+v", sum, want)
	}
	first, calm := b, a // the first suspicion counts; none is none
	first.Add(Stats{Accepted: 1, Stiff: true, StiffTime: 7})
	first.Add(a)
	if calm.Add(Stats{StiffTime: 7}); !first.Stiff || first.StiffTime != 3 || calm != a {
		t.Errorf("suspected from %v, calm %+v", first.StiffTime, calm)
	}
	for _, w := range []string{"6 steps", "1 rejected", "42 evaluations", "stiffness suspected from t = 3"} {
		if !strings.Contains(sum.String(), w) {
			t.Errorf("%q does not say %q", sum, w)
		}
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
		"no tolerance":       {ok, []float64{1}, Span{0, 1}, nil, Settings{Groups: []Group{{From: 0, To: 1, Atol: math.Inf(1)}}}},
		"infinite atol":      {ok, []float64{1}, Span{0, 1}, nil, Settings{Atol: math.Inf(1), Norm: Groupwise{}}},
		"nil memory":         {Problem{Derivative: growth, Memories: []*Memory{nil}}, []float64{1}, Span{0, 1}, nil, Settings{}},
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

// Limits met with prescribed steps speak of the setting that prescribes them,
// and no sentence speaks of steps of size 0, +Inf or NaN.
func TestStatusNamesWhatChoosesTheSteps(t *testing.T) {
	nothing := func(_ float64, _, dy []float64) { dy[0] = 0 }
	slow := func(_ float64, _, dy []float64) { time.Sleep(2 * time.Millisecond); dy[0] = 0 }
	never := func(terminal bool) []Event {
		return []Event{{Terminal: terminal, Function: func(float64, []float64) float64 { return 1 }}}
	}
	forever := Span{0, math.Inf(1)}
	grid := []float64{0.1, 0.2, 0.3, 1}
	for _, c := range []struct {
		name     string
		problem  Problem
		span     Span
		settings Settings
		reason   Reason
		words    []string
	}{
		{"many equal steps", Problem{Derivative: nothing}, Span{0, 1}, Settings{Step: 0.125, MaxSteps: 3}, TooManySteps, []string{"lengthen Step", "MaxSteps", "steps of 0.125"}},
		{"a long grid", Problem{Derivative: nothing}, Span{0, 1}, Settings{Grid: grid, MaxSteps: 3}, TooManySteps, []string{"Grid", "MaxSteps", "t = 0.3;"}},
		{"slow equal steps", Problem{Derivative: slow}, Span{0, 1}, Settings{Step: 0.125, TimeLimit: time.Millisecond}, OutOfTime, []string{"lengthen Step", "TimeLimit"}},
		{"slow grid", Problem{Derivative: slow}, Span{0, 1}, Settings{Grid: grid, TimeLimit: time.Millisecond}, OutOfTime, []string{"Grid", "TimeLimit"}},
		{"unresolved MaxStep", Problem{Derivative: growth}, Span{1e16, 2e16}, Settings{MaxStep: 0.5}, StepUnderflow, []string{"MaxStep of 0.5", "2 apart", "origin"}},
		{"unresolved Step", Problem{Derivative: growth}, Span{1e16, 2e16}, Settings{Step: 0.5}, StepUnderflow, []string{"Step of 0.5", "2 apart", "origin"}},
		{"an event that never comes", Problem{Derivative: nothing, Events: never(true)}, forever, Settings{}, Endless, []string{"1e+300", "SteadyTime", "event"}},
		{"steps without end", Problem{Derivative: nothing}, forever, Settings{MaxSteps: 20}, TooManySteps, []string{"20 steps"}},
	} {
		sol, err := Solve(context.Background(), c.problem, []float64{1}, c.span, nil, c.settings)
		if err == nil || sol == nil || sol.Status.Reason != c.reason {
			t.Errorf("%s: %v, %v", c.name, sol, err)
			continue
		}
		for _, w := range c.words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", c.name, err, w)
			}
		}
		for _, w := range []string{"of 0;", "of 0 ", "NaN", "Inf"} {
			if strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q says %q", c.name, err, w)
			}
		}
		if c.reason == OutOfTime && sol.Stats.Steps > 1 {
			t.Errorf("%s: stopped only after %d steps", c.name, sol.Stats.Steps)
		}
	}
	if text := (Status{Reason: OutOfTime, Component: -1, Limit: 1}).String(); strings.Contains(text, "steps of") {
		t.Errorf("before the first step: %q", text)
	}
	if sol, err := Solve(context.Background(), Problem{Derivative: nothing, Events: never(false)}, []float64{1}, forever, nil, Settings{}); err == nil || sol != nil {
		t.Errorf("an infinite span with an event that does not stop was accepted: %v", sol)
	}
}

// Each sentence names what its status carries.
func TestSentences(t *testing.T) {
	for _, c := range []struct {
		status Status
		want   string
	}{
		{Status{Reason: ReachedEnd, Time: 2}, "reached the end, t = 2"},
		{Status{Reason: TerminalEvent, Time: 2, Event: 3}, "stopped by event 3 at t = 2"},
		{Status{Reason: TerminalEvent, Time: 2, Event: 3, name: "ground"}, `stopped by event "ground" at t = 2`},
		{Status{Reason: Steady, Time: 2}, "reached a steady state at t = 2"},
		{Status{Reason: TooManySteps, Time: 2, Limit: 7, Step: 0.5}, "7 steps did not suffice: they reached t = 2 with steps of 0.5; raise MaxSteps, or loosen Rtol and Atol"},
		{Status{Reason: TooManySteps, Time: 2, other: fewerSteps(Dopri5())}, "or use a method of higher order (rodas5p or radau9 if Stats.Stiff)"},
		{Status{Reason: TooManySteps, Time: 2, other: fewerSteps(Rodas5P())}, "or use radau9"},
		{Status{Reason: TooManySteps, Time: 2, Limit: 7}, "they reached t = 2; raise"},
		{Status{Reason: OutOfTime, Time: 2, Limit: 7}, "the time limit of 7 s ran out at t = 2; loosen"},
		{Status{Reason: StepUnderflow, Time: 2, Step: 0.5, Error: 3, Limit: 0.75, Component: 0}, "a step of 0.5 is still too long (scaled error 3, worst in component 0) but steps may not be shorter than 0.75"},
		{Status{Reason: StepUnderflow, Component: -1}, "worst in the error norm"},
		{Status{Reason: StepUnderflow, Component: 1, name: "calcium"}, "worst in calcium"},
		{Status{Reason: NotFinite, Time: 2, Step: 0.5, Value: math.Inf(-1), Component: 1}, "-Inf in the derivative or state of component 1 in the step of 0.5 from t = 2"},
		{Status{Reason: NotFinite, Time: 2, Value: math.Inf(-1), Component: 1}, "-Inf in the state or derivative of component 1 at t = 2, where the integration starts"},
		{Status{Reason: GridEnded, Time: 2, Limit: 7}, "the prescribed steps end at t = 2, before 7"},
		{Status{Reason: WrongDirection, Time: 2, Value: 7, name: "Grid"}, "Settings.Grid runs against the integration from t = 2 to 7"},
	} {
		if got := c.status.String(); !strings.Contains(got, c.want) {
			t.Errorf("%q does not say %q", got, c.want)
		}
		fine := c.status.Reason == ReachedEnd || c.status.Reason == TerminalEvent || c.status.Reason == Steady
		if err := c.status.Err(); (err == nil) != fine || err != nil && err.Error() != "integrator: "+c.status.String() {
			t.Errorf("%v: error %v", c.status.Reason, err)
		}
	}
}
