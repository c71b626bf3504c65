package problems

import (
	"math"
	"testing"
)

// endBound is for comparing an end of the table with a formula: those of a few
// dozen operations on numbers up to 30 lose no more. orbitBound is for orbits,
// whose rounded start, 4e-16 in a speed of 4, makes another period.
const endBound, orbitBound = 2e-14, 1e-13

// Where the solution at t = 20 has a formula, the table has its value; the rest
// is held to published values in the next test, E2, E3 and C5 to these alone.
func TestEndsAgreeWithFormulas(t *testing.T) {
	decay := math.Exp(-20)
	bessel := func(x float64) []float64 { // √(2/πx) sin x and its derivative
		s, c := math.Sincos(x)
		a := math.Sqrt(2 / (math.Pi * x))
		return []float64{a * s, a * (c - s/(2*x))}
	}
	want := map[string][]float64{
		"A1": {decay},
		"A2": {1 / math.Sqrt(21)},
		"A3": {math.Exp(math.Sin(20))},
		"A4": {20 / (1 + 19*math.Exp(-5))},
		"B2": {1 + decay/2 + math.Exp(-60)/2, 1 - math.Exp(-60), 1 - decay/2 + math.Exp(-60)/2},
		"C1": equalChain(20),
		"C2": risingChain(20),
		"C3": modes(10, 20),
		"C4": modes(51, 20),
		"E1": bessel(21),
		"E4": {30 + 2.5*math.Log(math.Cosh(20*math.Sqrt(0.0128))), math.Sqrt(0.08) * math.Tanh(20*math.Sqrt(0.0128))},
		"E5": {(25*math.Log(5) - 12) / 2, 2.4},
	}
	for n, e := range []float64{0.1, 0.3, 0.5, 0.7, 0.9} {
		y := make([]float64, 4)
		Kepler(e).Exact(20-6*math.Pi, y) // three periods earlier
		want["D"+string(rune('1'+n))] = y
	}
	for _, p := range DETEST() {
		y, bound := end(p), endBound
		if p.Name[0] == 'D' {
			bound = orbitBound
		}
		for i, x := range want[p.Name] {
			if !(math.Abs(y[i]-x) <= bound) {
				t.Errorf("%s: component %d ends at %v, the formula at %v", p.Name, i, y[i], x)
			}
		}
	}
}

// What a solution keeps, its start and its end share.
func TestEndsKeepInvariants(t *testing.T) {
	invariants := map[string]func(t float64, y []float64) float64{
		// In polar coordinates, log r + angle.
		"A5": func(t float64, y []float64) float64 { return math.Log(math.Hypot(t, y[0])) + math.Atan2(y[0], t) },
		"B1": func(_ float64, y []float64) float64 {
			return y[0] - math.Log(y[0]) + 2*(y[1]-math.Log(y[1]))
		},
		"B3": func(_ float64, y []float64) float64 { return y[0] + y[1] + y[2] },
		"B5": func(_ float64, y []float64) float64 { return y[0]*y[0] + y[1]*y[1] + 0.51*y[0]*y[0] + y[2]*y[2] },
	}
	for _, p := range DETEST() {
		keep := invariants[p.Name]
		if keep == nil {
			continue
		}
		if a, b := keep(0, p.Y0), keep(20, end(p)); !(math.Abs(a-b) <= endBound) {
			t.Errorf("%s: %v at the start, %v at the end", p.Name, a, b)
		}
	}
}

func TestEndedProblemsKnowTheirEndsOnly(t *testing.T) {
	names := map[string]bool{}
	for _, p := range append(DETEST(), Brusselator(), Pleiades()) {
		names[p.Name] = true
		y := make([]float64, len(p.Y0))
		if p.Exact(0, y); y[0] != p.Y0[0] || len(ends[p.Name]) != len(p.Y0) {
			t.Errorf("%s: start %v, %d numbers at the end", p.Name, y, len(ends[p.Name]))
		}
		if p.Exact(1, y); !math.IsNaN(y[0]) {
			t.Errorf("%s: a state at an unknown time: %v", p.Name, y)
		}
		if a, b := p.Derivative, p.Span; a == nil || b[0] != 0 || b[1] != p.Known[1] {
			t.Errorf("%s: span %v, known %v", p.Name, b, p.Known)
		}
	}
	if len(names) != 27 || len(ends) != 27 {
		t.Errorf("%d problems, %d ends", len(names), len(ends))
	}
}

func end(p Problem) []float64 {
	y := make([]float64, len(p.Y0))
	p.Exact(p.Span[1], y)
	return y
}

// equalChain is C1: tᵏ e^{−t}/k!, and what has reached the last.
func equalChain(t float64) []float64 {
	y := make([]float64, 10)
	y[9] = 1
	for k := range 9 {
		y[k] = math.Exp(-t) * math.Pow(t, float64(k)) / math.Gamma(float64(k+1))
		y[9] -= y[k]
	}
	return y
}

// risingChain is C2: e^{−t} (1 − e^{−t})ᵏ, and what has reached the last.
func risingChain(t float64) []float64 {
	y := make([]float64, 10)
	for k := range y {
		y[k] = math.Exp(-t) * math.Pow(1-math.Exp(-t), float64(k))
	}
	y[9] = math.Pow(1-math.Exp(-t), 9)
	return y
}

// modes is C3 and C4: the sum over the n eigenvectors of the second difference.
func modes(n int, t float64) []float64 {
	y := make([]float64, n)
	for j := 1; j <= n; j++ {
		a := float64(j) * math.Pi / float64(n+1)
		weight := 2 / float64(n+1) * math.Sin(a) * math.Exp(-2*(1-math.Cos(a))*t)
		for k := range y {
			y[k] += weight * math.Sin(a*float64(k+1))
		}
	}
	return y
}
