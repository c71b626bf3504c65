package model

import (
	"context"
	"math"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// eventProblem is one entry of testdata/event_reference.json: the network whose astrocyte
// releases in events, by SciPy's DOP853 (rtol 1e-12), by testdata/event_reference.py.
type eventProblem struct {
	astrocyteProblem
	Threshold float64
	Released  int
}

func (p eventProblem) parameters() Parameters {
	parameters := p.astrocyteProblem.parameters()
	parameters.Division.Threshold = p.Threshold
	return parameters
}

func eventProblems(t *testing.T) []eventProblem {
	t.Helper()
	problems := reference[eventProblem](t, "event")
	released := 0
	for _, p := range problems {
		released += p.Released
	}
	if len(problems) < 11 || released < 15 {
		t.Fatalf("only %d reference problems with %d releases", len(problems), released)
	}
	return problems
}

// By every way of the exact rung and by solvers, reduced and in full, the network that
// releases in events is SciPy's.
func TestEventsAgreeWithSciPy(t *testing.T) {
	ctx := context.Background()
	for _, p := range eventProblems(t) {
		t.Run(p.Name, func(t *testing.T) {
			parameters := p.parameters()
			check := func(name string, tolerance float64, r Result, err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				agree(t, name, tolerance, map[string][2][]float64{"output": {r.Output, p.Output}, "attention": {r.Attention, p.Attention}, "calcium": {r.Calcium, p.Calcium}, "divisor": {r.Normalizer, p.Divisor}})
			}
			for name, opt := range map[string]Options{"exact": {Attention: true, Dwell: true}, "by time": {Attention: true, byTime: true}, "by tsit5": {Attention: true, Other: integrator.Tsit5()}} {
				r, err := p.head(t).Exact(ctx, parameters, opt)
				check(name, 1e-8, r, err)
			}
			const tolerance = 1e-7
			for _, method := range []integrator.Method{integrator.Dopri5(), integrator.Rodas5P()} {
				solver := Solver{Method: method, Rtol: tolerance, Atol: 1e-3 * tolerance}
				r, _, err := p.head(t).Integrate(ctx, parameters, solver, Options{Attention: true})
				check(method.Name(), 20*tolerance, r, err)
			}
			r, _, err := p.head(t).IntegrateFull(ctx, parameters, Solver{Method: integrator.Dopri5(), Rtol: tolerance, Atol: 1e-3 * tolerance}, Options{Attention: true})
			check("in full", 20*tolerance, r, err)
		})
	}
}

// A release frees 60 % of what is stored, 78 µM of a full store, of which receptors bind
// 1 − e^{−O_G 78 µM/Ω_e}, 86 %, before they unbind again; without one nothing divides but p_h.
func TestOneRelease(t *testing.T) {
	astrocyte := (&Parameters{TauCalcium: 0.05, Division: Division{Readout: Event, HalfEffect: 1, Threshold: 2}}).astrocyte()
	state := astrocyte.begin(1)
	if d := astrocyte.divisor(5, state); d != 1 {
		t.Errorf("before it %g divides, not p_h", d)
	}
	readout := astrocyte.readout.(jumpingReadout)
	part := state[astrocyte.own:]
	if !readout.cross(true, part) || readout.cross(true, part) || math.Abs(part[atReleased]-78) > 1e-12 || math.Abs(part[atStored]-0.4) > 1e-15 {
		t.Errorf("after it the state is %v", part)
	}
	const step = 1e-5
	rates := make([]float64, len(part))
	for range 50_000 { // half a second, by Euler's method
		clear(rates)
		readout.derivative(5, part, rates)
		for i := range part {
			part[i] += step * rates[i]
		}
	}
	if bound := 1 - part[atUnbound]; math.Abs(bound-0.86) > 0.01 {
		t.Errorf("%g of the receptors are bound", bound)
	}
	if !readout.cross(false, part) || part[atReleased] > 1 {
		t.Error("coming down it releases, too")
	}
}

// What is recorded of the read-out follows its equations between releases, of which there
// are as many as SciPy finds: store and transmitter jump in opposite directions.
func TestRecordedStoreAndTransmitter(t *testing.T) {
	const every = 0.002
	recovers, clears := math.Exp(-releaseRecovery*every), math.Exp(-releaseClearance*every)
	for _, p := range eventProblems(t) {
		for name, solve := range map[string]func(opt Options) error{
			"exact": func(opt Options) error {
				_, err := p.head(t).Exact(context.Background(), p.parameters(), opt)
				return err
			},
			"reduced": func(opt Options) error {
				_, _, err := p.head(t).Integrate(context.Background(), p.parameters(), Solver{Method: integrator.Dopri5(), Rtol: 1e-8, Atol: 1e-11}, opt)
				return err
			},
			"in full": func(opt Options) error {
				_, _, err := p.head(t).IntegrateFull(context.Background(), p.parameters(), Solver{Method: integrator.Dopri5(), Rtol: 1e-8, Atol: 1e-11}, opt)
				return err
			},
		} {
			recorder := &Recorder{Every: every}
			if err := solve(Options{Recorder: recorder}); err != nil {
				t.Fatal(err)
			}
			stored, transmitter := recorder.Trajectory.Of("x_a"), recorder.Trajectory.Of("g_a")
			if len(stored) != len(recorder.Trajectory.T) || len(transmitter) != len(stored) || stored[0] != 1 || transmitter[0] != 0 {
				t.Fatalf("%s, %s: %d and %d samples, from %v and %v", p.Name, name, len(stored), len(transmitter), stored[0], transmitter[0])
			}
			releases := 0
			for i, x := range stored[1:] {
				wantStored, wantTransmitter := 1-(1-stored[i])*recovers, transmitter[i]*clears
				switch {
				case math.Abs(x-wantStored) < 1e-6 && math.Abs(transmitter[i+1]-wantTransmitter) < 1e-4:
				case x < stored[i] && transmitter[i+1] > transmitter[i]:
					releases++
				default:
					t.Fatalf("%s, %s: after %g s x_A goes from %g to %g, not %g, and G_A from %g to %g, not %g", p.Name, name, recorder.Trajectory.T[i], stored[i], x, wantStored, transmitter[i], transmitter[i+1], wantTransmitter)
				}
			}
			if releases != p.Released {
				t.Errorf("%s, %s: %d releases, by SciPy %d", p.Name, name, releases, p.Released)
			}
		}
	}
}
