package transformer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Strings of all sorts (accents, emoji, digits, other scripts, empty, 10 kB) through tiny-text's tokenizer, against the
// tokenizers library.
func TestTinyTextTokens(t *testing.T) {
	var cases []struct {
		Text   string
		IDs    []int
		Tokens []string
	}
	readJSON(t, "testdata/tokenizer_reference.json", &cases)
	if len(cases) < 200 {
		t.Errorf("%d strings; wanted are 200", len(cases))
	}
	tok := open(t, "tiny-text").Tokenizer()
	for _, c := range cases {
		got, err := tok.Encode(c.Text)
		if err != nil {
			t.Errorf("%q: %v", c.Text, err)
			continue
		}
		if !slices.Equal(got.IDs, c.IDs) || !slices.Equal(got.Strings, c.Tokens) {
			t.Errorf("%.200q: %v %q; wanted %v %q", c.Text, got.IDs, got.Strings, c.IDs, c.Tokens)
		}
	}
}

// Every combination of the normaliser's rules, and added tokens of every kind, against the tokenizers library
// (testdata/tokenizer_variants.py).
func TestTokenizerVariants(t *testing.T) {
	var file struct {
		Texts    []string
		Variants []struct {
			Tokenizer json.RawMessage
			IDs       [][]int
			Types     [][]int
			Special   [][]int
		}
	}
	readJSON(t, "testdata/tokenizer_variants.json", &file)
	for n, v := range file.Variants {
		tok, err := ParseTokenizer(v.Tokenizer)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range file.Texts {
			got, err := tok.Encode(text)
			if err != nil || !slices.Equal(got.IDs, v.IDs[i]) {
				t.Errorf("variant %d, %q: %v, error %v; wanted %v", n, text, got.IDs, err, v.IDs[i])
			}
			if i < len(v.Types) && !slices.Equal(got.Types, v.Types[i]) {
				t.Errorf("variant %d, %q: types %v; wanted %v", n, text, got.Types, v.Types[i])
			}
			for j := range got.Special {
				if i < len(v.Special) && got.Special[j] != (v.Special[i][j] == 1) {
					t.Errorf("variant %d, %q: special %v; wanted %v", n, text, got.Special, v.Special[i])
				}
			}
		}
	}
}

// Each rule of the normaliser and the pre-tokenizer on every code point there is, between an a and a b; the reference holds a
// hash of the library's answers for each run of code points (testdata/unicode_tables.py).
func TestEveryCodePoint(t *testing.T) {
	no := false
	yes := true
	words := func(text string) string { return strings.Join(bertPreTokenizer{}.split(text), "|") }
	rules := map[string]func(string) string{
		"clean_text":           bertNormalizer{CleanText: true, StripAccents: &no}.normalize,
		"handle_chinese_chars": bertNormalizer{HandleChineseChars: true, StripAccents: &no}.normalize,
		"strip_accents":        bertNormalizer{StripAccents: &yes}.normalize,
		"lowercase":            bertNormalizer{Lowercase: true, StripAccents: &no}.normalize,
		"pre_tokenizer":        words,
	}
	var file map[string]json.RawMessage
	readJSON(t, "testdata/unicode_reference.json", &file)
	var chunk rune
	if err := json.Unmarshal(file["chunk"], &chunk); err != nil {
		t.Fatal(err)
	}
	for name, rule := range rules {
		var want []string
		if err := json.Unmarshal(file[name], &want); err != nil || len(want) != int(utf8.MaxRune/chunk)+1 {
			t.Fatalf("%s: %d hashes, %v", name, len(want), err)
		}
		for i, hash := range want {
			if got := hashOfChunk(rule, rune(i)*chunk, chunk); got != hash {
				t.Errorf("%s: another answer than the library's among U+%04X to U+%04X", name, rune(i)*chunk, rune(i+1)*chunk-1)
			}
		}
	}
}

func hashOfChunk(rule func(string) string, first, length rune) string {
	h := sha256.New()
	empty := true
	for r := first; r < first+length; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		empty = false
		h.Write([]byte(rule("a" + string(r) + "b")))
		h.Write([]byte{0})
	}
	if empty {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

func TestUnsupportedTokenizers(t *testing.T) {
	const wordPiece = `{"type": "WordPiece", "unk_token": "u", "vocab": {"u": 0}}`
	cases := map[string]string{
		`{"model": {"type": "Unigram"}}`: `model of type "Unigram" is not supported; supported is WordPiece`,
		`{"model": {"type": "BPE"}}`:     `model of type "BPE" is not supported`,
		`{}`:                             `supported is WordPiece`,
		`{"model": ` + wordPiece + `, "normalizer": {"type": "NFKC"}}`:                                                         `normalizer of type "NFKC"`,
		`{"model": ` + wordPiece + `, "pre_tokenizer": {"type": "Metaspace"}}`:                                                 `pre_tokenizer of type "Metaspace"`,
		`{"model": ` + wordPiece + `, "post_processor": {"type": "ByteLevel"}}`:                                                `post_processor of type "ByteLevel"`,
		`{"model": {"type": "WordPiece", "unk_token": "v", "vocab": {"u": 0}}}`:                                                `unk_token "v" is not in the vocab`,
		`{"model": {"type": "WordPiece", "unk_token": "u", "vocab": {"u": 0, "v": 0}}}`:                                        `id 0`,
		`{"model": ` + wordPiece + `, "post_processor": {"type": "TemplateProcessing", "single": []}}`:                         `0 times`,
		`{"model": ` + wordPiece + `, "post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 5], "sep": ["[SEP]", 0]}}`: `"[CLS]" has the id 5`,
		`{"model": ` + wordPiece + `, "added_tokens": [{"id": -1, "content": "x"}]}`:                                           `id -1`,
		`not JSON`: `not a tokenizer.json`,
	}
	for file, want := range cases {
		if _, err := ParseTokenizer([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v; wanted %q in it", file, err, want)
		}
	}
}

func TestEncodeText(t *testing.T) {
	m := open(t, "tiny-text")
	for _, empty := range []string{"", " \n\t", "\u200b\ufeff"} {
		if _, err := m.EncodeText(empty); !errors.Is(err, ErrNoTokens) {
			t.Errorf("%q: %v", empty, err)
		}
	}
	if _, err := m.EncodeText("caf\xe9"); err == nil || !strings.Contains(err.Error(), "byte 3 (0xe9)") {
		t.Errorf("Latin-1: %v", err)
	}
	if _, err := m.EncodeImage(nil); err == nil || !strings.Contains(err.Error(), "takes text") {
		t.Errorf("image into a text model: %v", err)
	}
	ok, err := m.EncodeText("A [MASK] cell.")
	if err != nil || ok.Strings[0] != "[CLS]" || ok.Strings[2] != "[MASK]" || ok.Strings[ok.Len()-1] != "[SEP]" {
		t.Fatalf("%q %v", ok.Strings, err)
	}
	if !ok.Special[0] || ok.Special[2] || !ok.Special[ok.Len()-1] {
		t.Errorf("special %v: only what the tokenizer added is special", ok.Special)
	}
}

func TestTooLong(t *testing.T) {
	m := open(t, "tiny-text")
	fits := strings.Repeat(", ", m.MaxTokens()-2)
	if tokens, err := m.EncodeText(fits); err != nil || tokens.Len() != m.MaxTokens() || tokens.Dropped != 0 {
		t.Fatalf("%d tokens, %d dropped, %v", tokens.Len(), tokens.Dropped, err)
	}
	long := fits + ", ,"
	_, err := m.EncodeText(long)
	var tooLong *TooLongError
	if !errors.As(err, &tooLong) || tooLong.Tokens != m.MaxTokens()+2 || tooLong.Positions != m.MaxTokens() {
		t.Fatalf("%v", err)
	}
	if !strings.Contains(err.Error(), "258 tokens") || !strings.Contains(err.Error(), "256 positions") {
		t.Errorf("both counts must be named: %v", err)
	}
	tokens, err := m.EncodeText(long, TextOptions{Truncate: true})
	if err != nil || tokens.Len() != m.MaxTokens() || tokens.Dropped != 2 || tokens.Strings[255] != "[SEP]" || tokens.Strings[0] != "[CLS]" {
		t.Errorf("%d tokens, %d dropped, %v", tokens.Len(), tokens.Dropped, err)
	}
}
