package transformer

import (
	"fmt"
	"math/rand/v2"
)

// Fresh returns the queries, keys and values (N × d, unscaled) that a head has of the hidden states that enter its layer,
// Activations.Hidden[layer], where the layer's attention is freshly initialised in place of trained. draws gives a head's
// random stream; layers that share their weights, as an ALBERT's do, share it, too. An error: an initializer_range of
// config.json that is not above 0.
func (m *Model) Fresh(a *Activations, layer, head int, draws func(layer, head int) *rand.Rand) (HeadState, error) {
	q, k, v, err := m.net.Fresh(layer, a.Hidden[layer], draws(m.net.Shares(layer), head))
	if err != nil {
		return HeadState{}, fmt.Errorf("model %s: %w", m.Name(), err)
	}
	return HeadState{Layer: layer, Head: head, Tokens: a.Tokens, Dim: a.HeadDim, Q: q, K: k, V: v, Part: m.part(layer)}, nil
}
