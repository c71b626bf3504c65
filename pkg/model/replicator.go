package model

import (
	"context"
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/pkg/integrator"
)

// A replicator is a rival of the tripartite network (science §7, after Arenas & Vivet
// 2026): one astrocytic gain for each stored token, and no hidden layer. While query t is
// read the gains compete,
//
//	τ_a da_s/dt = a_s [ℓ_s − ln a_s − Σ_r a_r (ℓ_r − ln a_r)]    from a_s = 1/N,    f = Σ_s a_s v_s,
//
// ℓ_s = q_t·k_s, over the tokens that t sees. On the simplex that is solved by
//
//	a(t) = softmax((1 − e^{−t/τ_a}) ℓ):
//
// softmax attention at a temperature that settles. Between reads the gains rest at their
// start, and f is what is written. Here ℓ_s is the logarithm of the head's kernel, which a
// common factor of a query's scores does not change.
type replicator struct {
	*recital
	reach func(Segment) error // takes the gains through a read, with its samples

	logits  []float64 // ℓ of the read at hand, [N or, causal, t+1]
	gains   []float64 // a, likewise
	output  []float64 // f, [d_v]
	panel   []float64 // gains at a panel's nodes, and what they answer, while a read is followed
	answers []float64
	seen    observedGains

	// Of the numerical solution: ln a of all tokens is its state.
	stepper *integrator.Integrator
	logs    []float64
	size    float64 // √N atol of the gains as one vector
	rtol    float64
}

// Replicated reports whether the gains of tokens take the place of the hidden layer.
func (parameters Parameters) Replicated() bool { return parameters.Circuit == Replicator }

// least stands for the logarithm of a score of 0, which is one too small for a float64.
var least = portable.Log(math.SmallestNonzeroFloat64)

func newReplicator(ctx context.Context, head *Head, parameters Parameters, opt Options) *replicator {
	replicator := &replicator{recital: newRecital(ctx, head, parameters, opt), output: make([]float64, head.Values)}
	replicator.result.Calcium = nil
	return replicator
}

// replicate is Exact of a replicator.
func (head *Head) replicate(ctx context.Context, parameters Parameters, opt Options) (Result, error) {
	replicator := newReplicator(ctx, head, parameters, opt)
	if opt.Dwell {
		replicator.answers = make([]float64, panelNodes*head.Values)
		replicator.result.Dwell = &Dwell{Output: make([]float64, head.Tokens*head.Values), Peak: make([]float64, head.Tokens)}
	}
	replicator.reach = func(seg Segment) error {
		for _, at := range opt.Recorder.times(seg) {
			replicator.settle(at)
			replicator.sample(seg.Start+at, seg)
		}
		if dwell := replicator.result.Dwell; dwell != nil {
			replicator.follow(seg, dwell)
		}
		replicator.settle(seg.Duration)
		return nil
	}
	return replicator.run(replicator, opt)
}

// integrateReplicator is Integrate of a replicator.
func (head *Head) integrateReplicator(ctx context.Context, parameters Parameters, solver Solver, opt Options) (Result, integrator.Stats, error) {
	replicator := newReplicator(ctx, head, parameters, opt)
	if parameters.TauGain == 0 { // nothing moves
		result, err := head.replicate(ctx, parameters, opt)
		return result, integrator.Stats{}, err
	}
	replicator.logs, replicator.rtol = make([]float64, head.Tokens), solver.Rtol
	replicator.size = math.Sqrt(float64(head.Tokens)) * solver.Atol
	settings := solver.settings(parameters)
	settings.Norm = integrator.NormFunc(replicator.norm)
	var reading Segment
	if opt.Recorder != nil {
		settings.Save = integrator.Save{At: opt.Recorder.reads(parameters.Schedule(head.Tokens)), Function: func(time float64, state, _ []float64) {
			replicator.take(state)
			replicator.sample(time, reading)
		}}
	}
	var err error
	problem := integrator.Problem{Derivative: replicator.derivative, Jacobian: replicator.jacobian}
	if replicator.stepper, err = integrator.New(problem, head.Tokens, solver.Method, settings); err != nil {
		return Result{}, integrator.Stats{}, err
	}
	begun := false
	replicator.reach = func(seg Segment) error {
		reading = seg
		rest := -portable.Log(float64(len(replicator.logits)))
		for s := range replicator.logs {
			replicator.logs[s] = rest
		}
		if begin := replicator.stepper.Restart; begun {
			begin(seg.Start, replicator.logs)
		} else {
			replicator.stepper.Reset(seg.Start, replicator.logs)
		}
		begun = true
		if status := replicator.stepper.Advance(ctx, seg.Start+seg.Duration); status.Err() != nil {
			return solverError(ctx, seg, status)
		}
		replicator.take(replicator.stepper.State())
		return nil
	}
	result, err := replicator.run(replicator, opt)
	return result, replicator.stepper.Stats(), err
}

func (replicator *replicator) write(int) {} // tokens are known by their keys and values

func (replicator *replicator) read(seg Segment) (output, attention []float64, err error) {
	if err := replicator.present(seg.Token); err != nil {
		return nil, nil, err
	}
	if err := replicator.reach(seg); err != nil {
		return nil, nil, err
	}
	replicator.answer()
	return replicator.output, replicator.gains, nil
}

// rest leaves the gains where a read begins.
func (replicator *replicator) rest(seg Segment, output []float64) observed {
	replicator.gains = replicator.gains[:0]
	for range replicator.head.seen(seg.Token, replicator.parameters.Causal) {
		replicator.gains = append(replicator.gains, 0)
	}
	replicator.begin()
	replicator.seen = observedGains{replicator.recorder, replicator.gains, output}
	return &replicator.seen
}

// present sets the logits of a query over the tokens that it sees.
func (replicator *replicator) present(token int) error {
	scores := replicator.head.seen(token, replicator.parameters.Causal)
	replicator.logits, replicator.gains = replicator.logits[:0], replicator.gains[:0]
	for s, score := range scores {
		logit := least
		switch {
		case score > 0:
			logit = portable.Log(score)
		case !(score == 0):
			return fmt.Errorf("model: the score of query %d and key %d is %g: gains compete by its logarithm, so take features that are nowhere negative", token, s, score)
		}
		replicator.logits, replicator.gains = append(replicator.logits, logit), append(replicator.gains, 0)
	}
	return nil
}

// begin sets the gains to where a read begins.
func (replicator *replicator) begin() {
	for s := range replicator.gains {
		replicator.gains[s] = 1 / float64(len(replicator.gains))
	}
}

// settle sets the gains to softmax((1 − e^{−t/τ_a}) ℓ).
func (replicator *replicator) settle(time float64) {
	share := rise(rate(replicator.parameters.TauGain), time)
	for s, logit := range replicator.logits {
		replicator.gains[s] = share * logit
	}
	normalize(replicator.gains)
}

// take sets the gains to those of a state.
func (replicator *replicator) take(state []float64) {
	copy(replicator.gains, state)
	normalize(replicator.gains)
}

// normalize sets x to softmax(x).
func normalize(x []float64) {
	kernel.Exp(x, x, -kernel.Max(x))
	var sum float64
	for _, gain := range x {
		sum += gain
	}
	for s := range x {
		x[s] /= sum
	}
}

// answer sets f to Σ a_s v_s.
func (replicator *replicator) answer() {
	seen, values := len(replicator.gains), replicator.head.Values
	kernel.Gemm(false, false, 1, values, seen, 1, replicator.gains, seen, replicator.head.V, values, 0, replicator.output, values)
}

// follow sets the average of f over a read and the largest ‖f‖ in it. Which tokens lead
// changes with ln(1 − e^{−t/τ_a}), so the panels of the quadrature are graded from the
// read's start.
func (replicator *replicator) follow(seg Segment, dwell *Dwell) {
	values, parameters := replicator.head.Values, &replicator.parameters
	average := dwell.Output[seg.Token*values : (seg.Token+1)*values]
	look := func(output []float64) {
		dwell.Peak[seg.Token] = max(dwell.Peak[seg.Token], math.Sqrt(kernel.Dot(output, output)))
	}
	to := seg.Duration
	if parameters.TauGain > 0 {
		spread := kernel.Max(replicator.logits) - lowest(replicator.logits)
		to = min(to, parameters.TauGain/(1+spread))
		replicator.begin()
		replicator.answer()
		look(replicator.output)
	}
	for from := 0.0; from < seg.Duration; from, to = to, min(seg.Duration, 2*to) {
		replicator.panel = replicator.panel[:0]
		for _, x := range gaussLegendre.x {
			replicator.settle(from + float64(x*(to-from)))
			replicator.panel = append(replicator.panel, replicator.gains...)
		}
		seen := len(replicator.gains)
		kernel.Gemm(false, false, panelNodes, values, seen, 1, replicator.panel, seen, replicator.head.V, values, 0, replicator.answers, values)
		for node, weight := range gaussLegendre.w {
			output := replicator.answers[node*values : (node+1)*values]
			look(output)
			kernel.Axpy(float64(weight*(to-from))/seg.Duration, output, average)
		}
	}
	replicator.settle(seg.Duration)
	replicator.answer()
	look(replicator.output)
}

func lowest(x []float64) float64 {
	least := x[0]
	for _, value := range x {
		least = min(least, value)
	}
	return least
}

// derivative is the equation in u = ln a: τ_a du_s/dt = ℓ_s − u_s − Σ_r a_r (ℓ_r − u_r), with
// a = softmax(u), so that the gains sum to 1 whatever the error of u. Tokens that the
// query does not see stay where they are.
func (replicator *replicator) derivative(_ float64, state, dy []float64) {
	clear(dy)
	seen := len(replicator.logits)
	replicator.take(state[:seen])
	mean := replicator.mean(state)
	for s, logit := range replicator.logits {
		dy[s] = (logit - state[s] - mean) / replicator.parameters.TauGain
	}
}

// mean is Σ_r a_r (ℓ_r − u_r).
func (replicator *replicator) mean(state []float64) float64 {
	var mean float64
	for s, gain := range replicator.gains {
		mean += float64(gain * (replicator.logits[s] - state[s]))
	}
	return mean
}

func (replicator *replicator) jacobian(_ float64, state []float64, add func(row, column int, partial float64)) {
	replicator.take(state[:len(replicator.logits)])
	mean, tau := replicator.mean(state), replicator.parameters.TauGain
	for column, gain := range replicator.gains {
		moves := gain * (replicator.logits[column] - state[column] - mean - 1) // of the mean
		for row := range replicator.gains {
			add(row, column, -moves/tau)
		}
		add(column, column, -1/tau)
	}
}

// norm is the error of the gains as one vector.
func (replicator *replicator) norm(_, _ float64, before, after, errors []float64) float64 {
	seen := len(replicator.logits)
	var off, size float64
	for _, state := range [][]float64{before, after} {
		replicator.take(state[:seen])
		var square, wrong float64
		for s, gain := range replicator.gains {
			square += float64(gain * gain)
			wrong += float64(gain * gain * errors[s] * errors[s])
		}
		off, size = max(off, wrong), max(size, square)
	}
	return math.Sqrt(off) / (replicator.size + float64(replicator.rtol*math.Sqrt(size)))
}

// sample records the gains and what they answer.
func (replicator *replicator) sample(time float64, seg Segment) {
	replicator.answer()
	replicator.seen = observedGains{replicator.recorder, replicator.gains, replicator.output}
	replicator.recorder.sample(time, seg, &replicator.seen)
}

// observedGains is a replicator's state: it has no other variables.
type observedGains struct {
	recorder      *Recorder
	gains, output []float64
}

func (state *observedGains) hiddenRates(into []float64) []float64 {
	return append(into, make([]float64, len(state.recorder.Hidden))...)
}
func (state *observedGains) outputRates(into []float64) []float64 {
	return pick(into, state.output, state.recorder.Output)
}
func (state *observedGains) calciumNow() float64  { return 0 }
func (state *observedGains) hebbianNorm() float64 { return 0 }
func (state *observedGains) divisorNow() float64  { return 1 }
func (state *observedGains) halfEffect() float64  { return 0 }

// tokenGains appends the gains of the recorder's tokens; 0 of those that are not seen.
func (state *observedGains) tokenGains(into []float64) []float64 {
	for _, token := range state.recorder.Tokens {
		var gain float64
		if token < len(state.gains) {
			gain = state.gains[token]
		}
		into = append(into, gain)
	}
	return into
}
