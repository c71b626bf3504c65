package model

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/nasim-sim/nasim/pkg/model/features"
	"pgregory.net/rapid"
)

// Blocks of any size give the answers of a single block: the same sums in
// another order. Cancellation is none with a positive map; the tolerance is
// rounding over a few hundred terms.
func TestBlocksAreOneBlock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m, dv := rapid.IntRange(1, 12).Draw(t, "N"), rapid.IntRange(1, 20).Draw(t, "m"), rapid.IntRange(1, 4).Draw(t, "d_v")
		h := drawHead(t, drawPositiveMap(t), n, 2*m, 3, dv, rapid.Uint64().Draw(t, "seed"))
		p := drawParameters(t)
		ask := Options{Attention: rapid.Bool().Draw(t, "attention")}
		recorded := rapid.Bool().Draw(t, "recorded")
		record := func(o Options) (Options, *Recorder) {
			if !recorded {
				return o, nil
			}
			o.Recorder = &Recorder{Every: 0.017, Hidden: []int{0, 2*m - 1}, Output: []int{0}}
			return o, o.Recorder
		}
		ask, want := record(ask)
		ask.byTime = true
		one, err := h.Exact(context.Background(), p, ask)
		if err != nil {
			t.Fatal(err)
		}
		ask.blockSize = rapid.IntRange(1, 2*n).Draw(t, "block")
		ask, have := record(ask)
		several, err := h.Exact(context.Background(), p, ask)
		if err != nil {
			t.Fatal(err)
		}
		const tolerance = 1e-12
		compare := func(name string, x, y []float64) {
			if d := difference(x, y); len(y) > 0 && d > tolerance {
				t.Fatalf("%s: blocks of %d differ by %.2g", name, ask.blockSize, d)
			}
		}
		compare("output", several.Output, one.Output)
		compare("attention", several.Attention, one.Attention)
		compare("calcium", several.Normalizer, one.Normalizer)
		if recorded {
			compare("hidden", have.Trajectory.Of("hidden"), want.Trajectory.Of("hidden"))
			compare("output trace", have.Trajectory.Of("output"), want.Trajectory.Of("output"))
			compare("calcium trace", have.Trajectory.Of("calcium"), want.Trajectory.Of("calcium"))
			compare("‖H‖", have.Trajectory.Of("hebbian_norm"), want.Trajectory.Of("hebbian_norm"))
		}
	})
}

func drawPositiveMap(t *rapid.T) string {
	names := slices.DeleteFunc(features.Drawn(), func(n string) bool { return !features.Positive(n) })
	return rapid.SampledFrom(names).Draw(t, "map")
}

// drawParameters draws a continuous network with any mixture of lags, leaks
// and blanks.
func drawParameters(t *rapid.T) Parameters {
	tau := func(name string, choices ...float64) float64 { return rapid.SampledFrom(choices).Draw(t, name) }
	inf := math.Inf(1)
	return Parameters{
		TauHidden: tau("τ_h", 0, 0.01, 0.03, 0.2), TauOutput: tau("τ_f", 0, 0.01, 0.02, 0.1), TauCalcium: tau("τ_p", 0, 0.01, 0.05, 0.15),
		TauHebbian: tau("τ_H", inf, 1, 0.05), TauPresynaptic: tau("τ_g", inf, 0.5, 20),
		Write: 0.1, Read: 0.08, Gap: tau("T_gap", 0, 0.03), Baseline: 1, Division: Division{Floor: tau("p_min", 1e-9, 0.5)},
		Causal: rapid.Bool().Draw(t, "causal"),
		Drive:  rapid.SampledFrom([]Drive{Ungated, WhileReading, Hold}).Draw(t, "drive"), LearningRate: tau("η", 0, 1, 1.5),
	}
}

// A strong leak over many tokens multiplies H by less than any float64: the
// common factor is multiplied out on the way.
func TestLongLeak(t *testing.T) {
	h := drawHead(t, "positive", 60, 6, 2, 2, 4)
	p := Parameters{
		TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.02, TauHebbian: 0.01, TauPresynaptic: math.Inf(1),
		Write: 0.25, Read: 0.25, Baseline: 1, Division: Division{Floor: 1e-9}, Causal: true,
	}
	for _, tau := range []float64{0.01, 3e-4} { // e^{−25} and, as a float64, nothing left after each segment
		p.TauHebbian = tau
		for _, opt := range []Options{{byTime: true}, {by: bySynapses}, {by: byProducts}} {
			r, err := h.Exact(context.Background(), p, opt)
			if err != nil {
				t.Fatal(err)
			}
			lastTokenAlone(t, h, p, r)
		}
	}
}

func lastTokenAlone(t *testing.T, h *Head, p Parameters, r Result) {
	// With e^{−25} left after each segment, what token t reads is its own memory.
	alone, err := NewHead(h.PhiQ[59*6:], h.PhiK[59*6:], h.V[59*2:], 1, 6, 2)
	if err != nil {
		t.Fatal(err)
	}
	a, err := alone.Exact(context.Background(), p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	have, want := r.Output[59*2:], a.Output
	// Both divide by their own calcium, which for the last token holds all keys.
	ratio := have[0] / want[0]
	if math.Abs(have[1]/want[1]-ratio) > 1e-6*math.Abs(ratio) || math.IsNaN(ratio) {
		t.Errorf("outputs %v, alone %v", have, want)
	}
}
