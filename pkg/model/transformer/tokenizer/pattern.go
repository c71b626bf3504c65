package tokenizer

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// pattern is a regular expression of a Split or a Replace, in the syntax of Oniguruma (Ruby's), which the reference library uses.
//
// Go's regexp lacks what nearly every such file has, a look ahead (\s+(?!\S)), and all libraries for Go take letters and digits
// from Go's Unicode tables, which are other ones than Oniguruma's (classes.txt) and change with the compiler. So this is a small
// backtracking matcher of our own: what it has no rule for is an error of compile that names it, never another meaning. A search
// that takes more steps than a fixed multiple of the text's length ends in an error instead of taking hours.
type pattern struct {
	source  string
	program []instruction
}

type operation uint8

const (
	opSet    operation = iota // one character of set
	opRepeat                  // min to max characters of set
	opSplit                   // go on at x; if that fails, at y
	opJump                    // go on at x
	opLook                    // sub matches here (or, negated, does not); the place stays
	opBehind                  // sub matches the min characters before
	opAtomic                  // sub matches; no other way of it is tried
	opAssert                  // a condition on the place
	opMatch
)

type instruction struct {
	op       operation
	set      *charSet
	min, max int  // max < 0: any number
	keep     bool // a possessive repetition gives nothing back
	x, y     int
	sub      []instruction
	negate   bool
	assert   func(text string, at int) bool
}

// charSet is a class; ASCII is looked up, the rest searched.
type charSet struct {
	ascii [2]uint64
	rest  runeSet
}

func newCharSet(set runeSet) *charSet {
	c := &charSet{}
	for _, interval := range set {
		for r := interval[0]; r <= min(interval[1], unicode.MaxASCII); r++ {
			c.ascii[r/64] |= 1 << (r % 64)
		}
		if interval[1] >= utf8.RuneSelf {
			c.rest = append(c.rest, [2]rune{max(interval[0], utf8.RuneSelf), interval[1]})
		}
	}
	return c
}

// width is the number of bytes of the character at a place if it is in the set, else 0.
func (c *charSet) width(text string, at int) int {
	if at >= len(text) {
		return 0
	}
	if b := text[at]; b < utf8.RuneSelf {
		return int(c.ascii[b/64] >> (b % 64) & 1)
	}
	r, size := utf8.DecodeRuneInString(text[at:])
	if c.rest.contains(r) {
		return size
	}
	return 0
}

// all finds the matches from left to right; an empty one directly after another is passed over.
func (p *pattern) all(text string) ([]match, error) {
	m := matcher{text: text, steps: 1_000_000 + 1000*len(text)}
	var found []match
	for at, last := 0, -1; at <= len(text); {
		start, end := m.search(p.program, at)
		if m.steps < 0 {
			return nil, fmt.Errorf("the pattern %q takes too many steps on a text of %d bytes; it is ambiguous", p.source, len(text))
		}
		if start < 0 {
			break
		}
		if start == end && end == last {
			_, size := utf8.DecodeRuneInString(text[at:])
			at += max(size, 1)
			continue
		}
		found = append(found, match{start, end, true})
		at, last = end, end
	}
	return found, nil
}

// matcher is the state of one search. The stack holds what is still to be tried.
type matcher struct {
	text  string
	steps int // left
	stack []choice
}

// choice is where to go on when a way has failed: at instruction pc, place at. A repetition that may give characters back holds
// its shortest end in low.
type choice struct{ pc, at, low int }

func (m *matcher) search(program []instruction, from int) (start, end int) {
	for at := from; at <= len(m.text) && m.steps >= 0; {
		if end := m.run(program, at); end >= 0 {
			return at, end
		}
		_, size := utf8.DecodeRuneInString(m.text[at:])
		at += max(size, 1)
	}
	return -1, -1
}

// run matches the program at a place and gives the end of the match, or -1.
func (m *matcher) run(program []instruction, at int) int {
	base := len(m.stack)
	defer func() { m.stack = m.stack[:base] }()
	pc := 0
	for {
		if m.steps--; m.steps < 0 {
			return -1
		}
		in := &program[pc]
		ok := true
		switch in.op {
		case opMatch:
			return at
		case opSet:
			width := in.set.width(m.text, at)
			ok, at = width > 0, at+width
		case opRepeat:
			at, ok = m.repeat(in, pc, at)
		case opSplit:
			m.stack = append(m.stack, choice{in.y, at, -1})
			pc = in.x
			continue
		case opJump:
			pc = in.x
			continue
		case opLook:
			ok = (m.run(in.sub, at) >= 0) != in.negate
		case opBehind:
			before, there := m.back(at, in.min)
			ok = (there && m.run(in.sub, before) == at) != in.negate
		case opAtomic:
			end := m.run(in.sub, at)
			ok, at = end >= 0, end
		case opAssert:
			ok = in.assert(m.text, at)
		}
		if ok {
			pc++
			continue
		}
		if len(m.stack) == base {
			return -1
		}
		pc, at = m.another(program)
	}
}

// another takes the choice on top of the stack.
func (m *matcher) another(program []instruction) (pc, at int) {
	top := &m.stack[len(m.stack)-1]
	if top.low < 0 {
		pc, at = top.pc, top.at
		m.stack = m.stack[:len(m.stack)-1]
		return pc, at
	}
	// A greedy repetition gives one character back.
	_, size := utf8.DecodeLastRuneInString(m.text[:top.at])
	top.at -= size
	pc, at = top.pc, top.at
	if top.at <= top.low {
		m.stack = m.stack[:len(m.stack)-1]
	}
	return pc, at
}

// repeat takes as many characters as there are, and remembers how few would do. (A lazy repetition is compiled otherwise.)
func (m *matcher) repeat(in *instruction, pc, at int) (int, bool) {
	low := at
	count := 0
	for in.max < 0 || count < in.max {
		width := in.set.width(m.text, at)
		if width == 0 {
			break
		}
		at += width
		if count++; count == in.min {
			low = at
		}
	}
	m.steps -= count
	if count < in.min {
		return at, false
	}
	if count > in.min && !in.keep {
		m.stack = append(m.stack, choice{pc + 1, at, low})
	}
	return at, true
}

// back is the place so many characters before.
func (m *matcher) back(at, characters int) (int, bool) {
	for range characters {
		if at == 0 {
			return 0, false
		}
		_, size := utf8.DecodeLastRuneInString(m.text[:at])
		at -= size
	}
	return at, true
}
