package tokenizer

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// Any text gives tokens of the vocabulary, the same each time, soon; what is not UTF-8 is an error.
func FuzzEncode(f *testing.F) {
	var tokenizers []*Tokenizer
	for _, name := range []string{"bert_uncased", "llama3", "mistral", "albert", "xlm_roberta", "unigram_bytes", "clip", "bpe_plain", "word_level", "deepseek"} {
		tokenizers = append(tokenizers, referenceTokenizer(f, name))
	}
	for i, text := range referenceStrings(f) {
		if i%50 == 0 {
			f.Add(text)
		}
	}
	f.Add("caf\xe9")
	f.Add(strings.Repeat(" ", 5000) + "x")
	f.Add(strings.Repeat("a", 5000))
	f.Add("e" + strings.Repeat("\u0301\u0323", 2000))
	f.Add(strings.Repeat("🙂", 1000))
	f.Fuzz(func(t *testing.T, text string) {
		for _, tok := range tokenizers {
			start := time.Now()
			got, err := tok.Encode(text)
			if took := time.Since(start); took > 2*time.Second+time.Duration(len(text))*20*time.Microsecond {
				t.Errorf("%d bytes took %v", len(text), took)
			}
			if (err == nil) != utf8.ValidString(text) {
				t.Fatalf("%q: error %v", text, err)
			}
			for i, id := range got.IDs {
				if name, there := tok.tokens[id]; !there || name != got.Strings[i] {
					t.Errorf("%q: the id %d, %q, is not in the vocabulary", text, id, got.Strings[i])
				}
			}
		}
	})
}

// Any tokenizer.json is refused or tokenises.
func FuzzParse(f *testing.F) {
	models := []string{smallest, `{"type": "WordPiece", "unk_token": "u", "vocab": {"u": 0, "a": 1, "##b": 2}}`,
		`{"type": "Unigram", "unk_id": 0, "byte_fallback": true, "vocab": [["u", 0], ["a", -1.5], ["ab", -2]]}`,
		`{"type": "BPE", "unk_token": "u", "continuing_subword_prefix": "@", "vocab": {"u": 0, "a": 1, "@b": 2, "ab": 3}, "merges": [["a", "@b"]]}`}
	for i, name := range referenceNames(f) {
		var parts map[string]json.RawMessage
		if err := json.Unmarshal(unzip(f, "testdata/reference/"+name+".json.gz"), &parts); err != nil {
			f.Fatal(err)
		}
		if len(parts["normalizer"]) > 100_000 { // a map of characters
			parts["normalizer"] = json.RawMessage(`{"type": "Precompiled", "precompiled_charsmap": "CAAAAAAEAAABAAAAYQA="}`)
		}
		parts["model"] = json.RawMessage(models[i%len(models)])
		raw, err := json.Marshal(parts)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		tok, err := Parse(raw)
		if err != nil {
			return
		}
		if got, err := tok.Encode("It's the [MASK]\u0301 12 ab  中文\r\n🙂 x"); err == nil && len(got.IDs) != len(got.Strings) {
			t.Errorf("%d ids, %d strings", len(got.IDs), len(got.Strings))
		}
	})
}

// Any expression is refused or finds matches in order, or runs out of steps.
func FuzzPattern(f *testing.F) {
	for _, source := range []string{`'s| ?\p{L}+|\s+(?!\S)`, `(?i:a|[b-d])*?x{2,}`, `(?<=\d)(?>a+)b++`, `[^(\s|[.,])]+$`, `\b\x{41}\u0042\p{^Han}`} {
		f.Add(source, "It's 12 aab\n xx")
	}
	f.Fuzz(func(t *testing.T, source, text string) {
		p, err := compile(source)
		if err != nil || !utf8.ValidString(text) {
			return
		}
		found, err := p.all(text)
		at := 0
		for _, m := range found {
			if m.start < at || m.end < m.start || m.end > len(text) || err != nil {
				t.Fatalf("%s in %q: %v, %v", source, text, found, err)
			}
			at = m.end
		}
	})
}
