package integrator

import (
	"fmt"
	"math"
	"sort"
	"time"
)

// Settings choose tolerances, steps, limits and output. The zero value is
// adaptive stepping at the default tolerances.
type Settings struct {
	// Rtol and Atol bound the local error of each step, relative and absolute.
	// 0 is the default, 1e-6 and 1e-9, and not "none": for purely relative or
	// purely absolute control give the other a tiny value, such as 1e-300. They
	// say nothing about components whose size is far below Atol.
	Rtol, Atol float64
	Groups     []Group // components with tolerances of their own
	Norm       Norm    // nil: RMS{}
	Control    Control // zero: PI(), I() of rodas5p and Predictive() of radau9

	// Step > 0 makes the steps fixed: each stretch between two times that must
	// be hit is divided into the fewest equal steps not longer than Step (to
	// one part in 1e9). Errors are then neither estimated nor controlled.
	Step float64
	// Grid, if not nil, prescribes the end of every step, strictly ordered in
	// the direction of integration: a replay of Solution.Steps gives the same
	// steps to the last bit (by radau9, whose iterations Rtol and Atol end, with the same
	// ones), up to the first terminal event. There the run read
	// the dense output of a longer step, while the replay takes a step of its
	// own to the event: equal to the accuracy of the method, not in its bits.
	// Ends of stretches are hit in any case.
	Grid []float64

	// FirstStep is the size of the first step; 0: the estimate of Hairer,
	// Nørsett & Wanner, II.4, which costs one evaluation.
	FirstStep float64
	Carry     Carry         // what later stretches start with
	MinStep   float64       // smallest step that the error may ask for; 0: ten units in the last place of t. Steps are shorter where an end is to be hit: the last one, or the last two at about half
	MaxStep   float64       // largest step; 0: no limit. Needed where f has short pulses in t
	MaxSteps  int           // steps, rejected ones included, per Advance or Solve; 0: 1 000 000, and no limit on fixed steps
	TimeLimit time.Duration // of the wall clock, per Advance or Solve; 0: none

	// SteadyTime > 0 stops the integration once f, held for that long, would
	// change y by less than the tolerances: norm(SteadyTime · f) ≤ 1.
	SteadyTime float64

	Save        Save // at which times, and what of the state, to keep
	RecordSteps bool // keep the end of every accepted step
	// Accepted, if set, is called after every accepted step with its end, its
	// signed size and the state there, which is valid during the call only. It
	// sees what was accepted and nothing else, as a Norm does not.
	Accepted func(t, h float64, y []float64)
	// Within, if set, is called for every accepted step, before Accepted, with where it begins and
	// ends; at, valid during the call only, sets y to the dense output at a time in the step.
	Within func(from, to float64, at func(t float64, y []float64))
}

// Carry says with which step a stretch begins: the time after Reset, Restart,
// SetDerivative, SetState, Discontinuity or an announced discontinuity.
type Carry int

const (
	// Estimate guesses each stretch's first step anew (Settings.FirstStep, or
	// the estimate of Hairer, Nørsett & Wanner).
	Estimate Carry = iota
	// CarryLast begins with the step size the controller had reached.
	CarryLast
	// CarryFirst begins with the first step accepted in the stretch before,
	// adjusted by its error: for a sequence of segments each of which starts
	// with a transient.
	CarryFirst
)

// Default tolerances of Settings.
const (
	DefaultRtol = 1e-6
	DefaultAtol = 1e-9
)

const defaultMaxSteps = 1_000_000

// resolved returns the settings with defaults filled in, or what is wrong.
func (settings Settings) resolved(method Method, dim int) (Settings, error) {
	if settings.Rtol == 0 {
		settings.Rtol = DefaultRtol
	}
	if settings.Atol == 0 {
		settings.Atol = DefaultAtol
	}
	if !(settings.Rtol > 0) || math.IsInf(settings.Rtol, 1) || !(settings.Atol > 0) {
		return settings, fmt.Errorf("integrator: rtol %v and atol %v; both must be > 0 and rtol finite (0 is the default, %v and %v)", settings.Rtol, settings.Atol, DefaultRtol, DefaultAtol)
	}
	for _, setting := range []struct {
		name  string
		value float64
	}{{"Step", settings.Step}, {"FirstStep", settings.FirstStep}, {"MinStep", settings.MinStep}, {"MaxStep", settings.MaxStep}, {"SteadyTime", settings.SteadyTime}} {
		if !(setting.value >= 0) || math.IsInf(setting.value, 1) {
			return settings, fmt.Errorf("integrator: Settings.%s is %v; it must be finite and ≥ 0 (0 is the default)", setting.name, setting.value)
		}
	}
	if settings.MaxSteps < 0 || settings.TimeLimit < 0 || settings.Carry < Estimate || settings.Carry > CarryFirst {
		return settings, fmt.Errorf("integrator: Settings.MaxSteps, TimeLimit or Carry is out of range; 0 is the default")
	}
	if settings.Step > 0 && settings.Grid != nil {
		return settings, fmt.Errorf("integrator: Settings.Step and Settings.Grid both prescribe the steps; set one")
	}
	if method.ErrorOrder() == 0 && settings.Step == 0 && settings.Grid == nil {
		return settings, fmt.Errorf("integrator: %s has no error estimate to choose steps by; set Settings.Step, or use an adaptive method such as dopri5", method.Name())
	}
	if settings.MaxStep == 0 {
		settings.MaxStep = math.Inf(1)
	}
	if settings.MinStep > settings.MaxStep {
		return settings, fmt.Errorf("integrator: Settings.MinStep %v is above MaxStep %v", settings.MinStep, settings.MaxStep)
	}
	if settings.MaxSteps == 0 && settings.Step == 0 && settings.Grid == nil {
		settings.MaxSteps = defaultMaxSteps
	}
	if settings.Norm == nil {
		settings.Norm = RMS{}
	}
	var err error
	if settings.Control, err = settings.Control.resolved(method); err != nil {
		return settings, err
	}
	if settings.Groups, err = resolveGroups(settings.Groups, settings.Rtol, settings.Atol, dim); err != nil {
		return settings, err
	}
	if err := ordered("Grid", settings.Grid); err != nil {
		return settings, err
	}
	if settings.Save.Width < 0 || settings.Save.Width > 0 && settings.Save.Function == nil {
		return settings, fmt.Errorf("integrator: Save.Width %d needs a Save.Function and cannot be negative", settings.Save.Width)
	}
	return settings, ordered("Save.At", settings.Save.At)
}

// uncontrolled says that steps are to be chosen by an error of which nothing is
// measured: this package's norms leave out groups without a tolerance.
func (settings *Settings) uncontrolled(memories []*Memory) bool {
	switch settings.Norm.(type) {
	case RMS, Groupwise:
	default:
		return false
	}
	for _, group := range settings.Groups {
		if !math.IsInf(group.Atol, 1) {
			return false
		}
	}
	for _, memory := range memories {
		if memory != nil && memory.Error != nil {
			return false
		}
	}
	return settings.Step == 0 && settings.Grid == nil
}

// ordered accepts finite times that rise or fall throughout.
func ordered(name string, times []float64) error {
	falling := len(times) > 1 && times[0] > times[len(times)-1]
	for index, at := range times {
		if math.IsNaN(at) || math.IsInf(at, 0) {
			return fmt.Errorf("integrator: Settings.%s[%d] is %v; times are finite", name, index, at)
		}
		if index == 0 {
			continue
		}
		last := times[index-1]
		if at == last || (at < last) != falling {
			return fmt.Errorf("integrator: Settings.%s[%d] is %v after %v; times follow the direction of integration", name, index, at, last)
		}
	}
	return nil
}

// opposes says that times, which are ordered, run against dir.
func opposes(times []float64, direction float64) bool {
	return len(times) > 1 && (times[1]-times[0])*direction < 0
}

// sortedTimes is a sorted copy without repetitions.
func sortedTimes(times []float64) ([]float64, error) {
	out := append([]float64(nil), times...)
	sort.Float64s(out)
	kept := 0
	for index, at := range out {
		if math.IsNaN(at) || math.IsInf(at, 0) {
			return nil, fmt.Errorf("integrator: a discontinuity is announced at %v; times are finite", at)
		}
		if index == 0 || at != out[kept-1] {
			out[kept] = at
			kept++
		}
	}
	return out[:kept], nil
}
