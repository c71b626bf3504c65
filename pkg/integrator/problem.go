package integrator

// Derivative is a right-hand side: it sets dy = f(t, y), every component of
// it. y must not be changed and neither slice kept. A NaN or ±Inf in dy makes
// the step fail; it is retried smaller where the step size is free.
type Derivative func(t float64, y, dy []float64)

// Problem is what is to be solved, apart from where it starts.
type Problem struct {
	Derivative Derivative // the right-hand side

	// Jacobian, if given, is that of Derivative, for implicit methods, which
	// otherwise take differences: an evaluation for each component and step,
	// and for t. A wrong one costs order and stability, silently.
	Jacobian Jacobian

	// Discontinuities are times, in any order, at which f or one of its
	// derivatives jumps in t. No step crosses one, no stage is evaluated at one
	// (a stage at a step's end sees the nearest float64 inside the step), and
	// nothing of the step before is re-used after one.
	Discontinuities []float64

	Events   []Event   // looked for in every step
	Memories []*Memory // linear memories outside the state; explicit Runge–Kutta methods only

	// Names, if given, names the components in messages; otherwise they are
	// numbered from 0.
	Names func(component int) string
}

// Span is the interval of integration, from Span[0] to Span[1]; backwards
// where the second is smaller.
type Span [2]float64
