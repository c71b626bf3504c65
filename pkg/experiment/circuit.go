package experiment

import (
	"fmt"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// circuit is one head with its hidden layer drawn and its constants set.
type circuit struct {
	in       *headInput
	softmax  *softmaxRung  // nil where only features are given
	tuning   *features.Map // nil likewise
	activity *features.Activity
	head     *model.Head // nil once released
	neurons  int         // m
	params   model.Parameters
	warnings []compare.Warning
}

// buildCircuit draws the hidden layer of one head and evaluates it.
func buildCircuit(cfg *config.Config, in *headInput) (*circuit, error) {
	c := &circuit{in: in}
	causal := cfg.Network.Schedule.Order == "causal"
	f := cfg.Network.Features
	if in.given() {
		c.activity = &features.Activity{Q: in.phiQ, K: in.phiK, LogGain: make([]float64, in.n)}
	} else {
		rng := stream(cfg.Seed, streamFeatures, in.layer, in.head)
		var err error
		if c.tuning, err = features.New(features.Spec{Map: f.Map, Rows: f.Rows, Neurons: f.Neurons}, in.d, rng); err != nil {
			return nil, fmt.Errorf("%s: %w", in.label(), err)
		}
		c.softmax = solveSoftmax(in, c.tuning.Spec, causal, cfg.Record.Attention)
		if c.activity, err = c.tuning.Evaluate(in.q, in.k, in.n, features.Gain{Kind: f.QueryGain, Causal: causal}); err != nil {
			return nil, fmt.Errorf("%s: %w", in.label(), err)
		}
	}
	neurons := in.m
	if !in.given() {
		neurons = f.Neurons
	}
	c.neurons = neurons
	var err error
	if c.head, err = model.NewHead(c.activity.Q, c.activity.K, in.v, in.n, neurons, in.dv); err != nil {
		return nil, fmt.Errorf("%s: %w", in.label(), err)
	}
	if u := c.unit(2); u == 0 || math.IsInf(u, 0) {
		return nil, fmt.Errorf("%s: the features span %.0f decades, more than float64 holds: queries or keys are too long for the map %s; use a map without a factor e^{½|x|²}, such as elu1",
			in.label(), math.Abs(2*c.activity.Shift)/math.Ln10, f.Map)
	}
	c.params = c.parameters(cfg)
	if !cfg.Record.Attention {
		c.warnings = append(c.warnings, compare.Warning{Code: "attention-not-computed",
			Text: "the effective attention is not computed (record.attention: false): row sums, clipped mass, entropy, total variation, KL and overlaps are null"})
	}
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
	p.Baseline = n.Astrocyte.Baseline * c.unit(2)
	p.Floor = n.Astrocyte.Floor * c.medianRead(p.Causal)
	p.StopAtFloor = c.signed(n.Features.Map)
	return p
}

// signed reports whether a feature can be negative, so that calcium can vanish.
func (c *circuit) signed(mapName string) bool {
	if !c.in.given() {
		return !features.Positive(mapName)
	}
	negative := func(x float64) bool { return x < 0 }
	return slices.ContainsFunc(c.in.phiQ, negative) || slices.ContainsFunc(c.in.phiK, negative)
}

// medianRead is the median size of the kernel sums: what calcium settles at when
// a query reads it, query gains included.
func (c *circuit) medianRead(causal bool) float64 {
	sums := c.head.KernelSums(causal)
	for i := range sums {
		sums[i] = math.Abs(sums[i])
	}
	return statistics.Quantile(sums, 0.5)
}

// gain is the factor by which each query's gain multiplies its calcium, nil
// where there is none.
func (c *circuit) gain() []float64 {
	if !slices.ContainsFunc(c.activity.LogGain, func(l float64) bool { return l != 0 }) {
		return nil
	}
	return exponentials(c.activity.LogGain)
}

// unit returns e^{power·a}: what the features' common factor makes of a quantity
// that is of the given power in them.
func (c *circuit) unit(power float64) float64 { return portable.Exp(power * c.activity.Shift) }

// calcium undoes the features' common factor in a calcium of the network.
func (c *circuit) calcium(p []float64) []float64 {
	unit := c.unit(-2)
	out := make([]float64, len(p))
	for i := range p {
		out[i] = p[i] * unit
	}
	return out
}

// warnFloor notes the reads of a rung whose calcium is at its floor.
func (c *circuit) warnFloor(r model.Result, rung string) {
	if r.AtFloor > 0 {
		c.warnings = append(c.warnings, compare.Warning{Code: "calcium-at-floor", Rung: rung, Text: fmt.Sprintf(
			"%s: calcium is at or below its floor at %d of %d reads; there the normaliser, and with it the answer, means nothing",
			rung, r.AtFloor, c.in.n)})
	}
}

// release drops what only solving needs: features and their Gram matrix are the
// largest arrays of a head, and its results outlive them.
func (c *circuit) release() {
	c.head = nil
	c.activity.Q, c.activity.K = nil, nil
}
