package model

// An apartLinearisation tells the partial derivatives of what the exact rung integrates of an
// astrocyte that has no closed form, or of one of its compartments. What drives it is a function
// of time.
type apartLinearisation struct {
	exact *exactSolver
	from  int // where the astrocyte's states are
	time  int // the column that stands for time

	add    func(row, column int, partial float64)
	change float64   // per second, of what drives the calcium
	level  []float64 // of p, by the calcium's states and what drives it

	ofCalcium, ofReadout partial
}

func (exact *exactSolver) newLinearisation(time int) *apartLinearisation {
	own, states := exact.astrocyte.own, exact.astrocyte.states-exact.astrocyte.own
	of := &apartLinearisation{exact: exact, time: time, level: make([]float64, own+1)}
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

// astrocyte adds those of the rates of its states, at a calcium of p.
func (of *apartLinearisation) astrocyte(course calciumCourse, drive, p float64, state []float64) {
	astrocyte := of.exact.astrocyte
	felt := max(p, astrocyte.floor)
	own := astrocyte.own
	calcium, readout := astrocyte.calcium.(smoothCalcium), astrocyte.readout.(smoothReadout)
	calcium.partials(course, drive, state[:own], of.ofCalcium)
	clear(of.level)
	if felt == p {
		calcium.slopes(course, state[:own], of.level)
	}
	readout.partials(felt, state[own:], of.ofReadout)
}

// newJacobian is the integrator's Jacobian of apart's derivative.
func (apart *apart) newJacobian() func(time float64, state []float64, add func(row, column int, partial float64)) {
	exact := apart.exact
	of := exact.newLinearisation(len(apart.state))
	return func(time float64, state []float64, add func(row, column int, partial float64)) {
		of.add, of.change = add, 0
		if apart.span.course == following {
			of.change = exact.collecting(apart.span, time)
		}
		of.astrocyte(apart.span.course, apart.collected(time), apart.level(time, state), state)
	}
}
