package experiment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/fit"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// FittedHead is what has become of the fit of a head.
type FittedHead struct {
	Layer, Head int
	fit.Trial               // of the fit that is kept
	Values      int         // d_v: so many synapses has a neuron
	Trials      []fit.Trial // of all fits that were made, in their order
	History     []fit.Look  // at the validation inputs on the way of the fit that is kept
	Reached     bool        // fit.target, on the validation inputs
	Floor       fit.Floor   // with so many neurons
	most        int         // neurons that it might have had
}

// Synapses is their number.
func (h *FittedHead) Synapses() int { return h.Neurons * h.Values }

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
	parts   [3][]int      // inputs to fit to, to choose by, and to tell by
	found   int           // fits that have been made already
	every   time.Duration // between two states of a fit that are kept
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
	f := &Fitting{Config: cfg, Threads: max(threads, 1), from: from, every: checkpointEvery}
	f.divide()
	for i, part := range f.parts {
		if len(part) == 0 {
			what := []string{"to fit to", "to choose by (fit.validation)", "to tell the error by (fit.held_out)"}[i]
			return nil, problem(cfg, "input", fmt.Sprintf("the set has %d inputs in %d documents, and none is left %s", from.questions.Len(), f.documents(), what), "", "give more of them")
		}
	}
	if dv := from.sizes[0].dv; f.synapses() < dv {
		return nil, problem(cfg, "fit.synapses", fmt.Sprintf("%d synapses are fewer than the %d of a single hidden neuron", f.synapses(), dv), fmt.Sprintf("%d or more", dv), "")
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
	size := fmt.Sprintf("%d neurons and %d synapses each", c.Neurons, c.Neurons*dv)
	switch {
	case c.Target > 0:
		size = fmt.Sprintf("each as few neurons as bring its error to %g, at most %d (%d synapses)", c.Target, f.synapses()/dv, f.synapses())
	case c.Synapses > 0:
		size = fmt.Sprintf("%d neurons and %d synapses each on average, more to those that are hard", f.synapses()/dv, f.synapses())
	}
	text := fmt.Sprintf("%s, %s, fitted to %s; %d to choose by, %d held out", compare.Counted(len(f.from.sizes), "head"), size, compare.Counted(len(f.parts[0]), "input"), len(f.parts[1]), len(f.parts[2])) + f.andThen()
	if f.found > 0 {
		text += "; already there: " + compare.Counted(f.found, "fit")
	}
	return text
}

// Run fits every head, several at once, and writes the map file, whole or not at all. progress is told what share is done. Where it
// fails, what has been fitted is kept for the next one of the same map file (fit.resume), and the error is [Kept].
func (f *Fitting) Run(ctx context.Context, out string, version string, progress func(done, total float64)) (*Fitted, error) {
	kept, err := f.openCheckpoint(out)
	if err != nil {
		return nil, err
	}
	told, err := f.run(ctx, out, version, kept, progress)
	switch {
	case err == nil:
		kept.remove() // what cannot be removed is in nobody's way
	case kept != nil:
		kept.close()
		err = Kept{Err: err, What: "what has been fitted is"}
	}
	return told, err
}

func (f *Fitting) run(ctx context.Context, out, version string, kept *fitCheckpoint, progress func(done, total float64)) (*Fitted, error) {
	work := &labour{progress: progress}
	work.plan(float64(f.passes()) + float64(float64(len(f.from.sizes))*f.most()))
	if f.jointly() {
		work.plan(float64(f.Config.Fit.Steps) * f.jointCost())
	}
	spools, err := f.spool(ctx, work)
	defer func() {
		for _, s := range spools {
			s.close()
		}
	}()
	if err != nil {
		return nil, err
	}
	heads := make([]*headFits, len(f.from.sizes))
	for i := range f.from.sizes {
		in := &f.from.sizes[i]
		heads[i] = f.headFits(in, spools[layerHead{in.layer, in.head}], work, kept)
	}
	if err := f.sized(ctx, heads); err != nil {
		return nil, err
	}
	told := make([]FittedHead, len(heads))
	maps := &fit.Maps{Heads: make([]fit.HeadMap, len(heads)), Provenance: f.provenance(version)}
	err = f.each(ctx, heads, func(ctx context.Context, i int, h *headFits) (err error) {
		told[i], maps.Heads[i], err = h.finish(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	fitted := &Fitted{Heads: told}
	if f.jointly() {
		if fitted.Answers, err = f.tuneJointly(ctx, maps, told, spools, work, kept); err != nil {
			return nil, err
		}
	}
	for _, h := range told {
		for _, trial := range h.Trials {
			maps.Trials = append(maps.Trials, fit.HeadTrial{Layer: h.Layer, Head: h.Head, Trial: trial})
		}
		for _, look := range h.History {
			maps.History = append(maps.History, fit.HeadLook{Layer: h.Layer, Head: h.Head, Look: look})
		}
	}
	return fitted, rundir.ReplaceFile(out, maps.Write)
}

// each does something to every head, several at once.
func (f *Fitting) each(ctx context.Context, heads []*headFits, do func(ctx context.Context, i int, h *headFits) error) error {
	return atOnce(ctx, f.Threads, len(heads), func(ctx context.Context, i int) error {
		if err := do(ctx, i, heads[i]); err != nil {
			return fmt.Errorf("%s: %w", heads[i].in.label(), err)
		}
		return nil
	})
}

// spool runs the transformer over the set once, and keeps what the selected heads are given.
func (f *Fitting) spool(ctx context.Context, work *labour) (map[layerHead]*spool, error) {
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
		work.do(f.passes() / float64(f.from.questions.Len()))
	}
	return spools, nil
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
		if path == "fit.resume" {
			continue // it has no part in the map
		}
		p.Config[path] = value.Text
		if slices.Contains(inputPaths, path) && value.Text != "" {
			p.Config[path] = filepath.Base(value.Text) // where it lay is nobody's business
		}
	}
	return p
}
