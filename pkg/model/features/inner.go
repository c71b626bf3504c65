package features

import (
	"context"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// Inner returns the activity as the network feels it: by the inner products of all
// features, which are evaluated a tile of neurons at a time and dropped, so that their
// number costs time and no memory. Q and K hold the features of the named neurons
// alone, [n×len(single)]. It is [Map.Evaluate] otherwise.
//
// The common factor depends on all neurons, the ones to come included. So each token's
// features are held against the largest of its own so far, and what has been gathered
// is brought down when a larger one comes:
//
//	r' = max(r, max u)     φ = e^{u−r'}     K ← e^{r−r'} K e^{r−r'} + φφᵀ
//
// In the end K takes the tokens' amplitudes e^r, their gains and the common factor.
func (m *Map) Inner(ctx context.Context, q, k []float64, n int, gain Gain, single []int) (*Activity, error) {
	if m.family.ideal {
		return m.Evaluate(q, k, n, gain)
	}
	if err := gain.check(m); err != nil {
		return nil, err
	}
	in := m.To.seen(Tokens{Q: q, K: k, N: n, Dim: m.Dim})
	p := m.tokens(in, make([]float64, 2*n*(min(TileNeurons, m.Neurons)+m.Dim)))
	if err := m.known(p.norm2); err != nil {
		return nil, err
	}
	g := newGathered(p, m.family, n, single)
	for queries, keys := range m.Tiles() {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		p.project(queries, keys)
		g.add(p, m, gain.Kind)
	}
	a, err := g.activity(p, m, gain)
	if err == nil && !(finite(p.norm2) && finite(a.Gram)) {
		err = m.tooLong()
	}
	if err == nil {
		in.lose(a.LogGain)
	}
	return a, err
}

// gathered is what is left of the neurons that have passed, of keys and then queries.
// Each token's features are relative to its reference e^{−amplitude} of the projection.
type gathered struct {
	n         int
	amplitude []float64 // the tokens' own, log, [2n]
	gram      []float64 // [2n×2n], but for its upper right quarter
	rates     []float64 // Σ_α φ_α, [2n], if they are asked for
	factors   []float64 // space, [2n]
	single    []int
	alone     []float64 // the features of these neurons, [2n×len(single)]
	passed    int
}

func newGathered(p *projection, f family, n int, single []int) *gathered {
	g := &gathered{
		n: n, amplitude: slices.Clone(p.amplitude), gram: make([]float64, 4*n*n), rates: make([]float64, 2*n),
		factors: make([]float64, 2*n), single: single, alone: make([]float64, 2*n*len(single)),
	}
	for t := range p.amplitude { // nothing has passed; of other maps the tuning curve is all
		p.amplitude[t] = 0
		if f.exponential {
			p.amplitude[t] = math.Inf(1)
		}
	}
	return g
}

// add gathers the projected neurons.
func (g *gathered) add(p *projection, m *Map, gain string) {
	if m.family.exponential {
		for t, before := range p.amplitude {
			p.amplitude[t] = min(before, -min(p.highest[t], m.family.ceiling))
			g.factors[t] = 1
			if p.amplitude[t] != before {
				g.factors[t] = portable.Exp(p.amplitude[t] - before)
			}
		}
		g.scale(g.factors)
	}
	n, size, phi := g.n, p.m, p.apply(m, 0)
	keys, queries := phi[:n*size], phi[n*size:]
	kernel.Gemm(false, true, n, n, size, 1, keys, size, keys, size, 1, g.gram, 2*n)
	kernel.Gemm(false, true, n, n, size, 1, queries, size, keys, size, 1, g.gram[2*n*n:], 2*n)
	kernel.Gemm(false, true, n, n, size, 1, queries, size, queries, size, 1, g.gram[2*n*n+n:], 2*n)
	for t := range 2 * n {
		switch gain {
		case GainRate:
			for _, phi := range p.row(t) {
				g.rates[t] += phi
			}
		case GainTrained:
			for i, phi := range p.row(t) {
				g.rates[t] += float64(m.learned.Gain[g.passed+i] * phi)
			}
		}
		for column, neuron := range g.single {
			if at := neuron - g.passed; at >= 0 && at < size {
				g.alone[t*len(g.single)+column] = p.row(t)[at]
			}
		}
	}
	g.passed += size
}

// scale multiplies the features of each token by its factor.
func (g *gathered) scale(factors []float64) {
	if !slices.ContainsFunc(factors, func(factor float64) bool { return factor != 1 }) {
		return
	}
	single := len(g.single)
	for i, factor := range factors {
		row := g.gram[i*2*g.n : (i+1)*2*g.n]
		for j := range row {
			row[j] *= factor * factors[j]
		}
		g.rates[i] *= factor
		for j := range single {
			g.alone[i*single+j] *= factor
		}
	}
}

// activity is what has been gathered with gains and the common factor.
func (g *gathered) activity(p *projection, m *Map, gain Gain) (*Activity, error) {
	n := g.n
	a := &Activity{LogGain: make([]float64, n), Gram: g.gram, K: g.alone[:n*len(g.single)], Q: g.alone[n*len(g.single):]}
	if gain.Kind == GainBalanced {
		lengths := make([]float64, 2*n)
		for i := range lengths {
			lengths[i] = g.amplitude[i] - p.amplitude[i] + float64(portable.Log(g.gram[i*2*n+i])/2)
		}
		gain.balance(lengths[n:], lengths[:n], a.LogGain)
	}
	for t := range n {
		switch gain.Kind {
		case GainNorm:
			a.LogGain[t] = -m.family.normFactor * p.norm2[n+t]
		case GainRate, GainTrained:
			a.LogGain[t] = -(g.amplitude[n+t] - p.amplitude[n+t] + portable.Log(g.rates[n+t]))
		}
		g.amplitude[n+t] += a.LogGain[t]
	}
	if err := silent(a.LogGain, gain, m); err != nil {
		return nil, err
	}
	for t, log := range p.amplitude {
		g.amplitude[t] -= log
	}
	if m.scaled() {
		peak := slices.Max(g.amplitude)
		if math.IsInf(peak, 0) || math.IsNaN(peak) {
			return nil, m.tooLong()
		}
		a.Shift = -peak
	}
	for t, log := range g.amplitude {
		g.factors[t] = portable.Exp(log + a.Shift)
	}
	g.scale(g.factors)
	if gain.Kind == GainEqualised {
		for t := range n {
			g.factors[t] = 1
			a.LogGain[t] = float64(2*a.Shift) - portable.Log(g.read(t, gain.Causal))
			g.factors[n+t] = portable.Exp(a.LogGain[t])
		}
		if err := silent(a.LogGain, gain, m); err != nil {
			return nil, err
		}
		g.scale(g.factors)
	}
	for i := range n {
		for j := range n {
			g.gram[i*2*n+n+j] = g.gram[(n+j)*2*n+i]
		}
	}
	return a, nil
}

// read is g·φ(q_t), g the sum over the keys written by then.
func (g *gathered) read(t int, causal bool) (sum float64) {
	last := g.n
	if causal {
		last = t + 1
	}
	for _, score := range g.gram[(g.n+t)*2*g.n:][:last] {
		sum += score
	}
	return sum
}
