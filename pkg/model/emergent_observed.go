package model

// sample records a state of a read.
func (network *emergent) sample(time float64, state []float64) {
	network.answer(network.felt(state))
	excess := network.excess(time)
	network.seen = observedProcesses{recorder: network.recorder, hidden: network.query, output: network.output, sum: network.sum}
	m := network.head.Neurons
	for _, neuron := range network.recorder.Processes {
		network.seen.calcium = append(network.seen.calcium, network.sum*(1+float64((network.all[neuron]-1)*excess)))
		var synapse float64
		for pair := range network.ratios {
			synapse += float64(network.spread[pair*m+neuron] * state[pair])
		}
		if rate := network.query[neuron]; rate != 0 {
			synapse *= network.sum / rate
		}
		network.seen.synapses = append(network.seen.synapses, synapse)
	}
	network.recorder.sample(time, network.at, &network.seen)
}

// rest is the network in writes, and in blanks: no query, and so no calcium.
func (network *emergent) rest(seg Segment, output []float64) observed {
	head, hidden := network.head, make([]float64, network.head.Neurons)
	if !seg.Blank {
		copy(hidden, head.feature(&seg))
	}
	zero := make([]float64, len(network.recorder.Processes))
	network.seen = observedProcesses{recorder: network.recorder, hidden: hidden, output: output, calcium: zero, synapses: zero}
	return &network.seen
}

// observedProcesses is a state of emergent division. Calcium is m p_α/σ, which tends to
// Z, and synapses are s p*/c, which tend to 1.
type observedProcesses struct {
	recorder                          *Recorder
	hidden, output, calcium, synapses []float64
	sum                               float64 // m p*/σ
}

func (state *observedProcesses) hiddenRates(into []float64) []float64 {
	return pick(into, state.hidden, state.recorder.Hidden)
}
func (state *observedProcesses) outputRates(into []float64) []float64 {
	return pick(into, state.output, state.recorder.Output)
}
func (state *observedProcesses) calciumNow() float64  { return state.sum }
func (state *observedProcesses) hebbianNorm() float64 { return 0 }
func (state *observedProcesses) divisorNow() float64  { return 1 }
func (state *observedProcesses) halfEffect() float64  { return 0 }
func (state *observedProcesses) processCalcium(into []float64) []float64 {
	return append(into, state.calcium...)
}
func (state *observedProcesses) processSynapses(into []float64) []float64 {
	return append(into, state.synapses...)
}
