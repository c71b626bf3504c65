package family

import (
	"fmt"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// distilbert is DistilBERT (Sanh et al. 2019, arXiv 1910.01108): BERT's blocks under other
// names, and no token types.
var distilbert = Family{
	Type: "distilbert", Classes: []string{"DistilBert"}, Kind: Text, Source: "sanh2019",
	Base: "embeddings.word_embeddings.weight", Signs: []string{"transformer.layer.0.attention.q_lin.weight"},
	build: func(config *checkpoint.Object, t *tensors) *Model {
		c := struct {
			vocabulary, width, layers, heads, inner, positions int
			act                                                activation
		}{
			config.Size("vocab_size", 0), config.Size("dim", 0), depth(config, "n_layers"), config.Size("n_heads", 0),
			config.Size("hidden_dim", 0), config.Size("max_position_embeddings", 0), activationOf(config, "activation", "gelu"),
		}
		sized(config, "dim", "n_heads", c.width, c.heads)
		if config.Err() != nil {
			return nil
		}
		const eps = 1e-12 // there is no key for it
		embedding := t.norm("embeddings.LayerNorm", c.width, eps)
		m := &Model{
			Layers: c.layers, Heads: c.heads, Width: c.width, Vocabulary: c.vocabulary, MaxTokens: c.positions,
			text: &textEmbedding{
				words:     t.tensor("embeddings.word_embeddings.weight", c.vocabulary, c.width),
				positions: t.tensor("embeddings.position_embeddings.weight", c.positions, c.width),
				padding:   -1, norm: &embedding,
			},
		}
		for i := 0; i < c.layers && t.first == nil; i++ {
			at := fmt.Sprintf("transformer.layer.%d.", i)
			m.block = append(m.block, block{
				query: t.linear(at+"attention.q_lin", c.width, c.width), key: t.linear(at+"attention.k_lin", c.width, c.width),
				value: t.linear(at+"attention.v_lin", c.width, c.width), out: t.linear(at+"attention.out_lin", c.width, c.width),
				attentionNorm: t.norm(at+"sa_layer_norm", c.width, eps),
				up:            t.linear(at+"ffn.lin1", c.width, c.inner), down: t.linear(at+"ffn.lin2", c.inner, c.width),
				mlpNorm: t.norm(at+"output_layer_norm", c.width, eps), act: c.act,
			})
		}
		h, shared := t.ofHead(), bertConfig{width: c.width, eps: eps}
		switch {
		case h.has("vocab_transform.weight"):
			shared.wordHead(config, h, m, "vocab_transform", "vocab_layer_norm", "vocab_projector", "vocab_projector.bias", c.act)
		case h.has("pre_classifier.weight"):
			dense := h.linear("pre_classifier", c.width, c.width)
			shared.classify(m, config, h, "classifier", firstToken, step{linear: &dense}, step{act: activations["relu"]})
		case h.has("classifier.weight"):
			shared.classify(m, config, h, "classifier", everyToken)
		case h.has("qa_outputs.weight"):
			shared.classify(m, config, h, "qa_outputs", everyToken)
		}
		return m
	},
}
