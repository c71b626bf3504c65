package model

import (
	"math"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// apart integrates an astrocyte that has no closed form for the exact rung: a few equations
// under a drive that is known in closed form, as all the rest is. What f makes of its read-out
// are the integrals of readout.go, over panels within its steps. Its time starts with each span:
// where a drive arrives its steps, relative to each variable, may be shorter than a segment's
// time resolves.
type apart struct {
	exact   *exactSolver
	stepper *exactStepper
	state   []float64
	lowest  float64 // calcium met

	// The segment and the span at hand.
	seg  Segment
	span *span
	outs *stepReadOuts
}

// tiny is nothing, but not 0.
const tiny = 1e-300

func (exact *exactSolver) newApart() (*apart, error) {
	apart := &apart{exact: exact, state: make([]float64, exact.astrocyte.states)}
	apart.outs = newStepReadOuts(exact, 1, func(time float64, state, into []float64) { into[0] = apart.level(time, state) })
	settings := exactSettings(exact.parameters, exact.astrocyte.roundings)
	settings.Within = apart.outs.within
	if exact.parameters.Division.StopAtFloor {
		settings.Accepted = func(t, _ float64, state []float64) { apart.lowest = min(apart.lowest, apart.level(t, state)) }
	}
	problem := integrator.Problem{Derivative: apart.derivative, Events: exact.astrocyte.events(apart.level)}
	if exact.astrocyte.smooth() {
		problem.Jacobian = apart.newJacobian()
	}
	var err error
	apart.stepper, err = newExactStepper(problem, len(apart.state), exact.method, settings)
	return apart, err
}

// advance takes the stepper to a time of the segment.
func (apart *apart) advance(end float64) error {
	exact, from := apart.exact, apart.span.from
	if apart.seg.unresolved(from+apart.stepper.Time(), end) {
		return nil
	}
	if status := exact.astrocyte.advance(exact.ctx, apart.stepper, end-from, 0, apart.level); status.Err() != nil {
		return solverError(exact.ctx, apart.seg, status)
	}
	return nil
}

// unresolved reports whether two times in a segment differ by rounding alone, as those of a sample
// and of a change beside it may: nothing that a step between them would tell is known, and where
// there is next to no calcium it would seem to be much.
func (seg *Segment) unresolved(from, to float64) bool { return to-from <= 0x1p-50*(seg.Start+to) }

// integrate is solve for an astrocyte that has no closed form.
func (exact *exactSolver) integrate(seg Segment, inner *products, at []float64, emit func(int, *coefficients)) (coefficients, error) {
	if exact.apart == nil {
		var err error
		if exact.apart, err = exact.newApart(); err != nil {
			return coefficients{}, err
		}
	}
	apart, table := exact.apart, exact.timetable(seg, inner.spans, at)
	apart.seg, apart.lowest = seg, math.Inf(1)
	apart.outs.begin(seg)
	copy(apart.state, inner.astrocyte)
	span := -1
	var start float64
	var reached coefficients
	for i := range table.legs {
		leg := &table.legs[i]
		if leg.span != span {
			if span = leg.span; span > 0 {
				copy(apart.state, apart.stepper.State())
			}
			apart.span = &inner.spans[span]
			apart.outs.kind = apart.span.spanKind
			apart.stepper.Reset(0, apart.state)
		}
		if err := apart.outs.through(start, leg.end, apart.advance); err != nil {
			return coefficients{}, err
		}
		if start = leg.end; leg.instant < 0 {
			continue
		}
		reached = table.instants[leg.instant].reached
		apart.read(leg.end-apart.span.from, &reached)
		apart.lowest = min(apart.lowest, reached.calcium)
		if err := exact.parameters.Division.check(seg, apart.lowest); err != nil {
			return reached, err
		}
		if leg.instant < len(at) {
			sample := reached
			emit(leg.instant, &sample)
		}
	}
	return reached, nil
}

// level returns p.
func (apart *apart) level(time float64, state []float64) float64 {
	course := apart.span.course
	var collected float64
	if apart.exact.astrocyte.atOnce {
		collected = apart.collected(time)
	}
	return apart.exact.astrocyte.level(course, collected, state)
}

// collected returns S at a time of the span.
func (apart *apart) collected(time float64) float64 {
	if apart.span.course != following {
		return 0
	}
	drift := apart.exact.drift(apart.span.phase, time)
	return apart.span.drive.sum(&drift)
}

func (apart *apart) derivative(time float64, state, dy []float64) {
	astrocyte := apart.exact.astrocyte
	clear(dy)
	var p float64
	if astrocyte.states > astrocyte.own {
		p = apart.level(time, state)
	}
	astrocyte.derivative(apart.span.course, apart.collected(time), p, state, dy)
}

// read sets the astrocyte's state and the coordinates of f that have been reached.
func (apart *apart) read(time float64, reached *coefficients) {
	exact, state := apart.exact, apart.stepper.State()
	copy(exact.state, state)
	exact.astrocyte.calcium.settle(apart.span.course, apart.collected(time), exact.state[:exact.astrocyte.own])
	reached.astrocyte, reached.calcium = exact.state, apart.level(time, state)
	if apart.seg.Phase == Reading {
		apart.outs.outs[0].answer(&apart.seg, reached)
	}
}
