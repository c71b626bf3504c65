package tokenizer

// program turns a parsed expression into instructions.
func (p *parser) program(whole node) []instruction {
	return append(p.emit(nil, whole), instruction{op: opMatch})
}

// largestProgram bounds what nested repetitions may come to.
const largestProgram = 10_000

func (p *parser) emit(out []instruction, n node) []instruction {
	if p.size++; p.size > largestProgram { // those within others too
		p.fail("its repetitions come to more than %d steps", largestProgram)
	}
	switch n.kind {
	case oneOf:
		return append(out, instruction{op: opSet, set: newCharSet(n.set)})
	case condition:
		return append(out, instruction{op: opAssert, assert: n.assert})
	case sequence:
		for _, part := range n.parts {
			out = p.emit(out, part)
		}
		return out
	case choices:
		return p.emitChoices(out, n.parts)
	case ahead:
		return append(out, instruction{op: opLook, sub: p.program(n.parts[0]), negate: n.negate})
	case behind:
		width, _ := n.parts[0].width()
		return append(out, instruction{op: opBehind, sub: p.program(n.parts[0]), min: width, negate: n.negate})
	case atomic:
		return append(out, instruction{op: opAtomic, sub: p.program(n.parts[0])})
	}
	return p.emitRepetition(out, n)
}

// emitChoices: split to this one or the next; after each, jump behind the last.
func (p *parser) emitChoices(out []instruction, parts []node) []instruction {
	var ends []int
	for i, part := range parts {
		if i == len(parts)-1 {
			out = p.emit(out, part)
			break
		}
		split := len(out)
		out = p.emit(append(out, instruction{op: opSplit, x: split + 1}), part)
		ends = append(ends, len(out))
		out = append(out, instruction{op: opJump})
		out[split].y = len(out)
	}
	for _, at := range ends {
		out[at].x = len(out)
	}
	return out
}

func (p *parser) emitRepetition(out []instruction, n node) []instruction {
	part := n.parts[0]
	if part.kind == oneOf && !n.lazy {
		return append(out, instruction{op: opRepeat, set: newCharSet(part.set), min: n.min, max: n.max, keep: n.keep})
	}
	if n.keep {
		n.keep = false
		return append(out, instruction{op: opAtomic, sub: p.program(n)})
	}
	for range n.min {
		out = p.emit(out, part)
	}
	// split is a choice between once more and going on, in that order unless lazy.
	split := func(again, on int) instruction {
		if n.lazy {
			again, on = on, again
		}
		return instruction{op: opSplit, x: again, y: on}
	}
	if n.max < 0 {
		start := len(out)
		out = append(p.emit(append(out, instruction{}), part), instruction{op: opJump, x: start})
		out[start] = split(start+1, len(out))
		return out
	}
	var starts []int
	for range n.max - n.min {
		starts = append(starts, len(out))
		out = p.emit(append(out, instruction{}), part)
	}
	for _, start := range starts {
		out[start] = split(start+1, len(out))
	}
	return out
}
