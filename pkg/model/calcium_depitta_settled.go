package model

// A settledDePitta is where all rests at a level of calcium, with all that leads to the transmitter
// which that takes: the reticulum tells the IP3, that the receptors, and these the transmitter.
type settledDePitta struct {
	settledReticulum
	taken, taking      float64 // dpTaken
	made, making       float64 // dpMade
	unbinding, kinase  float64 // dpUnbinding
	receptors, unbound float64 // Γ_A and 1/(1 − Γ_A)
	transmitter        float64
}

func dpSettled(calcium float64) (at settledDePitta) {
	at.settle(calcium, dpReticulum.open(calcium))
	return at
}

func (at *settledDePitta) settle(calcium, open float64) {
	at.settledReticulum.settle(&dpReticulum, calcium, open)
	at.taken, at.taking = dpTaken(at.ip3, at.square)
	at.made, at.making = dpMade(at.ip3, at.square)
	at.receptors = float64((at.taken + float64(dpDegradation*at.ip3) - at.made) * (1 / dpAgonist))
	at.unbinding, at.kinase = dpUnbinding(calcium)
	at.unbound = 1 / (1 - at.receptors)
	at.transmitter = at.unbinding * at.receptors * at.unbound * (1 / dpReception)
}

// found reports whether there is such transmitter, and less than mostTransmitter.
func (at *settledDePitta) found() bool {
	return at.rests() && at.receptors < 1 && at.transmitter < mostTransmitter
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
var dpResting = dpSettled(bisect(0.3, 0.6, func(calcium float64) bool { return dpSettled(calcium).receptors < 0 }))

// dpTransmitterFor returns the transmitter, µM, under which calcium would settle where it is,
// given how much more of that there is than at rest; mostTransmitter at most. Below rest all
// that would be needed is less than none.
func dpTransmitterFor(calcium, open float64) float64 {
	var at settledDePitta
	if at.settle(dpResting.calcium+calcium, open); at.found() {
		return dpSlope(&dpResting, &at) * calcium
	}
	return mostTransmitter
}
