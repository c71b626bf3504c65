package tokenizer

import (
	"slices"
	"strings"
	"testing"
)

func TestOlderFilesRefused(t *testing.T) {
	const vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n"
	for config, want := range map[string]string{
		`{"tokenizer_class": "XLNetTokenizer"}`:           `the tokenizer_class "XLNetTokenizer" is not supported without a tokenizer.json; supported are BertTokenizer, DistilBertTokenizer`,
		`{"tokenizer_class": "BertTokenizer`:              `tokenizer_config.json: it ends in the middle`,
		`{"cls_token": "<s>"}`:                            `cls_token "<s>" is not in the vocabulary of 6 tokens`,
		`{"unk_token": "<unk>"}`:                          `unk_token "<unk>" is not among its 6 tokens`,
		`{"do_lower_case": 1}`:                            `do_lower_case is 1; wanted is true or false`,
		`{"mask_token": {"Content": "[MASK]"}}`:           `mask_token: content is missing`,
		`{"mask_token": {"content": "[M]", "Lstrip": 1}}`: `mask_token: the key "Lstrip" is not known`,
	} {
		if _, err := FromVocab([]byte(vocab), []byte(config)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v; wanted %q in it", config, err, want)
		}
	}
	for merges, want := range map[string]string{
		"#version: 0.2\na b c\n": `merges.txt[1] is "a b c"`,
		"a b\n":                  `"ab", which are not all in the vocab of 3 tokens`,
	} {
		if _, err := FromMerges([]byte(`{"a": 0, "b": 1, "<|endoftext|>": 2}`), []byte(merges), nil, "gpt2"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v; wanted %q in it", merges, err, want)
		}
	}
	if _, err := FromMerges([]byte(`{}`), nil, nil, "mamba"); err == nil || !strings.Contains(err.Error(), `the model_type "mamba", with no tokenizer_class, is not supported`) {
		t.Error(err)
	}
	if _, err := FromMerges([]byte(`[]`), nil, nil, "gpt2"); err == nil || !strings.Contains(err.Error(), "vocab.json") {
		t.Error(err)
	}
}

// Without a configuration the model's type decides; line ends of Windows and a missing last one are no part of tokens.
func TestOlderFilesWithoutConfiguration(t *testing.T) {
	tok, err := FromVocab([]byte("[UNK]\r\n[CLS]\r\n[SEP]\r\na\r\n##b"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tok.Encode("Ab [MASK]"); err != nil || !slices.Equal(got.Strings, []string{"[CLS]", "a", "##b", "[UNK]", "[UNK]", "[UNK]", "[SEP]"}) {
		t.Errorf("%q, %v", got.Strings, err)
	}
	config := `{"add_bos_token": true, "add_prefix_space": true, "bos_token": {"__type": "AddedToken", "content": "<|endoftext|>", "lstrip": true},
		"added_tokens_decoder": {"10": {"content": "later"}, "5": {"content": "new"}}, "add_eos_token": true, "model_max_length": 8}`
	tok, err = FromMerges([]byte(`{"a": 0, "b": 1, "<|endoftext|>": 2, "Ġ": 3, "ab": 4}`), []byte("a b\n"), []byte(config), "gpt2")
	if err != nil {
		t.Fatal(err)
	}
	got, err := tok.Encode("ab <|endoftext|>newa")
	if err != nil || !slices.Equal(got.Strings, []string{"<|endoftext|>", "Ġ", "ab", "<|endoftext|>", "new", "Ġ", "a", "<|endoftext|>"}) || tok.Token(6) != "later" {
		t.Errorf("%q, %v", got.Strings, err)
	}
}
