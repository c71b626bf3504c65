package transformer

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
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
