package transformer

import "fmt"

// albert is a masked language model with ALBERT's architecture (Lan et al., arXiv 1909.11942): token embeddings narrower than
// the hidden size, one post-layer-norm block applied to its own output num_hidden_layers times, and a decoder that shares the
// token embeddings. Names of tensors: AlbertForMaskedLM of Hugging Face.
type albert struct {
	config *config
	act    activation

	words, positions, types []float32 // rows of embedding_size
	embeddingNorm           layerNorm
	embeddingToHidden       linear

	query, key, value, dense linear
	attentionNorm            layerNorm
	ffn, ffnOutput           linear
	outputNorm               layerNorm

	headDense linear
	headNorm  layerNorm
	decoder   linear
}

func newAlbert(c *config, file *safetensors) (*albert, error) {
	r := &checkpoint{file: file}
	e, d, eps := c.EmbeddingSize, c.HiddenSize, c.eps()
	block := "albert.encoder.albert_layer_groups.0.albert_layers.0."
	m := &albert{
		config: c, act: activations[c.HiddenAct],
		words:             r.tensor("albert.embeddings.word_embeddings.weight", c.VocabSize, e),
		positions:         r.tensor("albert.embeddings.position_embeddings.weight", c.MaxPositions, e),
		types:             r.tensor("albert.embeddings.token_type_embeddings.weight", orDefault(c.TypeVocabSize, 2), e),
		embeddingNorm:     r.layerNorm("albert.embeddings.LayerNorm", e, eps),
		embeddingToHidden: r.linear("albert.encoder.embedding_hidden_mapping_in", e, d),
		query:             r.linear(block+"attention.query", d, d),
		key:               r.linear(block+"attention.key", d, d),
		value:             r.linear(block+"attention.value", d, d),
		dense:             r.linear(block+"attention.dense", d, d),
		attentionNorm:     r.layerNorm(block+"attention.LayerNorm", d, eps),
		ffn:               r.linear(block+"ffn", d, c.IntermediateSize),
		ffnOutput:         r.linear(block+"ffn_output", c.IntermediateSize, d),
		outputNorm:        r.layerNorm(block+"full_layer_layer_norm", d, eps),
		headDense:         r.linear("predictions.dense", d, e),
		headNorm:          r.layerNorm("predictions.LayerNorm", e, eps),
	}
	m.decoder = linear{in: e, out: c.VocabSize, weight: m.words, bias: r.tensor("predictions.bias", c.VocabSize)}
	if !orDefault(c.TieWordEmbeddings, true) {
		m.decoder.weight = r.tensor("predictions.decoder.weight", c.VocabSize, e)
	}
	return m, r.err()
}

// embed returns the hidden states before the first iteration: word + position + type, layer norm, projection.
func (m *albert) embed(in Input) ([]float64, error) {
	tokens, ok := in.(Tokens)
	if !ok {
		return nil, fmt.Errorf("this model takes text (Tokens), not %T", in)
	}
	if err := checkTokens(tokens, m.config); err != nil {
		return nil, err
	}
	e := m.config.EmbeddingSize
	x := make([]float64, len(tokens.IDs)*e)
	for t, id := range tokens.IDs {
		kind := 0
		if tokens.Types != nil {
			kind = tokens.Types[t]
		}
		for i := range e {
			x[t*e+i] = float64(m.words[id*e+i]) + float64(m.types[kind*e+i]) + float64(m.positions[t*e+i])
		}
	}
	return m.embeddingToHidden.apply(m.embeddingNorm.apply(x), len(tokens.IDs)), nil
}

// block applies the shared block; layer only names the iteration.
func (m *albert) block(layer int, x []float64, attend attention) ([]float64, error) {
	n := len(x) / m.config.HiddenSize
	heads, err := attend(layer, m.query.apply(x, n), m.key.apply(x, n), m.value.apply(x, n))
	if err != nil {
		return nil, err
	}
	x = m.attentionNorm.apply(add(x, m.dense.apply(heads, n)))
	inner := m.ffn.apply(x, n)
	m.act.apply(inner)
	return m.outputNorm.apply(add(x, m.ffnOutput.apply(inner, n))), nil
}

// finish returns the hidden states that the head reads, which are the last block's.
func (m *albert) finish(x []float64) []float64 { return x }

// logits returns one row of vocabulary scores per token.
func (m *albert) logits(x []float64) (scores []float64, rows, columns int) {
	n := len(x) / m.config.HiddenSize
	y := m.headDense.apply(x, n)
	m.act.apply(y)
	return m.decoder.apply(m.headNorm.apply(y), n), n, m.config.VocabSize
}
