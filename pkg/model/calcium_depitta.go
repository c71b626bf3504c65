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
	var at settledDePitta
	at.settle(dpResting.calcium+above, dpReticulum.open(dpResting.calcium+above))
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
		transmitter := float64(cell.gain * course.driving(s))
		rate[dpAtReceptors] = float64(dpReception*transmitter*(1-receptors)) - float64(dpUnbinding(calcium)*receptors)
		rate[dpAtIP3] = float64(dpAgonist*receptors) - dpConsumed(ip3, calcium)
		rate[dpAtCalcium], rate[dpAtInactivation] = dpReticulum.rates(ip3, calcium, dpReticulum.gradient(calcium), state[dpAtInactivation])
	}
}

// dpUnbinding returns how fast Γ_A is unbound, 1/s.
func dpUnbinding(calcium float64) float64 {
	return dpRelease + dpRelease*dpTermination*calcium/(calcium+dpKinase)
}

// dpConsumed returns what IP3 is broken down by, less what is made without transmitter, µM/s.
func dpConsumed(ip3, calcium float64) float64 {
	square := float64(calcium * calcium)
	return dpTaken(ip3, square) + float64(dpDegradation*ip3) - dpMade(ip3, square)
}

// dpTaken returns what the 3-kinase takes of IP3, dpMade what phospholipase Cδ makes, µM/s, given C².
func dpTaken(ip3, square float64) float64 {
	fourth := float64(square * square)
	return dpKinated * fourth * ip3 / ((fourth + dpOfCalcium4) * (ip3 + dpOfIP3))
}

func dpMade(ip3, square float64) float64 {
	return dpEndogenous * dpSelf * square / ((square + dpPhospholipase2) * (ip3 + dpSelf))
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
	collected = course.driving(collected)
	add(dpAtReceptors, dpAtReceptors, -float64(dpReception*cell.gain*collected)-dpUnbinding(calcium))
	add(dpAtReceptors, dpAtCalcium, -dpRelease*dpTermination*dpKinase/((calcium+dpKinase)*(calcium+dpKinase))*receptors)
	if collected > 0 {
		add(dpAtReceptors, dpStates, dpReception*cell.gain*(1-receptors))
	}
	square := float64(calcium * calcium)
	fourth := float64(square * square)
	taken := dpKinated * fourth / (fourth + dpOfCalcium4)
	byTaken := dpKinated * 4 * square * calcium * dpOfCalcium4 / ((fourth + dpOfCalcium4) * (fourth + dpOfCalcium4)) * ip3 / (ip3 + dpOfIP3)
	byMade := dpEndogenous * dpSelf * 2 * calcium * dpPhospholipase2 / ((square + dpPhospholipase2) * (square + dpPhospholipase2) * (ip3 + dpSelf))
	add(dpAtIP3, dpAtReceptors, dpAgonist)
	add(dpAtIP3, dpAtIP3, -float64(taken*dpOfIP3/((ip3+dpOfIP3)*(ip3+dpOfIP3)))-dpDegradation-dpMade(ip3, square)/(ip3+dpSelf))
	add(dpAtIP3, dpAtCalcium, byMade-byTaken)
	dpReticulum.partials(ip3, calcium, state[dpAtInactivation], dpAtCalcium, add)
}

func (cell *dePitta) slopes(_ calciumCourse, state, into []float64) {
	var at settledDePitta
	calcium := dpResting.calcium + state[dpAtCalcium]
	if at.settle(calcium, dpReticulum.open(calcium)); at.dpFound() {
		into[dpAtCalcium] = dpSlope(&at, &at) / cell.gain
	}
}

// A settledDePitta is where all rests at a level of calcium, with all that leads to the transmitter
// which that takes: the reticulum tells the IP3, that the receptors, and these the transmitter.
type settledDePitta struct {
	settledReticulum
	taken, taking      float64 // by the 3-kinase, and 1 over its denominator
	made, making       float64 // by phospholipase Cδ, likewise
	unbinding, kinase  float64 // of the receptors, likewise
	receptors, unbound float64 // Γ_A and 1/(1 − Γ_A)
	transmitter        float64
}

func (at *settledDePitta) settle(calcium, open float64) {
	at.settledReticulum.settle(&dpReticulum, calcium, open)
	fourth := float64(at.square * at.square)
	at.taking = 1 / ((fourth + dpOfCalcium4) * (at.ip3 + dpOfIP3))
	at.taken = float64(dpKinated * fourth * at.ip3 * at.taking)
	at.making = 1 / ((at.square + dpPhospholipase2) * (at.ip3 + dpSelf))
	at.made = float64(dpEndogenous * dpSelf * at.square * at.making)
	at.receptors = (at.taken + float64(dpDegradation*at.ip3) - at.made) * (1 / dpAgonist)
	at.kinase = 1 / (calcium + dpKinase)
	at.unbinding = dpRelease + float64(dpRelease*dpTermination*calcium*at.kinase)
	at.unbound = 1 / (1 - at.receptors)
	at.transmitter = at.unbinding * at.receptors * at.unbound * (1 / dpReception)
}

// found reports whether there is such transmitter, and less than mostTransmitter.
func (at *settledDePitta) dpFound() bool {
	return at.gradient > 0 && at.found > 0 && at.receptors < 1 && at.transmitter < mostTransmitter
}

// dpSlope is what [reticulum.slope] is, of the transmitter.
func dpSlope(from, to *settledDePitta) float64 {
	square := from.calcium + to.calcium
	fourth := square * (from.square + to.square)
	fromFourth := float64(from.square * from.square)
	ip3 := dpReticulum.slope(&from.settledReticulum, &to.settledReticulum)

	taken := float64(dpKinated * (float64(fourth*to.ip3) + float64(fromFourth*ip3)))
	by := float64(fourth*(to.ip3+dpOfIP3)) + float64((fromFourth+dpOfCalcium4)*ip3)
	taken = (taken - float64(from.taken*by)) * to.taking

	by = float64(square*(to.ip3+dpSelf)) + float64((from.square+dpPhospholipase2)*ip3)
	made := (float64(dpEndogenous*dpSelf*square) - float64(from.made*by)) * to.making

	receptors := (float64(taken) + float64(dpDegradation*ip3) - float64(made)) * (1 / dpAgonist)
	unbinding := dpRelease * dpTermination * dpKinase * from.kinase * to.kinase
	unbound := float64(unbinding*to.receptors) + float64(from.unbinding*receptors)
	return (float64(unbound*(1/dpReception)) + float64(from.transmitter*receptors)) * to.unbound
}

// dpResting is where all settles without any transmitter. It is sought where F⁻¹ grows: there
// is oscillation below.
var dpResting = func() (at settledDePitta) {
	calcium := bisect(0.3, 0.6, func(calcium float64) bool {
		at.settle(calcium, dpReticulum.open(calcium))
		return at.receptors < 0
	})
	at.settle(calcium, dpReticulum.open(calcium))
	return at
}()

// dpTransmitterFor returns the transmitter, µM, under which calcium would settle where it is,
// given how much more of that there is than at rest; mostTransmitter at most. Below rest all
// that would be needed is less than none.
func dpTransmitterFor(calcium, open float64) float64 {
	var at settledDePitta
	if at.settle(dpResting.calcium+calcium, open); at.dpFound() {
		return dpSlope(&dpResting, &at) * calcium
	}
	return mostTransmitter
}
