package integrator

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator/problems"
)

// Clauses of TestConformance: what a method states of itself in numbers.

// Equal steps on every problem with a formula: the slope down to where rounding
// begins to show. On linear problems with constant coefficients rodas5p has one order
// more (TestRosenbrockOrderConditions).
func hasItsOrder(t *testing.T, m Method) {
	for _, p := range problems.All() {
		if p.Known != nil {
			continue // Arenstorf's whole orbit wants unequal steps: TestMeasuredOrderOnArenstorf
		}
		var hs, es []float64
		factor := math.Pow(2, 0.5/max(1, float64(m.Order())/3))
		for n, last := 3.0, 0.0; n < 3e5; n *= factor {
			if math.Round(n) == last {
				continue
			}
			last = math.Round(n)
			h, e := fixedStepError(p, m, last)
			if e < asymptotic(m.Order()) {
				break
			}
			hs, es = append(hs, h), append(es, e)
		}
		want := m.Order()
		if _, rosenbrock := m.(*Rosenbrock); rosenbrock && slices.Contains([]string{"decay", "oscillator", "neuron-astrocyte"}, p.Name) {
			want++
		}
		checkSlope(t, p.Name, m, hs, es, want)
	}
}

// falling collects what one step of size h makes of a problem, with h falling
// from half its span by 2^(1/4) until that is below what a quantity of O(h^power)
// needs to show its slope, or near rounding.
func falling(p problems.Problem, power int, rounding float64, measure func(start, h float64) float64) (hs, es []float64) {
	length := p.Span[1] - p.Span[0]
	floor := max(rounding, math.Pow(10, -7-float64(power)))
	for h := length / 2; ; h /= math.Pow(2, 0.25) {
		e := measure(p.Span[0]+0.4*length, h)
		if e < floor {
			return hs, es
		}
		hs, es = append(hs, h), append(es, e)
	}
}

// From the exact solution one step, and the largest error inside it, which is
// O(h^(DenseOrder+1)).
func hasItsDenseOrder(t *testing.T, m Method) {
	for _, p := range problems.All() {
		if p.Known != nil {
			continue
		}
		hs, es := falling(p, m.DenseOrder()+1, 1e-13, func(start, h float64) float64 { return insideError(t, p, m, start, h) })
		checkSlope(t, p.Name, m, hs, es, m.DenseOrder()+1)
	}
}

// From the exact solution one step, and the estimate of its error, which is
// O(h^(ErrorOrder+1)), whatever is made of how many comparisons; a difference of
// stages, it has less rounding than the solution.
func hasItsErrorOrder(t *testing.T, m Method) {
	length := NormFunc(func(_, _ float64, _, _, err []float64) float64 { return euclidean(err) })
	for _, p := range []problems.Problem{problems.Kepler(0.3), problems.Logistic()} {
		it, err := New(Problem{Derivative: p.Derivative, Jacobian: p.Jacobian}, len(p.Y0), m, Settings{Step: 1}) // an iteration ends at rounding
		if err != nil {
			t.Fatal(err)
		}
		size := euclidean(p.Y0)
		hs, es := falling(p, m.ErrorOrder()+1, 1e-15, func(start, h float64) float64 {
			p.Exact(start, it.y)
			it.ws.forget()
			it.ws.start(&it.ev, start, it.y)
			it.ws.attempt(&it.ev, start, start+h, it.y, it.new)
			return it.ws.measure(length, nil, start, h, it.y, it.new) / size
		})
		checkSlope(t, p.Name, m, hs, es, m.ErrorOrder()+1)
	}
}

// The interpolant joins the step's ends with the solution's values and, being
// at least Hermite's cubic, its derivatives: no kink between steps. That of an
// implicit method joins values alone, and its slope errs by O(h^DenseOrder).
func joinsSmoothly(t *testing.T, m Method) {
	p := problems.Kepler(0.3)
	if Implicit(m) {
		hs, es := falling(p, m.DenseOrder(), 1e-9, func(start, h float64) float64 { return kink(t, p, m, start, h) })
		checkSlope(t, p.Name, m, hs, es, m.DenseOrder())
		return
	}
	it, err := New(Problem{Derivative: p.Derivative, Jacobian: p.Jacobian}, 4, m, Settings{Step: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	it.Reset(0, p.Y0)
	it.ws.start(&it.ev, 0, it.y)
	it.ws.attempt(&it.ev, 0, 0.1, it.y, it.new)
	it.ws.finish(&it.ev, 0, 0.1, it.y, it.new)
	for theta, want := range map[float64][]float64{0: it.y, 1: it.new} {
		near, slope := make([]float64, 4), make([]float64, 4)
		p.Derivative(theta*0.1, want, slope)
		// A central difference over 2e-5 of the step, good to 1e-9 of y''.
		const d = 1e-5
		a, b := make([]float64, 4), make([]float64, 4)
		it.ws.interpolate(theta-d, 0.1, it.y, it.new, a)
		it.ws.interpolate(theta+d, 0.1, it.y, it.new, b)
		for i := range near {
			near[i] = (a[i] + b[i]) / 2
			if math.Abs(near[i]-want[i]) > 1e-9 {
				t.Errorf("at θ = %v: value %v, want %v", theta, near[i], want[i])
			}
			if got := (b[i] - a[i]) / (2 * d * 0.1); math.Abs(got-slope[i]) > 1e-7 {
				t.Errorf("at θ = %v: slope %v, want %v", theta, got, slope[i])
			}
		}
	}
}

// kink is the error of the interpolant's slope at the start of a step from the
// exact solution, relative to the slope; its value there is the state.
func kink(t *testing.T, p problems.Problem, m Method, start, h float64) float64 {
	t.Helper()
	it, err := New(Problem{Derivative: p.Derivative, Jacobian: p.Jacobian}, len(p.Y0), m, Settings{Step: 1})
	if err != nil {
		t.Fatal(err)
	}
	p.Exact(start, it.y)
	slope := slices.Clone(it.ws.start(&it.ev, start, it.y))
	it.ws.attempt(&it.ev, start, start+h, it.y, it.new)
	// From six points, the slope of a polynomial of degree five is without an error.
	if m.DenseOrder() > 5 {
		t.Fatalf("%s: an interpolant of order %d", m.Name(), m.DenseOrder())
	}
	a := make([]float64, len(slope))
	for k, weight := range [...]float64{-137. / 60, 5, -5, 10. / 3, -5. / 4, 1. / 5} {
		it.ws.interpolate(float64(k)/5, h, it.y, it.new, it.out)
		for i, x := range it.out {
			a[i] += weight * (x - it.y[i]) / (h / 5)
		}
	}
	for i := range slope {
		a[i] -= slope[i]
	}
	const near = 1e-9
	it.ws.interpolate(near, h, it.y, it.new, it.out)
	if far := largestDifference(it.out, it.y); far > 1e-6 {
		t.Errorf("at θ = %v the interpolant is %.2g from the state", near, far)
	}
	return euclidean(a) / euclidean(slope)
}

// The estimate, O(h^(ErrorOrder+1)), is held to the tolerance, so that steps
// shrink with its (ErrorOrder+1)-th root and the error, O(h^Order), with the
// Order-th power of that. Seven tolerances, each of steps shorter by 10^(1/4).
func errorFallsWithTolerance(t *testing.T, m Method) {
	p := problems.Kepler(0.3)
	k := float64(m.ErrorOrder() + 1)
	var first, last, e float64
	const tolerances = 7
	for n := range tolerances {
		tol := math.Pow(10, -3-float64(n)*min(k, 6)/4) // down to 1e-12
		sol, err := Solve(context.Background(), Problem{Derivative: p.Derivative, Jacobian: p.Jacobian}, p.Y0, p.Span, m, Settings{Rtol: tol, Atol: tol})
		if err != nil {
			t.Fatal(err)
		}
		last, e = e, largestDifference(sol.State, p.Y0)
		if n == 0 {
			first = e
		} else if !(e < last) {
			t.Errorf("at %.2g the error is %.2g, at the looser tolerance before %.2g", tol, e, last)
		}
	}
	power := math.Log10(first/e) / ((tolerances - 1) * min(k, 6) / 4)
	if want := float64(m.Order()) / k; !(math.Abs(power-want) <= slopeTolerance*want) {
		t.Errorf("the error falls with the tolerance to the power %.3f, want %.3f", power, want)
	}
}
