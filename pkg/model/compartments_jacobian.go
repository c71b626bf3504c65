package model

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
		if course != held {
			pool.exchanging(func(row, column int, rate float64) {
				add(steps.before+row, steps.before+column, rate)
			})
		}
	}
}

// exchanging tells how the rate of each state that is exchanged depends on those of other compartments.
func (pool *pool) exchanging(add partial) {
	if pool.diffuses < 0 {
		return
	}
	place := func(c int) int { return c*pool.astrocyte.states + pool.diffuses }
	pool.topology.pairs(pool.count, func(c, other int) {
		for _, from := range [2][2]int{{c, other}, {other, c}} {
			add(place(from[0]), place(from[0]), -pool.exchange)
			add(place(from[0]), place(from[1]), pool.exchange)
		}
	})
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
