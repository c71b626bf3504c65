package model

import (
	"fmt"
	"math"
)

// Parameters are the constants of the continuous network (science §1). Times
// are in seconds; a time constant of 0 means its quasi-static limit, a memory
// time constant of +Inf no leak.
type Parameters struct {
	TauHidden      float64 // τ_h, membrane time constant of the hidden neurons
	TauOutput      float64 // τ_f, membrane time constant of the output neurons
	TauHebbian     float64 // τ_H, leak of the Hebbian weights; > 0
	TauPresynaptic float64 // τ_g, leak of the neuron→astrocyte coupling; > 0
	TauCalcium     float64 // τ_p, calcium time constant
	Write          float64 // T_w, dwell of a written token; > 0
	Read           float64 // T_r, dwell of a read token; > 0
	Gap            float64 // T_gap, blank after each token
	Baseline       float64 // p_0, calcium at the start, in units of φ·φ
	Floor          float64 // p_min, lower bound of the calcium that divides
	Causal         bool    // write t then read t; otherwise write 1..N, then read 1..N

	// StopAtFloor makes a read whose calcium falls to the floor an error, as
	// signed feature maps need: their calcium can pass through zero.
	StopAtFloor bool
}

// Validate reports the first parameter outside its range.
func (p Parameters) Validate() error {
	for _, c := range []struct {
		name  string
		value float64
		zero  bool // zero allowed
		inf   bool // +Inf allowed
	}{
		{"τ_h", p.TauHidden, true, false}, {"τ_f", p.TauOutput, true, false}, {"τ_p", p.TauCalcium, true, false},
		{"τ_H", p.TauHebbian, false, true}, {"τ_g", p.TauPresynaptic, false, true},
		{"T_w", p.Write, false, false}, {"T_r", p.Read, false, false}, {"T_gap", p.Gap, true, false},
		{"p_min", p.Floor, true, false},
	} {
		switch {
		case math.IsNaN(c.value), c.value < 0, c.value == 0 && !c.zero, math.IsInf(c.value, 0) && !c.inf:
			return fmt.Errorf("model: %s = %g is outside its range", c.name, c.value)
		}
	}
	if math.IsNaN(p.Baseline) || math.IsInf(p.Baseline, 0) {
		return fmt.Errorf("model: p_0 = %g is not finite", p.Baseline)
	}
	return nil
}

// A Cause is one way in which dynamics part the network from its discrete
// limit (science §2).
type Cause string

const (
	CarryOver  Cause = "carry-over"  // τ_h, τ_f: a token's activity outlasts its dwell
	CalciumLag Cause = "calcium-lag" // τ_p: the astrocyte sums slowly
	Leak       Cause = "leak"        // τ_H, τ_g: the memories decay
)

// Causes lists the causes in the order of the ladder.
func Causes() []Cause { return []Cause{CarryOver, CalciumLag, Leak} }

// Only returns the parameters with one cause as configured and the others at
// their limit: time constants 0, memory time constants ∞.
func (p Parameters) Only(cause Cause) Parameters {
	if cause != CarryOver {
		p.TauHidden, p.TauOutput = 0, 0
	}
	if cause != CalciumLag {
		p.TauCalcium = 0
	}
	if cause != Leak {
		p.TauHebbian, p.TauPresynaptic = math.Inf(1), math.Inf(1)
	}
	return p
}

// rate returns 1/τ: +Inf for τ = 0, 0 for τ = ∞.
func rate(tau float64) float64 { return 1 / tau }

// Has reports whether the parameters have the cause at all.
func (p Parameters) Has(cause Cause) bool {
	switch cause {
	case CarryOver:
		return p.TauHidden > 0 || p.TauOutput > 0
	case CalciumLag:
		return p.TauCalcium > 0
	case Leak:
		return !math.IsInf(p.TauHebbian, 1) || !math.IsInf(p.TauPresynaptic, 1)
	}
	return false
}
