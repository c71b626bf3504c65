package model

import (
	"fmt"
	"math"
)

// Constants of Li and Rinzel's equations as NEST's astrocyte_lr_1994 has them (Li & Rinzel
// 1994, J. Theor. Biol. 166:461; Nadkarni & Jung 2003, Phys. Rev. Lett. 91:268101), in µM and s.
const (
	lrTotal        = 2.0 // Ca_tot, of cytosol and reticulum, for a volume of the cytosol
	lrRestingIP3   = RestingIP3
	lrIP3          = 0.13    // K₁, at which IP3 opens half of the receptors
	lrInhibition   = 0.9434  // K₂, of IP3 in their inactivation by calcium
	lrActivation   = 0.08234 // K_act, of calcium
	lrInactivation = 1.049   // K_inh, of calcium
	lrPump         = 0.1     // K_S, of the pump
	lrBinding      = 0.2     // k, of calcium to the inactivating site, 1/(µM s)
	lrChannel      = 6.0     // r_I, of the receptors' channel, 1/s
	lrLeak         = 0.11    // r_L, 1/s
	lrUptake       = 0.9     // v_S, the pump's largest rate, µM/s
	lrVolumes      = 0.185   // ρ, of reticulum over cytosol
	lrTauIP3       = 7.142   // τ_IP3, s
)

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

// liRinzel is calcium that IP3 lets out of the endoplasmic reticulum, and a pump back,
//
//	τ_IP3 dIP3/dt = IP3₀ + a S − IP3
//	dCa/dt = J_chan − J_pump + J_leak
//	dh/dt = a_h (1 − h) − b_h h
//
// for a cell in which calcium is neither lost nor gained. What is read of it is calibrated:
// p is the S under which calcium would settle where it is, so that p = S once it has.
type liRinzel struct{ gain, ip3Max, largest float64 } // a, µM; the largest IP3, µM, and the S that makes it

func newLiRinzel(parameters *Parameters) calciumModel {
	return &liRinzel{(parameters.IP3Max - lrRestingIP3) / parameters.LargestSum, parameters.IP3Max, parameters.LargestSum}
}

// Its states. Of calcium it is how much more there is than at rest: what is read of it is
// a difference to that, and the floor that divides a billionth of what it comes to.
const (
	lrAtIP3     = iota // µM
	lrAtCalcium        // µM
	lrAtInactivation
	lrStates
)

func (*liRinzel) states() int         { return lrStates }
func (*liRinzel) variables() []string { return []string{"ip3", "ca", "h_ip3r"} }
func (*liRinzel) follows() bool       { return false }
func (*liRinzel) origin(variable int) float64 {
	if variable == lrAtCalcium {
		return lrRestingCalcium
	}
	return 0
}

func (*liRinzel) settle(calciumCourse, float64, []float64) {}

// shortest is by bounds of what calcium's own change depends on calcium by: what flows
// through channel and leak, and the pump's steepest slope, 3√3/8 v_S/K_S.
func (*liRinzel) shortest() float64 {
	return 1 / ((lrChannel+lrLeak)*(1+lrVolumes) + 3*math.Sqrt(3)/8*lrUptake/lrPump)
}

func (cell *liRinzel) check() error {
	if !(cell.ip3Max > lrRestingIP3 && cell.ip3Max < MostIP3) {
		return fmt.Errorf("model: the largest IP3 is %g µM, and it has to be above its level at rest, %g, and below %d", cell.ip3Max, lrRestingIP3, MostIP3)
	}
	return inRange("the largest sum", cell.largest, false, false)
}

func (cell *liRinzel) begin(p float64, state []float64) {
	above := min(float64(cell.gain*max(p, 0)), MostIP3-lrRestingIP3)
	state[lrAtIP3] = lrRestingIP3 + above
	state[lrAtCalcium] = lrCalciumAbove(above)
	opening, closing := lrOpening(between(state[lrAtIP3], state[lrAtIP3])).to, float64(lrBinding*(lrRestingCalcium+state[lrAtCalcium]))
	state[lrAtInactivation] = opening / (opening + closing)
}

func (cell *liRinzel) level(_ calciumCourse, _ float64, state []float64) float64 {
	return lrIP3Above(state[lrAtCalcium]) / cell.gain
}

func (cell *liRinzel) derivative(course calciumCourse, collected float64, state, rates []float64) {
	cellDerivative(cell, course, collected, state, rates)
}

func (cell *liRinzel) partials(course calciumCourse, collected float64, state []float64, add partial) {
	cellPartials(cell, course, collected, state, add)
}

func (cell *liRinzel) slopes(_ calciumCourse, state, into []float64) {
	ca := lrRestingCalcium + state[lrAtCalcium]
	if ip3, found := lrSettledIP3(between(ca, ca)); found {
		into[lrAtCalcium] = ip3.slope / cell.gain
	}
}

func (cell *liRinzel) rates(collected chord, at cellState) (rates cellState) {
	ip3, ca, h := at[lrAtIP3], at[lrAtCalcium].add(lrRestingCalcium), at[lrAtInactivation]
	rates[lrAtIP3] = collected.scaled(cell.gain).add(lrRestingIP3).minus(ip3).scaled(1 / lrTauIP3)
	rates[lrAtCalcium] = lrFlux(ip3, ca, lrReticulum(ca), h)
	opening := lrOpening(ip3)
	rates[lrAtInactivation] = opening.minus(opening.plus(ca.scaled(lrBinding)).times(h))
	return rates
}

// lrReticulum returns the reticulum's calcium, µM, where the cytosol's is given.
func lrReticulum(ca chord) chord { return ca.scaled(-1 / lrVolumes).add(lrTotal / lrVolumes) }

// lrFlux returns what flows into the cytosol, J_chan − J_pump + J_leak, µM/s; ρ times that
// of the reticulum's own volume comes out of it.
func lrFlux(ip3, ca, reticulum, h chord) chord {
	open := ip3.half(lrIP3).times(ca.half(lrActivation)).times(h)
	permeability := open.squared().times(open).scaled(lrChannel).add(lrLeak).scaled(lrVolumes)
	return permeability.times(reticulum.minus(ca)).minus(lrPumped(ca))
}

// lrPumped is J_pump, µM/s.
func lrPumped(ca chord) chord { return ca.squared().half(lrPump * lrPump).scaled(lrUptake) }

// lrOpening is a_h, 1/s.
func lrOpening(ip3 chord) chord {
	return ip3.add(lrIP3).over(ip3.add(lrInhibition)).scaled(lrBinding * lrInactivation)
}

// lrSettledIP3 is F⁻¹ between two levels of calcium: the IP3, µM, at which it would settle
// there, and whether that is less than MostIP3. With y = m h it is the
// solution of y³ n³ ρ r_I (Ca_ER − Ca) = J_pump − J_leak, and
// y = IP3 K_inh/(K_inh (IP3 + K₁) + Ca (IP3 + K₂)).
func lrSettledIP3(ca chord) (ip3 chord, found bool) {
	gradient := lrReticulum(ca).minus(ca)
	open := lrPumped(ca).over(gradient).scaled(1 / (lrVolumes * lrChannel)).add(-lrLeak / lrChannel).cubeRoot()
	y := open.times(ca.add(lrActivation)).over(ca)
	left := y.times(ca.add(lrInactivation)).scaled(-1).add(lrInactivation)
	right := y.times(ca.scaled(lrInhibition).add(lrInactivation * lrIP3))
	return right.over(left), gradient.to > 0 && right.to < left.to*MostIP3
}

// lrRestingCalcium is what calcium settles at with lrRestingIP3, µM.
var lrRestingCalcium = bisect(1e-3, 1, func(ca float64) bool {
	ip3, found := lrSettledIP3(between(ca, ca))
	return found && ip3.to < lrRestingIP3
})

// lrIP3Above returns how much more IP3, µM, than at rest calcium would settle with where
// it is, given how much more of that there is.
func lrIP3Above(calcium float64) float64 {
	if ip3, found := lrSettledIP3(between(lrRestingCalcium, lrRestingCalcium+calcium)); found {
		return ip3.slope * calcium
	}
	return MostIP3 - lrRestingIP3
}

// lrCalciumAbove is F: how much more calcium, µM, than at rest so much more IP3 settles at.
func lrCalciumAbove(ip3 float64) float64 {
	if ip3 <= 0 {
		return 0
	}
	const most = lrTotal / (1 + lrVolumes) // there the reticulum has as much
	return bisect(0, most-lrRestingCalcium, func(calcium float64) bool { return lrIP3Above(calcium) < ip3 })
}
