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
	Control    Control // zero: PI()

	// Step > 0 makes the steps fixed: each stretch between two times that must
	// be hit is divided into the fewest equal steps not longer than Step (to
	// one part in 1e9). Errors are then neither estimated nor controlled.
	Step float64
	// Grid, if not nil, prescribes the end of every step, strictly ordered in
	// the direction of integration: a replay of Solution.Steps gives the same
	// steps to the last bit, up to the first terminal event. There the run read
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
func (s Settings) resolved(method Method, dim int) (Settings, error) {
	if s.Rtol == 0 {
		s.Rtol = DefaultRtol
	}
	if s.Atol == 0 {
		s.Atol = DefaultAtol
	}
	if !(s.Rtol > 0) || math.IsInf(s.Rtol, 1) || !(s.Atol > 0) {
		return s, fmt.Errorf("integrator: rtol %v and atol %v; both must be > 0 and rtol finite (0 is the default, %v and %v)", s.Rtol, s.Atol, DefaultRtol, DefaultAtol)
	}
	for _, x := range []struct {
		name  string
		value float64
	}{{"Step", s.Step}, {"FirstStep", s.FirstStep}, {"MinStep", s.MinStep}, {"MaxStep", s.MaxStep}, {"SteadyTime", s.SteadyTime}} {
		if !(x.value >= 0) || math.IsInf(x.value, 1) {
			return s, fmt.Errorf("integrator: Settings.%s is %v; it must be finite and ≥ 0 (0 is the default)", x.name, x.value)
		}
	}
	if s.MaxSteps < 0 || s.TimeLimit < 0 || s.Carry < Estimate || s.Carry > CarryFirst {
		return s, fmt.Errorf("integrator: Settings.MaxSteps, TimeLimit or Carry is out of range; 0 is the default")
	}
	if s.Step > 0 && s.Grid != nil {
		return s, fmt.Errorf("integrator: Settings.Step and Settings.Grid both prescribe the steps; set one")
	}
	if method.ErrorOrder() == 0 && s.Step == 0 && s.Grid == nil {
		return s, fmt.Errorf("integrator: %s has no error estimate to choose steps by; set Settings.Step, or use an adaptive method such as dopri5", method.Name())
	}
	if s.MaxStep == 0 {
		s.MaxStep = math.Inf(1)
	}
	if s.MinStep > s.MaxStep {
		return s, fmt.Errorf("integrator: Settings.MinStep %v is above MaxStep %v", s.MinStep, s.MaxStep)
	}
	if s.MaxSteps == 0 && s.Step == 0 && s.Grid == nil {
		s.MaxSteps = defaultMaxSteps
	}
	if s.Norm == nil {
		s.Norm = RMS{}
	}
	var err error
	if s.Control, err = s.Control.resolved(); err != nil {
		return s, err
	}
	if s.Groups, err = resolveGroups(s.Groups, s.Rtol, s.Atol, dim); err != nil {
		return s, err
	}
	if err := ordered("Grid", s.Grid); err != nil {
		return s, err
	}
	if s.Save.Width < 0 || s.Save.Width > 0 && s.Save.Function == nil {
		return s, fmt.Errorf("integrator: Save.Width %d needs a Save.Function and cannot be negative", s.Save.Width)
	}
	return s, ordered("Save.At", s.Save.At)
}

// uncontrolled says that steps are to be chosen by an error of which nothing is
// measured: this package's norms leave out groups without a tolerance.
func (s *Settings) uncontrolled(memories []*Memory) bool {
	switch s.Norm.(type) {
	case RMS, Groupwise:
	default:
		return false
	}
	for _, g := range s.Groups {
		if !math.IsInf(g.Atol, 1) {
			return false
		}
	}
	for _, m := range memories {
		if m != nil && m.Error != nil {
			return false
		}
	}
	return s.Step == 0 && s.Grid == nil
}

// ordered accepts finite times that rise or fall throughout.
func ordered(name string, times []float64) error {
	falling := len(times) > 1 && times[0] > times[len(times)-1]
	for i, t := range times {
		if math.IsNaN(t) || math.IsInf(t, 0) {
			return fmt.Errorf("integrator: Settings.%s[%d] is %v; times are finite", name, i, t)
		}
		if i == 0 {
			continue
		}
		last := times[i-1]
		if t == last || (t < last) != falling {
			return fmt.Errorf("integrator: Settings.%s[%d] is %v after %v; times follow the direction of integration", name, i, t, last)
		}
	}
	return nil
}

// opposes says that times, which are ordered, run against dir.
func opposes(times []float64, dir float64) bool {
	return len(times) > 1 && (times[1]-times[0])*dir < 0
}

// sortedTimes is a sorted copy without repetitions.
func sortedTimes(times []float64) ([]float64, error) {
	out := append([]float64(nil), times...)
	sort.Float64s(out)
	n := 0
	for i, t := range out {
		if math.IsNaN(t) || math.IsInf(t, 0) {
			return nil, fmt.Errorf("integrator: a discontinuity is announced at %v; times are finite", t)
		}
		if i == 0 || t != out[n-1] {
			out[n] = t
			n++
		}
	}
	return out[:n], nil
}
