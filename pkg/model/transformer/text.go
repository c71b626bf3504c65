package transformer

import (
	"errors"
	"fmt"

	"github.com/nasim-sim/nasim/pkg/model/transformer/tokenizer"
)

// Tokens is a text as a model sees it.
type Tokens = tokenizer.Tokens

// ErrNoTokens is wrapped by EncodeText's error for a text in which there is nothing to read.
var ErrNoTokens = errors.New("the text is empty")

// TooLongError says that a text has more tokens than the model has positions.
type TooLongError struct {
	Tokens    int    // of the whole text, special tokens included
	Positions int    // of the model, or fewer where it is to read fewer
	Limit     string // what says so: "" for the model's positions
}

func (e *TooLongError) Error() string {
	has := fmt.Sprintf("the model has %d positions", e.Positions)
	if e.Limit != "" {
		has = fmt.Sprintf("the model reads %d (%s)", e.Positions, e.Limit)
	}
	return fmt.Sprintf("the text has %d tokens (special ones included), but %s; shorten it, or set truncate: true to keep its beginning", e.Tokens, has)
}

// TextOptions of EncodeText; the zero value refuses what does not fit.
type TextOptions struct {
	Truncate bool // keep the beginning of a text that is too long, with the special tokens at both ends
}

// EncodeText tokenises a text for this model. Errors: a text without any token (wraps ErrNoTokens), one longer than MaxTokens
// without Truncate (*TooLongError), invalid UTF-8, an image model.
func (m *Model) EncodeText(text string, options ...TextOptions) (Tokens, error) {
	if m.Kind() != KindText {
		return Tokens{}, fmt.Errorf("model %s takes images, not text; give it an image, or choose a text model", m.Name())
	}
	tokens, err := m.tokenizer.EncodeUpTo(m.MaxTokens(), m.Prompt()+text)
	if err != nil {
		return Tokens{}, err
	}
	kept := 0 // tokens of the text
	for _, special := range tokens.Special {
		if !special {
			kept++
		}
	}
	if kept+tokens.Dropped == 0 {
		return Tokens{}, fmt.Errorf("%w: %d bytes without a word or sign; give the model at least one", ErrNoTokens, len(text))
	}
	truncate := false
	for _, o := range options {
		truncate = truncate || o.Truncate
	}
	if tokens.Dropped > 0 && (!truncate || kept == 0) {
		return Tokens{}, &TooLongError{Tokens: tokens.Len() + tokens.Dropped, Positions: m.MaxTokens(), Limit: m.limit()}
	}
	return tokens, nil
}

// check verifies tokens that come from anywhere; the embedding looks at their numbers.
func (m *Model) check(t Tokens) error {
	if len(t.IDs) == 0 {
		return ErrNoTokens
	}
	if len(t.IDs) > m.MaxTokens() {
		return &TooLongError{Tokens: len(t.IDs), Positions: m.MaxTokens(), Limit: m.limit()}
	}
	return nil
}

// limit says what limits a text, where it is not the model's positions.
func (m *Model) limit() string {
	if m.MaxTokens() < m.net.MaxTokens {
		return m.sentence.Limit
	}
	return ""
}
