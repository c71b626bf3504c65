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
// no more than 2 within it, and in its middle is hardly off the line between its
// ends; then 12 nodes are enough for 1e-14, over six
// decades of p. All that depends on time alone is tabulated (see stretch.go).
const (
	panelRatio   = 2.0     // largest ratio of p within a panel
	panelBend    = 1.0 / 8 // largest distance of p from that line, over the least p
	panelHalving = 40      // times at most
)

// readOut runs through a read's stretches.
type readOut struct {
	exact       *exactSolver
	terms       []float64
	phi, hidden float64 // J_0 − J_1 and J_1 up to here: the coefficients of Hφ and Hh(0)
	lowest      float64 // calcium met, where the floor stops the network

	phiMean, hiddenMean float64 // the same of f averaged over the read, if it is asked for
}

// pass takes note of the calcium met in a stretch.
func (readOut *readOut) pass(stretch *stretch) {
	for _, times := range []calciumBasis{stretch.samples, stretch.nodes} {
		for i := range times[0] {
			readOut.lowest = min(readOut.lowest, times.calciumAt(i, readOut.terms))
		}
	}
}

// through adds a stretch to what the stretches before it have left.
func (readOut *readOut) through(stretch *stretch) {
	readOut.phi *= stretch.fall
	readOut.hidden *= stretch.fall
	astrocyte := readOut.exact.astrocyte
	if _, alike := astrocyte.readout.(constant); alike || stretch.kind.course == held { // one number divides
		divisor := astrocyte.divisor(readOut.terms[astrocyte.own-1], nil)
		readOut.phi += stretch.sums[0] / divisor
		readOut.hidden += stretch.sums[1] / divisor
		return
	}
	readOut.add(stretch, panelHalving, true)
}

// add adds the integrals over a stretch: runs of panels in which p changes
// little at once, the others in finer ones. A panel within which p passes its
// floor is cut there; a dip through the floor and back is left to the nodes.
func (readOut *readOut) add(over *stretch, halvings int, cuts bool) {
	floor := readOut.exact.astrocyte.floor
	calcium := readOut.calcium(over.samples)
	if low, high := kernel.Extremes(calcium); low > floor && high <= panelRatio*low { // as most are
		readOut.panels(over, 0, over.panels())
		return
	}
	var finer []*stretch
	from := 0 // of the panels, the first that is not added yet
	for i := range over.panels() {
		part := calcium[i*panelSamples : (i+1)*panelSamples+1]
		first, last := part[0], part[panelSamples]
		switch {
		case cuts && floor > 0 && (first > floor) != (last > floor):
			cut := readOut.crossing(over.edges[i], over.edges[i+1], first > floor, over.kind)
			finer = append(finer, readOut.exact.newStretch([]float64{over.edges[i], cut, over.edges[i+1]}, over.end, over.whole, over.kind))
		case halvings > 0 && !even(part, floor):
			finer = append(finer, readOut.exact.halved(over, i))
		default:
			continue
		}
		readOut.panels(over, from, i)
		from = i + 1
	}
	readOut.panels(over, from, over.panels())
	for _, over := range finer {
		readOut.add(over, halvings-1, false)
	}
}

// calcium returns p at a basis's times, until it is asked again.
func (readOut *readOut) calcium(basis calciumBasis) []float64 {
	count := len(basis[0])
	if cap(readOut.exact.sampled) < count {
		readOut.exact.sampled = make([]float64, count)
	}
	calcium := readOut.exact.sampled[:count]
	basis.calcium(readOut.terms, calcium)
	return calcium
}

// divisor returns 1/P at a basis's times, until it is asked for anything again.
func (readOut *readOut) divisor(basis calciumBasis) []float64 {
	divisor := readOut.calcium(basis)
	for i, p := range divisor {
		divisor[i] = readOut.exact.astrocyte.divisor(p, nil)
	}
	return divisor
}

// even reports whether what divides changes by no more than panelRatio, nearly as time does.
func even(calcium []float64, floor float64) bool {
	low, high := calcium[0], calcium[0]
	for _, p := range calcium[1:] { // a few
		if p < low {
			low = p
		}
		if p > high {
			high = p
		}
	}
	low, high = max(low, floor), max(high, floor)
	first, middle, last := max(calcium[0], floor), max(calcium[len(calcium)/2], floor), max(calcium[len(calcium)-1], floor)
	return high <= panelRatio*low && math.Abs(middle-float64((first+last)/2)) <= float64(panelBend*low)
}

// panels adds the panels from … to−1 of a stretch.
func (readOut *readOut) panels(stretch *stretch, from, to int) {
	if from == to {
		return
	}
	first, last, nodes, terms := from*panelNodes, to*panelNodes, stretch.nodes, readOut.terms
	if _, plain := readOut.exact.astrocyte.readout.(reciprocal); plain && len(nodes) == 3 {
		phi, hidden := kernel.Quotients([3]float64{terms[0], terms[1], terms[2]}, nodes[0][first:last], nodes[1][first:last], nodes[2][first:last],
			readOut.exact.astrocyte.floor, stretch.phiWeight[first:last], stretch.hiddenWeight[first:last])
		readOut.phi += phi
		readOut.hidden += hidden
		return
	}
	readOut.quotients(stretch, readOut.divisor(nodes.part(first, last)), 0, from, to)
}

// crossing returns where p passes the floor, by bisection.
func (readOut *readOut) crossing(from, to float64, above bool, kind spanKind) float64 {
	for range 60 {
		middle := from + float64((to-from)/2)
		if (readOut.exact.basis([]float64{middle}, kind).calciumAt(0, readOut.terms) > readOut.exact.astrocyte.floor) == above {
			from = middle
		} else {
			to = middle
		}
	}
	return to
}
