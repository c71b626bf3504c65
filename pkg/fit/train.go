package fit

import (
	"context"
	"errors"
	"fmt"
)

// Settings of a fit; the zero value of a field is the recipe's, where it says so.
type Settings struct {
	Form
	Causal   bool
	Start    string  // [StartPairs]
	Steps    int     // of Adam; 1 000
	Batch    int     // inputs a step; 4
	Rate     float64 // the largest; 0.03
	Check    int     // steps from one look at the validation inputs to the next; 100
	Patience int     // looks in a row that find nothing better, after which the fit stops; 5, negative: never
	Seed     uint64
}

func (s Settings) filled() Settings {
	if s.Start == "" {
		s.Start = StartPairs
	}
	if s.Steps == 0 {
		s.Steps = 1000
	}
	if s.Batch == 0 {
		s.Batch = 4
	}
	if s.Rate == 0 {
		s.Rate = 3e-2
	}
	if s.Check == 0 {
		s.Check = 100
	}
	if s.Patience == 0 {
		s.Patience = 5
	}
	return s
}

// Inputs of a fit. What it is told by is in none of the others: Train makes the invariances, the start and the gradients, Validation
// chooses among what they lead to, and HeldOut is looked at once, at the end.
type Inputs struct {
	Train, Validation, HeldOut Source

	Invariances *Invariances // those of Train ([InvariancesOf]); nil: they are found anew
}

// Fitted is a map that has been fitted, and how well.
type Fitted struct {
	*Parameters[float32]
	Invariances *Invariances

	Begun             float64    // Error of the start, on the validation inputs
	Train             Divergence // on so many training inputs as there are held out
	Validation        float64    // Error on the validation inputs that were looked at
	HeldOut           Divergence
	Steps, BestStep   int // done, and after which the parameters are taken
	ValidationHistory []Look
}

// Look is a look at the validation inputs.
type Look struct {
	Step  int
	Error float64
}

// Head fits a map to one head. progress is told the steps done; it may be nil. The same settings and inputs give the same bits,
// wherever and beside whatever it runs, on one kernel path.
func Head(ctx context.Context, s Settings, in Inputs, progress func(step int)) (*Fitted, error) {
	t, err := NewTraining(ctx, s, in)
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

// Training is a fit on its way.
type Training struct {
	Settings
	inputs      Inputs
	invariances *Invariances
	shift       []float32

	at       *Parameters[float32]
	gradient *Parameters[float32]
	adam     *adam[float32]
	step     int
	order    *order // of the training inputs

	best     *Parameters[float32]
	bestStep int
	bestAt   float64 // Error on the validation inputs
	begun    float64
	looks    []Look

	work    workspace[float32]
	weights []float32
}

// NewTraining prepares a fit: invariances, start, and a first look at the validation inputs.
func NewTraining(ctx context.Context, s Settings, in Inputs) (*Training, error) {
	t := newTraining(s, in)
	if in.Train.Len() == 0 || in.Validation.Len() == 0 || in.HeldOut.Len() == 0 {
		return nil, fmt.Errorf("%d inputs to fit to, %d to choose by and %d to tell by; each needs one at least", in.Train.Len(), in.Validation.Len(), in.HeldOut.Len())
	}
	var err error
	if t.invariances = in.Invariances; t.invariances == nil {
		if t.invariances, err = InvariancesOf(ctx, in.Train, s.Dim); err != nil {
			return nil, err
		}
	}
	t.shift = inSingle(t.invariances.Shift)
	var from []*Tokens[float64]
	for i := range min(in.Train.Len(), mostStartInputs) {
		tokens, err := in.Train.Read(i)
		if err != nil {
			return nil, err
		}
		from = append(from, &Tokens[float64]{tokens.N, t.invariances.Queries(tokens.Q, tokens.N), t.invariances.Keys(tokens.K, tokens.N), nil})
	}
	start, err := Start(t.Form, t.Start, from, t.invariances, t.Causal, random(s.Seed, "start"))
	if err != nil {
		return nil, err
	}
	t.at = converted[float32](start)
	t.order = newOrder(s.Seed, in.Train.Len())
	if t.begun, err = t.look(ctx); err != nil {
		return nil, err
	}
	t.best, t.bestAt = t.at.clone(), t.begun
	t.looks = []Look{{0, t.begun}}
	return t, nil
}

// newTraining makes room for one.
func newTraining(s Settings, in Inputs) *Training {
	t := &Training{Settings: s.filled(), inputs: in}
	t.at, t.best, t.gradient, t.adam = NewParameters[float32](t.Form), NewParameters[float32](t.Form), NewParameters[float32](t.Form), newAdam[float32](t.Form)
	return t
}

// mostLookedAt is how many validation inputs a look is at, so that many of them cost no more than the steps between.
const mostLookedAt = 256

// look is one at the validation inputs, or at some of many.
func (t *Training) look(ctx context.Context) (float64, error) {
	return evaluateError(ctx, t.at, t.invariances, spread{t.inputs.Validation, mostLookedAt}, t.Causal)
}

// Done reports whether all steps have been done, or the validation inputs say that more are in vain.
func (t *Training) Done() bool { return t.step >= t.Steps || t.stopped() }

// stopped reports whether so many looks in a row have found nothing better.
func (t *Training) stopped() bool {
	since := 0
	for _, l := range t.looks {
		if l.Step > t.bestStep {
			since++
		}
	}
	return t.Patience > 0 && since >= t.Patience
}

// StepsDone is how many steps have been done.
func (t *Training) StepsDone() int { return t.step }

var errDiverged = errors.New("the fit has diverged: a parameter is no longer a number; lower the rate")

// Step does one step of Adam on a minibatch, and looks at the validation inputs where it is time.
func (t *Training) Step(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var batch []*Tokens[float32]
	queries := 0
	for range t.Batch {
		in, err := t.inputs.Train.Read(t.order.next())
		if err != nil {
			return err
		}
		batch = append(batch, prepared(in, t.invariances))
		queries += in.N
	}
	t.gradient.zero()
	for _, in := range batch {
		t.weights = Attend(in, t.shift, t.Causal, t.weights)
		t.work.Gradient(t.at, t.gradient, in, &Attention[float32]{t.weights, t.Causal}, 1/float32(queries))
	}
	t.adam.step(t.at, t.gradient, t.Rate*rateAt(t.step, t.Steps))
	t.step++
	if t.step%t.Check != 0 && !t.Done() {
		return nil
	}
	if !t.at.finite() {
		return errDiverged
	}
	d, err := t.look(ctx)
	if err != nil {
		return err
	}
	t.looks = append(t.looks, Look{t.step, d})
	if d < t.bestAt {
		t.best, t.bestAt, t.bestStep = t.at.clone(), d, t.step
	}
	return nil
}

// Finish looks at the held-out inputs, once, with what the validation inputs have chosen.
func (t *Training) Finish(ctx context.Context) (*Fitted, error) {
	f := &Fitted{Parameters: t.best, Invariances: t.invariances, Begun: t.begun, Validation: t.bestAt, Steps: t.step, BestStep: t.bestStep, ValidationHistory: t.looks}
	var err error
	if f.HeldOut, err = Evaluate(ctx, t.best, t.invariances, t.inputs.HeldOut, t.Causal); err != nil {
		return nil, err
	}
	f.Train, err = Evaluate(ctx, t.best, t.invariances, first{t.inputs.Train, t.inputs.HeldOut.Len()}, t.Causal)
	return f, err
}

// spread is so many inputs of a source at most, from all over it.
type spread struct {
	Source
	most int
}

func (s spread) Len() int { return min(s.most, s.Source.Len()) }

func (s spread) Read(i int) (*Tokens[float64], error) {
	return s.Source.Read(i * s.Source.Len() / s.Len())
}

// first is the first inputs of a source.
type first struct {
	Source
	most int
}

func (f first) Len() int { return min(f.most, f.Source.Len()) }
