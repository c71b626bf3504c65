package model

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The quadrature's own error is what science §4 says, 1e-14; what is compared
// with it rounds by a few units in e^{−T/τ}, another 1e-14 over 30 time constants.
const readOutTolerance = 2e-14

// driven returns the products of a read that begins with a calcium of p, the rest being 0.
func driven(p, gPhi, gHidden float64) products {
	return products{collected: collected{gPhi: gPhi, gHidden: gHidden}, astrocyte: []float64{p}}
}

// readOuts returns J_0 − J_1 and J_1 of a read, by the solver.
func readOuts(t *testing.T, p Parameters, x products) (phi, hidden float64) {
	t.Helper()
	seg, exact := Segment{Phase: Reading, Duration: p.Read}, newExactSolver(context.Background(), p, nil)
	x.spans = newLateness(&p, exact).spans(seg, x.drives(), nil)
	c, err := exact.solve(seg, &x, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.outputPhi, c.outputHidden
}

func checkReadOut(t *testing.T, name string, have, want float64) {
	t.Helper()
	if d := math.Abs(have - want); !(d <= readOutTolerance*math.Abs(want)) {
		t.Errorf("%s: %.17g, not %.17g: differs by %.2g", name, have, want, d/math.Abs(want))
	}
}

// The nodes integrate every polynomial of degree 2n − 1 over (0, 1): ∫ xᵏ = 1/(k+1).
func TestGaussLegendreIntegratesPolynomials(t *testing.T) {
	for k := range 2 * panelNodes {
		var sum float64
		for i, x := range gaussLegendre.x {
			sum += gaussLegendre.w[i] * math.Pow(x, float64(k))
		}
		if math.Abs(sum-1/float64(k+1)) > 2e-16 {
			t.Errorf("∫ x^%d = %.17g", k, sum)
		}
	}
}

// With no hidden inertia, no leak and τ_f = τ_p the calcium is
// p = S + D e^{−κt}, D = p(0) − S, and with X = e^{κT} and x = e^{κt}
//
//	J_0 = κ e^{−κT} ∫ e^{κt}/p dt = (1/X) ∫₁ˣ x/(Sx + D) dx = (1/X) [(X−1)/S − (D/S²) ln((SX + D)/p(0))].
//
// 1/p has poles at Sx = −D, as near to the time axis as p changes by large
// factors. Where p falls the terms cancel, so T grows with the decades.
func TestReadOutAcrossDecades(t *testing.T) {
	const tau = 0.02
	for _, c := range []struct{ start, settled, dwell float64 }{
		{1, 1, 5}, {0.5, 1, 0.3}, {0.1, 1, 2}, {1e-2, 1, 5}, {1e-3, 7, 12}, {1e-4, 1, 20}, {1e-6, 1, 5}, {1e-6, 1, 0.01}, {1e-9, 3, 8},
		{2, 1, 5}, {30, 1, 9}, {1e3, 1, 12}, {1e6, 1, 20}, {1e9, 2, 30},
	} {
		p := Parameters{
			TauOutput: tau, TauCalcium: tau, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: 1, Read: c.dwell * tau,
		}
		phi, hidden := readOuts(t, p, driven(c.start, c.settled, 0))
		S, D, X := c.settled, c.start-c.settled, math.Exp(c.dwell)
		want := (math.Expm1(c.dwell)/S - D/(S*S)*math.Log1p(S*math.Expm1(c.dwell)/c.start)) / X
		checkReadOut(t, fmt.Sprintf("p from %g to %g in %g τ", c.start, c.settled, c.dwell), phi, want)
		if hidden != 0 {
			t.Errorf("Hh(0) is read though h follows at once: %g", hidden)
		}
	}
}

// A calcium that is driven by nothing decays, p = p(0) e^{−κt}, and the read-outs
// are integrals of exponentials, from where p meets its floor of 1/p_min:
//
//	(1/τ_f) e^{−T/τ_f} ∫ e^{ct} dt / p(0), c = 1/τ_f − 1/τ_H − iβ + κ, and without κ over p_min.
func TestReadOutOfDecayingCalcium(t *testing.T) {
	integral := func(c, from, to float64) float64 {
		if c == 0 {
			return to - from
		}
		return math.Exp(c*from) * math.Expm1(c*(to-from)) / c
	}
	for _, p := range []Parameters{
		{TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: math.Inf(1), Read: 0.25},
		{TauHidden: 0.03, TauOutput: 0.02, TauCalcium: 0.015, TauHebbian: 0.5, Read: 0.3},
		{TauHidden: 0.002, TauOutput: 0.2, TauCalcium: 0.3, TauHebbian: 20, Read: 0.25},
		{TauHidden: 0.3, TauOutput: 0.001, TauCalcium: 0.1, TauHebbian: 0.004, Read: 0.1},
		{TauHidden: 0, TauOutput: 0.01, TauCalcium: 0.02, TauHebbian: 0.05, Read: 0.2},
	} {
		p.TauPresynaptic, p.Write = math.Inf(1), 1
		for _, met := range []float64{0, 0.31, 0.9} { // of T, when p meets the floor; 0: never
			const start = 3.0
			end := p.Read
			if met > 0 {
				end = met * p.Read
				p.Division.Floor = start * math.Exp(-end/p.TauCalcium)
			}
			of := func(rate float64) float64 { // the integral with e^{−rate·t}
				c := 1/p.TauOutput - 1/p.TauHebbian - rate
				sum := integral(c+1/p.TauCalcium, 0, end) / start
				if met > 0 {
					sum += integral(c, end, p.Read) / p.Division.Floor
				}
				return math.Exp(-p.Read/p.TauOutput) / p.TauOutput * sum
			}
			phi, hidden := readOuts(t, p, driven(start, 0, 0))
			J0, J1 := of(0), 0.0
			if p.TauHidden > 0 {
				J1 = of(1 / p.TauHidden)
			}
			name := fmt.Sprintf("τ_h %g τ_f %g τ_p %g τ_H %g, floor met at %g T", p.TauHidden, p.TauOutput, p.TauCalcium, p.TauHebbian, met)
			checkReadOut(t, name+": J_0", phi+hidden, J0)
			checkReadOut(t, name+": J_1", hidden, J1)
		}
	}
}

// The same integrals as by the solver, straight from science §4, on panels so
// fine that their error is far below rounding: graded by 1.05 from both ends,
// from where the nearest pole of 1/p can be, and nowhere wider than a tenth of
// the shortest time constant.
func finelyIntegrated(p Parameters, x products) (phi, hidden float64) {
	s := newExactSolver(context.Background(), p, nil)
	shortest, _ := p.Shortest(true)
	var left []float64
	for at, width := 0.0, 1e-10*shortest; at < p.Read/2; at, width = at+width, min(1.05*width, shortest/10) {
		left = append(left, at)
	}
	edges := append(append([]float64(nil), left...), p.Read/2)
	for i := len(left) - 1; i >= 0; i-- {
		edges = append(edges, p.Read-left[i])
	}
	calcium := func(t float64) float64 {
		delta, kappa := 0.0, rate(p.TauCalcium)
		if p.TauHidden > 0 {
			delta = filter2(kappa, s.presynaptic+s.hidden, t)
		}
		return decay(kappa, t)*x.astrocyte[0] + x.gPhi*(filter2(kappa, s.presynaptic, t)-delta) + x.gHidden*delta
	}
	for i := range len(edges) - 1 {
		from, width := edges[i], edges[i+1]-edges[i]
		var panelPhi, panelHidden float64
		for j, at := range gaussLegendre.x {
			t := from + at*width
			f := gaussLegendre.w[j] * math.Exp(-(p.Read-t)*s.output-t*s.hebbian) / max(calcium(t), p.Division.Floor)
			panelPhi += f * rise(s.hidden, t)
			panelHidden += f * decay(s.hidden, t)
		}
		phi += width * s.output * panelPhi
		hidden += width * s.output * panelHidden
	}
	return phi, hidden
}

func TestReadOutIsTheFinelyIntegrated(t *testing.T) {
	inf := math.Inf(1)
	for _, p := range []Parameters{
		{TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: inf, TauPresynaptic: inf},
		{TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: 20, TauPresynaptic: 20},
		{TauHidden: 0.001, TauOutput: 0.1, TauCalcium: 0.15, TauHebbian: inf, TauPresynaptic: 0.5},
		{TauHidden: 0.1, TauOutput: 0.002, TauCalcium: 0.05, TauHebbian: 1, TauPresynaptic: inf},
		{TauHidden: 0.03, TauOutput: 0.05, TauCalcium: 0.001, TauHebbian: 0.05, TauPresynaptic: 0.02},
		{TauHidden: 0, TauOutput: 0.01, TauCalcium: 0.2, TauHebbian: 0.3, TauPresynaptic: 0.1},
		{TauHidden: 0.02, TauOutput: 0.02, TauCalcium: 0, TauHebbian: inf, TauPresynaptic: 0.05},
	} {
		p.Write = 0.25
		for _, p.Read = range []float64{0.0123, 0.25, 4} {
			for _, x := range []products{
				driven(1, 1, 1), driven(1, 5, 0.2), driven(20, 1, 3),
				driven(1e-3, 1, 1e-3), driven(1e3, 1e-2, 1), driven(1, 1, 1e4),
			} {
				phi, hidden := readOuts(t, p, x)
				wantPhi, wantHidden := finelyIntegrated(p, x)
				name := fmt.Sprintf("%+v, p(0) %g, g·φ %g, g·h(0) %g", p, x.astrocyte[0], x.gPhi, x.gHidden)
				checkReadOut(t, name+": J_0 − J_1", phi, wantPhi)
				if wantHidden > 1e-100*wantPhi { // what is left of h(0) after so many τ_h that their rounding counts is nothing to f
					checkReadOut(t, name+": J_1", hidden, wantHidden)
				}
			}
		}
	}
}

// So it is with any time constants: of 500 networks, with poles of 1/p wherever they fall, f is
// within 2e-13 of the finely integrated.
func TestReadOutOfAnyNetwork(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	between := func(low, high float64) float64 { return low * math.Pow(high/low, random.Float64()) }
	for range 500 {
		p := Parameters{
			TauHidden: between(1e-3, 0.3), TauOutput: between(1e-3, 1), TauCalcium: between(1e-3, 1), TauHebbian: between(0.1, 100), TauPresynaptic: between(0.1, 100),
			Write: 0.25, Read: between(0.01, 3),
		}
		x := driven(between(1e-4, 1e4), between(1e-3, 1e3), between(1e-3, 1e3))
		phi, hidden := readOuts(t, p, x)
		wantPhi, wantHidden := finelyIntegrated(p, x)
		if d := (math.Abs(phi-wantPhi) + math.Abs(hidden-wantHidden)) / (wantPhi + wantHidden); !(d <= 2e-13) {
			t.Errorf("%+v, p(0) %g, g·φ %g, g·h(0) %g: differs by %.2g", p, x.astrocyte[0], x.gPhi, x.gHidden, d)
		}
	}
}

// What is sampled within a read, however far apart, is what a read that ends there ends with:
// f keeps τ_f, and the panels of each sample are graded towards it.
func TestSamplesFarApart(t *testing.T) {
	for _, p := range []Parameters{
		{TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: 20, TauPresynaptic: math.Inf(1)},
		{TauHidden: 0.01, TauOutput: 0.001, TauCalcium: 2, TauHebbian: math.Inf(1), TauPresynaptic: 50},
		{TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.02, TauHebbian: 20, TauPresynaptic: math.Inf(1), Latency: 1.3},
	} {
		p.Write, p.Read, p.Baseline, p.Drive = 1, 30, 1, WhileReading
		at, x := []float64{0.7, 1.4, 3, 9, 21.5}, driven(1, 5, 0.2)
		solve := func(p Parameters, at []float64, emit func(int, *coefficients)) coefficients {
			seg, exact, x := Segment{Phase: Reading, Duration: p.Read}, newExactSolver(context.Background(), p, nil), x
			x.spans = newLateness(&p, exact).spans(seg, x.drives(), nil)
			end, err := exact.solve(seg, &x, at, emit)
			if err != nil {
				t.Fatal(err)
			}
			return end
		}
		solve(p, at, func(i int, have *coefficients) {
			shorter := p
			shorter.Read = at[i]
			want := solve(shorter, nil, nil)
			name := fmt.Sprintf("τ_f %g, τ_p %g, latency %g, at %g s", p.TauOutput, p.TauCalcium, p.Latency, at[i])
			checkReadOut(t, name+": J_0 − J_1", have.outputPhi, want.outputPhi)
			checkReadOut(t, name+": J_1", have.outputHidden, want.outputHidden)
		})
	}
}

// Science §4's panels: from where a drive begins on, the first half the shortest time constant
// wide, and from the end of what f is asked for back, the first three τ_f, each 1.6 times the one
// before, until they meet where both are as wide. What begins later has those that lie in it.
func TestPanelsAreGraded(t *testing.T) {
	for _, p := range []Parameters{
		{TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.05, TauHebbian: 3, TauPresynaptic: math.Inf(1)},
		{TauHidden: 0, TauOutput: 0.002, TauCalcium: 0.05, TauHebbian: 0.004, TauPresynaptic: 7},
		{TauHidden: 1, TauOutput: 2, TauCalcium: 3, TauHebbian: 4, TauPresynaptic: 5},
		{TauHidden: 1, TauOutput: 0, TauCalcium: 3, TauHebbian: 4, TauPresynaptic: 5},
	} {
		shortest, _ := p.Shortest(true)
		for _, part := range [][3]float64{{0, 0, 0.25}, {0, 0, 30}, {0, 0.1, 0.25}, {0, 0.2, 0.25}, {0.1, 0.1, 0.25}, {0.1, 0.12, 0.25}} {
			from, start, end := part[0], part[1], part[2]
			edges := newExactSolver(context.Background(), p, nil).panelEdges(from, start, end)
			last := len(edges) - 1
			if edges[0] != start || edges[last] != end || !slices.IsSorted(edges) {
				t.Fatalf("panels %v of %g to %g", edges, start, end)
			}
			first, ends := 0.5*min(shortest, end-from), 3*p.TauOutput
			for i := range last {
				most := first + 0.6*(edges[i]-from)
				if ends > 0 {
					most = min(most, ends+0.6*(end-edges[i+1]))
				}
				if have := edges[i+1] - edges[i]; have > most*(1+1e-12) {
					t.Errorf("%v: the panel from %g to %g is wider than %g", p, edges[i], edges[i+1], most)
				}
			}
			rungs := func(width float64) int { return int(math.Log(1+0.6*(end-from)/width)/math.Log(1.6)) + 1 }
			most := rungs(first)
			if ends > 0 {
				most += rungs(ends)
			}
			if last > most {
				t.Errorf("%v: %d panels from %g to %g, more than %d", p, last, start, end, most)
			}
		}
	}
}

// A panel is even while the calcium that divides, the floor included, changes by
// no more than a factor of 2 between any of its samples, and is off the line between
// its ends by no more than an eighth of the least.
func TestEvenPanels(t *testing.T) {
	more := math.Nextafter(2, 3)
	for _, c := range []struct {
		calcium []float64
		floor   float64
		even    bool
	}{
		{[]float64{1, 1, 1, 1, 1}, 0, true}, {[]float64{1, 1.2, 1.5, 1.8, 2}, 0, true}, {[]float64{2, 1.8, 1.5, 1.2, 1}, 0, true},
		{[]float64{1, 1.2, 1.5, 1.8, more}, 0, false}, {[]float64{more, 1.8, 1.5, 1.2, 1}, 0, false},
		{[]float64{2, 1.5, 0.9, 1.5, 2}, 0, false}, {[]float64{1, 1.5, 2.1, 1.5, 1}, 0, false},
		{[]float64{0.1, 0.2, 0.5, 1, 1.25}, 1, true}, {[]float64{0.1, 0.2, 0.5, 1, 1.26}, 1, false}, {[]float64{-5, -4, -3, -2, 0.9}, 1, true},
		{[]float64{1, 1.1, 1.3, 1.5, 1.7}, 0, true}, {[]float64{2, 1.5, 1.3, 1.1, 1}, 0, false}, {[]float64{1, 1.6, 1.8, 1.9, 2}, 0, false}, {[]float64{2, 1.8, 1.374, 1.2, 1}, 0, false},
		{[]float64{1, 1, 1.126, 1, 1}, 0, false},
	} {
		if even(c.calcium, c.floor) != c.even {
			t.Errorf("%v over %g: even %v", c.calcium, c.floor, !c.even)
		}
	}
}
