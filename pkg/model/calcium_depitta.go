package model

import "math"

// Constants of De Pittà's G-ChI equations (De Pittà et al. 2009, J. Biol. Phys. 35:383) as
// Stimberg et al. (2019, Computational Glioscience, chapter 18) have them for the astrocytes
// of their figure 4, in µM and s; without the exchange of IP3 with what is around the cell,
// which there draws it towards none.
const (
	dpTotal         = 2.0    // C_T, of cytosol and reticulum, for a volume of the cytosol
	dpVolumes       = 0.18   // ρ_A, of reticulum over cytosol
	dpChannel       = 6.0    // Ω_C, of the IP3 receptors' channel, 1/s
	dpLeak          = 0.1    // Ω_L, 1/s
	dpUptake        = 0.9    // O_P, the pump's largest rate, µM/s
	dpPump          = 0.05   // K_P, of the pump
	dpIP3           = 0.13   // d_1, at which IP3 opens half of its receptors
	dpInactivation  = 1.05   // d_2, of calcium
	dpInhibition    = 0.9434 // d_3, of IP3 in their inactivation
	dpActivation    = 0.08   // d_5, of calcium
	dpBinding       = 0.2    // O_2, of calcium to the inactivating site, 1/(µM s)
	dpAgonist       = 3.2    // O_β, IP3 made where all of Γ_A is bound, µM/s
	dpReception     = 0.3    // O_N, of the transmitter to Γ_A, 1/(µM s)
	dpRelease       = 0.5    // Ω_N, from it, 1/s
	dpTermination   = 10.0   // ζ, how much faster calcium makes that by protein kinase C
	dpKinase        = 0.5    // K_KC, of calcium
	dpEndogenous    = 0.6    // O_δ, IP3 made by phospholipase Cδ, µM/s
	dpSelf          = 1.5    // κ_δ, of IP3 that inhibits it
	dpPhospholipase = 0.1    // K_δ, of calcium
	dpDegradation   = 0.05   // Ω_5P, of IP3, 1/s
	dpKinated       = 4.5    // O_3K, IP3 taken by its 3-kinase, µM/s
	dpOfCalcium     = 0.7    // K_D, of calcium
	dpOfIP3         = 1.0    // K_3K, of IP3
)

// LargestTransmitter is Y, µM, that the largest sum makes; the value is ours. It binds 47 % of
// Γ_A, in the middle of their range, and settles at 0.672 µM of calcium. There is no Y just
// below which calcium begins to oscillate, which it could be taken from: all Y ≥ 0 settle, and
// the Hopf bifurcation of these equations, with these constants, is at Y = −0.27 µM.
const LargestTransmitter = 10

// mostTransmitter is as much transmitter, µM, as calcium is ever taken for: there is calcium,
// on its way to where it settles, that no amount would settle at.
const mostTransmitter = 1000

// dePitta is calcium that IP3 lets out of the endoplasmic reticulum, IP3 that is made where
// receptors Γ_A bind the transmitter Y = b S, and broken down by two enzymes,
//
//	dΓ_A/dt = O_N Y (1 − Γ_A) − Ω_N (1 + ζ C/(C + K_KC)) Γ_A
//	dI/dt = O_β Γ_A + O_δ/(1 + I/κ_δ) C²/(C² + K_δ²) − O_3K C⁴/(C⁴ + K_D⁴) I/(I + K_3K) − Ω_5P I
//	dC/dt = (Ω_C m³h³ + Ω_L)(C_T − (1 + ρ_A) C) − O_P C²/(C² + K_P²)      m = I/(I + d_1) C/(C + d_5)
//	dh/dt = O_2 (Q_2 (1 − h) − C h)                                      Q_2 = d_2 (I + d_1)/(I + d_3)
//
// What is read of it is calibrated, as Li and Rinzel's is: p is the S under which calcium
// would settle where it is.
type dePitta struct{ gain, largest float64 } // b, µM; the largest S

func newDePitta(parameters *Parameters) calciumModel {
	return &dePitta{LargestTransmitter / parameters.LargestSum, parameters.LargestSum}
}

// Its states. Of calcium it is how much more there is than at rest, as of [liRinzel].
const (
	dpAtReceptors    = iota
	dpAtIP3          // µM
	dpAtCalcium      // µM
	dpAtInactivation // h
	dpStates
)

func (*dePitta) states() int         { return dpStates }
func (*dePitta) variables() []string { return []string{"gamma_a", "ip3", "ca", "h_ip3r"} }
func (*dePitta) follows() bool       { return false }
func (*dePitta) origin(variable int) float64 {
	if variable == dpAtCalcium {
		return dpRestingCalcium
	}
	return 0
}

func (*dePitta) settle(calciumCourse, float64, []float64) {}

// shortest is by bounds of what a variable's own change depends on it by: calcium's by what
// flows through channel and leak and by the pump's steepest slope, 3√3/8 O_P/K_P; Γ_A's at
// the largest sum.
func (*dePitta) shortest() float64 {
	calcium := (dpChannel+dpLeak)*(1+dpVolumes) + 3*math.Sqrt(3)/8*dpUptake/dpPump
	return 1 / max(calcium, dpReception*LargestTransmitter+dpRelease*(1+dpTermination))
}

func (cell *dePitta) check() error {
	return inRange("the largest sum", cell.largest, false, false)
}

func (cell *dePitta) begin(p float64, state []float64) {
	var above float64
	if transmitter := min(cell.gain*p, mostTransmitter); transmitter > 0 {
		const most = dpTotal / (1 + dpVolumes) // there the reticulum has as much
		above = bisect(0, most-dpRestingCalcium, func(calcium float64) bool { return dpTransmitter(calcium) < transmitter })
	}
	ca := dpRestingCalcium + above
	receptors, ip3, _, _ := dpSettledFor(between(ca, ca))
	affinity := dpAffinity(ip3).to
	state[dpAtReceptors], state[dpAtIP3], state[dpAtCalcium], state[dpAtInactivation] = receptors.to, ip3.to, above, affinity/(affinity+ca)
}

func (cell *dePitta) level(_ calciumCourse, _ float64, state []float64) float64 {
	return dpTransmitter(state[dpAtCalcium]) / cell.gain
}

func (cell *dePitta) derivative(course calciumCourse, collected float64, state, rates []float64) {
	cellDerivative(cell, course, collected, state, rates)
}

func (cell *dePitta) partials(course calciumCourse, collected float64, state []float64, add partial) {
	cellPartials(cell, course, collected, state, add)
}

func (cell *dePitta) slopes(_ calciumCourse, state, into []float64) {
	ca := dpRestingCalcium + state[dpAtCalcium]
	if _, _, transmitter, found := dpSettledFor(between(ca, ca)); found {
		into[dpAtCalcium] = transmitter.slope / cell.gain
	}
}

func (cell *dePitta) rates(collected chord, at cellState) (rates cellState) {
	receptors, ip3, ca, h := at[dpAtReceptors], at[dpAtIP3], at[dpAtCalcium].add(dpRestingCalcium), at[dpAtInactivation]
	binding := collected.scaled(dpReception * cell.gain).times(receptors.scaled(-1).add(1))
	rates[dpAtReceptors] = binding.minus(dpUnbinding(ca).times(receptors))
	rates[dpAtIP3] = receptors.scaled(dpAgonist).minus(dpConsumed(ip3, ca))
	rates[dpAtCalcium] = dpFlux(ip3, ca, dpReticulum(ca), h)
	affinity := dpAffinity(ip3)
	rates[dpAtInactivation] = affinity.minus(affinity.plus(ca).times(h)).scaled(dpBinding)
	return rates
}

// dpUnbinding returns how fast Γ_A is unbound, 1/s.
func dpUnbinding(ca chord) chord {
	return ca.half(dpKinase).scaled(dpTermination).add(1).scaled(dpRelease)
}

// dpConsumed returns what IP3 is broken down by, less what is made without transmitter, µM/s.
func dpConsumed(ip3, ca chord) chord {
	const fourth = dpOfCalcium * dpOfCalcium * dpOfCalcium * dpOfCalcium
	square := ca.squared()
	made := square.half(dpPhospholipase * dpPhospholipase).scaled(dpEndogenous).over(ip3.scaled(1 / dpSelf).add(1))
	taken := square.squared().half(fourth).times(ip3.half(dpOfIP3)).scaled(dpKinated)
	return taken.plus(ip3.scaled(dpDegradation)).minus(made)
}

// dpReticulum returns the reticulum's calcium, µM, where the cytosol's is given.
func dpReticulum(ca chord) chord { return ca.scaled(-1 / dpVolumes).add(dpTotal / dpVolumes) }

// dpGradient is by what calcium flows into the cytosol, µM: ρ_A (C_E − C), which is
// C_T − (1 + ρ_A) C.
func dpGradient(ca, reticulum chord) chord { return reticulum.minus(ca).scaled(dpVolumes) }

// dpFlux returns what flows into the cytosol, µM/s; 1/ρ_A of that comes out of the reticulum.
func dpFlux(ip3, ca, reticulum, h chord) chord {
	open := ip3.half(dpIP3).times(ca.half(dpActivation)).times(h)
	return open.squared().times(open).scaled(dpChannel).add(dpLeak).times(dpGradient(ca, reticulum)).minus(dpPumped(ca))
}

// dpPumped returns what the pump takes out of the cytosol, µM/s.
func dpPumped(ca chord) chord { return ca.squared().half(dpPump * dpPump).scaled(dpUptake) }

// dpAffinity is Q_2, µM.
func dpAffinity(ip3 chord) chord {
	return ip3.add(dpIP3).over(ip3.add(dpInhibition)).scaled(dpInactivation)
}

// dpSettledFor is F⁻¹ between two levels of calcium: the bound receptors, IP3 and
// transmitter, µM, at which it would settle there, and whether that is less than
// mostTransmitter. With y = I d_2/(d_2 (I + d_1) + C (I + d_3)) calcium rests where
// (Ω_C y³ n³ + Ω_L)(C_T − (1 + ρ_A) C) is what is pumped, n = C/(C + d_5); the others follow
// one after another.
func dpSettledFor(ca chord) (receptors, ip3, transmitter chord, found bool) {
	gradient := dpGradient(ca, dpReticulum(ca))
	y := dpPumped(ca).over(gradient).add(-dpLeak).scaled(1 / dpChannel).cubeRoot().times(ca.add(dpActivation)).over(ca)
	left := y.times(ca.add(dpInactivation)).scaled(-1).add(dpInactivation)
	ip3 = y.times(ca.scaled(dpInhibition).add(dpInactivation * dpIP3)).over(left)
	receptors = dpConsumed(ip3, ca).scaled(1 / dpAgonist)
	free := receptors.scaled(-1).add(1)
	transmitter = dpUnbinding(ca).times(receptors).over(free).scaled(1 / dpReception)
	return receptors, ip3, transmitter, gradient.to > 0 && left.to > 0 && free.to > 0 && transmitter.to < mostTransmitter
}

// dpRestingCalcium is what calcium settles at without any transmitter, µM. It is sought
// where F⁻¹ grows: there is oscillation below.
var dpRestingCalcium = bisect(0.3, 0.6, func(ca float64) bool {
	receptors, _, _, _ := dpSettledFor(between(ca, ca))
	return receptors.to < 0
})

// dpTransmitter returns the transmitter, µM, under which calcium would settle where it is,
// given how much more of that there is than at rest; mostTransmitter at most. Below rest all
// that would be needed is less than none.
func dpTransmitter(calcium float64) float64 {
	if _, _, transmitter, found := dpSettledFor(between(dpRestingCalcium, dpRestingCalcium+calcium)); found {
		return float64(transmitter.slope * calcium)
	}
	return mostTransmitter
}
