package model

import (
	"context"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/integrator"
)

// emergentInFull is emergent division as it is written: every p_iα and s_iα and every f_i
// is integrated. With Options.Attention each f and its synapses are joined by N coordinates
// over the values, whose processes are those of the first output neuron: they exchange
// nothing, as there are no more processes than d_v m.
type emergentInFull struct {
	*emergent
	synapses, outputs int // offsets of s and f in the state: p comes first
}

func (head *Head) divideInFull(ctx context.Context, parameters Parameters, solver Solver, opt Options) (Result, integrator.Stats, error) {
	if head.byGram() {
		return Result{}, integrator.Stats{}, errProcesses
	}
	if parameters.TauSynapse == 0 || parameters.TauExchange == 0 { // nothing of it is left
		return head.divide(ctx, parameters, solver, opt)
	}
	opt.Dwell = false
	m := head.Neurons
	full := &emergentInFull{emergent: newEmergent(ctx, head, parameters, solver, opt)}
	full.synapses = head.Values * m
	full.outputs = full.synapses + full.width*m
	dim := full.outputs
	if parameters.TauOutput > 0 {
		dim += full.width
	}
	full.state = make([]float64, dim)
	settings := solver.settings(parameters)
	settings.FirstStep, settings.Carry, settings.Norm = 0, integrator.Estimate, integrator.Groupwise{}
	settings.Groups = []integrator.Group{
		{Name: "calcium", From: 0, To: full.synapses, Atol: tiny}, {Name: "synapses", From: full.synapses, To: full.outputs, Atol: tiny},
	}
	if dim > full.outputs {
		settings.Groups = append(settings.Groups, integrator.Group{Name: "output", From: full.outputs, To: dim, Atol: solver.Atol})
	}
	if opt.Recorder != nil {
		settings.Save = integrator.Save{At: opt.Recorder.reads(parameters.Schedule(head.Tokens)), Function: func(time float64, state, _ []float64) { full.record(time, state) }}
	}
	var err error
	if full.stepper, err = integrator.New(integrator.Problem{Derivative: full.derivative, Jacobian: full.jacobian}, dim, solver.Method, settings); err != nil {
		return Result{}, integrator.Stats{}, err
	}
	result, err := full.run(full, opt)
	return result, full.stepper.Stats(), err
}

// content is c_iα as it stands, σ/m (Σ v φᵀ)_iα.
func (full *emergentInFull) content(output, neuron int) float64 {
	return float64(full.scale() * full.contents[neuron*full.width+output])
}

// scale is σ/m.
func (full *emergentInFull) scale() float64 {
	return full.parameters.Division.Processes / float64(full.head.Neurons)
}

func (full *emergentInFull) read(seg Segment) (output, attention []float64, err error) {
	if err := full.present(seg); err != nil {
		return nil, nil, err
	}
	m, values := full.head.Neurons, full.head.Values
	for i := range values {
		for neuron, rate := range full.query {
			full.state[i*m+neuron] = full.parameters.Division.Processes * rate * full.coupling[neuron]
		}
	}
	if full.stepper.Stats().Accepted == 0 {
		full.stepper.Reset(seg.Start, full.state)
	} else {
		full.stepper.Restart(seg.Start, full.state)
	}
	if status := full.stepper.Advance(full.ctx, seg.Start+seg.Duration); status.Err() != nil {
		return nil, nil, solverError(full.ctx, seg, status)
	}
	copy(full.state, full.stepper.State())
	full.result.Normalizer[seg.Token] = full.total(full.state) / full.scale() / float64(values*m)
	full.show(full.state)
	return full.output[:values], full.output[values:], nil
}

// total is Σ p, which the exchange conserves.
func (full *emergentInFull) total(state []float64) (sum float64) {
	for _, calcium := range state[:full.synapses] {
		sum += calcium
	}
	return sum
}

// show sets f to that of a state.
func (full *emergentInFull) show(state []float64) {
	if full.parameters.TauOutput > 0 {
		copy(full.output, state[full.outputs:])
		return
	}
	full.effect(state, full.output)
}

// effect sets into to Σ_α s_iα h_α.
func (full *emergentInFull) effect(state, into []float64) {
	m := full.head.Neurons
	for i := range full.width {
		into[i] = kernel.Dot(state[full.synapses+i*m:full.synapses+(i+1)*m], full.query)
	}
}

// process is the index of the calcium that sets a synapse's decay.
func (full *emergentInFull) process(output, neuron int) int {
	if output >= full.head.Values {
		output = 0
	}
	return output*full.head.Neurons + neuron
}

func (full *emergentInFull) derivative(_ float64, state, dy []float64) {
	parameters, m := &full.parameters, full.head.Neurons
	total := full.total(state)
	for i, calcium := range state[:full.synapses] {
		dy[i] = (total - float64(float64(full.synapses)*calcium)) / parameters.TauExchange
	}
	for i := range full.width {
		for neuron := range m {
			at := full.synapses + i*m + neuron
			dy[at] = (full.content(i, neuron) - float64(state[full.process(i, neuron)]*state[at])) / parameters.TauSynapse
		}
	}
	if parameters.TauOutput > 0 {
		full.effect(state, dy[full.outputs:])
		for i := range full.width {
			dy[full.outputs+i] = (dy[full.outputs+i] - state[full.outputs+i]) / parameters.TauOutput
		}
	}
}

func (full *emergentInFull) jacobian(_ float64, state []float64, add func(row, column int, partial float64)) {
	parameters, m := &full.parameters, full.head.Neurons
	for i := range full.synapses {
		for j := range full.synapses {
			add(i, j, 1/parameters.TauExchange)
		}
		add(i, i, -float64(full.synapses)/parameters.TauExchange)
	}
	for i := range full.width {
		for neuron := range m {
			at, process := full.synapses+i*m+neuron, full.process(i, neuron)
			add(at, at, -state[process]/parameters.TauSynapse)
			add(at, process, -state[at]/parameters.TauSynapse)
			if parameters.TauOutput > 0 {
				add(full.outputs+i, at, full.query[neuron]/parameters.TauOutput)
			}
		}
		if parameters.TauOutput > 0 {
			add(full.outputs+i, full.outputs+i, -1/parameters.TauOutput)
		}
	}
}

// record records a state of a read, the processes of the first output neuron.
func (full *emergentInFull) record(time float64, state []float64) {
	full.show(state)
	scale := full.scale()
	mean := full.total(state) / float64(full.synapses)
	full.seen = observedProcesses{recorder: full.recorder, hidden: full.query, output: full.output, sum: mean / scale}
	for _, neuron := range full.recorder.Processes {
		var share float64 // of a synapse that has nothing to settle at: 0
		if content := full.content(0, neuron); content != 0 {
			share = state[full.synapses+neuron] * mean / content
		}
		full.seen.calcium = append(full.seen.calcium, state[neuron]/scale)
		full.seen.synapses = append(full.seen.synapses, share)
	}
	full.recorder.sample(time, full.at, &full.seen)
}
