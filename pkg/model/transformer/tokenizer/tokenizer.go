package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Tokenizer turns text into token numbers. It is not changed by use and may be shared by goroutines.
type Tokenizer struct {
	added  addedTokens
	rules  normalizer   // nil: leave text as it is
	words  preTokenizer // nil: one word
	model  subwords
	ends   postProcessor // zero value: adds nothing
	tokens map[int]string
}

// Tokens is a text as a model sees it; the slices but Written have the same length N. Its JSON form is tokens.json.
type Tokens struct {
	IDs     []int    `json:"ids"`
	Strings []string `json:"strings"`           // as in the vocabulary: "##" marks the continuation of a word
	Special []bool   `json:"special"`           // added by the post-processor ([CLS], [SEP]), not written in the text
	Types   []int    `json:"types"`             // token types (segments), 0 for a single text; nil means all 0
	Dropped int      `json:"dropped,omitempty"` // tokens of the text that a truncation left out
	Written []int    `json:"written,omitempty"` // indices of special tokens that the text itself spells out ("[MASK]")
}

// Len is the number of tokens N.
func (t Tokens) Len() int { return len(t.IDs) }

// Parse reads the contents of a tokenizer.json. A part of a type, or with a key, that is not supported is an error that names it
// and what is supported. Truncation and padding in the file are not applied: they belong to whoever knows the model's limit.
func Parse(raw []byte) (*Tokenizer, error) {
	f := fieldsOf("tokenizer.json", raw)
	if f.err != nil {
		return nil, fmt.Errorf("not a tokenizer.json: %w", f.err)
	}
	f.known("truncation", "padding", "decoder")
	if version := take(f, "version", "1.0"); version != "1.0" {
		f.fail(`version is %q; supported is "1.0"`, version)
	}
	model, rules, words := f.part("model"), f.part("normalizer"), f.part("pre_tokenizer")
	added, ends := f.part("added_tokens"), f.part("post_processor")
	if err := f.done(); err != nil {
		return nil, err
	}
	t := &Tokenizer{}
	var err error
	if t.model, err = parseModel(model); err != nil {
		return nil, err
	}
	if t.rules, err = normalizers().parse("normalizer", rules); err != nil {
		return nil, err
	}
	if t.words, err = preTokenizers().parse("pre_tokenizer", words); err != nil {
		return nil, err
	}
	if t.ends, err = postProcessors().parse("post_processor", ends); err != nil {
		return nil, err
	}
	list, err := parseAddedTokens(added)
	if err != nil {
		return nil, err
	}
	return t, t.complete(list)
}

// complete adds the added tokens to what is set.
func (t *Tokenizer) complete(added []addedToken) error {
	vocab := t.model.vocabulary()
	size := len(vocab)
	t.tokens = make(map[int]string, len(vocab)+len(added))
	for token, id := range vocab {
		t.tokens[id] = token
	}
	if u, ok := t.model.(*unigram); ok { // a token that is listed twice has two ids
		size = len(u.names)
		for id, token := range u.names {
			t.tokens[id] = token
		}
	}
	added = numbered(added, vocab, size)
	for _, a := range added {
		t.tokens[a.id] = a.content
	}
	var err error
	if t.added, err = newAddedTokens(added, t.rules); err != nil {
		return err
	}
	return t.ends.check(t.tokens)
}

// LowerFirst makes texts lower-case before anything else is done to them; special tokens in them are kept. It is for whoever
// has just read the tokenizer.
func (t *Tokenizer) LowerFirst() {
	lower := mapping(toLower)
	if t.rules == nil {
		t.rules = lower
	} else {
		t.rules = normalizerList{lower, t.rules}
	}
}

// Encode tokenises a text of any length; an empty one gives the special tokens alone. The text must be valid UTF-8.
func (t *Tokenizer) Encode(text string) (Tokens, error) {
	ids, written, err := t.content(text)
	if err != nil {
		return Tokens{}, err
	}
	return t.wrap(ids, written), nil
}

// EncodeUpTo tokenises a text and keeps at most limit tokens, special ones included: the beginning of the text, and the special
// tokens at both ends. Dropped says how many tokens of the text were left out. Where the special tokens alone are more than the
// limit, nothing of the text is kept.
func (t *Tokenizer) EncodeUpTo(limit int, text string) (Tokens, error) {
	ids, written, err := t.content(text)
	if err != nil {
		return Tokens{}, err
	}
	kept := min(len(ids), max(0, limit-t.ends.length()))
	for len(written) > 0 && written[len(written)-1] >= kept {
		written = written[:len(written)-1]
	}
	tokens := t.wrap(ids[:kept], written)
	tokens.Dropped = len(ids) - kept
	return tokens, nil
}

// content tokenises without adding special tokens; written are the indices of those that the text holds.
func (t *Tokenizer) content(text string) (ids, written []int, err error) {
	ids, err = t.eachWord(text, func(_ string, token *addedToken, ids []int, from int) {
		if token != nil && token.special {
			written = append(written, from)
		}
	})
	return ids, written, err
}

// Words returns the words of a text, punctuation marks included, and whether each is one that the vocabulary lacks altogether,
// so that nothing is left of it but the unknown token. Words are as the normalizer leaves them, and an added token is one.
func (t *Tokenizer) Words(text string) (words []string, unknown []bool, err error) {
	const blank = "▁" // as SentencePiece writes it: no part of a word
	_, err = t.eachWord(text, func(word string, _ *addedToken, ids []int, from int) {
		lost, kept := len(ids) == from, false
		for _, id := range ids[from:] {
			isUnknown := t.model.isUnknown(id)
			lost = lost || isUnknown
			kept = kept || !isUnknown && t.tokens[id] != blank
		}
		words, unknown = append(words, strings.TrimPrefix(word, blank)), append(unknown, lost && !kept)
	})
	return words, unknown, err
}

// eachWord divides a text and goes through its words, and the added tokens among them. What do is given are the ids so far; those
// of the word begin at from.
func (t *Tokenizer) eachWord(text string, do func(word string, token *addedToken, ids []int, from int)) (ids []int, err error) {
	if at := invalidUTF8(text); at >= 0 {
		return nil, fmt.Errorf("text is not valid UTF-8 at byte %d (0x%02x); save it as UTF-8", at, text[at])
	}
	pieces, err := t.added.cut(text, t.rules)
	if err != nil {
		return nil, err
	}
	divide := func(word segment) {
		if word.text == "" || err != nil {
			return
		}
		from := len(ids)
		if ids, err = t.model.divide(ids, word.text); err == nil {
			do(word.text, nil, ids, from)
		}
	}
	for _, p := range pieces {
		switch {
		case p.token != nil:
			ids = append(ids, p.token.id)
			do(p.token.content, p.token, ids, len(ids)-1)
		case t.words == nil:
			divide(p.segment)
		default:
			if failed := t.words.split(p.segment, divide); err == nil {
				err = failed
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// wrap lets the post-processor add its tokens.
func (t *Tokenizer) wrap(content, written []int) Tokens {
	tokens := t.ends.apply(content, written)
	for _, id := range tokens.IDs {
		tokens.Strings = append(tokens.Strings, t.tokens[id])
	}
	return tokens
}

// Token is the vocabulary's string for an id, "" if there is none.
func (t *Tokenizer) Token(id int) string { return t.tokens[id] }

// Highest is the largest id and its token, to hold against a model's vocabulary size; -1 if there are no tokens.
func (t *Tokenizer) Highest() (token string, id int) {
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

// isNull says whether a part of a file is absent or null.
func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
