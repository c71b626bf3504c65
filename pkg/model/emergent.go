package model

import (
	"context"
	"errors"
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/integrator"
)

// In emergent division (science §5; Kozachkov, Slotine & Krotov, appendix C) no synapse is
// told to divide: an astrocyte's process sets the rate at which its synapse's effect decays,
// and the processes exchange calcium until all have the same. While query t is read
//
//	τ_f df_i/dt  = −f_i + Σ_α s_iα h_α
//	τ_s ds_iα/dt = −p_iα s_iα + c_iα          from s = f = 0
//	τ_x dp_iα/dt = Σ_jβ (p_jβ − p_iα)         from p_iα = σ φ_α(q_t) g_α
//
// with h = φ(q_t) at once, c = σ/m Σ_k v_k φ(k)ᵀ and g = Σ_k φ(k) over what is stored. So
// p tends to its mean p* = σ Z/m, Z = g·φ(q_t), s to c/p* and f to Σ_k v_k φ(k)·φ(q_t)/Z:
// kernel attention, whatever σ is, which scales c and p together and with them the rate p*/τ_s.
//
// p_iα and s_iα/c_iα depend on α alone, so m of each are enough. With r_α = p_iα(0)/p*,
//
//	p_α(t)/p* = 1 + (r_α − 1) e^{−kt},   k = d_v m/τ_x
//	dx_α/dt   = (p*/τ_s) (1 − p_α/p* x_α),   τ_f dF_α/dt = x_α − F_α,   f = (1/Z) Σ_k v_k Σ_α φ_α(k) φ_α(q_t) F_α
//
// where x is s p*/c. That is the reduced form, linear and of m uncoupled pairs. x_α and F_α
// depend on r_α alone, by e^{ε(e^{−kt} − e^{−ks})} with ε = (r_α − 1) p*/(k τ_s), and r lies
// between 0 and m; so few pairs, at Chebyshev's points of r, tell all others by the
// polynomial through them.
type emergent struct {
	*recital
	solver    Solver
	width     int       // d_v or, with attention, d_v + N
	relaxes   float64   // k, 1/s
	contents  []float64 // Σ v φᵀ, [m×width]
	coupling  []float64 // g, [m]
	query     []float64 // φ(q), [m]
	sum       float64   // Z
	all       []float64 // r of each neuron, [m]
	ratios    []float64 // r of each pair that is integrated, [n]
	effects   []float64 // what each pair's F makes of f, [n×width]
	weights   []float64 // the norms of its rows, without the attention's, [n]
	spread    []float64 // of each neuron over the pairs, φ_α(q)/Z times the polynomials through them, [n×m]
	settling  float64   // p*/τ_s, 1/s
	state     []float64 // x, then F where f has a time constant, then ∫F where f is averaged
	stepper   stepping
	at        Segment
	output    []float64 // [width]
	offAtol   float64   // of the pairs as one vector, over the weights' norm
	averaging bool
	seen      observedProcesses
}

// Emergent reports whether the division is that of synapses whose decay processes set.
func (parameters Parameters) Emergent() bool { return parameters.Circuit == EmergentDivision }

var errProcesses = errors.New("model: each process has calcium of its own, so single neurons are needed, and this head is known by its inner products alone")

// divide integrates the reduced form of emergent division.
func (head *Head) divide(ctx context.Context, parameters Parameters, solver Solver, opt Options) (Result, integrator.Stats, error) {
	if head.byGram() {
		return Result{}, integrator.Stats{}, errProcesses
	}
	network := newEmergent(ctx, head, parameters, solver, opt)
	if err := network.prepare(opt); err != nil {
		return Result{}, integrator.Stats{}, err
	}
	result, err := network.run(network, opt)
	if network.stepper == nil {
		return result, integrator.Stats{}, err
	}
	if exactly, ok := network.stepper.(*exactStepper); ok {
		result.Steps = exactly.steps()
	}
	return result, network.stepper.Stats(), err
}

func newEmergent(ctx context.Context, head *Head, parameters Parameters, solver Solver, opt Options) *emergent {
	m := head.Neurons
	network := &emergent{
		recital: newRecital(ctx, head, parameters, opt), solver: solver, width: head.Values, relaxes: float64(head.Values*m) / parameters.TauExchange,
		coupling: make([]float64, m), all: make([]float64, m), averaging: opt.Dwell,
	}
	if opt.Attention {
		network.width += head.Tokens
	}
	network.contents, network.output = make([]float64, m*network.width), make([]float64, network.width)
	network.result.Normalizer = make([]float64, head.Tokens)
	if opt.Dwell {
		network.result.Dwell = &Dwell{Output: make([]float64, head.Tokens*head.Values), Peak: make([]float64, head.Tokens)}
	}
	return network
}

// prepare makes the integrator, but where synapses settle at once.
func (network *emergent) prepare(opt Options) error {
	parameters, n := &network.parameters, network.pairs()
	network.ratios, network.weights = make([]float64, n), make([]float64, n)
	network.effects, network.spread = make([]float64, n*network.width), make([]float64, n*network.head.Neurons)
	parts := 1
	if parameters.TauOutput > 0 {
		parts++
	}
	if network.averaging {
		parts++
	}
	network.state = make([]float64, parts*n)
	if parameters.TauSynapse == 0 {
		return nil
	}
	network.offAtol = network.solver.Atol
	settings := network.solver.settings(*parameters)
	settings.FirstStep, settings.Carry = 0, integrator.Estimate
	settings.Norm = integrator.NormFunc(network.norm)
	if network.result.Dwell != nil {
		settings.Accepted = func(_, _ float64, state []float64) { network.look(state) }
	}
	if opt.Recorder != nil {
		settings.Save = integrator.Save{At: opt.Recorder.reads(parameters.Schedule(network.head.Tokens)), Function: func(time float64, state, _ []float64) {
			network.sample(time, state)
		}}
	}
	var err error
	network.stepper, err = network.solver.stepper(integrator.Problem{Derivative: network.derivative, Jacobian: network.jacobian}, len(network.state), settings)
	return err
}

func (network *emergent) write(token int) {
	head, m := network.head, network.head.Neurons
	phi, value := head.PhiK[token*m:(token+1)*m], head.V[token*head.Values:(token+1)*head.Values]
	kernel.Axpy(1, phi, network.coupling)
	for neuron, rate := range phi {
		row := network.contents[neuron*network.width : (neuron+1)*network.width]
		kernel.Axpy(rate, value, row[:head.Values])
		if network.width > head.Values {
			row[head.Values+token] += rate
		}
	}
}

// present sets what a query is answered by.
func (network *emergent) present(seg Segment) error {
	head, m, parameters := network.head, network.head.Neurons, &network.parameters
	network.at = seg
	network.query = head.PhiQ[seg.Token*m : (seg.Token+1)*m]
	network.sum = kernel.Dot(network.query, network.coupling)
	if !(network.sum > parameters.Division.Floor) {
		return &FloorError{Segment: seg, Calcium: network.sum, Floor: parameters.Division.Floor}
	}
	network.result.Calcium[seg.Token], network.result.Normalizer[seg.Token] = network.sum, network.sum
	network.settling = parameters.Division.Processes * network.sum / float64(m) / parameters.TauSynapse
	for neuron, rate := range network.query {
		network.all[neuron] = float64(m) * rate * network.coupling[neuron] / network.sum
	}
	network.gather()
	clear(network.state)
	return nil
}

func (network *emergent) read(seg Segment) (output, attention []float64, err error) {
	if err := network.present(seg); err != nil {
		return nil, nil, err
	}
	values := network.head.Values
	if network.stepper == nil {
		for _, at := range network.recorder.times(seg) {
			network.settle(at)
			network.sample(seg.Start+at, network.state)
		}
		network.settle(seg.Duration)
		network.look(network.state)
	} else {
		if network.stepper.Stats().Accepted == 0 {
			network.stepper.Reset(seg.Start, network.state)
		} else {
			network.stepper.Restart(seg.Start, network.state)
		}
		if status := network.stepper.Advance(network.ctx, seg.Start+seg.Duration); status.Err() != nil {
			return nil, nil, solverError(network.ctx, seg, status)
		}
		copy(network.state, network.stepper.State())
	}
	if dwell := network.result.Dwell; dwell != nil {
		network.answer(network.state[len(network.state)-len(network.ratios):])
		average := dwell.Output[seg.Token*values : (seg.Token+1)*values]
		copy(average, network.output)
		scale(average, 1/seg.Duration)
	}
	network.answer(network.felt(network.state))
	return network.output[:values], network.output[values:], nil
}

// felt is F of a state.
func (network *emergent) felt(state []float64) []float64 {
	n := len(network.ratios)
	if network.parameters.TauOutput > 0 {
		return state[n : 2*n]
	}
	return state[:n]
}

// answer sets f to what so much of each pair is.
func (network *emergent) answer(felt []float64) {
	n := len(network.ratios)
	kernel.Gemm(false, false, 1, network.width, n, 1, felt, n, network.effects, network.width, 0, network.output, network.width)
}

// look takes note of ‖f‖ in a read whose course is asked for.
func (network *emergent) look(state []float64) {
	if dwell := network.result.Dwell; dwell != nil {
		network.answer(network.felt(state))
		output := network.output[:network.head.Values]
		dwell.Peak[network.at.Token] = max(dwell.Peak[network.at.Token], math.Sqrt(kernel.Dot(output, output)))
	}
}

// settle sets the state to where it is after some time with synapses, and the exchange,
// that take none.
func (network *emergent) settle(time float64) {
	n, rate := len(network.ratios), rate(network.parameters.TauOutput)
	for i := range network.state {
		network.state[i] = 1
	}
	if network.parameters.TauOutput > 0 {
		for i := range n {
			network.state[n+i] = rise(rate, time)
		}
	}
	if network.averaging {
		whole := time
		if network.parameters.TauOutput > 0 {
			whole -= rise(rate, time) / rate
		}
		for i := len(network.state) - n; i < len(network.state); i++ {
			network.state[i] = whole
		}
	}
}

// excess is e^{−kt} after so long of the read.
func (network *emergent) excess(time float64) float64 {
	return decay(network.relaxes, time-network.at.Start)
}

func (network *emergent) derivative(time float64, state, dy []float64) {
	n, excess := len(network.ratios), network.excess(time)
	for i, ratio := range network.ratios {
		share := 1 + float64((ratio-1)*excess)
		dy[i] = network.settling * (1 - float64(share*state[i]))
	}
	felt := network.felt(state)
	if tau := network.parameters.TauOutput; tau > 0 {
		for i := range n {
			dy[n+i] = (state[i] - felt[i]) / tau
		}
	}
	if network.averaging {
		copy(dy[len(dy)-n:], felt)
	}
}

func (network *emergent) jacobian(time float64, state []float64, add func(row, column int, partial float64)) {
	n, excess := len(network.ratios), network.excess(time)
	outer := 0
	if tau := network.parameters.TauOutput; tau > 0 {
		outer = n
		for i := range n {
			add(n+i, i, 1/tau)
			add(n+i, n+i, -1/tau)
		}
	}
	for i, ratio := range network.ratios {
		add(i, i, -network.settling*(1+float64((ratio-1)*excess)))
		if excess > 0 && network.relaxes < math.Inf(1) {
			add(i, len(state), network.settling*(ratio-1)*excess*network.relaxes*state[i])
		}
		if network.averaging {
			add(len(state)-n+i, outer+i, 1)
		}
	}
}

// norm is the error of what x and F make of f, each as one vector: the pairs by their
// weights in it.
func (network *emergent) norm(_, _ float64, before, after, errors []float64) float64 {
	n := len(network.ratios)
	size := func(part []float64) float64 {
		var sum float64
		for i, weight := range network.weights {
			weighted := weight * part[i]
			sum += float64(weighted * weighted)
		}
		return math.Sqrt(sum)
	}
	var worst float64
	for from := 0; from < len(before); from += n {
		worst = max(worst, size(errors[from:])/(network.offAtol+float64(network.solver.Rtol*max(size(before[from:]), size(after[from:])))))
	}
	return worst
}
