package integrator

import (
	"context"
	"fmt"
	"math"
	"testing"
)

// Clauses of TestConformance: again, in parts, and at no more than it costs.

// trace runs the circuit from one end to the next and says everything of it.
func trace(t *testing.T, it *Integrator, ends ...float64) string {
	t.Helper()
	it.ClearStats()
	it.Reset(0, []float64{0.2, 0.9})
	for _, end := range ends {
		if st := it.Advance(context.Background(), end); st.Early() {
			t.Fatal(st)
		}
	}
	return fmt.Sprintf("%x at %x after %+v", it.State(), it.Steps(), it.Stats())
}

func newTraced(t *testing.T, m Method, s Settings) *Integrator {
	t.Helper()
	s.RecordSteps = true
	it, err := New(Problem{Derivative: circuit}, 2, m, s)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

// The same bits again, from a new Integrator and from a used one.
func isDeterministic(t *testing.T, m Method) {
	for name, s := range stepping(m) {
		it := newTraced(t, m, s)
		want := trace(t, it, 4)
		for _, again := range []*Integrator{newTraced(t, m, s), it} {
			if got := trace(t, again, 4); got != want {
				t.Errorf("%s: %s, again %s", name, want, got)
			}
		}
	}
}

// A pause at a time that is a step's end anyway changes nothing, evaluations
// included, for what is known there is kept. Adaptive steps are planned towards
// their bound, so that a pause changes them, but nothing else: the same steps in
// one go give the same bits.
func canBePaused(t *testing.T, m Method) {
	for name, s := range stepping(m) {
		paused := newTraced(t, m, s)
		got := trace(t, paused, 2, 4)
		if name == "adaptive" {
			whole := newTraced(t, m, Settings{Grid: paused.Steps(), Rtol: s.Rtol, Atol: s.Atol})
			trace(t, whole, 4)
			if fmt.Sprintf("%x", whole.State()) != fmt.Sprintf("%x", paused.State()) {
				t.Errorf("%s: paused %v, replayed %v", name, paused.State(), whole.State())
			}
			continue
		}
		if want := trace(t, newTraced(t, m, s), 4); got != want {
			t.Errorf("%s: paused %s, in one go %s", name, got, want)
		}
	}
}

// However often a step is looked into, the stages that only the interpolant needs
// are evaluated once: the end, unless known, and the tableau's extra ones. An event
// that does not happen looks at step ends and costs none. Of an iteration all stages
// are evaluated as often.
func denseOutputIsPaidOnce(t *testing.T, m Method) {
	unlooked := 0
	for count, at := range [][]float64{{}, {0.3}, {0.1, 0.3, 0.4, 0.7}} {
		want := m.Stages() + 2 + 1 // of the Jacobian the components and the time
		if rk, explicit := m.(*RungeKutta); explicit {
			want = rk.stages
			if rk.needEnd || count > 0 {
				want++
			}
			if count > 0 {
				want += len(rk.tableau.Extra)
			}
		}
		never := []Event{{Function: func(float64, []float64) float64 { return 1 }}}
		sol, err := Solve(context.Background(), Problem{Derivative: circuit, Events: never}, []float64{0.2, 0.9}, Span{0, 1}, m, Settings{Step: 1, Save: Save{At: at}})
		if radau, iterates := m.(*Radau); iterates {
			if count == 0 {
				unlooked = sol.Stats.Evaluations
			}
			if want = unlooked; (want-1-3)%radau.Stages() != 0 { // the start's, and of the Jacobian as above
				t.Errorf("%d evaluations", want)
			}
		}
		if err != nil || sol.Stats.Evaluations != want {
			t.Errorf("saved at %v: %d evaluations, want %d; %v", at, sol.Stats.Evaluations, want, err)
		}
	}
}

// Once the first stretch has been integrated, nothing allocates: neither steps
// nor stretches, with dense output, events, memories and discontinuities in
// play, whatever the kind of stepping.
func doesNotAllocate(t *testing.T, m Method) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for name, s := range stepping(m) {
		s.Norm, s.Carry = Groupwise{}, CarryFirst
		s.Save = Save{At: []float64{0.1, 0.25, 1.7}, Function: func(float64, []float64, []float64) {}}
		sum := 0.0
		mem := &Memory{TimeConstant: 0.5, Accumulate: func(s *MemoryStep) {
			for j, w := range s.Weights {
				sum += w * s.States[j][0]
			}
		}, Sample: func(s *MemoryStep) { sum += s.Decay }, Error: func(s *MemoryStep) float64 { return math.Abs(s.ErrorDecay) }}
		problem := Problem{Derivative: circuit, Discontinuities: []float64{0.3, 1.1}, Events: []Event{{Function: func(_ float64, y []float64) float64 { return y[0] - 0.9 }, Samples: 2}}}
		if _, explicit := m.(*RungeKutta); explicit {
			problem.Memories = []*Memory{mem}
		} else {
			sum = 1
		}
		it, err := New(problem, 2, m, s)
		if err != nil {
			t.Fatal(err)
		}
		y0 := []float64{0.2, 0.9}
		stretches := func() {
			it.Reset(0, y0)
			for _, end := range []float64{0.5, 1.2, 2} {
				it.SetDerivative(circuit)
				if st := it.Advance(ctx, end); st.Early() {
					t.Fatal(st)
				}
			}
		}
		stretches()
		if n := testing.AllocsPerRun(20, stretches); n != 0 {
			t.Errorf("%s: %v allocations in three stretches", name, n)
		}
		if len(it.Crossings()) == 0 || sum == 0 {
			t.Errorf("%s: the test passes by events or memories", name)
		}
	}
}
