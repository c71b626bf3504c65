package model

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// thresholdProblem is one entry of testdata/threshold_reference.json: the network whose
// compartments gather, by SciPy's DOP853 (rtol 1e-12), by testdata/threshold_reference.py.
type thresholdProblem struct {
	compartmentsProblem
	Switches, Gathered int
}

func thresholdProblems(t *testing.T) []thresholdProblem {
	t.Helper()
	problems := reference[thresholdProblem](t, "threshold")
	switches := 0
	for _, p := range problems {
		switches += p.Switches
	}
	if len(problems) < 25 || switches < 60 {
		t.Fatalf("only %d reference problems with %d switches", len(problems), switches)
	}
	return problems
}

// By the exact rung and by solvers the compartments that gather are SciPy's.
func TestThresholdAgreesWithSciPy(t *testing.T) {
	ctx := context.Background()
	for _, p := range thresholdProblems(t) {
		t.Run(p.Name, func(t *testing.T) {
			parameters := p.parameters()
			check := func(name string, tolerance float64, r Result, err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				of := map[string][2][]float64{"output": {r.Output, p.Output}, "attention": {r.Attention, p.Attention}, "calcium": {r.Pools, p.Pools}, "divisor": {r.Normalizer, p.Divisor}}
				if p.PMin > 0 {
					delete(of, "divisor")
				}
				agree(t, name, tolerance, of)
			}
			for name, opt := range map[string]Options{"exact": {Attention: true, Dwell: true}, "recorded": {Attention: true, Recorder: &Recorder{Every: 0.0173}}, "by tsit5": {Attention: true, Other: integrator.Tsit5()}} {
				r, err := p.head(t).Exact(ctx, parameters, opt)
				check(name, 1e-8, r, err)
			}
			const tolerance = 1e-7
			for _, method := range []integrator.Method{integrator.Dopri5(), integrator.Rodas5P()} {
				r, _, err := p.head(t).Integrate(ctx, parameters, Solver{Method: method, Rtol: tolerance, Atol: 1e-3 * tolerance}, Options{Attention: true})
				check(method.Name(), 20*tolerance, r, err)
			}
		})
	}
}

// A threshold that nothing passes leaves each compartment to itself, one that all pass makes
// of them the well-mixed astrocyte, and one compartment is that at any.
func TestThresholdsLimits(t *testing.T) {
	ctx := context.Background()
	for _, p := range thresholdProblems(t) {
		parameters := p.parameters()
		solve := func(change func(*Parameters)) Result {
			q := parameters
			change(&q)
			r, err := p.head(t).Exact(ctx, q, Options{Attention: true})
			if err != nil {
				t.Fatalf("%s: %v", p.Name, err)
			}
			return r
		}
		compare := func(name string, have, want Result) {
			if d := max(difference(have.Output, want.Output), difference(have.Attention, want.Attention), difference(have.Calcium, want.Calcium)); d > 1e-9 {
				t.Errorf("%s, %s: it differs by %.2g", p.Name, name, d)
			}
		}
		compare("high", solve(func(q *Parameters) { q.Division.Threshold = 1e9 }), solve(func(q *Parameters) { q.Division.Readout = Reciprocal }))
		mixed := solve(func(q *Parameters) { q.Division.Readout, q.Compartments = Reciprocal, Compartments{} })
		compare("one", solve(func(q *Parameters) { q.Compartments.Count = 1 }), mixed)
		compare("low", solve(func(q *Parameters) { q.Division.Threshold = 1e-200 }), mixed)
	}
}

// As many compartments as make 22.6 % have to be above the level.
func TestEnoughCompartments(t *testing.T) {
	for count, enough := range map[int]int{2: 1, 4: 1, 5: 2, 8: 2, 25: 6, 125: 29} {
		readout := threshold{activity: 2}
		drives := slices.Repeat([]float64{1}, count)
		for active := range count + 1 {
			fresh := slices.Clone(drives)
			for i := range active {
				fresh[count-1-i] = 3
			}
			fresh[0], fresh[count/2] = fresh[count/2], fresh[0]
			if excess := readout.excess(fresh); excess > 0 != (active >= enough) || math.Abs(excess) != 1 {
				t.Errorf("%d active of %d: the excess is %g", active, count, excess)
			}
		}
	}
}
