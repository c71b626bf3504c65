package model

import "fmt"

// lrReticulum has the constants of Li and Rinzel's equations as NEST's astrocyte_lr_1994 has them
// (Li & Rinzel 1994, J. Theor. Biol. 166:461; Nadkarni & Jung 2003, Phys. Rev. Lett. 91:268101).
var lrReticulum = reticulum{
	total:        2.0,     // Ca_tot
	volumes:      0.185,   // ρ
	channel:      6.0,     // r_I
	leak:         0.11,    // r_L
	uptake:       0.9,     // v_S
	pump:         0.1,     // K_S
	opening:      0.13,    // K₁
	inactivation: 1.049,   // K_inh
	inhibition:   0.9434,  // K₂
	activation:   0.08234, // K_act
	binding:      0.2,     // k
}

const lrTauIP3 = 7.142 // τ_IP3, s

// RestingIP3 is IP3₀, the level at rest of IP3 in that model, µM. Up to StableIP3 its calcium
// settles soon. Between two Hopf points, OscillatesFrom and OscillatesTo, it does not settle.
const (
	RestingIP3     = 0.16
	StableIP3      = 0.345
	OscillatesFrom = 0.3545
	OscillatesTo   = 0.6369
)

// MostIP3 is as much IP3, µM, as calcium is ever taken for: there is calcium, on its way
// to where it settles, that no amount would settle at.
const MostIP3 = 10

// liRinzel is calcium of a [reticulum] under IP3 that follows what is collected,
//
//	τ_IP3 dIP3/dt = IP3₀ + a S − IP3
//
// What is read of it is calibrated: p is the S under which calcium would settle where it is,
// so that p = S once it has.
type liRinzel struct{ gain, ip3Max, largest float64 } // a, µM; the largest IP3, µM, and the S that makes it

func newLiRinzel(parameters *Parameters) calciumModel {
	return &liRinzel{(parameters.IP3Max - RestingIP3) / parameters.LargestSum, parameters.IP3Max, parameters.LargestSum}
}

// Its states. Of calcium it is how much more there is than at rest: what is read of it is
// a difference to that, and the floor that divides a billionth of what it comes to.
const (
	lrAtIP3     = iota // µM
	lrAtCalcium        // µM
	lrAtInactivation
	lrStates
)

var lrVariables = []string{"ip3", "ca", "h_ip3r"}

func (*liRinzel) states() int         { return lrStates }
func (*liRinzel) variables() []string { return lrVariables }
func (*liRinzel) follows() bool       { return false }
func (*liRinzel) shortest() float64   { return lrReticulum.shortest() }
func (*liRinzel) origin(variable int) float64 {
	if variable == lrAtCalcium {
		return lrResting.calcium
	}
	return 0
}

func (*liRinzel) settle(calciumCourse, float64, []float64) {}

func (cell *liRinzel) check() error {
	if !(cell.ip3Max > RestingIP3 && cell.ip3Max < MostIP3) {
		return fmt.Errorf("model: the largest IP3 is %g µM, and it has to be above its level at rest, %g, and below %d", cell.ip3Max, RestingIP3, MostIP3)
	}
	return inRange("the largest sum", cell.largest, false, false)
}

func (cell *liRinzel) begin(p float64, state []float64) {
	above := min(float64(cell.gain*max(p, 0)), MostIP3-RestingIP3)
	calcium := lrCalciumAbove(above)
	state[lrAtIP3], state[lrAtCalcium] = RestingIP3+above, calcium
	state[lrAtInactivation] = lrReticulum.uninactivated(RestingIP3+above, lrResting.calcium+calcium)
}

func (cell *liRinzel) levels(_ calciumCourse, _, states []float64, stride int, into []float64) {
	lrReticulum.opens(lrResting.calcium, states[lrAtCalcium:], stride, into)
	for c, open := range into {
		into[c] = lrIP3Above(states[c*stride+lrAtCalcium], open) / cell.gain
	}
}

func (cell *liRinzel) derivatives(course calciumCourse, collected, states []float64, stride int, rates []float64) {
	if course == held {
		return
	}
	for c, s := range collected {
		state, rate := states[c*stride:][:lrStates], rates[c*stride:][:lrStates]
		ip3, calcium := state[lrAtIP3], lrResting.calcium+state[lrAtCalcium]
		made := float64(cell.gain * course.driving(s))
		rate[lrAtIP3] = (made + RestingIP3 - ip3) * (1 / lrTauIP3)
		rate[lrAtCalcium], rate[lrAtInactivation] = lrReticulum.rates(ip3, calcium, lrReticulum.gradient(calcium), state[lrAtInactivation])
	}
}

func (cell *liRinzel) partials(course calciumCourse, collected float64, state []float64, add partial) {
	if course == held {
		return
	}
	add(lrAtIP3, lrAtIP3, -1/lrTauIP3)
	if course.driving(collected) > 0 {
		add(lrAtIP3, lrStates, cell.gain/lrTauIP3)
	}
	lrReticulum.partials(state[lrAtIP3], lrResting.calcium+state[lrAtCalcium], state[lrAtInactivation], lrAtCalcium, add)
}

func (cell *liRinzel) slopes(_ calciumCourse, state, into []float64) {
	if at := lrReticulum.settled(lrResting.calcium + state[lrAtCalcium]); lrFound(&at) {
		into[lrAtCalcium] = lrReticulum.slope(&at, &at) / cell.gain
	}
}

// lrFound reports whether there is IP3 that calcium settles with, and less than MostIP3.
func lrFound(at *settledReticulum) bool { return at.rests() && at.ip3 < MostIP3 }

// lrResting is where it settles with RestingIP3.
var lrResting = lrReticulum.settled(bisect(1e-3, 1, func(calcium float64) bool {
	at := lrReticulum.settled(calcium)
	return lrFound(&at) && at.ip3 < RestingIP3
}))

// lrIP3Above returns how much more IP3, µM, than at rest calcium would settle with where
// it is, given how much more of that there is, and mnh.
func lrIP3Above(calcium, open float64) float64 {
	var at settledReticulum
	if at.settle(&lrReticulum, lrResting.calcium+calcium, open); lrFound(&at) {
		return lrReticulum.slope(&lrResting, &at) * calcium
	}
	return MostIP3 - RestingIP3
}

// lrCalciumAbove is F: how much more calcium, µM, than at rest so much more IP3 settles at.
func lrCalciumAbove(ip3 float64) float64 {
	if ip3 <= 0 {
		return 0
	}
	return bisect(0, lrReticulum.most()-lrResting.calcium, func(calcium float64) bool {
		return lrIP3Above(calcium, lrReticulum.open(lrResting.calcium+calcium)) < ip3
	})
}
