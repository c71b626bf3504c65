package family

import (
	"fmt"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// albert is ALBERT (Lan et al. 2020, arXiv 1909.11942): token embeddings narrower than the
// hidden size, and blocks that layers share.
var albert = Family{
	Type: "albert", Classes: []string{"Albert"}, Kind: Text, Source: "lan2020",
	Base: "embeddings.word_embeddings.weight", Signs: []string{"encoder.embedding_hidden_mapping_in.weight"},
	build: func(config *checkpoint.Object, t *tensors) *Model {
		absolute(config)
		c := struct {
			vocabulary, embedding, width, layers, groups, heads, inner, positions, types int
			act                                                                          activation
			eps                                                                          float64
		}{
			config.Size("vocab_size", 0), config.Size("embedding_size", 0), config.Size("hidden_size", 0), depth(config, "num_hidden_layers"),
			config.Size("num_hidden_groups", 1), config.Size("num_attention_heads", 0), config.Size("intermediate_size", 0),
			config.Size("max_position_embeddings", 0), config.Size("type_vocab_size", 2),
			activationOf(config, "hidden_act", "gelu_new"), epsilon(config, "layer_norm_eps", 1e-12),
		}
		sized(config, "hidden_size", "num_attention_heads", c.width, c.heads)
		if inner := config.Int("inner_group_num", 1); inner != 1 {
			config.Fail("inner_group_num is %d; supported is one block a group (1)", inner)
		}
		if c.layers > 0 && c.groups > c.layers {
			config.Fail("num_hidden_groups is %d, more than the %d layers", c.groups, c.layers)
		}
		if config.Err() != nil {
			return nil
		}
		embedding, project := t.norm("embeddings.LayerNorm", c.embedding, c.eps), t.linear("encoder.embedding_hidden_mapping_in", c.embedding, c.width)
		m := &Model{
			Layers: c.layers, Heads: c.heads, Width: c.width, Vocabulary: c.vocabulary, MaxTokens: c.positions,
			text: &textEmbedding{
				words:     t.tensor("embeddings.word_embeddings.weight", c.vocabulary, c.embedding),
				positions: t.tensor("embeddings.position_embeddings.weight", c.positions, c.embedding),
				types:     t.tensor("embeddings.token_type_embeddings.weight", c.types, c.embedding),
				padding:   -1, norm: &embedding, project: &project,
			},
		}
		groups := make([]block, c.groups)
		for i := range groups {
			at := fmt.Sprintf("encoder.albert_layer_groups.%d.albert_layers.0.", i)
			groups[i] = block{
				query: t.linear(at+"attention.query", c.width, c.width), key: t.linear(at+"attention.key", c.width, c.width),
				value: t.linear(at+"attention.value", c.width, c.width), out: t.linear(at+"attention.dense", c.width, c.width),
				attentionNorm: t.norm(at+"attention.LayerNorm", c.width, c.eps),
				up:            t.linear(at+"ffn", c.width, c.inner), down: t.linear(at+"ffn_output", c.inner, c.width),
				mlpNorm: t.norm(at+"full_layer_layer_norm", c.width, c.eps), act: c.act,
			}
		}
		for i := range c.layers {
			m.block = append(m.block, groups[i*c.groups/c.layers])
		}
		h, shared := t.ofHead(), bertConfig{width: c.width, eps: c.eps}
		switch {
		case h.has("predictions.dense.weight"):
			names := wordHeadNames{"predictions.dense", "predictions.LayerNorm", "predictions.decoder", "predictions.bias"}
			m.wordHead(config, h, c.width, c.eps, names, c.act)
		case h.has("classifier.weight") && t.has("pooler.weight"):
			pooler := t.linear("pooler", c.width, c.width)
			shared.classify(m, config, h, "classifier", firstToken, step{linear: &pooler}, step{act: activations["tanh"]})
		case h.has("classifier.weight"):
			shared.classify(m, config, h, "classifier", everyToken)
		case h.has("qa_outputs.weight"):
			shared.classify(m, config, h, "qa_outputs", everyToken)
		}
		return m
	},
}
