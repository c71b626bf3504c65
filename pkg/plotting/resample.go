package plotting

import (
	"image"
	"math"
)

// cover is the stretch of source pixels that one pixel covers: from the pixel
// `from`, of which it covers the part `first`, to the pixel `to`, of which it
// covers the part `last`.
type cover struct {
	from, to    int
	first, last float64
}

// covers resamples n source pixels, which lie from a to b on a line of pixels, for
// the pixels low to high − 1. Where there are two pixels or more for each source
// pixel, every one takes the colour of that in its middle and no other.
func covers(n int, a, b float64, low, high int) []cover {
	out := make([]cover, 0, high-low)
	per := float64(n) / (b - a)
	inside := func(x float64) float64 { return min(max((x-a)*per, 0), float64(n)) }
	for p := low; p < high; p++ {
		if per <= 0.5 {
			i := min(int(inside(float64(p)+0.5)), n-1)
			out = append(out, cover{from: i, to: i, first: 1})
			continue
		}
		from, to := inside(float64(p)), inside(float64(p+1))
		s := cover{from: min(int(from), n-1), to: max(int(math.Ceil(to))-1, 0)}
		if s.to <= s.from {
			out = append(out, cover{from: s.from, to: s.from, first: 1})
			continue
		}
		s.first, s.last = float64(s.from+1)-from, to-float64(s.to)
		out = append(out, s)
	}
	return out
}

// weight is what pixel i of the stretch adds; the weights add to 1.
func (s cover) weight(i int) float64 {
	total := s.first + float64(max(0, s.to-s.from-1)) + s.last
	switch i {
	case s.from:
		return s.first / total
	case s.to:
		return s.last / total
	}
	return 1 / total
}

// resample lays an opaque image over the pixels from (x0, y0) to (x1, y1) of
// another, places that need not be whole. A matrix of far fewer cells than pixels
// has sharp edges, and its pixels the colours of its values alone; of one with more
// cells every pixel becomes the mean of what it covers, and no cell is passed over.
func resample(to *image.RGBA, from *image.NRGBA, x0, y0, x1, y1 float64) {
	size, page := from.Bounds().Size(), to.Bounds().Size()
	if size.X == 0 || size.Y == 0 || !(x1 > x0) || !(y1 > y0) {
		return
	}
	nearest := func(x float64, most int) int { return min(max(0, int(math.Round(x))), most) }
	left, right, top := nearest(x0, page.X), nearest(x1, page.X), nearest(y0, page.Y)
	columns := covers(size.X, x0, x1, left, right)
	var above cover
	sum := make([]float64, 3*len(columns))
	for i, rows := range covers(size.Y, y0, y1, top, nearest(y1, page.Y)) {
		line := to.Pix[(top+i)*to.Stride+4*left:][:4*len(columns)]
		if rows.from == rows.to && rows == above {
			copy(line, to.Pix[(top+i-1)*to.Stride+4*left:])
			continue
		}
		above = rows
		clear(sum)
		for y := rows.from; y <= rows.to; y++ {
			addLine(sum, from.Pix[y*from.Stride:], columns, rows.weight(y))
		}
		for x := range columns {
			for c, v := range sum[3*x : 3*x+3] {
				line[4*x+c] = uint8(v + 0.5)
			}
			line[4*x+3] = 0xff
		}
	}
}

// addLine adds a source line, resampled, to the red, green and blue of sum.
func addLine(sum []float64, source []uint8, columns []cover, weight float64) {
	for x, s := range columns {
		out := sum[3*x : 3*x+3]
		if s.from == s.to {
			for c := range out {
				out[c] += weight * float64(source[4*s.from+c])
			}
			continue
		}
		for i := s.from; i <= s.to; i++ {
			part, pixel := s.weight(i), source[4*i:4*i+3]
			for c, v := range pixel {
				out[c] += weight * part * float64(v)
			}
		}
	}
}
