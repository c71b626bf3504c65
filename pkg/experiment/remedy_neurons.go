package experiment

import (
	"math"
	"strconv"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

const (
	mostKept   = 8e6 // features that are kept while it is found out whether they will do
	otherSeeds = 2   // draws besides the run's own that a number of neurons must serve
)

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

// draw finds about the least number of neurons that brings the part down to the aim,
// to within compare.Within, or the best of those that there are features for.
func (s *search) draw(aim, now float64) (compare.Trial, error) {
	trial := compare.NewTrial(s.part, aim, "number of hidden neurons")
	each := 0 // features of one neuron
	for _, h := range s.heads {
		each += 2 * h.circuit.in.n
	}
	run := s.p.Config.Network.Features.Neurons
	low, high, best := run, 0, 0 // too few, and enough; the one that is told
	var kept []*circuit          // those of best, where they are few
	defer func() { s.drop(kept...) }()
	next := float64(run) * (now / aim) * (now / aim)
	for left := min(s.reach.features/float64(each), s.reach.draws*float64(run)); ; {
		m := neuronsNear(min(next, left/(1+otherSeeds)))
		if m <= low || high > 0 && m >= high {
			break
		}
		var drawn []*circuit
		if m*each <= mostKept {
			drawn = make([]*circuit, len(s.heads))
		}
		size, others, err := s.draws(m, aim, drawn)
		if err != nil {
			return trial, err
		}
		left -= float64(m * (1 + len(others)))
		enough := others != nil && statistics.Quantile(others, 0.5) <= aim*compare.Within
		if enough || !trial.Found && (best == 0 || size < float64(trial.Size)) {
			best, trial.Size, trial.Found = m, compare.Number(size), enough
		}
		if enough {
			kept, drawn = drawn, kept
		}
		s.drop(drawn...)
		if enough {
			high = m
			trial.Low, trial.High = compare.Number(statistics.Quantile(others, 0)), compare.Number(statistics.Quantile(others, 1))
		} else {
			low, trial.NotEnough = m, compare.Number(float64(m)/float64(run))
		}
		if high == 0 {
			next = float64(m) * min(max((size/aim)*(size/aim), 1.5), 4)
		} else if next = math.Sqrt(float64(low) * float64(high)); float64(trial.Size) >= aim/compare.Within || float64(high) < 1.2*float64(low) {
			break
		}
	}
	if best == 0 {
		return trial, nil
	}
	trial.Settings = []compare.Change{{Path: neuronsKey, Text: strconv.Itoa(best)}}
	if !trial.Found {
		return trial, nil
	}
	cfg := s.withNeurons(best, s.p.Config.Seed)
	reports, err := s.budgets(measure{all: true}, func(i int) (*circuit, error) {
		if kept != nil {
			return kept[i], nil
		}
		return s.again(i, cfg)
	}, func(c *circuit) (model.Parameters, error) { return c.params, nil })
	trial.Total, trial.Dominant = outcome(reports)
	return trial, err
}

// draws returns the kernel part with m neurons and the run's own seed and, where
// that is small enough, with other seeds. The heads with the run's own go to keep,
// if it is not nil.
func (s *search) draws(m int, aim float64, keep []*circuit) (own float64, others []float64, err error) {
	if own, err = s.kernelPart(m, s.p.Config.Seed, keep); err != nil || own > aim {
		return own, nil, err
	}
	for i := range uint64(otherSeeds) {
		size, err := s.kernelPart(m, s.p.Config.Seed+1+i, nil)
		if err != nil {
			return own, nil, err
		}
		others = append(others, size)
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

// kernelPart is the size of the kernel part with m neurons, mean over heads, which go
// to keep, if it is not nil; infinite where it is unknown.
func (s *search) kernelPart(m int, seed uint64, keep []*circuit) (float64, error) {
	cfg := s.withNeurons(m, seed)
	reports := make([]compare.HeadReport, len(s.heads))
	err := s.each(func(i int) error {
		c, err := s.again(i, cfg)
		if err != nil {
			return nil // a draw with which there is no network is no remedy: its part stays unknown
		}
		x := c.head.Discrete(c.params.Causal, c.params.Division, model.Options{})
		r := &HeadResult{circuit: c, rungs: append(s.heads[i].below(compare.Kernel), compare.Rung{Name: compare.Kernel, Output: x.Output})}
		reports[i] = compare.Head(r.comparison())
		if keep != nil {
			keep[i] = c
		} else {
			s.drop(c)
		}
		return nil
	})
	return mean(reports, "kernel"), err
}
