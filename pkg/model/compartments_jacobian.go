package model

import "github.com/nasim-sim/nasim/pkg/integrator"

// newJacobian is the integrator's Jacobian of compartments: for a solver of the coordinates that all have
// in common (reduced_jacobian.go), of each compartment by itself, and of what they exchange. To the exact
// rung what drives them is a function of time.
func (steps *compartmentSteps) newJacobian() integrator.Jacobian {
	pool, known := steps.pool, steps.common == nil || steps.parameters.Latency > 0
	common := func(float64, []float64, func(row, column int, partial float64)) {}
	if steps.common != nil {
		common = steps.common.newJacobian()
	}
	of := newLinearisation(&steps.parameters, pool.astrocyte, drivers(known, len(steps.start)))
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
			of.drive = steps.drives.driveSlopes(&steps.spans[c][steps.span], inSpan, known, &steps.reached[c], of.drive[:0])
			for i, slope := range of.drive {
				collected[i][c] = slope
			}
		}
		for i := range of.drive {
			pool.collect(collected[i], driven[i])
		}
		for c, p := range steps.levels {
			for i := range of.drive {
				of.drive[i] = driven[i][c]
			}
			of.from = steps.before + c*pool.astrocyte.states
			of.astrocyte(course, steps.into[c], p, steps.reached[c].astrocyte)
			if steps.follows() {
				of.output = steps.atOutput(c)
				of.felt(&steps.reached[c], steps.seg.Blank)
			}
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
