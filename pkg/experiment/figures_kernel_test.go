package experiment

import (
	"math"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// The scores of the kernel figure are φ(q)·φ(k) of the hidden layer that was drawn, though the run stores
// no feature: for positive and signed maps, causal, and with a gain of the queries; and the band's deviations
// are those of the map's formula.
func TestKernelFigureHoldsTheScores(t *testing.T) {
	for _, sets := range [][]string{nil, {"network.features.map=trig", "solver={method: none}"}, {"network.schedule.order=causal"}, {"network.features.query_gain=rate"}} {
		p := plan(t, sentence, sets...)
		run := opened(t, sets...)
		d := drawingOf(t, run)
		for i := range d.arrays[0].heads {
			in, err := d.kernelInput(i)
			if err != nil || in.Matched || in.Neurons != 40 {
				t.Fatal(err, in.Matched, in.Neurons)
			}
			h, n := &p.first.heads[i], in.Tokens
			drawn, err := features.New(spec(p.Config), h.d, stream(p.Config.Seed, streamFeatures, h.layer, h.head))
			if err != nil {
				t.Fatal(err)
			}
			a, err := drawn.Evaluate(h.q, h.k, h.n, features.Gain{})
			if err != nil {
				t.Fatal(err)
			}
			for s := range n * n {
				query, key := s/n, s%n
				if in.Keys != nil && key >= in.Keys[query] {
					continue
				}
				q, k := h.q[query*h.d:(query+1)*h.d], h.k[key*h.d:(key+1)*h.d]
				phiQ, phiK := a.Q[query*40:(query+1)*40], a.K[key*40:(key+1)*40]
				score, size, exact := 0.0, 0.0, math.Exp(kernel.Dot(q, k))
				for j := range phiQ {
					score, size = score+phiQ[j]*phiK[j], size+math.Abs(phiQ[j]*phiK[j])
				}
				unit := math.Exp(-2 * a.Shift)
				if math.Abs(in.Score[s]-score*unit) > 1e-9*size*unit || math.Abs(in.Exact[s]/exact-1) > 1e-12 {
					t.Fatalf("%v, pair %d, %d: score %v and exp(q·k) %v, want %v and %v", sets, query, key, in.Score[s], in.Exact[s], score*unit, exact)
				}
				apart := 0.0
				for j := range q {
					if p.Config.Network.Features.Map == "trig" {
						apart += (q[j] - k[j]) * (q[j] - k[j])
					} else {
						apart += (q[j] + k[j]) * (q[j] + k[j])
					}
				}
				want := math.Sqrt(math.Expm1(apart) / 40)
				if p.Config.Network.Features.Map == "trig" {
					want = 2 * math.Sinh(apart/2) / math.Sqrt(40)
				}
				if math.Abs(in.Deviation[s]/want-1) > 1e-9 {
					t.Fatalf("%v, pair %d, %d: it deviates by %v, want %v", sets, query, key, in.Deviation[s], want)
				}
			}
			if causal := in.Keys != nil; causal != (p.Config.Network.Schedule.Order == "causal") {
				t.Errorf("%v: keys %v", sets, in.Keys)
			}
		}
	}
}

// Of a map that is no estimate of exp(q·k) each query's scores add up to Z, and nothing is predicted.
func TestKernelFigureOfBiasedMaps(t *testing.T) {
	d := drawingOf(t, opened(t, "network.features.map=elu1", "transformer.heads=[0]", "transformer.layers=[0]"))
	in, err := d.kernelInput(0)
	if err != nil || !in.Matched || in.Deviation != nil {
		t.Fatal(err, in.Matched)
	}
	for q, z := range d.arrays[0].heads[0].normalizer[compare.Softmax] {
		sum := 0.0
		for _, x := range in.Score[q*in.Tokens : (q+1)*in.Tokens] {
			sum += x
		}
		if math.Abs(sum/z-1) > 1e-9 {
			t.Errorf("query %d: scores add up to %v, want %v", q, sum, z)
		}
	}
	if ideal, err := drawingOf(t, opened(t, "network.features={map: ideal}", "record.features=false")).kernelInput(0); err != nil || ideal.Deviation != nil || ideal.Matched {
		t.Error("the ideal map has a band", err)
	}
}

// What a run lacks for a kernel figure is said with the key that records it.
func TestKernelFigureLacks(t *testing.T) {
	for _, c := range []struct{ set, says string }{{"record.attention=false", "record.attention: true"}, {"record.arrays=summary", "record.arrays: all"}} {
		_, _, err := FigureSet{Names: []string{"kernel"}, Formats: []string{"svg"}}.Draw(t.Context(), []*Run{opened(t, c.set, "record.variables=[]")}, t.TempDir())
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.set, err)
		}
	}
}
