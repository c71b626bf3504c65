package model

import (
	"context"
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/integrator"
)

// IntegrateFull integrates every h, f, g, p and H as one state of
// m + d_v + m + 1 + d_v·m variables, straight from science §1. It is the
// reference for [Head.Integrate] and what a general solver would do; with
// Options.Attention each value vector is joined by N coordinates, so that f and
// H grow to d_v + N rows. The local error is measured over h, f, g and p alike
// in both, so they take the same steps.
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
	if parameters.Divided() {
		return Result{}, integrator.Stats{}, errDivided
	}
	if head.byGram() {
		return Result{}, integrator.Stats{}, errIdeal
	}
	full := newFullState(head, parameters, opt)
	settings := solver.settings(parameters)
	tol := solver.tolerances(head.Neurons, head.Values, full.astrocyte)
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
			calcium, _ := full.level(time, state)
			full.lowest = min(full.lowest, calcium)
		}
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
	astrocyte                                  *astrocyte
	opt                                        Options
	neurons, width                             int
	hidden, coupling, calcium, output, hebbian int // offsets in the state
	phi, value                                 []float64
	noPhi                                      []float64 // of a blank
	seg                                        Segment
	late                                       *lateness
	exact                                      *exactSolver // of which late drives are
	spans                                      []span       // of the segment
	span                                       *span        // at hand
	learning                                   float64      // η
	drive                                      []float64    // (H∘P)h, [width]
	lowest                                     float64      // calcium met in the segment, if asked for
}

func newFullState(head *Head, parameters Parameters, opt Options) *fullState {
	width := head.Values
	if opt.Attention {
		width += head.Tokens
	}
	m, astrocyte := head.Neurons, parameters.astrocyte()
	output := 2*m + astrocyte.states
	full := &fullState{
		head: head, parameters: parameters, astrocyte: astrocyte, learning: parameters.Learning(), opt: opt, neurons: m, width: width,
		hidden: 0, coupling: m, calcium: 2 * m, output: output, hebbian: output + width,
		noPhi: make([]float64, m), value: make([]float64, width), drive: make([]float64, width),
	}
	full.exact = newExactSolver(context.Background(), parameters, nil)
	full.late = newLateness(&full.parameters, full.exact)
	return full
}

func (full *fullState) run(ctx context.Context, method integrator.Method, settings integrator.Settings) (Result, integrator.Stats, error) {
	head := full.head
	dim := full.hebbian + full.width*full.neurons
	stepper, err := integrator.New(integrator.Problem{Derivative: full.derivative, Events: full.astrocyte.events(full.calciumAt)}, dim, method, settings)
	if err != nil {
		return Result{}, integrator.Stats{}, err
	}
	start := make([]float64, dim)
	copy(start[full.calcium:], full.astrocyte.begin(full.parameters.Baseline))
	result := head.newResult(full.opt.Attention)
	result.Normalizer = full.parameters.normalizers(head.Tokens)
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
		for j := range full.spans {
			if full.span = &full.spans[j]; i > 0 || j > 0 {
				stepper.Discontinuity()
			}
			if status := full.astrocyte.advance(ctx, stepper, seg.Start+full.span.to, full.calcium, full.calciumAt); status.Err() != nil {
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
	result.AtFloor = full.parameters.Division.atFloor(result.Calcium)
	return result, stepper.Stats(), nil
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
	var own collected
	if full.parameters.Latency > 0 { // else what is collected is summed as it is
		own = full.collected(state)
	}
	full.spans = full.late.spans(seg, own, full.spans[:0])
	full.span = &full.spans[0]
}

// collected returns what the astrocyte's processes collect from here on.
func (full *fullState) collected(state []float64) collected {
	phi, hidden, coupling := full.phi, state[full.hidden:full.hidden+full.neurons], state[full.coupling:full.coupling+full.neurons]
	dot := kernel.Dot
	if full.parameters.FrozenCoupling {
		dot = meanProduct
	}
	return collected{
		phiPhi: dot(phi, phi), phiHidden: dot(phi, hidden), hiddenHidden: dot(hidden, hidden), gPhi: dot(coupling, phi), gHidden: dot(coupling, hidden),
	}
}

// meanProduct is x·y with x at its mean, (Σx)(Σy)/m.
func meanProduct(x, y []float64) float64 {
	var sumX, sumY float64
	for i := range x {
		sumX += x[i]
		sumY += y[i]
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

// ofAstrocyte is the part of a state, or of its rates, that is the astrocyte's.
func (full *fullState) ofAstrocyte(state []float64) []float64 { return state[full.calcium:full.output] }

// calciumAt returns p.
func (full *fullState) calciumAt(time float64, state []float64) float64 {
	p, _ := full.level(time, state)
	return p
}

// level returns p and what drives it, S.
func (full *fullState) level(time float64, state []float64) (calcium, drive float64) {
	hidden, coupling := state[full.hidden:full.hidden+full.neurons], state[full.coupling:full.coupling+full.neurons]
	switch {
	case full.parameters.Latency > 0:
		drift := full.exact.drift(full.span.phase, time-full.seg.Start-full.span.from)
		drive = full.span.drive.sum(&drift)
	case full.parameters.FrozenCoupling:
		drive = meanProduct(coupling, hidden)
	default:
		drive = kernel.Dot(coupling, hidden)
	}
	return full.astrocyte.level(full.span.course, drive, full.ofAstrocyte(state)), drive
}

// read sets full.drive to (H∘P)h.
func (full *fullState) read(state []float64, calcium float64) {
	hidden := state[full.hidden : full.hidden+full.neurons]
	gain := 1 / full.astrocyte.divisor(calcium, full.ofAstrocyte(state))
	for i := range full.width {
		row := state[full.hebbian+i*full.neurons : full.hebbian+(i+1)*full.neurons]
		full.drive[i] = 0
		if hh := kernel.Dot(row, hidden); hh != 0 {
			full.drive[i] = gain * hh
		}
	}
}

// derivative is science §1.
func (full *fullState) derivative(time float64, state, dy []float64) {
	m, parameters := full.neurons, &full.parameters
	hidden, dh := state[full.hidden:full.hidden+m], dy[full.hidden:full.hidden+m]
	coupling, dg := state[full.coupling:full.coupling+m], dy[full.coupling:full.coupling+m]
	output, df := state[full.output:full.output+full.width], dy[full.output:full.output+full.width]
	calcium, drive := full.level(time, state)

	clear(dy[:full.hebbian])
	if parameters.TauHidden > 0 {
		rate := 1 / parameters.TauHidden
		for i, phi := range full.phi {
			dh[i] = rate * (phi - hidden[i])
		}
	}
	full.astrocyte.derivative(full.span.course, drive, calcium, full.ofAstrocyte(state), full.ofAstrocyte(dy))
	if full.seg.Phase == Reading {
		full.decay(coupling, dg, parameters.TauPresynaptic)
		full.decay(state[full.hebbian:], dy[full.hebbian:], parameters.TauHebbian)
		if parameters.TauOutput > 0 {
			full.read(state, calcium)
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
	calcium, drive := full.level(full.seg.Start+full.seg.Duration, state)
	full.astrocyte.calcium.settle(full.span.course, drive, full.ofAstrocyte(state)[:full.astrocyte.own])
	output := state[full.output : full.output+full.width]
	if full.seg.Phase == Writing {
		return nil
	}
	if full.parameters.TauOutput == 0 {
		full.read(state, calcium)
		copy(output, full.drive)
	}
	if full.seg.Blank {
		return nil
	}
	if err := full.parameters.Division.check(full.seg, min(full.lowest, calcium)); err != nil {
		return err
	}
	head := full.head
	copy(result.Output[full.seg.Token*head.Values:], output[:head.Values])
	if full.opt.Attention {
		copy(result.Attention[full.seg.Token*head.Tokens:], output[head.Values:])
	}
	result.take(full.astrocyte, full.seg.Token, &coefficients{calcium: calcium, astrocyte: full.ofAstrocyte(state)})
	return nil
}

// sample records a state.
func (full *fullState) sample(time float64, state, _ []float64) {
	calcium, _ := full.level(time, state)
	output := state[full.output : full.output+full.width]
	if full.parameters.TauOutput == 0 && full.seg.Phase == Reading {
		full.read(state, calcium)
		output = full.drive
	}
	hebbian := state[full.hebbian : full.hebbian+full.head.Values*full.neurons]
	full.opt.Recorder.sample(time, full.seg, &observedState{
		full.opt.Recorder, state[full.hidden : full.hidden+full.neurons], output, hebbian, calcium,
		full.astrocyte.divisor(calcium, full.ofAstrocyte(state)), full.parameters.Division.HalfEffect, full.astrocyte, full.ofAstrocyte(state),
	})
}

// observedState is a state of which every variable is held.
type observedState struct {
	recorder                *Recorder
	hidden, output, hebbian []float64 // h, f, H
	calcium                 float64   // p
	divisor, half           float64   // 1/P, p_h
	model                   *astrocyte
	astrocyte               []float64 // its state
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

func (state *observedState) calciumNow() float64 { return state.calcium }
func (state *observedState) divisorNow() float64 { return state.divisor }
func (state *observedState) halfEffect() float64 { return state.half }
func (state *observedState) astrocyteNow(variable string) float64 {
	return state.model.variable(variable, state.astrocyte)
}

func (state *observedState) hebbianNorm() float64 {
	return math.Sqrt(kernel.Dot(state.hebbian, state.hebbian))
}
