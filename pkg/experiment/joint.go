package experiment

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nasim-sim/nasim/pkg/fit"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// Objectives of a fit.
const (
	ObjectiveHeads     = "heads"     // each map does what its head does
	ObjectiveResponses = "responses" // and then the model with all of them answers what the model answers
)

func (f *Fitting) jointly() bool { return f.Config.Fit.Objective == ObjectiveResponses }

// andThen says what is done after the heads' fits, if anything.
func (f *Fitting) andThen() string {
	if !f.jointly() {
		return ""
	}
	what := "its embeddings"
	if m := f.from.model; !m.Embeds() {
		what = "its " + m.Reads()
	}
	return fmt.Sprintf("; then all together to what %s answers, %s", f.from.model.Name(), what)
}

// FittedAnswers is how far a model with all fitted maps in the place of their heads is from the model itself, by the maps' sums.
type FittedAnswers struct {
	Embeds            bool          // its answers are embeddings
	Begun, Validation fit.Agreement // on the inputs to choose by, with the maps of the objective heads and as tuned
	Before, HeldOut   fit.Agreement // on those held out
	BestStep          int
}

// tuneJointly tunes the maps of all heads together by the model's answers, and tells each head's errors anew.
func (f *Fitting) tuneJointly(ctx context.Context, maps *fit.Maps, told []FittedHead, spools map[layerHead]*spool, work *labour, kept *fitCheckpoint) (*FittedAnswers, error) {
	whole := newWhole[float32](f.from.questions, f.from.sizes)
	var begin []*features.LearnedMap
	for _, h := range maps.Heads {
		begin = append(begin, h.LearnedMap)
	}
	in := fit.JointInputs{Train: f.parts[0], Validation: f.parts[1], HeldOut: f.parts[2]}
	tuned, err := f.tune(ctx, whole, in, begin, work, kept)
	if err != nil {
		return nil, fmt.Errorf("joint tuning: %w", err)
	}
	err = atOnce(ctx, f.Threads, len(told), func(ctx context.Context, i int) error {
		h := &maps.Heads[i]
		h.LearnedMap = tuned.Maps[i]
		s := spools[layerHead{h.Layer, h.Head}]
		at := fit.NewStandIn[float32](h.LearnedMap, f.causal())
		measured := func(which []int) (float64, error) {
			d, err := fit.Evaluate(ctx, at.Parameters, at.Invariances(), some{s, which}, f.causal())
			return d.Error, err
		}
		train, err1 := measured(f.parts[0][:min(len(f.parts[0]), len(f.parts[2]))])
		validation, err2 := measured(f.parts[1])
		heldOut, err3 := measured(f.parts[2])
		gain, err4 := meanSums(ctx, h.LearnedMap, some{s, f.parts[0]})
		h.Gain, h.TrainError, h.HeldOutError = gain, train, heldOut
		told[i].Train, told[i].Validation, told[i].HeldOut = train, validation, heldOut
		told[i].Steps += tuned.Steps
		told[i].BestStep += tuned.BestStep
		told[i].Trials = append(told[i].Trials, told[i].Trial)
		return errors.Join(err1, err2, err3, err4)
	})
	return &FittedAnswers{f.from.model.Embeds(), tuned.Begun, tuned.Validation, tuned.Before, tuned.HeldOut, tuned.BestStep}, err
}

// tune does the steps of a joint tuning, from where it was left if it was begun before, and keeps its state now and then.
func (f *Fitting) tune(ctx context.Context, of *whole[float32], in fit.JointInputs, begin []*features.LearnedMap, work *labour, kept *fitCheckpoint) (*fit.Tuned, error) {
	c := f.Config.Fit
	s := fit.JointSettings{
		Causal: f.causal(), Steps: c.Steps, Rate: c.Rate * jointShare, Threads: f.Threads, Seed: stream(f.Config.Seed, "joint", 0, 0).Uint64(),
	}
	t := kept.tuning(s, of, in, begin)
	if t != nil {
		work.skip(float64(t.StepsDone()) * f.jointCost())
	} else {
		var err error
		if t, err = fit.NewTuning(ctx, s, of, in, begin); err != nil {
			return nil, err
		}
	}
	last := time.Now()
	for !t.Done() {
		if kept != nil && (ctx.Err() != nil || time.Since(last) >= kept.every) {
			if err := kept.keepTuning(t); err != nil {
				return nil, err
			}
			last = time.Now()
		}
		if err := t.Step(ctx); err != nil {
			return nil, err
		}
		work.do(f.jointCost())
	}
	return t.Finish(ctx)
}

// jointCost is that of a step of a joint tuning: inputs through the model as it is, and with maps, forth and back.
func (f *Fitting) jointCost() float64 {
	maps := 0.0
	for i := range f.from.sizes {
		h := headFits{Fitting: f, in: &f.from.sizes[i]}
		maps += h.stepCost(f.synapses()/h.in.dv) / float64(f.Config.Fit.Batch)
	}
	return fit.JointBatch * (float64(4*f.passes()/float64(f.from.questions.Len())) + maps)
}

// jointShare is the largest rate of a joint tuning, of that of the fits before it.
const jointShare = fit.JointRate / 3e-2

// whole is a model with places for maps, in the precision T; it asks about the inputs of a set.
type whole[T fit.Real] struct {
	*questions
	gradients *transformer.Gradients[T]
	places    map[layerHead]int // of the maps, by the head that they stand in for
	spare     sync.Pool         // of *[]fit.Pass[T], whose arrays the next input writes over
}

func newWhole[T fit.Real](q *questions, heads []headInput) *whole[T] {
	w := &whole[T]{questions: q, gradients: transformer.NewGradients[T](q.model, q.model.Weights() <= mostWeights), places: map[layerHead]int{}}
	for i := range heads {
		w.places[layerHead{heads[i].layer, heads[i].head}] = i
	}
	return w
}

// Ask takes an input through the model as it is, and with the maps in the place of their heads.
func (w *whole[T]) Ask(ctx context.Context, index int, maps []*fit.StandIn[T], gradients []*fit.Parameters[T]) (fit.Agreement, error) {
	asked, _, err := w.at(index)
	if err != nil {
		return fit.Agreement{}, fmt.Errorf("%s: %w", asked.name, err)
	}
	agreement, err := w.ask(ctx, asked.input, maps, gradients)
	if err != nil {
		err = fmt.Errorf("%s: %w", asked.name, err)
	}
	return agreement, err
}

func (w *whole[T]) ask(ctx context.Context, in transformer.Input, maps []*fit.StandIn[T], gradients []*fit.Parameters[T]) (fit.Agreement, error) {
	intact, err := w.gradients.Forward(ctx, in, nil)
	if err != nil {
		return fit.Agreement{}, err
	}
	passes, ok := w.spare.Get().(*[]fit.Pass[T])
	if !ok {
		all := make([]fit.Pass[T], len(maps))
		passes = &all
	}
	defer w.spare.Put(passes)
	network, err := w.gradients.Forward(ctx, in, func(layer, head int, q, k, v []T) ([]T, transformer.HeadBack[T]) {
		i, ok := w.places[layerHead{layer, head}]
		if !ok {
			return nil, nil
		}
		pass := &(*passes)[i]
		return pass.Attend(maps[i], q, k, v, in.Len()), func(output []T) (dq, dk, dv []T) { return pass.Back(output, gradients[i]) }
	})
	if err != nil {
		return fit.Agreement{}, err
	}
	rows := learnedRows(w.model, in, intact.Rows)
	agreement, by := w.answer(network, rows).Against(w.answer(intact, rows))
	if gradients == nil {
		return agreement, nil
	}
	logits := make([]T, len(network.Logits))
	for i, row := range rows {
		if by.Scores != nil {
			copy(logits[row*network.Cols:], by.Scores[i*network.Cols:(i+1)*network.Cols])
		}
	}
	if by.Embedding != nil {
		logits = nil
	}
	return agreement, network.Back(logits, by.Embedding)
}

// answer is what a model answers: the embedding of one that embeds, else the scores of the rows that are asked for.
func (w *whole[T]) answer(a *transformer.Differentiable[T], rows []int) *fit.Answer[T] {
	if a.Embedding != nil {
		return &fit.Answer[T]{Embedding: a.Embedding}
	}
	answer := &fit.Answer[T]{Columns: a.Cols, Scores: []T{}}
	for _, row := range rows {
		answer.Scores = append(answer.Scores, a.Logits[row*a.Cols:(row+1)*a.Cols]...)
	}
	return answer
}

// learnedRows lists the rows of the logits by which maps are tuned: those that a run asks about, and of a causal model the words
// after every token, each of which is what a run of the text up to there is asked.
func learnedRows(m *transformer.Model, in transformer.Input, rows int) []int {
	if m.Causal() && m.Reads() == transformer.ReadsWords {
		return upTo(rows)
	}
	return answerRows(m, in, rows)
}
