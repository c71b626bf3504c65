package model

import "github.com/nasim-sim/nasim/pkg/integrator"

// solverJacobian is the integrator's Jacobian of a solver's compartments: of the coordinates that all
// have in common (reduced_jacobian.go), of each by itself, and of what they exchange.
func (steps *compartmentSteps) solverJacobian() integrator.Jacobian {
	pool, common := steps.pool, steps.common.newJacobian()
	of := newLinearisation(&steps.parameters, pool.astrocyte, len(steps.start))
	collected := make([][]float64, len(of.drivers)) // by each driver, of what every compartment collects
	driven := make([][]float64, len(of.drivers))    // and of what drives its calcium
	for i := range of.drivers {
		collected[i], driven[i] = make([]float64, pool.count), make([]float64, pool.count)
	}
	return func(time float64, state []float64, add func(row, column int, partial float64)) {
		common(time, state[:steps.before], add)
		of.add = add
		steps.read(time, state)
		_, inSpan := steps.since(time)
		course := steps.spans[0][steps.span].course
		for c := range steps.reached {
			of.drive = steps.drives.driveSlopes(&steps.spans[c][steps.span], inSpan, &steps.reached[c], of.drive[:0])
			for i, slope := range of.drive {
				collected[i][c] = slope
			}
		}
		for i := range of.drive {
			pool.collect(collected[i], driven[i])
		}
		for c := range steps.reached {
			for i := range of.drive {
				of.drive[i] = driven[i][c]
			}
			of.from, of.output = steps.before+c*pool.astrocyte.states, steps.atOutput(c)
			of.astrocyte(course, steps.into[c], &steps.reached[c])
			if steps.follows() {
				of.felt(&steps.reached[c], steps.seg.Blank)
			}
		}
		steps.exchanging(course, add)
	}
}

// newJacobian is the integrator's Jacobian of the exact rung's compartments: of each by itself
// (apart_jacobian.go), and of what they exchange.
func (steps *compartmentSteps) newJacobian() func(time float64, state []float64, add func(row, column int, partial float64)) {
	pool, exact := steps.pool, steps.drives
	astrocyte := pool.astrocyte
	of := exact.newLinearisation(len(steps.start))
	summed, changes := make([]float64, pool.count), make([]float64, pool.count)
	return func(time float64, state []float64, add func(row, column int, partial float64)) {
		of.add = add
		steps.read(time, state)
		_, inSpan := steps.since(time)
		course := steps.spans[0][steps.span].course
		clear(changes)
		if course == following {
			for c := range summed {
				summed[c] = exact.collecting(&steps.spans[c][steps.span], inSpan)
			}
			pool.collect(summed, changes)
		}
		for c, reached := range steps.reached {
			of.from, of.change = steps.before+c*astrocyte.states, changes[c]
			of.astrocyte(course, steps.into[c], reached.calcium, reached.astrocyte)
		}
		steps.exchanging(course, add)
	}
}

// exchanging adds what the compartments exchange.
func (steps *compartmentSteps) exchanging(course calciumCourse, add func(row, column int, partial float64)) {
	if course == held {
		return
	}
	steps.pool.exchanging(func(row, column int, rate float64) {
		add(steps.before+row, steps.before+column, rate)
	})
}

// exchanging tells how the rate of each state that is exchanged depends on those of other compartments.
func (pool *pool) exchanging(add partial) {
	if pool.diffuses < 0 {
		return
	}
	place := func(c int) int { return c*pool.astrocyte.states + pool.diffuses }
	neighbours := pool.level
	clear(neighbours)
	pool.topology.pairs(pool.count, func(c, other int) {
		add(place(c), place(other), pool.exchange)
		add(place(other), place(c), pool.exchange)
		neighbours[c]++
		neighbours[other]++
	})
	for c, count := range neighbours {
		add(place(c), place(c), -pool.exchange*count)
	}
}

// pairs visits the pairs of compartments that exchange.
func (topology Topology) pairs(count int, visit func(c, other int)) {
	for c := range count - 1 {
		if topology != All {
			visit(c, c+1)
			continue
		}
		for other := c + 1; other < count; other++ {
			visit(c, other)
		}
	}
	if topology == Ring && count > 2 {
		visit(count-1, 0)
	}
}
