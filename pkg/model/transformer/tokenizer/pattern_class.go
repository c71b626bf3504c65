package tokenizer

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// class reads a bracket expression after its [.
func (p *parser) class() runeSet {
	negate := p.accept("^")
	var parts []runeSet
	for !p.accept("]") {
		switch {
		case strings.HasPrefix(p.rest(), "&&"), strings.HasPrefix(p.rest(), "[:"):
			p.fail("%s in a class is not supported", p.rest()[:2])
		case p.accept("["):
			parts = append(parts, p.class())
		case p.accept(`\`):
			if set, ok := p.classEscape(); ok {
				parts = append(parts, set)
				continue
			}
			parts = append(parts, p.folded(p.interval(p.characterEscape(true))))
		default:
			parts = append(parts, p.folded(p.interval(p.next())))
		}
	}
	if len(parts) == 0 {
		p.fail("an empty class")
	}
	set := union(parts...)
	if negate {
		return set.without()
	}
	return set
}

// interval is low, or low to the character after a hyphen that does not end the class.
func (p *parser) interval(low rune) runeSet {
	if !strings.HasPrefix(p.rest(), "-") || strings.HasPrefix(p.rest(), "-]") {
		return runeSet{{low, low}}
	}
	p.at++
	high := p.next()
	switch {
	case high == '[':
		p.fail("a range to a class")
	case high == '\\':
		if _, ok := p.classEscape(); ok {
			p.fail("a range to a class")
		}
		high = p.characterEscape(true)
	}
	if high < low {
		p.fail("the range %q-%q is empty", low, high)
	}
	return runeSet{{low, high}}
}

// characterEscape reads what stands after a backslash as one character.
func (p *parser) characterEscape(inClass bool) rune {
	r := p.next()
	switch r {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case 'f':
		return '\f'
	case 'v':
		return '\v'
	case 'a':
		return '\a'
	case 'e':
		return 0x1B
	case 'b':
		if inClass {
			return '\b'
		}
	case 'x':
		if p.accept("{") {
			digits, _, closed := strings.Cut(p.rest(), "}")
			if !closed {
				p.fail("a } is missing")
			}
			p.at += len(digits) + 1
			return p.codePoint(digits, unicode.MaxRune)
		}
		return p.codePoint(p.take(2), 0x7F)
	case 'u':
		return p.codePoint(p.take(4), 0xFFFF)
	}
	if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
		p.fail(`\%c is not supported`, r)
	}
	return r
}

func (p *parser) take(n int) string {
	if len(p.rest()) < n {
		p.fail("it ends too early")
	}
	p.at += n
	return p.source[p.at-n : p.at]
}

func (p *parser) codePoint(digits string, most rune) rune {
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || rune(n) > most || !utf8.ValidRune(rune(n)) {
		p.fail("the code point %q", digits)
	}
	return rune(n)
}

// classEscape reads \s, \p{…} and their like.
func (p *parser) classEscape() (runeSet, bool) {
	if p.at >= len(p.source) {
		p.fail("it ends with a backslash")
	}
	letter := p.source[p.at]
	var set runeSet
	switch letter | 0x20 {
	case 's':
		set = class("regex_space")
	case 'd':
		set = class("Nd")
	case 'w':
		set = class("regex_word")
	case 'h':
		set = runeSet{{'0', '9'}, {'A', 'F'}, {'a', 'f'}}
	case 'p':
		p.at++
		set = p.property()
		if letter == 'P' {
			set = set.without()
		}
		return set, true
	default:
		return nil, false
	}
	p.at++
	if 'A' <= letter && letter <= 'Z' {
		set = set.without()
	}
	return set, true
}

// property reads the {L} of a \p{L}.
func (p *parser) property() runeSet {
	if !p.accept("{") {
		p.fail(`\p without {`)
	}
	negate := p.accept("^")
	name, _, closed := strings.Cut(p.rest(), "}")
	set, known := properties(name)
	if !closed || !known {
		p.fail(`\p{%s} is not supported; supported are the general categories and the scripts %s`, name, strings.Join(scripts, ", "))
	}
	p.at += len(name) + 1
	if negate {
		return set.without()
	}
	return set
}

var scripts = strings.Fields("Arabic Armenian Bengali Cyrillic Devanagari Georgian Greek Han Hangul Hebrew Hiragana Katakana Latin Tamil Thai")

var categories = strings.Fields("Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co")

// groups are the long names of the first letters of categories.
var groups = map[string]string{"letter": "L", "mark": "M", "number": "N", "punctuation": "P", "symbol": "S", "separator": "Z", "other": "C"}

func properties(name string) (runeSet, bool) {
	for _, known := range slices.Concat(categories, scripts) {
		if strings.EqualFold(name, known) {
			return class(known), true
		}
	}
	letter := strings.ToUpper(name)
	if group, ok := groups[strings.ToLower(name)]; ok {
		letter = group
	}
	if len(letter) != 1 || !strings.Contains("LMNPSZC", letter) {
		return nil, false
	}
	var members, others []runeSet
	for _, c := range categories {
		if c[:1] == letter {
			members = append(members, class(c))
		} else {
			others = append(others, class(c))
		}
	}
	if letter == "C" { // with what is not assigned
		return union(others...).without(), true
	}
	return union(members...), true
}

// folded adds the other cases of a set's characters if case is ignored.
func (p *parser) folded(set runeSet) runeSet {
	if !p.ignoreCase {
		return set
	}
	all := slices.Clone(set)
	for _, interval := range set {
		if interval[1] >= utf8.RuneSelf {
			p.fail("(?i) with a character that is not ASCII is not supported")
		}
		for r := interval[0]; r <= interval[1]; r++ {
			for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
				all = append(all, [2]rune{other, other})
			}
		}
	}
	return union(all)
}

func beginsLine(text string, at int) bool { return at == 0 || text[at-1] == '\n' && at < len(text) }

func endsLine(text string, at int) bool { return at == len(text) || text[at] == '\n' }

func (p *parser) conditionEscape() (func(string, int) bool, bool) {
	var assert func(text string, at int) bool
	switch p.source[p.at] {
	case 'A':
		assert = func(_ string, at int) bool { return at == 0 }
	case 'z':
		assert = func(text string, at int) bool { return at == len(text) }
	case 'Z':
		assert = func(text string, at int) bool { return at == len(text) || text[at:] == "\n" }
	case 'b':
		assert = atWordEdge(class("regex_word"))
	case 'B':
		edge := atWordEdge(class("regex_word"))
		assert = func(text string, at int) bool { return !edge(text, at) }
	default:
		return nil, false
	}
	p.at++
	return assert, true
}

func atWordEdge(word runeSet) func(string, int) bool {
	return func(text string, at int) bool {
		before, size := utf8.DecodeLastRuneInString(text[:at])
		inside := size > 0 && word.contains(before)
		after, size := utf8.DecodeRuneInString(text[at:])
		return inside != (size > 0 && word.contains(after))
	}
}
