package experiment

import (
	"context"
	"math"
	"sync"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// The search for what would reduce the part that dominates a run's budget: knobs are
// turned (remedy_knobs.go), or neurons are drawn (remedy_neurons.go), and the network is
// solved again, until the part comes down to the aim. The bounds are counts, not times,
// so that a run's bytes do not depend on the machine; they keep a brief search to some
// tenths of a second, and to two or three seconds where an astrocyte takes steps, and that
// of small runs to much less.

// A reach is how far a search goes for an aim, by the names of record.remedy.
type reach struct {
	features float64 // that are evaluated
	draws    float64 // the same, in features of the run
	products int     // entries of all heads' Gram matrices that knobs are turned on
	effort   int     // derivatives that are evaluated of what has no closed form
}

var reaches = map[string]reach{
	"brief":    {2e7, 64, 1 << 20, 4e6},
	"thorough": {1e10, math.Inf(1), 1 << 28, 4e8},
}

// effort is what so many evaluations cost, in those of one pool of calcium: each
// compartment is about a tenth of one more.
func effort(evaluations int, params model.Parameters) int {
	return evaluations * (9 + max(1, params.Compartments.Count)) / 10
}

// remedy searches for what reduces the dominating part; nil where it is none that
// the table of causes, or the number of neurons, has knobs for.
func (p *Prepared) remedy(ctx context.Context, heads []*HeadResult, reports []compare.HeadReport) (*compare.Remedy, error) {
	part, now, _ := compare.DominantPart(reports)
	how := p.Config.Record.Remedy
	reach, ok := reaches[how]
	if !ok { // none is asked for
		return nil, nil
	}
	s := &search{
		ctx: ctx, p: p, heads: heads, part: part, network: p.Config.Network.Parameters(), reach: reach,
		found: &compare.Remedy{Part: part, Now: compare.Number(now), Search: how, Trials: []compare.Trial{}},
	}
	switch {
	case part == "kernel":
		return s.moreNeurons(now)
	case part != "" && part != "integration":
		return s.otherTimes(reports)
	}
	return nil, nil
}

// search is a search at work.
type search struct {
	ctx     context.Context
	p       *Prepared
	heads   []*HeadResult
	part    string
	network model.Parameters // in the configuration's units
	reach   reach
	found   *compare.Remedy

	mu    sync.Mutex
	spare []*features.Activity // which are needed no more
	spent int                  // effort
}

// affords reports whether what costs so much effort is within reach.
func (s *search) affords(effort float64) bool {
	return float64(s.spent)+float64(effort) <= float64(s.reach.effort)
}

// own is the effort of the run's exact rung and its causes, over all heads.
func (s *search) own() float64 {
	sum := 0
	for _, h := range s.heads {
		sum += h.effort
	}
	return float64(sum)
}

// again builds a head again, as a configuration has it.
func (s *search) again(i int, cfg *config.Config) (*circuit, error) {
	in := *s.heads[i].circuit.in
	in.softmax = s.heads[i].circuit.softmax
	s.mu.Lock()
	if last := len(s.spare) - 1; last >= 0 {
		in.over, s.spare = s.spare[last], s.spare[:last]
	}
	s.mu.Unlock()
	return buildCircuit(s.ctx, cfg, &in)
}

// drop gives up circuits that were built again: the next are written over them.
func (s *search) drop(circuits ...*circuit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range circuits {
		if c != nil && !c.in.given() { // else the features are the input's
			s.spare = append(s.spare, c.activity)
		}
	}
}

// A budgeting measures all of the heads' budgets.
type budgeting func() ([]compare.HeadReport, error)

// A measure is what is asked of a budget: all of it or, by itself, what one cause adds or, where that is nil,
// the whole dynamics.
type measure struct {
	all   bool
	cause *compare.Cause
}

func (m measure) dynamics() bool { return m.all || m.cause == nil }

func (m measure) takes(cause compare.Cause) bool {
	return m.all || m.cause != nil && (cause.Name == m.cause.Name || cause.Name == m.cause.Beside)
}

// solveAgain solves the heads with other times, and returns the part's size, mean
// over heads, and what tells all of the budget then. Of what has a closed form only the part is
// measured until that is asked for; what takes steps is solved but once, as they are counted.
func (s *search) solveAgain(circuits []*circuit, network model.Parameters, cause *compare.Cause) (size float64, whole budgeting, err error) {
	solve := func(what measure) ([]compare.HeadReport, error) {
		return s.budgets(what, func(i int) (*circuit, error) { return circuits[i], nil }, func(c *circuit) (model.Parameters, error) { return s.turnedTo(network, c), nil })
	}
	closed := !counts(network)
	reports, err := solve(measure{all: !closed, cause: cause})
	whole = func() ([]compare.HeadReport, error) { return reports, nil }
	if closed {
		whole = func() ([]compare.HeadReport, error) { return solve(measure{all: true}) }
	}
	return mean(reports, measuredAs(cause)), whole, err
}

// budgets solves the heads up to the exact rung, and measures what is asked of them. Each is taken when
// it is solved, and need not be there before.
func (s *search) budgets(what measure, head func(i int) (*circuit, error), of func(*circuit) (model.Parameters, error)) ([]compare.HeadReport, error) {
	reports := make([]compare.HeadReport, len(s.heads))
	err := s.each(func(i int) error {
		c, err := head(i)
		if err != nil {
			return err
		}
		params, err := of(c)
		if err == nil {
			reports[i], err = s.budget(what, i, c, params)
		}
		return err
	})
	return reports, err
}

// turnedTo is a network of which knobs were turned, in the units of a head.
func (s *search) turnedTo(network model.Parameters, c *circuit) model.Parameters {
	params := network
	params.Baseline, params.Division, params.LargestSum = c.params.Baseline, c.params.Division, c.params.LargestSum
	for _, level := range []func(*model.Division) *float64{
		func(d *model.Division) *float64 { return &d.Floor }, func(d *model.Division) *float64 { return &d.HalfEffect },
	} {
		if was := *level(&s.network.Division); was > 0 {
			*level(&params.Division) *= *level(&network.Division) / was
		}
	}
	return params
}

// budget solves a head up to the exact rung, and measures what is asked of it.
func (s *search) budget(what measure, i int, c *circuit, params model.Parameters) (compare.HeadReport, error) {
	kernel := c.head.Discrete(params.Causal, params.Division, model.Options{})
	r := &HeadResult{circuit: c, causes: map[string][]float64{}, rungs: append(s.heads[i].below(compare.Kernel), compare.Rung{Name: compare.Kernel, Output: kernel.Output})}
	if !integrated(s.p.Config) {
		return compare.Head(r.comparison()), nil
	}
	// A network that stops at its floor has no answer, and is not measured.
	solve := func(params model.Parameters, take func(output []float64)) error {
		exact, err := c.head.Exact(s.ctx, params, model.Options{})
		s.spend(exact, params)
		if err == nil {
			take(exact.Output)
		} else if unanswered(err) < 0 {
			return err
		}
		return nil
	}
	if what.dynamics() {
		if err := solve(params, func(output []float64) { r.rungs = append(r.rungs, compare.Rung{Name: compare.Exact, Output: output}) }); err != nil {
			return compare.HeadReport{}, err
		}
	}
	for _, cause := range compare.CausesIn(params, c.sums) {
		if !what.takes(cause) {
			continue
		}
		if err := solve(cause.Only(params), func(output []float64) { r.causes[cause.Name] = output }); err != nil {
			return compare.HeadReport{}, err
		}
	}
	return compare.Head(r.comparison()), nil
}

func (s *search) spend(on model.Result, params model.Parameters) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spent += effort(on.Evaluations(), params)
}

// below returns the rungs below one, without what only their attention tells.
func (r *HeadResult) below(rung string) (rungs []compare.Rung) {
	for _, x := range r.rungs {
		if x.Name == rung {
			break
		}
		rungs = append(rungs, compare.Rung{Name: x.Name, Output: x.Output})
	}
	return rungs
}

// mean is the size of a part, mean over heads; infinite where a head has none.
func mean(reports []compare.HeadReport, name string) float64 {
	var sizes []float64
	for _, r := range reports {
		x := r.Value(compare.OnLadder, compare.PartCalled(name).Size())
		if !x.Known() {
			return math.Inf(1)
		}
		sizes = append(sizes, float64(x))
	}
	return statistics.Mean(sizes)
}

// outcome is the total error then, mean over heads, and what dominates it.
func outcome(reports []compare.HeadReport) (total compare.Number, dominant string) {
	var totals []float64
	for _, r := range reports {
		totals = append(totals, float64(r.Value(compare.OnLadder, compare.TotalError)))
	}
	dominant, _, _ = compare.DominantPart(reports)
	return compare.Number(statistics.Mean(totals)), dominant
}

// each does one thing for every head, as many at once as the run solves.
func (s *search) each(do func(i int) error) error {
	return atOnce(s.ctx, s.p.threads(), len(s.heads), func(_ context.Context, i int) error { return do(i) })
}
