package model

import (
	"math"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// apart integrates an astrocyte that has no closed form, and what f makes of its
// read-out, for the exact rung: a few equations under a drive that is known in closed
// form, as all the rest is. Its state is the astrocyte's, the coordinates of f on Hφ and
// Hh(0), and these two's integrals over time. Its time starts with each span: where a drive
// arrives its steps, relative to each variable, may be shorter than a segment's time resolves.
type apart struct {
	exact   *exactSolver
	stepper *exactStepper
	state   []float64
	lowest  float64 // calcium met
	felt    bool    // f is followed from here on
	floored bool    // p is at or below its floor, which divides

	// The segment and the span at hand.
	seg  Segment
	span *span
}

// forgotten is after how many of its time constants f has forgotten what it was: all that
// is left of it is e^{−60}. A read of which the end alone is asked for and that is longer
// has f followed from there on, so that it does not hold up calcium that takes seconds.
const forgotten = 60

// tiny is nothing, but not 0.
const tiny = 1e-300

// followed returns from when on f is followed in a segment.
func (exact *exactSolver) followed(seg Segment, at []float64) float64 {
	if seg.Phase == Reading && len(at) == 0 && !exact.averages && !exact.means {
		return seg.Duration - float64(forgotten*exact.parameters.TauOutput)
	}
	return 0
}

func (exact *exactSolver) newApart() (*apart, error) {
	apart := &apart{exact: exact, state: make([]float64, exact.astrocyte.states+4)}
	settings := exactSettings(exact.parameters, exact.astrocyte.roundings)
	if exact.parameters.Division.StopAtFloor {
		settings.Accepted = func(t, _ float64, state []float64) {
			_, p := apart.calcium(t, state)
			apart.lowest = min(apart.lowest, p)
		}
	}
	problem := integrator.Problem{Derivative: apart.derivative, Events: exact.astrocyte.events(apart.level)}
	if exact.astrocyte.smooth() {
		problem.Jacobian = apart.newJacobian()
	}
	if exact.astrocyte.states == exact.astrocyte.own { // P follows p at once
		problem.Events = []integrator.Event{{Name: "floor", Function: apart.aboveFloor, Terminal: true}}
	}
	var err error
	apart.stepper, err = newExactStepper(problem, len(apart.state), exact.method, settings)
	return apart, err
}

// aboveFloor is p − p_min while f is followed. There 1/max(p, p_min) has a kink, between what
// may be a billion times what it is elsewhere and a pole: a step has to end there. It is looked
// at where steps end. What may be missed is calcium that comes up and goes down again within
// one, of a few τ_f, in which the floor divides before and after.
func (apart *apart) aboveFloor(time float64, state []float64) float64 {
	if !apart.follows() {
		return 1
	}
	return apart.level(time, state) - apart.exact.astrocyte.floor
}

// follows reports whether there is an f that feels p.
func (apart *apart) follows() bool { return apart.felt && apart.seg.Phase == Reading }

// turn begins a stretch in which the equations are others than before.
func (apart *apart) turn() {
	apart.stepper.Discontinuity()
	apart.floored = apart.level(apart.stepper.Time(), apart.stepper.State()) <= apart.exact.astrocyte.floor
}

// advance takes the stepper to a time of the segment, from one passage of p through its floor to
// the next.
func (apart *apart) advance(end float64) error {
	exact, from := apart.exact, apart.span.from
	if apart.seg.unresolved(from+apart.stepper.Time(), end) {
		return nil
	}
	for {
		status := exact.astrocyte.advance(exact.ctx, apart.stepper, end-from, 0, apart.level)
		if status.Reason != integrator.TerminalEvent {
			if status.Err() != nil {
				return solverError(exact.ctx, apart.seg, status)
			}
			return nil
		}
		apart.floored = !apart.floored
	}
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
	clear(apart.state)
	copy(apart.state, inner.astrocyte)
	follow := exact.followed(seg, at)
	apart.felt = follow <= 0
	span := -1
	var reached coefficients
	for i := range table.legs {
		leg := &table.legs[i]
		if leg.span != span {
			if span = leg.span; span > 0 {
				copy(apart.state, apart.stepper.State())
			}
			apart.span = &inner.spans[span]
			apart.stepper.Reset(0, apart.state)
			apart.turn()
		}
		if !apart.felt && follow < leg.end {
			if err := apart.advance(follow); err != nil {
				return coefficients{}, err
			}
			apart.felt = true
			apart.turn()
		}
		if err := apart.advance(leg.end); err != nil {
			return coefficients{}, err
		}
		if leg.instant < 0 {
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
	_, p := apart.calcium(time, state)
	return p
}

// calcium returns S and p at a time of the span.
func (apart *apart) calcium(time float64, state []float64) (collected, p float64) {
	exact, span := apart.exact, apart.span
	if span.course == following {
		drift := exact.drift(span.phase, time)
		collected = span.drive.sum(&drift)
	}
	return collected, exact.astrocyte.level(span.course, collected, state[:exact.astrocyte.states])
}

// within returns what divides within a step: the floor or p, a little below the floor as
// well, so that it has no kink.
func (apart *apart) within(p float64) float64 {
	floor := apart.exact.astrocyte.floor
	if apart.floored {
		return floor
	}
	return max(p, floor/2)
}

// settled returns where the coordinates of f settle with a p that divides.
func (apart *apart) settled(time, p float64, state []float64) (phi, hidden float64) {
	exact := apart.exact
	time += apart.span.from
	reached := coefficients{phi: rise(exact.hidden, time), hidden: decay(exact.hidden, time), hebbian: decay(exact.hebbian, time)}
	return settled(&reached, exact.astrocyte.readout.divisor(p, state[exact.astrocyte.own:exact.astrocyte.states]), apart.seg.Blank)
}

func (apart *apart) derivative(time float64, state, dy []float64) {
	exact, own := apart.exact, apart.exact.astrocyte.states
	clear(dy)
	collected, p := apart.calcium(time, state)
	exact.astrocyte.derivative(apart.span.course, collected, p, state[:own], dy[:own])
	if !apart.follows() {
		return
	}
	phi, hidden := apart.settled(time, apart.within(p), state)
	if exact.parameters.TauOutput > 0 {
		dy[own], dy[own+1] = exact.output*(phi-state[own]), exact.output*(hidden-state[own+1])
		phi, hidden = state[own], state[own+1]
	}
	if exact.averages {
		dy[own+2], dy[own+3] = phi, hidden
	}
}

// read sets the astrocyte's state and the coordinates of f that have been reached.
func (apart *apart) read(time float64, reached *coefficients) {
	exact, state, own := apart.exact, apart.stepper.State(), apart.exact.astrocyte.states
	collected, p := apart.calcium(time, state)
	copy(exact.state, state)
	exact.astrocyte.calcium.settle(apart.span.course, collected, exact.state[:exact.astrocyte.own])
	reached.astrocyte, reached.calcium = exact.state, p
	switch {
	case apart.seg.Phase == Writing:
		return
	case exact.averages:
		since := apart.span.from + time
		reached.outputPhi, reached.outputHidden = state[own+2]/since, state[own+3]/since
	case exact.parameters.TauOutput > 0:
		reached.outputPhi, reached.outputHidden = state[own], state[own+1]
	default:
		reached.outputPhi, reached.outputHidden = apart.settled(time, max(p, exact.astrocyte.floor), state)
	}
}
