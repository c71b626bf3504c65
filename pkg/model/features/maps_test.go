package features

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// reference is testdata/features_reference.json: the table of science §3
// evaluated formula by formula in Python.
type reference struct {
	Dim, Neurons int
	Rows         []float64
	Phases       []float64
	Inputs       []float64
	Maps         map[string][]float64
	Adapted      struct {
		Query, Key []float64
		Variances  map[string][]float64
	}
	Invariances map[string]struct{ Q, K, Gain []float64 }
	Simplex     []float64
	Pair        struct {
		Query, Key       []float64
		RelativeVariance map[string]float64 `json:"relative_variance"`
		Neurons          int
	}
}

func loadReference(t *testing.T) reference {
	raw, err := os.ReadFile("testdata/features_reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// withRows is the map with given rows instead of random ones.
func withRows(t testing.TB, spec Spec, dim int, rows, phases []float64) *Map {
	m, err := New(spec, dim, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	drawn, neurons := &Tuning{W: rows}, spec.Neurons
	switch {
	case m.family.adapt != nil:
		chances := make([]float64, neurons)
		for i, phase := range phases {
			chances[i] = phase / (2 * math.Pi)
		}
		drawn = m.tuned(slices.Clone(rows), 0, chances)
	case m.family.pairwise:
		drawn = m.family.pair(rows[:neurons/2*dim], dim)
	case m.family.phase:
		drawn.B = phases
	}
	m.Queries, m.Keys = drawn, drawn
	return m
}

// Rounding of exponents of up to 100 (|x|² = 200) costs 1e-14 each in the
// reference and here, that of projections of up to 40 in an exponent as much.
const formulaTolerance = 2e-13

func TestMapsAreTheirFormulas(t *testing.T) {
	r := loadReference(t)
	n := len(r.Inputs) / r.Dim
	for _, name := range Drawn() {
		if r.Maps[name] == nil && name != toy {
			t.Errorf("the reference lacks %s", name)
		}
	}
	for name, want := range r.Maps {
		m := withRows(t, suited(t, Spec{Map: name, Rows: IID, Neurons: r.Neurons}, r.Adapted.Query, r.Adapted.Key, r.Dim), r.Dim, r.Rows, r.Phases)
		a, err := m.Evaluate(r.Inputs, r.Inputs, n, Gain{})
		if err != nil {
			t.Fatal(err)
		}
		unit := math.Exp(-a.Shift)
		for i := range want {
			for _, have := range []float64{unit * a.Q[i], unit * a.K[i]} {
				if math.Abs(have-want[i]) > formulaTolerance*max(1, math.Abs(want[i])) {
					t.Fatalf("%s: entry %d is %.17g, not %.17g", name, i, have, want[i])
				}
			}
		}
	}
}

func TestPositiveMapsAreNonNegative(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	const n, d, m = 50, 5, 40
	for _, name := range Drawn() {
		q, k := gaussian(rng, n*d, 1.5), gaussian(rng, n*d, 1.5)
		fm, err := New(suited(t, Spec{Map: name, Rows: IID, Neurons: m}, q, k, d), d, rng)
		if err != nil {
			t.Fatal(err)
		}
		a, err := fm.Evaluate(q, k, n, Gain{})
		if err != nil {
			t.Fatal(err)
		}
		negative := slices.Min(a.Q) < 0 || slices.Min(a.K) < 0
		if negative == Positive(name) {
			t.Errorf("%s: positive %v, smallest feature %g", name, Positive(name), slices.Min(a.Q))
		}
	}
}
