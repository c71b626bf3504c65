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
		problem.Jacobian = steps.newJacobian()
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

// outputRates sets those of f of a read, of each compartment.
func (steps *compartmentSteps) outputRates(common *coefficients, state, rates []float64) {
	if steps.parameters.TauOutput == 0 {
		return
	}
	perSecond, astrocyte := 1/steps.parameters.TauOutput, steps.pool.astrocyte
	phi, hidden := settled(common, 1, steps.seg.Blank)
	felt := phi != 0 || hidden != 0 // else they count for nothing even where p is 0
	own, from := steps.states(state), steps.atOutput(0)
	state, rates = state[from:], rates[from:]
	for c, p := range steps.levels {
		gain := 0.0
		if felt {
			gain = 1 / astrocyte.readout.divisor(max(p, astrocyte.floor), own[c*astrocyte.states+astrocyte.own:(c+1)*astrocyte.states])
		}
		of, rate := state[outputs*c:][:outputs], rates[outputs*c:][:outputs]
		rate[0], rate[1] = (float64(gain*phi)-of[0])*perSecond, (float64(gain*hidden)-of[1])*perSecond
	}
}

// norm is the scaled error of [tolerances]: of h, g and f over all compartments, and of each
// one's calcium.
func (steps *compartmentSteps) norm(_, _ float64, before, after, errors []float64) float64 {
	tol, lengths := &steps.tol, &steps.lengths
	ratio := func(err, atol, before, after float64) float64 {
		return err / (atol + float64(tol.rtol*max(before, after)))
	}
	worst := ratio(lengths.hidden(errors), tol.hidden, lengths.hidden(before), lengths.hidden(after))
	worst = max(worst, ratio(lengths.coupling(errors), tol.coupling, lengths.coupling(before), lengths.coupling(after)))
	if steps.seg.Phase == Writing {
		worst = max(worst, ratio(lengths.written(errors, 0), tol.output, lengths.written(before, 1), lengths.written(after, 1)))
	} else {
		from := steps.atOutput(0)
		worst = max(worst, ratio(lengths.read(errors, from), tol.output, lengths.read(before, from), lengths.read(after, from)))
	}
	was, is := steps.states(before), steps.states(after)
	for i, err := range steps.states(errors) {
		worst = max(worst, ratio(math.Abs(err), tol.calcium, math.Abs(was[i]), math.Abs(is[i])))
	}
	return worst
}

// pooledLengths are those of h, g and f over all compartments in a segment, by the coordinates of a
// state.
type pooledLengths struct {
	ofHidden, ofCoupling, ofOutput [3][3]float64
	felt                           []pairGram // of Hφ and Hh(0) of each compartment
}

// set takes the inner products of a segment's vectors in each compartment.
func (lengths *pooledLengths) set(inner []*products) {
	var all products
	lengths.felt = lengths.felt[:0]
	for _, of := range inner {
		all.add(&of.collected)
		all.gg += of.gg
		lengths.felt = append(lengths.felt, pairGram{of.out[1][1], of.out[1][2], of.out[2][2]})
	}
	lengths.ofHidden = [3][3]float64{{all.phiPhi, all.phiHidden}, {all.phiHidden, all.hiddenHidden}}
	lengths.ofCoupling, lengths.ofOutput = *all.couplingGram(), inner[0].out
}

func (lengths *pooledLengths) hidden(state []float64) float64 {
	return math.Sqrt(quadratic(&lengths.ofHidden, state[atPhi], state[atHidden], 0))
}

func (lengths *pooledLengths) coupling(state []float64) float64 {
	return math.Sqrt(quadratic(&lengths.ofCoupling, state[atCoupling], state[atCouplingPhi], state[atCouplingHidden]))
}

// written is that of f while a token is written, of a state that holds the token's value so often.
func (lengths *pooledLengths) written(state []float64, value float64) float64 {
	return math.Sqrt(quadratic(&lengths.ofOutput, value, state[atOutput], 0))
}

// read is the sum of the lengths of what the compartments, whose coordinates of f begin at a place,
// add to f in a read, which is no less than that of their sum.
func (lengths *pooledLengths) read(state []float64, from int) float64 {
	length := math.Abs(state[atOutput]) * math.Sqrt(lengths.ofOutput[0][0])
	for c, state := 0, state[from:]; c < len(lengths.felt) && len(state) >= 2; c, state = c+1, state[2:] {
		length += math.Sqrt(lengths.felt[c].quadratic(state[0], state[1]))
	}
	return length
}
