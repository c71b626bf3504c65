package tokenizer

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"
)

var against = flag.String("against", "", "a file of testdata/random_reference.py")

// Steps put together at random, against the reference library. It needs a file that is not kept:
// make tokenizer-parity.
func TestComposed(t *testing.T) {
	if *against == "" {
		t.Skip("no -against FILE")
	}
	file, err := os.Open(*against)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 64<<20)
	tokenizers, texts := 0, 0
	for ; lines.Scan(); tokenizers++ {
		var c struct {
			Tokenizer json.RawMessage
			Texts     []string
			IDs       [][]int
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		tok, err := Parse(c.Tokenizer)
		if err != nil {
			t.Errorf("tokenizer %d: %v", tokenizers, err)
			continue
		}
		for i, text := range c.Texts {
			texts++
			got, err := tok.Encode(text)
			if err != nil || !slices.Equal(got.IDs, c.IDs[i]) {
				t.Errorf("tokenizer %d, %q: error %v\n got %v %q\nwant %v %q\n%s", tokenizers, text, err, got.IDs, got.Strings, c.IDs[i],
					tok.strings(c.IDs[i]), outline(c.Tokenizer))
				break
			}
		}
	}
	if err := lines.Err(); err != nil || tokenizers == 0 {
		t.Errorf("%d tokenizers, %v", tokenizers, err)
	}
	t.Logf("%d tokenizers, %d texts", tokenizers, texts)
}

// outline is a tokenizer.json without its vocabulary.
func outline(raw []byte) string {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		return err.Error()
	}
	out := ""
	for _, part := range []string{"normalizer", "pre_tokenizer", "added_tokens"} {
		out += part + " " + string(parts[part]) + "\n"
	}
	return out
}
