package jpeg

// Colour differences are often stored at half the resolution along one or both axes, and are enlarged by linear interpolation:
// a pixel takes ¾ of its sample and ¼ of the next nearest, along each halved axis. Planes no wider than two samples, and other
// ratios, are enlarged by repetition.

// enlarger gives the rows of a component at the picture's size.
type enlarger struct {
	c            *component
	width        int // of the picture
	h, v         int // pixels per sample
	smoothAcross bool
	smoothDown   bool
	sums         []int // a row of the component, interpolated downwards
	row          []uint8
}

func (d *decoder) enlarger(c *component) *enlarger {
	e := &enlarger{c: c, width: d.width, h: d.maxH / c.h, v: d.maxV / c.v, row: make([]uint8, d.width), sums: make([]int, c.width)}
	e.smoothAcross = e.h == 2 && e.v <= 2 && c.width > 2
	e.smoothDown = e.v == 2 && (e.h == 1 || e.smoothAcross)
	return e
}

// samples is a row of the component's own.
func (c *component) samples(y int) []uint8 { return c.levels[8*c.across*y:][:c.width] }

// at gives row y of the picture; it is good until the next call.
func (e *enlarger) at(y int) []uint8 {
	near := e.c.samples(y / e.v)
	switch {
	case e.h == 1 && e.v == 1:
		return near
	case !e.smoothAcross && !e.smoothDown:
		for x := range e.row {
			e.row[x] = near[x/e.h]
		}
		return e.row
	}
	// Sums carry 4 parts per halved axis. What is added before the division alternates, so that rounding has no bias.
	parts := 1
	for x, s := range near {
		e.sums[x] = int(s)
	}
	if e.smoothDown {
		parts = 4
		far := e.c.samples(min(max(y/2-1+2*(y%2), 0), e.c.height-1))
		for x, s := range far {
			e.sums[x] = 3*e.sums[x] + int(s)
		}
	}
	if !e.smoothAcross {
		for x := range e.row {
			e.row[x] = uint8((e.sums[x] + 1 + y%2) >> 2)
		}
		return e.row
	}
	for x := range e.row {
		far := min(max(x/2-1+2*(x%2), 0), e.c.width-1)
		sum := 3*e.sums[x/2] + e.sums[far]
		if parts == 4 {
			e.row[x] = uint8((sum + 8 - x%2) >> 4)
		} else {
			e.row[x] = uint8((sum + 1 + x%2) >> 2)
		}
	}
	return e.row
}
