package experiment

import (
	"context"
	"math"
	"strings"

	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
)

// drawSynthetic draws Gaussian heads: queries and keys of root mean square norm
// s.Norm (after the division by d^{1/4}), each query correlated with its own
// token's key, and standard normal values.
func drawSynthetic(cfg *config.Config) (*source, error) {
	// Heads name independent draws without end; "all" of them is the first.
	first := *cfg
	for _, s := range []*config.Selection{&first.Transformer.Layers, &first.Transformer.Heads} {
		if s.All {
			*s = config.Selection{Index: []int{0}}
		}
	}
	for _, pair := range cfg.Transformer.Select {
		if strings.Contains(pair, "*") {
			return nil, problem(cfg, "transformer.select", pair+" asks for all of a synthetic input's heads, of which there is no end", "single heads as in \"0:3\"", "name the heads")
		}
	}
	chosen, err := choose(&first, math.MaxInt32, math.MaxInt32, "a synthetic input")
	if err != nil {
		return nil, err
	}
	var sizes []headInput
	for _, c := range chosen {
		sizes = append(sizes, headInput{layer: c.layer, head: c.head, n: cfg.Input.Synthetic.Tokens, d: cfg.Input.Synthetic.Dim, dv: cfg.Input.Synthetic.Values})
	}
	return one(nil, nil, nil, sizes, func(context.Context) (*sample, error) { return &sample{heads: gaussian(cfg, chosen)}, nil }), nil
}

// gaussian draws the chosen heads, each from a stream of its own.
func gaussian(cfg *config.Config, chosen []layerHead) []headInput {
	s := cfg.Input.Synthetic
	var heads []headInput
	for _, c := range chosen {
		rng := stream(cfg.Seed, streamSynthetic, c.layer, c.head)
		h := headInput{layer: c.layer, head: c.head, n: s.Tokens, d: s.Dim, dv: s.Values}
		scale := s.Norm / math.Sqrt(float64(s.Dim))
		own, other := s.Correlation, math.Sqrt(1-float64(s.Correlation*s.Correlation))
		h.q, h.k = make([]float64, s.Tokens*s.Dim), make([]float64, s.Tokens*s.Dim)
		for i := range h.k {
			key := portable.Normal(rng)
			h.k[i] = scale * key
			h.q[i] = scale * (float64(own*key) + float64(other*portable.Normal(rng)))
		}
		h.v = make([]float64, s.Tokens*s.Values)
		for i := range h.v {
			h.v[i] = portable.Normal(rng)
		}
		heads = append(heads, h)
	}
	return heads
}
