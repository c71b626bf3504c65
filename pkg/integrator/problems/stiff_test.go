package problems

import (
	"math"
	"testing"
)

// The ends agree with those of the Test Set for Initial Value Problem Solvers,
// release 2.4 (F. Mazzia, C. Magherini, University of Bari, 2008), which are good to
// about eleven digits, and the calcium of emergent division with its closed form.
func TestStiffEnds(t *testing.T) {
	const bound = 1e-9 // relative; ours by Radau at 1e-12, over up to 1e11 time units
	for name, want := range map[string][]float64{
		"robertson":   {0.2083340149701255e-7, 0.8333360770334713e-13, 0.9999999791665050},
		"van der pol": {1.706167732170483, -0.8928097010247975},
		"hires": {
			0.7371312573325668e-3, 0.1442485726316185e-3, 0.5888729740967575e-4, 0.1175651343283149e-2,
			0.2386356198831331e-2, 0.6238968252742796e-2, 0.2849998395185769e-2, 0.2850001604814231e-2,
		},
		"orego": {1.000814870318523, 1228.178521549917, 132.0554942846706},
	} {
		for i, got := range stiffEnds[name] {
			if !(math.Abs(got/want[i]-1) <= bound) {
				t.Errorf("%s: component %d ends at %v, published %v", name, i, got, want[i])
			}
		}
	}
	p := EmergentDivision()
	y := make([]float64, len(p.Y0))
	p.Exact(p.Span[1], y)
	mean := 0.0
	for _, calcium := range p.Y0[:divisionNeurons] {
		mean += calcium / divisionNeurons
	}
	rate := divisionValues * divisionNeurons / divisionTauP
	for alpha, start := range p.Y0[:divisionNeurons] {
		if want := mean + (start-mean)*math.Exp(-rate*p.Span[1]); !(math.Abs(y[alpha]/want-1) <= bound) {
			t.Errorf("calcium %d ends at %v, want %v", alpha, y[alpha], want)
		}
	}
}

// A Jacobian is what differences of the right-hand side make of it.
func TestJacobians(t *testing.T) {
	for _, p := range append(append(All(), ProtheroRobinson(-1e3)), Stiff()...) {
		n := len(p.Y0)
		state := append([]float64(nil), p.Y0...)
		for i := range state {
			state[i] += 0.1 + 0.01*float64(i)
		}
		got := make([]float64, n*(n+1))
		at := p.Span[0] + 0.3
		p.Jacobian(at, state, func(row, column int, partial float64) { got[row*(n+1)+column] += partial })
		up, down := make([]float64, n), make([]float64, n)
		for j := range n + 1 {
			const d = 1e-5
			if j == n {
				p.Derivative(at+d, state, up)
				p.Derivative(at-d, state, down)
			} else {
				kept := state[j]
				state[j] = kept + d
				p.Derivative(at, state, up)
				state[j] = kept - d
				p.Derivative(at, state, down)
				state[j] = kept
			}
			for i := range n {
				want, size := (up[i]-down[i])/(2*d), math.Abs(up[i])+math.Abs(down[i])
				if x := got[i*(n+1)+j]; !(math.Abs(x-want) <= 1e-6*math.Abs(x)+1e-9*size+1e-9) {
					t.Errorf("%s: ∂f_%d/∂y_%d is %v, by differences %v", p.Name, i, j, x, want)
				}
			}
		}
	}
}
