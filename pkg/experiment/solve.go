package experiment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// HeadResult is what a run knows of one head.
type HeadResult struct {
	circuit   *circuit
	rungs     []compare.Rung
	causes    map[string][]float64 // outputs of the exact network with one cause alone
	pools     map[string][]float64 // calcium of every compartment, by rung, [N×C]
	report    compare.HeadReport
	stats     integrator.Stats
	exactly   []model.Steps // of the exact rung
	exact     model.Result  // released with the circuit
	effort    int           // of the exact rung and its causes, where there is no closed form
	predicted compare.Prediction
	ideal     []float64       // output of the exact network of infinitely many hidden neurons
	waits     *compare.Waits  // that its dynamics need; nil where it is not known
	recorder  *model.Recorder // nil where nothing is recorded
}

// climbs are how the rungs are solved, by name, with whether a run has them
// (science §2).
var climbs = map[string]struct {
	has   func(*config.Config, *headInput) bool
	solve func(*HeadResult, *ascent) (model.Result, error)
}{
	compare.Softmax: {func(_ *config.Config, in *headInput) bool { return !in.given() }, (*HeadResult).softmax},
	compare.Kernel:  {func(*config.Config, *headInput) bool { return true }, (*HeadResult).kernel},
	compare.Exact:   {isIntegrated, (*HeadResult).dynamics},
	compare.Solver:  {isIntegrated, (*HeadResult).solver},
}

// integrated reports whether a run goes beyond the discrete network.
func integrated(cfg *config.Config) bool { return cfg.Solver.Method != "none" }

func isIntegrated(cfg *config.Config, _ *headInput) bool { return integrated(cfg) }

// rungsOf lists the rungs that a run has of a head, in the order of the ladder.
func rungsOf(cfg *config.Config, in *headInput) []string {
	return slices.DeleteFunc(compare.RungNames(), func(rung string) bool { return !climbs[rung].has(cfg, in) })
}

// ascent is what climbing the ladder needs besides the head.
type ascent struct {
	ctx      context.Context
	cfg      *config.Config
	progress func(segments int)
}

// solveHead climbs the ladder for one head (science §2).
func solveHead(ctx context.Context, cfg *config.Config, in *headInput, progress func(segments int)) (*HeadResult, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	c, err := buildCircuit(ctx, cfg, in)
	if err != nil {
		return nil, err
	}
	r := &HeadResult{circuit: c, causes: map[string][]float64{}, pools: map[string][]float64{}}
	for _, rung := range rungsOf(cfg, in) {
		x, err := climbs[rung].solve(r, &ascent{ctx, cfg, progress})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", in.label(), c.inConfigurationTerms(err, cfg, rung))
		}
		c.warnFloor(x, rung)
		answer := compare.Rung{Name: rung, Attention: x.Attention, Output: x.Output, Normalizer: x.Normalizer}
		r.pools[rung] = x.Pools
		if x.Dwell != nil {
			answer.Average, answer.Peak = x.Dwell.Output, x.Dwell.Peak
		}
		r.rungs = append(r.rungs, answer)
	}
	if r.predicted, err = predict(ctx, cfg, in); err != nil {
		return nil, err
	}
	r.report = compare.Head(r.comparison())
	r.exact = model.Result{}
	c.release(cfg.Record.Features)
	return r, nil
}

func (r *HeadResult) softmax(*ascent) (model.Result, error) {
	a := r.circuit.softmax
	return model.Result{Attention: a.attention, Output: a.output, Normalizer: a.z}, nil
}

func (r *HeadResult) kernel(up *ascent) (model.Result, error) {
	c := r.circuit
	return c.inUnits(c.head.Discrete(c.params.Causal, c.params.Division, model.Options{Attention: up.cfg.Record.Attention})), nil
}

// dynamics solves the network exactly, and once more with one cause at a time.
func (r *HeadResult) dynamics(up *ascent) (model.Result, error) {
	c := r.circuit
	opt := model.Options{Attention: up.cfg.Record.Attention, Dwell: true, Other: otherMethod(up.cfg)}
	if !solvedAgain(up.cfg) || counts(c.params) {
		opt.Progress = up.progress
	}
	exact, err := c.head.Exact(up.ctx, c.params, opt)
	if err != nil {
		return exact, err
	}
	r.exact, r.exactly = c.inUnits(exact), exact.Steps
	r.effort = effort(exact.Evaluations(), c.params)
	for _, cause := range compare.CausesIn(c.params, c.sums) {
		alone, opt := cause.Only(c.params), model.Options{}
		if counts(alone) {
			opt.Progress = up.progress
		}
		only, err := c.head.Exact(up.ctx, alone, opt)
		// Without the calcium's inertia a signed map may reach the floor, and without a
		// floor a silent query divide by 0, where the whole network does not: then that
		// cause alone has no answer.
		if token := unanswered(err); token >= 0 {
			c.warnings = append(c.warnings, compare.Warning{Code: "cause-at-floor", Rung: compare.Exact, Text: fmt.Sprintf(
				"%s alone has no answer: calcium reaches its floor while token %d is read", cause.Name, token)})
			continue
		}
		if err != nil {
			return exact, err
		}
		r.causes[cause.Name] = only.Output
		r.effort += effort(only.Evaluations(), alone)
	}
	if r.ideal, err = c.infiniteWidth(up); err != nil {
		return exact, err
	}
	r.waits, err = c.needed(up, r.rung(compare.Kernel).Output, r.rungs[0].Output, exact.Output)
	return r.exact, err
}

// otherMethod is what the exact rung integrates an astrocyte by that has no closed form, where
// one of its own methods is the solver's: in the place of dop853 tsit5, in that of radau9, for
// what is stiff, rodas5p, which takes some ten times as many steps to 1e-11.
func otherMethod(cfg *config.Config) integrator.Method {
	switch cfg.Solver.Method {
	case integrator.Dop853().Name():
		return integrator.Tsit5()
	case integrator.Radau9().Name():
		return integrator.Rodas5P()
	}
	return nil
}

// unanswered returns the token at which a network stops that has nothing to divide
// by; −1 for other errors.
func unanswered(err error) int {
	var floor *model.FloorError
	var output *model.OutputError
	switch {
	case errors.As(err, &floor):
		return floor.Segment.Token
	case errors.As(err, &output) && output.Calcium <= 0:
		return output.Segment.Token
	}
	return -1
}

// infiniteWidth returns the output of the exact network of infinitely many hidden
// neurons, which a map that estimates exp(q·k) tends to; nil for other maps, and
// where no N × N matrix is to be formed.
func (c *circuit) infiniteWidth(up *ascent) ([]float64, error) {
	f := up.cfg.Network.Features
	switch {
	case c.softmax == nil, !up.cfg.Record.Attention, c.params.FrozenCoupling, c.params.Divided(), c.params.Emergent(), !features.Unbiased(f.Map), f.Map == features.Ideal:
		return nil, nil
	case f.QueryGain == features.GainNorm && !features.Positive(f.Map):
		return nil, nil // which drops another factor than that of the ideal map
	}
	cfg := *up.cfg
	cfg.Network.Features.Map, cfg.Network.Features.Neurons = features.Ideal, 0
	if cfg.Network.Features.QueryGain == features.GainRate {
		cfg.Network.Features.QueryGain = features.GainNone // of infinitely many neurons the rate is one for all
	}
	in := *c.in
	in.softmax = c.softmax
	ideal, err := buildCircuit(up.ctx, &cfg, &in)
	if err != nil {
		return nil, nil // tokens that are too long for exp(|x|²) to be held
	}
	x, err := ideal.head.Exact(up.ctx, ideal.params, model.Options{})
	return x.Output, err
}

// solver solves the network by the configured method.
func (r *HeadResult) solver(up *ascent) (model.Result, error) {
	c, s := r.circuit, up.cfg.Solver
	r.recorder = recorder(up.cfg, c)
	opt := model.Options{Attention: up.cfg.Record.Attention, Progress: up.progress, Recorder: r.recorder}
	if !solvedAgain(up.cfg) {
		return r.exact, nil
	}
	if s.Method == "exact" {
		// Stopping to sample changes the quadrature's panels, and with them the
		// last digit: the answer stays that of the rung below.
		opt.Attention = false
		_, err := c.head.Exact(up.ctx, c.params, opt)
		return r.exact, err
	}
	x, stats, err := c.integrate(up.ctx, up.cfg, opt)
	r.stats = stats
	if stats.Stiff {
		c.warnings = append(c.warnings, compare.Warning{Code: "stiff", Rung: "solver", Text: fmt.Sprintf(
			"from t = %.4g s on, stability and not accuracy limits the steps of %s: solver.method: rodas5p takes longer ones", stats.StiffTime, s.Method)})
	}
	return x, err
}

// integrate solves the network by the configured method, which takes steps.
func (c *circuit) integrate(ctx context.Context, cfg *config.Config, opt model.Options) (model.Result, integrator.Stats, error) {
	s := cfg.Solver
	method, err := integrator.ByName(s.Method)
	if err != nil {
		return model.Result{}, integrator.Stats{}, err
	}
	solver := model.Solver{
		Method: method, Step: float64(s.Step), Rtol: s.Rtol, Atol: s.Atol,
		HiddenUnit: c.unit(1), CalciumUnit: c.unit(2),
	}
	solve := c.head.Integrate
	if s.State == "full" {
		solve = c.head.IntegrateFull
	}
	x, stats, err := solve(ctx, c.params, solver, opt)
	return c.inUnits(x), stats, err
}

// inConfigurationTerms adds to a failure of a rung the keys that would mend it.
func (c *circuit) inConfigurationTerms(err error, cfg *config.Config, rung string) error {
	var stopped *integrator.Failure
	var floor *model.FloorError
	var large *integrator.SizeError
	var keys string
	s, network := cfg.Solver, cfg.Network.Parameters()
	exactly := "set solver.method: exact, which takes no steps"
	if !network.Closed() {
		exactly = "set solver.method: exact, which integrates little more than the astrocyte"
	}
	switch {
	case errors.As(err, &floor) && c.in.given():
		keys = "give features that are nowhere negative, or set solver.method: none"
	case errors.As(err, &floor):
		keys = fmt.Sprintf("the map %s is signed; set network.features.map to one that is not (%s), or solver.method: none",
			cfg.Network.Features.Map, strings.Join(features.Answering(), ", "))
	case errors.As(err, &large):
		keys = "set solver.state: reduced, or solver.method: dopri5"
	case errors.As(err, &stopped) && (rung == compare.Exact || s.Method == "exact"):
		keys = "set solver.method: none, which leaves the dynamics out"
		if network.Circuit == model.Tripartite {
			gentler := fmt.Sprintf("raise network.astrocyte.floor (now %g)", cfg.Network.Astrocyte.Floor)
			switch {
			case network.Division.Readout == model.Reciprocal:
				gentler = "set network.astrocyte.readout: receptor, which divides by no less than its half_effect, or " + gentler
			case network.Division.TauReceptor > 0:
				gentler = fmt.Sprintf("raise network.astrocyte.half_effect (now %g), with which receptors are slower, or set tau_receptor: 0ms", network.Division.HalfEffect)
			case network.Divided() && network.Compartments.Exchange > 0:
				gentler = "set a slower network.astrocyte.exchange, or compartments: 1"
			}
			keys = fmt.Sprintf("%s: this rung integrates the astrocyte, to 1e-11; or %s", gentler, keys)
		}
	case errors.As(err, &stopped) && stopped.Status.Reason == integrator.StepUnderflow && s.Step == 0:
		keys = fmt.Sprintf("raise solver.rtol and solver.atol (now %g and %g), or %s", s.Rtol, s.Atol, exactly)
	case errors.As(err, &stopped) && stopped.Status.Reason == integrator.TooManySteps && s.Step == 0 && !implicit(s.Method):
		keys = fmt.Sprintf("set solver.method: rodas5p or, for rtol below 1e-7, radau9, whose steps stability does not limit, or %s", exactly)
	case errors.As(err, &stopped):
		keys = exactly
	default:
		return err
	}
	return fmt.Errorf("%w\nIn the configuration: %s", err, keys)
}

// implicit reports whether a method is one for stiff problems.
func implicit(name string) bool {
	method, err := integrator.ByName(name)
	return err == nil && integrator.Implicit(method)
}

// recorder asks for the trajectory; nil where nothing is recorded.
func recorder(cfg *config.Config, c *circuit) *model.Recorder {
	if !recorded(cfg) {
		return nil
	}
	recorder := &model.Recorder{
		Every: float64(cfg.Record.Every), Hidden: recordedNeurons(cfg, c.neurons), Output: spread(cfg.Record.Neurons, c.in.dv),
	}
	if c.params.Replicated() {
		recorder.Tokens = spread(cfg.Record.Neurons, c.in.n)
	}
	if c.params.Emergent() {
		recorder.Processes = recorder.Hidden
	}
	return recorder
}

// recordedNeurons are the hidden neurons whose activity is recorded.
func recordedNeurons(cfg *config.Config, neurons int) []int {
	if !recorded(cfg) {
		return nil
	}
	return spread(cfg.Record.Neurons, neurons)
}

// recorded reports whether a run records its trajectory.
func recorded(cfg *config.Config) bool {
	return integrated(cfg) && len(cfg.Record.Variables) > 0 && cfg.Record.Arrays == "all"
}

// solvedAgain reports whether the solver has work of its own: by method exact it is
// only to record.
func solvedAgain(cfg *config.Config) bool { return cfg.Solver.Method != "exact" || recorded(cfg) }

// spread returns up to count indices spread evenly over n.
func spread(count, n int) []int {
	count = min(count, n)
	x := make([]int, count)
	for i := range x {
		x[i] = i * n / count
	}
	return x
}

// comparison gathers what compare.Head measures.
func (r *HeadResult) comparison() compare.HeadInput {
	c := r.circuit
	in := compare.HeadInput{
		Layer: c.in.layer, Head: c.in.head, Tokens: c.in.n, ValueDim: c.in.dv, Neurons: c.neurons,
		Causal: c.params.Causal, V: c.in.v, Rungs: r.rungs, Causes: r.causes, Ideal: r.ideal, Waits: r.waits, QueryGain: c.gain(),
		Synapses: c.head.Synapses(), AnalyticRelativeSD: math.NaN(), Predicted: r.predicted,
	}
	if c.softmax != nil && c.softmax.deviations != nil {
		in.AnalyticRelativeSD = features.MedianDeviation(c.softmax.deviations)
	}
	in.Warnings = c.warnings
	return in
}
