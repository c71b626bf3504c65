package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// unigram divides a word so that the sum of its tokens' scores, which are logarithms of probabilities, is the largest, by the
// algorithm of Viterbi (Kudo 2018, arXiv 1804.10959). A character that no token covers counts as the unknown token, ten less
// than the lowest score; unknown ones in a row are one token.
type unigram struct {
	tokens   map[string]int
	names    []string
	scores   []float64
	trie     *trie
	unknown  int // -1: none
	lowest   float64
	fallback bool // unknown text is written by tokens for its bytes
	bytes    [256]int
}

// scored is a row of the vocabulary, ["token", score].
type scored struct {
	token string
	score float64
}

func (s *scored) UnmarshalJSON(raw []byte) error {
	// A score holds no comma, so the last one stands before it. (There are hundreds of thousands of rows.)
	comma := bytes.LastIndexByte(raw, ',')
	if comma < 0 || raw[0] != '[' {
		return fmt.Errorf("%.60s; wanted is a token and its score", raw)
	}
	if err := json.Unmarshal(raw[1:comma], &s.token); err != nil {
		return fmt.Errorf("%.60s; wanted is a token and its score", raw)
	}
	var err error
	if s.score, err = strconv.ParseFloat(string(bytes.TrimSpace(raw[comma+1:len(raw)-1])), 64); err != nil {
		return fmt.Errorf("%.60s; wanted is a token and its score, a number", raw)
	}
	return nil
}

func parseUnigram(f *fields) subwords {
	vocab := need[[]scored](f, "vocab")
	u := &unigram{tokens: make(map[string]int, len(vocab)), unknown: take(f, "unk_id", -1), lowest: math.Inf(1),
		fallback: take(f, "byte_fallback", false)}
	if u.unknown >= len(vocab) || u.unknown < -1 {
		f.fail("unk_id is %d, but the vocab has %d tokens", u.unknown, len(vocab))
	}
	for id, row := range vocab {
		u.tokens[row.token] = id
		u.names, u.scores = append(u.names, row.token), append(u.scores, row.score)
		u.lowest = min(u.lowest, row.score)
	}
	u.trie = newTrie(u.tokens)
	u.bytes = bytesOf(u.tokens)
	return u
}

func (u *unigram) vocabulary() map[string]int { return u.tokens }

func (u *unigram) isUnknown(id int) bool { return id == u.unknown }

// best is the best way to an index of the word: the token that ends there, where it starts, and the sum up to there.
type best struct {
	score float64
	start int // -1: no way yet
	id    int
}

const unknownPenalty = 10

func (u *unigram) divide(ids []int, word string) ([]int, error) {
	if word == "" {
		return ids, nil
	}
	path := make([]best, len(word)+1)
	for i := range path {
		path[i].start = -1
	}
	for at := 0; at < len(word); {
		_, size := utf8.DecodeRuneInString(word[at:])
		if !u.extend(path, word, at, size) && u.unknown < 0 {
			return ids, fmt.Errorf("%q is not in the vocabulary, which has no token for what is unknown (unk_id)", word[at:at+size])
		}
		at += size
	}
	return u.appendPath(ids, word, path)
}

// extend tries all tokens that start at an index; it says whether one of them is the character there.
func (u *unigram) extend(path []best, word string, at, size int) bool {
	until := path[at].score
	reach := func(end, id int, score float64) {
		if to := &path[end]; to.start < 0 || score > to.score {
			*to = best{score, at, id}
		}
	}
	single := false
	node := 0
	for i := at; i < len(word); i++ {
		if node = u.trie.child(node, word[i]); node < 0 {
			break
		}
		if id := int(u.trie.nodes[node].id); id >= 0 {
			reach(i+1, id, u.scores[id]+until)
			single = single || i+1-at == size
		}
	}
	if !single {
		reach(at+size, u.unknown, u.lowest-unknownPenalty+until)
	}
	return single
}

// appendPath follows the best path back from the end and appends its tokens in order.
func (u *unigram) appendPath(ids []int, word string, path []best) ([]int, error) {
	type stretch struct{ start, end, id int }
	var back []stretch
	for end := len(word); end > 0; {
		b := path[end]
		if n := len(back); n > 0 && u.unknown >= 0 && b.id == u.unknown && back[n-1].id == u.unknown {
			back[n-1].start = b.start // unknown characters in a row
		} else {
			back = append(back, stretch{b.start, end, b.id})
		}
		end = b.start
	}
	for i := len(back) - 1; i >= 0; i-- {
		text := word[back[i].start:back[i].end]
		if id, ok := u.tokens[text]; ok {
			ids = append(ids, id)
			continue
		}
		if u.fallback {
			var all bool
			if ids, all = appendBytes(ids, text, &u.bytes); all {
				continue
			}
		}
		if u.unknown < 0 {
			return ids, fmt.Errorf("%.40q is not in the vocabulary, which has no token for what is unknown (unk_id)", text)
		}
		ids = append(ids, u.unknown)
	}
	return ids, nil
}
