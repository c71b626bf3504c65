package tokenizer

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// preTokenizer cuts a segment into parts, which it emits in order; an empty part is left out by part's caller, not here.
type preTokenizer interface {
	split(s segment, emit func(segment)) error
}

// part is a stretch of the segment.
func (s segment) part(start, end int) segment {
	return segment{s.text[start:end], max(0, min(s.lead, end)-start)}
}

func preTokenizers() stage[preTokenizer] {
	return stage[preTokenizer]{name: "pre-tokenizer", kinds: []kind[preTokenizer]{
		{"Sequence", func(f *fields) preTokenizer { return preTokenizerList(preTokenizers().list(f, "pretokenizers")) }},
		{"BertPreTokenizer", func(*fields) preTokenizer { return bertPreTokenizer{} }},
		{"Whitespace", func(*fields) preTokenizer { return wordsAndSigns{class("word")} }},
		{"WhitespaceSplit", func(*fields) preTokenizer { return cutter{runesThat(unicode.IsSpace), removed} }},
		{"ByteLevel", parseByteLevel},
		{"Metaspace", parseMetaspace},
		{"Split", parseSplit},
		{"Punctuation", func(f *fields) preTokenizer {
			return cutter{runesThat(isPunctuation), parseBehavior(f, take(f, "behavior", "Isolated"))}
		}},
		{"Digits", parseDigits},
		{"CharDelimiterSplit", func(f *fields) preTokenizer {
			delimiter := oneRune(f, "delimiter")
			return cutter{runesThat(func(r rune) bool { return r == delimiter }), removed}
		}},
		{"FixedLength", parseFixedLength},
	}, refused: map[string]string{"UnicodeScripts": "no published model that we know of cuts by scripts, so the table of all 160 is not here"}}
}

// preTokenizerList cuts the parts of one member by the next.
type preTokenizerList []preTokenizer

func (l preTokenizerList) split(s segment, emit func(segment)) error {
	if len(l) == 0 {
		emit(s)
		return nil
	}
	var failed error
	err := l[0].split(s, func(part segment) {
		if part.text == "" || failed != nil {
			return
		}
		failed = l[1:].split(part, emit)
	})
	if err != nil {
		return err
	}
	return failed
}

// match is a stretch of text between its neighbours: a delimiter, or (in what a finder gives) what lies between delimiters.
type match struct {
	start, end int
	delimiter  bool
}

// finder cuts a text into delimiters and the rest, without gaps.
type finder func(text string) ([]match, error)

// runesThat makes each rune that has the property a delimiter.
func runesThat(has func(rune) bool) finder {
	return func(text string) ([]match, error) {
		var found []match
		rest := 0
		for i, r := range text {
			if !has(r) {
				continue
			}
			if rest < i {
				found = append(found, match{rest, i, false})
			}
			rest = i + utf8.RuneLen(r)
			found = append(found, match{i, rest, true})
		}
		if rest < len(text) {
			found = append(found, match{rest, len(text), false})
		}
		return found, nil
	}
}

// matchesOf makes the matches of a pattern delimiters, or, inverted, what lies between them.
func matchesOf(p *pattern, invert bool) finder {
	return func(text string) ([]match, error) {
		found, err := p.all(text)
		parts := make([]match, 0, 2*len(found)+1)
		rest := 0
		for _, m := range found {
			if rest < m.start {
				parts = append(parts, match{rest, m.start, invert})
			}
			parts = append(parts, match{m.start, m.end, !invert})
			rest = m.end
		}
		if rest < len(text) {
			parts = append(parts, match{rest, len(text), invert})
		}
		return parts, err
	}
}

// behavior is what becomes of the delimiters.
type behavior int

const (
	removed behavior = iota
	isolated
	mergedWithPrevious
	mergedWithNext
	contiguous
)

var behaviors = []string{"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"}

func parseBehavior(f *fields, name string) behavior {
	for i, known := range behaviors {
		if name == known {
			return behavior(i)
		}
	}
	f.fail("behavior is %q; it may be one of %q", name, behaviors)
	return 0
}

// cutter cuts at delimiters.
type cutter struct {
	find   finder
	become behavior
}

func parseSplit(f *fields) preTokenizer {
	p := parsePattern(f, "pattern")
	become := parseBehavior(f, need[string](f, "behavior"))
	return cutter{matchesOf(p, need[bool](f, "invert")), become}
}

func parseDigits(f *fields) preTokenizer {
	become := contiguous
	if need[bool](f, "individual_digits") {
		become = isolated
	}
	return cutter{runesThat(class("numeric").contains), become}
}

func (c cutter) split(s segment, emit func(segment)) error {
	found, err := c.find(s.text)
	if err != nil {
		return err
	}
	for _, m := range c.become.apply(found) {
		emit(s.part(m.start, m.end))
	}
	return nil
}

// apply joins or drops delimiters, in place.
func (b behavior) apply(found []match) []match {
	out := found[:0]
	switch b {
	case isolated:
		return found
	case removed:
		for _, m := range found {
			if !m.delimiter {
				out = append(out, m)
			}
		}
	case contiguous, mergedWithPrevious:
		after := false // a delimiter
		for _, m := range found {
			joins := m.delimiter == after // a run of delimiters, or of what is not
			if b == mergedWithPrevious {
				joins = m.delimiter && !after
			}
			if joins && len(out) > 0 {
				out[len(out)-1].end = m.end
			} else {
				out = append(out, m)
			}
			after = m.delimiter
		}
	case mergedWithNext:
		for i := 0; i < len(found); i++ {
			m := found[i]
			// From the right: a delimiter joins what follows, unless that is a delimiter.
			if m.delimiter && i+1 < len(found) && !found[i+1].delimiter {
				m.end = found[i+1].end
				i++
			}
			out = append(out, m)
		}
	}
	return out
}

// wordsAndSigns keeps runs of word characters and runs of what is neither word nor white space.
type wordsAndSigns struct{ word runeSet }

func (w wordsAndSigns) split(s segment, emit func(segment)) error {
	const space, word, sign = 0, 1, 2
	start, current := 0, space
	for i, r := range s.text {
		kind := sign
		switch {
		case w.word.contains(r):
			kind = word
		case unicode.IsSpace(r):
			kind = space
		}
		if kind == current {
			continue
		}
		if current != space {
			emit(s.part(start, i))
		}
		start, current = i, kind
	}
	if current != space {
		emit(s.part(start, len(s.text)))
	}
	return nil
}

// fixedLength cuts after every so many characters.
type fixedLength int

func parseFixedLength(f *fields) preTokenizer {
	length := take(f, "length", 5)
	if length < 1 {
		f.fail("length is %d; it must be at least 1", length)
	}
	return fixedLength(length)
}

func (n fixedLength) split(s segment, emit func(segment)) error {
	start, count := 0, 0
	for i := range s.text {
		if count == int(n) {
			emit(s.part(start, i))
			start, count = i, 0
		}
		count++
	}
	emit(s.part(start, len(s.text)))
	return nil
}

// oneRune reads a text of a single character.
func oneRune(f *fields, key string) rune {
	text := need[string](f, key)
	r, size := utf8.DecodeRuneInString(text)
	if size == 0 || size != len(text) {
		f.fail("%s is %s; it must be one character", key, fmt.Sprintf("%q", text))
	}
	return r
}
