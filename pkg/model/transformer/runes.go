package transformer

import (
	"sort"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// runeSet is a sorted list of closed, disjoint ranges [first, last].
type runeSet [][2]rune

func (s runeSet) contains(r rune) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i][1] >= r })
	return i < len(s) && s[i][0] <= r
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

// decompose is Unicode's canonical decomposition (NFD) but for U+11938 (Dives Akuru vowel sign O), which the reference library,
// with older tables, leaves whole.
func decompose(text string) string {
	const whole = "\U00011938"
	parts := strings.Split(text, whole)
	for i, p := range parts {
		parts[i] = norm.NFD.String(p)
	}
	return strings.Join(parts, whole)
}

// isWord says whether r belongs to a word in the sense of a regular expression's \w (Unicode TR 18, annex C), with
// the letters of Go's Unicode 15. It matters only for added tokens that ask for whole words.
func isWord(r rune) bool {
	return r == '\u200c' || r == '\u200d' || unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Other_Alphabetic, unicode.Pc)
}
