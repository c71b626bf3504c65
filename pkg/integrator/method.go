package integrator

import (
	"fmt"
	"strings"
)

// A Method is an immutable description of a one-step formula; all mutable
// storage lives in the Integrator that uses it, so one Method may serve any
// number of goroutines. Its set is closed (the last method is unexported): *RungeKutta
// is explicit, *Rosenbrock and *Radau are for stiff problems; further families would be
// further implementations.
type Method interface {
	Name() string    // short lower-case name, such as "dopri5"
	Source() string  // where the coefficients were published
	Order() int      // order of the solution that is carried on
	ErrorOrder() int // order of the comparison solution; 0: no error estimate, fixed steps only
	DenseOrder() int // order of the interpolant between step ends
	Stages() int     // stages as the literature counts them, an FSAL stage included
	FSAL() bool      // the last stage is the first of the next step

	newWorkspace(dim int, keepStages bool) workspace
}

// A workspace holds one method's stages for systems of one dimension and
// takes its steps. A step is: start, attempt, then on success finish (when
// the interpolant is asked for), interpolate, accept.
type workspace interface {
	// start makes the derivative at (t, y) known, from the last step where
	// that is the same evaluation, and returns it.
	start(eval *evaluator, t float64, y []float64) []float64
	// forget drops what was kept of the last step: the state, or f, changed.
	forget()
	// attempt writes the solution at tNew to yNew.
	attempt(eval *evaluator, t, tNew float64, y, yNew []float64)
	// measure is the scaled local error of the attempt.
	measure(norm Norm, groups []Group, t, h float64, y, yNew []float64) float64
	// finish evaluates what the interpolant needs beyond the step itself.
	finish(eval *evaluator, t, tNew float64, y, yNew []float64)
	// interpolate writes the solution at t + θ(tNew − t) to out.
	interpolate(theta, h float64, y, yNew, out []float64)
	// accept makes the attempted step the past.
	accept()
	// stiffness is |h λ| for the largest eigenvalue seen, as a fraction of
	// the method's limit of stability; 0 where the method cannot tell.
	stiffness(eval *evaluator, tNew float64, yNew []float64) float64
	// notFinite finds the first component whose derivative is NaN or ±Inf in
	// the attempt, and what it is; −1 and NaN where there is none.
	notFinite() (component int, value float64)
	// estimate is the error estimate last measured, by component.
	estimate() []float64
	// tooLarge is how many numbers the attempt's systems of linear equations
	// would take, where that is too many; else 0.
	tooLarge() int
	// stages are the stage states and abscissae of the attempt, in the order
	// of the weights that memories receive; nil where the method has none.
	stages() (states [][]float64, c []float64)
}

// Methods returns all methods of the package: the explicit ones in increasing
// order of accuracy, then those for stiff problems.
func Methods() []Method {
	return []Method{Euler(), Heun2(), BS32(), RK4(), Dopri5(), Tsit5(), Dop853(), Rodas5P(), Radau9()}
}

// Implicit reports whether the method solves systems of equations with the Jacobian, as for
// stiff problems.
func Implicit(method Method) bool {
	_, explicit := method.(*RungeKutta)
	return !explicit
}

// ByName returns the method of that name; the error of an unknown name lists
// the known ones.
func ByName(name string) (Method, error) {
	var known []string
	for _, method := range Methods() {
		if method.Name() == name {
			return method, nil
		}
		known = append(known, method.Name())
	}
	return nil, fmt.Errorf("integrator: no method %q; there are %s", name, strings.Join(known, ", "))
}
