package model

import (
	"math"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// newJacobian is the integrator's Jacobian of a segment's coordinates.
func (reduced *reducedSolver) newJacobian() integrator.Jacobian {
	parameters, reached, late := &reduced.parameters, &coefficients{}, reduced.parameters.Latency > 0
	of := newLinearisation(parameters, reduced.astrocyte, drivers(late, atAstrocyte+reduced.astrocyte.states))
	of.from, of.output = atAstrocyte, atOutputPhi
	return func(time float64, state []float64, add func(row, column int, partial float64)) {
		of.add = add
		reduced.read(time, state, reached)
		if parameters.TauHidden > 0 {
			of.put(atPhi, atPhi, -1/parameters.TauHidden)
			of.put(atHidden, atHidden, -1/parameters.TauHidden)
		}
		of.put(atHebbian, atHebbian, -1/parameters.TauHebbian)
		of.put(atCoupling, atCoupling, -1/parameters.TauPresynaptic)
		if parameters.TauOutput > 0 {
			of.put(atOutput, atOutput, -1/parameters.TauOutput)
		}
		of.drive = reduced.drives.driveSlopes(reduced.span, time-reduced.seg.Start-reduced.span.from, late, reached, of.drive[:0])
		of.astrocyte(reduced.span.course, reduced.collected(time, reached), reached.calcium, reached.astrocyte)
		if reduced.seg.Phase == Reading {
			of.felt(reached, reduced.seg.Blank)
			return
		}
		reduced.writing(of, atPhi, atCouplingPhi, atValuePhi, atCarriedPhi, reached.phi, reached.output)
		reduced.writing(of, atHidden, atCouplingHidden, atValueHidden, atCarriedHidden, reached.hidden, reached.output)
	}
}

// writing puts what g and H learn of a coordinate of h while f is what an output makes it.
func (reduced *reducedSolver) writing(of *linearisation, hidden, coupling, value, carried int, size, output float64) {
	parameters := &reduced.parameters
	write, learn := 1/parameters.Write, reduced.learning/parameters.Write
	of.put(coupling, hidden, write)
	of.put(coupling, coupling, -1/parameters.TauPresynaptic)
	of.put(value, hidden, learn)
	of.put(value, value, -1/parameters.TauHebbian)
	of.put(carried, hidden, learn*output)
	of.put(carried, atOutput, learn*size)
	of.put(carried, carried, -1/parameters.TauHebbian)
}

// collecting are the places of the coordinates that S depends on, in the order of its slopes.
var collecting = [5]int{atPhi, atHidden, atCoupling, atCouplingPhi, atCouplingHidden}

// slopes returns ∂S/∂ of the coordinates u, b, c, c₁ and c₂.
func (drive *driving) slopes(reached *coefficients) [5]float64 {
	u, b := reached.phi, reached.hidden
	return [5]float64{
		float64(reached.coupling*drive.gPhi) + float64(reached.couplingPhi*drive.phiPhi) + float64(reached.couplingHidden*drive.hiddenPhi),
		float64(reached.coupling*drive.gHidden) + float64(reached.couplingPhi*drive.phiHidden) + float64(reached.couplingHidden*drive.hiddenHidden),
		float64(u*drive.gPhi) + float64(b*drive.gHidden),
		float64(u*drive.phiPhi) + float64(b*drive.phiHidden),
		float64(u*drive.hiddenPhi) + float64(b*drive.hiddenHidden),
	}
}

// drivers are the columns that what drives the calcium depends on: those of the coordinates or, where it is
// a function of time that is known, the one that stands for time.
func drivers(known bool, time int) []int {
	if known {
		return []int{time}
	}
	return collecting[:]
}

// driveSlopes appends the slopes by them of what is collected so long after a span's start, where the calcium
// follows it.
func (exact *exactSolver) driveSlopes(span *span, since float64, known bool, reached *coefficients, into []float64) []float64 {
	switch {
	case span.course != following:
		return into
	case known:
		return append(into, exact.collecting(span, since))
	}
	slopes := span.drive.slopes(reached)
	return append(into, slopes[:]...)
}

// collecting returns dS/dt of a drive that is known, by the equations of its coordinates, so
// long after the span's start.
func (exact *exactSolver) collecting(span *span, since float64) float64 {
	drift := exact.drift(span.phase, since)
	rates := [5]float64{0, 0, -exact.presynaptic * drift.coupling, -exact.presynaptic * drift.couplingPhi, -exact.presynaptic * drift.couplingHidden}
	if !math.IsInf(exact.hidden, 1) {
		rates[0], rates[1] = exact.hidden*(1-drift.phi), -exact.hidden*drift.hidden
	}
	if span.phase == Writing {
		rates[3] += float64(exact.coupling * drift.phi)
		rates[4] += float64(exact.coupling * drift.hidden)
	}
	var change float64
	for i, slope := range span.drive.slopes(&drift) {
		change += float64(slope * rates[i])
	}
	return change
}
