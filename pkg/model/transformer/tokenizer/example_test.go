package tokenizer_test

import (
	"fmt"

	"github.com/nasim-sim/nasim/pkg/model/transformer/tokenizer"
)

// A vocabulary of pieces, and a special token that the text spells out.
func Example() {
	t, err := tokenizer.Parse([]byte(`{
		"normalizer": {"type": "Lowercase"},
		"pre_tokenizer": {"type": "Whitespace"},
		"added_tokens": [{"id": 5, "content": "[MASK]", "special": true}],
		"model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "star": 1, "##let": 2, "##s": 3, ".": 4}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	tokens, err := t.Encode("Starlets [MASK] stars.")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tokens.Strings, tokens.IDs, tokens.Written)
	_, err = tokenizer.Parse([]byte(`{"model": {"type": "Trigram"}}`))
	fmt.Println(err)
	// Output:
	// [star ##let ##s [MASK] star ##s .] [1 2 3 5 1 3 4] [3]
	// model: a model of type "Trigram" is not supported; supported are WordPiece, Unigram, BPE, WordLevel
}
