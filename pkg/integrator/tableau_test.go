package integrator

import (
	"context"
	"math"
	"strings"
	"testing"
)

// A tableau with one number wrong is refused, or (where only its order is
// wrong) accepted: consistency is checked here, order by the tests.
func TestTableauIsChecked(t *testing.T) {
	ok := func() Tableau {
		return Tableau{Name: "midpoint", Source: "test", Order: 2, C: []float64{0, 0.5}, A: [][]float64{{}, {0.5}}, B: []float64{0, 1}}
	}
	if _, err := NewRungeKutta(ok()); err != nil {
		t.Fatal(err)
	}
	// Coefficients of size 1000 printed with 13 digits miss their sums by 1e-10.
	const off = 1e-10
	printed := ok()
	printed.A[1] = []float64{1000.5 + off, -1000}
	printed.A, printed.C, printed.B = append(printed.A[:1], []float64{0.5}, []float64{1000.5 + off, -1000}), []float64{0, 0.5, 0.5}, []float64{0, 0.5, 0.5}
	printed.Dense, printed.DenseOrder = [][]float64{{}, {1000, -999.5 + off}, {0.5}}, 1
	if _, err := NewRungeKutta(printed); err != nil {
		t.Error(err)
	}
	long := ok()
	long.Extra, long.ExtraC = [][]float64{{1}, {0, 0, 0, 0, 1}}, []float64{1, 1}
	if _, err := NewRungeKutta(long); err == nil || !strings.Contains(err.Error(), "row 1 of Extra has 5 entries; at most 4 stages") {
		t.Errorf("a long row: %v", err)
	}
	dense := ok()
	dense.Dense = make([][]float64, 5)
	dense.Extra, dense.ExtraC = [][]float64{{1}}, []float64{1}
	if _, err := NewRungeKutta(dense); err == nil || !strings.Contains(err.Error(), "5 polynomials for 4 stages") {
		t.Errorf("too many polynomials: %v", err)
	}
	weights := ok()
	weights.Error, weights.ErrorOrder = make([]float64, 4), 1
	if _, err := NewRungeKutta(weights); err == nil || !strings.Contains(err.Error(), "more than the 3 weights") {
		t.Errorf("too many weights of the error: %v", err)
	}
	for name, change := range map[string]func(*Tableau){
		"row sum by 1e-10":    func(t *Tableau) { t.A[1] = []float64{0.5 + off} },
		"weight sum by 1e-10": func(t *Tableau) { t.B = []float64{0, 1 - off} },
		"dense end by 1e-10":  func(t *Tableau) { t.Dense, t.DenseOrder = [][]float64{{}, {1 + off}}, 1 },
		"infinite row":        func(t *Tableau) { t.A[1] = []float64{math.Inf(1)} },
		"long damping":        func(t *Tableau) { t.Damping = []float64{1, -1, 0, 0} },
		"long row of extra":   func(t *Tableau) { t.Extra, t.ExtraC = [][]float64{{0, 0, 0, 1}}, []float64{1} },
		"missing abscissa":    func(t *Tableau) { t.C = t.C[:1] },
		"first stiff pair":    func(t *Tableau) { t.C[0], t.StiffPair, t.StabilityLimit = 1, 0, 2 },
		"stiff end":           func(t *Tableau) { t.StiffPair, t.StabilityLimit = 2, 2 },
		"no weights":          func(t *Tableau) { t.B = nil },
		"missing row":         func(t *Tableau) { t.A = t.A[:1] },
		"implicit":            func(t *Tableau) { t.A[1] = []float64{0.25, 0.25} },
		"row sum":             func(t *Tableau) { t.A[1] = []float64{0.4} },
		"weight sum":          func(t *Tableau) { t.B = []float64{0, 0.9} },
		"NaN":                 func(t *Tableau) { t.A[1] = []float64{math.NaN()} },
		"order":               func(t *Tableau) { t.Order = 0 },
		"error order":         func(t *Tableau) { t.Error = []float64{1, -1} },
		"no error":            func(t *Tableau) { t.ErrorOrder = 1 },
		"zero error":          func(t *Tableau) { t.Error, t.ErrorOrder = []float64{0, 0}, 1 },
		"empty error":         func(t *Tableau) { t.Error, t.ErrorOrder = []float64{}, 1 },
		"long error":          func(t *Tableau) { t.Error, t.ErrorOrder = []float64{1, -1, 0, 0}, 1 },
		"dense end":           func(t *Tableau) { t.Dense, t.DenseOrder = [][]float64{{0.5}, {0.4}}, 1 },
		"dense too many":      func(t *Tableau) { t.Dense = make([][]float64, 4) },
		"extra":               func(t *Tableau) { t.Extra = [][]float64{{1}} },
		"stiff pair":          func(t *Tableau) { t.StiffPair, t.StabilityLimit = 1, 2 },
	} {
		tab := ok()
		change(&tab)
		if _, err := NewRungeKutta(tab); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// An interpolant is the sum of all its stages, also where the weight of one is 1,
// here of the second at θ = ½: θ = (2θ² − 2θ) + (3θ − 2θ²).
func TestOwnInterpolant(t *testing.T) {
	m, err := NewRungeKutta(Tableau{Name: "midpoint", Source: "test", Order: 2, C: []float64{0, 0.5}, A: [][]float64{{}, {0.5}}, B: []float64{0, 1},
		Dense: [][]float64{{-2, 2}, {3, -2}}, DenseOrder: 1})
	if err != nil {
		t.Fatal(err)
	}
	sol, err := Solve(context.Background(), Problem{Derivative: constant}, []float64{0}, Span{0, 1}, m, Settings{Step: 1, Save: Save{At: []float64{0.25, 0.5}}})
	if err != nil || sol.Saved.Values[0] != 0.25 || sol.Saved.Values[1] != 0.5 || m.DenseOrder() != 1 {
		t.Errorf("%+v, %v", sol.Saved, err)
	}
}

// A caller's own method works like the package's: the midpoint rule on
// dy/dt = 2t is exact, its Hermite dense output too.
func TestOwnTableau(t *testing.T) {
	m, err := NewRungeKutta(Tableau{Name: "midpoint", Source: "test", Order: 2, C: []float64{0, 0.5}, A: [][]float64{{}, {0.5}}, B: []float64{0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	f := func(t float64, _, dy []float64) { dy[0] = 2 * t }
	sol, err := Solve(context.Background(), Problem{Derivative: f}, []float64{0}, Span{0, 1}, m, Settings{Step: 0.5, Save: Save{At: []float64{0.3}}})
	if err != nil || math.Abs(sol.State[0]-1) > 1e-15 || math.Abs(sol.Saved.Row(0)[0]-0.09) > 1e-15 {
		t.Errorf("%v %v %v", sol.State, sol.Saved, err)
	}
}
