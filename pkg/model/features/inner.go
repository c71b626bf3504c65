package features

import (
	"context"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// TileNeurons are the neurons whose features are evaluated at a time where none are
// kept: those of a few hundred tokens fit the second-level cache. It is a multiple of
// the runs in which the kernels sum.
const TileNeurons = 1024

// Inner returns the activity as the network feels it: by the inner products of all
// features, which are evaluated a tile of neurons at a time and dropped, so that their
// number costs time and no memory. Q and K hold the features of the named neurons
// alone, [n×len(single)]. It is [Map.Evaluate] otherwise.
//
//	neurons    0 … 1023      1024 … 2047    …
//	first      u = Wx + b    u              …    largest exponent, and pooled rates: the shift
//	then       u, φ, φφᵀ     u, φ, φφᵀ      …    [2n×2n]
func (m *Map) Inner(ctx context.Context, q, k []float64, n int, gain Gain, single []int) (*Activity, error) {
	if m.family.ideal {
		return m.Evaluate(q, k, n, gain)
	}
	if err := gain.check(m.family); err != nil {
		return nil, err
	}
	if err := m.known(q, k); err != nil {
		return nil, err
	}
	queries, keys := m.projection(m.Queries, q, n, min(TileNeurons, m.Neurons)), m.projection(m.Keys, k, n, min(TileNeurons, m.Neurons))
	a := &Activity{LogGain: make([]float64, n), Gram: make([]float64, 4*n*n), Q: make([]float64, n*len(single)), K: make([]float64, n*len(single))}
	if m.family.exponential || gain.Kind == GainRate { // else amplitudes are all there is to know
		err := m.tiles(ctx, queries, keys, func(int, int) {
			queries.survey(gain)
			keys.survey(Gain{})
		})
		if err != nil {
			return nil, err
		}
	}
	if err := a.scale(m, queries, keys, gain); err != nil {
		return nil, err
	}
	err := m.tiles(ctx, queries, keys, func(from, to int) {
		size := to - from
		phiQ, phiK := queries.apply(a.Shift), keys.apply(a.Shift)
		for column, neuron := range single {
			for t := 0; t < n && from <= neuron && neuron < to; t++ {
				a.Q[t*len(single)+column], a.K[t*len(single)+column] = phiQ[t*size+neuron-from], phiK[t*size+neuron-from]
			}
		}
		kernel.Gemm(false, true, n, n, size, 1, phiK, size, phiK, size, 1, a.Gram, 2*n)
		kernel.Gemm(false, true, n, n, size, 1, phiQ, size, phiK, size, 1, a.Gram[2*n*n:], 2*n)
		kernel.Gemm(false, true, n, n, size, 1, phiQ, size, phiQ, size, 1, a.Gram[2*n*n+n:], 2*n)
	})
	if err != nil {
		return nil, err
	}
	gain.equaliseGram(a, n)
	if err := silent(a.LogGain, gain, m); err != nil {
		return nil, err
	}
	for i := range n {
		for j := range n {
			a.Gram[i*2*n+n+j] = a.Gram[(n+j)*2*n+i]
		}
	}
	if !finite(queries.norm2) || !finite(keys.norm2) || !finite(a.Gram) {
		return nil, m.tooLong()
	}
	return a, nil
}

// tiles takes the projections to tile after tile.
func (m *Map) tiles(ctx context.Context, queries, keys *projection, visit func(from, to int)) error {
	for from := 0; from < m.Neurons; from += TileNeurons {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		to := min(from+TileNeurons, m.Neurons)
		queries.to(from, to)
		keys.to(from, to)
		visit(from, to)
	}
	return nil
}
