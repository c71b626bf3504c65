package model

import (
	"context"
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// Solver says how the differential equations are integrated.
type Solver struct {
	Method     integrator.Method
	Step       float64 // s; > 0 fixes the step
	Rtol, Atol float64 // of an adaptive method, for each group of variables
	// HiddenUnit and CalciumUnit are what Atol is counted in, for h and g and
	// for p: e^a and e^{2a} where the features carry a common factor e^a. 0: 1.
	HiddenUnit, CalciumUnit float64
}

// The local error is measured by groups of variables, h, f, g and p, each as
// one vector; the worst group counts:
//
//	‖err_G‖₂ / (√n_G atol_G + rtol ‖y_G‖₂)
//
// so the steps depend neither on the number of neurons nor on the coordinates
// in which the state is held. H is not among them: nothing is fed back through
// it while it is written, and while it is read it only decays.
type tolerances struct {
	rtol                              float64
	hidden, output, coupling, calcium float64 // √n_G atol_G
}

func (s Solver) tolerances(neurons, values int) tolerances {
	unit := func(x float64) float64 {
		if x == 0 {
			return 1
		}
		return x
	}
	m, dv := math.Sqrt(float64(neurons)), math.Sqrt(float64(values))
	return tolerances{
		rtol: s.Rtol, hidden: m * s.Atol * unit(s.HiddenUnit), output: dv * s.Atol,
		coupling: m * s.Atol * unit(s.HiddenUnit), calcium: s.Atol * unit(s.CalciumUnit),
	}
}

// firstStep is where an adaptive method starts in the very first segment, as a
// fraction of the shortest time constant; later segments start with the first
// step accepted in the one before.
const firstStep = 1e-2

func (s Solver) settings(p Parameters) integrator.Settings {
	shortest, _ := p.Shortest(false)
	return integrator.Settings{
		Rtol: s.Rtol, Atol: s.Atol, Step: s.Step,
		FirstStep: firstStep * min(shortest, p.Write, p.Read), Carry: integrator.CarryFirst,
	}
}

// Integrate returns what the continuous network answers when its equations are
// integrated by a Runge–Kutta method, in each segment's coordinates: the same
// numbers as [Head.IntegrateFull] on the same steps, to rounding, at a cost of
// each step that depends on neither m nor d_v.
func (h *Head) Integrate(ctx context.Context, p Parameters, s Solver, opt Options) (Result, integrator.Stats, error) {
	if err := p.Validate(); err != nil {
		return Result{}, integrator.Stats{}, err
	}
	r := &reducedSolver{ctx: ctx, p: p, tol: s.tolerances(h.Neurons, h.Values)}
	settings := s.settings(p)
	settings.Norm = integrator.NormFunc(r.norm)
	if p.Division.StopAtFloor {
		settings.Accepted = func(_, _ float64, y []float64) { r.lowest = min(r.lowest, r.coefficients(y).calcium) }
	}
	if opt.Recorder != nil {
		settings.Save = integrator.Save{At: opt.Recorder.schedule(p.Schedule(h.Tokens)), Function: r.sample}
	}
	return r.run(h, s.Method, settings, opt)
}

// reducedSolver is a segmentSolver that integrates a segment's coordinates.
type reducedSolver struct {
	ctx     context.Context
	p       Parameters
	tol     tolerances
	stepper *integrator.Integrator
	lowest  float64 // calcium met while reading the segment at hand

	// The segment at hand.
	seg     Segment
	x       *products
	emit    func(int, *coefficients)
	emitted int
	start   [coordinates]float64
}

func (r *reducedSolver) run(h *Head, method integrator.Method, settings integrator.Settings, opt Options) (Result, integrator.Stats, error) {
	var err error
	if r.stepper, err = integrator.New(integrator.Problem{Derivative: r.derivative}, coordinates, method, settings); err != nil {
		return Result{}, integrator.Stats{}, err
	}
	out, err := h.propagate(r.ctx, r.p, r, opt)
	return out, r.stepper.Stats(), err
}

// The state: coefficients as a vector.
const (
	atPhi = iota
	atHidden
	atOutput
	atOutputPhi
	atOutputHidden
	atHebbian
	atValuePhi
	atValueHidden
	atCarriedPhi
	atCarriedHidden
	atCoupling
	atCouplingPhi
	atCouplingHidden
	atCalcium
	coordinates
)

// coefficients reads a state; variables with a time constant of 0 take their
// settled values.
func (r *reducedSolver) coefficients(y []float64) coefficients {
	c := coefficients{
		phi: y[atPhi], hidden: y[atHidden], output: y[atOutput], outputPhi: y[atOutputPhi], outputHidden: y[atOutputHidden],
		hebbian: y[atHebbian], valuePhi: y[atValuePhi], valueHidden: y[atValueHidden],
		carriedPhi: y[atCarriedPhi], carriedHidden: y[atCarriedHidden],
		coupling: y[atCoupling], couplingPhi: y[atCouplingPhi], couplingHidden: y[atCouplingHidden],
		calcium: y[atCalcium],
	}
	if r.p.TauCalcium == 0 {
		c.calcium = r.x.calciumDrive(&c)
	}
	if r.p.TauOutput == 0 && r.seg.Phase == Reading {
		c.outputPhi, c.outputHidden = r.drive(&c)
	}
	return c
}

// drive returns (H∘P)h in the coordinates of Hφ and Hh(0).
func (r *reducedSolver) drive(c *coefficients) (phi, hidden float64) {
	gain := r.p.Division.of(c.hebbian, c.calcium)
	if !r.seg.Blank { // else no φ is presented, and p may be 0
		phi = gain * c.phi
	}
	if c.hidden != 0 {
		hidden = gain * c.hidden
	}
	return phi, hidden
}

// derivative is science §1 in a segment's coordinates.
func (r *reducedSolver) derivative(_ float64, y, dy []float64) {
	p := &r.p
	c := r.coefficients(y)
	clear(dy)
	if p.TauHidden > 0 {
		dy[atPhi] = (1 - c.phi) / p.TauHidden
		dy[atHidden] = -c.hidden / p.TauHidden
	}
	if p.TauCalcium > 0 {
		dy[atCalcium] = (r.x.calciumDrive(&c) - c.calcium) / p.TauCalcium
	}
	dy[atHebbian] = -c.hebbian / p.TauHebbian
	dy[atCoupling] = -c.coupling / p.TauPresynaptic
	if r.seg.Phase == Reading {
		if p.TauOutput > 0 {
			phi, hidden := r.drive(&c)
			dy[atOutput] = -c.output / p.TauOutput
			dy[atOutputPhi] = (phi - c.outputPhi) / p.TauOutput
			dy[atOutputHidden] = (hidden - c.outputHidden) / p.TauOutput
		}
		return
	}
	if p.TauOutput > 0 {
		dy[atOutput] = -c.output / p.TauOutput
	}
	u, b, z := c.phi, c.hidden, c.output
	dy[atCouplingPhi] = u/p.Write - c.couplingPhi/p.TauPresynaptic
	dy[atCouplingHidden] = b/p.Write - c.couplingHidden/p.TauPresynaptic
	dy[atValuePhi] = u/p.Write - c.valuePhi/p.TauHebbian
	dy[atValueHidden] = b/p.Write - c.valueHidden/p.TauHebbian
	dy[atCarriedPhi] = z*u/p.Write - c.carriedPhi/p.TauHebbian
	dy[atCarriedHidden] = z*b/p.Write - c.carriedHidden/p.TauHebbian
}

func (r *reducedSolver) solve(seg Segment, x *products, at []float64, emit func(int, *coefficients)) (coefficients, error) {
	r.seg, r.x, r.emit, r.emitted = seg, x, emit, 0
	r.lowest = math.Inf(1)
	clear(r.start[:])
	r.start[atHebbian], r.start[atCoupling], r.start[atCalcium] = 1, 1, x.calcium
	if r.p.TauHidden > 0 {
		r.start[atHidden] = 1
	} else {
		r.start[atPhi] = 1
	}
	if r.p.TauOutput > 0 {
		r.start[atOutput] = 1
	}
	if seg.Start == 0 {
		r.stepper.Reset(0, r.start[:])
	} else {
		r.stepper.SetState(r.start[:])
	}
	if status := r.stepper.Advance(r.ctx, seg.Start+seg.Duration); status.Err() != nil {
		return coefficients{}, solverError(r.ctx, seg, status)
	}
	c := r.coefficients(r.stepper.State())
	if err := r.p.Division.check(seg, min(r.lowest, c.calcium)); err != nil {
		return c, err
	}
	if r.emitted != len(at) {
		panic(fmt.Sprintf("model: %d of %d samples taken in the segment at %g s", r.emitted, len(at), seg.Start))
	}
	return c, nil
}

// solverError tells a cancelled run from a failed one, and says where it failed.
func solverError(ctx context.Context, seg Segment, status integrator.Status) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%s token %d: %w", seg.Phase, seg.Token, status.Err())
}

// sample passes a recorded state on.
func (r *reducedSolver) sample(_ float64, y, _ []float64) {
	c := r.coefficients(y)
	r.emit(r.emitted, &c)
	r.emitted++
}

// norm is the scaled error of [tolerances], from the inner products of the
// vectors that the coordinates stand for.
func (r *reducedSolver) norm(_, _ float64, yOld, yNew, e []float64) float64 {
	x, tol := r.x, &r.tol
	size := func(m *[3][3]float64, c0, c1, c2 float64) float64 {
		return math.Sqrt(quadratic(m, c0, c1, c2))
	}
	hidden := [3][3]float64{{x.phiPhi, x.phiHidden}, {x.phiHidden, x.hiddenHidden}}
	coupling := [3][3]float64{{x.gg, x.gPhi, x.gHidden}, {x.gPhi, x.phiPhi, x.phiHidden}, {x.gHidden, x.phiHidden, x.hiddenHidden}}
	ratio := func(err, atol, before, after float64) float64 {
		return err / (atol + float64(tol.rtol*max(before, after)))
	}

	h := func(y []float64) float64 { return size(&hidden, y[atPhi], y[atHidden], 0) }
	g := func(y []float64) float64 {
		return size(&coupling, y[atCoupling], y[atCouplingPhi], y[atCouplingHidden])
	}
	f := func(y []float64, value float64) float64 {
		if r.seg.Phase == Writing {
			return size(&x.out, value, y[atOutput], 0)
		}
		return size(&x.out, y[atOutput], y[atOutputPhi], y[atOutputHidden])
	}
	worst := ratio(h(e), tol.hidden, h(yOld), h(yNew))
	worst = max(worst, ratio(f(e, 0), tol.output, f(yOld, 1), f(yNew, 1)))
	worst = max(worst, ratio(g(e), tol.coupling, g(yOld), g(yNew)))
	return max(worst, ratio(math.Abs(e[atCalcium]), tol.calcium, math.Abs(yOld[atCalcium]), math.Abs(yNew[atCalcium])))
}
