package integrator

import "math"

// linearised is what the workspaces of implicit methods have in common: a Jacobian and what it
// is taken from. Stability does not limit their steps.
type linearised struct {
	matrix  *partials
	blocks  *blocks
	entries int // numbers that the factors would be

	slope []float64 // f at the step's start
	err   []float64
	theta row
	first bool // slope is known
	known bool // and so is an analytic Jacobian

	component int     // the first one that was not finite in the attempt, −1
	value     float64 // and what it was
}

func newLinearised(dim, stages int) linearised {
	work := linearised{matrix: newPartials(dim), slope: make([]float64, dim), err: make([]float64, dim)}
	work.blocks = newBlocks(work.matrix)
	work.theta.stage, work.theta.weight = make([]int, 0, stages), make([]float64, 0, stages)
	return work
}

func (work *linearised) start(eval *evaluator, t float64, y []float64) []float64 {
	if !work.first {
		eval.derivative(t, y, work.slope)
		work.first = true
	}
	return work.slope
}

// begin begins an attempt.
func (work *linearised) begin() {
	work.component, work.value = -1, math.NaN()
	work.look(work.slope)
}

// linearise takes the Jacobian, whose factors are so many times as many numbers as its blocks, and
// reports whether that is not too many. By differences it is taken anew for another step from the
// same state, as their size depends on the step's.
func (work *linearised) linearise(eval *evaluator, t, tNew float64, y []float64, times int) bool {
	if !work.known || eval.jacobian == nil {
		work.matrix.evaluate(eval, t, tNew, y, work.slope)
		work.entries = times * work.blocks.arrange()
		work.known = true
	}
	return work.entries <= mostBlockEntries
}

// tooLarge is how many numbers the factors would be, where that is too many.
func (work *linearised) tooLarge() int {
	if work.entries > mostBlockEntries {
		return work.entries
	}
	return 0
}

// look notes the first component that is not finite.
func (work *linearised) look(slopes []float64) {
	if work.component >= 0 {
		return
	}
	if i := firstNotFinite(slopes); i >= 0 {
		work.component, work.value = i, slopes[i]
	}
}

func (work *linearised) notFinite() (component int, value float64) { return work.component, work.value }

func (work *linearised) finish(*evaluator, float64, float64, []float64, []float64) {}

func (work *linearised) stiffness(*evaluator, float64, []float64) float64 { return 0 }

func (work *linearised) estimate() []float64 { return work.err }

func (work *linearised) stages() (states [][]float64, abscissae []float64) { return nil, nil }
