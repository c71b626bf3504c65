package tokenizer

import (
	"encoding/json"
	"os"
	"slices"
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

// Every combination of the normaliser's rules, and added tokens of every kind, against the tokenizers library
// (testdata/tokenizer_variants.py).
func TestWordPieceVariants(t *testing.T) {
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
		tok, err := Parse(v.Tokenizer)
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
