package model

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// jacobianCases are networks in which each part of the Jacobian has its turn.
func jacobianCases() map[string]func(*Parameters) {
	return map[string]func(*Parameters){
		"paper": func(*Parameters) {}, "rise": func(p *Parameters) { p.TauRise = 0.03 }, "no lag": func(p *Parameters) { p.TauCalcium = 0 },
		"no hidden lag": func(p *Parameters) { p.TauHidden = 0 }, "no output lag": func(p *Parameters) { p.TauOutput = 0 },
		"leaks": func(p *Parameters) { p.TauHebbian, p.TauPresynaptic = 3, 2 }, "late": func(p *Parameters) { p.Latency = 0.05 },
		"late, no hidden lag": func(p *Parameters) { p.Latency, p.TauHidden, p.TauPresynaptic = 0.05, 0, 2 },
		"late rise":           func(p *Parameters) { p.Latency, p.TauRise, p.TauPresynaptic = 0.09, 0.02, 2 },
		"receptor":            func(p *Parameters) { p.Division = Division{Readout: Receptor, HalfEffect: 0.4} },
		"slow receptor":       func(p *Parameters) { p.Division = Division{Readout: Receptor, HalfEffect: 0.4, TauReceptor: 0.03} },
		"slow, no lag": func(p *Parameters) {
			p.Division, p.TauCalcium = Division{Readout: Receptor, HalfEffect: 0.4, TauReceptor: 0.03}, 0
		},
		"event": func(p *Parameters) { p.Division = Division{Readout: Event, HalfEffect: 0.4, Threshold: 2} },
		"event, no lag": func(p *Parameters) {
			p.Division, p.TauCalcium = Division{Readout: Event, HalfEffect: 0.4, Threshold: 2}, 0
		},
		"floor": func(p *Parameters) { p.Division.Floor = 1e6 }, "none": func(p *Parameters) { p.Circuit, p.Division.Level = NoAstrocyte, 2 },
		"li-rinzel": func(p *Parameters) { p.Calcium, p.IP3Max, p.LargestSum = LiRinzel, 0.3, 9 },
		"de-pitta":  func(p *Parameters) { p.Calcium, p.LargestSum = DePitta, 9 },
		"de-pitta, slow receptor": func(p *Parameters) {
			p.Calcium, p.LargestSum, p.Division = DePitta, 9, Division{Readout: Receptor, HalfEffect: 0.4, TauReceptor: 0.03}
		},
	}
}

// jacobianSpy compares the Jacobian with differences of the derivative in every span that a
// solver goes through, at states near those that it starts from.
type jacobianSpy struct {
	*reducedSolver
	t     *testing.T
	rng   *rand.Rand
	spans int
}

func (spy *jacobianSpy) solve(seg Segment, inner *products, at []float64, emit func(int, *coefficients)) (coefficients, error) {
	reached, err := spy.reducedSolver.solve(seg, inner, at, emit)
	if err != nil {
		return reached, err
	}
	state := make([]float64, len(spy.start))
	for i := range inner.spans {
		spy.span = &inner.spans[i]
		for n := range state {
			state[n] = 0.5 + spy.rng.Float64()
		}
		copy(state[atAstrocyte:], inner.astrocyte)
		for n := atAstrocyte; n < len(state); n++ {
			state[n] *= 1 + 0.1*spy.rng.Float64()
		}
		spy.compare(seg.Start+spy.span.from+0.3*(spy.span.to-spy.span.from), state)
		spy.spans++
	}
	spy.span = &inner.spans[len(inner.spans)-1]
	return reached, nil
}

func (spy *jacobianSpy) compare(time float64, state []float64) {
	spy.t.Helper()
	compareJacobian(spy.t, &spy.seg, spy.newJacobian(), spy.derivative, time, state)
}

// compareJacobian compares one with differences of a derivative.
func compareJacobian(t *testing.T, seg *Segment, jacobian integrator.Jacobian, derivative integrator.Derivative, time float64, state []float64) {
	t.Helper()
	dim := len(state)
	have, want := make([]float64, dim*(dim+1)), make([]float64, dim*(dim+1))
	jacobian(time, state, func(row, column int, value float64) { have[row*(dim+1)+column] += value })
	up, down := make([]float64, dim), make([]float64, dim)
	for column := range dim + 1 {
		const step = 1e-6
		moved := append([]float64(nil), state...)
		later, earlier := time, time
		if column == dim {
			later, earlier = time+1e-3*step, time-1e-3*step
			derivative(later, moved, up)
			derivative(earlier, moved, down)
		} else {
			moved[column] = state[column] + step
			derivative(time, moved, up)
			moved[column] = state[column] - step
			derivative(time, moved, down)
		}
		for row := range dim {
			width := 2 * step
			if column == dim {
				width = later - earlier
			}
			want[row*(dim+1)+column] = (up[row] - down[row]) / width
		}
	}
	var scale float64
	for _, x := range want {
		scale = max(scale, math.Abs(x))
	}
	for i := range want {
		tolerance := 1e-7
		if i%(dim+1) == dim {
			tolerance = 1e-4 // a difference over 2e-9 s
		}
		if off := math.Abs(have[i] - want[i]); !(off <= tolerance*scale) {
			t.Fatalf("%v blank %v: ∂rate %d/∂state %d is %.10g, by differences %.10g", seg.Phase, seg.Blank, i/(dim+1), i%(dim+1), have[i], want[i])
		}
	}
}

// The analytic Jacobian is that of the derivative, in every segment of every network.
func TestJacobianIsTheDerivatives(t *testing.T) {
	for name, change := range jacobianCases() {
		for _, drive := range []Drive{Ungated, WhileReading, Hold} {
			t.Run(fmt.Sprintf("%s, %s", name, drive), func(t *testing.T) {
				head, p := astrocyteHead(t)
				p.Drive = drive
				change(&p)
				if !p.astrocyte().smooth() {
					t.Fatal("its Jacobian is not known")
				}
				solver := Solver{Method: integrator.Dopri5(), Rtol: 1e-4, Atol: 1e-7}
				reduced := &reducedSolver{ctx: context.Background(), parameters: p, astrocyte: p.astrocyte(), drives: newExactSolver(context.Background(), p, nil), learning: p.Learning(), tol: solver.tolerances(head.Neurons, head.Values, p.astrocyte())}
				dim := atAstrocyte + reduced.astrocyte.states
				reduced.start, reduced.settled = make([]float64, dim), make([]float64, reduced.astrocyte.states)
				settings := solver.settings(p)
				settings.Norm = integrator.NormFunc(reduced.norm)
				var err error
				if reduced.stepper, err = integrator.New(integrator.Problem{Derivative: reduced.derivative}, dim, solver.Method, settings); err != nil {
					t.Fatal(err)
				}
				spy := &jacobianSpy{reduced, t, rand.New(rand.NewPCG(3, 5)), 0}
				if _, err := head.propagate(context.Background(), p, spy, Options{}); err != nil {
					t.Fatal(err)
				}
				if spy.spans < p.Segments(head.Tokens) {
					t.Errorf("%d spans were looked at", spy.spans)
				}
			})
		}
	}
}

// apartSpy is jacobianSpy for the equations that the exact rung integrates where the astrocyte
// has no closed form, as which it takes every one.
type apartSpy struct {
	*exactSolver
	t     *testing.T
	rng   *rand.Rand
	spans int
}

func (spy *apartSpy) solve(seg Segment, inner *products, at []float64, emit func(int, *coefficients)) (coefficients, error) {
	reached, err := spy.integrate(seg, inner, at, emit)
	if err != nil {
		return reached, err
	}
	state := make([]float64, len(spy.apart.state))
	for i := range inner.spans {
		spy.apart.span = &inner.spans[i]
		for n, value := range inner.astrocyte {
			state[n] = value * (1 + 0.1*spy.rng.Float64())
		}
		compareJacobian(spy.t, &spy.apart.seg, spy.apart.newJacobian(), spy.apart.derivative, 0.3*(spy.apart.span.to-spy.apart.span.from), state)
		spy.spans++
	}
	spy.apart.span = &inner.spans[len(inner.spans)-1]
	return reached, nil
}

// The same of the equations that are integrated apart.
func TestJacobianApartIsTheDerivatives(t *testing.T) {
	for name, change := range jacobianCases() {
		for _, drive := range []Drive{Ungated, WhileReading, Hold} {
			head, p := astrocyteHead(t)
			p.Drive = drive
			if change(&p); p.astrocyte().states == 0 { // nothing is integrated
				continue
			}
			t.Run(fmt.Sprintf("%s, %s", name, drive), func(t *testing.T) {
				spy := &apartSpy{newExactSolver(context.Background(), p, nil), t, rand.New(rand.NewPCG(3, 5)), 0}
				if _, err := head.propagate(context.Background(), p, spy, Options{}); err != nil {
					t.Fatal(err)
				}
				if spy.spans < p.Segments(head.Tokens) {
					t.Errorf("%d spans were looked at", spy.spans)
				}
			})
		}
	}
}

// compartmentsSpy is apartSpy for compartments.
type compartmentsSpy struct {
	*compartmentSteps
	t     *testing.T
	rng   *rand.Rand
	spans int
}

func (spy *compartmentsSpy) solve(seg Segment, inner []*products, at []float64, emit func(int, []coefficients)) ([]coefficients, error) {
	start := append([]float64(nil), spy.astrocyte...)
	reached, err := spy.compartmentSteps.solve(seg, inner, at, emit)
	if err != nil {
		return reached, err
	}
	state, jacobian := make([]float64, len(spy.start)), spy.newJacobian()
	for spy.span = range spy.spans0() {
		for n := range state {
			state[n] = 0.5 + spy.rng.Float64()
		}
		for n, value := range start {
			state[spy.before+n] = max(value, 0.1) * (1 + 0.1*spy.rng.Float64()) // 1/p has a slope that differences tell
		}
		kind := spy.compartmentSteps.spans[0][spy.span].spanKind
		compareJacobian(spy.t, &spy.seg, jacobian, spy.derivative, spy.clock(kind.from+0.3*(kind.to-kind.from)), state)
		spy.spans++
	}
	return reached, nil
}

func (spy *compartmentsSpy) spans0() []span { return spy.compartmentSteps.spans[0] }

// The same of compartments, for the exact rung and for a solver.
func TestJacobianOfCompartmentsIsTheDerivatives(t *testing.T) {
	changes := jacobianCases()
	changes["gathers"] = func(p *Parameters) { p.Division = Division{Readout: Threshold, Threshold: 0.5} }
	for name, change := range changes {
		var with Parameters
		if change(&with); with.Circuit != Tripartite {
			continue
		}
		for i, topology := range []Topology{Ring, Line, All} {
			for _, exactly := range []bool{true, false} {
				head, p := astrocyteHead(t)
				p.Drive = []Drive{Ungated, WhileReading, Hold}[i]
				if change(&p); exactly && p.astrocyte().states == 0 { // nothing is integrated
					continue
				}
				t.Run(fmt.Sprintf("%s, %s, exactly %v", name, topology, exactly), func(t *testing.T) {
					p.Compartments = Compartments{Count: 4, Topology: topology, Exchange: 7, Spread: 0.3}
					steps, err := head.newSolverSteps(context.Background(), p, Solver{Method: integrator.Dopri5(), Rtol: 1e-4, Atol: 1e-7}, nil)
					if err != nil {
						t.Fatal(err)
					}
					if exactly {
						steps = newApartSteps(newExactSolver(context.Background(), p, nil), nil)
					}
					spy := &compartmentsSpy{steps, t, rand.New(rand.NewPCG(3, 5)), 0}
					if _, err := head.propagateCompartments(context.Background(), p, spy, Options{}); err != nil {
						t.Fatal(err)
					}
					if spy.spans < p.Segments(head.Tokens) {
						t.Errorf("%d spans were looked at", spy.spans)
					}
				})
			}
		}
	}
}

// With it the exact rung's astrocyte is integrated implicitly to what it is explicitly, in fewer
// steps where receptors that divide deeply make it stiff, by either implicit method.
func TestApartIsIntegratedImplicitly(t *testing.T) {
	head, p := astrocyteHead(t)
	for name, division := range map[string]Division{
		"receptor": {Readout: Receptor, HalfEffect: 1e-4, TauReceptor: 0.05, Floor: 1e-9}, "event": {Readout: Event, HalfEffect: 0.3, Threshold: 2, Floor: 1e-9},
	} {
		p.Division = division
		var outputs [3][]float64
		var steps [3]int
		for i, method := range []integrator.Method{integrator.Dop853(), integrator.Rodas5P(), integrator.Radau9()} {
			exact := newExactSolver(context.Background(), p, method)
			var err error
			if exact.apart, err = exact.newApart(); err != nil {
				t.Fatal(err)
			}
			if stepper := exact.apart.stepper; !integrator.Implicit(method) {
				stepper.stiffly = nil
			} else if !stepper.turn() {
				t.Fatal("there is no implicit method")
			}
			r, err := head.propagate(context.Background(), p, exact, Options{})
			if err != nil {
				t.Fatal(err)
			}
			outputs[i], steps[i] = r.Output, exact.apart.stepper.Stats().Accepted
		}
		t.Logf("%s: %d steps by dop853, rodas5p and radau9", name, steps)
		if division.Readout == Receptor && (2*steps[1] > steps[0] || 10*steps[2] > steps[0]) {
			t.Errorf("%s: %d steps by dop853, rodas5p and radau9", name, steps)
		}
		for _, output := range outputs[1:] {
			if d := difference(output, outputs[0]); !(d < 1e-8) {
				t.Errorf("%s: the outputs differ by %.2g", name, d)
			}
		}
	}
}

// By it every reference problem is solved to the tolerance.
func TestAstrocytesAreIntegratedImplicitly(t *testing.T) {
	const tolerance = 1e-7
	for _, p := range astrocyteProblems(t) {
		r, _, err := p.head(t).Integrate(context.Background(), p.parameters(), Solver{Method: integrator.Rodas5P(), Rtol: tolerance, Atol: 1e-3 * tolerance}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := difference(r.Output, p.Output); d > 20*tolerance {
			t.Errorf("%s: output differs by %.2g", p.Name, d)
		}
	}
}

// Calcium a thousand times as fast as by default is stiff: a twentieth of the steps are
// enough and a tenth of the evaluations, also where it is held but in reads.
func TestStiffNetworkTakesFewSteps(t *testing.T) {
	head := drawHead(t, "positive", 6, 100, 16, 8, 7)
	const least = 20
	for _, drive := range []Drive{Ungated, WhileReading, Hold} {
		p := Parameters{
			TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 5e-5, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: 0.25, Read: 0.5, Gap: 0.3,
			Drive: drive, Baseline: 3, Division: Division{Floor: 1e-9},
		}
		want := outputOf(t, head, p)
		count := func(method integrator.Method) integrator.Stats {
			r, stats, err := head.Integrate(context.Background(), p, Solver{Method: method, Rtol: 1e-6, Atol: 1e-9}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if d := difference(r.Output, want); d > 2e-5 {
				t.Errorf("%s, %s: output differs by %.2g", drive, method.Name(), d)
			}
			return stats
		}
		explicit, implicit := count(integrator.Dopri5()), count(integrator.Rodas5P())
		if steps, evaluations := float64(explicit.Accepted)/float64(implicit.Accepted), float64(explicit.Evaluations)/float64(implicit.Evaluations); steps < least || evaluations < 10 {
			t.Errorf("%s: %d steps of %d, %d evaluations of %d", drive, implicit.Accepted, explicit.Accepted, implicit.Evaluations, explicit.Evaluations)
		}
	}
}
