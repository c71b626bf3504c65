package experiment

import (
	"context"
	"math"
	"strconv"
	"sync"

	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// The search for what would reduce the part that dominates a run's budget: knobs are
// turned and the network is solved again, until the part comes down to the aim. Its
// bounds are counts, not times, so that a run's bytes do not depend on the machine;
// they keep it to some tenths of a second, and small runs to much less.
const (
	mostTurns    = 12      // solutions for each aim
	farthest     = 1e6     // factor by which a knob is turned
	mostProducts = 1 << 20 // entries of all heads' Gram matrices that knobs are turned on
	mostFeatures = 2e7     // features that are evaluated for an aim
	mostDraws    = 64      // the same, in features of the run
	otherSeeds   = 2       // draws besides the run's own that a number of neurons must serve
)

// remedy searches for what reduces the dominating part; nil where it is none that
// the table of causes, or the number of neurons, has knobs for.
func (p *Prepared) remedy(ctx context.Context, heads []*HeadResult, reports []compare.HeadReport) (*compare.Remedy, error) {
	part, now, _ := compare.DominantPart(reports)
	s := &search{ctx: ctx, p: p, heads: heads, part: part, network: p.Config.Network.Parameters(), found: &compare.Remedy{Part: part, Now: compare.Number(now)}}
	switch {
	case part == "kernel":
		return s.moreNeurons(now)
	case part != "" && part != "integration":
		return s.otherTimes(now)
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
	found   *compare.Remedy
}

// otherTimes turns the knobs of the dominating cause or, where it is the causes'
// interaction, of all.
func (s *search) otherTimes(now float64) (*compare.Remedy, error) {
	products := 0
	for _, h := range s.heads {
		products += 4 * h.circuit.in.n * h.circuit.in.n
	}
	if products > mostProducts {
		return nil, nil
	}
	ways, measured := s.ways()
	circuits, err := s.circuits(s.p.Config)
	if err != nil {
		return nil, err
	}
	for i := range circuits {
		// Times change no feature, so that all there is to know of them is their
		// products, however many neurons there are.
		h := circuits[i].head
		if circuits[i].head, err = model.NewIdealHead(h.Gram(), h.V, h.Tokens, h.Values); err != nil {
			return nil, err
		}
	}
	for _, knobs := range ways {
		for _, aim := range compare.Aims(now) {
			trial, err := s.turn(knobs, aim, now, func(network model.Parameters) (float64, []compare.HeadReport, error) {
				return s.solveAgain(circuits, network, measured)
			})
			if err != nil {
				return nil, err
			}
			s.found.Trials = append(s.found.Trials, trial)
			if !trial.Found {
				break // a smaller aim is not found either
			}
		}
	}
	return s.found, nil
}

// ways are the knobs that reduce the part, and the cause that it is; without a
// cause they are all that the network has, and the dynamics are measured.
func (s *search) ways() (ways [][]compare.Knob, measured *compare.Cause) {
	var all []compare.Knob
	for _, cause := range compare.Causes() {
		if cause.Name == s.part {
			return cause.Remedies, &cause
		}
		if cause.In(s.network) && len(cause.Remedies) > 0 {
			all = append(all, cause.Remedies[0]...)
		}
	}
	if all == nil {
		return nil, nil
	}
	return [][]compare.Knob{all}, nil
}

// turn finds the least factor by which the knobs are turned that brings the part
// down to the aim, to within compare.Within, and keeps the settings as they are
// written, with what the part is then.
func (s *search) turn(knobs []compare.Knob, aim, now float64, solve func(model.Parameters) (float64, []compare.HeadReport, error)) (compare.Trial, error) {
	trial := compare.Trial{Aim: compare.Number(aim), Low: compare.Null(), High: compare.Null()}
	for _, k := range knobs {
		trial.Symbols = append(trial.Symbols, k.Symbol)
	}
	low, lowSize, high, highSize := 1.0, now, math.Inf(1), 0.0
	factor := now / aim
	for range mostTurns {
		network := s.network
		settings := turned(knobs, factor, &network)
		size, reports, err := solve(network)
		if err != nil {
			return trial, err
		}
		nearest := trial.Settings == nil || size < float64(trial.Size)
		if size <= aim {
			high, highSize, nearest = factor, size, !trial.Found || factor < high
			trial.Found = true
		} else {
			low, lowSize = factor, size
			nearest = nearest && !trial.Found
		}
		if nearest {
			trial.Settings, trial.Size = settings, compare.Number(size)
			trial.Total, trial.Dominant = outcome(reports)
		}
		switch {
		case trial.Found && highSize >= aim/compare.Within:
			return trial, nil
		case trial.Found && high/low < 1.02:
			return trial, nil // it drops steeply: there is no factor between
		case trial.Found:
			factor = between(low, lowSize, high, highSize, aim)
		case factor >= farthest:
			return trial, nil
		default:
			factor = min(farthest, factor*max(2, size/aim))
		}
	}
	return trial, nil
}

// between is where a straight line, in logarithms, meets the middle of what is
// accepted; where it says nothing, the middle.
func between(low, lowSize, high, highSize, aim float64) float64 {
	width := portable.Log(high / low)
	slope := portable.Log(highSize/lowSize) / width
	at := portable.Log(aim/math.Sqrt(compare.Within)/lowSize) / slope // beyond low
	if !(at > 0.1*width && at < 0.9*width) {
		return math.Sqrt(low * high)
	}
	return low * portable.Exp(at)
}

// turned turns the knobs by a factor and rounds them to three digits, as they are
// written; one that is at its limit stays there.
func turned(knobs []compare.Knob, factor float64, network *model.Parameters) (settings []compare.Change) {
	for _, k := range knobs {
		value := k.Of(network)
		if !(*value > 0) || math.IsInf(*value, 1) {
			continue
		}
		x := *value / factor
		if k.Longer {
			x = *value * factor
		}
		rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 2, 64), 64)
		if err != nil {
			panic("experiment: " + err.Error()) // a number's own digits
		}
		*value = rounded
		settings = append(settings, compare.Change{Path: k.Path, Text: config.Written(k.Path, rounded)})
	}
	return settings
}

// circuits builds the heads again, as a configuration has them.
func (s *search) circuits(cfg *config.Config) ([]*circuit, error) {
	circuits := make([]*circuit, len(s.heads))
	err := s.each(func(i int) (err error) {
		in := *s.heads[i].circuit.in
		in.softmax = s.heads[i].circuit.softmax
		circuits[i], err = buildCircuit(cfg, &in)
		return err
	})
	return circuits, err
}

// solveAgain solves the heads with other times, and returns the part's size, mean
// over heads, and all that is known of the budget then.
func (s *search) solveAgain(circuits []*circuit, network model.Parameters, cause *compare.Cause) (float64, []compare.HeadReport, error) {
	name := "dynamics"
	if cause != nil {
		name = cause.Name
	}
	reports, err := s.budgets(circuits, network)
	return mean(reports, name), reports, err
}

// budgets solves the heads up to the exact rung, and measures them.
func (s *search) budgets(circuits []*circuit, network model.Parameters) ([]compare.HeadReport, error) {
	reports := make([]compare.HeadReport, len(circuits))
	err := s.each(func(i int) error {
		c, params := circuits[i], network
		params.Baseline, params.Division = c.params.Baseline, c.params.Division
		params.Division.Floor *= network.Division.Floor / s.network.Division.Floor
		kernel := c.head.Discrete(params.Causal, params.Division, model.Options{})
		r := &HeadResult{circuit: c, causes: map[string][]float64{}, rungs: append(s.heads[i].below(compare.Kernel), compare.Rung{Name: compare.Kernel, Output: kernel.Output})}
		if integrated(s.p.Config, nil) {
			// A network that stops at its floor has no answer, and is not measured.
			if exact, err := c.head.Exact(s.ctx, params, model.Options{}); err == nil {
				r.rungs = append(r.rungs, compare.Rung{Name: compare.Exact, Output: exact.Output})
			}
			for _, cause := range compare.CausesIn(params, c.sums) {
				if only, err := c.head.Exact(s.ctx, cause.Only(params), model.Options{}); err == nil {
					r.causes[cause.Name] = only.Output
				}
			}
		}
		reports[i] = compare.Head(r.comparison())
		return s.ctx.Err()
	})
	return reports, err
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
	for _, part := range compare.Parts() {
		for _, r := range reports {
			if x := r.Value(compare.OnLadder, part.Size()); part.Name == name && !x.Known() {
				return math.Inf(1)
			} else if part.Name == name {
				sizes = append(sizes, float64(x))
			}
		}
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

// moreNeurons draws more hidden neurons until the kernel part comes down, with the
// run's own seed and, in the median, with others.
func (s *search) moreNeurons(now float64) (*compare.Remedy, error) {
	f := s.p.Config.Network.Features
	if !features.Unbiased(f.Map) || s.heads[0].circuit.in.given() || f.Map == features.Ideal {
		return nil, nil
	}
	for _, aim := range compare.Aims(now) {
		trial, err := s.draw(aim, now)
		if err != nil {
			return nil, err
		}
		if trial.Settings != nil { // else the run has more neurons than are tried
			s.found.Trials = append(s.found.Trials, trial)
		}
		if !trial.Found {
			break
		}
	}
	return s.found, nil
}

func (s *search) draw(aim, now float64) (compare.Trial, error) {
	trial := compare.Trial{Aim: compare.Number(aim), Symbols: []string{"number of hidden neurons"}, Low: compare.Null(), High: compare.Null(), Total: compare.Null()}
	each := 0 // features of one neuron
	for _, h := range s.heads {
		each += 2 * h.circuit.in.n
	}
	low, high := s.p.Config.Network.Features.Neurons, 0 // too few, and enough
	next := float64(low) * (now / aim) * (now / aim)
	for left := min(mostFeatures/float64(each), float64(mostDraws*low)); ; {
		m := neuronsNear(min(next, left/(1+otherSeeds)))
		if m <= low || high > 0 && m >= high {
			break
		}
		size, others, err := s.draws(m, aim)
		if err != nil {
			return trial, err
		}
		left -= float64(m * (1 + len(others)))
		enough := others != nil && statistics.Quantile(others, 0.5) <= aim*compare.Within
		if enough || !trial.Found && (trial.Settings == nil || size < float64(trial.Size)) {
			trial.Settings, trial.Size, trial.Found = []compare.Change{{Path: neuronsKey, Text: strconv.Itoa(m)}}, compare.Number(size), enough
		}
		if enough {
			high = m
			trial.Low, trial.High = compare.Number(statistics.Quantile(others, 0)), compare.Number(statistics.Quantile(others, 1))
		} else {
			low = m
		}
		if high == 0 {
			next = float64(m) * min(max((size/aim)*(size/aim), 1.5), 4)
		} else if next = math.Sqrt(float64(low) * float64(high)); float64(trial.Size) >= aim/compare.Within || float64(high) < 1.2*float64(low) {
			break
		}
	}
	if !trial.Found {
		return trial, nil
	}
	return s.withTotal(trial)
}

// draws returns the kernel part with m neurons and the run's own seed and, where
// that is small enough, with other seeds.
func (s *search) draws(m int, aim float64) (own float64, others []float64, err error) {
	for i := range uint64(1 + otherSeeds) {
		size, err := s.kernelPart(m, s.p.Config.Seed+i)
		switch {
		case err != nil:
			return 0, nil, err
		case i > 0:
			others = append(others, size)
		case size > aim:
			return size, nil, nil
		default:
			own = size
		}
	}
	return own, others, nil
}

// neuronsNear rounds a number of neurons up to three digits, and to an even one for
// the sake of maps that have them in pairs.
func neuronsNear(x float64) int {
	unit := 2
	for x > 1000*float64(unit) {
		unit *= 10
	}
	return unit * int(math.Ceil(x/float64(unit)))
}

// withNeurons is the configuration with another number of neurons and seed.
func (s *search) withNeurons(m int, seed uint64) *config.Config {
	cfg := *s.p.Config
	cfg.Network.Features.Neurons, cfg.Seed = m, seed
	return &cfg
}

// kernelPart is the size of the kernel part with m neurons, mean over heads.
func (s *search) kernelPart(m int, seed uint64) (float64, error) {
	reports := make([]compare.HeadReport, len(s.heads))
	err := s.each(func(i int) error {
		in := *s.heads[i].circuit.in
		in.softmax = s.heads[i].circuit.softmax
		c, err := buildCircuit(s.withNeurons(m, seed), &in)
		if err != nil {
			return err
		}
		x := c.head.Discrete(c.params.Causal, c.params.Division, model.Options{})
		r := &HeadResult{circuit: c, rungs: append(s.heads[i].below(compare.Kernel), compare.Rung{Name: compare.Kernel, Output: x.Output})}
		reports[i] = compare.Head(r.comparison())
		return nil
	})
	return mean(reports, "kernel"), err
}

// withTotal adds what the whole error is with the neurons found.
func (s *search) withTotal(trial compare.Trial) (compare.Trial, error) {
	m, err := strconv.Atoi(trial.Settings[0].Text)
	if err != nil {
		panic("experiment: " + err.Error()) // as it was written
	}
	circuits, err := s.circuits(s.withNeurons(m, s.p.Config.Seed))
	if err != nil {
		return trial, err
	}
	reports, err := s.budgets(circuits, s.network)
	trial.Total, trial.Dominant = outcome(reports)
	return trial, err
}

// each does one thing for every head, as many at once as the run solves.
func (s *search) each(do func(i int) error) error {
	errs := make([]error, len(s.heads))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(s.p.threads(), len(s.heads)) {
		workers.Go(func() {
			for i := range next {
				errs[i] = do(i)
			}
		})
	}
	for i := range s.heads {
		next <- i
	}
	close(next)
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return s.ctx.Err()
}
