package fit

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/nasim-sim/nasim/pkg/model/features"
)

// A Whole is a model, inputs to it, and places for maps: the heads that they stand in for, all at once.
type Whole[T Real] interface {
	// Ask asks about an input, and tells how far the answer is from that of the model itself. The gradient of the loss by the
	// maps' parameters is added to gradients, unless that is nil. It may be called by several goroutines at once.
	Ask(ctx context.Context, input int, maps []*StandIn[T], gradients []*Parameters[T]) (Agreement, error)
}

// JointSettings are those of a joint tuning; the zero value of a field is what it says.
type JointSettings struct {
	Causal  bool
	Steps   int     // of Adam; 300
	Batch   int     // inputs a step; [JointBatch]
	Rate    float64 // the largest; [JointRate]
	Check   int     // steps from one look at the validation inputs to the next; 100
	Threads int     // inputs at once; 1. The result does not depend on it
	Seed    uint64
}

// JointBatch is how many inputs a step of a joint tuning takes, where its settings do not say.
const JointBatch = 16

// JointRate is the largest rate of Adam in a joint tuning. The maps have been fitted, and are to be moved a little.
const JointRate = 3e-3

func (s JointSettings) filled() JointSettings {
	for _, d := range []struct {
		of *int
		as int
	}{{&s.Steps, 300}, {&s.Batch, JointBatch}, {&s.Check, 100}, {&s.Threads, 1}} {
		if *d.of == 0 {
			*d.of = d.as
		}
	}
	if s.Rate == 0 {
		s.Rate = JointRate
	}
	return s
}

// JointInputs are the numbers of a model's inputs: to tune by, to choose by, and to tell by.
type JointInputs struct{ Train, Validation, HeldOut []int }

// Tuned is what a joint tuning has led to.
type Tuned struct {
	Maps              []*features.LearnedMap // without the mean sums of the keys' features
	Begun, Validation Agreement              // on the validation inputs, before the first step and after the best
	Before, HeldOut   Agreement              // on those held out, before and after
	Steps, BestStep   int
}

// Jointly tunes the maps of a model's heads together, so that the model's answer with all of them in place becomes that of its heads:
// Adam on the mean over inputs of [Agreement].Loss, through all that lies between. Among what the steps lead to the validation inputs
// choose, the start being one; the held-out inputs are looked at at the end. progress is told the steps done; it may be nil.
func Jointly[T Real](ctx context.Context, s JointSettings, of Whole[T], in JointInputs, maps []*features.LearnedMap, progress func(step int)) (*Tuned, error) {
	t, err := NewTuning(ctx, s, of, in, maps)
	if err != nil {
		return nil, err
	}
	for !t.Done() {
		if err := t.Step(ctx); err != nil {
			return nil, err
		}
		if progress != nil {
			progress(t.step)
		}
	}
	return t.Finish(ctx)
}

// Tuning is a joint tuning on its way.
type Tuning[T Real] struct {
	*joint[T]
	inputs JointInputs
	begin  []*features.LearnedMap
	order  *order
	step   int

	best          []*Parameters[T]
	bestStep      int
	begun, bestAt Agreement // on the validation inputs
}

// NewTuning prepares a joint tuning, and takes a first look at the validation inputs.
func NewTuning[T Real](ctx context.Context, s JointSettings, of Whole[T], in JointInputs, maps []*features.LearnedMap) (*Tuning[T], error) {
	if len(in.Train) == 0 || len(in.Validation) == 0 || len(in.HeldOut) == 0 {
		return nil, fmt.Errorf("%d inputs to tune by, %d to choose by and %d to tell by; each needs one at least", len(in.Train), len(in.Validation), len(in.HeldOut))
	}
	t := newTuning(s, of, in, maps)
	var err error
	t.begun, err = t.ask(ctx, in.Validation)
	t.bestAt = t.begun
	return t, err
}

// newTuning makes room for one.
func newTuning[T Real](s JointSettings, of Whole[T], in JointInputs, maps []*features.LearnedMap) *Tuning[T] {
	s = s.filled()
	t := &Tuning[T]{joint: newJoint(s, of, maps), inputs: in, begin: maps, order: newOrder(s.Seed, len(in.Train))}
	for _, m := range t.maps {
		t.best = append(t.best, m.clone())
	}
	return t
}

// Done reports whether all steps have been done.
func (t *Tuning[T]) Done() bool { return t.step >= t.Steps }

// StepsDone is how many steps have been done.
func (t *Tuning[T]) StepsDone() int { return t.step }

// Step does one step of Adam on a minibatch, and looks at the validation inputs where it is time. After an error the tuning is of no
// use any more.
func (t *Tuning[T]) Step(ctx context.Context) error {
	batch := make([]int, t.Batch)
	for i := range batch {
		batch[i] = t.inputs.Train[t.order.next()]
	}
	if err := t.joint.step(ctx, batch, t.Rate*rateAt(t.step, t.Steps)); err != nil {
		return err
	}
	t.step++
	if t.step%t.Check != 0 && !t.Done() {
		return nil
	}
	at, err := t.ask(ctx, t.inputs.Validation)
	if err != nil {
		return err
	}
	if at.Loss-at.Loss != 0 {
		return errDiverged
	}
	if at.Loss < t.bestAt.Loss {
		t.bestAt, t.bestStep = at, t.step
		for i, m := range t.maps {
			t.best[i] = m.clone()
		}
	}
	return nil
}

// Finish looks at the held-out inputs, once, with what the validation inputs have chosen, and with the maps as they were.
func (t *Tuning[T]) Finish(ctx context.Context) (*Tuned, error) {
	tuned := &Tuned{Begun: t.begun, Validation: t.bestAt, Steps: t.step, BestStep: t.bestStep}
	best, begin := newJoint(t.JointSettings, t.of, t.begin), newJoint(t.JointSettings, t.of, t.begin)
	for i, m := range best.maps {
		m.Parameters = t.best[i]
		tuned.Maps = append(tuned.Maps, m.Learned())
	}
	var err error
	if tuned.HeldOut, err = best.ask(ctx, t.inputs.HeldOut); err != nil {
		return nil, err
	}
	tuned.Before, err = begin.ask(ctx, t.inputs.HeldOut)
	return tuned, err
}

// joint are maps that are tuned together.
type joint[T Real] struct {
	JointSettings
	of        Whole[T]
	maps      []*StandIn[T]
	adam      []*adam[T]
	gradients [][]*Parameters[T] // of each input of a minibatch, each map's
}

func newJoint[T Real](s JointSettings, of Whole[T], maps []*features.LearnedMap) *joint[T] {
	j := &joint[T]{JointSettings: s, of: of}
	for _, l := range maps {
		m := NewStandIn[T](l, s.Causal)
		j.maps, j.adam = append(j.maps, m), append(j.adam, newAdam[T](m.Form))
	}
	return j
}

// step is a step of Adam on the mean loss of some inputs. Their gradients are computed apart and added up in order, so that the sum
// does not depend on what is computed at once.
func (j *joint[T]) step(ctx context.Context, batch []int, rate float64) error {
	for len(j.gradients) < len(batch) {
		var all []*Parameters[T]
		for _, m := range j.maps {
			all = append(all, NewParameters[T](m.Form))
		}
		j.gradients = append(j.gradients, all)
	}
	err := j.each(ctx, len(batch), func(ctx context.Context, i int) error {
		for _, g := range j.gradients[i] {
			g.zero()
		}
		_, err := j.of.Ask(ctx, batch[i], j.maps, j.gradients[i])
		return err
	})
	if err != nil {
		return err
	}
	return j.each(ctx, len(j.maps), func(_ context.Context, head int) error {
		sum := j.gradients[0][head].arrays()
		for _, other := range j.gradients[1:len(batch)] {
			for a, x := range other[head].arrays() {
				add(sum[a], x)
			}
		}
		for _, x := range sum {
			for i := range x {
				x[i] /= T(len(batch))
			}
		}
		j.adam[head].step(j.maps[head].Parameters, j.gradients[0][head], rate)
		if !j.maps[head].finite() {
			return errDiverged
		}
		return nil
	})
}

// ask is how far the answers to some inputs are from the transformer's.
func (j *joint[T]) ask(ctx context.Context, inputs []int) (Agreement, error) {
	all := make([]Agreement, len(inputs))
	err := j.each(ctx, len(inputs), func(ctx context.Context, i int) (err error) {
		all[i], err = j.of.Ask(ctx, inputs[i], j.maps, nil)
		return err
	})
	var sum Agreement
	for _, a := range all {
		sum.Loss += a.Loss
		sum.Same += a.Same
	}
	return sum.over(len(all)), err
}

// each does so many things, some at once. Where ctx ends, that is the error.
func (j *joint[T]) each(ctx context.Context, count int, do func(ctx context.Context, i int) error) error {
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(j.Threads)
	for i := range count {
		if within.Err() != nil {
			break
		}
		group.Go(func() error { return do(within, i) })
	}
	if err := group.Wait(); ctx.Err() == nil {
		return err
	}
	return context.Cause(ctx) // what is at work then fails of it
}
