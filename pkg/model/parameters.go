package model

import (
	"errors"
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
	TauRise        float64 // τ_r, with which it rises before it decays with τ_p
	Latency        float64 // Δ, by which the calcium is late
	Write          float64 // T_w, dwell of a written token; > 0
	Read           float64 // T_r, dwell of a read token; > 0
	Gap            float64 // T_gap, blank after each token
	Baseline       float64 // p_0, calcium at the start, in units of φ·φ
	Drive          Drive   // when the calcium follows what it sums
	Calcium        Calcium // how
	IP3Max         float64 // of a biophysical calcium model: IP3, µM, that the largest sum settles at
	LargestSum     float64 // which that is, in units of φ·φ; > 0
	LearningRate   float64 // η of the Hebbian rule; 0: calibrated (see CalibratedLearning)
	Causal         bool    // write t then read t; otherwise write 1..N, then read 1..N
	Division       Division
	Circuit        Circuit
	FrozenCoupling bool    // every g_α at their mean
	TauGain        float64 // τ_a, with which a replicator's gains settle
	Compartments   Compartments
	TauSynapse     float64 // τ_s of emergent division; 0: synapses and exchange settle at once
	TauExchange    float64 // τ_x of it, of the exchange between any two processes
}

// A Circuit says what divides the synapses' effect.
type Circuit int

const (
	Tripartite       Circuit = iota // an astrocyte
	NoAstrocyte                     // a number: P = 1/Level
	Replicator                      // gains of tokens, in the place of hidden layer and astrocyte
	EmergentDivision                // processes that set how their synapses' effect decays
)

// Circuits lists the circuits' names, as in a configuration.
func Circuits() []string { return []string{"tripartite", "none", "replicator", "emergent-division"} }

// String names the circuit.
func (circuit Circuit) String() string { return Circuits()[circuit] }

// A TimeConstant is a row of the table of the network's time constants.
type TimeConstant struct {
	Symbol string // as in science §1
	Name   string // as in a configuration
	Memory bool   // of a memory: +Inf is no leak, and there is no limit 0
	Of     func(*Parameters) *float64
}

// TimeConstants lists the network's time constants: whatever asks for all of them
// (ranges, the shortest, a step's stability) goes through this table.
func TimeConstants() []TimeConstant {
	return []TimeConstant{
		{"τ_h", "tau_hidden", false, func(parameters *Parameters) *float64 { return &parameters.TauHidden }},
		{"τ_f", "tau_output", false, func(parameters *Parameters) *float64 { return &parameters.TauOutput }},
		{"τ_p", "tau_calcium", false, func(parameters *Parameters) *float64 { return &parameters.TauCalcium }},
		{"τ_r", "tau_rise", false, func(parameters *Parameters) *float64 { return &parameters.TauRise }},
		{"τ_Γ", "tau_receptor", false, func(parameters *Parameters) *float64 { return &parameters.Division.TauReceptor }},
		{"τ_a", "tau_gain", false, func(parameters *Parameters) *float64 { return &parameters.TauGain }},
		{"τ_s", "tau_synapse", false, func(parameters *Parameters) *float64 { return &parameters.TauSynapse }},
		{"τ_x", "tau_exchange", false, func(parameters *Parameters) *float64 { return &parameters.TauExchange }},
		{"τ_H", "tau_hebbian", true, func(parameters *Parameters) *float64 { return &parameters.TauHebbian }},
		{"τ_g", "tau_presynaptic", true, func(parameters *Parameters) *float64 { return &parameters.TauPresynaptic }},
	}
}

// Shortest returns the shortest time constant that is integrated, in s, with its
// row: 0 is the quasi-static limit, which is not. Without any it is +Inf. The
// memories' count or do not.
func (parameters Parameters) Shortest(memories bool) (shortest float64, of TimeConstant) {
	shortest = math.Inf(1)
	for _, constant := range TimeConstants() {
		if tau := *constant.Of(&parameters); tau > 0 && tau < shortest && (memories || !constant.Memory) {
			shortest, of = tau, constant
		}
	}
	if cell := parameters.cellular(); cell != nil && parameters.hasAstrocyte() && cell.shortest() < shortest {
		return cell.shortest(), TimeConstant{Symbol: "τ_" + parameters.Calcium.String(), Name: "the fastest process of calcium: " + parameters.Calcium.String()}
	}
	return shortest, of
}

// rate returns 1/τ: +Inf for τ = 0, 0 for τ = ∞.
func rate(tau float64) float64 { return 1 / tau }

// Validate reports the first parameter outside its range.
func (parameters Parameters) Validate() error {
	for _, constant := range TimeConstants() {
		if err := inRange(constant.Symbol, *constant.Of(&parameters), !constant.Memory, constant.Memory); err != nil {
			return err
		}
	}
	if cell := parameters.cellular(); cell != nil {
		if err := cell.check(); err != nil {
			return err
		}
	}
	return errors.Join(
		inRange("T_w", parameters.Write, false, false), inRange("T_r", parameters.Read, false, false), inRange("T_gap", parameters.Gap, true, false),
		inRange("p_min", parameters.Division.Floor, true, false), inRange("|p_0|", math.Abs(parameters.Baseline), true, false),
		inRange("η", parameters.LearningRate, true, false), inRange("the drive", float64(parameters.Drive), true, false),
		inRange("Δ", parameters.Latency, true, false), inRange("p_h", parameters.Division.HalfEffect, parameters.Division.Readout != Receptor && parameters.Division.Readout != Event, false),
		inRange("p_Θ", parameters.Division.Threshold, parameters.Division.Readout != Threshold, false),
		inRange("D", parameters.Compartments.Exchange, true, false), inRange("τ_p D", parameters.Compartments.Spread, true, false),
		inRange("the level that divides", parameters.Division.Level, parameters.Circuit != NoAstrocyte, false),
	)
}

func inRange(name string, value float64, zero, infinite bool) error {
	if value > 0 && !math.IsInf(value, 1) || value == 0 && zero || math.IsInf(value, 1) && infinite {
		return nil
	}
	return fmt.Errorf("model: %s = %g is outside its range", name, value)
}
