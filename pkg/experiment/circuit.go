package experiment

import (
	"fmt"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// circuit is one head with its hidden layer drawn and its constants set.
type circuit struct {
	in       *headInput
	softmax  *softmaxRung  // nil where only features are given
	tuning   *features.Map // nil likewise
	activity *features.Activity
	head     *model.Head
	params   model.Parameters
	warnings []string
}

// buildCircuit draws the hidden layer of one head and evaluates it.
func buildCircuit(cfg *config.Config, in *headInput) (*circuit, error) {
	c := &circuit{in: in}
	causal := cfg.Network.Schedule.Order == "causal"
	f := cfg.Network.Features
	if in.given() {
		c.activity = &features.Activity{Q: in.phiQ, K: in.phiK, LogGain: make([]float64, in.n)}
	} else {
		attention, logZ := transformer.Softmax(in.q, in.k, in.n, in.d, causal)
		c.softmax = &softmaxRung{attention, applyAttention(attention, in.v, in.n, in.dv), exponentials(logZ)}
		rng := stream(cfg.Seed, streamFeatures, in.layer, in.head)
		var err error
		if c.tuning, err = features.New(features.Spec{Map: f.Map, Rows: f.Rows, Neurons: f.Neurons}, in.d, rng); err != nil {
			return nil, fmt.Errorf("%s: %w", in.label(), err)
		}
		if c.activity, err = c.tuning.Evaluate(in.q, in.k, in.n, features.Gain{Kind: f.QueryGain, Causal: causal}); err != nil {
			return nil, fmt.Errorf("%s: %w", in.label(), err)
		}
	}
	neurons := in.m
	if !in.given() {
		neurons = f.Neurons
	}
	var err error
	if c.head, err = model.NewHead(c.activity.Q, c.activity.K, in.v, in.n, neurons, in.dv); err != nil {
		return nil, fmt.Errorf("%s: %w", in.label(), err)
	}
	c.params = c.parameters(cfg)
	return c, nil
}

// parameters translates the configuration. The features carry a common factor
// e^a, so the calcium's baseline and floor carry e^{2a} (science §3).
func (c *circuit) parameters(cfg *config.Config) model.Parameters {
	n := cfg.Network
	p := model.Parameters{
		TauHidden: float64(n.Neurons.TauHidden), TauOutput: float64(n.Neurons.TauOutput),
		TauHebbian: float64(n.Synapses.TauHebbian), TauPresynaptic: float64(n.Synapses.TauPresynaptic),
		TauCalcium: float64(n.Astrocyte.TauCalcium),
		Write:      float64(n.Schedule.Write), Read: float64(n.Schedule.Read), Gap: float64(n.Schedule.Gap),
		Causal: n.Schedule.Order == "causal",
	}
	unit := math.Exp(2 * c.activity.Shift)
	p.Baseline = n.Astrocyte.Baseline * unit
	p.Floor = n.Astrocyte.Floor * c.normaliserScale(p.Causal) * unit
	p.StopAtFloor = !c.in.given() && !features.Positive(n.Features.Map)
	return p
}

// normaliserScale is the median of Z; of the kernel sums where Z is not known
// or beyond float64.
func (c *circuit) normaliserScale(causal bool) float64 {
	if c.softmax != nil {
		if z := median(c.softmax.z); !math.IsInf(z, 0) && z > 0 {
			return z
		}
	}
	sums := c.head.KernelSums(causal)
	for i := range sums {
		sums[i] = math.Abs(sums[i]) * c.undo(2)
	}
	return median(sums)
}

func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// gain is the factor by which each query's gain multiplies its calcium, nil
// where there is none.
func (c *circuit) gain() []float64 {
	if !slices.ContainsFunc(c.activity.LogGain, func(l float64) bool { return l != 0 }) {
		return nil
	}
	return exponentials(c.activity.LogGain)
}

// undo returns e^{−power·a}: what takes the features' common factor out of a
// quantity of the network that carries it to the given power.
func (c *circuit) undo(power float64) float64 { return math.Exp(-power * c.activity.Shift) }

// calcium undoes the features' common factor in a calcium of the network.
func (c *circuit) calcium(p []float64) []float64 {
	unit := c.undo(2)
	out := make([]float64, len(p))
	for i := range p {
		out[i] = p[i] * unit
	}
	return out
}

// warnFloor notes the reads of a rung whose calcium is at its floor.
func (c *circuit) warnFloor(r model.Result, rung string) {
	if r.AtFloor > 0 {
		c.warnings = append(c.warnings, fmt.Sprintf("%s: calcium is at or below its floor at %d of %d reads; there the normaliser, and with it the answer, means nothing",
			rung, r.AtFloor, c.in.n))
	}
}
