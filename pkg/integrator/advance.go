package integrator

import (
	"context"
	"math"
)

// stretch integrates to bound, with nothing on the way that must be hit. Here
// and below Unstarted stands for "go on".
func (it *Integrator) stretch(ctx context.Context, w *watch, bound, dir float64) Status {
	from, equal := it.t, 0.0
	if it.settings.Step > 0 {
		if it.settings.Step < spacing(from) {
			return it.unresolved("Step", it.settings.Step)
		}
		equal = max(1, math.Ceil(math.Abs(bound-from)/it.settings.Step*(1-1e-9)))
	}
	for n := 1.0; it.t != bound; n++ {
		if st := it.stopped(ctx, w); st.Reason != Unstarted {
			return st
		}
		slope := it.ws.start(&it.ev, it.t, it.y)
		if it.fresh {
			if st := it.open(slope, bound, dir); st.Reason != Unstarted {
				return st
			}
		}
		if it.settings.SteadyTime > 0 && it.steady(slope) {
			return Status{Reason: Steady, Time: it.t, Component: -1}
		}
		var st Status
		switch {
		case equal > 0:
			end := bound
			if n < equal {
				end = from + (bound-from)*(n/equal)
			}
			st = it.prescribed(end)
		case it.settings.Grid != nil:
			st = it.replay(bound, dir)
		default:
			st = it.controlled(bound, dir)
		}
		if st.Reason != Unstarted {
			return st
		}
	}
	return Status{Reason: ReachedEnd, Time: it.t, Component: -1}
}

// open begins a stretch about which nothing is known yet.
func (it *Integrator) open(slope []float64, bound, dir float64) Status {
	for _, x := range [2][]float64{it.y, slope} {
		if i := firstNotFinite(x); i >= 0 {
			return it.name(Status{Reason: NotFinite, Time: it.t, Component: i, Value: x[i]})
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
	for i, f := range slope {
		it.out[i] = it.settings.SteadyTime * f
	}
	return it.settings.Norm.Measure(it.t, it.settings.SteadyTime, it.y, it.y, it.out, it.settings.Groups) <= 1
}

// prescribed takes the step to tNew without asking for its error.
func (it *Integrator) prescribed(tNew float64) Status {
	it.attempts++
	it.ws.attempt(&it.ev, it.t, tNew, it.y, it.new)
	if !finite(it.new) {
		return it.failed(tNew - it.t)
	}
	return it.accept(tNew, 0)
}

// replay takes the next step of the grid.
func (it *Integrator) replay(bound, dir float64) Status {
	grid := it.settings.Grid
	for it.gridNext < len(grid) && (grid[it.gridNext]-it.t)*dir <= 0 {
		it.gridNext++
	}
	if it.gridNext == len(grid) {
		return Status{Reason: GridEnded, Time: it.t, Component: -1, Limit: bound}
	}
	end := grid[it.gridNext]
	if (end-bound)*dir > 0 {
		end = bound
	}
	return it.prescribed(end)
}

// controlled attempts one step of the size that the controller wants.
func (it *Integrator) controlled(bound, dir float64) Status {
	if it.settings.MaxStep < spacing(it.t) {
		return it.unresolved("MaxStep", it.settings.MaxStep)
	}
	if math.IsInf(bound, 0) && math.Abs(it.t) >= longest {
		return Status{Reason: Endless, Time: it.t, Component: -1}
	}
	tNew := it.plan(bound, dir)
	h := tNew - it.t
	it.attempts++
	it.ws.attempt(&it.ev, it.t, tNew, it.y, it.new)
	e := it.ws.measure(it.settings.Norm, it.settings.Groups, it.t, h, it.y, it.new)
	for _, m := range it.problem.Memories {
		if m.Error != nil {
			it.describe(m, 1, tNew)
			m.describeError(&it.memStep, h)
			e = max(e, m.Error(&it.memStep))
		}
	}
	size := math.Abs(h)
	if e <= 1 && finite(it.new) { // NaN is not ≤ 1
		factor := it.settings.Control.grow(e, it.order, &it.past)
		cut := size < 0.99*it.next
		if cut && factor >= 1 { // cut short to hit a bound: no word against the longer step
			factor = max(factor, it.next/size)
		}
		it.next = it.allowed(size * factor)
		return it.accept(tNew, e)
	}
	it.stats.Rejected++
	it.stats.Steps++
	size *= it.settings.Control.shrink(e, it.order, &it.past)
	if shortest := it.shortest(); size < shortest {
		if !finite(it.new) || math.IsNaN(e) {
			return it.failed(h)
		}
		return it.name(Status{Reason: StepUnderflow, Time: it.t, Step: math.Abs(h), Component: it.worst(), Error: e, Limit: shortest})
	}
	it.next = size
	return Status{}
}

// plan is the end of the next step: one that would nearly reach the bound
// does, and one that would leave less than itself takes half.
func (it *Integrator) plan(bound, dir float64) float64 {
	left := math.Abs(bound - it.t)
	h := it.next
	switch {
	case left <= it.settings.MaxStep && left <= 1.01*h:
		return bound
	case left < 2*h:
		h = left / 2
	}
	return it.t + dir*h
}

// accept makes the attempted step, or its part up to a terminal event, the
// present.
func (it *Integrator) accept(tNew, e float64) Status {
	t, h, end, st := it.t, tNew-it.t, 1.0, Status{}
	if len(it.watchers) > 0 {
		end, st = it.scan(tNew)
	}
	tEnd := tNew
	if end < 1 {
		tEnd = t + end*h
		it.ws.interpolate(end, h, it.y, it.new, it.out)
	}
	it.save(tEnd, tNew)
	for _, m := range it.problem.Memories {
		it.describe(m, end, tNew)
		if m.Accumulate != nil {
			m.Accumulate(&it.memStep)
		}
		m.SetRemaining(m.base * it.memStep.Decay)
	}
	if it.settings.Step == 0 && it.settings.Grid == nil {
		it.stats.PeakError = max(it.stats.PeakError, e)
		it.suspectStiffness(tNew)
	}
	it.stats.accepted(tEnd - t)
	if !it.opened {
		it.opened, it.opening = true, math.Abs(h)*it.settings.Control.again(e, it.order)
	}
	it.t = tEnd
	if end < 1 {
		it.y, it.out = it.out, it.y
		it.Discontinuity()
	} else {
		it.y, it.new = it.new, it.y
		it.ws.accept()
	}
	if it.settings.RecordSteps {
		it.steps = append(it.steps, tEnd)
	}
	if it.settings.Accepted != nil {
		it.settings.Accepted(tEnd, tEnd-t, it.y)
	}
	return st
}

// save offers the save times in (t, tEnd] and, if asked for, the step's end.
func (it *Integrator) save(tEnd, tNew float64) {
	s, h, dir := &it.settings.Save, tNew-it.t, math.Copysign(1, tNew-it.t)
	atEnd := s.Steps
	for ; it.saveNext < len(s.At) && (s.At[it.saveNext]-tEnd)*dir <= 0; it.saveNext++ {
		t := s.At[it.saveNext]
		if t == tEnd {
			atEnd = true
			continue
		}
		theta := (t - it.t) / h
		it.ws.finish(&it.ev, it.t, tNew, it.y, it.new)
		it.ws.interpolate(theta, h, it.y, it.new, it.aux)
		it.put(theta, tNew, t, it.aux)
	}
	switch {
	case !atEnd:
	case tEnd == tNew:
		it.put(1, tNew, tEnd, it.new)
	default: // cut short by an event; the state there is in out
		it.put((tEnd-it.t)/h, tNew, tEnd, it.out)
	}
}

// put hands one state to Save, after the memories.
func (it *Integrator) put(theta, tNew, t float64, y []float64) {
	for _, m := range it.problem.Memories {
		if m.Sample != nil {
			it.describe(m, theta, tNew)
			m.Sample(&it.memStep)
		}
	}
	it.saved.put(&it.settings.Save, t, y)
}

// describe fills memStep with the first θ of the attempted step to tNew; a
// step of size 0, at the start, has no stages.
func (it *Integrator) describe(m *Memory, theta, tNew float64) {
	step, h := &it.memStep, tNew-it.t
	if h == 0 {
		*step = MemoryStep{Start: it.t, Decay: 1}
		return
	}
	states, c := it.ws.stages()
	for j := range it.times {
		it.times[j] = it.ev.within(stageTime(it.t, tNew, c[j]))
	}
	step.Start, step.States, step.Times = it.t, states, it.times
	m.describe(step, theta, h)
}

// stiffCount is Hairer and Wanner's bookkeeping of suspicion: fifteen signs
// for, not interrupted by six against.
type stiffCount struct{ signs, against, since int }

const (
	stiffEvery   = 25 // steps between two looks while nothing is suspected
	stiffSigns   = 15
	stiffAgainst = 6
)

func (it *Integrator) suspectStiffness(tNew float64) {
	c := &it.stiff
	c.since++
	if it.stats.Stiff || c.signs == 0 && c.since < stiffEvery {
		return
	}
	c.since = 0
	if it.ws.stiffness(&it.ev, tNew, it.new) <= 1 {
		if c.against++; c.against >= stiffAgainst {
			c.signs = 0
		}
		return
	}
	c.against = 0
	if c.signs++; c.signs >= stiffSigns {
		it.stats.Stiff, it.stats.StiffTime = true, tNew
	}
}

// failed is the status of an attempt that came to NaN or ±Inf.
func (it *Integrator) failed(h float64) Status {
	st := Status{Reason: NotFinite, Time: it.t, Step: math.Abs(h)}
	st.Component, st.Value = it.ws.notFinite()
	if st.Component < 0 {
		if st.Component = firstNotFinite(it.new); st.Component >= 0 {
			st.Value = it.new[st.Component]
		} else {
			st.Value = math.NaN()
		}
	}
	return it.name(st)
}

// name adds the component's name, if the problem has names.
func (it *Integrator) name(st Status) Status {
	if st.Component >= 0 && it.problem.Names != nil {
		st.name = it.problem.Names(st.Component)
	}
	return st
}

// worst is the component with the largest scaled error in the last attempt.
func (it *Integrator) worst() int {
	found, most := -1, -1.0
	e := it.ws.estimate()
	for _, g := range it.settings.Groups {
		if math.IsInf(g.Atol, 1) {
			continue
		}
		for i := g.From; i < g.To; i++ {
			if x := math.Abs(e[i]) / (g.Atol + g.Rtol*max(math.Abs(it.y[i]), math.Abs(it.new[i]))); x > most {
				found, most = i, x
			}
		}
	}
	return found
}

func finite(x []float64) bool { return firstNotFinite(x) < 0 }

// firstNotFinite is the index of the first NaN or ±Inf, or −1.
func firstNotFinite(x []float64) int {
	sum := 0.0
	for _, v := range x {
		sum += v - v // 0, or NaN for NaN and ±Inf
	}
	if sum == 0 {
		return -1
	}
	for i, v := range x {
		if v-v != 0 {
			return i
		}
	}
	return -1
}
