package model

import "math"

// An apartLinearisation tells the partial derivatives of what the exact rung integrates of an
// astrocyte that has no closed form, or of one of its compartments, and of f. What drives the
// astrocyte and what f settles at but for the division are functions of time.
type apartLinearisation struct {
	exact        *exactSolver
	from, output int // where the astrocyte's states are, and those of f
	time         int // the column that stands for time

	add     func(row, column int, partial float64)
	change  float64   // per second, of what drives the calcium
	level   []float64 // of p, by the calcium's states and what drives it
	divisor []float64 // of 1/P, by the read-out's states and p

	ofCalcium, ofReadout partial
}

func (exact *exactSolver) newLinearisation(time int) *apartLinearisation {
	own, states := exact.astrocyte.own, exact.astrocyte.states-exact.astrocyte.own
	of := &apartLinearisation{exact: exact, time: time, level: make([]float64, own+1), divisor: make([]float64, states+1)}
	of.ofCalcium = func(row, column int, value float64) {
		if column == own {
			of.add(of.from+row, of.time, value*of.change)
			return
		}
		of.add(of.from+row, of.from+column, value)
	}
	of.ofReadout = func(row, column int, value float64) {
		if column == states {
			of.byCalcium(of.from+own+row, value)
			return
		}
		of.add(of.from+own+row, of.from+own+column, value)
	}
	return of
}

// byCalcium adds what p has to do with a rate.
func (of *apartLinearisation) byCalcium(row int, factor float64) {
	own := len(of.level) - 1
	for column, slope := range of.level[:own] {
		of.add(row, of.from+column, factor*slope)
	}
	of.add(row, of.time, factor*of.level[own]*of.change)
}

// astrocyte adds those of the rates of its states. felt is the p that divides: p or, where the
// floor does, that.
func (of *apartLinearisation) astrocyte(course calciumCourse, drive, felt float64, divides bool, state []float64) {
	astrocyte := of.exact.astrocyte
	own := astrocyte.own
	calcium, readout := astrocyte.calcium.(smoothCalcium), astrocyte.readout.(smoothReadout)
	calcium.partials(course, drive, state[:own], of.ofCalcium)
	clear(of.level)
	if divides {
		calcium.slopes(course, state[:own], of.level)
	}
	readout.partials(felt, state[own:], of.ofReadout)
	clear(of.divisor)
	readout.slopes(state[own:], of.divisor)
}

// felt adds those of the coordinates of f on Hφ and on Hh(0) at a time of a read: what each settles
// at is left·size/divisor.
func (of *apartLinearisation) felt(time, divisor float64, blank bool) {
	exact := of.exact
	left, sums := decay(exact.hebbian, time), exact.averages || exact.means
	fades := -float64(exact.hebbian * left)
	var fading float64 // what is left of h(0), per second
	if !math.IsInf(exact.hidden, 1) {
		fading = float64(exact.hidden * decay(exact.hidden, time))
	}
	for i, size := range [2]float64{rise(exact.hidden, time), decay(exact.hidden, time)} {
		grows := fading
		switch {
		case i == 0 && blank:
			size, grows = 0, 0
		case i == 1:
			grows = -fading
		}
		row, factor := of.output+i, 1.0
		if exact.parameters.TauOutput > 0 {
			of.add(row, row, -exact.output)
			factor = exact.output
		} else {
			row = of.output + 2 + i
		}
		if exact.parameters.TauOutput > 0 || sums {
			of.settling(row, factor, left*size, float64(fades*size)+float64(left*grows), divisor)
		}
		if exact.parameters.TauOutput > 0 && sums {
			of.add(of.output+2+i, row, 1)
		}
	}
}

// settling adds the partial derivatives of a factor times size/divisor, whose size grows.
func (of *apartLinearisation) settling(row int, factor, size, grows, divisor float64) {
	states := len(of.divisor) - 1
	less := -factor * size / divisor / divisor
	for state, slope := range of.divisor[:states] {
		of.add(row, of.from+len(of.level)-1+state, less*slope)
	}
	of.byCalcium(row, less*of.divisor[states])
	of.add(row, of.time, factor*grows/divisor)
}

// newJacobian is the integrator's Jacobian of apart's derivative.
func (apart *apart) newJacobian() func(time float64, state []float64, add func(row, column int, partial float64)) {
	exact, astrocyte := apart.exact, apart.exact.astrocyte
	own, states := astrocyte.own, astrocyte.states
	of := exact.newLinearisation(len(apart.state))
	of.output = states
	return func(time float64, state []float64, add func(row, column int, partial float64)) {
		of.add = add
		collected, p := apart.calcium(time, state)
		of.change = 0
		if apart.span.course == following {
			of.change = exact.collecting(apart.span, time)
		}
		felt := apart.within(p)
		if states > own { // by way of the read-out's states
			felt = max(p, astrocyte.floor)
		}
		of.astrocyte(apart.span.course, collected, felt, felt == p, state[:states])
		if apart.follows() {
			of.felt(apart.span.from+time, astrocyte.readout.divisor(felt, state[own:states]), apart.seg.Blank)
		}
	}
}
