package tokenizer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// Each rule that looks at single characters, on every code point there is; the reference holds a
// hash of the library's answers for each run of code points (testdata/unicode_tables.py).
func TestEveryCodePoint(t *testing.T) {
	no, yes := false, true
	rules := map[string]func(string) string{}
	for name, n := range map[string]normalizer{
		"clean_text":           newBertNormalizer(true, false, &no, false),
		"handle_chinese_chars": newBertNormalizer(false, true, &no, false),
		"strip_accents":        newBertNormalizer(false, false, &yes, false),
		"lowercase":            newBertNormalizer(false, false, &no, true),
		"Lowercase":            parsed(t, normalizers(), `{"type": "Lowercase"}`),
		"StripAccents":         parsed(t, normalizers(), `{"type": "StripAccents"}`),
		"Nmt":                  parsed(t, normalizers(), `{"type": "Nmt"}`),
	} {
		rules[name] = func(r string) string { return rewritten(t, n, "a"+r+"b") }
	}
	for _, name := range []string{"NFC", "NFD", "NFKC", "NFKD"} { // before marks of classes 1 and 230, to show its own class
		n := parsed(t, normalizers(), `{"type": "`+name+`"}`)
		rules[name] = func(r string) string { return rewritten(t, n, "a"+r+"\u0334"+r+"\u0301") }
	}
	for name, text := range map[string]string{
		"pre_tokenizer":   `{"type": "BertPreTokenizer"}`,
		"Whitespace":      `{"type": "Whitespace"}`,
		"WhitespaceSplit": `{"type": "WhitespaceSplit"}`,
		"Digits":          `{"type": "Digits", "individual_digits": false}`,
		"Punctuation":     `{"type": "Punctuation"}`,
	} {
		p := parsed(t, preTokenizers(), text)
		rules[name] = func(r string) string { return strings.Join(parts(t, p, "a"+r+"b"), "|") }
	}
	// A grapheme of less than six bytes that begins with an a becomes x.
	charsmap := precompiled{units: make([]uint32, 256), texts: "x\x00", graphemes: newGraphemes()}
	charsmap.units[0], charsmap.units['a'^1], charsmap.units['a'^1^0x80] = 1<<10, 0x80<<10|1<<8|'a', 1<<31
	rules["graphemes"] = func(r string) string { return rewritten(t, charsmap, "a"+r) }
	rewrite := make(map[string]func([]byte, rune) []byte, len(rules))
	for name, rule := range rules {
		rewrite[name] = func(out []byte, r rune) []byte { return append(out, rule(string(r))...) }
	}
	for _, name := range append(append([]string{"regex_word", "regex_space"}, categories...), scripts...) {
		set := class(name)
		rewrite["class "+name] = func(out []byte, r rune) []byte {
			if set.contains(r) {
				return append(out, '1')
			}
			return append(out, '0')
		}
	}
	var file map[string]json.RawMessage
	readJSON(t, "testdata/unicode_reference.json", &file)
	var chunk rune
	if err := json.Unmarshal(file["chunk"], &chunk); err != nil {
		t.Fatal(err)
	}
	if len(rewrite) != len(file)-2 {
		t.Errorf("%d rules; the reference has %d", len(rewrite), len(file)-2)
	}
	for name, rule := range rewrite {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []string
			if err := json.Unmarshal(file[name], &want); err != nil || len(want) != int(utf8.MaxRune/chunk)+1 {
				t.Fatalf("%d hashes, %v", len(want), err)
			}
			for i, hash := range want {
				if got := hashOfChunk(rule, rune(i)*chunk, chunk); got != hash {
					t.Errorf("another answer than the library's among U+%04X to U+%04X", rune(i)*chunk, rune(i+1)*chunk-1)
				}
			}
		})
	}
}

func hashOfChunk(rule func(out []byte, r rune) []byte, first, length rune) string {
	var answers []byte
	for r := first; r < first+length; r++ {
		if utf8.ValidRune(r) {
			answers = append(rule(answers, r), 0)
		}
	}
	if len(answers) == 0 {
		return ""
	}
	hash := sha256.Sum256(answers)
	return hex.EncodeToString(hash[:])[:12]
}

func parsed[T any](t *testing.T, s stage[T], text string) T {
	t.Helper()
	value, err := s.parse("test", json.RawMessage(text))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func rewritten(t *testing.T, n normalizer, text string) string {
	s, err := n.normalize(segment{text: text})
	if err != nil {
		t.Fatal(err)
	}
	return s.text
}

func parts(t *testing.T, p preTokenizer, text string) []string {
	var out []string
	err := p.split(segment{text: text}, func(s segment) {
		if s.text != "" {
			out = append(out, s.text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
