package model

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// scaled returns by·x.
func scaled(x []float64, by float64) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		out[i] = by * x[i]
	}
	return out
}

// A way of solving, by which nothing but the numbers' rounding may differ.
type way struct {
	name    string
	records bool // by itself; with a recorder the others go by time
	solve   func(*Head, Parameters, Solver, Options) (Result, integrator.Stats, error)
}

func integrations() []way {
	ctx := context.Background()
	return []way{
		{"reduced", true, func(h *Head, p Parameters, s Solver, o Options) (Result, integrator.Stats, error) {
			return h.Integrate(ctx, p, s, o)
		}},
		{"full", true, func(h *Head, p Parameters, s Solver, o Options) (Result, integrator.Stats, error) {
			return h.IntegrateFull(ctx, p, s, o)
		}},
	}
}

func everyWay() []way {
	exact := func(form Options) func(*Head, Parameters, Solver, Options) (Result, integrator.Stats, error) {
		return func(h *Head, p Parameters, _ Solver, o Options) (Result, integrator.Stats, error) {
			o.by, o.byTime = form.by, form.byTime
			r, err := h.Exact(context.Background(), p, o)
			return r, integrator.Stats{}, err
		}
	}
	return append(integrations(), way{"exact by time", true, exact(Options{byTime: true})},
		way{"exact by synapses", false, exact(Options{by: bySynapses})}, way{"exact by products", false, exact(Options{by: byProducts})})
}

// loose is a solver whose steps the absolute tolerance decides.
func loose() Solver { return Solver{Method: integrator.Dopri5(), Rtol: 1e-9, Atol: 1e-3} }

// inUnits returns the head with a common factor on its features, and baseline,
// floor and tolerances in its units (science §3).
func inUnits(t *testing.T, h *Head, p Parameters, s Solver, factor float64) (*Head, Parameters, Solver) {
	t.Helper()
	out, err := NewHead(scaled(h.PhiQ, factor), scaled(h.PhiK, factor), h.V, h.Tokens, h.Neurons, h.Values)
	if err != nil {
		t.Fatal(err)
	}
	p.Baseline *= factor * factor
	p.Division.Floor *= factor * factor
	s.HiddenUnit, s.CalciumUnit = factor, factor*factor
	return out, p, s
}

// With a power of two as the common factor nothing rounds otherwise: every way of
// solving takes the same steps and gives the same outputs, bit for bit, and what
// is recorded carries the factor to the power that its channel states.
func TestCommonFactorIsAUnit(t *testing.T) {
	h := drawHead(t, "positive", 4, 10, 3, 2, 21)
	for _, causal := range []bool{false, true} {
		p := Parameters{
			TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.05, TauHebbian: 1, TauPresynaptic: 20, Write: 0.1, Read: 0.08, Gap: 0.03,
			Baseline: 1.5, Division: Division{Floor: 0.3}, Causal: causal,
		}
		for _, w := range everyWay() {
			for _, factor := range []float64{1 << 9, 1.0 / (1 << 9)} {
				t.Run(fmt.Sprintf("%s, causal %v, factor %g", w.name, causal, factor), func(t *testing.T) {
					record := func(h *Head, p Parameters, s Solver) (Result, integrator.Stats, Trajectory) {
						o := Options{Attention: w.records}
						if w.records {
							o.Recorder = &Recorder{Every: 0.013, Hidden: []int{0, 7}, Output: []int{1, 0}, Tokens: []int{2, 0}, Processes: []int{0, 7}}
						}
						result, stats, err := w.solve(h, p, s, o)
						if err != nil {
							t.Fatal(err)
						}
						if !w.records {
							return result, stats, Trajectory{}
						}
						return result, stats, o.Recorder.Trajectory
					}
					want, wantStats, wantTrace := record(h, p, loose())
					have, haveStats, haveTrace := record(inUnits(t, h, p, loose(), factor))
					if haveStats != wantStats {
						t.Errorf("%v, not %v", haveStats, wantStats)
					}
					if !slices.Equal(have.Output, want.Output) || !slices.Equal(have.Attention, want.Attention) || have.AtFloor != want.AtFloor {
						t.Error("the answers differ")
					}
					if !slices.Equal(have.Normalizer, scaled(want.Normalizer, factor*factor)) {
						t.Error("the calcium does not carry the factor's square")
					}
					for _, channel := range Channels() {
						if !channel.Has(p) {
							continue
						}
						values := scaled(wantTrace.Of(channel.Name), math.Pow(factor, channel.Power))
						if len(values) > 0 != (w.records && channel.Has(p)) || !slices.Equal(haveTrace.Of(channel.Name), values) {
							t.Errorf("%s does not carry the factor to the power %g", channel.Name, channel.Power)
						}
					}
				})
			}
		}
	}
}

// Without its unit each tolerance is another one, and so are the steps.
func TestTolerancesAreInUnits(t *testing.T) {
	h := drawHead(t, "positive", 4, 10, 3, 2, 21)
	p := Parameters{
		TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: 0.1, Read: 0.08,
		Baseline: 1, Division: Division{Floor: 1e-9},
	}
	for _, w := range integrations() {
		steps := func(h *Head, p Parameters, s Solver) uint64 {
			_, stats, err := w.solve(h, p, s, Options{})
			if err != nil {
				t.Fatal(err)
			}
			return uint64(stats.Accepted) + uint64(stats.Rejected)
		}
		g, q, s := inUnits(t, h, p, loose(), 1<<9)
		all := steps(g, q, s)
		hidden, calcium := s, s
		hidden.HiddenUnit, calcium.CalciumUnit = 0, 0
		// Counted in units of 1 the tolerances are 2⁹ and 2¹⁸ times as tight, and a
		// method of order 5 takes 2^{9/5} and more times as many of the steps that the
		// group decides.
		if n := steps(g, q, hidden); n < all*3/2 {
			t.Errorf("%s: %d steps without the hidden unit, %d with it", w.name, n, all)
		}
		if n := steps(g, q, calcium); n < all*3/2 {
			t.Errorf("%s: %d steps without the calcium's unit, %d with it", w.name, n, all)
		}
	}
}

// repeatedNeurons returns a head of every hidden neuron and every output neuron
// four times. With φ/2 the inner products are the same, and so is the tolerance
// of a neuron, in that unit.
func repeatedNeurons(t *testing.T, h *Head) *Head {
	t.Helper()
	four := func(x []float64) []float64 {
		var out []float64
		for _, v := range x {
			out = append(out, v, v, v, v)
		}
		return out
	}
	g, err := NewHead(four(scaled(h.PhiQ, 0.5)), four(scaled(h.PhiK, 0.5)), four(h.V), h.Tokens, 4*h.Neurons, 4*h.Values)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A group's tolerance grows as √n, as its norm does: a network whose every
// neuron is there four times takes the same steps. Each group decides in turn,
// with the tolerances of the others too wide to matter.
func TestStepsDoNotDependOnTheNumberOfNeurons(t *testing.T) {
	h := drawHead(t, "positive", 3, 6, 3, 2, 4)
	g := repeatedNeurons(t, h)
	p := Parameters{
		TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: 0.5, Write: 0.1, Read: 0.08,
		Baseline: 1, Division: Division{Floor: 1e-9},
	}
	counts := map[string][]int{}
	for _, units := range []struct {
		name                  string
		atol, hidden, calcium float64
	}{{"hidden", 1e-5, 1, 1e9}, {"calcium", 1e-5, 1e9, 1}, {"output", 1e-5, 1e9, 1e9}, {"all", 1e-4, 1, 1}, {"coupling", 1e-5, 1, 1e9}} {
		if units.name == "coupling" { // where h and f follow at once, and g leaks
			p.TauHidden, p.TauOutput, p.TauPresynaptic = 0, 0, 0.005
		}
		s := Solver{Method: integrator.Dopri5(), Rtol: 1e-12, Atol: units.atol, HiddenUnit: units.hidden, CalciumUnit: units.calcium}
		for _, w := range integrations() {
			_, want, err := w.solve(h, p, s, Options{})
			if err != nil {
				t.Fatal(err)
			}
			quarter := s
			quarter.HiddenUnit /= 2
			_, have, err := w.solve(g, p, quarter, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if have.Accepted != want.Accepted || have.Rejected != want.Rejected {
				t.Errorf("%s, %s decides: %v with every neuron four times, %v once", w.name, units.name, have, want)
			}
			counts[units.name] = append(counts[units.name], int(want.Accepted), int(want.Rejected))
		}
		if c := counts[units.name]; !slices.Equal(c[:2], c[2:]) {
			t.Errorf("%s decides: steps of the reduced and the full state: %v", units.name, c)
		}
	}
}
