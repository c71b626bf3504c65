package experiment

import (
	"context"
	"iter"
	"math"
	"slices"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// longTokens have features far from 1, so that the common factor e^a that brings
// the largest to 1 is far from it, too. The calcium's baseline is far above what
// queries read, and its floor is high: both show.
const longTokens = `nasim: 1
seed: 3
input: {synthetic: {tokens: 6, dim: 4, values: 3, norm: 6}}
network:
  features: {neurons: 8}
  astrocyte: {tau_calcium: 15ms, baseline: 1, floor: 0.95}
  schedule: {write: 60ms, read: 60ms, gap: 5ms}
solver: {method: dopri5, rtol: 1e-7, atol: 1e-6}
record: {every: 7ms, neurons: 8}
`

// unshifted is the head of a run with the features' common factor undone, and its
// parameters in the units of the configuration.
func unshifted(t *testing.T, p *Prepared) (*model.Head, model.Parameters, float64) {
	t.Helper()
	in := &p.first.heads[0]
	drawn, err := features.New(spec(p.Config), in.d, stream(p.Config.Seed, streamFeatures, in.layer, in.head))
	if err != nil {
		t.Fatal(err)
	}
	a, err := drawn.Evaluate(in.q, in.k, in.n, features.Gain{})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(a.Shift) < 1.5 {
		t.Fatalf("the common factor is only e^%.2g: the test says little", a.Shift)
	}
	phiQ, phiK := slices.Clone(a.Q), slices.Clone(a.K)
	for _, phi := range [][]float64{phiQ, phiK} {
		for i := range phi {
			phi[i] *= math.Exp(-a.Shift)
		}
	}
	head, err := model.NewHead(phiQ, phiK, in.v, in.n, drawn.Neurons, in.dv)
	if err != nil {
		t.Fatal(err)
	}
	params := p.Config.Network.Parameters()
	sums := head.KernelSums(params.Causal)
	params.Division.Floor *= statistics.Quantile(sums, 0.5)
	return head, params, a.Shift
}

// unitTolerance: the factor is undone entry by entry, at a few roundings each, and
// exponents of up to 20 round at 1e-15 relative to themselves.
const unitTolerance = 1e-11

func apart(x, y []float64) float64 {
	var worst, size float64
	for i := range y {
		worst, size = max(worst, math.Abs(x[i]-y[i])), max(size, math.Abs(y[i]))
	}
	return worst / size
}

// The common factor on the features is seen nowhere: outputs, normalisers and
// trajectories are those of the features as they are, with baseline, floor and
// tolerances as configured (science §3).
func TestTheCommonFactorIsUndone(t *testing.T) {
	for _, order := range []string{"bidirectional", "causal"} {
		p := plan(t, longTokens, append(slices.Clone(firstEquations), "schedule.order="+order)...)
		head, params, shift := unshifted(t, p)
		run, err := p.Run(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		have := run.heads[0]
		exact, err := head.Exact(context.Background(), params, model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		rec := &model.Recorder{Every: 0.007, Hidden: have.recorder.Hidden, Output: have.recorder.Output}
		solver := model.Solver{Method: integrator.Dopri5(), Rtol: 1e-7, Atol: 1e-6}
		solved, stats, err := head.Integrate(context.Background(), params, solver, model.Options{Recorder: rec})
		if err != nil {
			t.Fatal(err)
		}
		if have.stats.Accepted != stats.Accepted || have.stats.Rejected != stats.Rejected {
			t.Errorf("%s: %v, unshifted %v", order, have.stats, stats)
		}
		if !params.Causal && (exact.AtFloor == 0 || exact.AtFloor == head.Tokens) {
			t.Errorf("%d reads at the floor: the test says little of it", exact.AtFloor)
		}
		for name, pair := range map[string][2][]float64{
			"exact output": {have.rung("exact").Output, exact.Output}, "exact calcium": {have.rung("exact").Normalizer, exact.Normalizer},
			"solved output": {have.rung("solver").Output, solved.Output}, "solved calcium": {have.rung("solver").Normalizer, solved.Normalizer},
		} {
			if d := apart(pair[0], pair[1]); d > unitTolerance {
				t.Errorf("%s: %s differs by %.2g", order, name, d)
			}
		}
		for _, channel := range model.Channels() {
			if !channel.Has(params) {
				continue
			}
			written := together(run.interleaved(channel, len(rec.Trajectory.T), channel.Width(rec)))
			if d := apart(written, rec.Trajectory.Of(channel.Name)); d > unitTolerance {
				t.Errorf("%s: trajectory of %s differs by %.2g (e^a = %.3g)", order, channel.Name, d, math.Exp(shift))
			}
		}
	}
}

// ‖H‖ as recorded is that of H = Σ v φᵀ where every time constant is at its limit.
func TestRecordedNormIsThatOfTheSynapses(t *testing.T) {
	p := plan(t, longTokens, "network.neurons={tau_hidden: 0ms, tau_output: 0ms}", "solver={method: exact}")
	head, _, _ := unshifted(t, p)
	run, err := p.Run(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	synapses := make([]float64, head.Values*head.Neurons)
	kernel.Gemm(true, false, head.Values, head.Neurons, head.Tokens, 1, head.V, head.Values, head.PhiK, head.Neurons, 0, synapses, head.Neurons)
	want := math.Sqrt(kernel.Dot(synapses, synapses))
	tr := run.heads[0].recorder.Trajectory
	channels := model.Channels()
	at := slices.IndexFunc(channels, func(channel model.Channel) bool { return channel.Name == "hebbian_norm" })
	norms := together(run.interleaved(channels[at], len(tr.T), 1))
	if have := norms[len(norms)-1]; math.Abs(have-want) > unitTolerance*want {
		t.Errorf("‖H‖ at the end is %v, want %v", have, want)
	}
}

// together is an array that comes part after part.
func together(parts iter.Seq[[]float64]) (all []float64) {
	for part := range parts {
		all = append(all, part...)
	}
	return all
}
