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

// LargestTransmitter is Y, µM, that the largest sum makes. It binds 47 % of Γ_A and settles
// at 0.672 µM of calcium.
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

const (
	dpAtReceptors = iota
	dpAtIP3
	dpAtCalcium
	dpAtInactivation
	dpStates
)

func (*dePitta) states() int         { return dpStates }
func (*dePitta) variables() []string { return []string{"gamma_a", "ip3", "ca", "h_ip3r"} }
func (*dePitta) follows() bool       { return false }

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
	state[dpAtReceptors], state[dpAtIP3], state[dpAtCalcium], state[dpAtInactivation] = dpSettled(cell.gain * max(p, 0))
}

func (cell *dePitta) level(_ calciumCourse, _ float64, state []float64) float64 {
	_, _, transmitter := dpSettledFor(state[dpAtCalcium])
	return transmitter / cell.gain
}

// derivative has the state stand still where it is held, as no cell could: that is what
// the budget compares with.
func (cell *dePitta) derivative(course calciumCourse, collected float64, state, rates []float64) {
	if course == held {
		return
	}
	if course == falling {
		collected = 0
	}
	receptors, ip3, ca, h := state[dpAtReceptors], state[dpAtIP3], state[dpAtCalcium], state[dpAtInactivation]
	rates[dpAtReceptors] = float64(dpReception*cell.gain*max(collected, 0)*(1-receptors)) - float64(dpUnbinding(ca)*receptors)
	rates[dpAtIP3] = float64(dpAgonist*receptors) - dpConsumed(ip3, ca)
	open := ip3 / (ip3 + dpIP3) * ca / (ca + dpActivation) * h
	rates[dpAtCalcium] = float64((dpLeak+float64(dpChannel*open*open*open))*dpGradient(ca)) - dpPumped(ca)
	affinity := dpAffinity(ip3)
	rates[dpAtInactivation] = dpBinding * (float64(affinity*(1-h)) - float64(ca*h))
}

// dpUnbinding returns how fast Γ_A is unbound, 1/s.
func dpUnbinding(ca float64) float64 {
	return dpRelease * (1 + float64(dpTermination*ca/(ca+dpKinase)))
}

// dpConsumed returns what IP3 is broken down by, less what is made without transmitter, µM/s.
func dpConsumed(ip3, ca float64) float64 {
	square := ca * ca
	made := dpEndogenous / (1 + ip3/dpSelf) * square / (square + dpPhospholipase*dpPhospholipase)
	const fourth = dpOfCalcium * dpOfCalcium * dpOfCalcium * dpOfCalcium
	taken := dpKinated * (square * square / (float64(square*square) + fourth)) * ip3 / (ip3 + dpOfIP3)
	return taken + float64(dpDegradation*ip3) - made
}

// dpGradient is (C_T − (1 + ρ_A) C), µM, by which calcium flows into the cytosol.
func dpGradient(ca float64) float64 { return dpTotal - float64((1+dpVolumes)*ca) }

func dpPumped(ca float64) float64 { return dpUptake * ca * ca / (float64(ca*ca) + dpPump*dpPump) }

// dpAffinity is Q_2, µM.
func dpAffinity(ip3 float64) float64 { return dpInactivation * (ip3 + dpIP3) / (ip3 + dpInhibition) }

// dpSettledFor is F⁻¹: the bound receptors, IP3 and transmitter, µM, at which calcium would
// settle where it is. With y = I d_2/(d_2 (I + d_1) + C (I + d_3)), calcium rests where
// (Ω_C y³ n³ + Ω_L)(C_T − (1 + ρ_A) C) is what is pumped, n = C/(C + d_5); the others follow
// one after another. Below rest all that would be needed is less than none.
func dpSettledFor(ca float64) (receptors, ip3, transmitter float64) {
	gradient := dpGradient(ca)
	y := math.Cbrt((dpPumped(ca)/gradient-dpLeak)/dpChannel) * (ca + dpActivation) / ca
	left := dpInactivation - float64(y*(dpInactivation+ca))
	if !(gradient > 0 && left > 0) {
		return 1, math.Inf(1), mostTransmitter
	}
	ip3 = y * (dpInactivation*dpIP3 + float64(ca*dpInhibition)) / left
	receptors = dpConsumed(ip3, ca) / dpAgonist
	bound := dpUnbinding(ca) * receptors
	if left := dpReception * (1 - receptors); bound < left*mostTransmitter {
		return receptors, ip3, bound / left
	}
	return receptors, ip3, mostTransmitter
}

// dpSettled is the state that so much transmitter, µM, settles at, mostTransmitter at most. F
// is sought from 0.3 µM of calcium, which is below rest, where F⁻¹ grows.
func dpSettled(transmitter float64) (receptors, ip3, ca, h float64) {
	transmitter = min(transmitter, mostTransmitter)
	low, high := 0.3, dpTotal/(1+dpVolumes)
	for {
		middle := low + (high-low)/2
		if middle == low || middle == high {
			break
		}
		if _, _, found := dpSettledFor(middle); found < transmitter {
			low = middle
		} else {
			high = middle
		}
	}
	receptors, ip3, _ = dpSettledFor(low)
	return receptors, ip3, low, dpAffinity(ip3) / (dpAffinity(ip3) + low)
}
