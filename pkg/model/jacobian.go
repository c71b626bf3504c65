package model

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

// smooth reports whether the astrocyte's models know their partial derivatives.
func (astrocyte *astrocyte) smooth() bool {
	_, calcium := astrocyte.calcium.(smoothCalcium)
	_, readout := astrocyte.readout.(smoothReadout)
	return calcium && readout
}

// A linearisation tells the partial derivatives of an astrocyte's rates, or of one of its
// compartments', and of f that it divides. Its space is used again from step to step.
type linearisation struct {
	parameters   *Parameters
	model        *astrocyte
	from, output int   // where the astrocyte's states are, and f's two coordinates
	drivers      []int // columns that what drives the calcium depends on

	add     func(row, column int, partial float64)
	drive   []float64 // of what drives the calcium, by the drivers; none where it follows nothing
	level   []float64 // of p, by the calcium's states and what drives it
	divisor []float64 // of 1/P, by the read-out's states and p

	ofCalcium, ofReadout partial
}

func newLinearisation(parameters *Parameters, model *astrocyte, drivers []int) *linearisation {
	own, states := model.own, model.states-model.own
	of := &linearisation{parameters: parameters, model: model, drivers: drivers, level: make([]float64, own+1), divisor: make([]float64, states+1)}
	of.ofCalcium = func(row, column int, value float64) {
		if column == own {
			of.byDrive(of.from+row, value)
			return
		}
		of.put(of.from+row, of.from+column, value)
	}
	of.ofReadout = func(row, column int, value float64) {
		if column == states {
			of.byCalcium(of.from+own+row, value)
			return
		}
		of.put(of.from+own+row, of.from+own+column, value)
	}
	return of
}

func (of *linearisation) put(row, column int, value float64) {
	if value != 0 {
		of.add(row, column, value)
	}
}

// byDrive puts what the drive has to do with a rate.
func (of *linearisation) byDrive(row int, factor float64) {
	for i, slope := range of.drive {
		of.put(row, of.drivers[i], factor*slope)
	}
}

// byCalcium puts what p has to do with a rate.
func (of *linearisation) byCalcium(row int, factor float64) {
	own := of.model.own
	for column, slope := range of.level[:own] {
		of.put(row, of.from+column, factor*slope)
	}
	of.byDrive(row, factor*of.level[own])
}

// astrocyte puts what the rates of the calcium depend on, and those of its read-out, where so much is
// collected and calcium is p.
func (of *linearisation) astrocyte(course calciumCourse, collected, p float64, state []float64) {
	own, floor := of.model.own, of.model.floor
	calcium, readout := of.model.calcium.(smoothCalcium), of.model.readout.(smoothReadout)
	calcium.partials(course, collected, state[:own], of.ofCalcium)
	clear(of.level)
	if p > floor { // else p_min is felt in the place of p
		calcium.slopes(course, state[:own], of.level)
	}
	readout.partials(max(p, floor), state[own:], of.ofReadout)
}

// felt puts what f of a read depends on, where it does not settle at once.
func (of *linearisation) felt(reached *coefficients, blank bool) {
	if of.parameters.TauOutput == 0 {
		return
	}
	clear(of.divisor)
	of.model.readout.(smoothReadout).slopes(reached.astrocyte[of.model.own:], of.divisor)
	for row := of.output; row < of.output+2; row++ {
		of.put(row, row, -1/of.parameters.TauOutput)
	}
	if !blank {
		of.settling(of.output, atPhi, reached.phi, reached)
	}
	if reached.hidden != 0 {
		of.settling(of.output+1, atHidden, reached.hidden, reached)
	}
}

// settling puts what f of a read settles at, H(0)'s share × a coordinate of h / divisor.
func (of *linearisation) settling(row, column int, size float64, reached *coefficients) {
	rate, divisor := 1/of.parameters.TauOutput, of.model.divisor(reached.calcium, reached.astrocyte)
	of.put(row, column, rate*reached.hebbian/divisor)
	of.put(row, atHebbian, rate*size/divisor)
	less := -rate * reached.hebbian * size / divisor / divisor
	states := len(of.divisor) - 1
	for state, slope := range of.divisor[:states] {
		of.put(row, of.from+of.model.own+state, less*slope)
	}
	of.byCalcium(row, less*of.divisor[states])
}
