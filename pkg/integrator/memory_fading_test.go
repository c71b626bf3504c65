package integrator

import (
	"context"
	"math"
	"testing"
)

// A memory that fades while it is read: the right-hand side reads Remaining,
// and gets what it gets with the memory in the state. Several steps, dense
// output and two Advances, so that the running product counts.
func TestFadingMemoryEqualsState(t *testing.T) {
	const tau = 0.2
	for _, m := range explicitMethods() {
		mem := &Memory{TimeConstant: tau}
		outside := Problem{Memories: []*Memory{mem}, Derivative: func(t float64, y, dy []float64) {
			dy[0] = 3*mem.Remaining() - y[0]*y[0]
		}}
		inside := Problem{Derivative: func(t float64, y, dy []float64) {
			dy[0], dy[1] = 3*y[1]-y[0]*y[0], -y[1]/tau
		}}
		at := []float64{0.11, 0.5, 0.93}
		run := func(p Problem, y0 []float64) (*Integrator, *Saved) {
			it, err := New(p, len(y0), m, Settings{Step: 0.03, Save: Save{At: at}})
			if err != nil {
				t.Fatal(err)
			}
			it.Reset(0, y0)
			for _, end := range []float64{0.45, 1} {
				if st := it.Advance(context.Background(), end); st.Early() {
					t.Fatal(st)
				}
			}
			return it, it.Saved()
		}
		a, savedA := run(outside, []float64{0.5})
		b, savedB := run(inside, []float64{0.5, 1})
		if far(a.State()[0], b.State()[0]) || far(mem.Remaining(), b.State()[1]) {
			t.Errorf("%s: %v and remaining %v, as state %v", m.Name(), a.State(), mem.Remaining(), b.State())
		}
		for n := range at {
			if far(savedA.Row(n)[0], savedB.Row(n)[0]) {
				t.Errorf("%s at t = %v: %v, as state %v", m.Name(), at[n], savedA.Row(n)[0], savedB.Row(n)[0])
			}
		}
	}
}

// A time constant that is changed between two Advances holds from there on, for
// steps of the same size too: R(−h/τ) once a step, of the τ of the time.
func TestTimeConstantMayChange(t *testing.T) {
	const step = 0.125
	for _, m := range explicitMethods() {
		mem := &Memory{TimeConstant: 0.5}
		it, err := New(Problem{Derivative: circuit, Memories: []*Memory{mem}}, 2, m, Settings{Step: step})
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0, []float64{0.2, 0.9})
		want, factor := 1.0, func(tau float64) float64 {
			alone := Memory{TimeConstant: tau}
			alone.bind(m.(*RungeKutta))
			alone.prepare(m.(*RungeKutta), step)
			return alone.factors[m.(*RungeKutta).stages]
		}
		for n, tau := range []float64{0.5, 0.2, 0.7} {
			mem.TimeConstant = tau
			it.Advance(context.Background(), float64(n+1))
			want *= math.Pow(factor(tau), 1/step)
		}
		if !(math.Abs(mem.Remaining()-want) <= 1e-14) {
			t.Errorf("%s: %v remains, want %v", m.Name(), mem.Remaining(), want)
		}
	}
}

// The first step is guessed alike whether a fading memory is read as
// Remaining or, outside the norm, as state.
func TestFadingMemoryFirstStep(t *testing.T) {
	const tau = 1e-3
	mem := &Memory{TimeConstant: tau}
	outside, err := Solve(context.Background(), Problem{Memories: []*Memory{mem}, Derivative: func(_ float64, y, dy []float64) {
		dy[0] = 3*mem.Remaining() - y[0]
	}}, []float64{0.5}, Span{0, 1}, nil, Settings{RecordSteps: true})
	if err != nil {
		t.Fatal(err)
	}
	inside, err := Solve(context.Background(), Problem{Derivative: func(_ float64, y, dy []float64) {
		dy[0], dy[1] = 3*y[1]-y[0], -y[1]/tau
	}}, []float64{0.5, 1}, Span{0, 1}, nil, Settings{RecordSteps: true, Groups: []Group{{From: 1, To: 2, Atol: math.Inf(1)}}})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := outside.Steps[0], inside.Steps[0]; math.Abs(a/b-1) > 1e-12 {
		t.Errorf("first step %v, as state %v", a, b)
	}
}
