package family

import (
	"fmt"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// textEmbedding makes the first hidden states of tokens: word + position + type, a norm
// and a projection where the family has them.
type textEmbedding struct {
	words, positions, types *checkpoint.Tensor // rows of the embedding's width; no types: nil
	first                   int                // position of the first token
	padding                 int                // a token that takes the position of the same number; −1: none does
	norm                    *norm
	project                 *linear // to the hidden size
}

// apply returns the hidden states of the tokens. The numbers have been checked.
func (e *textEmbedding) apply(ids, kinds []int) ([]float64, error) {
	width := e.words.Shape[1]
	x := make([]float64, 0, len(ids)*width)
	next := e.first
	for t, id := range ids {
		position := next
		if id == e.padding {
			position = e.padding // and takes none of the others'
		} else {
			next++
		}
		row, err := e.words.Rows(id, id+1)
		if err != nil {
			return nil, err
		}
		if e.types != nil {
			kind := 0
			if kinds != nil {
				kind = kinds[t]
			}
			if err := addRow(row, e.types, kind); err != nil {
				return nil, err
			}
		}
		if err := addRow(row, e.positions, position); err != nil {
			return nil, err
		}
		x = append(x, row...)
	}
	l := once()
	if e.norm != nil {
		if norm := l.norm(*e.norm); l.err == nil {
			x = norm(x, len(ids))
		}
	}
	if e.project != nil {
		if project := l.linear(*e.project); l.err == nil {
			x = project(x, len(ids))
		}
	}
	return x, l.err
}

func addRow(to []float64, of *checkpoint.Tensor, row int) error {
	x, err := of.Rows(row, row+1)
	for i, v := range x {
		to[i] += v
	}
	return err
}

// EmbedText returns the hidden states that enter the first layer, [N×D]. kinds are the
// tokens' types (segments); nil: all 0.
func (m *Model) EmbedText(ids, kinds []int) ([]float64, error) {
	e := m.text
	if e == nil {
		return nil, fmt.Errorf("this model takes an image, not text")
	}
	if len(ids) > m.MaxTokens {
		return nil, fmt.Errorf("%d tokens, but the model has %d positions", len(ids), m.MaxTokens)
	}
	if kinds != nil && len(kinds) != len(ids) {
		return nil, fmt.Errorf("%d token types for %d tokens", len(kinds), len(ids))
	}
	for t, id := range ids {
		if id < 0 || id >= m.Vocabulary {
			return nil, fmt.Errorf("token %d has the id %d; the vocabulary has 0 to %d", t, id, m.Vocabulary-1)
		}
		if kinds == nil {
			continue
		}
		if most := e.kinds() - 1; kinds[t] < 0 || kinds[t] > most {
			return nil, fmt.Errorf("token %d has the type %d; the model has 0 to %d", t, kinds[t], most)
		}
	}
	return e.apply(ids, kinds)
}

// Kinds is the number of token types of a text model.
func (m *Model) Kinds() int { return m.text.kinds() }

// kinds is the number of token types: of a model that knows of none, 1.
func (e *textEmbedding) kinds() int {
	if e.types == nil {
		return 1
	}
	return e.types.Shape[0]
}
