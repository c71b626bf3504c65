package transformer

import (
	"fmt"
	"strconv"

	"github.com/nasim-sim/nasim/pkg/model/transformer/family"
)

// Pooling says of what in the last hidden states an input's embedding is made: "mean", the mean of all tokens, special ones
// included; "cls", the first token's; and others of package family, several joined by "+". It is what modules.json of a
// sentence-transformers model says; of other models that of a text is the mean, as that library takes it for them, and that of
// an image the class token's.
func (m *Model) Pooling() string {
	switch {
	case m.sentence != nil:
		return m.sentence.Pooling()
	case m.Kind() == KindImage:
		return "cls"
	}
	return "mean"
}

// Embedding returns one vector for the whole input, of Activations.Final. The error is for modules of a sentence-transformers
// model that are not supported or do not fit.
func (m *Model) Embedding(final []float64) ([]float64, error) {
	if m.sentence == nil {
		return family.Pool(m.Pooling(), final, m.Width()), nil
	}
	x, err := m.sentence.Embedding(final, m.Width())
	if err != nil {
		return nil, fmt.Errorf("model %s: its embedding cannot be had: %w", m.Name(), err)
	}
	return x, nil
}

// embeddingBack takes the gradient by the embedding of the last hidden states to that by them.
func (m *Model) embeddingBack(final, embedding []float64) ([]float64, error) {
	if m.sentence == nil {
		return family.PoolBack(m.Pooling(), final, embedding, m.Width()), nil
	}
	return m.sentence.EmbeddingBack(final, embedding, m.Width())
}

// CanEmbed says why Embedding would fail, if so.
func (m *Model) CanEmbed() error {
	if m.sentence == nil {
		return nil
	}
	if err := m.sentence.CanEmbed(m.Width()); err != nil {
		return fmt.Errorf("model %s: its embedding cannot be had: %w", m.Name(), err)
	}
	return nil
}

// Scores is how many scores a row of the logits has: of words, or of classes; 0 for a model without a head.
func (m *Model) Scores() int { return m.net.Scores() }

// Prompt is what a model puts in front of every text, "" as a rule.
func (m *Model) Prompt() string {
	if m.sentence == nil {
		return ""
	}
	return m.sentence.Prompt
}

// Embeds reports whether an input's answer is its embedding: of a sentence-transformers model, and of one without a head.
func (m *Model) Embeds() bool { return m.sentence != nil || m.net.Reads == "" }

// Reads is what the model's head answers, "words" or "classes"; "" of a model without.
func (m *Model) Reads() string { return m.net.Reads }

// What a model's head answers.
const (
	ReadsWords   = "words"
	ReadsClasses = "classes"
)

// Choice is the name of the word or class of that number, as in the vocabulary or among the labels.
func (m *Model) Choice(id int) string {
	switch {
	case m.net.Reads == ReadsWords:
		return m.tokenizer.Token(id)
	case id < len(m.net.Labels):
		return m.net.Labels[id]
	}
	return strconv.Itoa(id)
}

// IsMask reports whether a token is the one that stands for a word to be guessed.
func (m *Model) IsMask(id int) bool {
	if m.tokenizer == nil {
		return false
	}
	token := m.tokenizer.Token(id)
	return token == "[MASK]" || token == "<mask>"
}

// Weights is the number of the model's weights.
func (m *Model) Weights() int { return m.weights.Len() }
