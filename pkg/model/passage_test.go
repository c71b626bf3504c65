package model

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/model/features"
	"pgregory.net/rapid"
)

// A passage, by H or by inner products, gives the answers of the same closed
// forms evaluated segment by segment in time: the same sums in another order.
// With a positive map nothing cancels, so the tolerance is rounding over a few
// hundred terms. Sizes reach beyond a block and a tile of tokens and a tile of neurons.
func TestPassageGoesByTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(1, 12), rapid.IntRange(blockTokens-1, 2*blockTokens+3), rapid.Just(tileTokens+5)).Draw(t, "N")
		m := rapid.SampledFrom([]int{2, 7, 20, 33, tileNeurons / 2, tileNeurons/2 + 5}).Draw(t, "m") // pairs
		dv := rapid.IntRange(1, 9).Draw(t, "d_v")
		h := drawHead(t, drawPositiveMap(t), n, 2*m, 3, dv, rapid.Uint64().Draw(t, "seed"))
		p := drawParameters(t)
		want, err := h.Exact(context.Background(), p, Options{Attention: true, byTime: true})
		if err != nil {
			t.Fatal(err)
		}
		const tolerance = 1e-12
		for _, opt := range []Options{{by: bySynapses}, {by: byProducts}, {Attention: true}, {}} {
			done := 0
			opt.Progress = func(segments int) {
				if segments != done+1 {
					t.Fatalf("%+v: %d segments done after %d", opt, segments, done)
				}
				done = segments
			}
			have, err := h.Exact(context.Background(), p, opt)
			if err != nil {
				t.Fatal(err)
			}
			if segments := len(p.Schedule(n)); done != segments {
				t.Fatalf("%+v: progress ends at %d of %d segments", opt, done, segments)
			}
			if d := difference(have.Output, want.Output); d > tolerance {
				t.Fatalf("by %d, attention %v: output differs by %.2g", opt.by, opt.Attention, d)
			}
			if d := difference(have.Normalizer, want.Normalizer); d > tolerance {
				t.Fatalf("by %d, attention %v: calcium differs by %.2g", opt.by, opt.Attention, d)
			}
			if opt.Attention {
				if d := difference(have.Attention, want.Attention); d > tolerance {
					t.Fatalf("attention differs by %.2g", d)
				}
			} else if have.Attention != nil {
				t.Fatal("attention that nobody asked for")
			}
			if have.AtFloor != want.AtFloor {
				t.Fatalf("%d reads at the floor, want %d", have.AtFloor, want.AtFloor)
			}
		}
	})
}

// Outputs that overflow are an error that names the token, whichever way H goes.
func TestOutputsThatOverflow(t *testing.T) {
	for _, causal := range []bool{false, true} {
		h := drawHead(t, "positive", 40, 10, 3, 2, 5)
		for i := range h.V {
			h.V[i] = math.MaxFloat64
		}
		p := Parameters{
			TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1),
			Write: 0.1, Read: 0.1, Baseline: 1e-300, Division: Division{Floor: 1e-300}, Causal: causal,
		}
		if causal { // scaled down, as the error advises
			small := *h
			small.V = slices.Repeat([]float64{1}, len(h.V))
			if _, err := small.Exact(context.Background(), p, Options{}); err != nil {
				t.Error(err)
			}
		}
		_, want := h.Exact(context.Background(), p, Options{byTime: true})
		if want == nil || !strings.Contains(want.Error(), "reading token ") {
			t.Fatalf("causal %v: %v", causal, want)
		}
		for _, opt := range []Options{{by: bySynapses}, {by: byProducts}} {
			if _, err := h.Exact(context.Background(), p, opt); err == nil || err.Error() != want.Error() {
				t.Errorf("causal %v, by %d: %v, not %v", causal, opt.by, err, want)
			}
		}
	}
}

// The same for signed maps, where enough neurons keep every read's calcium away
// from zero: what cancels then costs two digits, not all.
func TestPassageGoesByTimeOnSignedMaps(t *testing.T) {
	signed := slices.DeleteFunc(features.Drawn(), features.Positive)
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(signed).Draw(t, "map")
		h := drawHead(t, name, rapid.IntRange(1, blockTokens+3).Draw(t, "N"), 2*tileNeurons, 3, 3, rapid.Uint64().Draw(t, "seed"))
		p := drawParameters(t)
		want, err := h.Exact(context.Background(), p, Options{byTime: true})
		if err != nil {
			t.Fatal(err)
		}
		if slices.Min(want.Normalizer) < 0.1 {
			return // of a settled single token it is about 1
		}
		compared++
		const tolerance = 1e-10
		for _, opt := range []Options{{by: bySynapses}, {by: byProducts}} {
			have, err := h.Exact(context.Background(), p, opt)
			if err != nil {
				t.Fatal(err)
			}
			if d := difference(have.Output, want.Output); d > tolerance {
				t.Fatalf("%s by %d: output differs by %.2g", name, opt.by, d)
			}
		}
	})
	if compared < 20 {
		t.Errorf("only %d of the draws could be compared", compared)
	}
}
