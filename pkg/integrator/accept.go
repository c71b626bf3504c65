package integrator

import "math"

// accept makes the attempted step, or its part up to a terminal event, the
// present.
func (it *Integrator) accept(tNew, e float64) Status {
	t, h, end, st := it.t, tNew-it.t, 1.0, Status{}
	if len(it.watchers) > 0 {
		end, st = it.scan(tNew)
	}
	tEnd := tNew
	if end < 1 {
		tEnd = t + float64(end*h)
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
