package fit

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// apart is a whole model of one place, whose answer to an input is the map's own and whose reference is another map's.
type apart struct {
	inputs    []*Tokens[float64]
	reference *StandIn[float64]
	asked     func(input int)
}

func (a *apart) Ask(_ context.Context, i int, maps []*StandIn[float64], gradients []*Parameters[float64]) (Agreement, error) {
	if a.asked != nil {
		a.asked(i)
	}
	in := a.inputs[i]
	want := new(Pass[float64]).Attend(a.reference, in.Q, in.K, in.V, in.N)
	var pass Pass[float64]
	got := pass.Attend(maps[0], in.Q, in.K, in.V, in.N)
	agreement, gradient := (&Answer[float64]{Scores: got, Columns: len(got)}).Against(&Answer[float64]{Scores: want, Columns: len(want)})
	if gradients != nil {
		pass.Back(gradient.Scores, gradients[0])
	}
	return agreement, nil
}

func jointCase(t *testing.T) (*apart, []*features.LearnedMap, JointInputs) {
	t.Helper()
	rng := rand.New(rand.NewPCG(31, 32))
	f := Form{Dim: 3, Neurons: 6}
	a := &apart{}
	for range 12 {
		a.inputs = append(a.inputs, randomTokens(5, f.Dim, 2, rng))
	}
	reference := randomLearned(t, f, a.inputs[0], rng)
	a.reference = NewStandIn[float64](reference, false)
	begin := randomLearned(t, f, a.inputs[0], rng)
	return a, []*features.LearnedMap{begin}, JointInputs{Train: []int{0, 1, 2, 3, 4, 5, 6, 7}, Validation: []int{8, 9}, HeldOut: []int{10, 11}}
}

// A joint tuning lowers the loss on inputs that it has not seen, by the parameters that were best on those to choose by; the numbers
// told are those of the maps that it returns; and it is the same on one thread and on three.
func TestJointly(t *testing.T) {
	a, begin, in := jointCase(t)
	settings := JointSettings{Steps: 200, Batch: 4, Rate: 0.05, Check: 20}
	tuned, err := Jointly(t.Context(), settings, a, in, begin, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !(tuned.HeldOut.Loss < 0.7*tuned.Before.Loss) || !(tuned.Validation.Loss < 0.7*tuned.Begun.Loss) || tuned.Steps != 200 || tuned.BestStep%20 != 0 {
		t.Errorf("%+v", tuned)
	}
	for _, c := range []struct {
		maps   []*features.LearnedMap
		inputs []int
		want   Agreement
	}{{begin, in.Validation, tuned.Begun}, {tuned.Maps, in.Validation, tuned.Validation}, {begin, in.HeldOut, tuned.Before}, {tuned.Maps, in.HeldOut, tuned.HeldOut}} {
		if got, err := newJoint(settings.filled(), a, c.maps).ask(t.Context(), c.inputs); err != nil || got != c.want {
			t.Errorf("%+v is told, and it is %+v, %v", c.want, got, err)
		}
	}
	settings.Threads = 3
	again, err := Jointly(t.Context(), settings, a, in, begin, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range again.Maps[0].Query.W {
		if x != tuned.Maps[0].Query.W[i] {
			t.Fatal("three threads give another map")
		}
	}
}

// Where no step is better the maps stay as they were, and what goes wrong is said.
func TestJointlyFails(t *testing.T) {
	a, begin, in := jointCase(t)
	a.reference = NewStandIn[float64](begin[0], false) // which cannot be bettered
	tuned, err := Jointly(t.Context(), JointSettings{Steps: 5, Batch: 2, Rate: 0.1}, a, in, begin, nil)
	if err != nil || tuned.BestStep != 0 || tuned.Validation != tuned.Begun || tuned.HeldOut != tuned.Before || tuned.Maps[0].Key.B[0] != begin[0].Key.B[0] {
		t.Errorf("%+v, %v", tuned, err)
	}
	a, begin, in = jointCase(t)
	if _, err := Jointly(t.Context(), JointSettings{Steps: 60, Batch: 2, Rate: math.MaxFloat64}, a, in, begin, nil); !errors.Is(err, errDiverged) {
		t.Errorf("the error is %v", err)
	}
	if _, err := Jointly(t.Context(), JointSettings{}, a, JointInputs{Train: in.Train, HeldOut: in.HeldOut}, begin, nil); err == nil {
		t.Error("nothing to choose by is no error")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	a.asked = func(int) { cancel(stopped) }
	if _, err := Jointly(ctx, JointSettings{Threads: 2}, a, in, begin, nil); !errors.Is(err, stopped) {
		t.Errorf("the error is %v", err)
	}
}

// A joint tuning that is saved after any step and taken up again ends with the same bits.
func TestTuningGoesOn(t *testing.T) {
	a, begin, in := jointCase(t)
	settings := JointSettings{Steps: 23, Batch: 3, Rate: 0.05, Check: 5}
	whole, err := Jointly(t.Context(), settings, a, in, begin, nil)
	if err != nil {
		t.Fatal(err)
	}
	for after := range settings.Steps + 1 {
		tuning, err := NewTuning(t.Context(), settings, a, in, begin)
		if err != nil {
			t.Fatal(err)
		}
		for range after {
			if err := tuning.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var kept bytes.Buffer
		if err := tuning.Save(&kept); err != nil {
			t.Fatal(err)
		}
		file, err := npz.Read("kept", kept.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if tuning, err = ResumeTuning(settings, a, in, begin, file); err != nil {
			t.Fatal(err)
		}
		for !tuning.Done() {
			if err := tuning.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		tuned, err := tuning.Finish(t.Context())
		if err != nil || !reflect.DeepEqual(tuned, whole) {
			t.Fatalf("left after step %d: %+v (%v), and %+v without", after, tuned, err, whole)
		}
		settings := settings
		settings.Steps = after - 1
		if _, err := ResumeTuning(settings, a, in, begin, file); after > 0 && settings.Steps > 0 && err == nil {
			t.Error("more steps than there are were taken up")
		}
	}
}
