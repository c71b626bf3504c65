package integrator

import "math"

// accept makes the attempted step, or its part up to a terminal event, the
// present.
func (it *Integrator) accept(tNew, scaled float64) Status {
	t, step, end, status := it.t, tNew-it.t, 1.0, Status{}
	if len(it.watchers) > 0 {
		end, status = it.scan(tNew)
	}
	tEnd := tNew
	if end < 1 {
		tEnd = t + float64(end*step)
		it.ws.interpolate(end, step, it.y, it.new, it.out)
	}
	it.save(tEnd, tNew)
	if it.settings.Within != nil {
		it.planned = tNew
		it.settings.Within(t, tEnd, it.at)
	}
	for _, memory := range it.problem.Memories {
		it.describe(memory, end, tNew)
		if memory.Accumulate != nil {
			memory.Accumulate(&it.memStep)
		}
		memory.SetRemaining(memory.base * it.memStep.Decay)
	}
	if it.settings.Step == 0 && it.settings.Grid == nil {
		it.stats.PeakError = max(it.stats.PeakError, scaled)
		it.suspectStiffness(tNew)
	}
	it.stats.accepted(tEnd - t)
	if !it.opened {
		it.opened, it.opening = true, math.Abs(step)*it.settings.Control.again(scaled, it.order)
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
	return status
}

// dense sets y to the dense output of the step at hand at a time in it.
func (it *Integrator) dense(t float64, y []float64) {
	step := it.planned - it.t
	it.ws.finish(&it.ev, it.t, it.planned, it.y, it.new)
	it.ws.interpolate((t-it.t)/step, step, it.y, it.new, y)
}

// save offers the save times in (t, tEnd] and, if asked for, the step's end.
func (it *Integrator) save(tEnd, tNew float64) {
	save, step, dir := &it.settings.Save, tNew-it.t, math.Copysign(1, tNew-it.t)
	atEnd := save.Steps
	for ; it.saveNext < len(save.At) && (save.At[it.saveNext]-tEnd)*dir <= 0; it.saveNext++ {
		when := save.At[it.saveNext]
		if when == tEnd {
			atEnd = true
			continue
		}
		theta := (when - it.t) / step
		it.ws.finish(&it.ev, it.t, tNew, it.y, it.new)
		it.ws.interpolate(theta, step, it.y, it.new, it.aux)
		it.put(theta, tNew, when, it.aux)
	}
	switch {
	case !atEnd:
	case tEnd == tNew:
		it.put(1, tNew, tEnd, it.new)
	default: // cut short by an event; the state there is in out
		it.put((tEnd-it.t)/step, tNew, tEnd, it.out)
	}
}

// put hands one state to Save, after the memories.
func (it *Integrator) put(theta, tNew, t float64, y []float64) {
	for _, memory := range it.problem.Memories {
		if memory.Sample != nil {
			it.describe(memory, theta, tNew)
			memory.Sample(&it.memStep)
		}
	}
	it.saved.put(&it.settings.Save, t, y)
}

// describe fills memStep with the first θ of the attempted step to tNew; a
// step of size 0, at the start, has no stages.
func (it *Integrator) describe(memory *Memory, theta, tNew float64) {
	into, size := &it.memStep, tNew-it.t
	if size == 0 {
		*into = MemoryStep{Start: it.t, Decay: 1}
		return
	}
	states, abscissae := it.ws.stages()
	for stage := range it.times {
		it.times[stage] = it.ev.within(stageTime(it.t, tNew, abscissae[stage]))
	}
	into.Start, into.States, into.Times = it.t, states, it.times
	memory.describe(into, theta, size)
}
