package experiment

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
)

// The map of infinitely many neurons has no kernel error, no seed and no number of
// synapses; maps that estimate it tend to its answer as 1/√m, and say beside their
// own dynamics what its cost.
func TestMapsTendToTheIdeal(t *testing.T) {
	text := "nasim: 1\ninput: {tensors: {file: " + writeTensors(t, map[string][]int{"q": {10, 4}, "k": {10, 4}, "v": {10, 3}}) + "}}\nsolver: {method: exact}\nrecord: {variables: []}\n"
	for _, order := range []string{"bidirectional", "causal"} {
		solve := func(sets ...string) *Result {
			r, err := plan(t, text, append(sets, "schedule.order="+order)...).Run(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		ideal := solve("map=ideal")
		report := ideal.Report.Heads[0]
		if x := report.Value(compare.OnLadder, "kernel_error"); !(x <= 1e-12) {
			t.Errorf("%s: kernel error %v", order, x)
		}
		if report.Attributes.Get(compare.Neurons).Known() || report.Attributes.Get(compare.Synapses).Known() || report.Attributes.Get(compare.AnalyticRelativeSD).Known() {
			t.Errorf("%s: attributes %v", order, report.Attributes)
		}
		want := ideal.heads[0].rung("exact").Output
		if again := solve("map=ideal", "seed=99").heads[0].rung("exact").Output; apart(again, want) != 0 {
			t.Errorf("%s: another seed gives another answer", order)
		}
		mean := func(neurons int) (off float64) {
			const seeds = 6
			for seed := range seeds {
				r := solve("map=hyperbolic", fmt.Sprint("features.neurons=", neurons), fmt.Sprint("seed=", seed))
				off += apart(r.heads[0].rung("exact").Output, want) / seeds
				// What every run says of it is what it is.
				own, whole := r.Report.Heads[0].Value(compare.OnLadder, compare.IdealDynamicsError), report.Value(compare.OnLadder, "dynamics_error")
				if math.Abs(float64(own-whole)) > 1e-10 {
					t.Errorf("%s: dynamics at m = ∞ are %v by %d neurons, %v by the ideal map", order, own, neurons, whole)
				}
			}
			return off
		}
		// From 2 000 to 128 000 neurons, 64-fold, errors fall 8-fold; a mean of six
		// spreads by a quarter or so.
		if ratio := mean(2000) / mean(128000); ratio < 4.5 || ratio > 14 {
			t.Errorf("%s: 64 times as many neurons divide the distance by %.2g, not 8", order, ratio)
		}
	}
}
