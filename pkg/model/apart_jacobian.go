package model

import "math"

// An apartLinearisation tells the partial derivatives of apart's derivative. What drives the
// astrocyte and what f settles at but for the division are functions of time.
type apartLinearisation struct {
	*apart
	add     func(row, column int, partial float64)
	change  float64   // dS/dt
	level   []float64 // of p, by the calcium's states and S
	divisor []float64 // of 1/P, by the read-out's states and p

	ofCalcium, ofReadout partial
}

func (apart *apart) newLinearisation() *apartLinearisation {
	astrocyte := apart.exact.astrocyte
	own, states := astrocyte.own, astrocyte.states-astrocyte.own
	of := &apartLinearisation{apart: apart, level: make([]float64, own+1), divisor: make([]float64, states+1)}
	of.ofCalcium = func(row, column int, value float64) {
		if column == own {
			of.add(row, len(of.state), value*of.change)
			return
		}
		of.add(row, column, value)
	}
	of.ofReadout = func(row, column int, value float64) {
		if column == states {
			of.byCalcium(own+row, value)
			return
		}
		of.add(own+row, own+column, value)
	}
	return of
}

// byCalcium adds what p has to do with a rate.
func (of *apartLinearisation) byCalcium(row int, factor float64) {
	own := len(of.level) - 1
	for column, slope := range of.level[:own] {
		of.add(row, column, factor*slope)
	}
	of.add(row, len(of.state), factor*of.level[own]*of.change)
}

// jacobian is an integrator.Jacobian.
func (of *apartLinearisation) jacobian(time float64, state []float64, add func(row, column int, partial float64)) {
	of.add = add
	exact, astrocyte := of.exact, of.exact.astrocyte
	own, states := astrocyte.own, astrocyte.states
	collected, p := of.calcium(time, state)
	of.change = 0
	if of.span.course == following {
		of.change = exact.collecting(of.span, time)
	}
	calcium, readout := astrocyte.calcium.(smoothCalcium), astrocyte.readout.(smoothReadout)
	calcium.partials(of.span.course, collected, state[:own], of.ofCalcium)
	clear(of.level)
	felt := of.within(p)
	if states > own { // by way of the read-out's states
		felt = max(p, astrocyte.floor)
	}
	if felt == p { // else p_min is felt in the place of p
		calcium.slopes(of.span.course, state[:own], of.level)
	}
	readout.partials(max(p, astrocyte.floor), state[own:states], of.ofReadout)
	if of.seg.Phase == Writing || !of.felt {
		return
	}
	clear(of.divisor)
	readout.slopes(state[own:states], of.divisor)
	divisor := astrocyte.readout.divisor(felt, state[own:states])

	// f on Hφ and on Hh(0): what it settles at is left·size/divisor.
	time += of.span.from
	left := decay(exact.hebbian, time)
	fades := -float64(exact.hebbian * left)
	var fading float64 // what is left of h(0), per second
	if !math.IsInf(exact.hidden, 1) {
		fading = float64(exact.hidden * decay(exact.hidden, time))
	}
	for i, size := range [2]float64{rise(exact.hidden, time), decay(exact.hidden, time)} {
		grows := fading
		switch {
		case i == 0 && of.seg.Blank:
			size, grows = 0, 0
		case i == 1:
			grows = -fading
		}
		row, factor := states+i, 1.0
		if exact.parameters.TauOutput > 0 {
			add(row, row, -exact.output)
			factor = exact.output
		} else {
			row = states + 2 + i
		}
		if exact.parameters.TauOutput > 0 || exact.averages {
			of.settling(row, factor, left*size, float64(fades*size)+float64(left*grows), divisor)
		}
		if exact.parameters.TauOutput > 0 && exact.averages {
			add(states+2+i, row, 1)
		}
	}
}

// settling adds the partial derivatives of a factor times size/divisor, whose size grows.
func (of *apartLinearisation) settling(row int, factor, size, grows, divisor float64) {
	own, states := len(of.level)-1, len(of.divisor)-1
	less := -factor * size / divisor / divisor
	for state, slope := range of.divisor[:states] {
		of.add(row, own+state, less*slope)
	}
	of.byCalcium(row, less*of.divisor[states])
	of.add(row, len(of.state), factor*grows/divisor)
}
