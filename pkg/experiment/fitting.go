package experiment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sync"

	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/fit"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// FittedHead is what has become of the fit of a head.
type FittedHead struct {
	Layer, Head       int
	Neurons, Synapses int
	Start             float64 // relative output errors on the validation inputs, before the first step
	Train, Validation float64
	HeldOut           float64
	BestStep          int
}

// Fitted is what has become of a fit.
type Fitted struct {
	Heads   []FittedHead
	Answers *FittedAnswers // nil unless the maps have been tuned by them
}

// Fitting is a fit whose inputs and model are loaded and checked.
type Fitting struct {
	Config  *config.Config
	Threads int
	from    *source
	parts   [3][]int // inputs to fit to, to choose by, and to tell by
}

// PrepareFit loads the set and the model, and divides the set by document.
func PrepareFit(cfg *config.Config, threads int) (*Fitting, error) {
	if cfg.Input.Texts == nil && cfg.Input.Images == nil {
		return nil, problem(cfg, "input", "a hidden layer is fitted to many inputs", "input.texts or input.images", "give a set of them")
	}
	from, err := loadSet(cfg)
	if err != nil {
		return nil, err
	}
	f := &Fitting{Config: cfg, Threads: max(threads, 1), from: from}
	f.divide()
	for i, part := range f.parts {
		if len(part) == 0 {
			what := []string{"to fit to", "to choose by (fit.validation)", "to tell the error by (fit.held_out)"}[i]
			return nil, problem(cfg, "input", fmt.Sprintf("the set has %d inputs in %d documents, and none is left %s", from.questions.Len(), f.documents(), what), "", "give more of them")
		}
	}
	return f, nil
}

func (f *Fitting) causal() bool { return f.Config.Network.Schedule.Order == "causal" }

func (f *Fitting) documents() int {
	q := f.from.questions
	return q.Document(q.Len()-1) + 1
}

// divide puts each document into one of the parts, as the seed says: the same ones for every head.
func (f *Fitting) divide() {
	q, c := f.from.questions, f.Config.Fit
	documents := f.documents()
	held, validated := int(math.Ceil(float64(documents)*c.HeldOut)), int(math.Ceil(float64(documents)*c.Validation))
	part := make([]int, documents)
	for i, document := range stream(f.Config.Seed, "documents", 0, 0).Perm(documents) {
		switch {
		case i < held:
			part[document] = 2
		case i < held+validated:
			part[document] = 1
		}
	}
	for i := range q.Len() {
		at := part[q.Document(i)]
		f.parts[at] = append(f.parts[at], i)
	}
}

// Summary is one line on what will be fitted.
func (f *Fitting) Summary() string {
	c := f.Config.Fit
	dv := f.from.sizes[0].dv
	return fmt.Sprintf("%d heads, %d neurons and %d synapses each, fitted to %d inputs; %d to choose by, %d held out%s",
		len(f.from.sizes), c.Neurons, c.Neurons*dv, len(f.parts[0]), len(f.parts[1]), len(f.parts[2]), f.andThen())
}

// Run fits every head, several at once, and writes the map file, whole or not at all. progress is told what share is done.
func (f *Fitting) Run(ctx context.Context, out string, version string, progress func(done, total int)) (*Fitted, error) {
	total := f.from.questions.Len() + len(f.from.sizes)*f.Config.Fit.Steps
	if f.jointly() {
		total += f.Config.Fit.Steps * len(f.from.sizes) // a step goes through all heads
	}
	var mu sync.Mutex
	done := 0
	advance := func() {
		mu.Lock()
		defer mu.Unlock()
		if done++; progress != nil {
			progress(done, total)
		}
	}
	spools, err := f.spool(ctx, advance)
	defer func() {
		for _, s := range spools {
			s.close()
		}
	}()
	if err != nil {
		return nil, err
	}
	told := make([]FittedHead, len(f.from.sizes))
	maps := &fit.Maps{Heads: make([]fit.HeadMap, len(told)), Provenance: f.provenance(version)}
	err = atOnce(ctx, f.Threads, len(told), func(ctx context.Context, i int) error {
		in := &f.from.sizes[i]
		var err error
		told[i], maps.Heads[i], err = f.head(ctx, in, spools[layerHead{in.layer, in.head}], advance)
		if err != nil {
			return fmt.Errorf("%s: %w", in.label(), err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	fitted := &Fitted{Heads: told}
	if f.jointly() {
		if fitted.Answers, err = f.tuneJointly(ctx, maps, told, spools, advance); err != nil {
			return nil, err
		}
	}
	return fitted, rundir.ReplaceFile(out, maps.Write)
}

// spool runs the transformer over the set once, and keeps what the selected heads are given.
func (f *Fitting) spool(ctx context.Context, advance func()) (map[layerHead]*spool, error) {
	spools := map[layerHead]*spool{}
	last := 0
	for i := range f.from.sizes {
		in := &f.from.sizes[i]
		s, err := newSpool(in.d, in.dv)
		if err != nil {
			return spools, err
		}
		spools[layerHead{in.layer, in.head}] = s
		last = max(last, in.layer)
	}
	m := f.from.model
	runner := m.Runner(transformer.Settings{Single: single(f.Config), Threads: f.Threads, Keep: m.Weights() <= mostWeights})
	var mu sync.Mutex
	var failed error
	for i := range f.from.questions.Len() {
		asked, _, err := f.from.questions.at(i)
		if err != nil {
			return spools, fmt.Errorf("%s: %w", asked.name, err)
		}
		_, err = runner.Forward(ctx, asked.input, transformer.Options{Layers: last + 1, Keep: transformer.KeepAnswer, Replace: func(h transformer.HeadState) error {
			s := spools[layerHead{h.Layer, h.Head}]
			if s == nil {
				return nil
			}
			q, k := h.Scaled()
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, s.add(q, k, h.V))
			return failed
		}})
		if err != nil {
			return spools, err
		}
		advance()
	}
	return spools, nil
}

// head fits one head.
func (f *Fitting) head(ctx context.Context, in *headInput, s *spool, advance func()) (FittedHead, fit.HeadMap, error) {
	c := f.Config.Fit
	inputs := fit.Inputs{Train: some{s, f.parts[0]}, Validation: some{s, f.parts[1]}, HeldOut: some{s, f.parts[2]}}
	fitted, err := fit.Head(ctx, fit.Settings{
		Form:   fit.Form{Dim: in.d, Neurons: c.Neurons, Dendrites: c.Dendrites},
		Causal: f.causal(), Steps: c.Steps, Batch: c.Batch, Rate: c.Rate,
		Seed: stream(f.Config.Seed, "fit", in.layer, in.head).Uint64(),
	}, inputs, func(int) { advance() })
	if err != nil {
		return FittedHead{}, fit.HeadMap{}, err
	}
	learned, err := fitted.Learned()
	if err != nil {
		return FittedHead{}, fit.HeadMap{}, err
	}
	if learned.Gain, err = meanSums(ctx, learned, inputs.Train); err != nil {
		return FittedHead{}, fit.HeadMap{}, err
	}
	told := FittedHead{
		Layer: in.layer, Head: in.head, Neurons: c.Neurons, Synapses: c.Neurons * in.dv, Start: fitted.Begun.Error,
		Train: fitted.Train.Error, Validation: fitted.Validation.Error, HeldOut: fitted.HeldOut.Error, BestStep: fitted.BestStep,
	}
	return told, fit.HeadMap{Layer: in.layer, Head: in.head, LearnedMap: learned, HeldOutError: told.HeldOut, TrainError: told.Train, Floor: math.NaN()}, nil
}

// mostSums is how many inputs the mean sum of the keys' features is taken over.
const mostSums = 512

// meanSums is ḡ, the mean over inputs of the sum of the keys' features; nil where float64 does not hold it.
func meanSums(ctx context.Context, l *features.LearnedMap, of fit.Source) ([]float64, error) {
	m, err := features.NewLearned(l)
	if err != nil {
		return nil, err
	}
	count := min(of.Len(), mostSums)
	mean := make([]float64, m.Neurons)
	for i := range count {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		in, err := of.Read(i)
		if err != nil {
			return nil, err
		}
		a, err := m.Evaluate(in.Q, in.K, in.N, features.Gain{Kind: features.GainNone})
		if err != nil {
			return nil, err
		}
		unit := portable.Exp(-a.Shift) / float64(count)
		for j, phi := range a.K {
			mean[j%m.Neurons] += float64(unit * phi)
		}
	}
	for _, x := range mean {
		if x-x != 0 {
			return nil, nil
		}
	}
	return mean, nil
}

// provenance says what the maps are made of.
func (f *Fitting) provenance(version string) fit.Provenance {
	p := fit.Provenance{Model: f.from.model.SHA256(), Data: map[string]string{}, Config: map[string]string{}, Nasim: version}
	for _, file := range f.from.files {
		p.Data[filepath.ToSlash(file.Name)] = file.SHA256
	}
	for path, value := range config.Flatten(f.Config) {
		p.Config[path] = value.Text
		if slices.Contains(inputPaths, path) && value.Text != "" {
			p.Config[path] = filepath.Base(value.Text) // where it lay is nobody's business
		}
	}
	return p
}
