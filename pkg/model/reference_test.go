package model

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// problem is one entry of testdata/network_reference.json, the network
// integrated by SciPy's DOP853 (rtol 1e-12) straight from science §1, by
// testdata/network_reference.py.
type problem struct {
	Name                    string
	Order                   string
	Tokens, Neurons, Values int
	TauHidden               float64  `json:"tau_hidden"`
	TauOutput               float64  `json:"tau_output"`
	TauHebbian              *float64 `json:"tau_hebbian"` // null: ∞
	TauPresynaptic          *float64 `json:"tau_presynaptic"`
	TauCalcium              float64  `json:"tau_calcium"`
	Write, Read, Gap        float64
	Baseline                float64
	PMin                    float64 `json:"p_min"`
	Drive                   string
	LearningRate            *float64 `json:"learning_rate"` // null: calibrated
	Query, Key, Value       []float64

	Output, Attention, Calcium []float64
	HebbianNorm                float64 `json:"hebbian_norm"`
	Trajectory                 *struct {
		Time        []float64 `json:"time"`
		Hidden      []float64 `json:"hidden"`
		Output      []float64 `json:"output"`
		Calcium     []float64 `json:"calcium"`
		HebbianNorm []float64 `json:"hebbian_norm"`
	}
}

func (p problem) parameters() Parameters {
	infinite := func(t *float64) float64 {
		if t == nil {
			return math.Inf(1)
		}
		return *t
	}
	learning := 0.0
	if p.LearningRate != nil {
		learning = *p.LearningRate
	}
	return Parameters{
		Drive: Drive(slices.Index(Drives(), p.Drive)), LearningRate: learning,
		TauHidden: p.TauHidden, TauOutput: p.TauOutput, TauCalcium: p.TauCalcium,
		TauHebbian: infinite(p.TauHebbian), TauPresynaptic: infinite(p.TauPresynaptic),
		Write: p.Write, Read: p.Read, Gap: p.Gap, Baseline: p.Baseline, Division: Division{Floor: p.PMin}, Causal: p.Order == "causal",
	}
}

func (p problem) head(t testing.TB) *Head {
	h, err := NewHead(p.Query, p.Key, p.Value, p.Tokens, p.Neurons, p.Values)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// reference reads the problems of testdata/…_reference.json, which the script of that name has solved.
func reference[P any](t testing.TB, name string) []P {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name + "_reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Problems []P }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file.Problems
}

func problems(t testing.TB) []problem {
	problems := reference[problem](t, "network")
	if len(problems) < 10 {
		t.Fatalf("only %d reference problems", len(problems))
	}
	return problems
}

// difference returns max|x − y| / max|y|; it is infinite where either is not a number.
func difference(x, y []float64) float64 {
	if len(x) != len(y) {
		return math.Inf(1)
	}
	var worst, scale float64
	for i := range x {
		if math.IsNaN(x[i] - y[i]) {
			return math.Inf(1)
		}
		worst = max(worst, math.Abs(x[i]-y[i]))
		scale = max(scale, math.Abs(y[i]))
	}
	return worst / scale
}

// agree tells which results, each beside what it should be, differ by more than a tolerance.
func agree(t testing.TB, name string, tolerance float64, results map[string][2][]float64) {
	t.Helper()
	for what, pair := range results {
		if d := difference(pair[0], pair[1]); d > tolerance {
			t.Errorf("%s: %s differs by %.2g, more than %.2g", name, what, d, tolerance)
		}
	}
}

// The reference integrations were asked for 1e-12 a step; ten thousand steps
// can leave 1e-10 of it (science: ≤ 1e-8 is required of every method).
const referenceTolerance = 1e-10

func TestExactAgreesWithSciPy(t *testing.T) {
	for _, p := range problems(t) {
		t.Run(p.Name, func(t *testing.T) {
			r, err := p.head(t).Exact(context.Background(), p.parameters(), Options{Attention: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				name       string
				have, want []float64
			}{{"output", r.Output, p.Output}, {"attention", r.Attention, p.Attention}, {"calcium", r.Normalizer, p.Calcium}} {
				if d := difference(c.have, c.want); d > referenceTolerance {
					t.Errorf("%s differs by %.2g", c.name, d)
				}
			}
		})
	}
}
