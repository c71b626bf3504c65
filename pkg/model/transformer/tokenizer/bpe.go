package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/nasim-sim/nasim/internal/jsontext"
)

// bytePairs divides a word into characters and joins neighbours, always the pair that was learnt first (Sennrich et al. 2016,
// arXiv 1508.07909).
type bytePairs struct {
	vocab  map[string]int
	merges map[uint64]merged
	options
	bytes [256]int
}

// options of a byte-pair vocabulary.
type options struct {
	unknown      string // token of a character that is not in the vocabulary; "": such a character is left out
	prefix       string // of all characters of a word but the first
	suffix       string // of the last
	fuseUnknown  bool   // unknown characters in a row are one token
	byteFallback bool   // a character that is not in the vocabulary is written by tokens for its bytes
	ignoreMerges bool   // a word that is in the vocabulary is one token, whatever the merges
}

// merged is what a pair becomes, and its rank: the lowest goes first.
type merged struct{ rank, id int32 }

func pairKey(a, b int32) uint64 { return uint64(uint32(a))<<32 | uint64(uint32(b)) }

func parseBPE(f *fields) subwords {
	f.known("cache_capacity")
	if dropout := take(f, "dropout", 0.0); dropout != 0 {
		f.fail("dropout is %v: such a tokenizer divides a text differently each time; wanted is null", dropout)
	}
	o := options{unknown: take(f, "unk_token", ""), prefix: take(f, "continuing_subword_prefix", ""),
		suffix: take(f, "end_of_word_suffix", ""), fuseUnknown: take(f, "fuse_unk", false),
		byteFallback: take(f, "byte_fallback", false), ignoreMerges: take(f, "ignore_merges", false)}
	vocab := parseVocabulary(f)
	pairs, err := parseMerges(need[json.RawMessage](f, "merges"))
	if f.err != nil || err != nil {
		if err != nil {
			f.fail("%w", err)
		}
		return nil
	}
	b, err := newBytePairs(vocab, pairs, o)
	if err != nil {
		f.fail("%w", err)
	}
	return b
}

// parseMerges reads ["a b", …] or, as files are written since 2024, [["a", "b"], …].
func parseMerges(raw json.RawMessage) ([][2]string, error) {
	var pairs [][2]string
	var lists [][]string
	if json.Unmarshal(raw, &lists) == nil {
		for i, list := range lists {
			if len(list) != 2 {
				return nil, fmt.Errorf("merges[%d] has %d parts; wanted are 2", i, len(list))
			}
			pairs = append(pairs, [2]string{list[0], list[1]})
		}
		return pairs, nil
	}
	var lines []string
	if err := json.Unmarshal(raw, &lines); err != nil {
		return nil, fmt.Errorf(`merges is %s; wanted is a list of "a b" or ["a", "b"]`, jsontext.Brief(raw))
	}
	return splitMerges("merges", lines)
}

func splitMerges(where string, lines []string) ([][2]string, error) {
	pairs := make([][2]string, 0, len(lines))
	for i, line := range lines {
		if strings.HasPrefix(line, "#version") {
			continue
		}
		a, b, ok := strings.Cut(line, " ")
		if !ok || strings.Contains(b, " ") {
			return nil, fmt.Errorf("%s[%d] is %q; wanted are two parts with a blank between", where, i, line)
		}
		pairs = append(pairs, [2]string{a, b})
	}
	return pairs, nil
}

func newBytePairs(vocab map[string]int, pairs [][2]string, o options) (*bytePairs, error) {
	b := &bytePairs{vocab: vocab, merges: make(map[uint64]merged, len(pairs)), options: o, bytes: bytesOf(vocab)}
	var joined []byte
	for rank, p := range pairs {
		left, okLeft := vocab[p[0]]
		right, okRight := vocab[p[1]]
		if len(p[1]) < len(o.prefix) {
			return nil, fmt.Errorf("merges[%d]: %q is shorter than the prefix %q of a word's later parts", rank, p[1], o.prefix)
		}
		joined = append(append(joined[:0], p[0]...), p[1][len(o.prefix):]...)
		id, ok := vocab[string(joined)]
		if !okLeft || !okRight || !ok {
			return nil, fmt.Errorf("merges[%d] joins %q and %q to %q, which are not all in the vocab of %d tokens", rank, p[0], p[1], joined, len(vocab))
		}
		b.merges[pairKey(int32(left), int32(right))] = merged{int32(rank), int32(id)}
	}
	return b, nil
}

func (b *bytePairs) vocabulary() map[string]int { return b.vocab }

func (b *bytePairs) isUnknown(id int) bool {
	unknown, ok := b.vocab[b.unknown]
	return ok && b.unknown != "" && id == unknown
}

func (b *bytePairs) divide(ids []int, word string) ([]int, error) {
	if word == "" {
		return ids, nil
	}
	if b.ignoreMerges {
		if id, ok := b.vocab[word]; ok {
			return append(ids, id), nil
		}
	}
	symbols, err := b.characters(word)
	if err != nil {
		return ids, err
	}
	return b.join(ids, symbols), nil
}

// characters finds the token of each character of a word.
func (b *bytePairs) characters(word string) ([]int32, error) {
	symbols := make([]int32, 0, len(word))
	unknown, pending := -1, false // an unknown character, not yet among the symbols
	flush := func() {
		if pending {
			symbols = append(symbols, int32(unknown))
			pending = false
		}
	}
	for i := 0; i < len(word); {
		_, size := utf8.DecodeRuneInString(word[i:])
		text := word[i : i+size]
		if i > 0 {
			text = b.prefix + text
		}
		if i += size; i == len(word) {
			text += b.suffix
		}
		if id, ok := b.vocab[text]; ok {
			flush()
			symbols = append(symbols, int32(id))
			continue
		}
		if b.byteFallback {
			// A pending unknown stays pending, as in the reference library: it comes after these bytes.
			found, all := appendBytes(nil, text, &b.bytes)
			for _, id := range found {
				symbols = append(symbols, int32(id))
			}
			if all {
				continue
			}
		}
		if b.unknown == "" {
			continue
		}
		if !b.fuseUnknown {
			flush()
		}
		id, ok := b.vocab[b.unknown]
		if !ok {
			return nil, fmt.Errorf("%q is not in the vocabulary, and neither is the token for what is unknown, %q", text, b.unknown)
		}
		unknown, pending = id, true
	}
	flush()
	return symbols, nil
}

// join applies the merges, by rank and from left to right, with a heap of the pairs that there are, and appends what is left.
func (b *bytePairs) join(ids []int, symbols []int32) []int {
	n := len(symbols)
	next, previous := make([]int32, n), make([]int32, n) // a symbol that was joined to the one before has next[i] = gone
	for i := range symbols {
		next[i], previous[i] = int32(i+1), int32(i-1)
	}
	const gone = -1
	var pairs pairHeap
	try := func(left, right int32) {
		if left < 0 || int(right) >= n {
			return
		}
		if m, ok := b.merges[pairKey(symbols[left], symbols[right])]; ok {
			pairs.push(pairAt{m.rank, left, m.id})
		}
	}
	for i := range int32(n) {
		try(i, i+1)
	}
	for len(pairs) > 0 {
		p := pairs.pop()
		right := next[p.at]
		if right == gone || int(right) >= n {
			continue
		}
		if m, ok := b.merges[pairKey(symbols[p.at], symbols[right])]; !ok || m.id != p.id {
			continue // what stood here when the pair was found has changed since
		}
		symbols[p.at] = p.id
		next[p.at] = next[right]
		if int(next[right]) < n {
			previous[next[right]] = p.at
		}
		next[right] = gone
		try(previous[p.at], p.at)
		try(p.at, next[p.at])
	}
	for i, id := range symbols {
		if next[i] != gone {
			ids = append(ids, int(id))
		}
	}
	return ids
}

// pairAt is a pair that may be joined: the symbol at an index and the next one.
type pairAt struct{ rank, at, id int32 }

func (p pairAt) before(q pairAt) bool { return p.rank < q.rank || p.rank == q.rank && p.at < q.at }

// pairHeap is a binary heap, the first pair on top.
type pairHeap []pairAt

func (h *pairHeap) push(p pairAt) {
	*h = append(*h, p)
	list := *h
	for i := len(list) - 1; i > 0; {
		parent := (i - 1) / 2
		if !list[i].before(list[parent]) {
			break
		}
		list[i], list[parent] = list[parent], list[i]
		i = parent
	}
}

func (h *pairHeap) pop() pairAt {
	list := *h
	top := list[0]
	last := len(list) - 1
	list[0] = list[last]
	list = list[:last]
	*h = list
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			return top
		}
		if child+1 < last && list[child+1].before(list[child]) {
			child++
		}
		if !list[child].before(list[i]) {
			return top
		}
		list[i], list[child] = list[child], list[i]
		i = child
	}
}
