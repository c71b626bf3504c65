package jpeg

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// component is a plane of the picture: brightness, a colour difference, an ink.
type component struct {
	id            byte
	h, v          int // sampling factors
	quantizer     byte
	table         *[64]uint16 // of its first scan
	width, height int         // samples that belong to the picture
	across, down  int         // blocks, whole MCUs
	levels        []uint8     // across·8 × down·8
	coefficients  []int16     // of a progressive picture: 64 per block, in natural order
	known         [64]int8    // of a progressive picture: the lowest bit of each coefficient that was read, −1 for none
}

// largestScans bounds the scans of a progressive picture. Encoders write about ten; each makes a pass over all blocks, so that
// without a bound a small file could take hours.
const largestScans = 200

func (d *decoder) readFrame(content []byte) error {
	if d.frame {
		return errors.New("a second picture inside the first")
	}
	if len(content) < 6 || len(content) != 6+3*int(content[5]) {
		return errors.New("a frame header of the wrong length")
	}
	if content[0] != 8 {
		return Unsupported(fmt.Sprintf("JPEG of %d bits", content[0]))
	}
	d.height, d.width = int(binary.BigEndian.Uint16(content[1:])), int(binary.BigEndian.Uint16(content[3:]))
	if d.width == 0 || d.height == 0 {
		return Unsupported(fmt.Sprintf("JPEG of %d × %d pixels", d.width, d.height))
	}
	if n := content[5]; n != 1 && n != 3 && n != 4 {
		return Unsupported(fmt.Sprintf("JPEG of %d components", n))
	}
	for at := 6; at < len(content); at += 3 {
		c := component{id: content[at], h: int(content[at+1] >> 4), v: int(content[at+1] & 15), quantizer: content[at+2]}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.quantizer > 3 {
			return errors.New("sampling factors or quantizers that cannot be")
		}
		d.maxH, d.maxV = max(d.maxH, c.h), max(d.maxV, c.v)
		d.components = append(d.components, c)
	}
	for i := range d.components {
		c := &d.components[i]
		if d.maxH%c.h != 0 || d.maxV%c.v != 0 {
			return Unsupported(fmt.Sprintf("JPEG with components sampled %d:%d and %d:%d", d.maxH, c.h, d.maxV, c.v))
		}
		c.width, c.height = ceil(d.width*c.h, d.maxH), ceil(d.height*c.v, d.maxV)
		c.across, c.down = ceil(d.width, 8*d.maxH)*c.h, ceil(d.height, 8*d.maxV)*c.v
		for k := range c.known {
			c.known[k] = -1
		}
	}
	d.frame = true
	return nil
}

func ceil(a, b int) int { return (a + b - 1) / b }

// scan is a pass over some components.
type scan struct {
	components []*component
	dc, ac     []*huffman // of each component
	from, to   int        // coefficients, in zigzag order
	high, low  int        // successive approximation: the bit before, this bit
}

func (d *decoder) readScan(content []byte) error {
	if !d.frame {
		return errors.New("pixels before a frame header")
	}
	if d.scans++; d.scans > largestScans {
		return Unsupported(fmt.Sprintf("JPEG of more than %d scans", largestScans))
	}
	if len(content) < 1 || len(content) != 4+2*int(content[0]) || content[0] < 1 || content[0] > 4 {
		return errors.New("a scan header of the wrong length")
	}
	s := &scan{}
	blocks := 0 // of an MCU
	for at := 1; at < len(content)-3; at += 2 {
		c := d.component(content[at])
		if c == nil || content[at+1]>>4 > 3 || content[at+1]&15 > 3 {
			return errors.New("a scan of what is no component")
		}
		for _, other := range s.components {
			if other == c {
				return errors.New("a scan that holds a component twice")
			}
		}
		s.components = append(s.components, c)
		s.dc, s.ac = append(s.dc, d.dc[content[at+1]>>4]), append(s.ac, d.ac[content[at+1]&15])
		blocks += c.h * c.v
	}
	if len(s.components) > 1 && blocks > 10 {
		return errors.New("more blocks together than there can be")
	}
	last := content[len(content)-3:]
	s.from, s.to, s.high, s.low = int(last[0]), int(last[1]), int(last[2]>>4), int(last[2]&15)
	return d.decodeScan(s)
}

func (d *decoder) component(id byte) *component {
	for i := range d.components {
		if d.components[i].id == id {
			return &d.components[i]
		}
	}
	return nil
}

// prepare gives a component its table and its memory at its first scan.
func (d *decoder) prepare(c *component) error {
	if c.table != nil {
		return nil
	}
	// A block takes two bits at least, one in a progressive picture's first scan. A file of few bytes that says it is large
	// gets no memory.
	if (len(d.raw)-d.at)*8 < c.across*c.down/(d.maxH*d.maxV) {
		return errCut
	}
	if c.table = d.quantizers[c.quantizer]; c.table == nil {
		return errors.New("a component without its quantizers")
	}
	if d.progressive {
		c.coefficients = make([]int16, 64*c.across*c.down)
	} else {
		c.levels = make([]uint8, 64*c.across*c.down)
	}
	return nil
}

// complete checks that every component came, and transforms those of a progressive picture.
func (d *decoder) complete() error {
	for i := range d.components {
		c := &d.components[i]
		if c.table == nil {
			return errors.New("it ends before all its components came")
		}
		if !d.progressive {
			continue
		}
		if c.known[0] != 0 {
			return errors.New("it ends before its first scan is whole")
		}
		for _, bit := range c.known[1:10] { // decoders smooth what lacks these, each in its way
			if bit != 0 {
				return errors.New("it ends before its last scan")
			}
		}
		c.levels = make([]uint8, 64*c.across*c.down)
		var block [64]int
		for b := range c.across * c.down {
			for k, at := range zigzag {
				block[at] = int(c.coefficients[64*b+at]) * int(c.table[k])
			}
			c.put(b, &block)
		}
		c.coefficients = nil
	}
	return nil
}

// put transforms a block's coefficients into its place among the levels.
func (c *component) put(block int, coefficients *[64]int) {
	row, col := block/c.across, block%c.across
	transform(coefficients, c.levels[(8*row*c.across+col)*8:], 8*c.across)
}
