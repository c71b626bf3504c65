package config

import (
	"strconv"
	"strings"
)

// Selection is a choice of layers or heads: all of them, or some by 0-based
// index in the order given.
type Selection struct {
	All   bool
	Index []int
}

// String is "all" or "[0, 2]".
func (s Selection) String() string {
	if s.All {
		return "all"
	}
	names := make([]string, len(s.Index))
	for i, index := range s.Index {
		names[i] = strconv.Itoa(index)
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// Of lists the chosen indices among n; ok is false if one is n or more, and
// beyond is that index.
func (s Selection) Of(n int) (chosen []int, beyond int, ok bool) {
	if s.All {
		for i := range n {
			chosen = append(chosen, i)
		}
		return chosen, 0, true
	}
	for _, index := range s.Index {
		if index >= n {
			return nil, index, false
		}
	}
	return append(chosen, s.Index...), 0, true
}
