package family

import (
	"fmt"
	"math/rand/v2"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// Fresh returns what a head of a layer would make of the hidden states that enter it, x (N × D), had the layer's attention
// just been initialised: its queries, keys and values, N × d. The maps are drawn from rng as transformers draws them, each
// weight normal with the standard deviation initializer_range of config.json, biases 0 (where it truncates, it is at ±2);
// in a family whose norms come before the sublayers, the norm in front of them has the scale 1 and the shift 0.
func (m *Model) Fresh(layer int, x []float64, rng *rand.Rand) (q, k, v []float64, err error) {
	if !(m.Initial > 0) {
		return nil, nil, nil, fmt.Errorf("config.json's initializer_range is %g; freshly initialised maps need a standard deviation above 0", m.Initial)
	}
	n, d := len(x)/m.Width, m.HeadDim()
	if b := m.block[layer]; b.before {
		y := make([]float64, len(x))
		scale, shift := make([]float64, m.Width), make([]float64, m.Width)
		for i := range scale {
			scale[i] = 1
		}
		for t := 0; t < len(x); t += m.Width {
			normalise(y[t:t+m.Width], x[t:t+m.Width], scale, shift, b.attentionNorm.eps)
		}
		x = y
	}
	project := func() []float64 {
		weight := make([]float64, d*m.Width)
		for i := range weight {
			weight[i] = m.Initial * portable.Normal(rng)
		}
		y := make([]float64, n*d)
		kernel.Gemm(false, true, n, d, m.Width, 1, x, m.Width, weight, m.Width, 0, y, d)
		return y
	}
	return project(), project(), project(), nil
}

// Shares is the first layer whose attention has this layer's weights: the layer itself, but in an ALBERT.
func (m *Model) Shares(layer int) int {
	for first := range layer {
		if m.block[first].query.weight == m.block[layer].query.weight {
			return first
		}
	}
	return layer
}
