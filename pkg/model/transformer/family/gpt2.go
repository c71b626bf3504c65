package family

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// gpt2 is GPT-2 (Radford et al. 2019, Language Models are Unsupervised Multitask Learners): causal,
// norms before the sublayers, queries, keys and values of one tensor, stored [in × out].
var gpt2 = Family{
	Type: "gpt2", Classes: []string{"GPT2"}, Kind: Text, Source: "radford2019",
	Base: "wte.weight", Signs: []string{"h.0.attn.c_attn.weight"},
	build: func(config *checkpoint.Object, t *tensors) *Model {
		c := struct {
			vocabulary, width, layers, heads, inner, positions int
			act                                                activation
			eps                                                float64
			scaled, byLayer                                    bool
		}{
			config.Size("vocab_size", 0), config.Size("n_embd", 0), depth(config, "n_layer"), config.Size("n_head", 0),
			0, config.Size("n_positions", 1024), activationOf(config, "activation_function", "gelu_new"), epsilon(config, "layer_norm_epsilon", 1e-5),
			config.Bool("scale_attn_weights", true), config.Bool("scale_attn_by_inverse_layer_idx", false),
		}
		// reorder_and_upcast_attn says in what order scores are scaled in half precision: in float64 it is no other model.
		config.Bool("reorder_and_upcast_attn", false)
		if config.Bool("add_cross_attention", false) {
			config.Fail("add_cross_attention is true; supported are models without a second input")
		}
		sized(config, "n_embd", "n_head", c.width, c.heads)
		if config.Err() != nil {
			return nil
		}
		if c.inner = config.Size("n_inner", 4*c.width); config.Err() != nil {
			return nil
		}
		final := t.norm("ln_f", c.width, c.eps)
		m := &Model{
			Layers: c.layers, Heads: c.heads, Width: c.width, Vocabulary: c.vocabulary, MaxTokens: c.positions, Causal: true, final: &final,
			text: &textEmbedding{words: t.tensor("wte.weight", c.vocabulary, c.width), positions: t.tensor("wpe.weight", c.positions, c.width), padding: -1},
		}
		m.scale = func(layer int) float64 {
			scale := 1.0
			if c.scaled {
				scale = 1 / math.Sqrt(float64(m.HeadDim()))
			}
			if c.byLayer {
				scale /= float64(layer + 1)
			}
			return scale
		}
		stored := func(name string, in, out, first, of int) linear {
			return linear{in: in, out: out, first: first, weight: t.tensor(name+".weight", in, of), bias: t.tensor(name+".bias", of), transposed: true}
		}
		for i := 0; i < c.layers && t.first == nil; i++ {
			at, d := fmt.Sprintf("h.%d.", i), c.width
			m.block = append(m.block, block{
				before: true, attentionNorm: t.norm(at+"ln_1", d, c.eps), mlpNorm: t.norm(at+"ln_2", d, c.eps),
				query: stored(at+"attn.c_attn", d, d, 0, 3*d), key: stored(at+"attn.c_attn", d, d, d, 3*d), value: stored(at+"attn.c_attn", d, d, 2*d, 3*d),
				out: stored(at+"attn.c_proj", d, d, 0, d), up: stored(at+"mlp.c_fc", d, c.inner, 0, c.inner), down: stored(at+"mlp.c_proj", c.inner, d, 0, d),
				act: c.act,
			})
		}
		h, shared := t.ofHead(), bertConfig{width: c.width}
		switch {
		case h.has("score.weight"):
			shared.classify(m, config, h, "score", lastToken)
		case t.first == nil: // its words' embeddings are its read-out, unless another is stored
			scores := linear{in: c.width, out: c.vocabulary, weight: m.text.words}
			if h.has("lm_head.weight") {
				scores.weight = h.tensor("lm_head.weight", c.vocabulary, c.width)
			}
			m.heads, m.Reads = []head{{reads: everyToken, columns: c.vocabulary, steps: []step{{linear: &scores}}}}, "words"
		}
		return m
	},
}
