package integrator

import (
	"context"
	"math"
	"testing"
)

// The first step in closed form, by Hairer, Nørsett & Wanner's recipe (II.4):
// a hundredth of ‖y‖/‖f‖ is tried by Euler's method (1e-6 where either says
// nothing), and the step is the least of a hundred times that and of
// (0.01/max(‖f‖, ‖f′‖))^(1/k). Under f = λ y with one component all three are
// known: ‖y‖ = 1/scale, ‖f‖ = λ/scale, ‖f′‖ = λ²/scale.
func TestFirstStep(t *testing.T) {
	const rtol, atol = 1e-4, 1e-6
	recipe := func(trial, d1, d2 float64) float64 { return min(100*trial, math.Pow(0.01/max(d1, d2), 1./5)) }
	linear := func(lambda float64) Derivative {
		return func(_ float64, y, dy []float64) { dy[0] = lambda * y[0] }
	}
	slope := func(f float64) Derivative { return func(_ float64, _, dy []float64) { dy[0] = f } }
	const scale, grown = atol + rtol, atol + 1.01*rtol // at the start, and after a trial that grows
	for _, c := range []struct {
		name     string
		f        Derivative
		y0       float64
		bound    float64
		longest  float64
		expected float64
	}{
		{"slow", linear(0.1), 1, 1e9, 0, recipe(0.01/0.1, 0.1/scale, 0.01/scale)},
		{"slow decay", linear(-0.1), 1, 1e9, 0, recipe(0.01/0.1, 0.1/scale, 0.01/scale)},
		{"fast", linear(5), 1, 1e9, 0, recipe(0.01/5, 5/scale, 25/grown)},
		{"fast decay", linear(-5), 1, 1e9, 0, recipe(0.01/5, 5/scale, 25/scale)},
		{"very fast: a hundred trials", linear(1e4), 1, 1e9, 0, 1e-4},
		{"backwards", linear(5), 1, -1e9, 0, recipe(0.01/5, 5/scale, 25/scale)},
		{"a near bound", linear(0.1), 1, 1e-3, 0, 1e-3},
		{"MaxStep", linear(0.1), 1, 1e9, 1e-3, 1e-3},
		{"from 0: y says nothing", slope(1), 0, 1e9, 0, 1e-4},
		{"a steep start at 0", slope(1e18), 0, 1e9, 0, math.Pow(0.01*atol/1e18, 1./5)},
		{"f of 1e-10 tolerances says nothing", slope(1e-10 * scale), 1, 1e9, 0, min(1e-4, math.Pow(0.01/1e-10, 1./5))},
		{"y and f of 2e-5 tolerances say enough", slope(2e-5 * atol), 2e-5 * atol, 1e9, 0, min(1, math.Pow(0.01/2e-5, 1./5))},
		{"y of 0.5e-5 tolerances says nothing", slope(2e-5 * atol), 0.5e-5 * atol, 1e9, 0, 1e-4},
		{"nothing moves", slope(0), 1, 1e9, 0, 1e-6},
		{"the trial fails", func(t float64, _, dy []float64) { dy[0] = 1 / max(0, 1e-300-math.Abs(t)) * 1e-300 }, 1, 1e9, 0, 0.01 / 100},
	} {
		it, err := New(Problem{Derivative: c.f}, 1, nil, Settings{Rtol: rtol, Atol: atol, MaxStep: c.longest})
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0, []float64{c.y0})
		dir := math.Copysign(1, c.bound)
		it.bound(c.bound, dir)
		f := it.ws.start(&it.ev, 0, it.y)
		got := it.firstStep(f, c.bound, dir)
		// A difference quotient over a step of 1e-5 or more of terms 1e5 times as large.
		if !(math.Abs(got/c.expected-1) < 1e-9) {
			t.Errorf("%s: a first step of %v, want %v", c.name, got, c.expected)
		}
	}
}

// Sizes of just 1e-5 tolerances say something, and of just 1e-15 nothing.
func TestFirstStepAtItsBounds(t *testing.T) {
	for size, want := range map[float64]float64{1e-5: 1, 1e-15: 1e-6} { // 100 · 0.01, and the least
		norm := NormFunc(func(_, _ float64, _, _, _ []float64) float64 { return size })
		it, err := New(Problem{Derivative: constant}, 1, nil, Settings{Norm: norm})
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0, []float64{0})
		it.bound(100, 1)
		if got := it.firstStep([]float64{1}, 100, 1); got != want {
			t.Errorf("sizes of %v: a first step of %v, want %v", size, got, want)
		}
	}
}

// A given first step is taken, within the limits, and then the next stretch's
// first step is by Carry: given anew, the last wanted, or the first adjusted.
func TestGivenFirstStep(t *testing.T) {
	sol, err := Solve(context.Background(), Problem{Derivative: constant}, []float64{0}, Span{0, 100}, nil, Settings{FirstStep: 0.25, RecordSteps: true})
	if err != nil || sol.Steps[0] != 0.25 || sol.Steps[1] != 0.25+2.5 {
		t.Errorf("steps %v, %v", sol.Steps, err) // no error: ten times the first
	}
	for carry, want := range map[Carry]float64{Estimate: 0.25, CarryLast: 25, CarryFirst: 2.5} {
		it, err := New(Problem{Derivative: constant}, 1, nil, Settings{FirstStep: 0.25, Carry: carry, RecordSteps: true})
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0, []float64{0})
		it.Advance(context.Background(), 0.25+2.5)
		it.Discontinuity()
		it.Advance(context.Background(), 1000)
		if got := it.Steps()[2] - it.Steps()[1]; math.Abs(got/want-1) > 1e-12 {
			t.Errorf("carry %v: the second stretch begins with %v, want %v", carry, got, want)
		}
	}
}
