package model

import (
	"math"
	"slices"

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
// decades of p.
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

// panel is an interval of reading time with all that depends on time alone.
type panel struct {
	from, to float64
	fall     float64 // e^{−(to−from)/τ_f}: what is left at its end of what was there before
	samples  [panelSamples + 1]calciumBasis
	nodes    [panelNodes]panelNode
	halves   [2]*panel // made when first needed
}

type panelNode struct {
	calciumBasis
	phiWeight, hiddenWeight float64 // of the integrands of J_0 − J_1 and J_1, but for 1/p
}

func (s *exactSolver) newPanel(from, to float64) *panel {
	p := &panel{from: from, to: to, fall: decay(s.output, to-from)}
	for i := range p.samples {
		p.samples[i] = s.basis(from + (to-from)*float64(i)/panelSamples)
	}
	for i, at := range gaussLegendre.x {
		t := from + at*(to-from)
		n := &p.nodes[i]
		n.calciumBasis = s.basis(t)
		weight := gaussLegendre.w[i] * (to - from) * s.output * math.Exp(-s.output*(to-t)-s.hebbian*t)
		n.phiWeight, n.hiddenWeight = weight*rise(s.hidden, t), weight*decay(s.hidden, t)
	}
	return p
}

// fillPanels lays the panels that lead up to each of a timetable's times.
func (s *exactSolver) fillPanels(table *timetable) {
	table.panels = make([][]*panel, len(table.times))
	if math.IsInf(s.output, 1) && !s.p.StopAtFloor {
		return // f follows the synapses at once, and nobody asks what p was on the way
	}
	T := table.times[len(table.times)-1]
	edges := append(s.panelEdges(T), table.times...)
	slices.Sort(edges)
	stop := 0
	for i := 1; i < len(edges); i++ {
		from, to := edges[i-1], edges[i]
		for stop < len(table.times)-1 && table.times[stop] <= from {
			stop++
		}
		if to > from {
			table.panels[stop] = append(table.panels[stop], s.newPanel(from, to))
		}
	}
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

// readOut runs through a read's panels.
type readOut struct {
	s           *exactSolver
	x           *products
	phi, hidden float64 // J_0 − J_1 and J_1 up to here: the coefficients of Hφ and Hh(0)
	lowest      float64 // calcium met
}

// pass takes note of the calcium met in a panel.
func (r *readOut) pass(p *panel) {
	for i := range p.samples {
		r.lowest = min(r.lowest, p.samples[i].calcium(r.x))
	}
	for i := range p.nodes {
		r.lowest = min(r.lowest, p.nodes[i].calcium(r.x))
	}
}

// settle is the read-out of an output layer without inertia.
func (r *readOut) settle(c *coefficients) {
	gain := c.hebbian / max(c.calcium, r.s.p.Floor)
	r.phi, r.hidden = gain*c.phi, 0
	if c.hidden > 0 { // else Hh(0) is not felt, though p may be 0
		r.hidden = gain * c.hidden
	}
}

// panel adds a panel, in two parts where p passes the floor within it. A dip
// through the floor and back within one panel is left to the nodes.
func (r *readOut) panel(p *panel) {
	floor := r.s.p.Floor
	first, last := p.samples[0].calcium(r.x), p.samples[panelSamples].calcium(r.x)
	if (first > floor) == (last > floor) {
		r.smooth(p, panelHalving)
		return
	}
	cut := r.crossing(p.from, p.to, first > floor)
	r.smooth(r.s.newPanel(p.from, cut), panelHalving)
	r.smooth(r.s.newPanel(cut, p.to), panelHalving)
}

// crossing returns where p passes the floor, by bisection.
func (r *readOut) crossing(from, to float64, above bool) float64 {
	for range 60 {
		middle := from + (to-from)/2
		b := r.s.basis(middle)
		if (b.calcium(r.x) > r.s.p.Floor) == above {
			from = middle
		} else {
			to = middle
		}
	}
	return to
}

// smooth adds a panel without a kink, halved until the calcium that divides
// changes by no more than panelRatio.
func (r *readOut) smooth(p *panel, times int) {
	floor := r.s.p.Floor
	low, high := math.Inf(1), 0.0
	for i := range p.samples {
		c := max(p.samples[i].calcium(r.x), floor)
		low, high = min(low, c), max(high, c)
	}
	if times > 0 && high > panelRatio*low {
		if p.halves[0] == nil {
			middle := p.from + (p.to-p.from)/2
			p.halves = [2]*panel{r.s.newPanel(p.from, middle), r.s.newPanel(middle, p.to)}
		}
		r.smooth(p.halves[0], times-1)
		r.smooth(p.halves[1], times-1)
		return
	}
	var phi, hidden float64
	for i := range p.nodes {
		n := &p.nodes[i]
		c := n.calcium(r.x)
		r.lowest = min(r.lowest, c)
		inverse := 1 / max(c, floor)
		phi += n.phiWeight * inverse
		hidden += n.hiddenWeight * inverse
	}
	r.phi, r.hidden = r.phi*p.fall+phi, r.hidden*p.fall+hidden
}
