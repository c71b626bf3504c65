package tokenizer

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parser reads an expression from left to right.
type parser struct {
	source     string
	at         int
	ignoreCase bool
	dotAll     bool
	size       int // parts put into the program so far
}

// syntaxError is thrown by the parser and caught by compile.
type syntaxError string

func (p *parser) fail(format string, args ...any) {
	panic(syntaxError(fmt.Sprintf("the pattern %q, at byte %d: ", p.source, p.at) + fmt.Sprintf(format, args...)))
}

// compile reads an expression in Oniguruma's syntax; what is not supported is an error.
func compile(source string) (p *pattern, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			text, ours := thrown.(syntaxError)
			if !ours {
				panic(thrown)
			}
			err = fmt.Errorf("%s", string(text))
		}
	}()
	in := &parser{source: source}
	in.leadingFlags()
	whole := in.alternatives()
	if in.at < len(source) {
		in.fail("an unmatched )")
	}
	return &pattern{source, in.program(whole)}, nil
}

// literally is the pattern of a text itself.
func literally(text string) *pattern {
	p := &pattern{source: text}
	for _, r := range text {
		p.program = append(p.program, instruction{op: opSet, set: newCharSet(runeSet{{r, r}})})
	}
	p.program = append(p.program, instruction{op: opMatch})
	return p
}

func (p *parser) rest() string { return p.source[p.at:] }

func (p *parser) accept(token string) bool {
	if strings.HasPrefix(p.rest(), token) {
		p.at += len(token)
		return true
	}
	return false
}

func (p *parser) next() rune {
	if p.at >= len(p.source) {
		p.fail("it ends too early")
	}
	r, size := utf8.DecodeRuneInString(p.rest())
	p.at += size
	return r
}

// leadingFlags reads (?i) and (?m) before everything else; elsewhere Ruby gives them an odd reach.
func (p *parser) leadingFlags() {
	for {
		switch {
		case p.accept("(?i)"):
			p.ignoreCase = true
		case p.accept("(?m)"):
			p.dotAll = true
		default:
			return
		}
	}
}

func (p *parser) alternatives() node {
	all := node{kind: choices, parts: []node{p.sequence()}}
	for p.accept("|") {
		all.parts = append(all.parts, p.sequence())
	}
	if len(all.parts) == 1 {
		return all.parts[0]
	}
	return all
}

func (p *parser) sequence() node {
	var all node
	for p.at < len(p.source) && p.source[p.at] != '|' && p.source[p.at] != ')' {
		part := p.atom()
		all.parts = append(all.parts, p.quantified(part))
	}
	if p.ignoreCase {
		p.refuseLigatures(all.parts)
	}
	return all
}

// refuseLigatures: Oniguruma takes one character for two where case is ignored, ß for ss and the ligatures; we do not.
func (p *parser) refuseLigatures(parts []node) {
	for i := 1; i < len(parts); i++ {
		for _, two := range []string{"ss", "st", "ff", "fi", "fl"} {
			if parts[i-1].set.contains(rune(two[0])) && parts[i].set.contains(rune(two[1])) {
				p.fail("%s under (?i) is not supported", two)
			}
		}
	}
}

func (p *parser) atom() node {
	switch r := p.next(); r {
	case '(':
		return p.group()
	case '[':
		return node{kind: oneOf, set: p.class()}
	case '.':
		if p.dotAll {
			return node{kind: oneOf, set: runeSet{}.without()}
		}
		return node{kind: oneOf, set: runeSet{{'\n', '\n'}}.without()}
	case '^':
		return node{kind: condition, assert: beginsLine}
	case '$':
		return node{kind: condition, assert: endsLine}
	case '*', '+', '?':
		p.fail("%c has nothing to repeat", r)
	case '\\':
		if set, ok := p.classEscape(); ok {
			return node{kind: oneOf, set: set}
		}
		if assert, ok := p.conditionEscape(); ok {
			return node{kind: condition, assert: assert}
		}
		return p.character(p.characterEscape(false))
	default:
		return p.character(r)
	}
	return node{}
}

// character is a single character, in both cases if case is ignored.
func (p *parser) character(r rune) node {
	return node{kind: oneOf, set: p.folded(runeSet{{r, r}})}
}

var groupKinds = []struct {
	opening string
	kind    nodeKind
	negate  bool
}{
	{"?:", sequence, false}, {"?=", ahead, false}, {"?!", ahead, true}, {"?<=", behind, false}, {"?<!", behind, true}, {"?>", atomic, false},
}

func (p *parser) group() node {
	outer := p.ignoreCase
	kind, negate := sequence, false
	if p.accept("?i:") {
		p.ignoreCase = true
	} else if strings.HasPrefix(p.rest(), "?") {
		known := false
		for _, g := range groupKinds {
			if !known && p.accept(g.opening) {
				kind, negate, known = g.kind, g.negate, true
			}
		}
		if !known {
			p.fail("groups that begin with (%s are not supported", p.rest()[:min(2, len(p.rest()))])
		}
	}
	inner := p.alternatives()
	if !p.accept(")") {
		p.fail("a ) is missing")
	}
	if p.ignoreCase = outer; kind == sequence {
		return inner
	}
	if kind == behind {
		if shortest, longest := inner.width(); shortest != longest {
			p.fail("a look behind must have one length")
		}
	}
	return node{kind: kind, negate: negate, parts: []node{inner}}
}

// quantified reads a ?, *, + or {n,m} after a part, with the ? of a lazy or the + of a possessive one.
func (p *parser) quantified(part node) node {
	least, most, interval, ok := p.quantifier()
	if !ok {
		return part
	}
	if part.kind == condition || part.kind == ahead || part.kind == behind {
		p.fail("a condition cannot be repeated")
	}
	out := node{kind: repetition, parts: []node{part}, min: least, max: most}
	switch {
	case (!interval || least != most) && p.accept("?"):
		out.lazy = true
	case !interval && p.accept("+"):
		out.keep = true
	}
	if _, _, _, again := p.quantifier(); again {
		p.fail("a repetition of a repetition needs a group")
	}
	if shortest, _ := part.width(); shortest == 0 && most < 0 {
		p.fail("what may be empty cannot be repeated without end")
	}
	return out
}

func (p *parser) quantifier() (least, most int, interval, ok bool) {
	switch {
	case p.accept("?"):
		return 0, 1, false, true
	case p.accept("*"):
		return 0, -1, false, true
	case p.accept("+"):
		return 1, -1, false, true
	case !strings.HasPrefix(p.rest(), "{"):
		return 0, 0, false, false
	}
	inside, _, closed := strings.Cut(p.rest()[1:], "}")
	low, high, comma := strings.Cut(inside, ",")
	if !closed || !digits(low) || !digits(high) || low == "" && high == "" {
		return 0, 0, false, false // a literal brace
	}
	p.at += len(inside) + 2
	const most1 = 1000
	number := func(text string, otherwise int) int {
		if text == "" {
			return otherwise
		}
		n, err := strconv.Atoi(text)
		if err != nil || n > most1 {
			p.fail("a repetition of more than %d", most1)
		}
		return n
	}
	least = number(low, 0)
	most = least
	if comma {
		most = number(high, -1)
	}
	if most >= 0 && most < least {
		p.fail("{%s} has its bounds in the wrong order", inside)
	}
	return least, most, true, true
}

func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }
