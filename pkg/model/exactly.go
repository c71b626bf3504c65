package model

import (
	"context"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// exactTolerance is of each step by which the exact rung integrates what has no closed form.
const exactTolerance = 1e-11

// patience is how many steps of an explicit method a stretch is worth before it is asked
// whether stability limits them. An implicit method gets through most stretches in a tenth of
// that, each as dear as a few of the explicit one's.
const patience = 1000

// A stepping is an integrator, or what stands for one.
type stepping interface {
	Reset(t float64, y []float64)
	Restart(t float64, y []float64)
	Advance(ctx context.Context, end float64) integrator.Status
	Time() float64
	State() []float64
	SetState(state []float64)
	Discontinuity()
	Stats() integrator.Stats
}

// stepper makes what takes a solver's steps.
func (solver Solver) stepper(problem integrator.Problem, dim int, settings integrator.Settings) (stepping, error) {
	if solver.exactly {
		return newExactStepper(problem, dim, solver.Method, settings)
	}
	return integrator.New(problem, dim, solver.Method, settings)
}

// An exactStepper takes the exact rung's steps: by an explicit method until a stretch has taken
// so many that are limited by stability and not by accuracy, or needs shorter ones than float64
// resolves, and by an implicit one from there on. What of it there has been depends on the
// problem alone.
type exactStepper struct {
	problem            integrator.Problem
	settings           integrator.Settings
	dim                int
	method, stiffly    integrator.Method      // the latter nil: none
	explicit, implicit *integrator.Integrator // the latter nil until it is needed
	before             integrator.Stats       // of stretches before, by the explicit method
}

// exactMethods are the two methods, of which another one may be one.
func exactMethods(other integrator.Method) (explicit, stiffly integrator.Method) {
	explicit, stiffly = integrator.Dop853(), integrator.Radau9()
	switch {
	case other == nil:
	case integrator.Implicit(other):
		stiffly = other
	default:
		explicit = other
	}
	return explicit, stiffly
}

// exactSettings are those of an astrocyte under the closed forms of the rest: an error is relative to each variable.
func exactSettings(parameters Parameters, roundings []float64) integrator.Settings {
	shortest, _ := parameters.Shortest(true)
	return integrator.Settings{
		Rtol: exactTolerance, Atol: tiny, FirstStep: firstStep * min(shortest, parameters.Write, parameters.Read), Carry: integrator.CarryFirst,
		Norm: relativeNorm(roundings),
	}
}

// relativeNorm is the largest error of a variable, relative to it; what rounding may be worth of
// the rates of the first ones, 1/s, is let pass besides.
func relativeNorm(roundings []float64) integrator.NormFunc {
	return func(_, step float64, before, after, errors []float64) float64 {
		var worst float64
		for i, err := range errors {
			tolerance := tiny + float64(exactTolerance*max(math.Abs(before[i]), math.Abs(after[i])))
			if i < len(roundings) {
				tolerance += float64(math.Abs(step) * roundings[i])
			}
			worst = max(worst, math.Abs(err)/tolerance)
		}
		return worst
	}
}

func newExactStepper(problem integrator.Problem, dim int, other integrator.Method, settings integrator.Settings) (*exactStepper, error) {
	method, stiffly := exactMethods(other)
	stepper := &exactStepper{problem: problem, settings: settings, dim: dim, method: method, stiffly: stiffly}
	settings.MaxSteps = patience
	var err error
	stepper.explicit, err = integrator.New(problem, dim, method, settings)
	return stepper, err
}

// now is the integrator at work.
func (stepper *exactStepper) now() *integrator.Integrator {
	if stepper.implicit != nil {
		return stepper.implicit
	}
	return stepper.explicit
}

func (stepper *exactStepper) Time() float64            { return stepper.now().Time() }
func (stepper *exactStepper) State() []float64         { return stepper.now().State() }
func (stepper *exactStepper) SetState(state []float64) { stepper.now().SetState(state) }
func (stepper *exactStepper) Discontinuity()           { stepper.now().Discontinuity() }
func (stepper *exactStepper) Reset(t float64, y []float64) {
	stepper.begin()
	stepper.now().Reset(t, y)
}

func (stepper *exactStepper) Restart(t float64, y []float64) {
	stepper.begin()
	stepper.now().Restart(t, y)
}

// begin counts the steps of a stretch from none.
func (stepper *exactStepper) begin() {
	stepper.before.Add(stepper.explicit.Stats())
	stepper.explicit.ClearStats()
}

// Stats are those of both methods.
func (stepper *exactStepper) Stats() integrator.Stats {
	stats := stepper.before
	stats.Add(stepper.explicit.Stats())
	if stepper.implicit != nil {
		stats.Add(stepper.implicit.Stats())
	}
	return stats
}

// steps are those of each method that has taken any.
func (stepper *exactStepper) steps() []Steps {
	explicit := stepper.before
	explicit.Add(stepper.explicit.Stats())
	all := []Steps{{stepper.method.Name(), explicit}}
	if stepper.implicit != nil {
		all = append(all, Steps{stepper.stiffly.Name(), stepper.implicit.Stats()})
	}
	return slices.DeleteFunc(all, func(of Steps) bool { return of.Stats.Steps == 0 })
}

// steps are what the solver has integrated.
func (exact *exactSolver) steps() []Steps {
	if exact.apart == nil {
		return nil
	}
	return exact.apart.stepper.steps()
}

func (exact *compartmentsExact) integrated() []Steps {
	if exact.steps == nil {
		return nil
	}
	return exact.steps.stepper.(*exactStepper).steps()
}

// Advance is the integrator's.
func (stepper *exactStepper) Advance(ctx context.Context, end float64) integrator.Status {
	for stepper.implicit == nil {
		if stats := stepper.explicit.Stats(); stats.Stiff && stats.Steps >= patience && stepper.turn() {
			break
		}
		status := stepper.explicit.Advance(ctx, end)
		switch steps := stepper.explicit.Stats().Steps; {
		case status.Reason == integrator.TooManySteps && steps < mostExactSteps:
		case status.Reason == integrator.StepUnderflow && stepper.turn():
		case status.Reason == integrator.TooManySteps:
			status.Limit = float64(steps)
			return status
		default:
			return status
		}
	}
	return stepper.implicit.Advance(ctx, end)
}

// mostExactSteps are those of an explicit method in a stretch.
const mostExactSteps = 1_000_000

// turn goes on by the implicit method; it is false where there is none.
func (stepper *exactStepper) turn() bool {
	if stepper.stiffly == nil {
		return false
	}
	implicit, err := integrator.New(stepper.problem, stepper.dim, stepper.stiffly, stepper.settings)
	if err != nil { // the system is too large
		stepper.stiffly = nil
		return false
	}
	implicit.Restart(stepper.explicit.Time(), stepper.explicit.State())
	stepper.implicit = implicit
	return true
}
