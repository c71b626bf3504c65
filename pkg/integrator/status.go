package integrator

import (
	"context"
	"fmt"
	"strings"
)

// Reason says why an integration stopped.
type Reason int

const (
	Unstarted      Reason = iota // nothing was integrated
	ReachedEnd                   // the end was hit exactly
	TerminalEvent                // an event asked to stop
	Steady                       // the state no longer changes: Settings.SteadyTime
	Canceled                     // the context was canceled
	TooManySteps                 // Settings.MaxSteps
	OutOfTime                    // Settings.TimeLimit
	StepUnderflow                // the tolerances asked for a step below Settings.MinStep, or Step or MaxStep for one too short for t
	NotFinite                    // NaN or ±Inf in the derivative or the state
	GridEnded                    // Settings.Grid has no step left before the end
	WrongDirection               // Settings.Grid or Save.At runs against the integration
	Endless                      // with an infinite end, the times have left the useful range
	TooLarge                     // an implicit method's system of linear equations
)

var reasonNames = [...]string{"unstarted", "reached end", "terminal event", "steady", "canceled",
	"too many steps", "out of time", "step underflow", "not finite", "grid ended", "wrong direction", "endless", "too large"}

// String names the reason.
func (reason Reason) String() string {
	if reason < 0 || int(reason) >= len(reasonNames) {
		return fmt.Sprintf("Reason(%d)", int(reason))
	}
	return reasonNames[reason]
}

// Status is how an integration ended, with what is needed to say so in a
// sentence. It is a plain value; making one allocates nothing.
type Status struct {
	Reason    Reason  // why it stopped
	Time      float64 // where
	Step      float64 // size of the step that was due or failed
	Component int     // the component at fault, −1 where none is
	Value     float64 // NotFinite: what was found in it; Unstarted, WrongDirection: the end asked for
	Event     int     // TerminalEvent: index in Problem.Events
	Error     float64 // StepUnderflow: scaled error of the last attempt
	Limit     float64 // the limit that was reached: steps, seconds or step size; GridEnded: the time not reached

	name    string // component, event or setting, if named
	chooser string // the setting that chooses the steps, where they are not adaptive or cannot be
	other   string // which other method would take fewer steps, as the end of a sentence
	cause   error  // of a canceled context, or a *SizeError
}

// Early says whether the integration stopped before the end it was given.
func (status Status) Early() bool { return status.Reason != ReachedEnd }

// Err is nil where the integration did what was asked: it reached the end, a
// terminal event or the steady state. Otherwise its text says time, component,
// cause and remedy, and errors.Is finds the context's error in it.
func (status Status) Err() error {
	switch status.Reason {
	case ReachedEnd, TerminalEvent, Steady:
		return nil
	}
	return &Failure{status}
}

// Failure is the error of a Status.
type Failure struct {
	Status Status // how the integration ended
}

// Error is the status's sentence.
func (failure *Failure) Error() string { return "integrator: " + failure.Status.String() }

// Unwrap is the context's error for a canceled integration, a *SizeError for one
// that is too large, else nil.
func (failure *Failure) Unwrap() error { return failure.Status.cause }

func (status Status) component() string {
	switch {
	case status.name != "":
		return status.name
	case status.Component < 0:
		return "the error norm"
	}
	return fmt.Sprintf("component %d", status.Component)
}

// steps says how long the steps were, if that is known.
func (status Status) steps() string {
	if status.Step == 0 {
		return ""
	}
	return fmt.Sprintf(" with steps of %.3g", status.Step)
}

// remedy says what to do about a limit when steps are adaptive, equal or
// prescribed by a grid.
func (status Status) remedy(adaptive, limit string) string {
	switch status.chooser {
	case "Step":
		return fmt.Sprintf("lengthen Step or raise %s", limit)
	case "Grid":
		return fmt.Sprintf("give Grid fewer step ends or raise %s", limit)
	}
	return adaptive
}

// String is a sentence: time, component, cause, remedy.
func (status Status) String() string {
	switch status.Reason {
	case ReachedEnd:
		return fmt.Sprintf("reached the end, t = %.12g", status.Time)
	case TerminalEvent:
		if status.name != "" {
			return fmt.Sprintf("stopped by event %q at t = %.12g", status.name, status.Time)
		}
		return fmt.Sprintf("stopped by event %d at t = %.12g", status.Event, status.Time)
	case Steady:
		return fmt.Sprintf("reached a steady state at t = %.12g", status.Time)
	case Canceled:
		return fmt.Sprintf("canceled at t = %.12g: %v", status.Time, status.cause)
	case TooManySteps:
		return fmt.Sprintf("%g steps did not suffice: they reached t = %.12g%s; %s", status.Limit, status.Time, status.steps(),
			status.remedy("raise MaxSteps, or loosen Rtol and Atol"+status.other, "MaxSteps"))
	case OutOfTime:
		return fmt.Sprintf("the time limit of %g s ran out at t = %.12g%s; %s", status.Limit, status.Time, status.steps(),
			status.remedy("loosen Rtol and Atol or raise TimeLimit", "TimeLimit"))
	case StepUnderflow:
		if status.chooser != "" {
			return fmt.Sprintf("at t = %.12g neighboring float64 numbers are %.3g apart, further than the %s of %.3g; "+
				"lengthen it, or count t from a nearer origin", status.Time, status.Limit, status.chooser, status.Step)
		}
		return fmt.Sprintf("at t = %.12g a step of %.3g is still too long (scaled error %.3g, worst in %s) but steps may not be shorter than %.3g; "+
			"the solution may be singular there or f jump: announce discontinuities, loosen Rtol and Atol, or lower MinStep", status.Time, status.Step, status.Error, status.component(), status.Limit)
	case NotFinite:
		if status.Step == 0 {
			return fmt.Sprintf("%v in the state or derivative of %s at t = %.12g, where the integration starts; correct the initial state or the right-hand side", status.Value, status.component(), status.Time)
		}
		return fmt.Sprintf("%v in the derivative or state of %s in the step of %.3g from t = %.12g; "+
			"the solution may grow without bound there, or f leave its domain (log, sqrt, division): take smaller steps (Step, MaxStep, FirstStep) or bound f", status.Value, status.component(), status.Step, status.Time)
	case GridEnded:
		return fmt.Sprintf("the prescribed steps end at t = %.12g, before %.12g; add step ends to Grid", status.Time, status.Limit)
	case Endless:
		return fmt.Sprintf("the integration towards an infinite end went as far as t = %.3g and met neither a terminal event nor a steady state; "+
			"set SteadyTime, give a finite end, or correct the event", status.Time)
	case TooLarge:
		return fmt.Sprintf("at t = %.12g %s", status.Time, strings.TrimPrefix(status.cause.Error(), "integrator: "))
	case WrongDirection:
		return fmt.Sprintf("Settings.%s runs against the integration from t = %.12g to %.12g; give its times in the direction of integration, "+
			"or use an Integrator of its own for the way back", status.name, status.Time, status.Value)
	}
	return fmt.Sprintf("nothing was integrated at t = %v: call Reset first, with finite times; the end asked for is %v (infinite only for adaptive steps)", status.Time, status.Value)
}

// canceled is the status of a context that is done.
func canceled(ctx context.Context, t float64) Status {
	return Status{Reason: Canceled, Time: t, Component: -1, cause: context.Cause(ctx)}
}
