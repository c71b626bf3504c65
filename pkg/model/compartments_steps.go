package model

import (
	"context"
	"math"

	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/pkg/integrator"
)

// compartmentSteps integrates compartments: for a solver all of a segment's coordinates, for
// the exact rung those of an astrocyte without a closed form, under a drive that is known. Its
// state is
//
//	the coordinates that all compartments have in common    as a reduced state has them (reduced.go); for a solver
//	the astrocyte's states, compartment by compartment
//	how H_cφ_c and H_ch_c(0) enter f of each                for a solver
type compartmentSteps struct {
	ctx        context.Context
	parameters Parameters
	pool       *pool
	common     *reducedSolver // of an astrocyte that does nothing; nil: closed forms
	before     int            // coordinates in common
	outs       *stepReadOuts  // what f makes of the steps; nil: it is integrated
	drives     *exactSolver   // closed forms of the drives that are late, or of all
	tol        tolerances
	lengths    pooledLengths // in the segment at hand; for a solver
	stepper    stepping
	late       []*lateness
	frozen     *dividedCoupling // nil: plastic
	spans      [][]span
	astrocyte  []float64 // its states between segments
	start      []float64
	sums, into []float64 // S_c, and what drives each calcium
	levels     []float64
	reached    []coefficients
	lowest     float64

	seg     Segment
	table   *timetable // of its closed forms
	span    int
	emit    func(int, []coefficients)
	emitted int
}

// outputs are the coordinates of f of a compartment.
const outputs = 2

func newCompartmentSteps(ctx context.Context, parameters Parameters, drives *exactSolver, before int) *compartmentSteps {
	pool := parameters.pool()
	dim := before + pool.count*pool.astrocyte.states
	if before > 0 {
		dim += outputs * pool.count
	}
	steps := &compartmentSteps{
		ctx: ctx, parameters: parameters, pool: pool, drives: drives, before: before, spans: make([][]span, pool.count), astrocyte: pool.begin(parameters.Baseline),
		start: make([]float64, dim), sums: make([]float64, pool.count), into: make([]float64, pool.count),
		levels: make([]float64, pool.count), reached: make([]coefficients, pool.count),
	}
	for range pool.count {
		steps.late = append(steps.late, newLateness(&steps.parameters, drives))
	}
	return steps
}

// newApartSteps integrates an astrocyte that has no closed form under the closed forms of the rest.
func newApartSteps(base *exactSolver, method integrator.Method) *compartmentSteps {
	steps := newCompartmentSteps(base.ctx, base.parameters, base, 0)
	steps.outs = newStepReadOuts(base, steps.pool.count, steps.level)
	settings := exactSettings(base.parameters, steps.roundings())
	settings.Within = steps.outs.within
	if base.parameters.Division.StopAtFloor {
		settings.Accepted = func(time, _ float64, state []float64) { steps.read(time, state); steps.noteLowest() }
	}
	problem := integrator.Problem{Derivative: steps.derivative, Events: steps.pool.events(steps)}
	if steps.pool.astrocyte.smooth() {
		problem.Jacobian = steps.newJacobian()
	}
	var err error
	if steps.stepper, err = newExactStepper(problem, len(steps.start), method, settings); err != nil {
		panic("model: " + err.Error()) // the settings are ours
	}
	return steps
}

// unlikely is how many times as much the rounding of a rate may be worth where the worst of many
// compartments counts, at all of a step's stages.
const unlikely = 16

// roundings are what rounding may be worth of the rates of all calcium.
func (steps *compartmentSteps) roundings() []float64 {
	all := make([]float64, steps.before+steps.pool.count*steps.pool.astrocyte.states)
	for c := range steps.pool.count {
		of := steps.pool.of(c, steps.states(all))
		for i, rounding := range steps.pool.astrocyte.roundings {
			of[i] = unlikely * rounding
		}
	}
	return all
}

// The places of a compartment's part of the state.
func (steps *compartmentSteps) states(state []float64) []float64 {
	return state[steps.before : steps.before+steps.pool.count*steps.pool.astrocyte.states]
}
func (steps *compartmentSteps) atOutput(c int) int {
	return steps.before + steps.pool.count*steps.pool.astrocyte.states + outputs*c
}

// since returns what a time of the stepper's clock is since the segment, and since the span, began.
// That of a solver goes through the schedule. For the exact rung it starts with each span: where a
// drive arrives its steps, relative to each variable, may be shorter than a segment's time resolves.
func (steps *compartmentSteps) since(time float64) (segment, span float64) {
	from := steps.spans[0][steps.span].from
	if steps.common == nil {
		return from + time, time
	}
	segment = time - steps.seg.Start
	return segment, segment - from
}

// clock is the stepper's at a time of the segment.
func (steps *compartmentSteps) clock(time float64) float64 {
	if steps.common == nil {
		return time - steps.spans[0][steps.span].from
	}
	return steps.seg.Start + time
}

// read sets all compartments' coordinates, and what drives their calcium.
func (steps *compartmentSteps) read(time float64, state []float64) {
	common := steps.drive(time, state)
	steps.pool.levels(steps.spans[0][steps.span].course, steps.into, steps.states(state), steps.levels)
	for c := range steps.reached {
		reached := &steps.reached[c]
		*reached = common
		reached.calcium, reached.astrocyte = steps.levels[c], steps.pool.of(c, steps.states(state))
		reached.outputPhi, reached.outputHidden = 0, 0
		switch at := steps.atOutput(c); {
		case steps.seg.Phase != Reading:
		case steps.outs != nil:
			steps.outs.outs[c].answer(&steps.seg, reached)
		case steps.parameters.TauOutput == 0:
			reached.outputPhi, reached.outputHidden = steps.settles(reached)
		default:
			reached.outputPhi, reached.outputHidden = state[at], state[at+1]
		}
	}
}

// drive sets what drives all calcium, and returns what the compartments have in common.
func (steps *compartmentSteps) drive(time float64, state []float64) (common coefficients) {
	since, inSpan := steps.since(time)
	if steps.common != nil {
		steps.common.read(time, state[:steps.before], &common)
	} else {
		common = steps.drives.drift(steps.seg.Phase, since)
		common.hebbian = portable.Exp(-steps.drives.hebbian * since)
	}
	course := steps.spans[0][steps.span].course
	if course == following {
		drift := common
		if steps.parameters.Latency > 0 {
			span := &steps.spans[0][steps.span]
			drift = steps.drives.drift(span.phase, inSpan)
		}
		for c := range steps.sums {
			steps.sums[c] = steps.spans[c][steps.span].drive.sum(&drift)
		}
		steps.pool.collect(steps.sums, steps.into)
	} else {
		clear(steps.into)
	}
	return common
}

func (steps *compartmentSteps) settles(reached *coefficients) (phi, hidden float64) {
	return settled(reached, steps.pool.astrocyte.divisor(reached.calcium, reached.astrocyte), steps.seg.Blank)
}

func (steps *compartmentSteps) derivative(time float64, state, dy []float64) {
	clear(dy)
	if steps.common != nil {
		steps.common.derivative(time, state[:steps.before], dy[:steps.before])
	}
	common, astrocyte, course := steps.drive(time, state), steps.pool.astrocyte, steps.spans[0][steps.span].course
	follows := steps.follows()
	if follows || astrocyte.states > astrocyte.own { // else nothing depends on p
		steps.pool.levels(course, steps.into, steps.states(state), steps.levels)
	}
	steps.pool.derivative(course, steps.into, steps.levels, steps.states(state), steps.states(dy))
	if follows {
		steps.outputRates(&common, state, dy)
	}
}

// follows reports whether there is an f among the states that feels p.
func (steps *compartmentSteps) follows() bool { return steps.outs == nil && steps.seg.Phase == Reading }

// level sets all calcium at a time of the stepper's clock.
func (steps *compartmentSteps) level(time float64, state, into []float64) {
	if steps.pool.astrocyte.atOnce {
		steps.drive(time, state)
	}
	steps.pool.levels(steps.spans[0][steps.span].course, steps.into, steps.states(state), into)
}

func (steps *compartmentSteps) solve(seg Segment, inner []*products, at []float64, emit func(int, []coefficients)) ([]coefficients, error) {
	steps.seg, steps.emit, steps.emitted, steps.lowest = seg, emit, 0, math.Inf(1)
	for c := range steps.spans {
		steps.spans[c] = steps.late[c].spans(seg, steps.frozen.drive(c, &seg, &inner[c].collected), steps.spans[c][:0])
	}
	clear(steps.start)
	if steps.common != nil {
		none := span{spanKind: spanKind{to: seg.Duration, phase: seg.Phase, course: held}}
		steps.common.seg, steps.common.span = seg, &none
		steps.common.begin(steps.start)
		steps.lengths.set(inner)
	}
	copy(steps.states(steps.start), steps.astrocyte)
	switch {
	case steps.common == nil:
		steps.table = steps.drives.timetable(seg, steps.spans[0], at)
		steps.outs.begin(seg)
	case seg.Start == 0:
		steps.stepper.Reset(0, steps.start)
	default:
		steps.stepper.SetState(steps.start)
	}
	if err := steps.through(at); err != nil {
		return nil, err
	}
	steps.finish(len(at), seg.Duration)
	copy(steps.astrocyte, steps.states(steps.stepper.State()))
	steps.pool.settle(steps.spans[0][steps.span].course, steps.into, steps.astrocyte)
	for c := range steps.reached {
		steps.reached[c].astrocyte = steps.pool.of(c, steps.astrocyte)
	}
	steps.frozen.advance(seg, &steps.reached[0])
	steps.noteLowest()
	return steps.reached, steps.parameters.Division.check(seg, steps.lowest)
}

// through takes steps from span to span, for the exact rung by way of the times that are wanted.
func (steps *compartmentSteps) through(at []float64) error {
	next, start := 0, 0.0
	for steps.span = range steps.spans[0] {
		span := &steps.spans[0][steps.span]
		if steps.common != nil {
			if steps.span > 0 {
				steps.stepper.Discontinuity()
			}
			steps.pool.follow(steps, steps.stepper)
			if err := steps.advance(span.to); err != nil {
				return err
			}
			continue
		}
		if steps.outs.kind = span.spanKind; steps.span > 0 {
			copy(steps.start, steps.stepper.State())
		}
		steps.stepper.Reset(0, steps.start)
		steps.pool.follow(steps, steps.stepper)
		for ; next < len(at) && (at[next] <= span.to || steps.span == len(steps.spans[0])-1); next++ {
			if err := steps.outs.through(start, at[next], steps.advance); err != nil {
				return err
			}
			start = at[next]
			steps.finish(next, start)
			steps.emit(next, steps.reached)
		}
		if err := steps.outs.through(start, span.to, steps.advance); err != nil {
			return err
		}
		start = span.to
	}
	return nil
}

// advance takes steps to a time within the segment.
func (steps *compartmentSteps) advance(to float64) error {
	end := steps.clock(to)
	if steps.arrived(to) {
		return nil
	}
	steps.pool.cross(steps, steps.stepper, -1)
	for !steps.arrived(to) {
		status := steps.stepper.Advance(steps.ctx, end)
		if status.Err() != nil {
			return solverError(steps.ctx, steps.seg, status)
		}
		if status.Reason != integrator.TerminalEvent {
			return nil
		}
		steps.pool.met(steps, steps.stepper, status.Event)
	}
	return nil
}

// arrived reports whether the exact rung's stepper is at a time within the segment but for rounding.
func (steps *compartmentSteps) arrived(to float64) bool {
	now, _ := steps.since(steps.stepper.Time())
	return steps.common == nil && steps.seg.unresolved(now, to)
}

// levelOf returns p of a compartment.
func (steps *compartmentSteps) levelOf(c int, time float64, state []float64) float64 {
	if !steps.pool.astrocyte.atOnce {
		return steps.pool.astrocyte.level(steps.spans[0][steps.span].course, 0, steps.pool.of(c, steps.states(state)))
	}
	steps.read(time, state)
	return steps.levels[c]
}

// finish reads off what has been reached at one of the times that are wanted, i, or at the end.
func (steps *compartmentSteps) finish(i int, at float64) {
	state := steps.stepper.State()
	steps.read(steps.clock(at), state)
	if steps.common != nil {
		return
	}
	for c := range steps.reached {
		reached := &steps.reached[c]
		found := *reached
		*reached = steps.table.instants[i].reached
		reached.calcium, reached.astrocyte, reached.outputPhi, reached.outputHidden = found.calcium, found.astrocyte, found.outputPhi, found.outputHidden
	}
}

// mean returns f of a compartment averaged over the read that was solved last.
func (steps *compartmentSteps) mean(c int) mean {
	out := &steps.outs.outs[c]
	return mean{out.phiMean, out.hiddenMean}
}

func (steps *compartmentSteps) noteLowest() {
	for _, p := range steps.levels {
		steps.lowest = min(steps.lowest, p)
	}
}
