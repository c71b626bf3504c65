package transformer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// addedToken is a token that is recognised as a whole in the text, before any other rule.
type addedToken struct {
	ID         int    `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"` // only where no word character touches it
	LStrip     bool   `json:"lstrip"`      // swallows white space before it
	RStrip     bool   `json:"rstrip"`      // and after it
	Normalized bool   `json:"normalized"`  // looked for in the normalised text instead of the raw one
	Special    bool   `json:"special"`
}

// addedTokens looks for tokens in two passes: first those of the raw text, then, in what is left, after normalisation, the
// others, whose own content is normalised too.
type addedTokens struct{ raw, normalized []addedToken }

// piece is either one added token (id ≥ 0) or text between them.
type piece struct {
	id   int
	text string
}

func newAddedTokens(tokens []addedToken, rules normalizer) addedTokens {
	var a addedTokens
	for _, t := range tokens {
		if !t.Normalized {
			a.raw = append(a.raw, t)
			continue
		}
		if rules != nil {
			t.Content = rules.normalize(t.Content)
		}
		if t.Content != "" {
			a.normalized = append(a.normalized, t)
		}
	}
	return a
}

// cut returns the pieces of a text in order, normalised.
func (a addedTokens) cut(text string, rules normalizer) []piece {
	var pieces []piece
	for _, p := range cutTokens(text, a.raw) {
		if p.id >= 0 {
			pieces = append(pieces, p)
			continue
		}
		if rules != nil {
			p.text = rules.normalize(p.text)
		}
		pieces = append(pieces, cutTokens(p.text, a.normalized)...)
	}
	return pieces
}

// cutTokens finds the tokens from left to right, the longest where several begin.
func cutTokens(text string, tokens []addedToken) []piece {
	var pieces []piece
	done := 0 // text before this index is in pieces
	for at := 0; at < len(text); {
		t := longestToken(text[at:], tokens)
		if t == nil {
			_, size := utf8.DecodeRuneInString(text[at:])
			at += size
			continue
		}
		start, stop := at, at+len(t.Content)
		at = stop
		if t.SingleWord && (endsWithWord(text[:start]) || startsWithWord(text[stop:])) {
			continue
		}
		if t.LStrip {
			start = max(done, len(strings.TrimRightFunc(text[:start], unicode.IsSpace)))
		}
		if t.RStrip {
			stop = len(text) - len(strings.TrimLeftFunc(text[stop:], unicode.IsSpace))
		}
		if start > done {
			pieces = append(pieces, piece{-1, text[done:start]})
		}
		pieces = append(pieces, piece{t.ID, ""})
		done = stop
	}
	if done < len(text) {
		pieces = append(pieces, piece{-1, text[done:]})
	}
	return pieces
}

func longestToken(text string, tokens []addedToken) *addedToken {
	var best *addedToken
	for i := range tokens {
		if strings.HasPrefix(text, tokens[i].Content) && (best == nil || len(tokens[i].Content) > len(best.Content)) {
			best = &tokens[i]
		}
	}
	return best
}

func endsWithWord(s string) bool {
	r, size := utf8.DecodeLastRuneInString(s)
	return size > 0 && isWord(r)
}

func startsWithWord(s string) bool {
	r, size := utf8.DecodeRuneInString(s)
	return size > 0 && isWord(r)
}
