package plotting

import (
	"fmt"
	"math"
	"slices"
)

// What figures of errors over a quantity have in common: synapses, the time of a read, exchange.

// leastError is where the axis of errors of astrocytes ends below at the latest: what is smaller matters
// to nobody, and an astrocyte that settles falls without end.
const leastError = 1e-5

// largestError is where the axis of errors ends at the latest. An answer of zeros errs by 1; if all
// errors are beyond, it ends so much above the least.
func largestError(uniform, least float64) float64 {
	const beyond = 3
	largest := max(1, least)
	if finite(uniform) {
		largest = max(largest, uniform)
	}
	return beyond * largest
}

// errorAxis is a logarithmic axis of errors; below, it ends at a least one where there are larger ones.
func errorAxis(all [][]float64, uniform, least float64, label string) axis {
	errors := spanOf(all...)
	errors.hi = min(errors.hi, largestError(uniform, errors.positiveLo))
	if errors.hi > least {
		errors.positiveLo = max(errors.positiveLo, least)
	}
	y, _ := errors.logarithmic(0.05)
	if y.label = "relative error of the output (–)"; label != "" {
		y.label = cleanMarked(label)
	}
	y.mark(6)
	return y
}

// meaningOf says in a caption what the errors are: "" is that of the output.
func meaningOf(meaning string) string {
	if meaning = cleanMarked(meaning); meaning != "" {
		return meaning
	}
	return "The error is ‖output − reference output‖_F / ‖reference output‖_F."
}

// What captions say of errors that are the median over so many runs, and of that of uniform attention.
func overRuns(seeds int) string {
	return when(seeds > 1, fmt.Sprintf("Runs of one astrocyte and one place on the axis, of other seeds or solvers, are one: an error is the median over them, of up to %d.", seeds))
}

func dashedUniform(uniform []float64) string {
	return when(len(finiteOf(uniform)) > 0, "Dashed: the error of uniform attention, an answer that looks at nothing.")
}

const perHead = "one per head"

// shapeOfErrors is the error of a curve whose errors, of points [P][heads], are of another shape.
func shapeOfErrors(figure string, i int, errors [][]float64, points, heads int) error {
	if err := shape(figure, fmt.Sprintf("Curves[%d].Errors", i), len(errors), points, "one list per point"); err != nil {
		return err
	}
	for k, ofHeads := range errors {
		if err := shape(figure, fmt.Sprintf("Curves[%d].Errors[%d]", i, k), len(ofHeads), heads, perHead); err != nil {
			return err
		}
	}
	return nil
}

// shapeIfKnown is shape's of what there is one of for each head, or nothing.
func shapeIfKnown(figure, field string, errors []float64, heads int) error {
	if errors == nil {
		return nil
	}
	return shape(figure, field, len(errors), heads, perHead)
}

// errorsOf are the errors, of points [P][heads], of one head; what is not finite is missing.
func errorsOf(head int, errors [][]float64) []float64 {
	line := make([]float64, len(errors))
	for k, ofHeads := range errors {
		if line[k] = ofHeads[head]; !finite(line[k]) {
			line[k] = math.NaN()
		}
	}
	return line
}

// markedOf leaves out what lies beyond the axis, where the line shows by leaving the panel that it goes on;
// but of a line that has no place in it all is kept, to be arrow heads at the edge.
func markedOf(line []float64, y axis) []float64 {
	inside := slices.Clone(line)
	for k, e := range line {
		if e < y.lo || e > y.hi {
			inside[k] = math.NaN()
		}
	}
	if len(finiteOf(inside)) == 0 {
		return line
	}
	return inside
}
