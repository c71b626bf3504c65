package integrator

import (
	"context"
	"fmt"
	"math"
)

// Solution is what Solve found.
type Solution struct {
	Time      float64    // where the integration stopped
	State     []float64  // y there
	Status    Status     // why it stopped there
	Stats     Stats      // what it took
	Saved     Saved      // what Settings.Save asked for
	Crossings []Crossing // events, in the order met
	Steps     []float64  // ends of the accepted steps, if Settings.RecordSteps; a Settings.Grid for a replay
}

// Solve integrates problem from y0 at span[0] to span[1] with method; nil is
// Dopri5. y0 is not changed. Where the integration fails on the way, the error
// says where, why and what to do, and the Solution holds what was reached; it
// is nil only where the arguments are at fault. Canceling ctx stops before the
// next step. A span of length zero is solved by y0, without an evaluation.
func Solve(ctx context.Context, problem Problem, y0 []float64, span Span, method Method, settings Settings) (*Solution, error) {
	for _, end := range span {
		if math.IsNaN(end) {
			return nil, fmt.Errorf("integrator: the span %v has an end that is not a number", span)
		}
	}
	if math.IsInf(span[0], 0) || math.IsInf(span[1], 0) && !mayStop(problem.Events, settings) {
		return nil, fmt.Errorf("integrator: the span %v is infinite; only the end may be, with Settings.SteadyTime, a terminal event, MaxSteps or TimeLimit to stop before", span)
	}
	it, err := New(problem, len(y0), method, settings)
	if err != nil {
		return nil, err
	}
	if math.IsInf(span[1], 0) && (settings.Step > 0 || settings.Grid != nil) {
		return nil, fmt.Errorf("integrator: the span %v is infinite and the steps are prescribed", span)
	}
	for n, at := range settings.Save.At {
		if at < min(span[0], span[1]) || at > max(span[0], span[1]) || n > 0 && (at > settings.Save.At[n-1]) != (span[1] > span[0]) {
			return nil, fmt.Errorf("integrator: Save.At[%d] = %v; save times lie in the span %v and follow its direction", n, at, span)
		}
	}
	if opposes(settings.Grid, span[1]-span[0]) {
		return nil, fmt.Errorf("integrator: Settings.Grid runs from %v to %v; step ends follow the direction of the span %v (reverse the grid)",
			settings.Grid[0], settings.Grid[len(settings.Grid)-1], span)
	}
	it.Reset(span[0], y0)
	status := it.Advance(ctx, span[1])
	return &Solution{
		Time: it.Time(), State: it.State(), Status: status, Stats: it.Stats(),
		Saved: *it.Saved(), Crossings: it.Crossings(), Steps: it.Steps(),
	}, status.Err()
}

// mayStop says whether something can end an integration that has no end.
func mayStop(events []Event, settings Settings) bool {
	for _, event := range events {
		if event.Terminal {
			return true
		}
	}
	return settings.SteadyTime > 0 || settings.MaxSteps > 0 || settings.TimeLimit > 0
}
