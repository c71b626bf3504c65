package model

// A cellEquations is a calciumModel whose equations are written in chords, so that from one
// text come the rates of change and their partial derivatives.
type cellEquations interface {
	states() int
	rates(collected chord, at cellState) cellState // 1/s; nothing is collected that is below 0
}

// cellState are a cell's variables, as many of them as it has, or their rates.
type cellState [4]chord

// seeded are a cell's variables and what is collected at a state, as functions of one of
// them: of the last, where by is states; of none, where it is below 0.
func seeded(state []float64, collected float64, by int) (drive chord, at cellState) {
	for i, value := range state {
		at[i] = chord{from: value, to: value}
	}
	drive = chord{from: collected, to: collected}
	switch {
	case by == len(state):
		drive.slope = 1
	case by >= 0:
		at[by].slope = 1
	}
	return drive, at
}

// cellDerivative has the state stand still where it is held, as no cell could: that is what
// the budget compares with.
func cellDerivative(cell cellEquations, course calciumCourse, collected float64, state, rates []float64) {
	if course == held {
		return
	}
	if course == falling {
		collected = 0
	}
	now := cell.rates(seeded(state, max(collected, 0), -1))
	for i := range state {
		rates[i] = now[i].to
	}
}

// cellPartials is cellDerivative's Jacobian.
func cellPartials(cell cellEquations, course calciumCourse, collected float64, state []float64, add partial) {
	if course == held {
		return
	}
	columns := len(state)
	if course == following && collected > 0 {
		columns++
	} else {
		collected = 0
	}
	for column := range columns {
		now := cell.rates(seeded(state, collected, column))
		for row := range state {
			add(row, column, now[row].slope)
		}
	}
}
