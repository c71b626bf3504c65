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
// such step. After a rejection the step is multiplied by Safety·e₀^(−1/k), and
// does not grow in the step after. (Söderlind, ACM Trans. Math. Softw. 29
// (2003) 1-26; Hairer & Wanner, IV.2.)
type Control struct {
	I, P, D              float64 // gains; all 0: those of PI()
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

// smallestError bounds remembered errors from below, lest a step that was
// exact by chance weighs on the next.
const smallestError = 1e-4

func (c Control) resolved() (Control, error) {
	if c.I == 0 && c.P == 0 && c.D == 0 {
		p := PI()
		c.I, c.P = p.I, p.P
	}
	if c.Safety == 0 {
		c.Safety = 0.9
	}
	if c.MinFactor == 0 {
		c.MinFactor = 0.2
	}
	if c.MaxFactor == 0 {
		c.MaxFactor = 10
	}
	if !(c.Safety > 0 && c.Safety <= 1) || !(c.MinFactor > 0 && c.MinFactor < 1) || !(c.MaxFactor > 1) || !(c.I > 0) || !(c.P >= 0) || !(c.D >= 0) {
		return c, fmt.Errorf("integrator: Control %+v; needed are I > 0, P, D ≥ 0, 0 < Safety ≤ 1, 0 < MinFactor < 1 < MaxFactor", c)
	}
	return c, nil
}

// history is what the controller remembers of a stretch.
type history struct {
	e1, e2   float64
	rejected bool // the last attempt was rejected
}

func newHistory() history { return history{e1: 1, e2: 1} }

// grow is the factor after an accepted step of scaled error e.
func (c *Control) grow(e float64, k float64, past *history) float64 {
	e = max(e, smallestError*smallestError)
	f := c.Safety * portable.Pow(e, -(c.I+c.P+c.D)/k)
	if c.P != 0 || c.D != 0 {
		f *= portable.Pow(past.e1, (c.P+float64(2*c.D))/k)
	}
	if c.D != 0 {
		f *= portable.Pow(past.e2, -c.D/k)
	}
	f = min(max(f, c.MinFactor), c.MaxFactor)
	if past.rejected {
		f = min(f, 1)
	}
	past.rejected = false
	past.e2, past.e1 = past.e1, max(e, smallestError)
	return f
}

// shrink is the factor after a rejected step of scaled error e.
func (c *Control) shrink(e float64, k float64, past *history) float64 {
	past.rejected = true
	if !(e < math.Inf(1)) { // NaN too
		return c.MinFactor
	}
	return min(max(c.Safety*portable.Pow(e, -1/k), c.MinFactor), c.Safety)
}

// again is the factor by which a step of scaled error e should have been longer
// or shorter, were it to be taken anew.
func (c *Control) again(e, k float64) float64 {
	return min(max(c.Safety*portable.Pow(max(e, smallestError*smallestError), -1/k), c.MinFactor), c.MaxFactor)
}
