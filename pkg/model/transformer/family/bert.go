package family

import (
	"fmt"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// bert is BERT (Devlin et al. 2019, arXiv 1810.04805), and what is built as it is: MiniLM, BGE, E5.
var bert = Family{
	Type: "bert", Classes: []string{"Bert"}, Kind: Text, Source: "devlin2019",
	Base: "embeddings.word_embeddings.weight", Signs: []string{"encoder.layer.0.attention.self.query.weight", "embeddings.token_type_embeddings.weight"},
	build: func(config *checkpoint.Object, t *tensors) *Model {
		c := readBERT(config, 1e-12)
		if config.Err() != nil {
			return nil
		}
		m := c.encoder(t, -1)
		h := t.ofHead()
		switch {
		case h.has("cls.predictions.transform.dense.weight"):
			c.wordHead(config, h, m, "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.decoder", "cls.predictions.bias", c.act)
		case h.has("classifier.weight") && t.has("pooler.dense.weight"):
			pooler := t.linear("pooler.dense", c.width, c.width)
			c.classify(m, config, h, "classifier", firstToken, step{linear: &pooler}, step{act: activations["tanh"]})
		case h.has("classifier.weight"):
			c.classify(m, config, h, "classifier", everyToken)
		case h.has("qa_outputs.weight"):
			c.classify(m, config, h, "qa_outputs", everyToken)
		}
		return m
	},
}

// bertConfig holds the keys of config.json that BERT and RoBERTa have.
type bertConfig struct {
	vocabulary, width, layers, heads, inner, positions, types int

	act activation
	eps float64
}

func readBERT(config *checkpoint.Object, eps float64) bertConfig {
	absolute(config)
	c := bertConfig{
		vocabulary: config.Size("vocab_size", 0), width: config.Size("hidden_size", 0), layers: depth(config, "num_hidden_layers"),
		heads: config.Size("num_attention_heads", 0), inner: config.Size("intermediate_size", 0),
		positions: config.Size("max_position_embeddings", 0), types: config.Size("type_vocab_size", 2),
		act: activationOf(config, "hidden_act", "gelu"), eps: epsilon(config, "layer_norm_eps", eps),
	}
	sized(config, "hidden_size", "num_attention_heads", c.width, c.heads)
	for _, key := range []string{"is_decoder", "add_cross_attention"} {
		if config.Bool(key, false) {
			config.Fail("%s is true; supported are encoders, in which every token sees all", key)
		}
	}
	return c
}

// encoder is the model without its head. Tokens of the number padding take no position.
func (c *bertConfig) encoder(t *tensors, padding int) *Model {
	embedding := t.norm("embeddings.LayerNorm", c.width, c.eps)
	m := &Model{
		Layers: c.layers, Heads: c.heads, Width: c.width, Vocabulary: c.vocabulary, MaxTokens: c.positions - (padding + 1),
		text: &textEmbedding{
			words:     t.tensor("embeddings.word_embeddings.weight", c.vocabulary, c.width),
			positions: t.tensor("embeddings.position_embeddings.weight", c.positions, c.width),
			types:     t.tensor("embeddings.token_type_embeddings.weight", c.types, c.width),
			first:     padding + 1, padding: padding, norm: &embedding,
		},
	}
	for i := 0; i < c.layers && t.first == nil; i++ {
		at := fmt.Sprintf("encoder.layer.%d.", i)
		m.block = append(m.block, block{
			query: t.linear(at+"attention.self.query", c.width, c.width), key: t.linear(at+"attention.self.key", c.width, c.width),
			value: t.linear(at+"attention.self.value", c.width, c.width), out: t.linear(at+"attention.output.dense", c.width, c.width),
			attentionNorm: t.norm(at+"attention.output.LayerNorm", c.width, c.eps),
			up:            t.linear(at+"intermediate.dense", c.width, c.inner), down: t.linear(at+"output.dense", c.inner, c.width),
			mlpNorm: t.norm(at+"output.LayerNorm", c.width, c.eps), act: c.act,
		})
	}
	return m
}

// wordHead is a masked language model's read-out: a map, a norm, and scores of all words,
// by the words' own embeddings where no others are stored.
func (c *bertConfig) wordHead(config *checkpoint.Object, h *tensors, m *Model, dense, normName, decoder, bias string, act activation) {
	m.wordHead(config, h, c.width, c.eps, wordHeadNames{dense, normName, decoder, bias}, act)
}

// wordHeadNames are the tensors of such a read-out.
type wordHeadNames struct{ dense, norm, decoder, bias string }

func (m *Model) wordHead(config *checkpoint.Object, h *tensors, in int, eps float64, names wordHeadNames, act activation) {
	words := m.text.words
	if words == nil { // missing, and said
		return
	}
	if !h.has(names.decoder+".weight") && !config.Bool("tie_word_embeddings", true) {
		return // it has scores of its own, which are not stored
	}
	vocabulary, width := words.Shape[0], words.Shape[1]
	dense, norm := h.linear(names.dense, in, width), h.norm(names.norm, width, eps)
	scores := linear{in: width, out: vocabulary, weight: words}
	if h.has(names.decoder + ".weight") {
		scores.weight = h.tensor(names.decoder+".weight", vocabulary, width)
	}
	switch { // older files have one bias, beside the scores' weights
	case h.has(names.decoder + ".bias"):
		scores.bias = h.tensor(names.decoder+".bias", vocabulary)
	case h.has(names.bias):
		scores.bias = h.tensor(names.bias, vocabulary)
	}
	m.heads, m.Reads = []head{{reads: everyToken, columns: vocabulary, steps: []step{{linear: &dense}, {act: act}, {norm: &norm}, {linear: &scores}}}}, "words"
}

// classify gives the model a classifier that reads what the steps make of what it reads.
func (c *bertConfig) classify(m *Model, config *checkpoint.Object, h *tensors, name string, reads pool, before ...step) {
	scores, classes := h.classifier(name, c.width)
	m.heads = []head{{reads: reads, columns: classes, steps: append(before, step{linear: &scores})}}
	m.Reads, m.Labels = "classes", labels(config, classes)
}
