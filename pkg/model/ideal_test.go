package model

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// A head that is given by the inner products of its features answers as the head
// that has the features: every way of solving sees the hidden layer through them
// alone.
func TestIdealHeadSeesProductsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawn := drawHead(t, drawPositiveMap(t), rapid.IntRange(1, 40).Draw(t, "N"), 14, 3, rapid.IntRange(1, 5).Draw(t, "d_v"), rapid.Uint64().Draw(t, "seed"))
		p := drawParameters(t)
		ideal, err := NewIdealHead(drawn.Gram(), drawn.V, drawn.Tokens, drawn.Values)
		if err != nil {
			t.Fatal(err)
		}
		// A fresh head, so that it does not go by its own Gram matrix.
		other, err := NewHead(drawn.PhiQ, drawn.PhiK, drawn.V, drawn.Tokens, drawn.Neurons, drawn.Values)
		if err != nil {
			t.Fatal(err)
		}
		attention := rapid.Bool().Draw(t, "attention")
		same := func(name string, have, want Result) {
			const tolerance = 1e-12
			for part, pair := range map[string][2][]float64{
				"output": {have.Output, want.Output}, "attention": {have.Attention, want.Attention}, "calcium": {have.Normalizer, want.Normalizer},
			} {
				if d := difference(pair[0], pair[1]); len(pair[1]) > 0 && d > tolerance {
					t.Errorf("%s: %s differs by %.2g", name, part, d)
				}
			}
			if have.AtFloor != want.AtFloor {
				t.Errorf("%s: %d reads at the floor, want %d", name, have.AtFloor, want.AtFloor)
			}
		}
		ctx, opt := context.Background(), Options{Attention: attention}
		same("discrete", answered(t, ideal.Discrete(p.Causal, p.Division, opt)), answered(t, other.Discrete(p.Causal, p.Division, opt)))
		want, err := other.Exact(ctx, p, opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, byTime := range []bool{false, true} {
			have, err := ideal.Exact(ctx, p, Options{Attention: attention, byTime: byTime})
			if err != nil {
				t.Fatal(err)
			}
			same("exact", have, want)
		}
		solver := Solver{Method: integrator.RK4(), Step: 1e-3}
		want, _, err = other.Integrate(ctx, p, solver, opt)
		if err != nil {
			t.Fatal(err)
		}
		recorder := &Recorder{Every: 0.01, Output: []int{0}}
		have, _, err := ideal.Integrate(ctx, p, solver, Options{Attention: attention, Recorder: recorder})
		if err != nil {
			t.Fatal(err)
		}
		same("integrated", have, want)
		if len(recorder.Trajectory.Of("hidden")) != 0 || len(recorder.Trajectory.Of("output")) != len(recorder.Trajectory.T) {
			t.Error("a trajectory of hidden neurons that are none")
		}
	})
}

// answered returns what the discrete network answers where it does: a query that no
// neuron of a key responds to, as a rectified map may have it, reads exactly 0, and
// its answer is 0/0. Such rows are held to that, but for masked keys, and left out.
func answered(t *rapid.T, result Result) Result {
	for token, sum := range result.Normalizer {
		if sum != 0 {
			continue
		}
		for _, answers := range [][]float64{result.Output, result.Attention} {
			width := len(answers) / len(result.Normalizer)
			row := answers[token*width : (token+1)*width]
			if slices.ContainsFunc(row, func(x float64) bool { return x != 0 && !math.IsNaN(x) }) {
				t.Errorf("query %d reads 0, and its answer is %g", token, row)
			}
			clear(row)
		}
	}
	return result
}

// What has no meaning without single neurons is refused.
func TestIdealHeadHasNoNeurons(t *testing.T) {
	p := problems(t)[0]
	drawn := p.head(t)
	ideal, err := NewIdealHead(drawn.Gram(), drawn.V, drawn.Tokens, drawn.Values)
	if err != nil {
		t.Fatal(err)
	}
	ctx, solver := context.Background(), Solver{Method: integrator.RK4(), Step: 1e-3}
	if _, _, err := ideal.IntegrateFull(ctx, p.parameters(), solver, Options{}); !errors.Is(err, errIdeal) {
		t.Errorf("full state: %v", err)
	}
	if _, err := ideal.Exact(ctx, p.parameters(), Options{Recorder: &Recorder{Every: 0.1, Hidden: []int{0}}}); !errors.Is(err, errIdeal) {
		t.Errorf("recording a hidden neuron: %v", err)
	}
	if _, err := NewIdealHead(drawn.Gram()[1:], drawn.V, drawn.Tokens, drawn.Values); err == nil {
		t.Error("a Gram matrix that is too small is taken")
	}
	if ideal.Synapses() != 0 {
		t.Errorf("%d synapses", ideal.Synapses())
	}
}

// Networks of infinitely many neurons against SciPy, which integrates the
// coefficients' equations (testdata/ideal_reference.py).
func TestIdealAgreesWithSciPy(t *testing.T) {
	var reference struct {
		Cases []struct {
			Tokens, Values   int
			Causal           bool
			Q, K, V          []float64
			Output, Calcium  []float64
			Gap, Write, Read float64
			P0, Floor        float64
			TauH             float64 `json:"tau_h"`
			TauF             float64 `json:"tau_f"`
			TauP             float64 `json:"tau_p"`
			TauHebbian       float64 `json:"tau_H"`
			TauG             float64 `json:"tau_g"`
		}
	}
	raw, err := os.ReadFile("testdata/ideal_reference.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &reference); err != nil {
		t.Fatal(err)
	}
	for i, c := range reference.Cases {
		tuning, err := features.New(features.Spec{Map: features.Ideal}, len(c.Q)/c.Tokens, nil)
		if err != nil {
			t.Fatal(err)
		}
		a, err := tuning.Evaluate(c.Q, c.K, c.Tokens, features.Gain{})
		if err != nil {
			t.Fatal(err)
		}
		head, err := NewIdealHead(a.Gram, c.V, c.Tokens, c.Values)
		if err != nil {
			t.Fatal(err)
		}
		unit := math.Exp(2 * a.Shift)
		p := Parameters{
			TauHidden: c.TauH, TauOutput: c.TauF, TauCalcium: c.TauP, TauHebbian: c.TauHebbian, TauPresynaptic: c.TauG,
			Write: c.Write, Read: c.Read, Gap: c.Gap, Causal: c.Causal, Baseline: c.P0 * unit, LearningRate: 1, Division: Division{Floor: c.Floor * unit},
		}
		have, err := head.Exact(context.Background(), p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for j := range have.Normalizer {
			have.Normalizer[j] /= unit
		}
		for name, pair := range map[string][2][]float64{"output": {have.Output, c.Output}, "calcium": {have.Normalizer, c.Calcium}} {
			if d := difference(pair[0], pair[1]); d > 1e-10 {
				t.Errorf("case %d: %s differs by %.2g", i, name, d)
			}
		}
	}
}

// Of a head that is known by its Gram matrix and by single neurons, those are
// recorded as of the whole head, in whatever order; others are refused.
func TestSingleNeuronsAreRecorded(t *testing.T) {
	const tolerance = 1e-13
	p := distinct()
	for _, causal := range []bool{false, true} {
		p.Causal = causal
		drawn := drawHead(t, "positive", 5, 8, 3, 2, 17)
		single := []int{2, 5, 6}
		var phi [2][]float64
		for token := range drawn.Tokens {
			for _, neuron := range single {
				phi[0] = append(phi[0], drawn.PhiQ[token*drawn.Neurons+neuron])
				phi[1] = append(phi[1], drawn.PhiK[token*drawn.Neurons+neuron])
			}
		}
		known, err := NewGramHead(drawn.Gram(), drawn.V, drawn.Tokens, drawn.Values, drawn.Neurons, single, phi[0], phi[1])
		if err != nil {
			t.Fatal(err)
		}
		if known.Synapses() != drawn.Synapses() {
			t.Errorf("%d synapses", known.Synapses())
		}
		ctx, solver := context.Background(), Solver{Method: integrator.RK4(), Step: 1e-3}
		record := func(head *Head, hidden ...int) (Trajectory, error) {
			recorder := &Recorder{Every: 0.01, Hidden: hidden, Output: []int{0}}
			_, _, err := head.Integrate(ctx, p, solver, Options{Attention: true, Recorder: recorder})
			return recorder.Trajectory, err
		}
		want, errWant := record(drawn, 6, 2)
		have, errHave := record(known, 6, 2)
		if errWant != nil || errHave != nil {
			t.Fatal(errWant, errHave)
		}
		for _, channel := range Channels() {
			if d := difference(have.Of(channel.Name), want.Of(channel.Name)); d > tolerance {
				t.Errorf("causal %v: %s differs by %.2g", causal, channel.Name, d)
			}
		}
		if _, err := record(known, 2, 3); !errors.Is(err, errIdeal) {
			t.Errorf("a neuron that is not known is recorded: %v", err)
		}
		if _, _, err := known.IntegrateFull(ctx, p, solver, Options{}); !errors.Is(err, errIdeal) {
			t.Errorf("full state: %v", err)
		}
		if _, err := NewGramHead(drawn.Gram(), drawn.V, drawn.Tokens, drawn.Values, drawn.Neurons, single, phi[0], phi[1][1:]); err == nil {
			t.Error("features of too few tokens are taken")
		}
	}
}
