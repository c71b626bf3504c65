package tokenizer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// bertNormalizer prepares text as BERT's original tokenizer did; the four rules apply in the order of the fields.
type bertNormalizer struct {
	clean        bool // drop control characters, make every white space a blank
	ideographs   bool // blanks around ideographs
	stripAccents bool // decompose, drop the marks
	lowercase    bool
	decompose    form
}

func parseBertNormalizer(f *fields) normalizer {
	lowercase := need[bool](f, "lowercase")
	return newBertNormalizer(need[bool](f, "clean_text"), need[bool](f, "handle_chinese_chars"), take[*bool](f, "strip_accents", nil), lowercase)
}

// newBertNormalizer: accents that are nil are stripped as letters are lowered.
func newBertNormalizer(clean, ideographs bool, stripAccents *bool, lowercase bool) bertNormalizer {
	return bertNormalizer{clean, ideographs, orDefault(stripAccents, lowercase), lowercase, canonicalForm(false)}
}

func (b bertNormalizer) normalize(s segment) (segment, error) {
	if b.clean {
		s, _ = removing(clean).normalize(s)
	}
	ascii := isASCII(s.text)
	if b.ideographs && !ascii {
		s, _ = mapping(separateIdeographs).normalize(s)
	}
	if b.stripAccents && !ascii {
		s, _ = b.decompose.normalize(s)
		s, _ = dropping(nonspacingMarks).normalize(s)
	}
	if b.lowercase {
		s, _ = mapping(toLower).normalize(s)
	}
	return s, nil
}

func clean(r rune) rune {
	switch {
	case ' ' <= r && r < 0x7F:
		return r
	case r == '\t' || r == '\n' || r == '\r':
		return ' '
	case controlRunes.contains(r):
		return -1
	case unicode.IsSpace(r):
		return ' '
	}
	return r
}

func separateIdeographs(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		if r >= ideographs[0][0] && ideographs.contains(r) {
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// bertPreTokenizer cuts at white space and makes each punctuation mark a word of its own.
type bertPreTokenizer struct{}

func (bertPreTokenizer) split(s segment, emit func(segment)) error {
	start := -1 // of the current word
	flush := func(end int) {
		if start >= 0 {
			emit(s.part(start, end))
			start = -1
		}
	}
	for i, r := range s.text {
		switch {
		case unicode.IsSpace(r):
			flush(i)
		case isPunctuation(r):
			flush(i)
			emit(s.part(i, i+utf8.RuneLen(r)))
		case start < 0:
			start = i
		}
	}
	flush(len(s.text))
	return nil
}

func isPunctuation(r rune) bool {
	if r < utf8.RuneSelf {
		return '!' <= r && r <= '/' || ':' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
	}
	return punctuation.contains(r)
}
