package model

import (
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
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
// decades of p. All that depends on time alone is tabulated (see stretch.go).
const (
	panelRatio   = 2.0 // largest ratio of p within a panel
	panelHalving = 40  // times at most
)

// readOut runs through a read's stretches.
type readOut struct {
	s           *exactSolver
	x           *products
	phi, hidden float64 // J_0 − J_1 and J_1 up to here: the coefficients of Hφ and Hh(0)
	lowest      float64 // calcium met, where the floor stops the network
}

// settle is the read-out of an output layer without inertia.
func (r *readOut) settle(c *coefficients) {
	gain := r.s.p.Division.of(c.hebbian, c.calcium)
	r.phi, r.hidden = gain*c.phi, 0
	if c.hidden > 0 { // else Hh(0) is not felt, though p may be 0
		r.hidden = gain * c.hidden
	}
}

// pass takes note of the calcium met in a stretch.
func (r *readOut) pass(st *stretch) {
	for _, times := range []*calciumBasis{&st.samples, &st.nodes} {
		for i := range times.start {
			r.lowest = min(r.lowest, times.calcium(i, r.x))
		}
	}
}

// through adds a stretch to what the stretches before it have left.
func (r *readOut) through(st *stretch) {
	r.phi *= st.fall
	r.hidden *= st.fall
	r.add(st, panelHalving, true)
}

// add adds the integrals over a stretch: runs of panels in which p changes
// little at once, the others in finer ones. A panel within which p passes its
// floor is cut there; a dip through the floor and back is left to the nodes.
func (r *readOut) add(st *stretch, halvings int, cuts bool) {
	floor := r.s.p.Division.Floor
	p := r.sample(st)
	var finer []*stretch
	from := 0 // of the panels, the first that is not added yet
	for i := range st.panels() {
		part := p[i*panelSamples : (i+1)*panelSamples+1]
		first, last := part[0], part[panelSamples]
		switch {
		case cuts && (first > floor) != (last > floor):
			cut := r.crossing(st.edges[i], st.edges[i+1], first > floor)
			finer = append(finer, r.s.newStretch([]float64{st.edges[i], cut, st.edges[i+1]}, st.end))
		case halvings > 0 && !even(part, floor):
			finer = append(finer, r.s.halved(st, i))
		default:
			continue
		}
		r.panels(st, from, i)
		from = i + 1
	}
	r.panels(st, from, st.panels())
	for _, st := range finer {
		r.add(st, halvings-1, false)
	}
}

// sample returns the calcium at a stretch's sample times.
func (r *readOut) sample(st *stretch) []float64 {
	n := len(st.samples.start)
	if cap(r.s.sampled) < n {
		r.s.sampled = make([]float64, n)
	}
	p := r.s.sampled[:n]
	clear(p)
	kernel.Axpy(r.x.calcium, st.samples.start, p)
	kernel.Axpy(r.x.gPhi, st.samples.phi, p)
	kernel.Axpy(r.x.gHidden, st.samples.hidden, p)
	return p
}

// even reports whether the calcium that divides changes by no more than
// panelRatio.
func even(p []float64, floor float64) bool {
	low, high := math.Inf(1), 0.0
	for _, c := range p {
		if c < floor {
			c = floor
		}
		if c < low {
			low = c
		}
		if c > high {
			high = c
		}
	}
	return !(high > panelRatio*low)
}

// panels adds the panels from … to−1 of a stretch.
func (r *readOut) panels(st *stretch, from, to int) {
	if from == to {
		return
	}
	a, b, n := from*panelNodes, to*panelNodes, &st.nodes
	phi, hidden := kernel.Quotients(
		[3]float64{r.x.calcium, r.x.gPhi, r.x.gHidden}, n.start[a:b], n.phi[a:b], n.hidden[a:b], r.s.p.Division.Floor,
		st.phiWeight[a:b], st.hiddenWeight[a:b])
	r.phi += phi
	r.hidden += hidden
}

// crossing returns where p passes the floor, by bisection.
func (r *readOut) crossing(from, to float64, above bool) float64 {
	for range 60 {
		middle := from + float64((to-from)/2)
		b := r.s.basis([]float64{middle})
		if (b.calcium(0, r.x) > r.s.p.Division.Floor) == above {
			from = middle
		} else {
			to = middle
		}
	}
	return to
}
