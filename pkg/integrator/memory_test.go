package integrator

import (
	"context"
	"fmt"
	"math"
	"testing"
)

// memoryBound is the relative difference allowed between a memory and the same
// quantity as state, both after tens of steps: the two sum the same terms in
// another order, some 1e-16 a step.
const memoryBound = 2e-15

// A small nonlinear circuit that knows nothing of the memory, and the rank-one
// source of the memory it writes: s(t, y) = y₀ (1 + t/2) on the first entry and
// y₁ y₀ on the second.
func circuit(t float64, y, dy []float64) {
	dy[0] = -y[0] + math.Sin(3*t) + 1
	dy[1] = y[0]*y[0] - 2*y[1]
}

func source(t float64, y []float64) (a, b float64) { return y[0] * (1 + t/2), y[1] * y[0] }

// withMemory is the circuit with the memory as two further components.
func withMemory(tau float64) Derivative {
	return func(t float64, y, dy []float64) {
		circuit(t, y, dy)
		a, b := source(t, y)
		dy[2], dy[3] = -y[2]/tau+a, -y[3]/tau+b
	}
}

// gatherer keeps the memory outside the state.
type gatherer struct {
	memory  Memory
	m       [2]float64
	samples [][2]float64
}

func newGatherer(tau float64, start [2]float64) *gatherer {
	g := &gatherer{m: start}
	g.memory = Memory{TimeConstant: tau, Accumulate: func(s *MemoryStep) { g.m = g.after(s) },
		Sample: func(s *MemoryStep) { g.samples = append(g.samples, g.after(s)) }}
	return g
}

func (g *gatherer) after(s *MemoryStep) [2]float64 {
	m := [2]float64{s.Decay * g.m[0], s.Decay * g.m[1]}
	for j, w := range s.Weights {
		if w != 0 {
			a, b := source(s.Times[j], s.States[j])
			m[0] += w * a
			m[1] += w * b
		}
	}
	return m
}

func far(a, b float64) bool { return !(math.Abs(a-b) <= memoryBound*(1+math.Abs(b))) }

// Every method, with and without decay: on the same steps (chosen by the
// controller where there is one, unequal in any case) a memory is to rounding
// what the method makes of it as state, at the end and at times between.
func TestMemoryEqualsState(t *testing.T) {
	start := [2]float64{0.7, -0.4}
	midpoint, err := NewRungeKutta(Tableau{Name: "midpoint", Source: "test", Order: 2, C: []float64{0, 0.5}, A: [][]float64{{}, {0.5}}, B: []float64{0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range append(explicitMethods(), midpoint) {
		for _, tau := range []float64{0.05, 0.3, math.Inf(1)} {
			t.Run(fmt.Sprintf("%s/τ=%g", m.Name(), tau), func(t *testing.T) {
				at := []float64{0.01, 0.4, 0.77, 1.3, 2}
				settings := Settings{RecordSteps: true, Save: Save{At: at}, Rtol: 1e-4, Atol: 1e-4, MaxStep: 0.08}
				if m.ErrorOrder() == 0 {
					settings.Step = 0.04
				}
				g := newGatherer(tau, start)
				outside, err := Solve(context.Background(), Problem{Derivative: circuit, Memories: []*Memory{&g.memory}},
					[]float64{0.2, 0.9}, Span{0, 2}, m, settings)
				if err != nil {
					t.Fatal(err)
				}
				inside, err := Solve(context.Background(), Problem{Derivative: withMemory(tau)},
					[]float64{0.2, 0.9, start[0], start[1]}, Span{0, 2}, m, Settings{Grid: outside.Steps, Save: Save{At: at}})
				if err != nil {
					t.Fatal(err)
				}
				if far(g.m[0], inside.State[2]) || far(g.m[1], inside.State[3]) {
					t.Errorf("memory %v, as state %v", g.m, inside.State[2:])
				}
				for n := range at {
					row := inside.Saved.Row(n)
					if far(g.samples[n][0], row[2]) || far(g.samples[n][1], row[3]) {
						t.Errorf("at t = %v: memory %v, as state %v", at[n], g.samples[n], row[2:])
					}
					if far(outside.Saved.Row(n)[0], row[0]) {
						t.Errorf("at t = %v the states differ", at[n])
					}
				}
			})
		}
	}
}

// A step that a terminal event cuts short carries the memory to the event.
func TestMemoryAtTerminalEvent(t *testing.T) {
	for _, m := range explicitMethods() {
		event := Event{Function: func(t float64, _ []float64) float64 { return t - 0.777 }, Terminal: true}
		g := newGatherer(0.3, [2]float64{1, 1})
		settings := Settings{Step: 0.05}
		_, err := Solve(context.Background(), Problem{Derivative: circuit, Memories: []*Memory{&g.memory}, Events: []Event{event}},
			[]float64{0.2, 0.9}, Span{0, 2}, m, settings)
		if err != nil {
			t.Fatal(err)
		}
		inside, err := Solve(context.Background(), Problem{Derivative: withMemory(0.3), Events: []Event{event}},
			[]float64{0.2, 0.9, 1, 1}, Span{0, 2}, m, settings)
		if err != nil {
			t.Fatal(err)
		}
		if far(g.m[0], inside.State[2]) || far(g.m[1], inside.State[3]) {
			t.Errorf("%s: memory %v, as state %v", m.Name(), g.m, inside.State[2:])
		}
	}
}

// A source that jumps where a discontinuity is announced is seen on the right
// side of it by every stage: M = ∫ s is exact for a piecewise constant s.
func TestMemoryAtDiscontinuity(t *testing.T) {
	const jump = 0.5
	for _, m := range explicitMethods() {
		sum := 0.0
		mem := &Memory{TimeConstant: math.Inf(1), Accumulate: func(s *MemoryStep) {
			for j, w := range s.Weights {
				if s.Times[j] >= jump {
					sum += w * 10
				} else {
					sum += w
				}
			}
		}}
		_, err := Solve(context.Background(), Problem{Derivative: growth, Memories: []*Memory{mem}, Discontinuities: []float64{jump}}, []float64{1}, Span{0, 1}, m, Settings{Step: 0.2})
		if err != nil || far(sum, 5.5) {
			t.Errorf("%s: %v, %v; want 5.5", m.Name(), sum, err)
		}
	}
}

// The error weights reproduce the embedded estimate of the memory as state, so
// that counting it in the norm makes the controller choose the same steps.
func TestMemoryErrorEqualsState(t *testing.T) {
	const rtol, atol = 1e-7, 1e-7
	for _, m := range explicitMethods() {
		if m.ErrorOrder() == 0 || m.Name() == "dop853" { // dop853's two estimates are combined after the norm
			continue
		}
		g := newGatherer(0.3, [2]float64{0.7, -0.4})
		worst := func(err, size float64) float64 { return math.Abs(err) / (atol + rtol*size) }
		var tried [3]float64 // what Error last saw of a step is what Accumulate sees of it
		accumulate := g.memory.Accumulate
		g.memory.Accumulate = func(s *MemoryStep) {
			if seen := [3]float64{s.Start, s.Size, s.Decay}; seen != tried || s.ErrorWeights != nil {
				t.Errorf("%s: start, size and decay %v, to Error %v", m.Name(), seen, tried)
			}
			accumulate(s)
		}
		g.memory.Error = func(s *MemoryStep) float64 {
			tried = [3]float64{s.Start, s.Size, s.Decay}
			e := [2]float64{s.ErrorDecay * g.m[0], s.ErrorDecay * g.m[1]}
			for j, w := range s.ErrorWeights {
				if w != 0 {
					a, b := source(s.Times[j], s.States[j])
					e[0] += w * a
					e[1] += w * b
				}
			}
			return max(worst(e[0], 1), worst(e[1], 1))
		}
		largest := NormFunc(func(_, _ float64, _, _, err []float64) float64 {
			e := 0.0
			for _, x := range err {
				e = max(e, worst(x, 1))
			}
			return e
		})
		settings := Settings{Rtol: rtol, Atol: atol, Norm: largest, FirstStep: 1e-3}
		outside, err := Solve(context.Background(), Problem{Derivative: circuit, Memories: []*Memory{&g.memory}}, []float64{0.2, 0.9}, Span{0, 2}, m, settings)
		if err != nil {
			t.Fatal(err)
		}
		inside, err := Solve(context.Background(), Problem{Derivative: withMemory(0.3)}, []float64{0.2, 0.9, 0.7, -0.4}, Span{0, 2}, m, settings)
		if err != nil {
			t.Fatal(err)
		}
		a, b := outside.Stats, inside.Stats
		// Rounding of an error of 1e-7 and its power in the controller, step by step.
		if a.Accepted != b.Accepted || a.Rejected != b.Rejected || math.Abs(a.PeakError-b.PeakError) > 1e-5 {
			t.Errorf("%s: %v, as state %v", m.Name(), a, b)
		}
		if math.Abs(g.m[0]-inside.State[2]) > 1e-10 {
			t.Errorf("%s: memory %v, as state %v", m.Name(), g.m, inside.State[2:])
		}
	}
}

// Without source a memory is multiplied by the method's stability function,
// which the order conditions make exp(z) + O(z^(order+1)).
func TestStabilityFunction(t *testing.T) {
	for _, m := range explicitMethods() {
		rk := m.(*RungeKutta)
		mem := Memory{TimeConstant: 1}
		mem.bind(rk)
		const h = 0.05
		mem.prepare(rk, h)
		got, want := mem.factors[rk.stages], math.Exp(-h)
		if e := math.Abs(got - want); e > 2*math.Pow(h, float64(rk.Order()+1))+1e-15 {
			t.Errorf("%s: R(−%v) = %v, exp is %v", rk.Name(), h, got, want)
		}
		// Both ways to R: the end stage's factor, and 1 + z Σ b(z).
		var step MemoryStep
		mem.describe(&step, 1, h)
		sum := 0.0
		for _, w := range step.Weights {
			sum += w
		}
		if far(step.Decay, got) || far(1-sum, got) {
			t.Errorf("%s: R = %v, 1 + z Σ b(z) = %v, end factor %v", rk.Name(), step.Decay, 1-sum, got)
		}
	}
}

func TestMemoryRefusesATimeConstant(t *testing.T) {
	for _, tau := range []float64{0, -1, math.NaN()} {
		m := &Memory{TimeConstant: tau, Accumulate: func(*MemoryStep) {}}
		if _, err := New(Problem{Derivative: circuit, Memories: []*Memory{m}}, 2, nil, Settings{}); err == nil {
			t.Errorf("a time constant of %v was accepted", tau)
		}
	}
}

// The stages at a step's end are told the end itself, to the last bit: t + h
// with h = tNew − t may be off by a rounding.
func TestMemoryTimesAtTheEnd(t *testing.T) {
	grid, off := []float64{-0.3}, 0
	for x := 0.01; x < 1; x *= 3.1 {
		if last := grid[len(grid)-1]; last+(x-last) != x {
			off++
		}
		grid = append(grid, x)
	}
	if off == 0 {
		t.Fatal("no step of the grid has a rounded size")
	}
	for _, m := range explicitMethods() {
		rk := m.(*RungeKutta)
		var ends []float64
		memory := Memory{TimeConstant: 1, Accumulate: func(s *MemoryStep) {
			for j, c := range rk.c {
				if c == 1 && s.Times[j] != s.Times[rk.stages] {
					t.Errorf("%s: stage %d at %v, the end at %v", m.Name(), j, s.Times[j], s.Times[rk.stages])
				}
			}
			ends = append(ends, s.Times[rk.stages])
		}}
		settings := Settings{RecordSteps: true, Grid: grid[1:]}
		sol, err := Solve(context.Background(), Problem{Derivative: circuit, Memories: []*Memory{&memory}}, []float64{0.2, 0.9}, Span{grid[0], grid[len(grid)-1]}, m, settings)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(ends) != fmt.Sprint(sol.Steps) {
			t.Errorf("%s: the memory's ends differ from the steps'", m.Name())
		}
	}
}

// A memory with an Error is enough to choose steps by, one without is not.
func TestMemoryAloneControlsTheSteps(t *testing.T) {
	measured := func(*MemoryStep) float64 { return 0 }
	for _, c := range []struct {
		memories []*Memory
		fine     bool
	}{
		{nil, false},
		{[]*Memory{{TimeConstant: 1, Accumulate: func(*MemoryStep) {}}}, false},
		{[]*Memory{{TimeConstant: 1}, {TimeConstant: 1, Accumulate: func(*MemoryStep) {}, Error: measured}}, true},
		{[]*Memory{{TimeConstant: 1, Error: measured}}, false}, // of what nobody gathers
		{[]*Memory{nil}, false},
	} {
		_, err := New(Problem{Derivative: circuit, Memories: c.memories}, 2, nil, Settings{Atol: math.Inf(1)})
		if (err == nil) != c.fine {
			t.Errorf("%d memories: %v", len(c.memories), err)
		}
	}
}
