package integrator

import (
	"math"
	"slices"
)

// prescribed takes the step to tNew without asking for its error.
func (it *Integrator) prescribed(tNew float64) Status {
	it.attempts++
	it.ws.attempt(&it.ev, it.t, tNew, it.y, it.new)
	if status := it.oversize(); status.Reason != Unstarted {
		return status
	}
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
	step := tNew - it.t
	it.attempts++
	it.ws.attempt(&it.ev, it.t, tNew, it.y, it.new)
	if status := it.oversize(); status.Reason != Unstarted {
		return status
	}
	scaled := it.ws.measure(it.settings.Norm, it.settings.Groups, it.t, step, it.y, it.new)
	for _, memory := range it.problem.Memories {
		if memory.Error != nil {
			it.describe(memory, 1, tNew)
			memory.describeError(&it.memStep, step)
			scaled = max(scaled, memory.Error(&it.memStep))
		}
	}
	size := math.Abs(step)
	if scaled <= 1 && finite(it.new) { // NaN is not ≤ 1
		factor := it.settings.Control.grow(size, scaled, it.order, &it.past)
		cut := size < 0.99*it.next
		if cut && factor >= 1 { // cut short to hit a bound: no word against the longer step
			factor = max(factor, it.next/size)
		}
		it.next = it.allowed(size * factor)
		return it.accept(tNew, scaled)
	}
	it.stats.Rejected++
	it.stats.Steps++
	size *= it.settings.Control.shrink(scaled, it.order, &it.past)
	if shortest := it.shortest(); size < shortest {
		if !finite(it.new) || math.IsNaN(scaled) {
			return it.failed(step)
		}
		return it.name(Status{Reason: StepUnderflow, Time: it.t, Step: math.Abs(step), Component: it.worst(), Error: scaled, Limit: shortest})
	}
	it.next = size
	return Status{}
}

// plan is the end of the next step: one that would nearly reach the bound
// does, and one that would leave less than itself takes half.
func (it *Integrator) plan(bound, dir float64) float64 {
	left := math.Abs(bound - it.t)
	size := it.next
	switch {
	case left <= it.settings.MaxStep && left <= 1.01*size:
		return bound
	case left < 2*size:
		size = left / 2
	}
	return it.t + float64(dir*size)
}

// oversize is the status of an attempt that would have taken too much memory.
func (it *Integrator) oversize() Status {
	entries := it.ws.tooLarge()
	if entries == 0 {
		return Status{}
	}
	return Status{Reason: TooLarge, Time: it.t, Component: -1, cause: &SizeError{Method: it.method.Name(), Dimension: len(it.y), Entries: entries}}
}

// failed is the status of an attempt that came to NaN or ±Inf.
func (it *Integrator) failed(step float64) Status {
	status := Status{Reason: NotFinite, Time: it.t, Step: math.Abs(step)}
	status.Component, status.Value = it.ws.notFinite()
	if i := firstNotFinite(it.new); i >= 0 && status.Component < 0 {
		status.Component, status.Value = i, it.new[i]
	}
	return it.name(status)
}

// name adds the component's name, if the problem has names.
func (it *Integrator) name(status Status) Status {
	if status.Component >= 0 && it.problem.Names != nil {
		status.name = it.problem.Names(status.Component)
	}
	return status
}

// worst is the component with the largest scaled error in the last attempt.
func (it *Integrator) worst() int {
	found, most := -1, -1.0
	estimate := it.ws.estimate()
	for _, group := range it.settings.Groups {
		if math.IsInf(group.Atol, 1) {
			continue
		}
		for i := group.From; i < group.To; i++ {
			if ratio := math.Abs(estimate[i]) / (group.Atol + float64(group.Rtol*max(math.Abs(it.y[i]), math.Abs(it.new[i])))); ratio > most {
				found, most = i, ratio
			}
		}
	}
	return found
}

func finite(vector []float64) bool { return firstNotFinite(vector) < 0 }

// firstNotFinite is the index of the first NaN or ±Inf, or −1.
func firstNotFinite(vector []float64) int {
	sum := 0.0
	for _, component := range vector {
		sum += component - component // 0, or NaN for NaN and ±Inf
	}
	if sum == 0 {
		return -1
	}
	return slices.IndexFunc(vector, func(component float64) bool { return component-component != 0 })
}
