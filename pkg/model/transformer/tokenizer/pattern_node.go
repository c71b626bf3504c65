package tokenizer

// node is a parsed expression.
type node struct {
	kind     nodeKind
	set      runeSet // oneOf
	parts    []node  // sequence, choices; one part: repetition, ahead, behind, atomic
	min, max int     // repetition; max < 0: any number
	lazy     bool
	keep     bool
	negate   bool // ahead, behind
	assert   func(text string, at int) bool
}

type nodeKind uint8

const (
	sequence nodeKind = iota
	choices
	oneOf
	repetition
	ahead
	behind
	atomic
	condition
)

// width is the least and the largest number of characters of a match; the largest is at most 1<<30.
func (n node) width() (least, most int) {
	const endless = 1 << 30
	switch n.kind {
	case oneOf:
		return 1, 1
	case sequence:
		for _, part := range n.parts {
			low, high := part.width()
			least, most = min(least+low, endless), min(most+high, endless)
		}
	case choices:
		least = endless
		for _, part := range n.parts {
			low, high := part.width()
			least, most = min(least, low), max(most, high)
		}
	case atomic:
		return n.parts[0].width()
	case repetition:
		low, high := n.parts[0].width()
		if least = min(low*n.min, endless); n.max < 0 || high == endless {
			return least, endless
		}
		return least, min(high*n.max, endless)
	}
	return least, most
}
