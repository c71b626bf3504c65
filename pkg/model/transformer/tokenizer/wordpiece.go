package tokenizer

import "unicode/utf8"

// wordPiece divides a word greedily: the longest piece of the vocabulary from the left, then the longest continuation (with a
// prefix, "##"), and so on. A word that cannot be divided to its end, or is too long, becomes the unknown token as a whole
// (Schuster & Nakajima 2012; Devlin et al., arXiv 1810.04805).
type wordPiece struct {
	vocab        map[string]int
	continuation map[string]int // the tokens with the prefix, without it
	longest      int            // characters per word
	longestPiece int            // bytes
	unknown      int            // id
}

func parseWordPiece(f *fields) subwords {
	vocab, unknown := parseVocabulary(f), need[string](f, "unk_token")
	w, ok := newWordPiece(vocab, unknown, take(f, "continuing_subword_prefix", "##"), take(f, "max_input_chars_per_word", 100))
	if !ok {
		f.fail("unk_token %q is not in the vocab of %d tokens", unknown, len(vocab))
	}
	return w
}

func newWordPiece(vocab map[string]int, unknown, prefix string, longest int) (subwords, bool) {
	w := &wordPiece{vocab: vocab, continuation: map[string]int{}, longest: longest}
	for token, id := range vocab {
		w.longestPiece = max(w.longestPiece, len(token))
		if len(token) >= len(prefix) && token[:len(prefix)] == prefix {
			w.continuation[token[len(prefix):]] = id
		}
	}
	id, ok := vocab[unknown]
	w.unknown = id
	return w, ok
}

func (w *wordPiece) vocabulary() map[string]int { return w.vocab }

func (w *wordPiece) isUnknown(id int) bool { return id == w.unknown }

func (w *wordPiece) divide(ids []int, word string) ([]int, error) {
	if len(word) > w.longest && utf8.RuneCountInString(word) > w.longest {
		return append(ids, w.unknown), nil
	}
	before := len(ids)
	vocab := w.vocab
	for rest := word; rest != ""; vocab = w.continuation {
		id, length := w.longestOf(vocab, rest)
		if length == 0 {
			return append(ids[:before], w.unknown), nil
		}
		ids = append(ids, id)
		rest = rest[length:]
	}
	return ids, nil
}

// longestOf finds the longest beginning of rest that is in the vocabulary; length 0 if there is none.
func (w *wordPiece) longestOf(vocab map[string]int, rest string) (id, length int) {
	end := len(rest)
	if end > w.longestPiece {
		for end = w.longestPiece; end > 0 && !utf8.RuneStart(rest[end]); {
			end--
		}
	}
	for end > 0 {
		if id, ok := vocab[rest[:end]]; ok {
			return id, end
		}
		_, size := utf8.DecodeLastRuneInString(rest[:end])
		end -= size
	}
	return 0, 0
}
