package tokenizer

import (
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// form is one of Unicode's four normalisation forms, with the characters of Unicode 9, as the reference library has it: later ones
// stay as they are and keep their place. The decompositions and combining classes are x/text's, but not its algorithm, which
// puts a joiner after thirty marks in a row (as a "stream-safe" text has it) and cannot leave characters out.
type form struct {
	compose                           bool
	properties                        func(string) norm.Properties // of the first character
	decomposing, combining, composite runeSet
}

func canonicalForm(compose bool) form {
	return form{compose, norm.NFD.PropertiesString, class("canonical"), class("combining"), class("canonical")}
}

func compatibleForm(compose bool) form {
	return form{compose, norm.NFKD.PropertiesString, class("compatible"), class("combining"), class("canonical")}
}

func (f form) normalize(s segment) (segment, error) {
	if isASCII(s.text) {
		return s, nil
	}
	trace := newTracing(s)
	out := make([]byte, 0, len(s.text))
	for _, c := range f.apply(s.text) {
		before := len(out)
		out = utf8.AppendRune(out, c.r)
		trace.add(len(out)-before, c.change)
	}
	return segment{string(out), trace.lead}, nil
}

// ordered is a character with its canonical combining class, and its change (see tracing).
type ordered struct {
	r      rune
	class  uint8
	change int
}

func (f form) apply(text string) []ordered {
	chars := make([]ordered, 0, len(text))
	pending := 0 // where the last run of combining characters began
	add := func(r rune, change int) {
		c := ordered{r, f.class(r), change}
		if chars = append(chars, c); c.class == 0 {
			sortMarks(chars[pending : len(chars)-1])
			pending = len(chars)
		}
	}
	for _, r := range text {
		parts := f.decomposed(r)
		for i, d := range parts {
			add(d, min(i, 1))
		}
		if parts == nil {
			add(r, 0)
		}
	}
	sortMarks(chars[pending:])
	if f.compose {
		chars = f.composed(chars)
	}
	return chars
}

func sortMarks(marks []ordered) {
	if len(marks) > 1 {
		slices.SortStableFunc(marks, func(a, b ordered) int { return int(a.class) - int(b.class) })
	}
}

// Hangul syllables are composed by arithmetic (Unicode 3.12).
const (
	syllables, leading, vowels, trailing = 0xAC00, 0x1100, 0x1161, 0x11A7
	leads, vowelCount, trails            = 19, 21, 28
)

// decomposed is nil for a character that stays as it is.
func (f form) decomposed(r rune) []rune {
	switch {
	case r < 0xA0:
	case syllables <= r && r < syllables+leads*vowelCount*trails:
		n := r - syllables
		parts := []rune{leading + n/(vowelCount*trails), vowels + n%(vowelCount*trails)/trails, trailing + n%trails}
		if n%trails == 0 {
			parts = parts[:2]
		}
		return parts
	case f.decomposing.contains(r):
		return []rune(string(f.properties(string(r)).Decomposition()))
	}
	return nil
}

func (f form) class(r rune) uint8 {
	if r < 0x300 || !f.combining.contains(r) {
		return 0
	}
	return norm.NFD.PropertiesString(string(r)).CCC()
}

// composed joins what follows a starter to it, unless a character of the same or a higher class stands between.
func (f form) composed(chars []ordered) []ordered {
	out := chars[:0]
	starter := -1 // its place in out
	var last uint8
	for _, c := range chars {
		blocked := starter >= 0 && last != 0 && last >= c.class
		if starter >= 0 && !blocked {
			if r, ok := f.pair(out[starter].r, c.r); ok {
				out[starter].r = r
				out[starter].change += c.change - 1
				continue
			}
		}
		out = append(out, c)
		if last = c.class; c.class == 0 {
			starter = len(out) - 1
		}
	}
	return out
}

func (f form) pair(a, b rune) (rune, bool) {
	if leading <= a && a < leading+leads && vowels <= b && b < vowels+vowelCount {
		return syllables + ((a-leading)*vowelCount+b-vowels)*trails, true
	}
	if syllables <= a && a < syllables+leads*vowelCount*trails && (a-syllables)%trails == 0 && trailing < b && b < trailing+trails {
		return a + b - trailing, true
	}
	if b < 0x300 {
		return 0, false
	}
	second := string(b)
	if norm.NFC.PropertiesString(second).BoundaryBefore() {
		return 0, false
	}
	joined := norm.NFC.String(string(a) + second)
	r, size := utf8.DecodeRuneInString(joined)
	return r, size == len(joined) && f.composite.contains(r)
}
