package model

import (
	"context"
	"slices"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// astrocyteProblem is one entry of testdata/astrocyte_reference.json: the network with
// another astrocyte, integrated by SciPy's DOP853 (rtol 1e-12) straight from science §1
// and §7, by testdata/astrocyte_reference.py and calcium_reference.py.
type astrocyteProblem struct {
	problem
	TauRise     float64 `json:"tau_rise"`
	Latency     float64
	Readout     string
	HalfEffect  float64 `json:"half_effect"`
	TauReceptor float64 `json:"tau_receptor"`
	Level       float64
	Frozen      bool
	Divisor     []float64

	// Of testdata/calcium_reference.json.
	CalciumModel string  `json:"calcium_model"`
	IP3Max       float64 `json:"ip3_max"`
	Largest      float64
	Cell         []float64 // its state at the end of each read
}

func (p astrocyteProblem) parameters() Parameters {
	parameters := p.problem.parameters()
	parameters.TauRise, parameters.Latency, parameters.FrozenCoupling = p.TauRise, p.Latency, p.Frozen
	if p.CalciumModel != "" {
		parameters.Calcium, parameters.IP3Max, parameters.LargestSum = Calcium(slices.Index(Calciums(), p.CalciumModel)), p.IP3Max, p.Largest
	}
	division := &parameters.Division
	division.HalfEffect, division.TauReceptor, division.Level = p.HalfEffect, p.TauReceptor, p.Level
	if p.Readout == "none" {
		parameters.Circuit = NoAstrocyte
	} else {
		division.Readout = Readout(slices.Index(Readouts(), p.Readout))
	}
	return parameters
}

func astrocyteProblems(t testing.TB) []astrocyteProblem {
	var all []astrocyteProblem
	for _, name := range []string{"astrocyte", "calcium"} {
		problems := reference[astrocyteProblem](t, name)
		if len(problems) < 11 {
			t.Fatalf("only %d reference problems of %s", len(problems), name)
		}
		all = append(all, problems...)
	}
	return all
}

// Every astrocyte by every way of the exact rung: all at once, segment by segment, with
// samples on the way, and by inner products alone.
func TestAstrocytesAgreeWithSciPy(t *testing.T) {
	for _, p := range astrocyteProblems(t) {
		t.Run(p.Name, func(t *testing.T) {
			ctx, parameters := context.Background(), p.parameters()
			for _, way := range []struct {
				name string
				head *Head
				opt  Options
			}{
				{"at once", p.head(t), Options{}}, {"attention", p.head(t), Options{Attention: true}}, {"by time", p.head(t), Options{Attention: true, byTime: true}},
				{"recorded", p.head(t), Options{Recorder: &Recorder{Every: 0.0173}}}, {"by inner products", p.head(t).ByGram(), Options{Attention: true}},
				{"by Tsitouras's method", p.head(t), Options{Other: integrator.Tsit5()}},
			} {
				r, err := way.head.Exact(ctx, parameters, way.opt)
				if err != nil {
					t.Fatal(err)
				}
				results := map[string][2][]float64{"output": {r.Output, p.Output}, "calcium": {r.Calcium, p.Calcium}}
				if way.opt.Attention {
					results["attention"] = [2][]float64{r.Attention, p.Attention}
				}
				if p.Readout != "none" {
					results["what divides"] = [2][]float64{r.Normalizer, unfloored(p)}
				} else if r.Normalizer != nil {
					t.Errorf("%s: a normaliser without an astrocyte", way.name)
				}
				agree(t, way.name, referenceTolerance, results)
			}
		})
	}
}

// unfloored is the reference's divisor but where the floor makes it.
func unfloored(p astrocyteProblem) []float64 {
	divisor := slices.Clone(p.Divisor)
	for i, calcium := range p.Calcium {
		if p.TauReceptor == 0 && calcium < p.PMin {
			divisor[i] += calcium - p.PMin
		}
	}
	return divisor
}

// By a solver the error is of the size of the tolerance, and the reduced state is the
// full one.
func TestAstrocytesAreIntegrated(t *testing.T) {
	const tolerance = 1e-7
	solver := Solver{Method: integrator.Dopri5(), Rtol: tolerance, Atol: 1e-3 * tolerance}
	for _, p := range astrocyteProblems(t) {
		t.Run(p.Name, func(t *testing.T) {
			ctx, parameters := context.Background(), p.parameters()
			r, steps, err := p.head(t).Integrate(ctx, parameters, solver, Options{Attention: true})
			if err != nil {
				t.Fatal(err)
			}
			if d := difference(r.Output, p.Output); d > 20*tolerance {
				t.Errorf("output differs by %.2g", d)
			}
			if d := difference(r.Calcium, p.Calcium); d > 20*tolerance {
				t.Errorf("calcium differs by %.2g", d)
			}
			full, fullSteps, err := p.head(t).IntegrateFull(ctx, parameters, solver, Options{Attention: true})
			if err != nil {
				t.Fatal(err)
			}
			if steps.Accepted != fullSteps.Accepted {
				t.Errorf("%d steps, and with the full state %d", steps.Accepted, fullSteps.Accepted)
			}
			alike := 1e-9
			if p.Cell != nil { // whose reads are so long that errors fall below what the norms tell from 0, each by its own rounding
				alike = 2 * tolerance
			}
			agree(t, "beside the full state", alike, map[string][2][]float64{"output": {r.Output, full.Output}, "attention": {r.Attention, full.Attention}, "calcium": {r.Calcium, full.Calcium}})
		})
	}
}
