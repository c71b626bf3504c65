package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// metaspace writes blanks as a visible character, "▁", and cuts before each (Kudo & Richardson 2018, SentencePiece).
type metaspace struct {
	mark    string
	prepend string // a mark before the text: "always" before each segment, "first", "never"
	cut     bool
}

func parseMetaspace(f *fields) preTokenizer {
	f.known("str_rep")
	m := metaspace{string(oneRune(f, "replacement")), take(f, "prepend_scheme", "always"), take(f, "split", true)}
	switch m.prepend {
	case "always", "first", "never":
	default:
		f.fail(`prepend_scheme is %q; it may be "always", "first" or "never"`, m.prepend)
	}
	if !take(f, "add_prefix_space", true) && m.prepend != "never" {
		f.fail(`add_prefix_space is false, but prepend_scheme is %q; wanted is "never"`, m.prepend)
	}
	return m
}

func (m metaspace) marked(text string) string { return strings.ReplaceAll(text, " ", m.mark) }

func (m metaspace) split(s segment, emit func(segment)) error {
	s, _ = mapping(m.marked).normalize(s)
	before := m.prepend == "always" || m.prepend == "first" && s.lead > 0
	if before && !strings.HasPrefix(s.text, m.mark) {
		s = s.after(m.mark)
	}
	if !m.cut {
		emit(s)
		return nil
	}
	// A mark goes with what follows it, and alone if that is another mark.
	start := 0
	mark, _ := utf8.DecodeRuneInString(m.mark)
	for i, r := range s.text {
		if r == mark && i > start {
			emit(s.part(start, i))
			start = i
		}
	}
	emit(s.part(start, len(s.text)))
	return nil
}
