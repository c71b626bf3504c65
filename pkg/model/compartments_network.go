package model

import (
	"context"
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// An astrocyte of compartments sees a network for each of them: of its hidden neurons, with
// h, g and H of their own and one f, to which each adds
//
//	f = z f(0) + Σ_c (J_φ^c H_cφ_c + J_h^c H_ch_c(0))
//
// in a read, and nothing while a token is written, when f is the same for all. In it all
// goes as in a network of its own (network.go), but for the calcium, which is solved for
// all compartments together.

// compartmentSolver solves one segment for all compartments, in the coordinates of each.
type compartmentSolver interface {
	// solve returns where the coordinates have got, until it is asked again.
	solve(seg Segment, inner []*products, at []float64, emit func(i int, reached []coefficients)) ([]coefficients, error)
}

// divided is the circuit's state between segments.
type divided struct {
	head     *Head
	pool     *pool
	networks []*network
	output   []float64 // f, of all
	inner    []*products
	drive    int // the vector of each one's basis that is presented; −1: none
	record   *Recorder
	starts   [][]float64 // h(0) of the recorded neurons in the segment at hand, of each compartment
	solver   compartmentSolver
}

// propagateCompartments takes the head through its schedule, segment by segment.
func (head *Head) propagateCompartments(ctx context.Context, parameters Parameters, solver compartmentSolver, opt Options) (Result, error) {
	parts, err := head.parts(parameters.Compartments.Count)
	if err != nil {
		return Result{}, err
	}
	if opt.Recorder != nil && !head.holds(opt.Recorder.Hidden) {
		return Result{}, errIdeal
	}
	if opt.Recorder != nil {
		opt.Recorder.Pools = len(parts)
	}
	opt.Recorder.reserve(parameters, head.Tokens)
	defer opt.Recorder.release()
	circuit := &divided{head: head, pool: parameters.pool(), inner: make([]*products, len(parts)), record: opt.Recorder, solver: solver, starts: make([][]float64, len(parts))}
	alone := parameters
	alone.Compartments, alone.Latency, alone.FrozenCoupling = Compartments{}, 0, false
	for _, part := range parts {
		network, err := newNetwork(part, alone, opt)
		if err != nil {
			return Result{}, err
		}
		circuit.networks = append(circuit.networks, network)
	}
	circuit.output = make([]float64, circuit.networks[0].width)
	result := head.newResult(opt.Attention)
	result.Normalizer, result.Pools = parameters.normalizers(head.Tokens), make([]float64, head.Tokens*len(parts))
	for i, seg := range parameters.Schedule(head.Tokens) {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		reached, err := circuit.segment(seg)
		if err != nil {
			return Result{}, err
		}
		if seg.Phase == Reading && !seg.Blank {
			circuit.take(&result, seg.Token, reached)
		}
		circuit.advance(seg, reached)
		if seg.Phase == Reading && !seg.Blank {
			if !finite(circuit.output[:head.Values]) {
				return Result{}, &OutputError{seg, result.Calcium[seg.Token], parameters.Division.Floor}
			}
			copy(result.Output[seg.Token*head.Values:], circuit.output[:head.Values])
			if opt.Attention {
				copy(result.Attention[seg.Token*head.Tokens:], circuit.output[head.Values:])
			}
		}
		if opt.Progress != nil {
			opt.Progress(i + 1)
		}
	}
	result.AtFloor = parameters.Division.dividedAtFloor(result.Pools, len(parts))
	return result, nil
}

// segment forms what a segment's coordinates mean in each compartment, and solves it.
func (circuit *divided) segment(seg Segment) ([]coefficients, error) {
	circuit.drive = -1
	for c, network := range circuit.networks {
		copy(network.output, circuit.output)
		drive := -1
		if !seg.Blank {
			drive = network.present()
		}
		circuit.drive = drive
		inner := network.products(seg, drive)
		circuit.inner[c] = &inner
	}
	times := circuit.record.times(seg)
	if len(times) > 0 {
		for c, network := range circuit.networks {
			circuit.starts[c] = circuit.record.of(network, c, circuit.starts[c][:0])
		}
	}
	return circuit.solver.solve(seg, circuit.inner, times, func(i int, reached []coefficients) {
		circuit.record.sample(seg.Start+times[i], seg, circuit.observed(seg, reached))
	})
}

// take takes note of the astrocyte at the end of a read.
func (circuit *divided) take(result *Result, token int, reached []coefficients) {
	values, count, astrocyte := circuit.head.Values, len(reached), circuit.pool.astrocyte
	reads := make([]dividedRead, count)
	for c := range circuit.networks {
		at := &reached[c]
		result.Pools[token*count+c] = at.calcium
		result.Calcium[token] += at.calcium / float64(count)
		reads[c] = newDividedRead(astrocyte, at)
	}
	if result.Normalizer != nil {
		result.Normalizer[token] = effectiveDivisor(reads, func(c int) []float64 { return circuit.networks[c].readPhi[:values] },
			func(c int) []float64 { return circuit.networks[c].readHidden[:values] }, values)
	}
}

// advance takes all compartments to a segment's end.
func (circuit *divided) advance(seg Segment, reached []coefficients) {
	clear(circuit.output)
	for c, network := range circuit.networks {
		if seg.Phase == Reading && c > 0 {
			clear(network.output) // f(0) is in the first one's part
		}
		at := reached[c]
		at.astrocyte = nil
		network.advance(seg, circuit.drive, circuit.inner[c], &at)
		if seg.Phase == Reading || c == 0 {
			kernel.Axpy(1, network.output, circuit.output)
		}
	}
}

// of appends h of the recorder's neurons that are a compartment's, as its segment begins.
func (recorder *Recorder) of(network *network, c int, into []float64) []float64 {
	size := network.head.Neurons
	for _, neuron := range recorder.Hidden {
		if neuron/size != c {
			continue
		}
		var h float64
		for i, coordinate := range network.hidden[:network.block.shown] {
			h += float64(coordinate * network.block.vector(i)[neuron%size])
		}
		into = append(into, h)
	}
	return into
}

// dividedSample is a state within a segment, in the coordinates of each compartment.
type dividedSample struct {
	*divided
	seg     Segment
	reached []coefficients
	observedPools
}

func (circuit *divided) observed(seg Segment, reached []coefficients) *dividedSample {
	sample := &dividedSample{divided: circuit, seg: seg, reached: reached}
	sample.observedPools = observedPools{circuit.pool.astrocyte, nil, func(c int) []float64 { return reached[c].astrocyte }, circuit.networks[0].half}
	for c := range reached {
		sample.levels = append(sample.levels, reached[c].calcium)
	}
	return sample
}

func (sample *dividedSample) hiddenRates(into []float64) []float64 {
	size := sample.networks[0].head.Neurons
	next := make([]int, len(sample.networks))
	for _, neuron := range sample.record.Hidden {
		c := neuron / size
		var phi float64
		if sample.drive >= 0 {
			phi = sample.networks[c].block.vector(sample.drive)[neuron%size]
		}
		into = append(into, float64(sample.reached[c].phi*phi)+float64(sample.reached[c].hidden*sample.starts[c][next[c]]))
		next[c]++
	}
	return into
}

func (sample *dividedSample) outputRates(into []float64) []float64 {
	first, at := sample.networks[0], &sample.reached[0]
	for _, neuron := range sample.record.Output {
		if sample.seg.Phase == Writing {
			into = append(into, first.value[neuron]+float64(at.output*first.carried[neuron]))
			continue
		}
		f := float64(at.output * sample.output[neuron])
		for c, network := range sample.networks {
			f += float64(sample.reached[c].outputPhi*network.readPhi[neuron]) + float64(sample.reached[c].outputHidden*network.readHidden[neuron])
		}
		into = append(into, f)
	}
	return into
}

func (sample *dividedSample) hebbianNorm() float64 {
	var square float64
	for c, network := range sample.networks {
		square += network.hebbianNorm2(sample.seg, sample.inner[c], &sample.reached[c])
	}
	return math.Sqrt(square)
}
