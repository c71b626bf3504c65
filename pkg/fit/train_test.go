package fit

import (
	"bytes"
	"io"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
)

// held are inputs in memory.
type held []*Tokens[float64]

func (h held) Len() int                             { return len(h) }
func (h held) Read(i int) (*Tokens[float64], error) { return h[i], nil }

func randomInputs(count, n, d int, rng *rand.Rand) (h held) {
	for range count {
		h = append(h, randomTokens(n, d, 2, rng))
	}
	return h
}

func randomFit(seed uint64) Inputs {
	rng := rand.New(rand.NewPCG(seed, 1))
	return Inputs{Train: randomInputs(7, 9, 3, rng), Validation: randomInputs(3, 9, 3, rng), HeldOut: randomInputs(2, 9, 3, rng)}
}

// A fit that is saved and taken up again after every step, or now and then, comes to the same bits as one that goes through.
func TestResume(t *testing.T) {
	for _, s := range []Settings{
		{Form: Form{Dim: 3, Neurons: 6}, Steps: 25, Batch: 3, Check: 4, Patience: -1, Seed: 3},
		{Form: Form{Dim: 3, Neurons: 4, Dendrites: 2}, Causal: true, Steps: 9, Batch: 7, Check: 5, Seed: 4},
	} {
		in := randomFit(5)
		var err error
		if in.Invariances, err = InvariancesOf(t.Context(), in.Train, s.Dim); err != nil {
			t.Fatal(err)
		}
		want, err := Head(t.Context(), s, in, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, every := range []int{1, 4, 6} {
			training, err := NewTraining(t.Context(), s, in)
			if err != nil {
				t.Fatal(err)
			}
			for !training.Done() {
				if err := training.Step(t.Context()); err != nil {
					t.Fatal(err)
				}
				if training.StepsDone()%every != 0 {
					continue
				}
				if training, err = ResumeTraining(s, in, saved(t, training.Save)); err != nil {
					t.Fatal(err)
				}
			}
			got, err := training.Finish(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, saved every %d steps: %+v, not %+v", s, every, got, want)
			}
			again, err := ReadFitted(s.Form, in.Invariances, saved(t, got.Save))
			if err != nil || !reflect.DeepEqual(again, want) {
				t.Errorf("read again: %+v (%v)", again, err)
			}
		}
	}
}

// What a checkpoint does not hold, or not whole, is told.
func TestResumeRefuses(t *testing.T) {
	s, in := Settings{Form: Form{Dim: 3, Neurons: 6}, Steps: 4}, randomFit(6)
	training, err := NewTraining(t.Context(), s, in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ResumeTraining(s, in, saved(t, training.Save)); err == nil {
		t.Error("taken up without its invariances")
	}
	in.Invariances = training.invariances
	s.Neurons = 5
	if _, err := ResumeTraining(s, in, saved(t, training.Save)); err == nil {
		t.Error("another form")
	}
	s.Neurons = 6
	training.step = 5
	if _, err := ResumeTraining(s, in, saved(t, training.Save)); err == nil {
		t.Error("more steps than there are")
	}
	training.looks = nil
	if _, err := ResumeTraining(s, in, saved(t, training.Save)); err == nil {
		t.Error("no look")
	}
}

func saved(t *testing.T, save func(w io.Writer) error) *npz.File {
	t.Helper()
	var file bytes.Buffer
	if err := save(&file); err != nil {
		t.Fatal(err)
	}
	f, err := npz.Read("saved", file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A fit stops once so many looks in a row have found nothing better, keeps the best, and goes through where it is told to.
func TestEarlyStopping(t *testing.T) {
	in := randomFit(7)
	rng := rand.New(rand.NewPCG(8, 1))
	for _, of := range in.Train.(held) { // what there is to learn is not what validation asks for
		for i := range of.K {
			of.K[i] = -of.Q[i] + 0.1*rng.NormFloat64()
		}
	}
	s := Settings{Form: Form{Dim: 3, Neurons: 8}, Steps: 200, Check: 2, Patience: 3, Rate: 0.1, Seed: 1}
	f, err := Head(t.Context(), s, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.Steps >= 200 || f.Steps != f.BestStep+2*3 {
		t.Errorf("stopped after %d steps, the best after %d", f.Steps, f.BestStep)
	}
	for _, look := range f.ValidationHistory {
		if look.Error < f.Validation {
			t.Errorf("%+v is better than what was kept, %v", look, f.Validation)
		}
	}
	s.Patience = -1
	if f, err = Head(t.Context(), s, in, nil); err != nil || f.Steps != 200 {
		t.Errorf("%d steps (%v), not all of them", f.Steps, err)
	}
}

// Of many validation inputs a look is at some from all over.
func TestSpread(t *testing.T) {
	in := randomInputs(10, 1, 1, rand.New(rand.NewPCG(1, 1)))
	s := spread{in, 4}
	for i, want := range []int{0, 2, 5, 7} {
		if got, err := s.Read(i); err != nil || got != in[want] || s.Len() != 4 {
			t.Errorf("input %d of %d is not %d", i, s.Len(), want)
		}
	}
	if (spread{in, 20}).Len() != 10 {
		t.Error("of few not all")
	}
}
