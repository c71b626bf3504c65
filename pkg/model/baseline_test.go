package model

import (
	"fmt"
	"math"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// With any calcium to start from, and blanks between, the closed forms and both
// ways of integrating agree; and as p is driven by what it does not act on, what
// p_0 adds to it decays alone: p(t) = … + p_0 e^{−t/τ_p} (science §4).
func TestBaseline(t *testing.T) {
	h := drawHead(t, "positive", 3, 8, 3, 2, 6)
	for _, causal := range []bool{false, true} {
		for _, gap := range []float64{0, 0.04} {
			p := Parameters{
				TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.3, TauHebbian: 2, TauPresynaptic: math.Inf(1), Write: 0.1, Read: 0.08, Gap: gap,
				Division: Division{Floor: 1e-9}, Causal: causal,
			}
			ends := make([]float64, h.Tokens) // of reads
			for _, seg := range p.Schedule(h.Tokens) {
				if seg.Phase == Reading && !seg.Blank {
					ends[seg.Token] = seg.Start + seg.Duration
				}
			}
			byBaseline := map[float64]Result{}
			for _, baseline := range []float64{0, 1, 30} {
				p.Baseline = baseline
				t.Run(fmt.Sprintf("causal %v, gap %g, p_0 = %g", causal, gap, baseline), func(t *testing.T) {
					var want Result
					for _, w := range everyWay()[2:] { // closed forms: alike to rounding
						r, _, err := w.solve(h, p, Solver{}, Options{})
						if err != nil {
							t.Fatal(err)
						}
						if want.Output == nil {
							want = r
						}
						if d := max(difference(r.Output, want.Output), difference(r.Normalizer, want.Normalizer)); d > 1e-13 {
							t.Errorf("%s differs by %.2g", w.name, d)
						}
					}
					for _, w := range integrations() {
						for _, s := range []Solver{fine(), {Method: integrator.RK4(), Step: 5e-4}} {
							r, _, err := w.solve(h, p, s, Options{})
							if err != nil {
								t.Fatal(err)
							}
							// RK4's error is (step/τ_h)⁴/120 of what decays within a segment.
							if d := max(difference(r.Output, want.Output), difference(r.Normalizer, want.Normalizer)); d > 1e-7 {
								t.Errorf("%s, %s differs by %.2g", w.name, s.Method.Name(), d)
							}
						}
					}
					byBaseline[baseline] = want
				})
			}
			for token, end := range ends {
				added := byBaseline[30].Normalizer[token] - byBaseline[0].Normalizer[token]
				if want := 30 * math.Exp(-end/p.TauCalcium); math.Abs(added-want) > 1e-13*byBaseline[30].Normalizer[token]+1e-13*want {
					t.Errorf("causal %v, gap %g: p_0 = 30 adds %.17g to the calcium of token %d, not %.17g", causal, gap, added, token, want)
				}
			}
			if d := difference(byBaseline[30].Output, byBaseline[1].Output); d < 1e-3 {
				t.Errorf("p_0 = 30 changes the outputs by %.2g only: the test says little", d)
			}
		}
	}
}
