package integrator

import (
	"context"
	"math"
	"time"
)

// watch tells when a time limit has run out. It looks at the clock at every
// step: that takes some fifty nanoseconds, and any rarer looks would let a slow
// right-hand side run past the limit by as many steps.
type watch struct {
	limit time.Duration
	from  time.Time
}

func stopwatch(limit time.Duration) watch {
	clock := watch{limit: limit}
	if limit > 0 {
		clock.from = time.Now()
	}
	return clock
}

func (clock *watch) over() bool {
	return clock.limit > 0 && time.Since(clock.from) > clock.limit
}

// stopped looks at the limits that are not about the solution; Unstarted stands
// for "go on".
func (it *Integrator) stopped(ctx context.Context, clock *watch) Status {
	select {
	case <-ctx.Done():
		return canceled(ctx, it.t)
	default:
	}
	if clock.over() {
		return it.pace(Status{Reason: OutOfTime, Time: it.t, Component: -1, Limit: clock.limit.Seconds()})
	}
	if it.settings.MaxSteps > 0 && it.attempts >= it.settings.MaxSteps {
		return it.pace(Status{Reason: TooManySteps, Time: it.t, Component: -1, Limit: float64(it.settings.MaxSteps)})
	}
	return Status{}
}

// pace adds to a status what chooses the steps, and their size if there is one.
func (it *Integrator) pace(status Status) Status {
	switch {
	case it.settings.Step > 0:
		status.Step, status.chooser = it.settings.Step, "Step"
	case it.settings.Grid != nil:
		status.chooser = "Grid"
	default:
		status.Step, status.other = it.next, fewerSteps(it.method)
	}
	return status
}

// fewerSteps is which method would take fewer steps than one that took too many.
func fewerSteps(method Method) string {
	switch method.(type) {
	case *RungeKutta:
		return ", or use a method of higher order (rodas5p or radau9 if Stats.Stiff)"
	case *Rosenbrock:
		return ", or use radau9, whose order is higher"
	}
	return ""
}

// unresolved is the status of a step that Settings ask for, by that name, and
// that is shorter than the distance of t from the next float64.
func (it *Integrator) unresolved(chooser string, size float64) Status {
	return Status{Reason: StepUnderflow, Time: it.t, Step: size, Component: -1, Limit: spacing(it.t), chooser: chooser}
}

// spacing is the distance of |t| from the next larger float64.
func spacing(t float64) float64 {
	t = math.Abs(t)
	return math.Nextafter(t, math.Inf(1)) - t
}

// longest bounds the step that the controller wants and, where the end is
// infinite, the time: beyond, sums of times leave the range of float64.
const longest = 1e300

// allowed is the wanted step size within the limits.
func (it *Integrator) allowed(size float64) float64 {
	return min(max(size, it.shortest()), it.settings.MaxStep, longest)
}

// shortest is the smallest step allowed at the present time.
func (it *Integrator) shortest() float64 {
	return max(it.settings.MinStep, 10*spacing(it.t))
}
