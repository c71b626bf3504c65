package model

import (
	"cmp"
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
	// for p: e^a and e^{2a} where the features carry a common factor e^a. 0: 1. Of
	// calcium in µM Atol is in that.
	HiddenUnit, CalciumUnit float64

	exactly bool // by the exact rung's methods, of which Method may be one
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

func (solver Solver) tolerances(neurons, values int, astrocyte *astrocyte) tolerances {
	hiddenUnit, calciumUnit := cmp.Or(solver.HiddenUnit, 1), cmp.Or(solver.CalciumUnit, 1)
	if !astrocyte.scaled {
		calciumUnit = 1
	}
	hidden, output := math.Sqrt(float64(max(neurons, 1))), math.Sqrt(float64(values))
	return tolerances{
		rtol: solver.Rtol, hidden: hidden * solver.Atol * hiddenUnit, output: output * solver.Atol,
		coupling: hidden * solver.Atol * hiddenUnit, calcium: solver.Atol * calciumUnit,
	}
}

// firstStep is where an adaptive method starts in the very first segment, as a
// fraction of the shortest time constant; later segments start with the first
// step accepted in the one before.
const firstStep = 1e-2

func (solver Solver) settings(parameters Parameters) integrator.Settings {
	shortest, _ := parameters.Shortest(false)
	return integrator.Settings{
		Rtol: solver.Rtol, Atol: solver.Atol, Step: solver.Step,
		FirstStep: firstStep * min(shortest, parameters.Write, parameters.Read), Carry: integrator.CarryFirst,
	}
}

// Integrate returns what the continuous network answers when its equations are
// integrated by a Runge–Kutta method, in each segment's coordinates: the same
// numbers as [Head.IntegrateFull] on the same steps, to rounding, at a cost of
// each step that depends on neither m nor d_v.
func (head *Head) Integrate(ctx context.Context, parameters Parameters, solver Solver, opt Options) (Result, integrator.Stats, error) {
	if err := parameters.Validate(); err != nil {
		return Result{}, integrator.Stats{}, err
	}
	if parameters.Emergent() {
		return head.divide(ctx, parameters, solver, opt)
	}
	if parameters.Replicated() {
		return head.integrateReplicator(ctx, parameters, solver, opt)
	}
	if parameters.Divided() {
		return head.integrateCompartments(ctx, parameters, solver, opt)
	}
	reduced := &reducedSolver{
		ctx: ctx, parameters: parameters, astrocyte: parameters.astrocyte(), drives: newExactSolver(ctx, parameters, nil), learning: parameters.Learning(),
		tol: solver.tolerances(head.Neurons, head.Values, parameters.astrocyte()),
	}
	settings := solver.settings(parameters)
	settings.Norm = integrator.NormFunc(reduced.norm)
	if parameters.Division.StopAtFloor {
		settings.Accepted = func(time, _ float64, state []float64) {
			var reached coefficients
			reduced.read(time, state, &reached)
			reduced.lowest = min(reduced.lowest, reached.calcium)
		}
	}
	if opt.Recorder != nil {
		settings.Save = integrator.Save{At: opt.Recorder.schedule(parameters.Schedule(head.Tokens)), Function: reduced.sample}
	}
	return reduced.run(head, solver.Method, settings, opt)
}

// reducedSolver is a segmentSolver that integrates a segment's coordinates.
type reducedSolver struct {
	ctx        context.Context
	parameters Parameters
	astrocyte  *astrocyte
	drives     *exactSolver // of which late drives are
	learning   float64      // η
	tol        tolerances
	stepper    *integrator.Integrator
	lowest     float64 // calcium met while reading the segment at hand

	// The segment at hand, and the span of it.
	seg     Segment
	span    *span
	inner   *products
	emit    func(int, *coefficients)
	emitted int
	start   []float64
	settled []float64 // the astrocyte's state at the end
}

func (reduced *reducedSolver) run(head *Head, method integrator.Method, settings integrator.Settings, opt Options) (Result, integrator.Stats, error) {
	var err error
	dim := atAstrocyte + reduced.astrocyte.states
	reduced.start, reduced.settled = make([]float64, dim), make([]float64, reduced.astrocyte.states)
	problem := integrator.Problem{Derivative: reduced.derivative, Events: reduced.astrocyte.events(reduced.level)}
	if reduced.astrocyte.smooth() {
		problem.Jacobian = reduced.newJacobian()
	}
	if reduced.stepper, err = integrator.New(problem, dim, method, settings); err != nil {
		return Result{}, integrator.Stats{}, err
	}
	out, err := head.propagate(reduced.ctx, reduced.parameters, reduced, opt)
	return out, reduced.stepper.Stats(), err
}

// The state: coefficients as a vector, and then the astrocyte's state.
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
	atAstrocyte
)

// read reads a state; variables with a time constant of 0 take their settled values.
func (reduced *reducedSolver) read(time float64, state []float64, reached *coefficients) {
	_ = state[atAstrocyte]
	reached.phi, reached.hidden = state[atPhi], state[atHidden]
	reached.output, reached.outputPhi, reached.outputHidden = state[atOutput], state[atOutputPhi], state[atOutputHidden]
	reached.hebbian = state[atHebbian]
	reached.valuePhi, reached.valueHidden = state[atValuePhi], state[atValueHidden]
	reached.carriedPhi, reached.carriedHidden = state[atCarriedPhi], state[atCarriedHidden]
	reached.coupling, reached.couplingPhi, reached.couplingHidden = state[atCoupling], state[atCouplingPhi], state[atCouplingHidden]
	reached.astrocyte = state[atAstrocyte:]
	var collected float64
	if reduced.astrocyte.atOnce {
		collected = reduced.collected(time, reached)
	}
	reached.calcium = reduced.astrocyte.level(reduced.span.course, collected, reached.astrocyte)
	if reduced.parameters.TauOutput == 0 && reduced.seg.Phase == Reading {
		reached.outputPhi, reached.outputHidden = reduced.settledOutput(reached)
	}
}

// level returns p.
func (reduced *reducedSolver) level(time float64, state []float64) float64 {
	var reached coefficients
	reduced.read(time, state, &reached)
	return reached.calcium
}

// collected returns S: of the coordinates that have been reached or, where the drive is
// late, of those that it had, in closed form.
func (reduced *reducedSolver) collected(time float64, reached *coefficients) float64 {
	if reduced.parameters.Latency == 0 {
		return reduced.span.drive.sum(reached)
	}
	if reduced.span.course != following {
		return 0
	}
	drift := reduced.drives.drift(reduced.span.phase, time-reduced.seg.Start-reduced.span.from)
	return reduced.span.drive.sum(&drift)
}

// settledOutput is where f settles.
func (reduced *reducedSolver) settledOutput(reached *coefficients) (phi, hidden float64) {
	return settled(reached, reduced.astrocyte.divisor(reached.calcium, reached.astrocyte), reduced.seg.Blank)
}

// derivative is science §1 in a segment's coordinates.
func (reduced *reducedSolver) derivative(time float64, state, dy []float64) {
	parameters := &reduced.parameters
	var reached coefficients
	reduced.read(time, state, &reached)
	clear(dy)
	if parameters.TauHidden > 0 {
		dy[atPhi] = (1 - reached.phi) / parameters.TauHidden
		dy[atHidden] = -reached.hidden / parameters.TauHidden
	}
	reduced.astrocyte.derivative(reduced.span.course, reduced.collected(time, &reached), reached.calcium, reached.astrocyte, dy[atAstrocyte:])
	dy[atHebbian] = -reached.hebbian / parameters.TauHebbian
	dy[atCoupling] = -reached.coupling / parameters.TauPresynaptic
	if parameters.TauOutput > 0 {
		dy[atOutput] = -reached.output / parameters.TauOutput
		if reduced.seg.Phase == Reading {
			phi, hidden := reduced.settledOutput(&reached)
			dy[atOutputPhi] = (phi - reached.outputPhi) / parameters.TauOutput
			dy[atOutputHidden] = (hidden - reached.outputHidden) / parameters.TauOutput
		}
	}
	if reduced.seg.Phase == Reading {
		return
	}
	u, b, z := reached.phi, reached.hidden, reached.output
	dy[atCouplingPhi] = u/parameters.Write - reached.couplingPhi/parameters.TauPresynaptic
	dy[atCouplingHidden] = b/parameters.Write - reached.couplingHidden/parameters.TauPresynaptic
	dy[atValuePhi] = float64(reduced.learning*(u/parameters.Write)) - reached.valuePhi/parameters.TauHebbian
	dy[atValueHidden] = float64(reduced.learning*(b/parameters.Write)) - reached.valueHidden/parameters.TauHebbian
	dy[atCarriedPhi] = float64(reduced.learning*(z*u/parameters.Write)) - reached.carriedPhi/parameters.TauHebbian
	dy[atCarriedHidden] = float64(reduced.learning*(z*b/parameters.Write)) - reached.carriedHidden/parameters.TauHebbian
}

func (reduced *reducedSolver) solve(seg Segment, inner *products, at []float64, emit func(int, *coefficients)) (coefficients, error) {
	reduced.seg, reduced.inner, reduced.emit, reduced.emitted = seg, inner, emit, 0
	reduced.lowest = math.Inf(1)
	clear(reduced.start)
	reduced.begin(reduced.start)
	copy(reduced.start[atAstrocyte:], inner.astrocyte)
	if seg.Start == 0 {
		reduced.stepper.Reset(0, reduced.start)
	} else {
		reduced.stepper.SetState(reduced.start)
	}
	for i := range inner.spans {
		if reduced.span = &inner.spans[i]; i > 0 {
			reduced.stepper.Discontinuity()
		}
		if status := reduced.astrocyte.advance(reduced.ctx, reduced.stepper, seg.Start+reduced.span.to, atAstrocyte, reduced.level); status.Err() != nil {
			return coefficients{}, solverError(reduced.ctx, seg, status)
		}
	}
	var reached coefficients
	end := seg.Start + seg.Duration
	reduced.read(end, reduced.stepper.State(), &reached)
	copy(reduced.settled, reached.astrocyte)
	reached.astrocyte = reduced.settled
	reduced.astrocyte.calcium.settle(reduced.span.course, reduced.collected(end, &reached), reached.astrocyte[:reduced.astrocyte.own])
	if err := reduced.parameters.Division.check(seg, min(reduced.lowest, reached.calcium)); err != nil {
		return reached, err
	}
	if reduced.emitted != len(at) {
		panic(fmt.Sprintf("model: %d of %d samples taken in the segment at %g s", reduced.emitted, len(at), seg.Start))
	}
	return reached, nil
}

// begin sets the coordinates with which a segment begins, of a state that is all 0.
func (reduced *reducedSolver) begin(state []float64) {
	state[atHebbian], state[atCoupling] = 1, 1
	if reduced.parameters.TauHidden > 0 {
		state[atHidden] = 1
	} else {
		state[atPhi] = 1
	}
	if reduced.parameters.TauOutput > 0 {
		state[atOutput] = 1
	}
}

// solverError tells a cancelled run from a failed one, and says where it failed.
func solverError(ctx context.Context, seg Segment, status integrator.Status) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%s token %d: %w", seg.Phase, seg.Token, status.Err())
}

// sample passes a recorded state on.
func (reduced *reducedSolver) sample(time float64, state, _ []float64) {
	var reached coefficients
	reduced.read(time, state, &reached)
	reduced.emit(reduced.emitted, &reached)
	reduced.emitted++
}

// norm is the scaled error of [tolerances], from the inner products of the
// vectors that the coordinates stand for.
func (reduced *reducedSolver) norm(_, _ float64, yOld, yNew, errors []float64) float64 {
	inner, tol := reduced.inner, &reduced.tol
	size := func(gram *[3][3]float64, c0, c1, c2 float64) float64 {
		return math.Sqrt(quadratic(gram, c0, c1, c2))
	}
	hiddenGram := [3][3]float64{{inner.phiPhi, inner.phiHidden}, {inner.phiHidden, inner.hiddenHidden}}
	couplingGram := inner.couplingGram()
	ratio := func(err, atol, before, after float64) float64 {
		return err / (atol + float64(tol.rtol*max(before, after)))
	}

	hidden := func(state []float64) float64 { return size(&hiddenGram, state[atPhi], state[atHidden], 0) }
	coupling := func(state []float64) float64 {
		return size(couplingGram, state[atCoupling], state[atCouplingPhi], state[atCouplingHidden])
	}
	output := func(state []float64, value float64) float64 {
		if reduced.seg.Phase == Writing {
			return size(&inner.out, value, state[atOutput], 0)
		}
		return size(&inner.out, state[atOutput], state[atOutputPhi], state[atOutputHidden])
	}
	worst := ratio(hidden(errors), tol.hidden, hidden(yOld), hidden(yNew))
	worst = max(worst, ratio(output(errors, 0), tol.output, output(yOld, 1), output(yNew, 1)))
	worst = max(worst, ratio(coupling(errors), tol.coupling, coupling(yOld), coupling(yNew)))
	for i, err := range errors[atAstrocyte:] {
		at := atAstrocyte + i
		worst = max(worst, ratio(math.Abs(err), tol.calcium, math.Abs(yOld[at]), math.Abs(yNew[at])))
	}
	return worst
}
