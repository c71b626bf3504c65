package fit

import (
	"fmt"
	"math"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz/cases"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// stepsReference is a case of testdata/steps_reference.npz.
type stepsReference struct {
	t *testing.T
	cases.Case
}

func (r stepsReference) floats(array string) []float64 { return r.Floats(r.t, array) }

// parameters reads those whose arrays have a prefix.
func (r stepsReference) parameters(prefix string) *Parameters[float64] {
	r.t.Helper()
	f := Form{Dim: len(r.floats("square_k")), Neurons: len(r.floats("b_q")), Dendrites: len(r.floats("c_q"))}
	p := NewParameters[float64](f)
	for i, array := range []string{"W_q", "b_q", "D_q", "c_q", "W_k", "b_k", "D_k", "c_k", "square_k"} { // as Parameters.arrays lists them
		if n := copy(p.arrays()[i], r.floats(prefix+array)); n != len(p.arrays()[i]) {
			r.t.Fatalf("%s%s has %d entries", prefix, array, n)
		}
	}
	return p
}

// inputs are those of the case, with queries, keys and values as the head has them.
func (r stepsReference) inputs() (inputs held) {
	q, k, v := r.floats("q"), r.floats("k"), r.floats("v")
	d, total := len(r.floats("square_k")), 0
	tokens := r.Ints(r.t, "tokens")
	for _, n := range tokens {
		total += n
	}
	dv := len(v) / total
	at := 0
	for _, n := range tokens {
		inputs = append(inputs, &Tokens[float64]{N: n, Q: q[at*d : (at+n)*d], K: k[at*d : (at+n)*d], V: v[at*dv : (at+n)*dv]})
		at += n
	}
	return inputs
}

// off is the largest difference between two sets of parameters, of the largest of the second's array where that is above 1.
func off(have, want *Parameters[float64]) (most float64) {
	for i, x := range want.arrays() {
		size, difference := 1.0, 0.0
		for j, v := range x {
			size = math.Max(size, math.Abs(v))
			difference = math.Max(difference, math.Abs(v-have.arrays()[i][j]))
		}
		if !(difference/size <= most) {
			most = difference / size
		}
	}
	return most
}

// From the same start and on the same minibatches a fit's gradient, and its parameters after one step, five, and all of them, the rate
// rising and falling, are PyTorch's, of every form, masked and not: in float64 to rounding, and in the float32 that heads are fitted
// in to a hundred-thousandth (testdata/steps_reference.py).
func TestStepsArePyTorch(t *testing.T) {
	for _, c := range cases.Read(t, "testdata/steps_reference.npz", 7) {
		t.Run(c.Name, func(t *testing.T) {
			r := stepsReference{t, c}
			batches, steps := r.Ints(t, "batches"), len(r.floats("loss"))
			start := r.parameters("")
			learned := features.LearnedMap{Dim: start.Dim, MeanQ: r.floats("mean_q"), MeanK: r.floats("mean_k"), Balance: r.floats("balance")}
			var err error
			if learned.Inverse, err = features.Inverse(learned.Balance, start.Dim); err != nil {
				t.Fatal(err)
			}
			s := Settings{Form: start.Form, Causal: r.Ints(t, "causal")[0] == 1, Steps: steps, Batch: len(batches) / steps, Check: steps}
			r.inDouble(s, learned.Invariances(), start, batches)
			r.inSingle(s, learned.Invariances(), start, batches)
		})
	}
}

// inDouble takes the steps of a training, written out, in float64.
func (r stepsReference) inDouble(s Settings, v *features.Invariances, start *Parameters[float64], batches []int) {
	const tolerance = 1e-12
	inputs := r.inputs()
	at, gradient, moves := start.clone(), NewParameters[float64](s.Form), newAdam[float64](s.Form)
	var work workspace[float64]
	for step := range s.Steps {
		gradient.zero()
		batch, queries, loss := batches[step*s.Batch:(step+1)*s.Batch], 0, 0.0
		for _, i := range batch {
			queries += inputs[i].N
		}
		for _, i := range batch {
			in := &Tokens[float64]{inputs[i].N, v.Queries(inputs[i].Q, inputs[i].N), v.Keys(inputs[i].K, inputs[i].N), inputs[i].V}
			of := &Attention[float64]{Attend(in, v.Shift, s.Causal, nil), s.Causal}
			loss += work.Loss(at, in, of) / float64(queries)
			work.Gradient(at, gradient, in, of, 1/float64(queries))
		}
		if want := r.floats("loss")[step]; !(math.Abs(loss-want) <= tolerance*want) {
			r.t.Fatalf("the loss of minibatch %d is %v, not %v", step, loss, want)
		}
		if step == 0 {
			if d := off(gradient, r.parameters("d_")); !(d <= tolerance) {
				r.t.Errorf("the first gradient is off by %.2g", d)
			}
		}
		moves.step(at, gradient, 3e-2*rateAt(step, s.Steps))
		r.compare("float64", step+1, at, tolerance)
	}
}

// inSingle takes them by the training itself, in float32.
func (r stepsReference) inSingle(s Settings, v *features.Invariances, start *Parameters[float64], batches []int) {
	const tolerance = 1e-5
	inputs := r.inputs()
	training := newTraining(s, Inputs{Train: inputs, Validation: inputs, HeldOut: inputs})
	training.invariances, training.shift = v, inSingle(v.Shift)
	training.at = converted[float32](start)
	training.order = &order{at: batches, count: len(inputs)}
	for !training.Done() {
		if err := training.Step(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
		r.compare("float32", training.StepsDone(), converted[float64](training.at), tolerance)
	}
}

// compare holds parameters against the reference's after so many steps, where it has them.
func (r stepsReference) compare(kind string, step int, have *Parameters[float64], tolerance float64) {
	r.t.Helper()
	prefix := fmt.Sprintf("%d_", step)
	if !r.Has(prefix + "W_q") {
		return
	}
	d := off(have, r.parameters(prefix))
	r.t.Logf("%s: after %d steps parameters are off by %.2g", kind, step, d)
	if !(d <= tolerance) {
		r.t.Errorf("%s: after %d steps parameters are off by %.2g", kind, step, d)
	}
}
