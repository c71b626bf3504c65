package tokenizer

import (
	"maps"
	"slices"
)

// trie finds all tokens that a text begins with, byte by byte. Node 0 is the root; the children of a node lie side by side.
type trie struct {
	nodes  []trieNode
	labels []byte // of a node, its last byte
}

type trieNode struct {
	id          int32 // of the token that ends here; -1: none
	first, last int32 // children: from first to before last
}

func newTrie(tokens map[string]int) *trie {
	// span is the tokens of a node, in the sorted list, and the number of bytes they share.
	type span struct{ from, to, depth int }
	sorted := slices.Sorted(maps.Keys(tokens))
	t := &trie{nodes: []trieNode{{id: -1}}, labels: []byte{0}}
	spans := []span{{0, len(sorted), 0}}
	for n := 0; n < len(spans); n++ { // level by level: appending keeps siblings together
		s := spans[n]
		if s.from < s.to && len(sorted[s.from]) == s.depth { // the shortest is first
			if s.depth > 0 {
				t.nodes[n].id = int32(tokens[sorted[s.from]])
			}
			s.from++
		}
		t.nodes[n].first = int32(len(t.nodes))
		for s.from < s.to {
			label := sorted[s.from][s.depth]
			end := s.from
			for end < s.to && sorted[end][s.depth] == label {
				end++
			}
			t.nodes, t.labels = append(t.nodes, trieNode{id: -1}), append(t.labels, label)
			spans = append(spans, span{s.from, end, s.depth + 1})
			s.from = end
		}
		t.nodes[n].last = int32(len(t.nodes))
	}
	return t
}

// child is the node after one more byte, or -1.
func (t *trie) child(node int, b byte) int {
	low, high := t.nodes[node].first, t.nodes[node].last
	for low < high {
		middle := (low + high) / 2
		switch label := t.labels[middle]; {
		case b < label:
			high = middle
		case b > label:
			low = middle + 1
		default:
			return int(middle)
		}
	}
	return -1
}
