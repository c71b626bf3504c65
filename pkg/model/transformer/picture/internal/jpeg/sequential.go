package jpeg

import "errors"

// state is what decoding carries from block to block of a scan.
type state struct {
	bits
	scan        *scan
	progressive bool
	before      [4]int // the constant coefficient of each component's last block
	run         int    // blocks that follow without coefficients, of a progressive picture
	block       [64]int
}

// decodeScan decodes the data that follows a scan's header.
func (d *decoder) decodeScan(s *scan) error {
	for _, c := range s.components {
		if err := d.prepare(c); err != nil {
			return err
		}
	}
	if err := d.checkScan(s); err != nil {
		return err
	}
	st := &state{bits: bits{raw: d.raw, at: d.at}, scan: s, progressive: d.progressive}
	across, down := ceil(d.width, 8*d.maxH), ceil(d.height, 8*d.maxV)
	alone := len(s.components) == 1
	if alone { // its blocks one by one, without those that only fill up MCUs
		across, down = ceil(s.components[0].width, 8), ceil(s.components[0].height, 8)
	}
	for mcu := range across * down {
		if d.interval > 0 && mcu > 0 && mcu%d.interval == 0 {
			st.restart()
			st.before, st.run = [4]int{}, 0
		}
		row, col := mcu/across, mcu%across
		for i, c := range s.components {
			if alone {
				st.decode(0, c, row*c.across+col)
				continue
			}
			for y := range c.v {
				for x := range c.h {
					st.decode(i, c, (row*c.v+y)*c.across+col*c.h+x)
				}
			}
		}
		if st.fail != nil {
			return st.fail
		}
	}
	d.at = st.at // what was read ahead holds no marker
	return nil
}

// checkScan verifies what the scan's header says, and that its tables are there.
func (d *decoder) checkScan(s *scan) error {
	if !d.progressive {
		s.from, s.to, s.high, s.low = 0, 63, 0, 0
	}
	if s.from > s.to || s.to > 63 || s.low > 13 || s.high > 0 && s.high != s.low+1 ||
		d.progressive && (s.from == 0) != (s.to == 0) || s.from > 0 && len(s.components) > 1 {
		return errors.New("a scan of coefficients that cannot be")
	}
	for i, c := range s.components {
		if s.from == 0 && s.high == 0 && s.dc[i] == nil || s.to > 0 && s.ac[i] == nil {
			return errors.New("a scan without its tables of codes")
		}
		for k := s.from; k <= s.to; k++ {
			c.known[k] = int8(s.low)
		}
	}
	return nil
}

// decode decodes the data of a block.
func (st *state) decode(i int, c *component, block int) {
	if st.progressive {
		st.refine(i, c.coefficients[64*block:64*block+64])
		return
	}
	st.block = [64]int{}
	st.before[i] += st.signed(st.magnitude(st.code(st.scan.dc[i])))
	st.block[0] = st.before[i] * int(c.table[0])
	for k := 1; k < 64; k++ {
		symbol := st.code(st.scan.ac[i])
		zeros, size := symbol>>4, symbol&15
		if size == 0 && zeros < 15 {
			break
		}
		if k += zeros; k > 63 {
			st.wrong(errors.New("more than 64 coefficients of a block"))
			return
		}
		st.block[zigzag[k]] = st.signed(size) * int(c.table[k])
	}
	c.put(block, &st.block)
}

// magnitude checks the number of bits of a difference of constant coefficients.
func (st *state) magnitude(bits int) int {
	if bits > 15 {
		st.wrong(errors.New("a coefficient that is too large"))
		return 0
	}
	return bits
}
