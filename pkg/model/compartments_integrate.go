package model

import (
	"context"
	"math"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// integrateCompartments integrates a head with compartments.
func (head *Head) integrateCompartments(ctx context.Context, parameters Parameters, solver Solver, opt Options) (Result, integrator.Stats, error) {
	steps, err := head.newSolverSteps(ctx, parameters, solver, opt.Recorder)
	if err != nil {
		return Result{}, integrator.Stats{}, err
	}
	result, err := head.propagateCompartments(ctx, parameters, steps, opt)
	return result, steps.stepper.Stats(), err
}

// newSolverSteps integrates all of a segment's coordinates.
func (head *Head) newSolverSteps(ctx context.Context, parameters Parameters, solver Solver, recorder *Recorder) (*compartmentSteps, error) {
	steps := newCompartmentSteps(ctx, parameters, newExactSolver(ctx, parameters, nil), atAstrocyte+1)
	var err error
	if steps.frozen, err = newDividedCoupling(head, &parameters); err != nil {
		return nil, err
	}
	alone := parameters.withoutAstrocyte()
	steps.common = &reducedSolver{ctx: ctx, parameters: alone, astrocyte: alone.astrocyte(), learning: parameters.Learning()}
	steps.tol = solver.tolerances(head.Neurons, head.Values, steps.pool.astrocyte)
	settings := solver.settings(parameters)
	settings.Norm = integrator.NormFunc(steps.norm)
	if parameters.Division.StopAtFloor {
		settings.Accepted = func(time, _ float64, state []float64) { steps.read(time, state); steps.noteLowest() }
	}
	if recorder != nil {
		settings.Save = integrator.Save{At: recorder.schedule(parameters.Schedule(head.Tokens)), Function: steps.sample}
	}
	problem := integrator.Problem{Derivative: steps.derivative, Events: steps.pool.events(steps)}
	if steps.pool.astrocyte.smooth() {
		problem.Jacobian = steps.solverJacobian()
	}
	stepper, err := integrator.New(problem, len(steps.start), solver.Method, settings)
	if err != nil {
		return nil, err
	}
	steps.stepper = stepper
	return steps, nil
}

// sample passes a recorded state on.
func (steps *compartmentSteps) sample(time float64, state, _ []float64) {
	steps.read(time, state)
	steps.emit(steps.emitted, steps.reached)
	steps.emitted++
}

// norm is the scaled error of [tolerances]: of h, g and f over all compartments, and of each
// one's calcium.
func (steps *compartmentSteps) norm(_, _ float64, before, after, errors []float64) float64 {
	tol := &steps.tol
	var all products
	for c := range steps.inner {
		all.add(&steps.inner[c].collected)
		all.gg += steps.inner[c].gg
	}
	hiddenGram := [3][3]float64{{all.phiPhi, all.phiHidden}, {all.phiHidden, all.hiddenHidden}}
	couplingGram := all.couplingGram()
	ratio := func(err, atol, before, after float64) float64 {
		return err / (atol + float64(tol.rtol*max(before, after)))
	}
	hidden := func(state []float64) float64 {
		return math.Sqrt(quadratic(&hiddenGram, state[atPhi], state[atHidden], 0))
	}
	coupling := func(state []float64) float64 {
		return math.Sqrt(quadratic(couplingGram, state[atCoupling], state[atCouplingPhi], state[atCouplingHidden]))
	}
	// Of f the lengths of what the compartments add, which is no less than that of their sum.
	output := func(state []float64, value float64) float64 {
		out := &steps.inner[0].out
		if steps.seg.Phase == Writing {
			return math.Sqrt(quadratic(out, value, state[atOutput], 0))
		}
		length := math.Abs(state[atOutput]) * math.Sqrt(out[0][0])
		for c := range steps.inner {
			at := steps.atOutput(c)
			length += math.Sqrt(quadratic(&steps.inner[c].out, 0, state[at], state[at+1]))
		}
		return length
	}
	worst := ratio(hidden(errors), tol.hidden, hidden(before), hidden(after))
	worst = max(worst, ratio(output(errors, 0), tol.output, output(before, 1), output(after, 1)))
	worst = max(worst, ratio(coupling(errors), tol.coupling, coupling(before), coupling(after)))
	was, is := steps.states(before), steps.states(after)
	for i, err := range steps.states(errors) {
		worst = max(worst, ratio(math.Abs(err), tol.calcium, math.Abs(was[i]), math.Abs(is[i])))
	}
	return worst
}
