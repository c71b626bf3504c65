package tokenizer

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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

const tiny = `{
	"added_tokens": [{"id": 0, "content": "[C]", "special": true}, {"id": 1, "content": "[S]", "special": true}, {"id": 5, "content": "new"}],
	"pre_tokenizer": {"type": "WhitespaceSplit"},
	"post_processor": {"type": "TemplateProcessing",
		"single": [{"SpecialToken": {"id": "[C]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 1}}, {"SpecialToken": {"id": "[S]", "type_id": 2}}],
		"pair": [], "special_tokens": {"[C]": {"id": "[C]", "ids": [0], "tokens": ["[C]"]}, "[S]": {"id": "[S]", "ids": [1], "tokens": ["[S]"]}}},
	"model": {"type": "WordLevel", "unk_token": "u", "vocab": {"[C]": 0, "[S]": 1, "a": 2, "b": 3, "u": 4}}}`

// A special token that the text spells out is that token, and its place is told; Special marks those that were added.
func TestWrittenSpecialTokens(t *testing.T) {
	tok, err := Parse([]byte(tiny))
	if err != nil {
		t.Fatal(err)
	}
	got, err := tok.Encode("a [S] new b[C]")
	if err != nil {
		t.Fatal(err)
	}
	want := Tokens{IDs: []int{0, 2, 1, 5, 3, 0, 1}, Strings: []string{"[C]", "a", "[S]", "new", "b", "[C]", "[S]"},
		Special: []bool{true, false, false, false, false, false, true}, Types: []int{0, 1, 1, 1, 1, 1, 2}, Written: []int{2, 5}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if token, id := tok.Highest(); token != "new" || id != 5 || tok.Token(5) != "new" || tok.Token(6) != "" || got.Len() != 7 {
		t.Errorf("%q has the highest id, %d", token, id)
	}
}

// A limit keeps the beginning, with the special tokens at both ends, and counts what it leaves out.
func TestEncodeUpTo(t *testing.T) {
	tok, err := Parse([]byte(tiny))
	if err != nil {
		t.Fatal(err)
	}
	const text = "a b [S] a b"
	for limit, want := range map[int]Tokens{
		0: {IDs: []int{0, 1}, Dropped: 5},
		2: {IDs: []int{0, 1}, Dropped: 5},
		3: {IDs: []int{0, 2, 1}, Dropped: 4},
		5: {IDs: []int{0, 2, 3, 1, 1}, Dropped: 2, Written: []int{3}},
		7: {IDs: []int{0, 2, 3, 1, 2, 3, 1}, Written: []int{3}},
		9: {IDs: []int{0, 2, 3, 1, 2, 3, 1}, Written: []int{3}},
	} {
		got, err := tok.EncodeUpTo(limit, text)
		if err != nil || !slices.Equal(got.IDs, want.IDs) || got.Dropped != want.Dropped || !slices.Equal(got.Written, want.Written) {
			t.Errorf("limit %d: %+v, %v; wanted %+v", limit, got, err, want)
		}
	}
}

// A word is unknown where nothing is left of it but the unknown token, or nothing at all; the blank that a model writes before it
// does not count.
func TestWords(t *testing.T) {
	const metaspace = `"pre_tokenizer": {"type": "Metaspace", "replacement": "▁"}, `
	for _, c := range []struct{ file, text, want string }{
		{`{"model": {"type": "WordLevel", "unk_token": "u", "vocab": {"u": 0, "a": 1}}, "pre_tokenizer": {"type": "WhitespaceSplit"}}`, "a b u", "a b? u?"},
		{`{` + metaspace + `"model": {"type": "Unigram", "unk_id": 0, "vocab": [["u", 0], ["▁", -1], ["a", -2]]}}`, "a b ab  a", "a b? ab  a"},
		{`{` + metaspace + `"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}`, "a b ab", "a b? ab"},
		{`{` + metaspace + `"model": {"type": "BPE", "unk_token": "u", "vocab": {"a": 0, "u": 1, "▁": 2}, "merges": []}}`, "a b ab", "a b? ab"},
	} {
		tok, err := Parse([]byte(c.file))
		if err != nil {
			t.Fatal(err)
		}
		words, unknown, err := tok.Words(c.text)
		for i := range words {
			if unknown[i] {
				words[i] += "?"
			}
		}
		if got := strings.Join(words, " "); got != c.want || err != nil {
			t.Errorf("%s: %q, %v; wanted %q", c.file, got, err, c.want)
		}
	}
}

// What a model has no token for, where it has none for unknown text either, is an error of the text, not a wrong token.
func TestNothingForUnknownText(t *testing.T) {
	for _, c := range []struct{ model, text, want string }{
		{`{"type": "WordLevel", "unk_token": "?", "vocab": {"a": 0}}`, "b", `"?"`},
		{`{"type": "Unigram", "vocab": [["a", -1]]}`, "ab", `"b" is not in the vocabulary`},
		{`{"type": "BPE", "unk_token": "?", "vocab": {"a": 0}, "merges": []}`, "ab", `"b" is not in the vocabulary`},
	} {
		tok, err := Parse([]byte(`{"model": ` + c.model + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tok.Encode(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; wanted %q in it", c.model, err, c.want)
		}
	}
}

// The ids of added tokens are those that the library gives them: of the vocabulary, else counted on from it.
func TestAddedTokenIDs(t *testing.T) {
	tokens := numbered([]addedToken{{content: "b", id: 9}, {content: "x", id: 9}, {content: "y", id: 9}, {content: "x", id: 3}}, map[string]int{"a": 0, "b": 1}, 2)
	for i, want := range []int{1, 2, 3, 2} {
		if tokens[i].id != want {
			t.Errorf("%q has the id %d; wanted is %d", tokens[i].content, tokens[i].id, want)
		}
	}
}
