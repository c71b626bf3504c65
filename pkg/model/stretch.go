package model

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

const (
	panelNodes   = 12
	panelGrowth  = 1.6
	firstPanel   = 1.0 / 8 // of the shortest time constant
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
	edges                   []float64    // of the panels
	end                     float64      // to which the weights lead up: that of this stretch, or of the one it refines
	fall                    float64      // e^{−(end−start)/τ_f}: what is left at the end of what there was before
	samples, nodes          calciumBasis // panelSamples intervals a panel; panelNodes a panel
	phiWeight, hiddenWeight []float64    // of the integrands of J_0 − J_1 and J_1 at the nodes, but for 1/p
	halves                  []*stretch   // of each panel, made when first needed
}

func (st *stretch) panels() int { return len(st.edges) - 1 }

// calciumBasis is p at some times of a read as a combination of p(0), g·φ and
// g·h(0).
type calciumBasis struct{ start, phi, hidden []float64 }

func (b *calciumBasis) calcium(i int, x *products) float64 {
	return float64(b.start[i]*x.calcium) + float64(b.phi[i]*x.gPhi) + float64(b.hidden[i]*x.gHidden)
}

// part returns the times from … to−1.
func (b *calciumBasis) part(from, to int) calciumBasis {
	return calciumBasis{b.start[from:to], b.phi[from:to], b.hidden[from:to]}
}

func (s *exactSolver) basis(t []float64) calciumBasis {
	a, b, k := s.presynaptic, s.hidden, s.calcium
	c := calciumBasis{start: decays(k, t), phi: filters(k, a, t)}
	if math.IsInf(b, 1) {
		c.hidden = make([]float64, len(t))
		return c
	}
	c.hidden = filters(k, a+b, t)
	kernel.Axpy(-1, c.hidden, c.phi)
	return c
}

// newStretch tabulates the panels between ascending edges, with weights that
// lead up to end.
func (s *exactSolver) newStretch(edges []float64, end float64) *stretch {
	st := &stretch{edges: edges, end: end, fall: decay(s.output, end-edges[0])}
	n := st.panels()
	st.halves = make([]*stretch, n)
	nodes, samples := n*panelNodes, n*panelSamples+1
	times := make([]float64, 0, nodes+samples)
	weight := make([]float64, 0, nodes)
	for i := range n {
		from, width := edges[i], edges[i+1]-edges[i]
		for j, at := range gaussLegendre.x {
			times = append(times, from+float64(at*width))
			weight = append(weight, gaussLegendre.w[j]*width*s.output)
		}
	}
	for i := range n {
		from, width := edges[i], edges[i+1]-edges[i]
		for j := range panelSamples {
			times = append(times, from+float64(width*float64(j)/panelSamples))
		}
	}
	times = append(times, edges[n])
	basis := s.basis(times)
	st.nodes, st.samples = basis.part(0, nodes), basis.part(nodes, nodes+samples)

	at := times[:nodes]
	fading := make([]float64, nodes) // e^{−(end−t)/τ_f − t/τ_H}
	for i, t := range at {
		fading[i] = float64(-s.output*(end-t)) - float64(s.hebbian*t)
	}
	kernel.Exp(fading, fading, 0)
	st.hiddenWeight, st.phiWeight = decays(s.hidden, at), rises(s.hidden, at)
	for i, f := range fading {
		st.hiddenWeight[i] *= weight[i] * f
		st.phiWeight[i] *= weight[i] * f
	}
	return st
}

// halved returns the two halves of a stretch's panel, as a stretch.
func (s *exactSolver) halved(st *stretch, panel int) *stretch {
	if st.halves[panel] == nil {
		from, to := st.edges[panel], st.edges[panel+1]
		st.halves[panel] = s.newStretch([]float64{from, from + float64((to-from)/2), to}, st.end)
	}
	return st.halves[panel]
}

// fillStretches lays the stretches that lead up to each of a timetable's times.
// They are nil where f follows the synapses at once and nobody asks what p was
// on the way.
func (s *exactSolver) fillStretches(table *timetable) {
	table.stretches = make([]*stretch, len(table.times))
	if math.IsInf(s.output, 1) && !s.p.Division.StopAtFloor {
		return
	}
	T := table.times[len(table.times)-1]
	edges := s.panelEdges(T)
	start := 0.0
	for i, end := range table.times {
		own := []float64{start}
		for _, e := range edges {
			if e > start && e < end {
				own = append(own, e)
			}
		}
		if end > start {
			table.stretches[i] = s.newStretch(append(own, end), end)
		}
		start = end
	}
}

// panelEdges returns the ascending panel boundaries of [0, T].
func (s *exactSolver) panelEdges(T float64) []float64 {
	shortest, _ := s.p.Shortest(true)
	var left []float64
	for at, width := 0.0, min(shortest, T)*firstPanel; at < T/2; at, width = at+width, width*panelGrowth {
		left = append(left, at)
	}
	edges := append(slices.Clone(left), T/2)
	for i := len(left) - 1; i >= 0; i-- {
		edges = append(edges, T-left[i])
	}
	return edges
}
