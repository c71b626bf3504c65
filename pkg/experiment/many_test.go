package experiment

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// So many neurons that their features are not held are solved as if they were: by
// the inner products of all features, to rounding.
func TestManyNeurons(t *testing.T) {
	const text = `nasim: 1
input: {synthetic: {tokens: 30, dim: 4, values: 16}}
network: {features: {neurons: 150000}}
solver: {method: exact}
record: {variables: [hidden, calcium], every: 20ms, neurons: 3}
`
	const tolerance = 1e-12
	for _, sets := range [][]string{nil, {"schedule.order=causal"}, {"record.attention=false", "query_gain=equalised"}, {"map=cosine"}} {
		p := plan(t, text, sets...)
		in := &p.first.heads[0]
		if holdsFeatures(p.Config, in) {
			t.Fatal("they are held")
		}
		run, err := p.Run(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		have := run.heads[0]
		params, f := have.circuit.params, p.Config.Network.Features
		held, err := features.New(spec(p.Config), in.d, stream(p.Config.Seed, streamFeatures, in.layer, in.head))
		if err != nil {
			t.Fatal(err)
		}
		activity, err := held.Evaluate(in.q, in.k, in.n, features.Gain{Kind: f.QueryGain, Causal: params.Causal})
		if err != nil {
			t.Fatal(err)
		}
		head, err := model.NewHead(activity.Q, activity.K, in.v, in.n, f.Neurons, in.dv)
		if err != nil {
			t.Fatal(err)
		}
		kernel := head.Discrete(params.Causal, params.Division, model.Options{})
		exact, err := head.Exact(context.Background(), params, model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		recorder := &model.Recorder{Every: 0.02, Hidden: have.recorder.Hidden, Output: have.recorder.Output}
		if _, err := head.Exact(context.Background(), params, model.Options{Recorder: recorder}); err != nil {
			t.Fatal(err)
		}
		unit := have.circuit.unit(-2)
		for name, pair := range map[string][2][]float64{
			"kernel": {have.rung("kernel").Output, kernel.Output}, "exact": {have.rung("exact").Output, exact.Output},
			"calcium": {have.rung("exact").Normalizer, times(unit, exact.Normalizer)},
			"hidden":  {have.recorder.Trajectory.Of("hidden"), recorder.Trajectory.Of("hidden")},
			"traces":  {have.recorder.Trajectory.Of("calcium"), recorder.Trajectory.Of("calcium")},
		} {
			if d := apart(pair[0], pair[1]); !(d <= tolerance) {
				t.Errorf("%v: %s differs by %.2g", sets, name, d)
			}
		}
	}
	for _, sets := range [][]string{{"features.neurons=100000"}, {"record.attention=false", "synthetic.tokens=65"}, {"solver={method: dopri5, state: full}"}} {
		if p := plan(t, text, sets...); !holdsFeatures(p.Config, &p.first.heads[0]) {
			t.Errorf("%v: features are not held", sets)
		}
	}
}

// Arrays that are long to draw and to write are given up when nobody waits any more.
func TestWritingEnds(t *testing.T) {
	run, err := plan(t, sentence).Run(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := run.Write(ctx, t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func times(factor float64, x []float64) []float64 {
	x = slices.Clone(x)
	for i := range x {
		x[i] *= factor
	}
	return x
}
