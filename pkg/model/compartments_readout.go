package model

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// The read-out integrals of all compartments at once (readout.go has those of one): the modes'
// calcium at all nodes of a stretch, from them by one matrix product the compartments', and then
// the quotients of each. Panels in which a compartment's calcium changes too much are halved for
// those compartments alone, and those near its floor, where they may have to be cut, are left to
// the read-out of one.

// evenNodes are the nodes of a panel by which its calcium is judged.
var evenNodes = [...]int{0, 2, middleNode, 9, panelNodes - 1}

const middleNode = 5

// through takes the read-outs through a stretch, of which the calcium is seen from a column on.
func (exact *compartmentsExact) through(stretch *stretch, seen sight, column int) {
	base := exact.base
	if base.parameters.Division.StopAtFloor {
		for c := range exact.outs {
			if exact.outs[c].lowest = min(exact.outs[c].lowest, exact.pools[c]); stretch.kind.course != held {
				exact.one(c, stretch.kind.phase).pass(stretch)
			}
		}
	}
	if base.parameters.TauOutput == 0 && !base.means {
		return
	}
	for c := range exact.outs {
		out := &exact.outs[c]
		out.phi *= stretch.fall
		out.hidden *= stretch.fall
	}
	if stretch.kind.course == held {
		for c := range exact.outs {
			out, divisor := &exact.outs[c], base.astrocyte.divisor(exact.pools[c], nil)
			out.phi += stretch.sums[0] / divisor
			out.hidden += stretch.sums[1] / divisor
			out.phiMean += stretch.sums[2] / divisor
			out.hiddenMean += stretch.sums[3] / divisor
		}
		return
	}
	exact.add(stretch, seen, column, nil, panelHalving)
}

// see returns the calcium in a span, until it is asked again. Where there is a skeleton, that tells which
// compartments' is even throughout.
func (exact *compartmentsExact) see(span *modeSpan) sight {
	rows, columns := len(exact.outs), exact.columns()
	at := exact.calcium[span.at:]
	seen := span.grid.see(at, columns, rows, func(size int) []float64 { return exact.room(1, size) })
	if _, plain := exact.base.astrocyte.readout.(reciprocal); !plain || span.grid.parts == nil {
		return seen
	}
	nearFloor := exact.nearFloor()
	exact.even = slices.Grow(exact.even[:0], rows)[:rows]
	for c := range exact.even {
		low, high := kernel.Extremes(at[c*columns:][:span.grid.times()])
		exact.even[c] = low > nearFloor && high <= panelRatio*low
	}
	seen.even = exact.even
	return seen
}

// nearFloor returns the divisor below which a panel may have to be cut.
func (exact *compartmentsExact) nearFloor() float64 {
	if floor := exact.base.astrocyte.floor; floor > 0 {
		return exact.base.astrocyte.divisor(panelRatio*floor, nil)
	}
	return math.Inf(-1)
}

// add adds the integrals over a stretch of some compartments, nil: of all.
func (exact *compartmentsExact) add(over *stretch, seen sight, column int, some []int, halvings int) {
	rows := len(exact.outs)
	if some != nil {
		rows = len(some)
	}
	nodes := len(over.phiWeight)
	_, plain := exact.base.astrocyte.readout.(reciprocal)
	nearFloor, floor := exact.nearFloor(), exact.base.astrocyte.floor
	var finer [][]int // of each panel, the compartments that need it in halves
	for row := range rows {
		c := row
		if some != nil {
			c = some[row]
		}
		out := &exact.outs[c]
		divisors := seen.row(row, column, column+nodes)
		if seen.even != nil && seen.even[row] { // as most are
			out.quotients(over, divisors, floor, 0, over.panels())
			continue
		}
		if !plain {
			exact.divide(divisors)
		}
		from := 0
		for i := range over.panels() {
			low, even := judged(divisors[i*panelNodes : (i+1)*panelNodes])
			switch {
			case low <= nearFloor:
				exact.one(c, over.kind.phase).add(over.panel(i), halvings, true)
			case halvings > 0 && !even:
				if finer == nil {
					finer = make([][]int, over.panels())
				}
				finer[i] = append(finer[i], c)
			default:
				continue
			}
			out.quotients(over, divisors[from*panelNodes:i*panelNodes], floor, from, i)
			from = i + 1
		}
		out.quotients(over, divisors[from*panelNodes:], floor, from, over.panels())
	}
	for i, some := range finer {
		if len(some) > 0 {
			half := exact.base.halved(over, i)
			exact.add(half, exact.seeSome(half, some), 0, some, halvings-1)
		}
	}
}

// seeSome returns the calcium of some compartments at a stretch's nodes, until it is asked again.
func (exact *compartmentsExact) seeSome(over *stretch, some []int) sight {
	rows, count, times := len(some), len(exact.outs), len(over.phiWeight)
	vectors, modes, calcium := exact.room(2, rows*count), exact.room(0, count*times), exact.room(3, rows*times)
	for row, c := range some {
		copy(vectors[row*count:], exact.byPool[c*count:(c+1)*count])
	}
	clear(modes)
	felt := len(over.nodes) / len(exact.modes)
	for k, terms := range exact.terms {
		row := modes[k*times : (k+1)*times]
		for i, column := range over.nodes[exact.class[k]*felt:][:felt] {
			if terms[i] != 0 {
				kernel.Axpy(terms[i], column, row)
			}
		}
	}
	kernel.Gemm(false, false, rows, times, count, 1, vectors, count, modes, times, 0, calcium, times)
	return sight{calcium: calcium, stride: times}
}

// room returns space for so many numbers.
func (exact *compartmentsExact) room(i, size int) []float64 {
	exact.space[i] = slices.Grow(exact.space[i][:0], size)[:size]
	return exact.space[i]
}

// divide replaces p by 1/P, which for a plain reciprocal is p down to the floor.
func (exact *compartmentsExact) divide(calcium []float64) {
	for i, p := range calcium {
		calcium[i] = exact.base.astrocyte.divisor(p, nil)
	}
}

// judged returns the least of what a panel's calcium is judged by, not below 0, and whether it is even.
func judged(panel []float64) (low float64, even bool) {
	low = max(panel[evenNodes[0]], 0)
	high := low
	for _, node := range evenNodes[1:] {
		switch value := max(panel[node], 0); {
		case value < low:
			low = value
		case value > high:
			high = value
		}
	}
	const last = panelNodes - 1
	x := &gaussLegendre.x
	line := panel[0] + float64((panel[last]-panel[0])*((x[middleNode]-x[0])/(x[last]-x[0])))
	return low, high <= panelRatio*low && math.Abs(panel[middleNode]-line) <= panelBend*low
}

// quotients adds the panels from … to−1 of a stretch, of which the divisors are given, the least where they
// are less.
func (readOut *readOut) quotients(stretch *stretch, divisors []float64, least float64, from, to int) {
	if from == to {
		return
	}
	first, last := from*panelNodes, to*panelNodes
	phi, hidden := kernel.Quotients([3]float64{1, 0, 0}, divisors, divisors, divisors, least, stretch.phiWeight[first:last], stretch.hiddenWeight[first:last])
	readOut.phi += phi
	readOut.hidden += hidden
	if stretch.phiMean != nil {
		phi, hidden = kernel.Quotients([3]float64{1, 0, 0}, divisors, divisors, divisors, least, stretch.phiMean[first:last], stretch.hiddenMean[first:last])
		readOut.phiMean += phi
		readOut.hiddenMean += hidden
	}
}

// one returns a compartment's read-out with the terms of the span at hand: those of all modes,
// of which ones that decay alike are one.
func (exact *compartmentsExact) one(c int, phase Phase) *readOut {
	out := &exact.outs[c]
	if len(out.terms) > 0 {
		return out
	}
	felt := exact.base.astrocyte.own + readingTerms
	if phase == Writing {
		felt = exact.base.astrocyte.own + writingTerms
	}
	out.terms = slices.Grow(out.terms, felt*len(exact.modes))[:felt*len(exact.modes)]
	clear(out.terms)
	for k, x := range exact.byPool[c*len(exact.outs) : (c+1)*len(exact.outs)] {
		into := out.terms[exact.class[k]*felt:]
		for i, term := range exact.terms[k][:felt] {
			into[i] += float64(x * term)
		}
	}
	return out
}

// panel returns a stretch of one of its panels.
func (over *stretch) panel(i int) *stretch {
	one, first, last := *over, i*panelNodes, (i+1)*panelNodes
	one.edges, one.halves = over.edges[i:i+2], over.halves[i:i+1]
	one.nodes, one.samples = over.nodes.part(first, last), over.samples.part(i*panelSamples, (i+1)*panelSamples+1)
	one.phiWeight, one.hiddenWeight = over.phiWeight[first:last], over.hiddenWeight[first:last]
	if over.phiMean != nil {
		one.phiMean, one.hiddenMean = over.phiMean[first:last], over.hiddenMean[first:last]
	}
	return &one
}
