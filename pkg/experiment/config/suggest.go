package config

import (
	"slices"
	"strings"
)

// Nearest lists the names that were probably meant by what was written, if any
// come near; the command line proposes them as the configuration does.
func Nearest(written string, names []string) []string { return nearest(written, names) }

// nearest lists the names that differ least from what was written, if any is
// near enough to be meant: at most one edit in three letters (one in a name of
// up to five). Case and the difference between - and _ do not count.
func nearest(written string, names []string) []string {
	if len(written) > 64 {
		return nil // no key or name is so long
	}
	fold := strings.NewReplacer("-", "_", " ", "_").Replace
	written = fold(strings.ToLower(written))
	best := max(1, len(written)/3) + 1
	var found []string
	for _, name := range names {
		distance := edits(written, fold(strings.ToLower(name)))
		if distance < best {
			best, found = distance, nil
		}
		if distance == best && distance <= max(1, len(written)/3) && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return found
}

// edits is the restricted Damerau–Levenshtein distance: the insertions,
// deletions, replacements and swaps of neighbours that turn a into b.
func edits(a, b string) int {
	from, to := []rune(a), []rune(b)
	before, last := make([]int, len(to)+1), make([]int, len(to)+1)
	for j := range last {
		last[j] = j
	}
	for i := range from {
		row := make([]int, len(to)+1)
		row[0] = i + 1
		for j := range to {
			cost := 1
			if from[i] == to[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(to)]
}
