package integrator

// evaluator calls the right-hand side: it counts, keeps times strictly
// between the announced discontinuities around the step, and tells each
// memory at which stage it is being read.
type evaluator struct {
	f        Derivative
	lo, hi   float64 // the stretch without a discontinuity
	count    int
	memories []*Memory
}

func (e *evaluator) derivative(t float64, y, dy []float64) {
	e.count++
	e.f(e.within(t), y, dy)
}

// within is t, or the nearest float64 on this side of a discontinuity at t.
func (e *evaluator) within(t float64) float64 { return min(max(t, e.lo), e.hi) }

// prepare computes each memory's stage factors for a step of size h.
func (e *evaluator) prepare(m *RungeKutta, h float64) {
	for _, mem := range e.memories {
		mem.prepare(m, h)
	}
}

// stage sets what is left of each memory at stage j of the step.
func (e *evaluator) stage(j int) {
	for _, mem := range e.memories {
		mem.enter(j)
	}
}

// probe sets what is left of each memory after an Euler step of size h, for
// the evaluation that guesses the first step.
func (e *evaluator) probe(h float64) {
	for _, mem := range e.memories {
		mem.level = mem.base * (1 + float64(h*mem.rate()))
	}
}
