package model

import (
	"context"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/integrator"
)

// IntegrateFull integrates every h, f, g, p and H as one state of
// m + d_v + m + C + d_v·m variables, straight from science §1. It is the
// reference for [Head.Integrate] and what a general solver would do; with
// Options.Attention each value vector is joined by N coordinates, so that f and
// H grow to d_v + N rows. The local error is measured over h, f, g and p alike
// in both, so they take the same steps; of compartments, of what each adds to f
// there, so that those may be shorter.
func (head *Head) IntegrateFull(ctx context.Context, parameters Parameters, solver Solver, opt Options) (Result, integrator.Stats, error) {
	if err := parameters.Validate(); err != nil {
		return Result{}, integrator.Stats{}, err
	}
	if parameters.Emergent() {
		return head.divideInFull(ctx, parameters, solver, opt)
	}
	if parameters.Replicated() { // all of its state is integrated anyway
		return head.integrateReplicator(ctx, parameters, solver, opt)
	}
	if head.byGram() {
		return Result{}, integrator.Stats{}, errIdeal
	}
	if count := parameters.pool().count; head.Neurons%count != 0 {
		return Result{}, integrator.Stats{}, &CompartmentsError{count, head.Neurons}
	}
	full := newFullState(head, parameters, opt)
	settings := solver.settings(parameters)
	tol := solver.tolerances(head.Neurons, head.Values, full.pool.astrocyte)
	settings.Norm = integrator.Groupwise{}
	root := func(count int) float64 { return math.Sqrt(float64(count)) }
	end := full.hebbian
	settings.Groups = []integrator.Group{
		{Name: "hidden", From: full.hidden, To: full.hidden + full.neurons, Atol: tol.hidden / root(full.neurons)},
		{Name: "coupling", From: full.coupling, To: full.coupling + full.neurons, Atol: tol.coupling / root(full.neurons)},
		{Name: "output", From: full.output, To: full.output + head.Values, Atol: tol.output / root(head.Values)},
		{Name: "hebbian", From: full.output + head.Values, To: end + full.width*full.neurons, Atol: math.Inf(1)},
	}
	for at := full.calcium; at < full.output; at++ {
		settings.Groups = append(settings.Groups, integrator.Group{Name: "calcium", From: at, To: at + 1, Atol: tol.calcium})
	}
	if parameters.Division.StopAtFloor {
		settings.Accepted = func(time, _ float64, state []float64) {
			full.read(time, state)
			full.lowest = min(full.lowest, slices.Min(full.levels))
		}
	}
	if opt.Recorder != nil {
		opt.Recorder.Pools = full.pool.count
	}
	opt.Recorder.reserve(parameters, head.Tokens)
	if opt.Recorder != nil {
		settings.Save = integrator.Save{At: opt.Recorder.schedule(parameters.Schedule(head.Tokens)), Function: full.sample}
	}
	return full.run(ctx, solver.Method, settings)
}

// fullState is the circuit as one state vector.
type fullState struct {
	head                                       *Head
	parameters                                 Parameters
	pool                                       *pool
	opt                                        Options
	neurons, width                             int
	hidden, coupling, calcium, output, hebbian int // offsets in the state
	phi, value                                 []float64
	noPhi                                      []float64 // of a blank
	seg                                        Segment
	late                                       []*lateness  // of each compartment
	exact                                      *exactSolver // of which late drives are
	spans                                      [][]span     // of the segment, of each compartment
	span                                       int          // at hand
	learning                                   float64      // η
	drive                                      []float64    // (H∘P)h, [width]
	lowest                                     float64      // calcium met in the segment, if asked for

	sums, into, levels []float64 // of each compartment S_c, what drives its calcium, and p
}

func newFullState(head *Head, parameters Parameters, opt Options) *fullState {
	width := head.Values
	if opt.Attention {
		width += head.Tokens
	}
	m, pool := head.Neurons, parameters.pool()
	output := 2*m + pool.count*pool.astrocyte.states
	full := &fullState{
		head: head, parameters: parameters, pool: pool, learning: parameters.Learning(), opt: opt, neurons: m, width: width,
		hidden: 0, coupling: m, calcium: 2 * m, output: output, hebbian: output + width,
		noPhi: make([]float64, m), value: make([]float64, width), drive: make([]float64, width), spans: make([][]span, pool.count),
		sums: make([]float64, pool.count), into: make([]float64, pool.count), levels: make([]float64, pool.count),
	}
	full.exact = newExactSolver(context.Background(), parameters, nil)
	for range pool.count {
		full.late = append(full.late, newLateness(&full.parameters, full.exact))
	}
	return full
}

func (full *fullState) run(ctx context.Context, method integrator.Method, settings integrator.Settings) (Result, integrator.Stats, error) {
	head := full.head
	dim := full.hebbian + full.width*full.neurons
	stepper, err := integrator.New(integrator.Problem{Derivative: full.derivative, Events: full.pool.events(full)}, dim, method, settings)
	if err != nil {
		return Result{}, integrator.Stats{}, err
	}
	start := make([]float64, dim)
	copy(start[full.calcium:], full.pool.begin(full.parameters.Baseline))
	result := head.newResult(full.opt.Attention)
	result.Normalizer = full.parameters.normalizers(head.Tokens)
	if full.parameters.Divided() {
		result.Pools = make([]float64, head.Tokens*full.pool.count)
	}
	for i, seg := range full.parameters.Schedule(head.Tokens) {
		state := start
		if i > 0 {
			state = stepper.State()
		}
		full.begin(seg, state)
		full.settle(state)
		if i == 0 {
			stepper.Reset(0, state)
		}
		for full.span = range full.spans[0] {
			if i > 0 || full.span > 0 {
				stepper.Discontinuity()
			}
			if status := full.advance(ctx, stepper, seg.Start+full.spans[0][full.span].to); status.Err() != nil {
				return Result{}, stepper.Stats(), solverError(ctx, seg, status)
			}
		}
		if err := full.finish(stepper.State(), &result); err != nil {
			return Result{}, stepper.Stats(), err
		}
		if full.opt.Progress != nil {
			full.opt.Progress(i + 1)
		}
	}
	if result.Pools != nil {
		result.AtFloor = full.parameters.Division.dividedAtFloor(result.Pools, full.pool.count)
	} else {
		result.AtFloor = full.parameters.Division.atFloor(result.Calcium)
	}
	return result, stepper.Stats(), nil
}

// advance takes steps to a time, from one event to the next.
func (full *fullState) advance(ctx context.Context, stepper *integrator.Integrator, end float64) integrator.Status {
	full.pool.follow(full, stepper)
	full.pool.cross(full, stepper, -1)
	for {
		status := stepper.Advance(ctx, end)
		if status.Reason != integrator.TerminalEvent {
			return status
		}
		full.pool.met(full, stepper, status.Event)
	}
}

// begin sets the drives of a segment.
func (full *fullState) begin(seg Segment, state []float64) {
	head := full.head
	full.seg, full.phi, full.lowest = seg, head.feature(&seg), math.Inf(1)
	clear(full.value)
	if seg.Blank {
		full.phi = full.noPhi
	} else if seg.Phase == Writing {
		copy(full.value, head.V[seg.Token*head.Values:(seg.Token+1)*head.Values])
		if full.opt.Attention {
			full.value[head.Values+seg.Token] = 1
		}
	}
	for c := range full.spans {
		var own driving
		if full.parameters.Latency > 0 { // else what is collected is summed as it is
			own = full.collected(c, state)
		}
		full.spans[c] = full.late[c].spans(seg, own, full.spans[c][:0])
	}
	full.span = 0
}

// collected returns what a compartment's processes collect from here on.
func (full *fullState) collected(c int, state []float64) driving {
	phi, hidden, coupling := full.phi, state[full.hidden:full.hidden+full.neurons], state[full.coupling:full.coupling+full.neurons]
	product := func(x, y []float64) float64 { return full.product(c, x, y) }
	return driving{
		gPhi: product(coupling, phi), gHidden: product(coupling, hidden),
		phiPhi: product(phi, phi), phiHidden: product(phi, hidden), hiddenPhi: product(hidden, phi), hiddenHidden: product(hidden, hidden),
	}
}

// part is a compartment's part of what there is one of for each neuron.
func (full *fullState) part(c int, of []float64) []float64 {
	size := full.neurons / full.pool.count
	return of[c*size : (c+1)*size]
}

// product is Σ x y over a compartment, with x at its mean over all where the coupling is frozen.
func (full *fullState) product(c int, x, y []float64) float64 {
	if !full.parameters.FrozenCoupling {
		return kernel.Dot(full.part(c, x), full.part(c, y))
	}
	var sumX, sumY float64
	for _, of := range x {
		sumX += of
	}
	for _, of := range full.part(c, y) {
		sumY += of
	}
	return sumX * sumY / float64(len(x))
}

// settle sets the variables that have a time constant of 0 where nothing else
// changes them within the segment.
func (full *fullState) settle(state []float64) {
	if full.parameters.TauHidden == 0 {
		copy(state[full.hidden:full.hidden+full.neurons], full.phi)
	}
	if full.parameters.TauOutput == 0 && full.seg.Phase == Writing {
		copy(state[full.output:full.output+full.width], full.value)
	}
}

// states is the part of a state, or of its rates, that is the astrocyte's.
func (full *fullState) states(state []float64) []float64 { return state[full.calcium:full.output] }

func (full *fullState) course() calciumCourse { return full.spans[0][full.span].course }

// read sets what the processes of each compartment collect, what drives its calcium, and p.
func (full *fullState) read(time float64, state []float64) {
	hidden, coupling := state[full.hidden:full.hidden+full.neurons], state[full.coupling:full.coupling+full.neurons]
	for c := range full.sums {
		if span := &full.spans[c][full.span]; full.parameters.Latency > 0 {
			drift := full.exact.drift(span.phase, time-full.seg.Start-span.from)
			full.sums[c] = span.drive.sum(&drift)
		} else {
			full.sums[c] = full.product(c, coupling, hidden)
		}
	}
	full.pool.collect(full.sums, full.into)
	full.pool.levels(full.course(), full.into, full.states(state), full.levels)
}

// levelOf returns p of a compartment.
func (full *fullState) levelOf(c int, time float64, state []float64) float64 {
	full.read(time, state)
	return full.levels[c]
}

// excess is the read-out's at a time, continuous within a span.
func (full *fullState) excess(time float64, state []float64) float64 {
	if full.course() != following {
		return -1 // nothing is followed
	}
	full.read(time, state)
	return full.pool.excess(full.sums)
}

// divisor returns 1/P of a compartment that has been read.
func (full *fullState) divisor(c int, state []float64) float64 {
	return full.pool.astrocyte.divisor(full.levels[c], full.pool.of(c, full.states(state)))
}

// recall sets full.drive to (H∘P)h of a state that has been read.
func (full *fullState) recall(state []float64) {
	clear(full.drive)
	hidden := state[full.hidden : full.hidden+full.neurons]
	for c := range full.levels {
		gain, h := 1/full.divisor(c, state), full.part(c, hidden)
		for i := range full.width {
			if hh := kernel.Dot(full.part(c, full.row(i, state)), h); hh != 0 {
				full.drive[i] += float64(gain * hh)
			}
		}
	}
}

// row is an output neuron's of H.
func (full *fullState) row(i int, state []float64) []float64 {
	return state[full.hebbian+i*full.neurons : full.hebbian+(i+1)*full.neurons]
}

// derivative is science §1.
func (full *fullState) derivative(time float64, state, dy []float64) {
	m, parameters := full.neurons, &full.parameters
	hidden, dh := state[full.hidden:full.hidden+m], dy[full.hidden:full.hidden+m]
	coupling, dg := state[full.coupling:full.coupling+m], dy[full.coupling:full.coupling+m]
	output, df := state[full.output:full.output+full.width], dy[full.output:full.output+full.width]
	full.read(time, state)

	clear(dy[:full.hebbian])
	if parameters.TauHidden > 0 {
		rate := 1 / parameters.TauHidden
		for i, phi := range full.phi {
			dh[i] = rate * (phi - hidden[i])
		}
	}
	full.pool.derivative(full.course(), full.into, full.levels, full.states(state), full.states(dy))
	if full.seg.Phase == Reading {
		full.decay(coupling, dg, parameters.TauPresynaptic)
		full.decay(state[full.hebbian:], dy[full.hebbian:], parameters.TauHebbian)
		if parameters.TauOutput > 0 {
			full.recall(state)
			for i := range output {
				df[i] = (full.drive[i] - output[i]) / parameters.TauOutput
			}
		}
		return
	}
	if parameters.TauOutput > 0 {
		for i := range output {
			df[i] = (full.value[i] - output[i]) / parameters.TauOutput
		}
	}
	learn, leak := 1/parameters.Write, 1/parameters.TauPresynaptic
	for i := range dg {
		dg[i] = float64(learn*hidden[i]) - float64(leak*coupling[i])
	}
	for i, fi := range output {
		full.drive[i] = float64(full.learning * (learn * fi))
	}
	copy(dy[full.hebbian:], state[full.hebbian:])
	kernel.DecayRank1(-1/parameters.TauHebbian, full.drive, hidden, dy[full.hebbian:])
}

func (full *fullState) decay(state, dy []float64, tau float64) {
	clear(dy)
	if leak := -1 / tau; leak != 0 {
		kernel.Axpy(leak, state, dy)
	}
}

// finish reads off the results at the end of a segment.
func (full *fullState) finish(state []float64, result *Result) error {
	full.read(full.seg.Start+full.seg.Duration, state)
	full.pool.settle(full.course(), full.into, full.states(state))
	output := state[full.output : full.output+full.width]
	if full.seg.Phase == Writing {
		return nil
	}
	if full.parameters.TauOutput == 0 {
		full.recall(state)
		copy(output, full.drive)
	}
	if full.seg.Blank {
		return nil
	}
	if err := full.parameters.Division.check(full.seg, min(full.lowest, slices.Min(full.levels))); err != nil {
		return err
	}
	head := full.head
	copy(result.Output[full.seg.Token*head.Values:], output[:head.Values])
	if full.opt.Attention {
		copy(result.Attention[full.seg.Token*head.Tokens:], output[head.Values:])
	}
	full.take(result, state)
	return nil
}

// take takes note of the astrocyte at the end of a read.
func (full *fullState) take(result *Result, state []float64) {
	astrocyte, token, count := full.pool.astrocyte, full.seg.Token, full.pool.count
	if result.Pools == nil {
		result.take(astrocyte, token, &coefficients{calcium: full.levels[0], astrocyte: full.states(state)})
		return
	}
	copy(result.Pools[token*count:], full.levels)
	hidden, values := state[full.hidden:full.hidden+full.neurons], full.head.Values
	reads, recalled := make([]dividedRead, count), make([][]float64, count)
	for c, p := range full.levels {
		result.Calcium[token] += p / float64(count)
		reads[c] = dividedRead{phi: 1 / full.divisor(c, state), divisor: astrocyte.normalizer(p, full.pool.of(c, full.states(state)))}
		for i := range values {
			recalled[c] = append(recalled[c], kernel.Dot(full.part(c, full.row(i, state)), full.part(c, hidden)))
		}
	}
	if result.Normalizer != nil {
		of := func(c int) []float64 { return recalled[c] }
		result.Normalizer[token] = effectiveDivisor(reads, of, of, values)
	}
}
