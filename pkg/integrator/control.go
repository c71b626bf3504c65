package integrator

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/internal/portable"
)

// Control chooses the next step from the scaled errors e of this step and the
// two before. With k = ErrorOrder + 1 the step is multiplied by
//
//	Safety · e₀^(−(I+P+D)/k) · e₁^((P+2D)/k) · e₂^(−D/k)
//
// kept within [MinFactor, MaxFactor]; e₁ and e₂ count as 1 where there is no
// such step. Predictive control expects the error to go on changing as it did
// from the step before, of size h₁, to this one, of size h₀, and takes the shorter of that
// step and Gustafsson's
//
//	Safety · h₀/h₁ · e₁^(1/k) · e₀^(−2/k).
//
// After a rejection the step is multiplied by Safety·e₀^(−1/k), and
// does not grow in the step after. (Söderlind, ACM Trans. Math. Softw. 29
// (2003) 1-26; Hairer & Wanner, IV.2, IV.8.)
type Control struct {
	I, P, D              float64 // gains; all 0: those of the method, see Settings.Control
	Predictive           bool    // with the gains of the method, whether it is
	Safety               float64 // 0: 0.9
	MinFactor, MaxFactor float64 // 0: 0.2 and 10
}

// I is the elementary controller, e₀^(−1/k).
func I() Control { return Control{I: 1} }

// PI is the controller of Hairer, Nørsett & Wanner's DOPRI5,
// e₀^(−0.85/k) e₁^(0.2/k): smoother steps near the limit of stability than I.
func PI() Control { return Control{I: 0.65, P: 0.2} }

// PID adds a derivative gain, e₀^(−0.7/k) e₁^(0.5/k) e₂^(−0.1/k): cautious; for
// right-hand sides whose time scale changes abruptly.
func PID() Control { return Control{I: 0.3, P: 0.3, D: 0.1} }

// Predictive is I with Gustafsson's prediction (ACM Trans. Math. Softw. 20 (1994)
// 496-517): steps become shorter before an implicit method's are rejected.
func Predictive() Control { return Control{I: 1, Predictive: true} }

// smallestError bounds remembered errors from below, lest a step that was
// exact by chance weighs on the next.
const smallestError = 1e-4

// gains are those of a method's controller: what PI spends, steps some 8 % shorter, buys
// smoothness at the limit of stability, which an implicit method's steps do not meet.
func gains(method Method) Control {
	switch method.(type) {
	case *Radau:
		return Predictive()
	case *Rosenbrock:
		return I()
	}
	return PI()
}

func (control Control) resolved(method Method) (Control, error) {
	if control.I == 0 && control.P == 0 && control.D == 0 {
		own := gains(method)
		control.I, control.P, control.D, control.Predictive = own.I, own.P, own.D, own.Predictive
	}
	if control.Safety == 0 {
		control.Safety = 0.9
	}
	if control.MinFactor == 0 {
		control.MinFactor = 0.2
	}
	if control.MaxFactor == 0 {
		control.MaxFactor = 10
	}
	if !(control.Safety > 0 && control.Safety <= 1) || !(control.MinFactor > 0 && control.MinFactor < 1) || !(control.MaxFactor > 1) || !(control.I > 0) || !(control.P >= 0) || !(control.D >= 0) {
		return control, fmt.Errorf("integrator: Control %+v; needed are I > 0, P, D ≥ 0, 0 < Safety ≤ 1, 0 < MinFactor < 1 < MaxFactor", control)
	}
	return control, nil
}

// history is what the controller remembers of a stretch.
type history struct {
	e1, e2   float64
	size     float64 // of the step of e1; 0: none
	rejected bool    // the last attempt was rejected
}

func newHistory() history { return history{e1: 1, e2: 1} }

// grow is the factor after an accepted step of that size and scaled error; k is ErrorOrder + 1.
func (control *Control) grow(size, scaled float64, k float64, past *history) float64 {
	scaled = max(scaled, smallestError*smallestError)
	factor := control.Safety * portable.Pow(scaled, -(control.I+control.P+control.D)/k)
	if control.P != 0 || control.D != 0 {
		factor *= portable.Pow(past.e1, (control.P+float64(2*control.D))/k)
	}
	if control.D != 0 {
		factor *= portable.Pow(past.e2, -control.D/k)
	}
	if control.Predictive && past.size > 0 {
		factor = min(factor, control.Safety*size/past.size*portable.Pow(past.e1/scaled/scaled, 1/k))
	}
	factor = min(max(factor, control.MinFactor), control.MaxFactor)
	if past.rejected {
		factor = min(factor, 1)
	}
	past.rejected, past.size = false, size
	past.e2, past.e1 = past.e1, max(scaled, smallestError)
	return factor
}

// shrink is the factor after a rejected step of that scaled error.
func (control *Control) shrink(scaled float64, k float64, past *history) float64 {
	past.rejected = true
	if !(scaled < math.Inf(1)) { // NaN too
		return control.MinFactor
	}
	return min(max(control.Safety*portable.Pow(scaled, -1/k), control.MinFactor), control.Safety)
}

// again is the factor by which a step of that scaled error should have been longer
// or shorter, were it to be taken anew.
func (control *Control) again(scaled, k float64) float64 {
	return min(max(control.Safety*portable.Pow(max(scaled, smallestError*smallestError), -1/k), control.MinFactor), control.MaxFactor)
}
