package tokenizer

import (
	"sort"
	"unicode"
)

// runeSet is a sorted list of closed, disjoint ranges [first, last].
type runeSet [][2]rune

func (s runeSet) contains(r rune) bool {
	low, high := 0, len(s)
	for low < high {
		middle := (low + high) / 2
		switch {
		case r < s[middle][0]:
			high = middle
		case r > s[middle][1]:
			low = middle + 1
		default:
			return true
		}
	}
	return false
}

// without is the complement of the set.
func (s runeSet) without() runeSet {
	var rest runeSet
	var at rune
	for _, interval := range s {
		if interval[0] > at {
			rest = append(rest, [2]rune{at, interval[0] - 1})
		}
		at = interval[1] + 1
	}
	if at <= unicode.MaxRune {
		rest = append(rest, [2]rune{at, unicode.MaxRune})
	}
	return rest
}

// union sorts and joins ranges in any order.
func union(sets ...runeSet) runeSet {
	var all runeSet
	for _, s := range sets {
		all = append(all, s...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i][0] < all[j][0] })
	joined := all[:0]
	for _, interval := range all {
		if n := len(joined); n > 0 && interval[0] <= joined[n-1][1]+1 {
			joined[n-1][1] = max(joined[n-1][1], interval[1])
			continue
		}
		joined = append(joined, interval)
	}
	return joined
}

// lower is the lower-case form of r, as in Unicode's full mapping for single characters: U+0130 becomes two.
func lower(r rune) []rune {
	if r == 'İ' {
		return []rune{'i', '\u0307'}
	}
	if l := unicode.ToLower(r); l != r {
		return []rune{l}
	}
	return []rune{lowerOfUnicode17(r)}
}

// lowerOfUnicode17 knows the capitals that came after Go's tables (Unicode 15) and that the reference library knows: Cyrillic
// and Latin extensions, Garay, Beria Erfe.
func lowerOfUnicode17(r rune) rune {
	switch r {
	case 0x1C89, 0xA7CC, 0xA7CE, 0xA7D2, 0xA7D4, 0xA7DA:
		return r + 1
	case 0xA7CB:
		return 0x264
	case 0xA7DC:
		return 0x19B
	}
	switch {
	case 0x10D50 <= r && r <= 0x10D65:
		return r + 0x20
	case 0x16EA0 <= r && r <= 0x16EB8:
		return r + 0x1B
	}
	return r
}
