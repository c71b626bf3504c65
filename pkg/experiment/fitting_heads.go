package experiment

import (
	"context"
	"sync"
	"time"

	"github.com/nasim-sim/nasim/pkg/fit"
)

// mostSynapses is how many a head may have where fit.target asks for few and fit.synapses does not say how few.
const mostSynapses = 100_000

// synapses is how many a head may have, on average or at most.
func (f *Fitting) synapses() int {
	c := f.Config.Fit
	switch {
	case c.Synapses > 0:
		return c.Synapses
	case c.Target > 0:
		return mostSynapses
	}
	return c.Neurons * f.from.sizes[0].dv
}

// pilotPart is what part of its steps a fit does that only tells whether a head is hard.
const pilotPart = 4

func (f *Fitting) pilotSteps() int { return (f.Config.Fit.Steps + pilotPart - 1) / pilotPart }

// sized fits every head with as many neurons as the configuration gives it: all alike, or shared out by what short fits say, or as
// few as bring it to the target. Whatever is chosen here is chosen by the validation inputs.
func (f *Fitting) sized(ctx context.Context, heads []*headFits) error {
	c := f.Config.Fit
	most := f.synapses() / f.from.sizes[0].dv
	if c.Target > 0 {
		return f.each(ctx, heads, func(ctx context.Context, _ int, h *headFits) (err error) {
			h.neurons, h.reached, err = fit.Smallest(most, c.Target, func(m int) (float64, error) {
				fitted, err := h.fitted(ctx, m, c.Steps)
				if err != nil {
					return 0, err
				}
				return fitted.Validation, nil
			})
			return err
		})
	}
	for _, h := range heads {
		h.neurons = most
	}
	if c.Synapses > 0 && len(heads) > 1 {
		small, large := fit.Pilots(most)
		pilots := make([]fit.Pilot, len(heads))
		err := f.each(ctx, heads, func(ctx context.Context, i int, h *headFits) error {
			for _, m := range []int{small, large} {
				fitted, err := h.fitted(ctx, m, f.pilotSteps())
				if err != nil {
					return err
				}
				if m == small {
					pilots[i].Small = fitted.Validation
				} else {
					pilots[i].Large = fitted.Validation
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for i, m := range fit.Share(most, pilots) {
			heads[i].neurons = m
		}
	}
	return f.each(ctx, heads, func(ctx context.Context, _ int, h *headFits) error {
		_, err := h.fitted(ctx, h.neurons, c.Steps)
		return err
	})
}

// headFits are the fits of one head.
type headFits struct {
	*Fitting
	in     *headInput
	inputs fit.Inputs
	work   *labour
	spent  float64 // of what it may cost at most
	kept   *fitCheckpoint

	neurons int // of the fit that is kept
	reached bool
	trials  []fit.Trial
	full    map[int]*fit.Fitted // those that have done all steps, by their neurons
}

func (f *Fitting) headFits(in *headInput, s *spool, work *labour, kept *fitCheckpoint) *headFits {
	return &headFits{
		Fitting: f, in: in, work: work, kept: kept, full: map[int]*fit.Fitted{},
		inputs: fit.Inputs{Train: some{s, f.parts[0]}, Validation: some{s, f.parts[1]}, HeldOut: some{s, f.parts[2]}},
	}
}

// fitted fits the head with so many neurons, in so many steps.
func (h *headFits) fitted(ctx context.Context, neurons, steps int) (*fit.Fitted, error) {
	c := h.Config.Fit
	if h.inputs.Invariances == nil {
		var err error
		if h.inputs.Invariances, err = fit.InvariancesOf(ctx, h.inputs.Train, h.in.d); err != nil {
			return nil, err
		}
	}
	settings := fit.Settings{
		Form:   fit.Form{Dim: h.in.d, Neurons: neurons, Dendrites: c.Dendrites},
		Causal: h.causal(), Steps: steps, Batch: c.Batch, Rate: c.Rate, Patience: c.Patience,
		Seed: stream(h.Config.Seed, "fit", h.in.layer, h.in.head).Uint64(),
	}
	if c.Patience == 0 {
		settings.Patience = -1
	}
	fitted := h.kept.done(h.in, settings.Form, steps, h.inputs.Invariances)
	if fitted != nil {
		h.skip(float64(steps) * h.stepCost(neurons))
	} else {
		var err error
		if fitted, err = h.train(ctx, settings); err != nil {
			return nil, err
		}
		if err := h.kept.finish(h.in, steps, fitted); err != nil {
			return nil, err
		}
		h.skip(float64(steps-fitted.Steps) * h.stepCost(neurons))
	}
	h.trials = append(h.trials, fitted.Trial())
	if steps == c.Steps {
		h.full[neurons] = fitted
	}
	return fitted, nil
}

// train does the steps of a fit, from where it was left if it was begun before, and keeps its state now and then.
func (h *headFits) train(ctx context.Context, s fit.Settings) (*fit.Fitted, error) {
	t := h.kept.begun(h.in, s, h.inputs)
	if t != nil {
		h.skip(float64(t.StepsDone()) * h.stepCost(s.Neurons))
	} else {
		var err error
		if t, err = fit.NewTraining(ctx, s, h.inputs); err != nil {
			return nil, err
		}
	}
	last := time.Now()
	for !t.Done() {
		if h.kept != nil && (ctx.Err() != nil || time.Since(last) >= h.kept.every) {
			if err := h.kept.keep(h.in, t); err != nil {
				return nil, err
			}
			last = time.Now()
		}
		if err := t.Step(ctx); err != nil {
			return nil, err
		}
		h.advance(h.stepCost(s.Neurons))
	}
	return t.Finish(ctx)
}

// finish makes the map of the fit that is kept.
func (h *headFits) finish(ctx context.Context) (FittedHead, fit.HeadMap, error) {
	kept := h.full[h.neurons]
	learned, err := kept.Learned()
	if err != nil {
		return FittedHead{}, fit.HeadMap{}, err
	}
	if learned.Gain, err = meanSums(ctx, learned, h.inputs.Train); err != nil {
		return FittedHead{}, fit.HeadMap{}, err
	}
	if h.Config.Fit.Target > 0 {
		h.skip(float64(h.most()) - h.spent) // what of the search was not needed
	}
	floor, err := fit.FloorOf(ctx, h.neurons, h.inputs, h.causal(), stream(h.Config.Seed, "floor", h.in.layer, h.in.head))
	if err != nil {
		return FittedHead{}, fit.HeadMap{}, err
	}
	told := FittedHead{Layer: h.in.layer, Head: h.in.head, Trial: kept.Trial(), Values: h.in.dv, Trials: h.trials, History: kept.ValidationHistory, Reached: h.reached, Floor: floor, most: h.synapses() / h.in.dv}
	return told, fit.HeadMap{Layer: told.Layer, Head: told.Head, LearnedMap: learned, HeldOutError: told.HeldOut, TrainError: told.Train, Floor: floor.InSample, FloorHeldOut: floor.HeldOut}, nil
}

func (h *headFits) advance(cost float64) {
	h.spent += float64(cost)
	h.work.do(cost)
}

// skip is of work that need not be done.
func (h *headFits) skip(cost float64) {
	h.spent += float64(cost)
	h.work.skip(cost)
}

// labour counts work, in multiplications, so that what is left of it tells how long that takes.
type labour struct {
	mu          sync.Mutex
	done, total float64
	progress    func(done, total float64) // nil: nobody is told
}

func (l *labour) plan(cost float64) { l.total += float64(cost) }

// skip takes from what was planned what need not be done.
func (l *labour) skip(cost float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total -= cost
}

func (l *labour) do(cost float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done += cost
	if l.progress != nil {
		l.progress(l.done, l.total)
	}
}

// passes is the cost of the transformer's own passes over the set.
func (f *Fitting) passes() float64 {
	in := f.from.sizes[0]
	return float64(float64(f.from.questions.Len()) * float64(in.n) * float64(f.from.model.Weights()))
}

// stepCost is that of a step of a fit: three products of the neurons with tokens' queries and keys, forth and back, and three with
// attention.
func (h *headFits) stepCost(neurons int) float64 {
	n := float64(h.in.n)
	return float64(float64(h.Config.Fit.Batch) * n * float64(neurons) * (float64(4*(h.in.d+h.Config.Fit.Dendrites)) + float64(3*n)))
}

// most is the cost of a head's fits, at most.
func (f *Fitting) most() float64 {
	c := f.Config.Fit
	h := headFits{Fitting: f, in: &f.from.sizes[0]}
	most := f.synapses() / h.in.dv
	steps := float64(c.Steps)
	switch {
	case c.Target > 0:
		steps += steps // with all the smaller ones
	case c.Synapses > 0 && len(f.from.sizes) > 1:
		small, large := fit.Pilots(most)
		steps += float64(f.pilotSteps()*(small+large)) / float64(most)
	}
	return float64(steps * h.stepCost(most))
}
