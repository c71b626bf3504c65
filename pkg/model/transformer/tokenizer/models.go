package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
)

// subwords divides a word into tokens of its vocabulary.
type subwords interface {
	// divide appends the ids of a word to ids.
	divide(ids []int, word string) ([]int, error)
	vocabulary() map[string]int
	// isUnknown says whether an id stands for whatever is not in the vocabulary.
	isUnknown(id int) bool
}

func models() stage[subwords] {
	return stage[subwords]{name: "model", kinds: []kind[subwords]{
		{"WordPiece", parseWordPiece},
		{"Unigram", parseUnigram},
		{"BPE", parseBPE},
		{"WordLevel", parseWordLevel},
	}}
}

// parseModel reads the model. Files written before 2020 do not name its type: it shows in its keys.
func parseModel(raw json.RawMessage) (subwords, error) {
	if isNull(raw) {
		return nil, fmt.Errorf("model is missing; wanted is the part that holds the vocabulary")
	}
	f := fieldsOf("model", raw)
	if f.err == nil && !f.has("type") {
		switch {
		case f.has("merges"):
			return models().as("BPE", f)
		case f.has("continuing_subword_prefix"):
			return models().as("WordPiece", f)
		}
	}
	return models().of(f)
}

// parseVocabulary reads token → id.
func parseVocabulary(f *fields) map[string]int {
	vocab := need[map[string]int](f, "vocab")
	if err := numbers(vocab, f.raw["vocab"]); err != nil {
		f.fail("vocab %w", err)
	}
	return vocab
}

// numbers: every token must have an id of its own. What is null has been read as 0.
func numbers(vocab map[string]int, raw json.RawMessage) error {
	if bytes.Contains(raw, []byte("null")) {
		var ids map[string]*int
		if json.Unmarshal(raw, &ids) == nil {
			for _, token := range slices.Sorted(maps.Keys(ids)) {
				if ids[token] == nil {
					return fmt.Errorf("gives no id to %q", token)
				}
			}
		}
	}
	return checkIDs(vocab)
}

// checkIDs: no two tokens may have one id.
func checkIDs(vocab map[string]int) error {
	seen := make(map[int]string, len(vocab))
	for token, id := range vocab {
		if other, twice := seen[id]; twice || id < 0 || id > math.MaxInt32 {
			if !twice {
				return fmt.Errorf("gives id %d to %q; ids must lie between 0 and %d", id, token, math.MaxInt32)
			}
			return fmt.Errorf("gives id %d to %q and %q; ids must differ", id, min(token, other), max(token, other))
		}
		seen[id] = token
	}
	return nil
}

// byteToken is the token of a byte that no other token covers.
func byteToken(b byte) string { return fmt.Sprintf("<0x%02X>", b) }

// bytesOf finds the ids of all byte tokens; those that the vocabulary lacks are -1.
func bytesOf(vocab map[string]int) (ids [256]int) {
	for b := range ids {
		id, ok := vocab[byteToken(byte(b))]
		if !ok {
			id = -1
		}
		ids[b] = id
	}
	return ids
}

// appendBytes appends the byte tokens of a text if all are there.
func appendBytes(ids []int, text string, tokens *[256]int) ([]int, bool) {
	for i := range len(text) {
		if tokens[text[i]] < 0 {
			return ids, false
		}
	}
	for i := range len(text) {
		ids = append(ids, tokens[text[i]])
	}
	return ids, true
}

// wordLevel knows whole words only.
type wordLevel struct {
	vocab   map[string]int
	unknown string
}

func parseWordLevel(f *fields) subwords {
	return wordLevel{parseVocabulary(f), need[string](f, "unk_token")}
}

func (w wordLevel) vocabulary() map[string]int { return w.vocab }

func (w wordLevel) isUnknown(id int) bool {
	unknown, ok := w.vocab[w.unknown]
	return ok && id == unknown
}

func (w wordLevel) divide(ids []int, word string) ([]int, error) {
	id, ok := w.vocab[word]
	if !ok {
		if id, ok = w.vocab[w.unknown]; !ok {
			return ids, fmt.Errorf("the word %.40q is not in the vocabulary, and neither is the token for unknown words, %q", word, w.unknown)
		}
	}
	return append(ids, id), nil
}
