package transformer

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// wordPiece divides a word greedily: the longest piece of the vocabulary from the left, then the longest continuation (with a
// prefix, "##"), and so on. A word that cannot be divided to its end, or is too long, becomes the unknown token as a whole
// (Schuster & Nakajima 2012; Devlin et al., arXiv 1810.04805).
type wordPiece struct {
	vocab   map[string]int
	prefix  string
	longest int // characters per word
	unknown int // id
}

func parseWordPiece(raw json.RawMessage) (subwords, error) {
	file := struct {
		UnkToken string         `json:"unk_token"`
		Prefix   *string        `json:"continuing_subword_prefix"`
		Longest  *int           `json:"max_input_chars_per_word"`
		Vocab    map[string]int `json:"vocab"`
	}{}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	w := &wordPiece{vocab: file.Vocab, prefix: orDefault(file.Prefix, "##"), longest: orDefault(file.Longest, 100)}
	seen := make(map[int]string, len(w.vocab))
	for token, id := range w.vocab {
		if other, twice := seen[id]; twice || id < 0 {
			return nil, fmt.Errorf("model: vocab gives id %d to %q and %q; ids must differ and start at 0", id, token, other)
		}
		seen[id] = token
	}
	unknown, ok := w.vocab[file.UnkToken]
	if !ok {
		return nil, fmt.Errorf("model: unk_token %q is not in the vocab of %d tokens", file.UnkToken, len(w.vocab))
	}
	w.unknown = unknown
	return w, nil
}

func (w *wordPiece) vocabulary() map[string]int { return w.vocab }

func (w *wordPiece) isUnknown(id int) bool { return id == w.unknown }

func (w *wordPiece) divide(word string) ([]int, error) {
	if utf8.RuneCountInString(word) > w.longest {
		return []int{w.unknown}, nil
	}
	var ids []int
	for rest := word; rest != ""; {
		prefix := w.prefix
		if len(rest) == len(word) {
			prefix = ""
		}
		id, length := w.longestPiece(prefix, rest)
		if length == 0 {
			return []int{w.unknown}, nil
		}
		ids = append(ids, id)
		rest = rest[length:]
	}
	return ids, nil
}

// longestPiece finds the longest beginning of rest that, with the prefix, is in the vocabulary; length 0 if there is none.
func (w *wordPiece) longestPiece(prefix, rest string) (id, length int) {
	for end := len(rest); end > 0; {
		if id, ok := w.vocab[prefix+rest[:end]]; ok {
			return id, end
		}
		_, size := utf8.DecodeLastRuneInString(rest[:end])
		end -= size
	}
	return 0, 0
}
