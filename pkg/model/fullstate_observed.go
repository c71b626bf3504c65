package model

import (
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// sample records a state.
func (full *fullState) sample(time float64, state, _ []float64) {
	full.read(time, state)
	output := state[full.output : full.output+full.width]
	if full.parameters.TauOutput == 0 && full.seg.Phase == Reading {
		full.recall(state)
		output = full.drive
	}
	hebbian := state[full.hebbian : full.hebbian+full.head.Values*full.neurons]
	full.opt.Recorder.sample(time, full.seg, &observedState{
		full.opt.Recorder, state[full.hidden : full.hidden+full.neurons], output, hebbian,
		observedPools{full.pool.astrocyte, full.levels, func(c int) []float64 { return full.pool.of(c, full.states(state)) }, full.parameters.Division.HalfEffect},
	})
}

// observedState is a state of which every variable is held.
type observedState struct {
	recorder                *Recorder
	hidden, output, hebbian []float64 // h, f, H
	observedPools
}

func (state *observedState) hiddenRates(into []float64) []float64 {
	return pick(into, state.hidden, state.recorder.Hidden)
}
func (state *observedState) outputRates(into []float64) []float64 {
	return pick(into, state.output, state.recorder.Output)
}

// pick appends those of the given indices.
func pick(into, values []float64, indices []int) []float64 {
	for _, i := range indices {
		into = append(into, values[i])
	}
	return into
}

func (state *observedState) hebbianNorm() float64 {
	return math.Sqrt(kernel.Dot(state.hebbian, state.hebbian))
}
