package jpeg

import "errors"

// refine decodes what a progressive scan says of a block: the constant coefficient's upper bits or its next one, or a band of
// the others, their upper bits or their next one (T.81, annex G).
func (st *state) refine(i int, block []int16) {
	s := st.scan
	switch {
	case s.from == 0 && s.high == 0:
		st.before[i] += st.signed(st.magnitude(st.code(s.dc[i])))
		block[0] = int16(st.before[i] << s.low)
	case s.from == 0:
		block[0] |= int16(st.read(1) << s.low)
	case s.high == 0:
		st.band(s.ac[i], block)
	default:
		st.refineBand(s.ac[i], block)
	}
}

// band reads the upper bits of a band of coefficients.
func (st *state) band(codes *huffman, block []int16) {
	if st.run > 0 {
		st.run--
		return
	}
	for k := st.scan.from; k <= st.scan.to; k++ {
		symbol := st.code(codes)
		zeros, size := symbol>>4, symbol&15
		if size == 0 && zeros < 15 {
			st.run = 1<<zeros - 1 + st.read(zeros)
			return
		}
		if k += zeros; k > 63 {
			st.wrong(errors.New("more than 64 coefficients of a block"))
			return
		}
		block[zigzag[k]] = int16(st.signed(size) << st.scan.low)
	}
}

// refineBand reads the next bit of those coefficients of a band that are not zero yet, and those that become ±1 of this bit.
func (st *state) refineBand(codes *huffman, block []int16) {
	k := st.scan.from
	if st.run == 0 {
		for k <= st.scan.to {
			symbol := st.code(codes)
			zeros, size := symbol>>4, symbol&15
			fresh := int16(0)
			switch {
			case size == 0 && zeros < 15:
				st.run = 1<<zeros + st.read(zeros)
			case size > 1:
				st.wrong(errors.New("a coefficient that begins with more than a bit"))
				return
			case size == 1:
				fresh = int16((2*st.read(1) - 1) << st.scan.low)
			}
			if st.run > 0 {
				break
			}
			k = st.correct(block, k, zeros)
			if fresh != 0 && k <= 63 {
				block[zigzag[k]] = fresh
			}
			k++
		}
	}
	if st.run > 0 {
		st.correct(block, k, 64)
		st.run--
	}
}

// correct reads a bit for each coefficient that is not zero, from the k-th on until so many zeros were passed and one more is
// reached, which is returned.
func (st *state) correct(block []int16, k, zeros int) int {
	for ; k <= st.scan.to; k++ {
		x := &block[zigzag[k]]
		if *x == 0 {
			if zeros == 0 {
				break
			}
			zeros--
			continue
		}
		if st.read(1) == 0 || *x&(1<<st.scan.low) != 0 {
			continue
		}
		if *x > 0 {
			*x += 1 << st.scan.low
		} else {
			*x -= 1 << st.scan.low
		}
	}
	return k
}
