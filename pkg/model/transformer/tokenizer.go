package transformer

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Tokenizer turns text into token numbers by the rules of a tokenizer.json, exactly as the tokenizers library does: special
// tokens written in the text are cut out first, the rest is normalised, split into words, and each word is divided by the
// vocabulary model; the post-processor adds the special tokens at both ends. Truncation and padding in the file are not
// applied.
//
// Supported are the parts that BERT-like vocabularies use: BertNormalizer, BertPreTokenizer, WordPiece, TemplateProcessing (or
// BertProcessing), and added tokens. Other types are refused by ParseTokenizer.
type Tokenizer struct {
	added  addedTokens
	rules  normalizer   // nil: leave text as it is
	words  preTokenizer // nil: one word
	model  subwords
	ends   postProcessor // zero value: adds nothing
	tokens map[int]string
}

// The stages of a tokenizer. A new vocabulary type (Unigram, BPE) is a new subwords, with its own normalizer and preTokenizer.
type (
	normalizer   interface{ normalize(text string) string }
	preTokenizer interface{ split(text string) []string }
	subwords     interface {
		divide(word string) ([]int, error)
		vocabulary() map[string]int
		isUnknown(id int) bool
	}
)

// Tokens is a text as a model sees it; all slices have the same length N. Its JSON form is tokens.json.
type Tokens struct {
	IDs     []int    `json:"ids"`
	Strings []string `json:"strings"`           // as in the vocabulary: "##" marks the continuation of a word
	Special []bool   `json:"special"`           // added by the post-processor ([CLS], [SEP]), not written in the text
	Types   []int    `json:"types"`             // token types (segments), 0 for a single text; nil means all 0
	Dropped int      `json:"dropped,omitempty"` // tokens of the text that a truncation left out
}

// Len is the number of tokens N.
func (t Tokens) Len() int { return len(t.IDs) }

// tokenizerJSON mirrors the parts of tokenizer.json; each stage is parsed by its own type.
type tokenizerJSON struct {
	AddedTokens   []addedToken    `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Model         json.RawMessage `json:"model"`
}

// ParseTokenizer reads the contents of a tokenizer.json. An unsupported type is an error that names it and what is supported.
func ParseTokenizer(raw []byte) (*Tokenizer, error) {
	var file tokenizerJSON
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("not a tokenizer.json: %w", err)
	}
	t := &Tokenizer{tokens: map[int]string{}}
	var err error
	if t.model, err = parseModel(file.Model); err != nil {
		return nil, err
	}
	if t.rules, err = parseNormalizer(file.Normalizer); err != nil {
		return nil, err
	}
	if t.words, err = parsePreTokenizer(file.PreTokenizer); err != nil {
		return nil, err
	}
	if t.ends, err = parsePostProcessor(file.PostProcessor); err != nil {
		return nil, err
	}
	for token, id := range t.model.vocabulary() {
		t.tokens[id] = token
	}
	for _, a := range file.AddedTokens {
		if a.Content == "" || a.ID < 0 {
			return nil, fmt.Errorf("added_tokens: content %q with id %d; wanted are a text and an id of at least 0", a.Content, a.ID)
		}
		t.tokens[a.ID] = a.Content
	}
	t.added = newAddedTokens(file.AddedTokens, t.rules)
	return t, t.ends.check(t.tokens)
}

// stage reads the "type" of a part of tokenizer.json; "" for null or absent.
func stage(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	var s struct {
		Type string `json:"type"`
	}
	err := json.Unmarshal(raw, &s)
	if err == nil && s.Type == "" {
		s.Type = "(none named)"
	}
	return s.Type, err
}

func unsupported(part, found, supported string) error {
	return fmt.Errorf("%s of type %q is not supported; supported is %s (as in BERT's vocabularies)", part, found, supported)
}

func parseModel(raw json.RawMessage) (subwords, error) {
	kind, err := stage(raw)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	var shape struct {
		Prefix *string `json:"continuing_subword_prefix"`
	}
	// Files written before 2020 do not name the type of a WordPiece model.
	if kind == "(none named)" && json.Unmarshal(raw, &shape) == nil && shape.Prefix != nil {
		kind = "WordPiece"
	}
	if kind != "WordPiece" {
		return nil, unsupported("model", kind, "WordPiece")
	}
	return parseWordPiece(raw)
}

func parseNormalizer(raw json.RawMessage) (normalizer, error) {
	kind, err := stage(raw)
	switch {
	case err != nil:
		return nil, fmt.Errorf("normalizer: %w", err)
	case kind == "":
		return nil, nil
	case kind != "BertNormalizer":
		return nil, unsupported("normalizer", kind, "BertNormalizer")
	}
	return parseBertNormalizer(raw)
}

func parsePreTokenizer(raw json.RawMessage) (preTokenizer, error) {
	kind, err := stage(raw)
	switch {
	case err != nil:
		return nil, fmt.Errorf("pre_tokenizer: %w", err)
	case kind == "":
		return nil, nil
	case kind != "BertPreTokenizer":
		return nil, unsupported("pre_tokenizer", kind, "BertPreTokenizer")
	}
	return bertPreTokenizer{}, nil
}

// Encode tokenises a text of any length; an empty one gives the special tokens alone. The text must be valid UTF-8.
func (t *Tokenizer) Encode(text string) (Tokens, error) {
	ids, err := t.content(text)
	if err != nil {
		return Tokens{}, err
	}
	return t.wrap(ids), nil
}

// content tokenises without adding special tokens.
func (t *Tokenizer) content(text string) ([]int, error) {
	var ids []int
	err := t.eachWord(text, func(_ string, pieces []int) { ids = append(ids, pieces...) })
	return ids, err
}

// eachWord goes through the words of a text and the tokens that they are divided into; an added token counts as a word.
func (t *Tokenizer) eachWord(text string, do func(word string, pieces []int)) error {
	if at := invalidUTF8(text); at >= 0 {
		return fmt.Errorf("text is not valid UTF-8 at byte %d (0x%02x); save it as UTF-8", at, text[at])
	}
	for _, piece := range t.added.cut(text, t.rules) {
		if piece.id >= 0 {
			do(t.tokens[piece.id], []int{piece.id})
			continue
		}
		words := []string{piece.text}
		if t.words != nil {
			words = t.words.split(piece.text)
		}
		for _, word := range words {
			found, err := t.model.divide(word)
			if err != nil {
				return err
			}
			do(word, found)
		}
	}
	return nil
}

// Words returns the words of a text, punctuation marks included, and whether each is one that the vocabulary lacks altogether,
// so that nothing is left of it but the unknown token.
func (t *Tokenizer) Words(text string) (words []string, unknown []bool, err error) {
	err = t.eachWord(text, func(word string, pieces []int) {
		words, unknown = append(words, word), append(unknown, len(pieces) == 1 && t.model.isUnknown(pieces[0]))
	})
	return words, unknown, err
}

// wrap lets the post-processor add its tokens.
func (t *Tokenizer) wrap(content []int) Tokens {
	tokens := t.ends.apply(content)
	for _, id := range tokens.IDs {
		tokens.Strings = append(tokens.Strings, t.tokens[id])
	}
	return tokens
}

// Token is the vocabulary's string for an id, "" if there is none.
func (t *Tokenizer) Token(id int) string { return t.tokens[id] }

// highest finds the largest id, to compare with a model's vocabulary size.
func (t *Tokenizer) highest() (token string, id int) {
	id = -1
	for i, s := range t.tokens {
		if i > id {
			token, id = s, i
		}
	}
	return token, id
}

func invalidUTF8(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return i
			}
		}
	}
	return -1
}
