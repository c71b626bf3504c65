package model

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

const (
	panelNodes   = 12
	panelGrowth  = 1.6
	firstPanel   = 1.0 / 2 // of the shortest time constant
	lastPanel    = 3.0     // of τ_f
	panelSamples = 4       // intervals at whose ends p is sampled
)

// gaussLegendre holds the nodes on (0, 1) and their weights.
var gaussLegendre = struct{ x, w [panelNodes]float64 }{
	x: [panelNodes]float64{0x1.2e1c4e37a2fdep-7, 0x1.88bc58023ba64p-5, 0x1.d73d4449dc328p-4, 0x1.a6961f47f100fp-3, 0x1.43ab96faba731p-2, 0x1.bfe1681c273c7p-2, 0x1.200f4bf1ec61dp-1, 0x1.5e2a3482a2c67p-1, 0x1.965a782e03bfcp-1, 0x1.c5185776c479bp-1, 0x1.e7743a7fdc45ap-1, 0x1.fb478ec721741p-1},
	w: [panelNodes]float64{0x1.8275d9dea6d8fp-6, 0x1.b60602bce6181p-5, 0x1.47d7258f22d8fp-4, 0x1.a0163e6b1ab72p-4, 0x1.de3155c256ab5p-4, 0x1.fe40ce6d4f025p-4, 0x1.fe40ce6d4f025p-4, 0x1.de3155c256ab5p-4, 0x1.a0163e6b1ab72p-4, 0x1.47d7258f22d8fp-4, 0x1.b60602bce6181p-5, 0x1.8275d9dea6d8fp-6},
}

// A stretch is a part of a read, in panels, with what the read-out integrals
// need of it and time alone decides.
type stretch struct {
	kind                    spanKind
	edges                   []float64    // of the panels
	end                     float64      // to which the weights lead up: that of this stretch, or of the one it refines
	fall                    float64      // e^{−(end−start)/τ_f}: what is left at the end of what there was before
	samples, nodes          calciumBasis // panelSamples intervals a panel; panelNodes a panel
	phiWeight, hiddenWeight []float64    // of the integrands of J_0 − J_1 and J_1 at the nodes, but for 1/p
	whole                   float64      // T
	phiMean, hiddenMean     []float64    // the same weights in f averaged over [0, T]; nil: not asked for
	sums                    [4]float64   // of these weights: the integrals of calcium that is held, times p
	halves                  []*stretch   // of each panel, made when first needed
}

func (stretch *stretch) panels() int { return len(stretch.edges) - 1 }

// calciumBasis is p at some times of a read as a combination of the terms of the
// read (response.go), term by term.
type calciumBasis [][]float64

// calciumAt returns p at one of the basis's times.
func (basis calciumBasis) calciumAt(i int, terms []float64) float64 {
	p := float64(basis[0][i] * terms[0])
	for term, column := range basis[1:] {
		p += float64(column[i] * terms[term+1])
	}
	return p
}

// calcium sets p at all of the basis's times.
func (basis calciumBasis) calcium(terms, p []float64) {
	clear(p)
	for i, column := range basis {
		kernel.Axpy(terms[i], column, p)
	}
}

// part returns the times from … to−1.
func (basis calciumBasis) part(from, to int) calciumBasis {
	part := make(calciumBasis, len(basis))
	for i, column := range basis {
		part[i] = column[from:to]
	}
	return part
}

// basis returns p at some times of a segment, which lie in a span of that kind.
func (exact *exactSolver) basis(times []float64, kind spanKind) calciumBasis {
	if exact.modes != nil {
		var basis calciumBasis
		for _, mode := range exact.modes {
			basis = append(basis, mode.basis(times, kind)...)
		}
		return basis
	}
	last := exact.astrocyte.own - 1
	if kind.phase == Reading {
		return exact.readingResponses(last, kind.course, since(kind.from, times))
	}
	basis := make(calciumBasis, exact.astrocyte.own+writingTerms)
	for i, responses := range exact.responses(kind, times) {
		for term, coefficient := range responses[last] {
			if i == 0 {
				basis[term] = make([]float64, len(times))
			}
			basis[term][i] = coefficient
		}
	}
	return basis
}

// newStretch tabulates the panels between ascending edges, with weights that
// lead up to end, of a read that ends at whole.
func (exact *exactSolver) newStretch(edges []float64, end, whole float64, kind spanKind) *stretch {
	stretch, times := exact.layStretch(edges, end, whole, kind)
	stretch.take(exact.basis(times, kind))
	return stretch
}

// take takes the basis at a stretch's times.
func (stretch *stretch) take(basis calciumBasis) {
	nodes := len(stretch.phiWeight)
	stretch.nodes, stretch.samples = basis.part(0, nodes), basis.part(nodes, len(basis[0]))
}

// layStretch is newStretch but for the basis, and returns the times of that, nodes and then samples.
func (exact *exactSolver) layStretch(edges []float64, end, whole float64, kind spanKind) (_ *stretch, times []float64) {
	panels := len(edges) - 1
	stretch := &stretch{kind: kind, edges: edges, end: end, whole: whole, fall: decay(exact.output, end-edges[0]), halves: make([]*stretch, panels)}
	nodes, samples := panels*panelNodes, panels*panelSamples+1
	times = make([]float64, 0, nodes+samples)
	weight, scale := make([]float64, 0, nodes), exact.output
	if exact.averages {
		scale, stretch.fall = 1/end, 1
	}
	for i := range panels {
		from, width := edges[i], edges[i+1]-edges[i]
		for j, at := range gaussLegendre.x {
			times = append(times, from+float64(at*width))
			weight = append(weight, gaussLegendre.w[j]*width*scale)
		}
	}
	for i := range panels {
		from, width := edges[i], edges[i+1]-edges[i]
		for j := range panelSamples {
			times = append(times, from+float64(width*float64(j)/panelSamples))
		}
	}
	times = append(times, edges[panels])

	at := times[:nodes]
	stretch.phiWeight, stretch.hiddenWeight = exact.weights(at, weight, exact.felt(at, end, exact.averages))
	if exact.means {
		for i := range weight { // dt
			weight[i] = gaussLegendre.w[i%panelNodes] * (edges[i/panelNodes+1] - edges[i/panelNodes]) / whole
		}
		stretch.phiMean, stretch.hiddenMean = exact.weights(at, weight, exact.felt(at, whole, true))
	}
	for i, weights := range [4][]float64{stretch.phiWeight, stretch.hiddenWeight, stretch.phiMean, stretch.hiddenMean} {
		for _, weight := range weights {
			stretch.sums[i] += weight
		}
	}
	return stretch, times
}

// weights returns the weights of the integrands at some times, of which so much is felt.
func (exact *exactSolver) weights(times, weight, felt []float64) (phi, hidden []float64) {
	phi, hidden = rises(exact.hidden, times), decays(exact.hidden, times)
	for i := range times {
		hidden[i] *= weight[i] * felt[i]
		phi[i] *= weight[i] * felt[i]
	}
	return phi, hidden
}

// felt returns how much of what H recalls at times t is felt in τ_f f(end), e^{−(end−t)/τ_f − t/τ_H}
// or, where f is averaged, in its integral over [0, end], (1 − e^{−(end−t)/τ_f}) e^{−t/τ_H}.
func (exact *exactSolver) felt(times []float64, end float64, averages bool) []float64 {
	felt := make([]float64, len(times))
	for i, time := range times {
		if felt[i] = float64(-exact.hebbian * time); !averages {
			felt[i] += float64(-exact.output * (end - time))
		}
	}
	kernel.Exp(felt, felt, 0)
	for i, time := range times {
		if averages {
			felt[i] *= rise(exact.output, end-time)
		}
	}
	return felt
}

// halved returns the two halves of a stretch's panel, as a stretch.
func (exact *exactSolver) halved(stretch *stretch, panel int) *stretch {
	if stretch.halves[panel] == nil {
		from, to := stretch.edges[panel], stretch.edges[panel+1]
		stretch.halves[panel] = exact.newStretch([]float64{from, from + float64((to-from)/2), to}, stretch.end, stretch.whole, stretch.kind)
	}
	return stretch.halves[panel]
}

// fillStretches lays the stretches of a timetable's legs. They are nil where f follows
// the synapses at once and nobody asks what p was on the way, or there is no closed form of it.
func (exact *exactSolver) fillStretches(table *timetable) {
	if math.IsInf(exact.output, 1) && !exact.averages && !exact.means && !exact.parameters.Division.StopAtFloor || !exact.astrocyte.closed() {
		return
	}
	T := table.times[len(table.times)-1]
	start := 0.0
	var laid []*stretch // of a span, with the times of all
	var times []float64
	for i := range table.legs {
		leg := &table.legs[i]
		if leg.end > start {
			end := leg.end
			if exact.averages {
				end = T
			}
			var at []float64
			leg.stretch, at = exact.layStretch(exact.panelEdges(table.kinds[leg.span].from, start, leg.end), end, T, table.kinds[leg.span])
			laid, times = append(laid, leg.stretch), append(times, at...)
		}
		start = leg.end
		if last := i+1 == len(table.legs) || table.legs[i+1].span != leg.span; last && len(laid) > 0 {
			basis, first := exact.basis(times, table.kinds[leg.span]), 0
			for _, stretch := range laid {
				size := len(stretch.phiWeight) + stretch.panels()*panelSamples + 1
				stretch.take(basis.part(first, first+size))
				first += size
			}
			laid, times = nil, nil
		}
	}
}

// panelEdges returns the ascending panel boundaries of the part of a read from start to end in a
// span that began at from: panels grow from there on, where what drives the calcium changes, and
// from the end back, which alone is felt for long, until each is as wide as the other.
func (exact *exactSolver) panelEdges(from, start, end float64) []float64 {
	shortest, _ := exact.parameters.Shortest(true)
	for _, mode := range exact.modes {
		fastest, _ := mode.parameters.Shortest(true)
		shortest = min(shortest, fastest)
	}
	first, last, meet := float64(firstPanel*min(shortest, end-from)), float64(lastPanel*exact.parameters.TauOutput), end
	if last > 0 {
		meet = min(end, from+float64((end-from)/2)+float64((last-first)/(2*(panelGrowth-1))))
	}
	edges, felt := []float64{start}, []float64{end}
	for at, width := from, first; at < meet; at, width = at+width, float64(width*panelGrowth) {
		if at > start {
			edges = append(edges, at)
		}
	}
	if start < meet && meet < end {
		edges = append(edges, meet)
	}
	for at, width := end-last, float64(last*panelGrowth); last > 0 && at > max(start, meet); at, width = at-width, float64(width*panelGrowth) {
		felt = append(felt, at)
	}
	slices.Reverse(felt)
	return append(edges, felt...)
}
