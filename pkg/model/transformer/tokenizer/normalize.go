package tokenizer

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// segment is a stretch of text between two added tokens, or a part of one that a pre-tokenizer cut.
type segment struct {
	text string
	// first: the segment begins with what the first character of the user's text became. Metaspace asks for it, where it
	// prepends a mark only to the "first" word; a step that removes that first character takes it away.
	first bool
}

// normalizer rewrites a segment.
type normalizer interface {
	normalize(segment) (segment, error)
}

// mapping is a normalizer that needs neither place nor error.
type mapping func(text string) string

func (m mapping) normalize(s segment) (segment, error) {
	s.text = m(s.text)
	return s, nil
}

// removal is a mapping that drops characters: if the first one goes, the segment is no longer the first.
type removal func(r rune) rune

func (drop removal) normalize(s segment) (segment, error) {
	if r, size := utf8.DecodeRuneInString(s.text); size > 0 && drop(r) < 0 {
		s.first = false
	}
	s.text = strings.Map(drop, s.text)
	return s, nil
}

func normalizers() stage[normalizer] {
	return stage[normalizer]{name: "normalizer", kinds: []kind[normalizer]{
		{"Sequence", func(f *fields) normalizer { return normalizerList(normalizers().list(f, "normalizers")) }},
		{"BertNormalizer", parseBertNormalizer},
		{"NFC", func(*fields) normalizer { return canonicalForm(true) }},
		{"NFD", func(*fields) normalizer { return canonicalForm(false) }},
		{"NFKC", func(*fields) normalizer { return compatibleForm(true) }},
		{"NFKD", func(*fields) normalizer { return compatibleForm(false) }},
		{"Lowercase", func(*fields) normalizer { return mapping(toLower) }},
		{"StripAccents", func(*fields) normalizer { return dropping(class("mark")) }},
		{"Strip", func(f *fields) normalizer { return strip{need[bool](f, "strip_left"), need[bool](f, "strip_right")} }},
		{"Replace", parseReplace},
		{"Prepend", func(f *fields) normalizer { return mapping(prepending(need[string](f, "prepend"))) }},
		{"Precompiled", parsePrecompiled},
		{"Nmt", func(*fields) normalizer { return removal(nmt) }},
		{"ByteLevel", func(*fields) normalizer { return mapping(visibleBytes) }},
	}}
}

// normalizerList applies its members one after another.
type normalizerList []normalizer

func (l normalizerList) normalize(s segment) (segment, error) {
	for _, n := range l {
		var err error
		if s, err = n.normalize(s); err != nil {
			return s, err
		}
	}
	return s, nil
}

// dropping removes the characters of a set.
func dropping(set runeSet) removal {
	return func(r rune) rune {
		if set.contains(r) {
			return -1
		}
		return r
	}
}

func toLower(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(unicode.ToLower(r))
			continue
		}
		for _, l := range lower(r) {
			b.WriteRune(l)
		}
	}
	return b.String()
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// strip cuts white space at the ends.
type strip struct{ left, right bool }

func (n strip) normalize(s segment) (segment, error) {
	if n.right {
		s.text = strings.TrimRightFunc(s.text, unicode.IsSpace)
	}
	if n.left {
		text := strings.TrimLeftFunc(s.text, unicode.IsSpace)
		s.first = s.first && len(text) == len(s.text)
		s.text = text
	}
	return s, nil
}

// prepending puts a text before every segment that is not empty.
func prepending(before string) func(string) string {
	return func(text string) string {
		if text == "" {
			return text
		}
		return before + text
	}
}

// nmt is the cleaning of sentencepiece's rule of that name, without its normalisation.
func nmt(r rune) rune {
	switch {
	case 0x01 <= r && r <= 0x08, r == 0x0B, 0x0E <= r && r <= 0x1F, r == 0x7F, r == 0x8F, r == 0x9F:
		return -1
	case r == '\t', r == '\n', r == '\f', r == '\r', r == 0x1680, 0x200B <= r && r <= 0x200F, r == 0x2028, r == 0x2029, r == 0x2581,
		r == 0xFEFF, r == 0xFFFD:
		return ' '
	}
	return r
}

// replace puts a text in the place of each match.
type replace struct {
	pattern *pattern
	content string
}

func parseReplace(f *fields) normalizer {
	return replace{parsePattern(f, "pattern"), need[string](f, "content")}
}

// parsePattern reads {"String": …} or {"Regex": …}.
func parsePattern(f *fields, key string) *pattern {
	raw := need[json.RawMessage](f, key)
	if f.err != nil {
		return nil
	}
	inner := fieldsOf(f.where+"."+key, raw)
	var p *pattern
	var err error
	switch {
	case inner.has("Regex"):
		p, err = compile(take(inner, "Regex", ""))
	default:
		p = literally(need[string](inner, "String"))
	}
	if err == nil {
		err = inner.done()
	} else {
		err = &patternError{inner.where, err}
	}
	if err != nil && f.err == nil {
		f.err = err
	}
	return p
}

type patternError struct {
	where string
	err   error
}

func (e *patternError) Error() string { return e.where + ": " + e.err.Error() }
func (e *patternError) Unwrap() error { return e.err }

func (n replace) normalize(s segment) (segment, error) {
	found, err := n.pattern.all(s.text)
	if err != nil || len(found) == 0 {
		return s, err
	}
	if start, end := found[0].start, found[0].end; start == 0 && end > 0 {
		// What is inserted stands where the last character of the match stood: at the beginning only if that is the first one.
		_, size := utf8.DecodeRuneInString(s.text)
		s.first = s.first && size == end && n.content != ""
	}
	var b strings.Builder
	b.Grow(len(s.text))
	done := 0
	for _, m := range found {
		b.WriteString(s.text[done:m.start])
		b.WriteString(n.content)
		done = m.end
	}
	b.WriteString(s.text[done:])
	s.text = b.String()
	return s, nil
}
