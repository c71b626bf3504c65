package model

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// slowestMode returns the largest real part of the eigenvalues of a cell that has settled
// under a drive, 1/s, by central differences of its equations.
func slowestMode(t *testing.T, cell calciumModel, collected float64) float64 {
	t.Helper()
	state := make([]float64, cell.states())
	cell.begin(collected, state)
	jacobian := mat.NewDense(len(state), len(state), nil)
	fd.Jacobian(jacobian, func(rates, state []float64) { derivativeOf(cell, following, collected, state, rates) }, state, &fd.JacobianSettings{Formula: fd.Central})
	var eigen mat.Eigen
	if !eigen.Factorize(jacobian, mat.EigenNone) {
		t.Fatal("no eigenvalues")
	}
	worst := math.Inf(-1)
	for _, value := range eigen.Values(nil) {
		worst = max(worst, real(value))
	}
	return worst
}

// aLiRinzel is a cell in which a drive of S makes IP3 of 0.16 + 0.1 S µM.
func aLiRinzel() *liRinzel { return &liRinzel{gain: 0.1} }

// At rest calcium and inactivation are what NEST's astrocyte_lr_1994 starts from, 0.073 µM
// and 0.793, which is where its equations rest to the three digits that it prints within
// 1.1 %; and the slowest mode there takes 11.6 s.
func TestLiRinzelAtRest(t *testing.T) {
	cell := aLiRinzel()
	state := make([]float64, lrStates)
	cell.begin(0, state)
	for _, c := range []struct {
		name         string
		is, want, by float64
	}{
		{"IP3", state[lrAtIP3], 0.16, 1e-15}, {"calcium", lrResting.calcium + state[lrAtCalcium], 0.07222, 5e-6}, {"h", state[lrAtInactivation], 0.79242, 5e-6},
		{"NEST's calcium", lrResting.calcium + state[lrAtCalcium], 0.073, 0.0008}, {"NEST's h", state[lrAtInactivation], 0.793, 0.0006},
		{"the slowest mode", -1 / slowestMode(t, cell, 0), 11.6, 0.05},
	} {
		if math.Abs(c.is-c.want) > c.by {
			t.Errorf("%s is %g, not %g", c.name, c.is, c.want)
		}
	}
}

// The cell's variables are recorded by their names, as SciPy has them at the end of each read.
func TestCellsAreRecorded(t *testing.T) {
	for _, p := range astrocyteProblems(t) {
		if p.Cell == nil {
			continue
		}
		parameters := p.parameters()
		record := func(solve func(Options) error) *Trajectory {
			recorder := &Recorder{Every: 0.25}
			if err := solve(Options{Recorder: recorder}); err != nil {
				t.Fatal(err)
			}
			return &recorder.Trajectory
		}
		solver := Solver{Method: integrator.Dopri5(), Rtol: 1e-10, Atol: 1e-12}
		for way, trajectory := range map[string]*Trajectory{
			"exact": record(func(opt Options) error { _, err := p.head(t).Exact(t.Context(), parameters, opt); return err }),
			"reduced": record(func(opt Options) error {
				_, _, err := p.head(t).Integrate(t.Context(), parameters, solver, opt)
				return err
			}),
			"full": record(func(opt Options) error {
				_, _, err := p.head(t).IntegrateFull(t.Context(), parameters, solver, opt)
				return err
			}),
		} {
			variables := parameters.cellular().variables()
			for i, name := range variables {
				samples := trajectory.Of(name)
				for _, seg := range parameters.Schedule(p.Tokens) {
					if seg.Phase == Writing || seg.Blank {
						continue
					}
					at := int(math.Round((seg.Start + seg.Duration) / 0.25))
					if want := p.Cell[seg.Token*len(variables)+i]; math.Abs(samples[at]-want) > 1e-8*want {
						t.Errorf("%s, %s: %s is %g at the end of read %d, not %g", p.Name, way, name, samples[at], seg.Token, want)
					}
				}
			}
		}
	}
}

// The Hopf points are where the slowest mode, that of a pair, neither grows nor decays, to four digits.
func TestLiRinzelOscillates(t *testing.T) {
	cell := aLiRinzel()
	for point, grows := range map[float64]float64{OscillatesFrom: 1, OscillatesTo: -1} {
		const digit = 5e-5 // half of the last
		for side, sign := range map[float64]float64{point - digit: -grows, point + digit: grows} {
			if mode := slowestMode(t, cell, (side-RestingIP3)/cell.gain); !(mode*sign > 0) {
				t.Errorf("at %g µM of IP3 the slowest mode grows with %g/s", side, mode)
			}
		}
	}
}

// What IP3 makes of calcium grows with it, F⁻¹ takes it back, and it is stable from rest
// to 0.345 µM and from 0.8 µM, and not between the Hopf points.
func TestLiRinzelCurve(t *testing.T) {
	cell, before := aLiRinzel(), 0.0
	for ip3 := RestingIP3; ip3 < 1.2; ip3 += 0.0025 {
		ca := lrResting.calcium + lrCalciumAbove(ip3-RestingIP3)
		if !(ca > before) {
			t.Fatalf("%g µM of IP3 settles at %g µM, and less at %g", ip3, ca, before)
		}
		before = ca
		if back := lrReticulum.settled(ca); !lrFound(&back) || math.Abs(back.ip3-ip3) > 1e-12 {
			t.Errorf("%g µM of IP3 is taken for %g", ip3, back.ip3)
		}
		mode := slowestMode(t, cell, (ip3-RestingIP3)/cell.gain)
		if oscillates := ip3 > OscillatesFrom && ip3 < OscillatesTo; oscillates != (mode > 0) {
			t.Errorf("at %g µM of IP3 the slowest mode grows with %g/s", ip3, mode)
		}
	}
	if ca := lrResting.calcium + lrCalciumAbove(0.345-RestingIP3); math.Abs(ca-0.1496) > 5e-5 {
		t.Errorf("0.345 µM of IP3 settles at %g µM", ca)
	}
	const most = MostIP3 - RestingIP3
	for _, ca := range []float64{1.5 - lrResting.calcium, 1.8 - lrResting.calcium, lrCalciumAbove(most) + 1e-3} {
		if lrIP3Above(ca, lrReticulum.open(lrResting.calcium+ca)) != most {
			t.Error("there is IP3 for calcium beyond what any settles at")
		}
	}
	if p := levelOf(cell, following, 0, []float64{0.16, 0.06 - lrResting.calcium, 0.8}); !(p < 0) {
		t.Errorf("calcium below rest is read as %g", p)
	}
}

// course integrates a cell's state for a time, s, and returns it.
func course(t *testing.T, derivative func(state, rates []float64), state []float64, time float64) []float64 {
	t.Helper()
	stepper, err := integrator.New(integrator.Problem{Derivative: func(_ float64, state, rates []float64) {
		clear(rates)
		derivative(state, rates)
	}}, len(state), integrator.Dop853(), integrator.Settings{Rtol: 1e-12, Atol: 1e-15})
	if err != nil {
		t.Fatal(err)
	}
	stepper.Reset(0, state)
	if status := stepper.Advance(t.Context(), time); status.Err() != nil {
		t.Fatal(status.Err())
	}
	return append([]float64(nil), stepper.State()...)
}

// Calcium is neither lost nor gained: where the reticulum's is a variable of its own, the
// cell has as much at the end as at the start, and the same in the cytosol as where the
// reticulum has what is left.
func TestLiRinzelConserves(t *testing.T) {
	cell := aLiRinzel()
	for _, collected := range []float64{0, 1.4, 3.5, 9} { // the third oscillates
		start := []float64{RestingIP3, 0.2 - lrResting.calcium, 0.7}
		reduced := course(t, func(state, rates []float64) { derivativeOf(cell, following, collected, state, rates) }, start, 100)
		whole := course(t, func(state, rates []float64) {
			derivativeOf(cell, following, collected, state[:lrStates], rates[:lrStates])
			ca := lrResting.calcium + state[lrAtCalcium]
			flux, _ := lrReticulum.rates(state[lrAtIP3], ca, lrReticulum.volumes*(state[3]-ca), state[lrAtInactivation])
			rates[lrAtCalcium], rates[3] = flux, -flux/lrReticulum.volumes
		}, append(start, (lrReticulum.total-0.2)/lrReticulum.volumes), 100)
		if total := lrResting.calcium + whole[lrAtCalcium] + lrReticulum.volumes*whole[3]; math.Abs(total-lrReticulum.total) > 1e-12 {
			t.Errorf("a drive of %g: %g µM of calcium in all, not %g", collected, total, lrReticulum.total)
		}
		for i := range reduced {
			if math.Abs(whole[i]-reduced[i]) > 1e-8 {
				t.Errorf("a drive of %g: state %d is %g, and with the reticulum's calcium a variable %g", collected, i, reduced[i], whole[i])
			}
		}
	}
}

// Where a read lasts, what is read tends to what is collected, which is the paper's
// astrocyte, with the time of the slowest mode.
func TestLiRinzelTendsToTheWellMixed(t *testing.T) {
	cell := aLiRinzel()
	for _, collected := range []float64{0.05, 0.7, 1.4} {
		state := make([]float64, lrStates)
		cell.begin(1, state)
		off := func(time float64) float64 {
			after := course(t, func(state, rates []float64) { derivativeOf(cell, following, collected, state, rates) }, state, time)
			return math.Abs(levelOf(cell, following, collected, after) - collected)
		}
		const read = 60.0
		tau := -1 / slowestMode(t, cell, collected)
		first := off(read)
		// Slow modes may come in a pair, which turns: what is left is then compared over turns.
		least, most := math.Inf(1), 0.0
		for part := range 40 {
			left := off(read+2*tau+float64(part)*tau/10) * math.Exp(2+float64(part)/10)
			least, most = min(least, left), max(most, left)
		}
		if !(first < 0.05*math.Abs(1-collected)) || !(most < 3*first) {
			t.Errorf("a drive of %g: off by %g after %g s, and then by %g to %g e^{−t/%.2f s}", collected, first, read, least, most, tau)
		}
	}
}
