package model

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
)

// The read-out integrals of science §4,
//
//	J_i = (1/τ_f) ∫₀ᵀ e^{−(T−s)/τ_f} e^{−s/τ_H} e^{−iβs} / max(p(s), p_min) ds,
//
// by Gauss–Legendre quadrature on panels graded towards both ends, where the
// integrand changes on the scale of the shortest time constant, and split where
// p meets p_min, where it has a kink. 1/p has its poles near the time axis
// wherever p changes by a large factor, so a panel is halved until p changes by
// no more than 2 within it; then 12 nodes are enough for 1e-14, over six
// decades of p (science §4 has 8 nodes and no halving, which is right where p
// changes little: it errs by 1e-2 over three decades).
const (
	panelNodes   = 12
	panelGrowth  = 1.6
	firstPanel   = 1.0 / 8 // of the shortest time constant
	panelRatio   = 2.0     // largest ratio of p within a panel
	panelSamples = 4       // intervals at whose ends p is sampled for it
	panelHalving = 40      // times at most
)

// gaussLegendre holds the nodes on (0, 1) and their weights.
var gaussLegendre = func() (g struct{ x, w [panelNodes]float64 }) {
	quad.Legendre{}.FixedLocations(g.x[:], g.w[:], 0, 1)
	return g
}()

// readOut returns J_0, J_1 after reading for time T, and the lowest calcium met.
func (s *exactSolver) readOut(x *products, T float64) (j0, j1, lowest float64) {
	if math.IsInf(s.output, 1) { // f follows the synapses at once
		p := s.readCalcium(x, T)
		j0 = math.Exp(-s.hebbian*T) / max(p, s.p.Floor)
		if left := decay(s.hidden, T); left > 0 { // else HΔh is not felt, though p may be 0
			j1 = j0 * left
		}
		return j0, j1, p
	}
	lowest = math.Inf(1)
	panel := func(from, to float64) {
		for i, node := range gaussLegendre.x {
			t := from + node*(to-from)
			p := s.readCalcium(x, t)
			lowest = min(lowest, p)
			w := gaussLegendre.w[i] * (to - from) * s.output * math.Exp(-s.output*(T-t)-s.hebbian*t) / max(p, s.p.Floor)
			j0 += w
			j1 += w * decay(s.hidden, t)
		}
	}
	edges := s.panelEdges(T)
	for i := 1; i < len(edges); i++ {
		from, to := edges[i-1], edges[i]
		if cut, ok := s.floorCrossing(x, from, to); ok {
			s.halve(x, from, cut, panelHalving, panel)
			from = cut
		}
		s.halve(x, from, to, panelHalving, panel)
	}
	return j0, j1, lowest
}

// halve hands the panel on in parts within each of which the calcium that
// divides changes by no more than panelRatio.
func (s *exactSolver) halve(x *products, from, to float64, times int, panel func(from, to float64)) {
	low, high := math.Inf(1), 0.0
	for i := range panelSamples + 1 {
		p := max(s.readCalcium(x, from+(to-from)*float64(i)/panelSamples), s.p.Floor)
		low, high = min(low, p), max(high, p)
	}
	if times == 0 || !(high > panelRatio*low) {
		panel(from, to)
		return
	}
	middle := from + (to-from)/2
	s.halve(x, from, middle, times-1, panel)
	s.halve(x, middle, to, times-1, panel)
}

// panelEdges returns the ascending panel boundaries of [0, T].
func (s *exactSolver) panelEdges(T float64) []float64 {
	shortest := T
	for _, tau := range []float64{s.p.TauHidden, s.p.TauOutput, s.p.TauCalcium, s.p.TauHebbian, s.p.TauPresynaptic} {
		if tau > 0 {
			shortest = min(shortest, tau)
		}
	}
	var left []float64
	for at, width := 0.0, shortest*firstPanel; at < T/2; at, width = at+width, width*panelGrowth {
		left = append(left, at)
	}
	edges := append(left, T/2)
	for i := len(left) - 1; i >= 0; i-- {
		edges = append(edges, T-left[i])
	}
	return edges
}

// floorCrossing returns where p passes p_min within a panel, by bisection. The
// panels are short against every time constant, so that p is monotonic in one
// but for at most one of them, whose two crossings leave p within rounding of
// the floor.
func (s *exactSolver) floorCrossing(x *products, from, to float64) (float64, bool) {
	above := func(t float64) bool { return s.readCalcium(x, t) > s.p.Floor }
	start := above(from)
	if start == above(to) {
		return 0, false
	}
	for range 60 {
		middle := from + (to-from)/2
		if above(middle) == start {
			from = middle
		} else {
			to = middle
		}
	}
	return to, true
}
