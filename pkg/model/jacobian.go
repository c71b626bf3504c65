package model

import "math"

// The Jacobian of a segment's coordinates, for implicit methods. Of the equations only the
// calcium's and the read-out's are models that can be exchanged; each may tell its partial
// derivatives, and where one does not the method takes differences.

// A partial is told as ∂rate_row/∂state_column.
type partial func(row, column int, value float64)

// A smoothCalcium is a calciumModel that knows its partial derivatives.
type smoothCalcium interface {
	// partials adds those of its rates, by each state and, as the column behind them, by S.
	partials(course calciumCourse, collected float64, state []float64, add partial)

	// slopes sets ∂p/∂state and, behind them, ∂p/∂S; into is all 0 before.
	slopes(course calciumCourse, state, into []float64)
}

// A smoothReadout is a readoutModel that knows its partial derivatives.
type smoothReadout interface {
	// partials adds those of its rates, by each state and, as the column behind them, by p.
	partials(p float64, state []float64, add partial)

	// slopes sets those of the divisor 1/P, by each state and, behind them, by p; into is all 0 before.
	slopes(state, into []float64)
}

func (chain *poles) partials(course calciumCourse, _ float64, _ []float64, add partial) {
	if course == held {
		return
	}
	for i, tau := range chain.taus {
		add(i, i, -1/tau)
		switch {
		case i > 0:
			add(i, i-1, 1/tau)
		case course == following:
			add(i, chain.states(), 1/tau)
		}
	}
}

func (chain *poles) slopes(course calciumCourse, _, into []float64) {
	last := chain.states() - 1
	switch {
	case !chain.follows() || course == held:
		into[last] = 1
	case course == following:
		into[last+1] = 1
	}
}

func (reciprocal) partials(float64, []float64, partial) {}
func (reciprocal) slopes(_, into []float64)             { into[0] = 1 }
func (constant) partials(float64, []float64, partial)   {}
func (constant) slopes(_, _ []float64)                  {}
func (receptor) partials(float64, []float64, partial)   {}
func (receptor) slopes(_, into []float64)               { into[0] = 1 }

func (receptor slowReceptor) partials(p float64, state []float64, add partial) {
	add(0, 0, -(1+p/receptor.half)/receptor.tau)
	add(0, 1, -state[0]/receptor.half/receptor.tau)
}

func (receptor slowReceptor) slopes(state, into []float64) {
	into[0] = -receptor.half / (state[0] * state[0])
}

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

// collecting are the places of the coordinates that S depends on, in the order of its slopes.
var collecting = [5]int{atPhi, atHidden, atCoupling, atCouplingPhi, atCouplingHidden}

// smooth reports whether the astrocyte's models know their partial derivatives.
func (astrocyte *astrocyte) smooth() bool {
	_, calcium := astrocyte.calcium.(smoothCalcium)
	_, readout := astrocyte.readout.(smoothReadout)
	return calcium && readout
}

// A linearisation tells the partial derivatives of derivative. Its space is used again from
// step to step.
type linearisation struct {
	*reducedSolver
	add     func(row, column int, partial float64)
	reached coefficients
	byS     []driveSlope // of S
	level   []float64    // of p, by the calcium's states and S
	divisor []float64    // of 1/P, by the read-out's states and p

	ofCalcium, ofReadout partial
}

func (reduced *reducedSolver) newLinearisation() *linearisation {
	astrocyte := reduced.astrocyte
	own, states := astrocyte.own, astrocyte.states-astrocyte.own
	of := &linearisation{reducedSolver: reduced, level: make([]float64, own+1), divisor: make([]float64, states+1)}
	of.ofCalcium = func(row, column int, value float64) {
		if column == own {
			of.byDrive(atAstrocyte+row, value)
			return
		}
		of.put(atAstrocyte+row, atAstrocyte+column, value)
	}
	of.ofReadout = func(row, column int, value float64) {
		if column == states {
			of.byCalcium(atAstrocyte+own+row, value)
			return
		}
		of.put(atAstrocyte+own+row, atAstrocyte+own+column, value)
	}
	return of
}

func (of *linearisation) put(row, column int, value float64) {
	if value != 0 {
		of.add(row, column, value)
	}
}

// byDrive puts what S has to do with a rate.
func (of *linearisation) byDrive(row int, factor float64) {
	for _, slope := range of.byS {
		of.put(row, slope.column, factor*slope.value)
	}
}

// byCalcium puts what p has to do with a rate.
func (of *linearisation) byCalcium(row int, factor float64) {
	own := of.astrocyte.own
	for column, slope := range of.level[:own] {
		of.put(row, atAstrocyte+column, factor*slope)
	}
	of.byDrive(row, factor*of.level[own])
}

// jacobian is an integrator.Jacobian.
func (of *linearisation) jacobian(time float64, state []float64, add func(row, column int, partial float64)) {
	of.add = add
	parameters, astrocyte, reached, put := &of.parameters, of.astrocyte, &of.reached, of.put
	of.read(time, state, reached)
	of.driveSlopes(time, len(state))

	if parameters.TauHidden > 0 {
		put(atPhi, atPhi, -1/parameters.TauHidden)
		put(atHidden, atHidden, -1/parameters.TauHidden)
	}
	put(atHebbian, atHebbian, -1/parameters.TauHebbian)
	put(atCoupling, atCoupling, -1/parameters.TauPresynaptic)

	// The calcium, and its read-out by it.
	own, collected := astrocyte.own, of.collected(time, reached)
	calcium, readout := astrocyte.calcium.(smoothCalcium), astrocyte.readout.(smoothReadout)
	calcium.partials(of.span.course, collected, reached.astrocyte[:own], of.ofCalcium)
	clear(of.level)
	if reached.calcium > astrocyte.floor { // else p_min is felt in the place of p
		calcium.slopes(of.span.course, reached.astrocyte[:own], of.level)
	}
	readout.partials(max(reached.calcium, astrocyte.floor), reached.astrocyte[own:], of.ofReadout)

	if parameters.TauOutput > 0 {
		put(atOutput, atOutput, -1/parameters.TauOutput)
		if of.seg.Phase == Reading {
			clear(of.divisor)
			readout.slopes(reached.astrocyte[own:], of.divisor)
			if put(atOutputPhi, atOutputPhi, -1/parameters.TauOutput); !of.seg.Blank {
				of.settling(atOutputPhi, atPhi, reached.phi)
			}
			if put(atOutputHidden, atOutputHidden, -1/parameters.TauOutput); reached.hidden != 0 {
				of.settling(atOutputHidden, atHidden, reached.hidden)
			}
		}
	}
	if of.seg.Phase == Writing {
		of.writing(atPhi, atCouplingPhi, atValuePhi, atCarriedPhi, reached.phi)
		of.writing(atHidden, atCouplingHidden, atValueHidden, atCarriedHidden, reached.hidden)
	}
}

// settling puts what f of a read settles at, H(0)'s share × a coordinate of h / divisor.
func (of *linearisation) settling(row, column int, size float64) {
	astrocyte, reached, rate := of.astrocyte, &of.reached, 1/of.parameters.TauOutput
	divisor := astrocyte.divisor(reached.calcium, reached.astrocyte)
	of.put(row, column, rate*reached.hebbian/divisor)
	of.put(row, atHebbian, rate*size/divisor)
	less := -rate * reached.hebbian * size / divisor / divisor
	states := len(of.divisor) - 1
	for state, slope := range of.divisor[:states] {
		of.put(row, atAstrocyte+astrocyte.own+state, less*slope)
	}
	of.byCalcium(row, less*of.divisor[states])
}

// writing puts what g and H learn of a coordinate of h.
func (of *linearisation) writing(hidden, coupling, value, carried int, size float64) {
	parameters := &of.parameters
	write, learn := 1/parameters.Write, of.learning/parameters.Write
	of.put(coupling, hidden, write)
	of.put(coupling, coupling, -1/parameters.TauPresynaptic)
	of.put(value, hidden, learn)
	of.put(value, value, -1/parameters.TauHebbian)
	of.put(carried, hidden, learn*of.reached.output)
	of.put(carried, atOutput, learn*size)
	of.put(carried, carried, -1/parameters.TauHebbian)
}

// A driveSlope is a partial derivative of S.
type driveSlope struct {
	column int
	value  float64
}

// driveSlopes sets those of what the processes collect, where the calcium follows it: by the
// coordinates or, where the drive is late and so a function of time, by that.
func (of *linearisation) driveSlopes(time float64, byTime int) {
	of.byS = of.byS[:0]
	if of.span.course != following {
		return
	}
	if of.parameters.Latency == 0 {
		for i, slope := range of.span.drive.slopes(&of.reached) {
			of.byS = append(of.byS, driveSlope{collecting[i], slope})
		}
		return
	}
	of.byS = append(of.byS, driveSlope{byTime, of.drives.collecting(of.span, time-of.seg.Start-of.span.from)})
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
