package problems

import (
	"math"
	"testing"
)

// Each exact solution starts at Y0 and satisfies its equation: a central
// difference of the solution, extrapolated once (error h⁴ y⁽⁵⁾/30 with h a
// thousandth of the span, and 1e-15/h of rounding), equals f.
func TestSolutionsSolve(t *testing.T) {
	for _, p := range append(All(), Kepler(0), Kepler(0.9)) {
		n := len(p.Y0)
		y, dy := make([]float64, n), make([]float64, n)
		p.Exact(p.Span[0], y)
		for i := range y {
			if math.Abs(y[i]-p.Y0[i]) > 1e-14 {
				t.Errorf("%s starts at %v, not at %v", p.Name, y, p.Y0)
			}
		}
		if p.Known != nil {
			continue
		}
		length := p.Span[1] - p.Span[0]
		h := length / 1000
		at := func(s float64) []float64 { v := make([]float64, n); p.Exact(s, v); return v }
		for _, part := range []float64{0.15, 0.3, 0.55, 0.8} {
			s := p.Span[0] + part*length
			p.Exact(s, y)
			p.Derivative(s, y, dy)
			a, b, c, d := at(s-2*h), at(s-h), at(s+h), at(s+2*h)
			for i := range dy {
				got := (8*(c[i]-b[i]) - (d[i] - a[i])) / (12 * h)
				if math.Abs(got-dy[i]) > 1e-6*(1+math.Abs(dy[i])) {
					t.Errorf("%s at %v: component %d of dy/dt is %v, f says %v", p.Name, s, i, got, dy[i])
				}
			}
		}
	}
}

// The circuit's components by hand: h relaxes as 1 − e^{−t/τ_h}; a leaky
// integrator of that with another time constant is a difference of
// exponentials.
func TestNeuronAstrocyteByHand(t *testing.T) {
	p := NeuronAstrocyte()
	y := make([]float64, 8)
	const tauH, tauF, tauP = 0.010, 0.020, 0.050
	leaky := func(t, tau float64) float64 { // driven by 1 − e^{−t/τ_h}, from 0
		return 1 - math.Exp(-t/tau) - (math.Exp(-t/tauH)-math.Exp(-t/tau))/(1-tau/tauH)
	}
	for _, s := range []float64{0, 0.003, 0.05, 0.1} {
		p.Exact(s, y)
		calcium := math.Exp(-s / tauP)
		output := [3]float64{}
		for a := range 4 {
			phi := 1 + 0.5*float64(a)
			if want := phi * (1 - math.Exp(-s/tauH)); math.Abs(y[a]-want) > 1e-13 {
				t.Errorf("h%d(%v) = %v, want %v", a, s, y[a], want)
			}
			calcium += 0.3 * float64(a+1) * phi * leaky(s, tauP)
			for i := range 3 {
				output[i] += (float64((3*i+2*a)%5) - 1.5) * phi * leaky(s, tauF)
			}
		}
		if math.Abs(y[7]-calcium) > 1e-13 {
			t.Errorf("p(%v) = %v, want %v", s, y[7], calcium)
		}
		for i, want := range output {
			if math.Abs(y[4+i]-want) > 1e-13 {
				t.Errorf("f%d(%v) = %v, want %v", i, s, y[4+i], want)
			}
		}
	}
}

// Arenstorf's orbit is symmetric: mirrored in the axis and run backwards it is
// itself, to the opening of 5e-11 that rounding to float64 causes; and it keeps
// Jacobi's integral to 1e-12 (its terms reach 160 near the Moon). So does the
// arc, which joins the states of the orbit.
func TestArenstorfSymmetryAndIntegral(t *testing.T) {
	p := Arenstorf()
	const mu = 0.012277471
	jacobi := func(y []float64) float64 {
		d1 := math.Hypot(y[0]+mu, y[1])
		d2 := math.Hypot(y[0]-1+mu, y[1])
		return y[2]*y[2] + y[3]*y[3] - y[0]*y[0] - y[1]*y[1] - 2*(1-mu)/d1 - 2*mu/d2
	}
	start := jacobi(p.Y0)
	a, b := make([]float64, 4), make([]float64, 4)
	for n, s := range p.Known {
		p.Exact(s, a)
		p.Exact(p.Known[len(p.Known)-1-n], b)
		for i, sign := range []float64{1, -1, -1, 1} {
			if math.Abs(a[i]-sign*b[i]) > 6e-11 {
				t.Errorf("at %v: %v, mirrored %v", s, a, b)
			}
		}
		if math.Abs(jacobi(a)-start) > 1e-12 {
			t.Errorf("at %v: Jacobi's integral %v, at the start %v", s, jacobi(a), start)
		}
	}
	if p.Exact(1, a); !math.IsNaN(a[0]) {
		t.Errorf("a state at an unknown time: %v", a)
	}
	arc := ArenstorfArc()
	for n := range 101 {
		s := arc.Span[0] + (arc.Span[1]-arc.Span[0])*float64(n)/100
		if arc.Exact(s, a); !(math.Abs(jacobi(a)-start) <= 1e-12) {
			t.Errorf("on the arc at %v: Jacobi's integral %v, at the start %v", s, jacobi(a), start)
		}
	}
	for _, s := range p.Known[5:8] {
		arc.Exact(s, a)
		p.Exact(s, b)
		for i := range a {
			if !(math.Abs(a[i]-b[i]) <= 1e-15) {
				t.Errorf("on the arc at %v: %v, on the orbit %v", s, a, b)
			}
		}
	}
	if arc.Exact(1, a); !math.IsNaN(a[0]) {
		t.Errorf("a state before the arc: %v", a)
	}
}
