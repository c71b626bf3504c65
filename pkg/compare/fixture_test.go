package compare

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// fixtureTolerance: the fixture and Head sum the same few hundred terms in
// different orders, which costs some 1e-15 relative; 1e-12 leaves room for the
// cancellation in small differences and is far below any real discrepancy.
const fixtureTolerance = 1e-12

type fixtureCase struct {
	Name     string    `json:"name"`
	Tokens   int       `json:"tokens"`
	ValueDim int       `json:"value_dim"`
	Causal   bool      `json:"causal"`
	V        []float64 `json:"v"`
	Gain     []float64 `json:"gain"`
	Overflow []int     `json:"overflow"`
	Rungs    []struct {
		Name       string    `json:"name"`
		Attention  []float64 `json:"attention"`
		Output     []float64 `json:"output"`
		Normalizer []float64 `json:"normalizer"`
		Average    []float64 `json:"average"`
		Peak       []float64 `json:"peak"`
	} `json:"rungs"`
	Causes   map[string][]float64 `json:"causes"`
	Ladder   Values               `json:"ladder"`
	Dominant string               `json:"dominant"`
	Values   map[string]Values    `json:"values"`
}

func (c fixtureCase) input() HeadInput {
	in := HeadInput{Tokens: c.Tokens, ValueDim: c.ValueDim, Causal: c.Causal, V: c.V, Causes: c.Causes, QueryGain: c.Gain}
	for i, r := range c.Rungs {
		rung := Rung(r)
		if i == 0 {
			for _, t := range c.Overflow {
				rung.Normalizer[t] = math.Inf(1)
			}
		}
		in.Rungs = append(in.Rungs, rung)
	}
	return in
}

func fixtures(t *testing.T) []fixtureCase {
	t.Helper()
	text, err := os.ReadFile("testdata/fixture.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Cases []fixtureCase `json:"cases"`
	}
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Cases) == 0 {
		t.Fatal("testdata/fixture.json holds no cases: run make_fixture.py")
	}
	return f.Cases
}

// Every quantity of random rungs equals NumPy's and SciPy's, and every
// quantity they do not have is null.
func TestHeadAgainstSciPy(t *testing.T) {
	for _, c := range fixtures(t) {
		t.Run(c.Name, func(t *testing.T) {
			report := Head(c.input())
			if report.Dominant != c.Dominant {
				t.Errorf("dominating part is %q, want %q", report.Dominant, c.Dominant)
			}
			sameValues(t, OnLadder, report.Ladder, c.Ladder)
			if len(report.Rungs) != len(c.Values) {
				t.Errorf("%d rungs reported, want %d", len(report.Rungs), len(c.Values))
			}
			for rung, want := range c.Values {
				sameValues(t, rung, report.Rungs[rung], want)
			}
		})
	}
}

func sameValues(t *testing.T, where string, got, want Values) {
	t.Helper()
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s %s is missing", where, name)
		}
	}
	for name, x := range got {
		y := want.Get(name)
		if x.Known() != y.Known() {
			t.Errorf("%s %s = %v, want %v", where, name, x, y)
			continue
		}
		if d := math.Abs(float64(x - y)); d > fixtureTolerance*math.Max(1, math.Abs(float64(y))) {
			t.Errorf("%s %s = %.17g, want %.17g", where, name, x, y)
		}
	}
}
