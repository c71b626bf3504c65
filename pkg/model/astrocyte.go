package model

import "slices"

// astrocyte is calcium and read-out together, as the solvers of a network know them. Its
// state is the calcium's and then the read-out's.
type astrocyte struct {
	calcium calciumModel
	readout readoutModel
	filters []float64 // time constants of a linear calcium's filters, s; nil: p = S, or it is not linear
	origins []float64 // what the calcium's states are counted from

	roundings []float64 // what rounding may be worth of their rates, 1/s, as they are counted so

	floor   float64 // p_min
	own     int     // states of the calcium
	states  int
	atOnce  bool // p follows S at once
	linear  bool // its calcium is a linearCalcium
	scaled  bool // the state is in units of S; else in its own
	gathers bool // what it follows changes within a segment

	drive, read [1]float64 // S and p, where it is one pool
}

func (parameters *Parameters) astrocyte() *astrocyte {
	calcium, readout := parameters.calcium(), parameters.readout()
	own := calcium.states()
	astrocyte := &astrocyte{calcium: calcium, readout: readout, floor: parameters.Division.Floor, own: own, states: own + readout.states(), atOnce: calcium.follows()}
	cell, cellular := calcium.(cellularCalcium)
	astrocyte.scaled, astrocyte.origins, astrocyte.roundings = !cellular, make([]float64, own), make([]float64, own)
	for i := range astrocyte.origins {
		if cellular {
			astrocyte.origins[i] = cell.origin(i)
			astrocyte.roundings[i] = 0x1p-53 * astrocyte.origins[i] / cell.shortest()
		}
	}
	astrocyte.gathers = parameters.gathers() != nil
	linear, ok := calcium.(linearCalcium)
	if astrocyte.linear = ok; ok {
		astrocyte.filters = linear.filters()
	}
	return astrocyte
}

// begin returns the state in which calcium and read-out have settled at p.
func (astrocyte *astrocyte) begin(p float64) []float64 {
	state := make([]float64, astrocyte.states)
	astrocyte.calcium.begin(p, state[:astrocyte.own])
	astrocyte.readout.begin(max(p, astrocyte.floor), state[astrocyte.own:])
	return state
}

// level returns p. What is collected matters only where p follows it at once.
func (astrocyte *astrocyte) level(course calciumCourse, collected float64, state []float64) float64 {
	astrocyte.drive[0] = collected
	astrocyte.calcium.levels(course, astrocyte.drive[:], state, astrocyte.states, astrocyte.read[:])
	return astrocyte.read[0]
}

// divisor returns 1/P at a calcium of p.
func (astrocyte *astrocyte) divisor(p float64, state []float64) float64 {
	if astrocyte.states == astrocyte.own {
		return astrocyte.readout.divisor(max(p, astrocyte.floor), nil)
	}
	return astrocyte.readout.divisor(max(p, astrocyte.floor), state[astrocyte.own:])
}

// normalizer returns what divides at a calcium of p but for the floor: what stands for
// the softmax normaliser.
func (astrocyte *astrocyte) normalizer(p float64, state []float64) float64 {
	return astrocyte.readout.divisor(p, state[astrocyte.own:])
}

// Closed reports whether the network's astrocyte has a closed form, so that rung exact
// takes no steps.
func (parameters Parameters) Closed() bool { return parameters.astrocyte().closed() }

// closed reports whether the astrocyte has a closed form, but for one quadrature.
func (astrocyte *astrocyte) closed() bool {
	return astrocyte.linear && astrocyte.states == astrocyte.own && !astrocyte.gathers
}

// derivative sets the state's rates of change, 1/s, those that are not 0.
func (astrocyte *astrocyte) derivative(course calciumCourse, collected, p float64, state, rates []float64) {
	astrocyte.drive[0] = collected
	astrocyte.calcium.derivatives(course, astrocyte.drive[:], state, astrocyte.states, rates)
	if astrocyte.states > astrocyte.own {
		astrocyte.readOut(p, state, rates)
	}
}

// readOut sets those of the read-out's states.
func (astrocyte *astrocyte) readOut(p float64, state, rates []float64) {
	astrocyte.readout.derivative(max(p, astrocyte.floor), state[astrocyte.own:], rates[astrocyte.own:])
}

// place returns where in the state a variable of the calcium or of the read-out is, by its name; −1 where
// there is none of that name.
func (astrocyte *astrocyte) place(name string) int {
	if cell, ok := astrocyte.calcium.(cellularCalcium); ok {
		if i := slices.Index(cell.variables(), name); i >= 0 {
			return i
		}
	}
	if readout, ok := astrocyte.readout.(namedReadout); ok {
		if i := slices.Index(readout.variables(), name); i >= 0 {
			return astrocyte.own + i
		}
	}
	return -1
}

// variable returns the variable at a place of the state; 0 where that is none.
func (astrocyte *astrocyte) variable(place int, state []float64) float64 {
	switch {
	case place < 0:
		return 0
	case place < astrocyte.own:
		return astrocyte.origins[place] + state[place]
	}
	return state[place]
}

// settled returns (H∘P)h in the coordinates of Hφ and Hh(0): what f settles at. A
// vector that is not felt, such as φ in a blank, counts for nothing even where p is 0.
func settled(reached *coefficients, divisor float64, blank bool) (phi, hidden float64) {
	gain := reached.hebbian / divisor
	if !blank {
		phi = gain * reached.phi
	}
	if reached.hidden != 0 {
		hidden = gain * reached.hidden
	}
	return phi, hidden
}
