package model

// Constants of De Pittà's G-ChI equations (De Pittà et al. 2009, J. Biol. Phys. 35:383) as
// Stimberg et al. (2019, Computational Glioscience, chapter 18) have them for the astrocytes
// of their figure 4, in µM and s; without the exchange of IP3 with what is around the cell,
// which there draws it towards none.
const (
	dpAgonist       = 3.2  // O_β, IP3 made where all of Γ_A is bound, µM/s
	dpReception     = 0.3  // O_N, of the transmitter to Γ_A, 1/(µM s)
	dpRelease       = 0.5  // Ω_N, from it, 1/s
	dpTermination   = 10.0 // ζ, how much faster calcium makes that by protein kinase C
	dpKinase        = 0.5  // K_KC, of calcium
	dpEndogenous    = 0.6  // O_δ, IP3 made by phospholipase Cδ, µM/s
	dpSelf          = 1.5  // κ_δ, of IP3 that inhibits it
	dpPhospholipase = 0.1  // K_δ, of calcium
	dpDegradation   = 0.05 // Ω_5P, of IP3, 1/s
	dpKinated       = 4.5  // O_3K, IP3 taken by its 3-kinase, µM/s
	dpOfCalcium     = 0.7  // K_D, of calcium
	dpOfIP3         = 1.0  // K_3K, of IP3
)

var dpReticulum = reticulum{
	total:        2.0,
	volumes:      0.18, // ρ_A
	channel:      6.0,
	leak:         0.1,
	uptake:       0.9,
	pump:         0.05,
	opening:      0.13,
	inactivation: 1.05,
	inhibition:   0.9434,
	activation:   0.08,
	binding:      0.2,
}

// LargestTransmitter is Y, µM, that the largest sum makes; the value is ours. It binds 47 % of
// Γ_A, in the middle of their range, and settles at 0.672 µM of calcium. There is no Y just
// below which calcium begins to oscillate, which it could be taken from: all Y ≥ 0 settle, and
// the Hopf bifurcation of these equations, with these constants, is at Y = −0.27 µM.
const LargestTransmitter = 10

// mostTransmitter is as much transmitter, µM, as calcium is ever taken for: there is calcium,
// on its way to where it settles, that no amount would settle at.
const mostTransmitter = 1000

// dePitta is calcium of a [reticulum] under IP3 that is made where receptors Γ_A bind the
// transmitter Y = b S, and broken down by two enzymes,
//
//	dΓ_A/dt = O_N Y (1 − Γ_A) − Ω_N (1 + ζ C/(C + K_KC)) Γ_A
//	dI/dt = O_β Γ_A + O_δ/(1 + I/κ_δ) C²/(C² + K_δ²) − O_3K C⁴/(C⁴ + K_D⁴) I/(I + K_3K) − Ω_5P I
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

var dpVariables = []string{"gamma_a", "ip3", "ca", "h_ip3r"}

func (*dePitta) states() int         { return dpStates }
func (*dePitta) variables() []string { return dpVariables }
func (*dePitta) follows() bool       { return false }
func (*dePitta) origin(variable int) float64 {
	if variable == dpAtCalcium {
		return dpResting.calcium
	}
	return 0
}

func (*dePitta) settle(calciumCourse, float64, []float64) {}

// shortest is calcium's or, by what its own change depends on it by, Γ_A's at the largest sum.
func (*dePitta) shortest() float64 {
	return min(dpReticulum.shortest(), 1/(dpReception*LargestTransmitter+dpRelease*(1+dpTermination)))
}

func (cell *dePitta) check() error {
	return inRange("the largest sum", cell.largest, false, false)
}

func (cell *dePitta) begin(p float64, state []float64) {
	var above float64
	if transmitter := min(cell.gain*p, mostTransmitter); transmitter > 0 {
		above = bisect(0, dpReticulum.most()-dpResting.calcium, func(calcium float64) bool {
			return dpTransmitterFor(calcium, dpReticulum.open(dpResting.calcium+calcium)) < transmitter
		})
	}
	at := dpSettled(dpResting.calcium + above)
	state[dpAtReceptors], state[dpAtIP3], state[dpAtCalcium] = at.receptors, at.ip3, above
	state[dpAtInactivation] = dpReticulum.uninactivated(at.ip3, at.calcium)
}

func (cell *dePitta) levels(_ calciumCourse, _, states []float64, stride int, into []float64) {
	dpReticulum.opens(dpResting.calcium, states[dpAtCalcium:], stride, into)
	for c, open := range into {
		into[c] = dpTransmitterFor(states[c*stride+dpAtCalcium], open) / cell.gain
	}
}

func (cell *dePitta) derivatives(course calciumCourse, collected, states []float64, stride int, rates []float64) {
	if course == held {
		return
	}
	for c, s := range collected {
		state, rate := states[c*stride:][:dpStates], rates[c*stride:][:dpStates]
		receptors, ip3, calcium := state[dpAtReceptors], state[dpAtIP3], dpResting.calcium+state[dpAtCalcium]
		square := float64(calcium * calcium)
		unbinding, _ := dpUnbinding(calcium)
		taken, _ := dpTaken(ip3, square)
		made, _ := dpMade(ip3, square)
		transmitter := float64(cell.gain * course.driving(s))
		rate[dpAtReceptors] = float64(dpReception*transmitter*(1-receptors)) - float64(unbinding*receptors)
		rate[dpAtIP3] = float64(dpAgonist*receptors) + made - taken - float64(dpDegradation*ip3)
		rate[dpAtCalcium], rate[dpAtInactivation] = dpReticulum.rates(ip3, calcium, dpReticulum.gradient(calcium), state[dpAtInactivation])
	}
}

// dpUnbinding returns how fast Γ_A is unbound, 1/s, and 1/(C + K_KC).
func dpUnbinding(calcium float64) (rate, inverse float64) {
	inverse = 1 / (calcium + dpKinase)
	return dpRelease + float64(dpRelease*dpTermination*calcium*inverse), inverse
}

// dpTaken returns what the 3-kinase takes of IP3, µM/s, where calcium has a square, and 1 over what that is
// a quotient by.
func dpTaken(ip3, square float64) (taken, inverse float64) {
	fourth := float64(square * square)
	inverse = 1 / ((fourth + dpOfCalcium4) * (ip3 + dpOfIP3))
	return float64(dpKinated * fourth * ip3 * inverse), inverse
}

// dpMade returns what phospholipase Cδ makes of it, likewise.
func dpMade(ip3, square float64) (made, inverse float64) {
	inverse = 1 / ((square + dpPhospholipase2) * (ip3 + dpSelf))
	return float64(dpEndogenous * dpSelf * square * inverse), inverse
}

const (
	dpOfCalcium4     = dpOfCalcium * dpOfCalcium * dpOfCalcium * dpOfCalcium
	dpPhospholipase2 = dpPhospholipase * dpPhospholipase
)

func (cell *dePitta) partials(course calciumCourse, collected float64, state []float64, add partial) {
	if course == held {
		return
	}
	receptors, ip3, calcium := state[dpAtReceptors], state[dpAtIP3], dpResting.calcium+state[dpAtCalcium]
	square := float64(calcium * calcium)
	fourth := float64(square * square)
	unbinding, kinase := dpUnbinding(calcium)
	_, taking := dpTaken(ip3, square)
	made, making := dpMade(ip3, square)
	collected = course.driving(collected)
	add(dpAtReceptors, dpAtReceptors, -float64(dpReception*cell.gain*collected)-unbinding)
	add(dpAtReceptors, dpAtCalcium, -dpRelease*dpTermination*dpKinase*kinase*kinase*receptors)
	if collected > 0 {
		add(dpAtReceptors, dpStates, dpReception*cell.gain*(1-receptors))
	}
	add(dpAtIP3, dpAtReceptors, dpAgonist)
	add(dpAtIP3, dpAtIP3, -made/(ip3+dpSelf)-float64(dpKinated*dpOfIP3*fourth*(fourth+dpOfCalcium4)*taking*taking)-dpDegradation)
	add(dpAtIP3, dpAtCalcium, float64(2*dpEndogenous*dpSelf*dpPhospholipase2*calcium*(ip3+dpSelf)*making*making)-
		float64(4*dpKinated*dpOfCalcium4*square*calcium*ip3*(ip3+dpOfIP3)*taking*taking))
	dpReticulum.partials(ip3, calcium, state[dpAtInactivation], dpAtCalcium, add)
}

func (cell *dePitta) slopes(_ calciumCourse, state, into []float64) {
	if at := dpSettled(dpResting.calcium + state[dpAtCalcium]); at.found() {
		into[dpAtCalcium] = dpSlope(&at, &at) / cell.gain
	}
}
