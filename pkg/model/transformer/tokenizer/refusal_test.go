package tokenizer

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

const smallest = `{"type": "WordLevel", "unk_token": "u", "vocab": {"u": 0}}`

// What is not supported, missing or at odds with itself is refused by name: part, key, value, and what would be right.
func TestRefusals(t *testing.T) {
	const wordPiece = `{"type": "WordPiece", "unk_token": "u", "vocab": {"u": 0}}`
	with := func(part string) string { return `{"model": ` + smallest + `, ` + part + `}` }
	cases := map[string]string{
		`not JSON`:                     `line 1, column 2: `,
		`{}`:                           `model is missing`,
		`{"model": {"type": "Mamba"}}`: `model: a model of type "Mamba" is not supported; supported are WordPiece, Unigram, BPE, WordLevel`,
		`{"model": {}}`:                `model: type is missing`,
		`{"model": ` + wordPiece + `, "Normalizer": null}`: `the key "Normalizer" is not known; known are added_tokens, decoder, model, normalizer`,
		`{"model": ` + wordPiece + `, "version": "2.0"}`:   `version is "2.0"`,

		with(`"normalizer": {"type": "NFX"}`):               `normalizer: a normalizer of type "NFX" is not supported; supported are Sequence, BertNormalizer, NFC`,
		with(`"normalizer": {"type": "Sequence"}`):          `normalizer: normalizers is missing`,
		with(`"normalizer": {"type": 3}`):                   `normalizer: type is 3; wanted is a text in quotation marks`,
		with(`"pre_tokenizer": {"type": "X"}`):              `pre_tokenizer: a pre-tokenizer of type "X"`,
		with(`"post_processor": {"type": "X"}`):             `post_processor: a post-processor of type "X"`,
		with(`"pre_tokenizer": {"type": "UnicodeScripts"}`): `not supported (no published model that we know of`,
		with(`"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Strip", "strip_left": true}]}`): `normalizer.normalizers[1]: strip_right is missing`,
		with(`"normalizer": {"type": "Lowercase", "Locale": "tr"}`):                                                         `normalizer: the key "Locale" is not known; known are type`,
		with(`"normalizer": {"type": "Replace", "pattern": {"Regex": "a{2}{3}"}, "content": ""}`):                           `normalizer.pattern: the pattern "a{2}{3}", at byte 7: a repetition of a repetition`,
		with(`"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"}`):                                       `charsmap of 3 bytes`,
		with(`"pre_tokenizer": {"type": "Split", "pattern": {"String": "a"}, "behavior": "x", "invert": true}`):             `behavior is "x"; it may be one of ["Removed"`,
		with(`"pre_tokenizer": {"type": "Metaspace", "replacement": "ab"}`):                                                 `replacement is "ab"; it must be one character`,
		with(`"pre_tokenizer": {"type": "Metaspace", "replacement": "a", "prepend_scheme": "last"}`):                        `prepend_scheme is "last"`,
		with(`"pre_tokenizer": {"type": "Metaspace", "replacement": "a", "add_prefix_space": false}`):                       `add_prefix_space is false`,
		with(`"pre_tokenizer": {"type": "FixedLength", "length": 0}`):                                                       `length is 0`,
		with(`"post_processor": {"type": "TemplateProcessing", "single": []}`):                                              `0 times`,
		with(`"post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "B"}}]}`):                     `single[0] is the text "B"`,
		with(`"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "X"}}]}`):                 `"X" of the template has no ids`,
		with(`"post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 5], "sep": ["[SEP]", 0]}`):                      `"[CLS]" has the id 5`,
		with(`"added_tokens": [{"id": -1, "content": "x"}]`):                                                                `id -1`,
		with(`"added_tokens": [{"id": 1, "content": "x", "Special": true}]`):                                                `added_tokens[0]: the key "Special" is not known`,

		`{"model": {"type": "WordPiece", "unk_token": "v", "vocab": {"u": 0}}}`:         `unk_token "v" is not in the vocab`,
		`{"model": {"type": "WordPiece", "unk_token": "u", "vocab": {"u": 0, "v": 0}}}`: `id 0`,
		`{"model": {"type": "Unigram", "unk_id": 3, "vocab": [["a", 0.5]]}}`:            `unk_id is 3`,
		`{"model": {"type": "Unigram", "vocab": [["a", 1, 2]]}}`:                        `wanted is a token and its score`,
		`{"model": {"type": "Unigram", "vocab": [["a", "b"]]}}`:                         `["a", "b"]; wanted is a token and its score`,
		`{"model": {"type": "Unigram", "vocab": [{"a": 1, "b": 2}]}}`:                   `wanted is a token and its score`,
		`{"model": {"type": "Unigram", "vocab": [["a"]]}}`:                              `wanted is a token and its score`,
		`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}`:              `merges[0] joins "a" and "b" to "ab", which are not all in the vocab`,
		`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["ab"]}}`:               `merges[0] is "ab"`,
		`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]}}`:              `merges[0] has 1 parts`,
		`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.1}}`:   `dropout is 0.1`,
		`{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [], "Fuse_unk": true}}`: `"Fuse_unk" is not known`,
	}
	for file, want := range cases {
		if _, err := Parse([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n  error %v\n  wanted %q in it", file, err, want)
		}
	}
}

// Regular expressions that we have no rule for, or whose meaning in Ruby differs from the usual one, are refused.
func TestRefusedPatterns(t *testing.T) {
	for source, want := range map[string]string{
		`(a`:                   `a ) is missing`,
		`a)`:                   `unmatched )`,
		`*a`:                   `* has nothing to repeat`,
		`[a`:                   `ends too early`,
		`[]`:                   `an empty class`,
		`[z-a]`:                `empty`,
		`[a-\d]`:               `a range to a class`,
		`[a&&b]`:               `&& in a class`,
		`[[:alpha:]]`:          `[: in a class`,
		`a\1`:                  `\1 is not supported`,
		`\X`:                   `\X is not supported`,
		`\p{Klingon}`:          `\p{Klingon} is not supported; supported are the general categories and the scripts Arabic`,
		`\pL`:                  `\p without {`,
		`(a*)*`:                `cannot be repeated without end`,
		`a**`:                  `a repetition of a repetition`,
		`a{3,2}`:               `wrong order`,
		`a{2000}`:              `more than 1000`,
		`((a{999}){999}){999}`: `more than 10000 steps`,
		`(?<=a|bc)d`:           `a look behind must have one length`,
		`(?x:a)`:               `(?x are not supported`,
		`(?<n>a)`:              `(?< are not supported`,
		`b(?i)a`:               `(?i are not supported`,
		`(?i:ss)`:              `ss under (?i)`,
		`(?i:é)`:               `not ASCII`,
		`^*`:                   `a condition cannot be repeated`,
		`\xff`:                 `the code point "ff"`,
		`a\`:                   `ends with a backslash`,
		`[\x`:                  `ends too early`,
		`[a-[b]]`:              `a range to a class`,
		`\u12`:                 `ends too early`,
	} {
		if _, err := compile(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v; wanted %q in it", source, err, want)
		}
	}
}

// A pattern that tries every way to divide a text ends in an error, soon.
func TestAmbiguousPattern(t *testing.T) {
	p, err := compile(`(?:a|a)+b`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.all(strings.Repeat("a", 100)); err == nil || !strings.Contains(err.Error(), "too many steps") {
		t.Errorf("error %v", err)
	}
}

// Damaged bytes lead to an error or to a tokenizer that tokenises, never to a panic.
func TestDamagedFiles(t *testing.T) {
	raw, err := os.ReadFile("../testdata/albert/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 8))
	accepted := 0
	for range 5000 {
		damaged := bytes.Clone(raw)
		damaged[rng.IntN(len(raw))] = " 0123456789[]{}\",:-eF\xff"[rng.IntN(22)]
		tok, err := Parse(damaged)
		if err != nil {
			continue
		}
		accepted++
		tokens, err := tok.Encode("The synapse [MASK] near, 中文 naïve cells")
		if err != nil || len(tokens.IDs) != len(tokens.Strings) || len(tokens.IDs) != len(tokens.Special) {
			t.Fatalf("%d ids, %d strings, %v", len(tokens.IDs), len(tokens.Strings), err)
		}
	}
	if accepted == 0 {
		t.Error("no damaged file was accepted, so nothing was tested")
	}
}
