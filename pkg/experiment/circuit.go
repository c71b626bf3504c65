package experiment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

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
	head     *model.Head // by its Gram matrix alone, or nil, once released
	neurons  int         // m
	sums     []float64   // what the queries read of the discrete network
	params   model.Parameters
	warnings []compare.Warning
}

// buildCircuit draws the hidden layer of one head and evaluates it.
func buildCircuit(ctx context.Context, cfg *config.Config, in *headInput) (c *circuit, err error) {
	c = &circuit{in: in, neurons: neurons(cfg, in), params: cfg.Network.Parameters(), softmax: in.softmax}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", in.label(), err)
		}
	}()
	if in.given() {
		c.activity = &features.Activity{Q: in.phiQ, K: in.phiK, LogGain: make([]float64, in.n)}
	} else if err := c.draw(ctx, cfg); err != nil {
		return nil, err
	}
	switch a := c.activity; {
	case a.Gram == nil:
		c.head, err = model.NewHead(a.Q, a.K, in.v, in.n, c.neurons, in.dv)
	case c.neurons == 0:
		c.head, err = model.NewIdealHead(a.Gram, in.v, in.n, in.dv)
	default:
		c.head, err = model.NewGramHead(a.Gram, in.v, in.n, in.dv, c.neurons, recordedNeurons(cfg, c.neurons), a.Q, a.K)
	}
	if err == nil && c.params.Divided() {
		if err = cfg.CompartmentsProblem(c.neurons); err == nil {
			err = c.head.Divide(c.params.Compartments.Count)
		}
	}
	if err != nil {
		return nil, err
	}
	// The features carry a common factor e^a, so the calcium's baseline and floor
	// carry e^{2a} (science §3).
	u := c.unit(2)
	if u == 0 || math.IsInf(u, 0) {
		return nil, fmt.Errorf("the features span %.0f decades, more than float64 holds: queries or keys are too long for the map %s; take a map without the factor e^{±|x|²/2} (%s), or shorter queries and keys",
			math.Abs(2*c.activity.Shift)/math.Ln10, cfg.Network.Features.Map, strings.Join(features.Level(), ", "))
	}
	median := c.medianRead()
	c.params.Baseline *= u
	if cfg.Network.Astrocyte.Baseline.Word == config.Median {
		c.params.Baseline = median
	}
	if slices.Contains(model.Calciums()[1:], c.params.Calcium.String()) && c.params.Circuit == model.Tripartite {
		if c.params.LargestSum = c.largestRead(); !(c.params.LargestSum > 0) {
			return nil, fmt.Errorf("no query reads anything, so that there is no drive to calibrate the calcium by (calcium: %s)", c.params.Calcium)
		}
	}
	c.params.Division.Floor *= median
	if c.params.Emergent() {
		c.params.Division.Processes = cfg.Network.EmergentDivision.Processes(c.neurons) / u
	}
	c.params.Division.HalfEffect *= median
	c.params.Division.Threshold *= median
	if c.params.Division.Level = 0; c.params.Circuit == model.NoAstrocyte {
		c.params.Division.Level = median
	}
	if err := cfg.LatencyProblem(in.n); err != nil {
		return nil, err
	}
	c.params.Division.StopAtFloor = c.params.Circuit == model.Tripartite && c.signed(cfg.Network.Features.Map)
	if err := c.hearSilence(cfg); err != nil {
		return nil, err
	}
	if !cfg.Record.Attention {
		c.warnings = append(c.warnings, compare.Warning{Code: "attention-not-computed",
			Text: "the effective attention is not computed (record.attention: false): row sums, clipped mass, entropy, total variation, KL and overlaps are null"})
	}
	return c, nil
}

// draw draws the hidden layer's tuning, and computes its answers and the
// softmax's.
func (c *circuit) draw(ctx context.Context, cfg *config.Config) (err error) {
	in, causal := c.in, c.params.Causal
	draws := func() *rand.Rand { return stream(cfg.Seed, streamFeatures, in.layer, in.head) }
	gain := features.Gain{Kind: cfg.Network.Features.QueryGain, Causal: causal}
	if c.softmax == nil {
		c.softmax = solveSoftmax(in, cfg, causal)
	}
	spec, err := in.spec(cfg)
	if err != nil {
		return err
	}
	if holdsFeatures(cfg, in) {
		if c.tuning = in.drawn; c.tuning == nil {
			c.tuning, err = features.New(spec, in.d, draws())
		}
		if err == nil {
			c.activity, err = c.tuning.EvaluateOver(in.over, in.q, in.k, in.n, gain)
		}
		return err
	}
	if c.tuning = in.drawn; c.tuning == nil {
		c.tuning, err = features.Stream(spec, in.d, draws)
	}
	if err == nil {
		c.activity, err = c.tuning.Inner(ctx, in.q, in.k, in.n, gain, recordedNeurons(cfg, c.neurons))
	}
	return err
}

// mostHeld is how many features of a head are held while it is solved, even where their
// inner products are all that it takes: 64 MiB.
const mostHeld = 1 << 23

// holdsFeatures reports whether a head's tuning and features are held while it is
// solved. Those of many neurons are not where the network's answers follow from the
// inner products of all tokens' features, and these are fewer and cost no more than H
// does: the attention is asked for, or 6 N² m operations are no more than the
// 4 N m d_v of about six solutions.
func holdsFeatures(cfg *config.Config, in *headInput) bool {
	m := neurons(cfg, in)
	few := in.n <= 4*in.dv || cfg.Record.Attention
	return in.given() || cfg.Solver.State == "full" || cfg.Network.Parameters().FrozenCoupling || cfg.Network.Astrocyte.Compartments > 1 || cfg.Network.Parameters().Emergent() || 2*in.n*m <= mostHeld || m <= 2*in.n || !few
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
func (c *circuit) medianRead() float64 {
	c.sums = c.head.KernelSums(c.params.Causal)
	sizes := make([]float64, len(c.sums))
	for i, sum := range c.sums {
		sizes[i] = math.Abs(sum)
	}
	return statistics.Quantile(sizes, 0.5)
}

// largestRead is the largest size of the kernel sums.
func (c *circuit) largestRead() float64 {
	var largest float64
	for _, sum := range c.sums {
		largest = max(largest, math.Abs(sum))
	}
	return largest
}

// hearSilence warns of queries that read nothing: no neuron that answers to them
// has been excited by a key. Where most are such there is no scale for the floor,
// and no network to integrate.
func (c *circuit) hearSilence(cfg *config.Config) error {
	if c.params.Division.StopAtFloor {
		return nil // a signed sum may be 0 by itself
	}
	count, first := 0, 0
	for t, sum := range slices.Backward(c.sums) {
		if !(sum > 0) {
			count, first = count+1, t
		}
	}
	if count == 0 {
		return nil
	}
	by, remedy := "the map "+cfg.Network.Features.Map, features.Unsilenced(spec(cfg))
	if c.in.given() {
		by, remedy = "the features given", "give features above 0 wherever a query is to be answered"
	}
	text := fmt.Sprintf("%d of %d queries are silent in %s, the first being that of token %d: they excite no hidden neuron that a key excites; %s",
		count, c.in.n, by, first, remedy)
	if c.params.Division.Floor == 0 && c.params.Circuit == model.Tripartite && integrated(cfg) {
		return errors.New(text)
	}
	c.warnings = append(c.warnings, compare.Warning{Code: "query-silent", Text: text})
	return nil
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

// inUnits undoes the features' common factor in a result's calcium.
func (c *circuit) inUnits(x model.Result) model.Result {
	unit := c.unit(-2)
	scaled := func(of []float64) []float64 {
		if of == nil {
			return nil
		}
		out := make([]float64, len(of))
		for i, p := range of {
			out[i] = p * unit
		}
		return out
	}
	x.Pools = scaled(x.Pools)
	x.Calcium, x.Normalizer = scaled(x.Calcium), scaled(x.Normalizer)
	return x
}

// warnFloor notes the reads of a rung whose calcium is at its floor.
func (c *circuit) warnFloor(r model.Result, rung string) {
	if r.AtFloor > 0 {
		c.warnings = append(c.warnings, compare.Warning{Code: "calcium-at-floor", Rung: rung, Text: fmt.Sprintf(
			"%s: calcium is at or below its floor at %d of %d reads; there the normaliser, and with it the answer, means nothing",
			rung, r.AtFloor, c.in.n)})
	}
}

// mostKeptProducts is how large a Gram matrix is kept when a head is solved, in entries: 8 MiB.
const mostKeptProducts = 1 << 20

// release drops what only solving needs: features are the largest arrays of a head,
// and its results outlive them. A Gram matrix that is there stays if it is small:
// with it the search for a remedy solves the head again at other times. The tuning
// stays if it will be written.
func (c *circuit) release(tuningWritten bool) {
	if !c.params.Emergent() && c.head.HasGram() && 4*c.in.n*c.in.n <= mostKeptProducts {
		c.head = c.head.ByGram()
	} else {
		c.head = nil
	}
	c.activity.Drop()
	if !tuningWritten {
		c.tuning = nil
	}
}
