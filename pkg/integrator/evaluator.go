package integrator

// evaluator calls the right-hand side: it counts, keeps times strictly
// between the announced discontinuities around the step, and tells each
// memory at which stage it is being read.
type evaluator struct {
	f        Derivative
	jacobian Jacobian // nil: differences
	lo, hi   float64  // the stretch without a discontinuity
	count    int
	memories []*Memory

	// What an iteration is ended by.
	norm       Norm
	groups     []Group
	equal      bool // steps are equal, and a tolerance not given
	prescribed bool // steps are, and their errors not asked for
}

func (eval *evaluator) derivative(t float64, y, dy []float64) {
	eval.count++
	eval.f(eval.within(t), y, dy)
}

// within is t, or the nearest float64 on this side of a discontinuity at t.
func (eval *evaluator) within(t float64) float64 { return min(max(t, eval.lo), eval.hi) }

// prepare computes each memory's stage factors for a step of size h.
func (eval *evaluator) prepare(method *RungeKutta, h float64) {
	for _, memory := range eval.memories {
		memory.prepare(method, h)
	}
}

// stage sets what is left of each memory at stage j of the step.
func (eval *evaluator) stage(stage int) {
	for _, memory := range eval.memories {
		memory.enter(stage)
	}
}

// probe sets what is left of each memory after an Euler step of size h, for
// the evaluation that guesses the first step.
func (eval *evaluator) probe(h float64) {
	for _, memory := range eval.memories {
		memory.level = memory.base * (1 + float64(h*memory.rate()))
	}
}
