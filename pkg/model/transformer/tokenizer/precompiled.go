package tokenizer

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
)

// precompiled replaces characters by the map that a SentencePiece model carries: a trie in a double array (darts-clone's), whose
// leaves point at texts that end with a zero byte. What is looked up is a whole grapheme of less than six bytes, and, if nothing in
// the trie is a beginning of it, each of its characters; the shortest beginning found stands for the whole.
type precompiled struct {
	units []uint32
	texts string
	where string
	graphemes
}

func parsePrecompiled(f *fields) normalizer {
	raw, err := base64.StdEncoding.DecodeString(need[string](f, "precompiled_charsmap"))
	if err != nil {
		f.fail("precompiled_charsmap: %w", err)
	}
	size := 0
	if len(raw) >= 4 {
		size = int(binary.LittleEndian.Uint32(raw)) / 4 * 4
	}
	if len(raw) < 4 || size == 0 || len(raw)-4 < size || !utf8.Valid(raw[4+size:]) {
		f.fail("precompiled_charsmap of %d bytes does not hold the trie of %d bytes, with texts after it, that its head speaks of", len(raw), size)
		return nil
	}
	p := precompiled{units: make([]uint32, size/4), texts: string(raw[4+size:]), where: f.where, graphemes: newGraphemes()}
	for i := range p.units {
		p.units[i] = binary.LittleEndian.Uint32(raw[4+4*i:])
	}
	return p
}

func (p precompiled) normalize(s segment) (segment, error) {
	b := traced{tracing: newTracing(s)}
	b.Grow(len(s.text))
	for at := 0; at < len(s.text); {
		end := at + p.graphemes.end(s.text[at:])
		if err := p.write(&b, s.text[at:end]); err != nil {
			return s, err
		}
		at = end
	}
	return segment{b.String(), b.lead}, nil
}

// traced is a text with its tracing.
type traced struct {
	strings.Builder
	tracing
}

// replace writes a text in the place of another. If there is less of the new, its last character takes the places that are
// left; if there is none, the character before does.
func (b *traced) replace(old, text string) {
	b.WriteString(text)
	if b.done {
		return
	}
	left := utf8.RuneCountInString(old)
	count := utf8.RuneCountInString(text)
	if count == 0 && b.Len() > 0 {
		b.taken += left
	}
	for _, r := range text {
		count--
		switch {
		case left <= 0:
			b.add(utf8.RuneLen(r), 1)
		case count == 0:
			b.add(utf8.RuneLen(r), 1-left)
			left = 0
		default:
			b.add(utf8.RuneLen(r), 0)
			left--
		}
	}
}

// graphemes finds the ends of what a reader takes for one character (Unicode annex 29), as far as those of less than six bytes go:
// flags, families of emoji, syllables of several letters are longer, and are looked up by their characters in any case.
type graphemes struct{ extend, format runeSet }

func newGraphemes() graphemes { return graphemes{class("grapheme_extend"), class("Cf")} }

// prepended stand before what they belong to: signs of Arabic and Syriac numbers and verses.
var prepended = runeSet{{0x600, 0x605}, {0x6DD, 0x6DD}, {0x70F, 0x70F}, {0x890, 0x891}, {0x8E2, 0x8E2}, {0xD4E, 0xD4E}}

// end is the number of bytes of the first grapheme.
func (g graphemes) end(text string) int {
	if len(text) == 1 || text[0] < utf8.RuneSelf && text[1] < utf8.RuneSelf && text[0] != '\r' {
		return 1
	}
	r, end := utf8.DecodeRuneInString(text)
	if g.control(r) {
		if strings.HasPrefix(text, "\r\n") {
			return 2
		}
		return end
	}
	for end < len(text) {
		next, size := utf8.DecodeRuneInString(text[end:])
		if !g.extend.contains(next) && (!prepended.contains(r) || g.control(next)) {
			break
		}
		end += size
		r = next
	}
	return end
}

func (g graphemes) control(r rune) bool {
	return r < 0x20 || 0x7F <= r && r < 0xA0 || r == 0x2028 || r == 0x2029 ||
		g.format.contains(r) && !g.extend.contains(r) && !prepended.contains(r)
}

func (p precompiled) write(b *traced, grapheme string) error {
	if len(grapheme) < 6 {
		text, found, err := p.find(grapheme)
		if err != nil || found {
			b.replace(grapheme, text)
			return err
		}
	}
	for i, r := range grapheme {
		char := grapheme[i : i+utf8.RuneLen(r)]
		text, found, err := p.find(char)
		if err != nil {
			return err
		}
		if !found {
			text = char
		}
		b.replace(char, text)
	}
	return nil
}

// find looks for the shortest beginning of a text that is in the trie. A unit of the array holds a label (the lowest eight bits),
// whether a leaf hangs on it (the ninth), and how far its children are (the rest).
func (p precompiled) find(text string) (string, bool, error) {
	offset := func(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }
	at := offset(p.units[0])
	for i := range len(text) {
		label := uint32(text[i])
		if label == 0 {
			break
		}
		at ^= label
		if int64(at) >= int64(len(p.units)) {
			return "", false, p.damaged(text)
		}
		unit := p.units[at]
		if unit&(1<<31|0xFF) != label {
			break
		}
		if at ^= offset(unit); unit>>8&1 == 0 {
			continue
		}
		if int64(at) >= int64(len(p.units)) {
			return "", false, p.damaged(text)
		}
		start := int(p.units[at] & (1<<31 - 1))
		if start > len(p.texts) || start < len(p.texts) && !utf8.RuneStart(p.texts[start]) {
			return "", false, p.damaged(text)
		}
		found, _, _ := strings.Cut(p.texts[start:], "\x00")
		return found, true, nil
	}
	return "", false, nil
}

func (p precompiled) damaged(text string) error {
	return fmt.Errorf("%s: precompiled_charsmap is damaged: the entry of %q lies outside", p.where, text)
}
