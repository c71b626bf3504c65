package transformer

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// bertNormalizer prepares text as BERT's original tokenizer did; the four rules apply in the order of the fields.
type bertNormalizer struct {
	CleanText          bool  `json:"clean_text"`           // drop control characters, make every white space a blank
	HandleChineseChars bool  `json:"handle_chinese_chars"` // blanks around ideographs
	StripAccents       *bool `json:"strip_accents"`        // decompose, drop the marks; null: as lowercase
	Lowercase          bool  `json:"lowercase"`
}

func parseBertNormalizer(raw json.RawMessage) (normalizer, error) {
	var b bertNormalizer
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, fmt.Errorf("normalizer: %w", err)
	}
	return b, nil
}

func (b bertNormalizer) normalize(text string) string {
	if b.CleanText {
		text = strings.Map(clean, text)
	}
	if b.HandleChineseChars {
		text = separateIdeographs(text)
	}
	if orDefault(b.StripAccents, b.Lowercase) {
		text = strings.Map(withoutMarks, decompose(text))
	}
	if b.Lowercase {
		text = toLower(text)
	}
	return text
}

func clean(r rune) rune {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return ' '
	case controlRunes.contains(r):
		return -1
	case unicode.IsSpace(r):
		return ' '
	}
	return r
}

func withoutMarks(r rune) rune {
	if nonspacingMarks.contains(r) {
		return -1
	}
	return r
}

func separateIdeographs(text string) string {
	var b strings.Builder
	for _, r := range text {
		if ideographs.contains(r) {
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func toLower(text string) string {
	var b strings.Builder
	for _, r := range text {
		for _, l := range lower(r) {
			b.WriteRune(l)
		}
	}
	return b.String()
}

// bertPreTokenizer cuts at white space and makes each punctuation mark a word of its own.
type bertPreTokenizer struct{}

func (bertPreTokenizer) split(text string) []string {
	var words []string
	start := -1 // of the current word
	flush := func(end int) {
		if start >= 0 {
			words = append(words, text[start:end])
			start = -1
		}
	}
	for i, r := range text {
		switch {
		case unicode.IsSpace(r):
			flush(i)
		case punctuation.contains(r):
			flush(i)
			words = append(words, string(r))
		case start < 0:
			start = i
		}
	}
	flush(len(text))
	return words
}
