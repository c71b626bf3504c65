package jpeg

import "errors"

// zigzag gives the place of the k-th coefficient of a stream in its block, row by row.
var zigzag = [64]int{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

const lookahead = 9

// huffman is a table of codes. Codes of up to lookahead bits are looked up, longer ones found by their length.
type huffman struct {
	short  [1 << lookahead]uint16 // length·256 + value; 0 if the code is longer
	last   [17]int                // by length: the largest code, −1 for none
	offset [17]int                // by length: place among the values of code 0
	values []byte
}

func (d *decoder) readHuffman(content []byte) error {
	for len(content) > 0 {
		if len(content) < 17 || content[0]>>4 > 1 || content[0]&15 > 3 {
			return errors.New("a table of codes that is none")
		}
		kind, which := content[0]>>4, content[0]&15
		total := 0
		for _, n := range content[1:17] {
			total += int(n)
		}
		if total > 256 || len(content) < 17+total {
			return errors.New("a table of codes that is cut off")
		}
		table, err := newHuffman(content[1:17], content[17:17+total])
		if err != nil {
			return err
		}
		if kind == 0 {
			d.dc[which] = table
		} else {
			d.ac[which] = table
		}
		content = content[17+total:]
	}
	return nil
}

// newHuffman assigns codes in order of length, counting up.
func newHuffman(counts, values []byte) (*huffman, error) {
	h := &huffman{values: values}
	code, next := 0, 0
	for length := 1; length <= 16; length++ {
		n := int(counts[length-1])
		h.offset[length], h.last[length] = next-code, -1
		if n > 0 {
			h.last[length] = code + n - 1
		}
		if code+n > 1<<length {
			return nil, errors.New("a table of codes that overlap")
		}
		for i := 0; i < n && length <= lookahead; i++ {
			first := (code + i) << (lookahead - length)
			for j := range 1 << (lookahead - length) {
				h.short[first+j] = uint16(length)<<8 | uint16(values[next+i])
			}
		}
		next += n
		code = (code + n) << 1
	}
	return h, nil
}

// bits reads a scan's data bit by bit. The first error stays, and zeros are read from then on.
type bits struct {
	raw  []byte
	at   int
	acc  uint64 // the lowest n bits are the next ones
	n    int
	fail error
}

// fill reads whole bytes while there is room. A marker ends the data; 0xFF itself is followed by a zero.
func (b *bits) fill() {
	for b.n <= 48 && b.at < len(b.raw) {
		x := b.raw[b.at]
		if x == 0xFF {
			if b.at+1 >= len(b.raw) || b.raw[b.at+1] != 0 {
				return
			}
			b.at++
		}
		b.at++
		b.acc = b.acc<<8 | uint64(x)
		b.n += 8
	}
}

// peek gives the next bits, at most 16; zeros where there are none.
func (b *bits) peek(count int) int {
	if b.n < count {
		b.fill()
		if b.n < count {
			return int(b.acc<<(count-b.n)) & (1<<count - 1)
		}
	}
	return int(b.acc>>(b.n-count)) & (1<<count - 1)
}

func (b *bits) skip(count int) {
	if b.n < count {
		b.wrong(errCut)
		b.n = 0
		return
	}
	b.n -= count
}

func (b *bits) wrong(err error) {
	if b.fail == nil {
		b.fail = err
	}
}

// read gives the next bits as a number.
func (b *bits) read(count int) int {
	x := b.peek(count)
	b.skip(count)
	return x
}

// signed reads a number of so many bits whose sign is its first bit's complement.
func (b *bits) signed(count int) int {
	if count == 0 {
		return 0
	}
	x := b.read(count)
	if x < 1<<(count-1) {
		x -= 1<<count - 1
	}
	return x
}

// code reads one code and gives its value.
func (b *bits) code(h *huffman) int {
	next := b.peek(16)
	if s := h.short[next>>(16-lookahead)]; s != 0 {
		b.skip(int(s >> 8))
		return int(s & 255)
	}
	for length := lookahead + 1; length <= 16; length++ {
		if c := next >> (16 - length); c <= h.last[length] {
			b.skip(length)
			return int(h.values[c+h.offset[length]])
		}
	}
	if b.n < 16 {
		b.wrong(errCut)
	}
	b.wrong(errors.New("a code that is in no table"))
	return 0
}

// restart goes to the next restart marker and behind it.
func (b *bits) restart() {
	b.n, b.acc = 0, 0
	if b.at+1 >= len(b.raw) {
		b.wrong(errCut)
		return
	}
	for b.raw[b.at] == 0xFF && b.raw[b.at+1] == 0xFF && b.at+2 < len(b.raw) {
		b.at++
	}
	if b.raw[b.at] != 0xFF || b.raw[b.at+1]&0xF8 != markRST0 {
		b.wrong(errors.New("no restart where there should be one"))
		return
	}
	b.at += 2
}
