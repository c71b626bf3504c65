package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// segment is a stretch of text between two added tokens, or a part of one that a pre-tokenizer cut.
type segment struct {
	text string
	// lead is how many of its leading bytes stand for the first character of the user's text: 0 for all segments but one.
	// Metaspace asks for it, where it prepends a mark only to the "first" word.
	lead int
}

// normalizer rewrites a segment.
type normalizer interface {
	normalize(segment) (segment, error)
}

// mapping is a normalizer that rewrites each character whatever stands beside it.
type mapping func(text string) string

func (m mapping) normalize(s segment) (segment, error) {
	if s.lead > 0 {
		s.lead = len(m(s.text[:s.lead]))
	}
	s.text = m(s.text)
	return s, nil
}

// dropping removes the characters of a set.
func dropping(set runeSet) mapping {
	return removing(func(r rune) rune {
		if set.contains(r) {
			return -1
		}
		return r
	})
}

// removing maps each character to another, or, if that is negative, to none.
func removing(to func(rune) rune) mapping {
	return func(text string) string { return strings.Map(to, text) }
}

// tracing follows which bytes of a new text stand for the leading characters of the old one, by the reference library's own
// account: a character of the new text takes the place of the next one of the old (change 0), of that and the n after it
// (change -n), or stands beside the one before (change 1).
type tracing struct {
	old   int // leading characters of the old text
	taken int // characters of the old text so far
	lead  int // bytes of the new text
	done  bool
}

func newTracing(s segment) tracing {
	return tracing{old: utf8.RuneCountInString(s.text[:s.lead]), done: s.lead == 0}
}

func (t *tracing) add(bytes, change int) {
	place := t.taken
	if change > 0 {
		place--
	} else {
		t.taken += 1 - change
	}
	if t.done = t.done || place >= t.old; !t.done {
		t.lead += bytes
	}
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
		{"Prepend", func(f *fields) normalizer { return prepend(need[string](f, "prepend")) }},
		{"Precompiled", parsePrecompiled},
		{"Nmt", func(*fields) normalizer { return removing(nmt) }},
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
		s.lead = min(s.lead, len(s.text))
	}
	if n.left {
		text := strings.TrimLeftFunc(s.text, unicode.IsSpace)
		s.lead = max(0, s.lead-(len(s.text)-len(text)))
		s.text = text
	}
	return s, nil
}

// prepend puts a text before every segment that is not empty.
type prepend string

func (before prepend) normalize(s segment) (segment, error) { return s.after(string(before)), nil }

// after is the segment with a text before it, unless it is empty.
func (s segment) after(before string) segment {
	if s.text == "" {
		return s
	}
	if s.lead > 0 {
		s.lead += len(before)
	}
	return segment{before + s.text, s.lead}
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
		err = fmt.Errorf("%s: %w", inner.where, err)
	}
	if err != nil && f.err == nil {
		f.err = err
	}
	return p
}

func (n replace) normalize(s segment) (segment, error) {
	found, err := n.pattern.all(s.text)
	if err != nil || len(found) == 0 {
		return s, err
	}
	var b strings.Builder
	b.Grow(len(s.text))
	done, lead := 0, 0
	for _, m := range found {
		b.WriteString(s.text[done:m.start])
		b.WriteString(n.content)
		if m.start < s.lead {
			lead += m.start - done
			if m.end <= s.lead { // what is inserted stands where the last character of the match stood
				lead += len(n.content)
			}
		} else {
			lead += max(0, s.lead-done)
		}
		done = m.end
	}
	s.lead = lead + max(0, s.lead-done)
	b.WriteString(s.text[done:])
	s.text = b.String()
	return s, nil
}
