package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nasim-sim/nasim/internal/jsontext"
)

// addedToken is a token that is recognised as a whole in the text, before any other rule.
type addedToken struct {
	id         int
	content    string
	singleWord bool // only where no word character touches it
	lstrip     bool // swallows white space before it
	rstrip     bool // and after it
	normalized bool // looked for in the normalised text instead of the raw one
	special    bool
}

func parseAddedTokens(raw json.RawMessage) ([]addedToken, error) {
	var list []json.RawMessage
	if len(raw) > 0 {
		if err := jsontext.Decode(raw, &list); err != nil {
			return nil, fmt.Errorf("added_tokens %w", err)
		}
	}
	tokens := make([]addedToken, 0, len(list))
	for i, one := range list {
		f := fieldsOf(fmt.Sprintf("added_tokens[%d]", i), one)
		a := addedToken{id: need[int](f, "id")}
		a.read(f)
		if err := f.done(); err != nil {
			return nil, err
		}
		if a.content == "" || a.id < 0 {
			return nil, fmt.Errorf("added_tokens[%d]: content %q with id %d; wanted are a text and an id of at least 0", i, a.content, a.id)
		}
		tokens = append(tokens, a)
	}
	return tokens, nil
}

func (a *addedToken) read(f *fields) {
	a.content = need[string](f, "content")
	a.special = take(f, "special", false)
	a.singleWord, a.lstrip, a.rstrip = take(f, "single_word", false), take(f, "lstrip", false), take(f, "rstrip", false)
	a.normalized = take(f, "normalized", !a.special)
}

// numbered gives added tokens their ids as the reference library does when it reads a file: the id of the vocabulary for a token
// that is in it, else the next one after the size of the vocabulary and the tokens before. Every file that the library wrote has
// these ids.
func numbered(tokens []addedToken, vocabulary map[string]int, size int) []addedToken {
	ids := map[string]int{}
	highest := -1
	var out []addedToken
	for _, a := range tokens {
		id, known := ids[a.content]
		if !known {
			id, known = vocabulary[a.content]
		}
		if !known {
			if id = size; highest >= size || size == 0 {
				id = highest + 1
			}
		}
		a.id = id
		ids[a.content] = id
		highest = max(highest, id)
		out = append(out, a)
	}
	return out
}

// addedTokens looks for tokens in two passes: first those of the raw text, then, in what is left, after normalisation, the
// others, whose own content is normalised too.
type addedTokens struct{ raw, normalized tokenFinder }

// piece is either one added token or a segment between them.
type piece struct {
	token *addedToken
	segment
}

func newAddedTokens(tokens []addedToken, rules normalizer) (addedTokens, error) {
	var a addedTokens
	for i := range tokens {
		t := &tokens[i]
		if !t.normalized {
			a.raw.add(t.content, t)
			continue
		}
		content, err := normalized(rules, segment{text: t.content})
		if err != nil {
			return a, err
		}
		a.normalized.add(content.text, t)
	}
	return a, nil
}

func normalized(rules normalizer, s segment) (segment, error) {
	if rules == nil {
		return s, nil
	}
	return rules.normalize(s)
}

// cut gives the pieces of a text in order, normalised.
func (a *addedTokens) cut(text string, rules normalizer) ([]piece, error) {
	var pieces []piece
	_, lead := utf8.DecodeRuneInString(text)
	for _, p := range a.raw.cut(segment{text, lead}) {
		if p.token != nil {
			pieces = append(pieces, p)
			continue
		}
		s, err := normalized(rules, p.segment)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, a.normalized.cut(s)...)
	}
	return pieces, nil
}

// tokenFinder holds tokens by the first byte of what is looked for, the longest first.
type tokenFinder struct {
	byFirst [256][]sought
	any     bool
}

type sought struct {
	text  string
	token *addedToken
}

func (f *tokenFinder) add(text string, token *addedToken) {
	if text == "" {
		return
	}
	list := f.byFirst[text[0]]
	at := 0
	for at < len(list) && len(list[at].text) >= len(text) {
		if list[at].text == text { // the same text again: the later definition holds
			list[at].token = token
			return
		}
		at++
	}
	list = append(list, sought{})
	copy(list[at+1:], list[at:])
	list[at] = sought{text, token}
	f.byFirst[text[0]] = list
	f.any = true
}

// cut finds the tokens from left to right, the longest where several begin.
func (f *tokenFinder) cut(s segment) []piece {
	if !f.any {
		return between(nil, s, 0, len(s.text))
	}
	var pieces []piece
	text := s.text
	done := 0 // text before this index is in pieces
	for at := 0; at < len(text); {
		found := f.at(text[at:])
		if found == nil {
			at++
			continue
		}
		start, stop := at, at+len(found.text)
		at = stop
		t := found.token
		if t.singleWord && (endsWithWord(text[:start]) || startsWithWord(text[stop:])) {
			continue
		}
		if t.lstrip {
			start = max(done, len(strings.TrimRightFunc(text[:start], unicode.IsSpace)))
		}
		if t.rstrip {
			stop = len(text) - len(strings.TrimLeftFunc(text[stop:], unicode.IsSpace))
		}
		pieces = append(between(pieces, s, done, start), piece{token: t})
		done = stop
	}
	return between(pieces, s, done, len(text))
}

func between(pieces []piece, s segment, start, end int) []piece {
	if start >= end {
		return pieces
	}
	return append(pieces, piece{segment: s.part(start, end)})
}

func (f *tokenFinder) at(text string) *sought {
	list := f.byFirst[text[0]]
	for i := range list {
		if strings.HasPrefix(text, list[i].text) {
			return &list[i]
		}
	}
	return nil
}

func endsWithWord(s string) bool {
	r, size := utf8.DecodeLastRuneInString(s)
	return size > 0 && class("word").contains(r)
}

func startsWithWord(s string) bool {
	r, size := utf8.DecodeRuneInString(s)
	return size > 0 && class("word").contains(r)
}
