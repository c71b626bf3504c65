package experiment

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/model"
)

// headResult is what a run knows of one head.
type headResult struct {
	circuit    *circuit
	rungs      []compare.Rung
	report     compare.HeadReport
	stats      integrator.Stats
	trajectory *model.Trajectory
	recorded   recorded
}

// recorded names the neurons of a trajectory.
type recorded struct{ hidden, output []int }

// solveHead climbs the ladder for one head (science §2).
func solveHead(ctx context.Context, cfg *config.Config, in *headInput, progress func(segments int)) (*headResult, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	c, err := buildCircuit(cfg, in)
	if err != nil {
		return nil, err
	}
	r := &headResult{circuit: c}
	if c.softmax != nil {
		r.rungs = append(r.rungs, compare.Rung{Name: compare.Softmax, Attention: c.softmax.attention, Output: c.softmax.output, Normalizer: c.softmax.z})
	}
	kernel := c.head.Discrete(c.params.Causal, c.params.Floor, model.Options{Attention: cfg.Record.Attention})
	r.add(compare.Kernel, kernel)

	causes := map[string][]float64{}
	if cfg.Solver.Method != "none" {
		if causes, err = r.dynamics(ctx, cfg, progress); err != nil {
			return nil, fmt.Errorf("%s: %w", in.label(), err)
		}
	}
	r.report = compare.Head(r.comparison(cfg, causes))
	c.release()
	return r, nil
}

// add appends a rung of the network.
func (r *headResult) add(name string, x model.Result) {
	r.circuit.warnFloor(x, name)
	r.rungs = append(r.rungs, compare.Rung{Name: name, Attention: x.Attention, Output: x.Output, Normalizer: r.circuit.calcium(x.Normalizer)})
}

// dynamics adds the rungs of the continuous network, and returns the outputs
// with one cause at a time.
func (r *headResult) dynamics(ctx context.Context, cfg *config.Config, progress func(int)) (map[string][]float64, error) {
	c := r.circuit
	exact, err := c.head.Exact(ctx, c.params, model.Options{Attention: cfg.Record.Attention})
	if err != nil {
		return nil, err
	}
	r.add(compare.Exact, exact)

	causes := map[string][]float64{}
	for _, cause := range model.Causes() {
		if !c.params.Has(cause) {
			continue
		}
		only, err := c.head.Exact(ctx, c.params.Only(cause), model.Options{})
		// Without the calcium's inertia a signed map may reach the floor where the
		// whole network does not: then that cause alone has no answer.
		if floor := (*model.FloorError)(nil); errors.As(err, &floor) {
			c.warnings = append(c.warnings, compare.Warning{Code: "cause-at-floor", Rung: compare.Exact, Text: fmt.Sprintf(
				"%s alone has no answer: calcium reaches its floor while token %d is read", causeNames[cause], floor.Segment.Token)})
			continue
		}
		if err != nil {
			return nil, err
		}
		causes[causeNames[cause]] = only.Output
	}

	solved, err := r.integrate(ctx, cfg, exact, progress)
	if err != nil {
		return nil, err
	}
	r.add(compare.Solver, solved)
	return causes, nil
}

var causeNames = map[model.Cause]string{
	model.CarryOver: compare.CarryOver, model.CalciumLag: compare.CalciumLag, model.Leak: compare.Leak,
}

// integrate solves the network by the configured method and records its
// trajectory.
func (r *headResult) integrate(ctx context.Context, cfg *config.Config, exact model.Result, progress func(int)) (model.Result, error) {
	c, s := r.circuit, cfg.Solver
	opt := model.Options{Attention: cfg.Record.Attention, Progress: progress, Recorder: r.recorder(cfg)}
	if s.Method == "exact" {
		if opt.Recorder == nil {
			return exact, nil
		}
		// Stopping to sample changes the quadrature's panels, and with them the
		// last digit: the answer stays that of the rung below.
		opt.Attention = false
		_, err := c.head.Exact(ctx, c.params, opt)
		return exact, err
	}
	method, err := integrator.ByName(s.Method)
	if err != nil {
		return model.Result{}, err
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
	r.stats = stats
	return x, inConfigurationTerms(err, cfg)
}

// inConfigurationTerms adds to a solver's failure the keys that would mend it.
func inConfigurationTerms(err error, cfg *config.Config) error {
	var failure *integrator.Failure
	if !errors.As(err, &failure) {
		return err
	}
	s := cfg.Solver
	if s.Step > 0 {
		return fmt.Errorf("%w\nIn the configuration: shorten solver.step (now %s; it must be well below the shortest time constant), or use method dopri5 or exact", err, s.Step)
	}
	return fmt.Errorf("%w\nIn the configuration: change solver.rtol and solver.atol (now %g and %g), or use method exact", err, s.Rtol, s.Atol)
}

// recorder asks for the trajectory; nil where nothing is recorded.
func (r *headResult) recorder(cfg *config.Config) *model.Recorder {
	if len(cfg.Record.Variables) == 0 || cfg.Record.Arrays != "all" {
		return nil
	}
	c := r.circuit
	r.recorded = recorded{spread(cfg.Record.Neurons, c.neurons), spread(cfg.Record.Neurons, c.in.dv)}
	rec := &model.Recorder{Every: float64(cfg.Record.Every), Hidden: r.recorded.hidden, Output: r.recorded.output}
	r.trajectory = &rec.Trajectory
	return rec
}

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
func (r *headResult) comparison(cfg *config.Config, causes map[string][]float64) compare.HeadInput {
	c := r.circuit
	in := compare.HeadInput{
		Layer: c.in.layer, Head: c.in.head, Tokens: c.in.n, ValueDim: c.in.dv, Neurons: c.neurons,
		Causal: c.params.Causal, V: c.in.v, Rungs: r.rungs, Causes: causes, QueryGain: c.gain(),
		Synapses: c.head.Synapses(), AnalyticRelativeSD: math.NaN(),
	}
	if c.softmax != nil && c.softmax.deviations != nil {
		in.AnalyticRelativeSD = statistics.Quantile(c.softmax.deviations, 0.5)
	}
	in.Warnings = c.warnings
	return in
}
