package jpeg

// Fraction bits of the cosines, and those kept between the two passes.
const (
	cosineBits = 13
	passBits   = 2
)

// Cosines and their sums, of Loeffler, Ligtenberg and Moschytz's eight-point transform: cK is √2·cos(Kπ/16).
const (
	c6         = 4433  // c6
	c2MinusC6  = 6270  // c2 − c6
	c2PlusC6   = 15137 // c2 + c6
	c3         = 9633
	c3MinusC5  = 3196  // …and so on: the sums that leave eleven multiplications
	c3PlusC5   = 16069 // c3 + c5
	c3MinusC7  = 7373
	c1PlusC3   = 20995
	oddSeven   = 2446  // −c1 + c3 + c5 − c7
	oddFive    = 16819 // c1 + c3 − c5 + c7
	oddThree   = 25172 // c1 + c3 + c5 − c7
	oddOne     = 12299 // c1 + c3 − c5 − c7
	levelShift = 128
)

// transform is the inverse cosine transform of a block, columns first, rounded to 8-bit levels in rows that are stride apart.
func transform(block *[64]int, levels []uint8, stride int) {
	for col := range 8 {
		eight(block[col:], 8, cosineBits-passBits)
	}
	for row := range 8 {
		line := block[8*row : 8*row+8]
		eight(line, 1, cosineBits+passBits+3)
		out := levels[row*stride : row*stride+8]
		for i, x := range line {
			out[i] = clip(x + levelShift)
		}
	}
}

// eight transforms eight numbers that are step apart and rounds so many bits off.
func eight(x []int, step, off int) {
	i1, i2, i3, i4, i5, i6, i7 := step, 2*step, 3*step, 4*step, 5*step, 6*step, 7*step
	shared := (x[i2] + x[i6]) * c6
	even2, even3 := shared-x[i6]*c2PlusC6, shared+x[i2]*c2MinusC6
	even0, even1 := (x[0]+x[i4])<<cosineBits, (x[0]-x[i4])<<cosineBits
	outer, inner1, inner2, middle := even0+even3, even1+even2, even1-even2, even0-even3

	seven, five, three, one := x[i7], x[i5], x[i3], x[i1]
	all := (seven + five + three + one) * c3
	a, b := -(seven+one)*c3MinusC7, -(five+three)*c1PlusC3
	c, d := all-(seven+three)*c3PlusC5, all-(five+one)*c3MinusC5
	seven, five, three, one = seven*oddSeven+a+c, five*oddFive+b+d, three*oddThree+b+c, one*oddOne+a+d

	half := 1 << (off - 1)
	x[0], x[i7] = (outer+one+half)>>off, (outer-one+half)>>off
	x[i1], x[i6] = (inner1+three+half)>>off, (inner1-three+half)>>off
	x[i2], x[i5] = (inner2+five+half)>>off, (inner2-five+half)>>off
	x[i3], x[i4] = (middle+seven+half)>>off, (middle-seven+half)>>off
}

func clip(x int) uint8 { return uint8(min(max(x, 0), 255)) }
