package model

import "github.com/nasim-sim/nasim/pkg/integrator"

// newJacobian is the integrator's Jacobian of apart's derivative. What drives the calcium is a
// function of time.
func (apart *apart) newJacobian() integrator.Jacobian {
	exact := apart.exact
	of := newLinearisation(&exact.parameters, exact.astrocyte, drivers(true, len(apart.state)))
	return func(time float64, state []float64, add func(row, column int, partial float64)) {
		of.add, of.drive = add, exact.driveSlopes(apart.span, time, true, nil, of.drive[:0])
		of.astrocyte(apart.span.course, apart.collected(time), apart.level(time, state), state)
	}
}
