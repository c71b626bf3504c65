package model

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/internal/portable"
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
// settles; where it reaches beyond, it may oscillate.
const (
	RestingIP3 = 0.16
	StableIP3  = 0.345
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

const (
	lrAtIP3 = iota
	lrAtCalcium
	lrAtInactivation
	lrStates
)

func (*liRinzel) states() int         { return lrStates }
func (*liRinzel) variables() []string { return []string{"ip3", "ca", "h_ip3r"} }
func (*liRinzel) follows() bool       { return false }

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
	ip3 := min(lrRestingIP3+float64(cell.gain*p), MostIP3)
	state[lrAtIP3] = ip3
	state[lrAtCalcium] = lrSettled(ip3)
	state[lrAtInactivation] = lrInactivationSettled(ip3, state[lrAtCalcium])
}

func (cell *liRinzel) level(_ calciumCourse, _ float64, state []float64) float64 {
	return (lrSettledIP3(state[lrAtCalcium]) - lrRestingIP3) / cell.gain
}

func (cell *liRinzel) derivative(course calciumCourse, collected float64, state, rates []float64) {
	if course == held {
		return
	}
	if course == falling {
		collected = 0
	}
	ip3, ca, h := state[lrAtIP3], state[lrAtCalcium], state[lrAtInactivation]
	rates[lrAtIP3] = (lrRestingIP3 + float64(cell.gain*max(collected, 0)) - ip3) / lrTauIP3
	rates[lrAtCalcium] = lrFlux(ip3, ca, lrReticulum(ca), h)
	opening, closing := lrInactivationRates(ip3, ca)
	rates[lrAtInactivation] = float64(opening*(1-h)) - float64(closing*h)
}

// lrReticulum returns the reticulum's calcium, µM, where the cytosol's is given.
func lrReticulum(ca float64) float64 { return (lrTotal - ca) / lrVolumes }

// lrFlux returns what flows into the cytosol, J_chan − J_pump + J_leak, µM/s; ρ times that
// of the reticulum's own volume comes out of it.
func lrFlux(ip3, ca, reticulum, h float64) float64 {
	open := ip3 / (ip3 + lrIP3) * ca / (ca + lrActivation) * h
	return float64(lrVolumes*(lrLeak+float64(lrChannel*open*open*open))*(reticulum-ca)) - lrPumped(ca)
}

func lrPumped(ca float64) float64 { return lrUptake * ca * ca / (lrPump*lrPump + float64(ca*ca)) }

// lrInactivationRates returns a_h and b_h, 1/s.
func lrInactivationRates(ip3, ca float64) (opening, closing float64) {
	return lrBinding * lrInactivation * (ip3 + lrIP3) / (ip3 + lrInhibition), lrBinding * ca
}

func lrInactivationSettled(ip3, ca float64) float64 {
	opening, closing := lrInactivationRates(ip3, ca)
	return opening / (opening + closing)
}

// lrSettledIP3 is F⁻¹: the IP3, µM, at which calcium would settle where it is. With
// y = m h it is the solution of y³ n³ ρ r_I (Ca_ER − Ca) = J_pump − J_leak, and
// y = IP3 K_inh/(K_inh (IP3 + K₁) + Ca (IP3 + K₂)).
func lrSettledIP3(ca float64) float64 {
	gradient := lrReticulum(ca) - ca
	n := ca / (ca + lrActivation)
	y := cubeRoot((lrPumped(ca)-float64(lrVolumes*lrLeak*gradient))/(lrVolumes*lrChannel*gradient)) / n
	left := lrInactivation - float64(y*(lrInactivation+ca))
	if right := y * (float64(lrInactivation*lrIP3) + float64(ca*lrInhibition)); gradient > 0 && right < left*MostIP3 {
		return right / left
	}
	return MostIP3
}

// cubeRoot returns ∛x, by Newton's step from a power.
func cubeRoot(x float64) float64 {
	if x == 0 {
		return 0
	}
	y := math.Copysign(portable.Pow(math.Abs(x), 1.0/3), x)
	return y - (float64(y*y*y)-x)/float64(3*y*y)
}

// lrSettled is F: the calcium, µM, that so much IP3 settles at.
func lrSettled(ip3 float64) float64 {
	low, high := 1e-3, lrTotal/(1+lrVolumes) // there the reticulum has as much
	for {
		middle := low + float64((high-low)/2)
		if middle == low || middle == high {
			return middle
		}
		if lrSettledIP3(middle) < ip3 {
			low = middle
		} else {
			high = middle
		}
	}
}
