package tokenizer

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// byteLevel makes every byte of a text a visible character, so that a vocabulary over 256 characters knows every text (Radford
// et al. 2019, GPT-2). Before that it may cut the text into words, each with the blank before it.
type byteLevel struct {
	prefixSpace bool     // a blank before a segment that does not begin with one
	words       *pattern // nil: leave the cutting to other steps
}

// gptWords is GPT-2's expression for words.
var gptWords = sync.OnceValue(func() *pattern {
	p, err := compile(`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`)
	if err != nil {
		panic(err)
	}
	return p
})

func parseByteLevel(f *fields) preTokenizer {
	f.known("trim_offsets") // where tokens lie in the text, which nobody asks here
	b := byteLevel{prefixSpace: need[bool](f, "add_prefix_space")}
	if take(f, "use_regex", true) {
		b.words = gptWords()
	}
	return b
}

func (b byteLevel) split(s segment, emit func(segment)) error {
	if b.prefixSpace && !strings.HasPrefix(s.text, " ") {
		s = s.after(" ")
	}
	show := mapping(visibleBytes)
	if b.words == nil {
		s, _ = show.normalize(s)
		emit(s)
		return nil
	}
	found, err := matchesOf(b.words, false)(s.text)
	if err != nil {
		return err
	}
	for _, m := range found {
		word, _ := show.normalize(s.part(m.start, m.end))
		emit(word)
	}
	return nil
}

// visible is the character of each byte: itself where it prints, from U+0100 on where it does not.
var visible = func() (table [256]rune) {
	next := rune(0x100)
	for b := range table {
		if '!' <= b && b <= '~' || 0xA1 <= b && b <= 0xAC || 0xAE <= b {
			table[b] = rune(b)
			continue
		}
		table[b] = next
		next++
	}
	return table
}()

func visibleBytes(text string) string {
	out := make([]byte, 0, len(text)+8)
	for i := range len(text) {
		out = utf8.AppendRune(out, visible[text[i]])
	}
	return string(out)
}
