package integrator

import "math"

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
	return it.t + float64(dir*h)
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
			if x := math.Abs(e[i]) / (g.Atol + float64(g.Rtol*max(math.Abs(it.y[i]), math.Abs(it.new[i])))); x > most {
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
