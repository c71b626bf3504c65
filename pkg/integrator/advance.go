package integrator

import (
	"context"
	"math"
	"sort"
)

// Advance integrates from the present time to tEnd, forwards or backwards,
// and hits it exactly unless the Status says otherwise. It may be called again
// with a further tEnd: what is known at the step end is then kept.
//
// A tEnd equal to the present time is reached at once: f is not evaluated, y
// and ctx are not looked at, and only the start is offered to Save. An event
// function that is zero at the very start has no crossing there; the first
// that can be reported follows a value that is not zero.
func (it *Integrator) Advance(ctx context.Context, tEnd float64) Status {
	prescribed := it.settings.Step > 0 || it.settings.Grid != nil
	if !it.ready || math.IsNaN(tEnd) || math.IsNaN(it.t) || math.IsInf(it.t, 0) || prescribed && math.IsInf(tEnd, 0) {
		return Status{Reason: Unstarted, Time: it.t, Component: -1, Value: tEnd}
	}
	dir := 1.0
	if tEnd < it.t {
		dir = -1
	}
	if status := it.against(tEnd, dir); status.Reason != Unstarted {
		return status
	}
	it.begin(tEnd, dir)
	watch := stopwatch(it.settings.TimeLimit)
	for it.t != tEnd {
		bound, jump := it.bound(tEnd, dir)
		status := it.stretch(ctx, &watch, bound, dir)
		if jump && it.t == bound { // a terminal event may be there too
			it.stats.Discontinuities++
			it.Discontinuity()
		}
		if status.Reason != ReachedEnd {
			return status
		}
	}
	return Status{Reason: ReachedEnd, Time: it.t, Component: -1}
}

// against refuses a grid, or save times not dealt with yet, that run against
// the direction of the integration: most of them would be passed over.
func (it *Integrator) against(tEnd, dir float64) Status {
	status := Status{Reason: WrongDirection, Time: it.t, Component: -1, Value: tEnd}
	at := it.settings.Save.At
	switch {
	case tEnd == it.t:
	case opposes(it.settings.Grid, dir):
		status.name = "Grid"
		return status
	case it.saveNext < len(at) && opposes(at, dir):
		status.name = "Save.At"
		return status
	}
	return Status{}
}

// begin prepares one Advance: save times before the start are passed over,
// unless there is nothing to integrate and so no direction; the start itself
// is offered once.
func (it *Integrator) begin(tEnd, dir float64) {
	it.attempts = 0
	save := &it.settings.Save
	for tEnd != it.t && it.saveNext < len(save.At) && (save.At[it.saveNext]-it.t)*dir < 0 {
		it.saveNext++
	}
	due := it.start && save.Steps
	for it.saveNext < len(save.At) && save.At[it.saveNext] == it.t {
		it.saveNext++
		due = due || it.start
	}
	if due {
		it.put(0, it.t, it.t, it.y)
	}
	it.start = false
	if it.fresh {
		for event := range it.watchers {
			it.watchers[event].last = it.problem.Events[event].Function(it.t, it.y)
		}
	}
}

// bound is the first time that must be hit: an announced discontinuity or
// tEnd. It also sets the open interval in which f may be evaluated on the way.
func (it *Integrator) bound(tEnd, dir float64) (bound float64, jump bool) {
	next := sort.SearchFloat64s(it.jumps, it.t) // first jump ≥ t
	here := next < len(it.jumps) && it.jumps[next] == it.t
	switch {
	case dir < 0:
		next--
	case here:
		next++
	}
	bound = tEnd
	if next >= 0 && next < len(it.jumps) && (tEnd-it.jumps[next])*dir >= 0 {
		bound, jump = it.jumps[next], true
	}
	near, far := math.Inf(-1), math.Inf(1) // in units of dir
	if here {
		near = math.Nextafter(it.t, dir*math.Inf(1)) * dir
	}
	if jump {
		far = math.Nextafter(bound, -dir*math.Inf(1)) * dir
	}
	it.ev.lo, it.ev.hi = near, far
	if dir < 0 {
		it.ev.lo, it.ev.hi = -far, -near
	}
	return bound, jump
}

// stretch integrates to bound, with nothing on the way that must be hit. The
// reason Unstarted stands for "go on" here and in what it calls.
func (it *Integrator) stretch(ctx context.Context, clock *watch, bound, dir float64) Status {
	from, equal := it.t, 0.0
	if it.settings.Step > 0 {
		if it.settings.Step < spacing(from) {
			return it.unresolved("Step", it.settings.Step)
		}
		equal = max(1, math.Ceil(math.Abs(bound-from)/it.settings.Step*(1-1e-9)))
	}
	for taken := 1.0; it.t != bound; taken++ {
		if status := it.stopped(ctx, clock); status.Reason != Unstarted {
			return status
		}
		slope := it.ws.start(&it.ev, it.t, it.y)
		if it.fresh {
			if status := it.open(slope, bound, dir); status.Reason != Unstarted {
				return status
			}
		}
		if it.settings.SteadyTime > 0 && it.steady(slope) {
			return Status{Reason: Steady, Time: it.t, Component: -1}
		}
		var status Status
		switch {
		case equal > 0:
			end := bound
			if taken < equal {
				end = from + float64((bound-from)*(taken/equal))
			}
			status = it.prescribed(end)
		case it.settings.Grid != nil:
			status = it.replay(bound, dir)
		default:
			status = it.controlled(bound, dir)
		}
		if status.Reason != Unstarted {
			return status
		}
	}
	return Status{Reason: ReachedEnd, Time: it.t, Component: -1}
}

// open begins a stretch about which nothing is known yet.
func (it *Integrator) open(slope []float64, bound, dir float64) Status {
	for _, vector := range [2][]float64{it.y, slope} {
		if i := firstNotFinite(vector); i >= 0 {
			return it.name(Status{Reason: NotFinite, Time: it.t, Component: i, Value: vector[i]})
		}
	}
	it.fresh = false
	it.past = newHistory()
	if it.settings.Step > 0 || it.settings.Grid != nil {
		return Status{}
	}
	switch {
	case it.settings.Carry == CarryLast && it.next > 0:
	case it.settings.Carry == CarryFirst && it.opening > 0:
		it.next = it.opening
	case it.settings.FirstStep > 0:
		it.next = it.settings.FirstStep
	default:
		it.next = it.firstStep(slope, bound, dir)
	}
	it.next = it.allowed(it.next)
	return Status{}
}

func (it *Integrator) steady(slope []float64) bool {
	for i, rate := range slope {
		it.out[i] = it.settings.SteadyTime * rate
	}
	return it.settings.Norm.Measure(it.t, it.settings.SteadyTime, it.y, it.y, it.out, it.settings.Groups) <= 1
}
