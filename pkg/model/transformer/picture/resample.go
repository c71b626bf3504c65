package picture

import "image"

// Pillow resizes 8-bit pictures in integers: weights with 22 fraction bits, along rows and then along columns, each pass rounded
// to 8 bits. Models were trained on its output, so it is done here in the same way. Every pixel of the result depends on its own
// window of the picture alone; so a part of the result can be had without the rest, and costs no more than its own windows.

// window holds the weights of one output pixel: first is the first input pixel it reads.
type window struct {
	first   int
	weights []int
}

const weightBits = 22

// windows computes the weights of output pixels from to to along one axis that shrinks or grows from in to out. When it shrinks,
// the kernel is widened by the same factor, so that every input pixel counts (antialiasing).
func (f filter) windows(in, out, from, to int) []window {
	all := make([]window, to-from)
	scale := float64(in) / float64(out)
	widening := max(scale, 1)
	reach, narrowing := float64(f.support*widening), 1/widening
	weights := make([]float64, 0, int(reach)*2+3)
	for i := range all {
		centre := float64((float64(from+i) + 0.5) * scale)
		first := max(int(centre-reach+0.5), 0)
		end := min(int(centre+reach+0.5), in)
		weights = weights[:0]
		sum := 0.0
		for j := first; j < end; j++ {
			w := f.weight(float64((float64(j) - centre + 0.5) * narrowing))
			weights = append(weights, w)
			sum += w
		}
		all[i] = window{first, make([]int, len(weights))}
		for j, w := range weights {
			if sum != 0 {
				w /= sum
			}
			all[i].weights[j] = rounded(float64(w * (1 << weightBits)))
		}
	}
	return all
}

// rounded is x to the nearest whole number, halves away from zero.
func rounded(x float64) int {
	if x < 0 {
		return int(x - 0.5)
	}
	return int(x + 0.5)
}

// apply is the weighted mean of pixels[start + j·stride], rounded and clipped to 8 bits.
func (w window) apply(pixels []uint8, start, stride int) uint8 {
	sum := 1 << (weightBits - 1)
	for _, weight := range w.weights {
		sum += weight * int(pixels[start])
		start += stride
	}
	return uint8(min(max(sum>>weightBits, 0), 255))
}

// resize gives a part of the picture at another size; the whole of it is image.Rect(0, 0, width, height). An axis that keeps its
// length is only cut. Rows are resized first, unless the height shrinks by more than twice what the width does: that is Pillow's
// order since its version 13. Before, rows were always first; the two differ by a few levels.
func (p *Picture) resize(width, height int, f filter, part image.Rectangle) *Picture {
	if width == p.Width && height == p.Height {
		return p.cut(part)
	}
	if f.weight == nil {
		return p.nearest(width, height, part)
	}
	across, columns := f.axis(p.Width, width, part.Min.X, part.Max.X)
	down, rows := f.axis(p.Height, height, part.Min.Y, part.Max.Y)
	downFirst := p.Height > height && p.Height-height > 2*(p.Width-width)
	p = p.cut(image.Rect(columns.from, rows.from, columns.to, rows.to))
	if downFirst {
		return p.down(down).across(across)
	}
	return p.across(across).down(down)
}

// span is a range of rows or columns.
type span struct{ from, to int }

// axis gives the windows of a part of an axis and what they read of it; windows begin where that begins. There are none for an
// axis that keeps its length.
func (f filter) axis(in, out, from, to int) ([]window, span) {
	if in == out {
		return nil, span{from, to}
	}
	all := f.windows(in, out, from, to)
	last := all[len(all)-1]
	reads := span{all[0].first, last.first + len(last.weights)}
	for i := range all {
		all[i].first -= reads.from
	}
	return all, reads
}

// across resizes rows.
func (p *Picture) across(windows []window) *Picture {
	if windows == nil {
		return p
	}
	n := p.Channels
	out := &Picture{len(windows), p.Height, n, make([]uint8, len(windows)*p.Height*n)}
	for y := range p.Height {
		line, into := p.Pix[y*p.Width*n:][:p.Width*n], out.Pix[y*out.Width*n:]
		for x, w := range windows {
			for c := range n {
				into[x*n+c] = w.apply(line, w.first*n+c, n)
			}
		}
	}
	return out
}

// down resizes columns.
func (p *Picture) down(windows []window) *Picture {
	if windows == nil {
		return p
	}
	row := p.Width * p.Channels
	out := &Picture{p.Width, len(windows), p.Channels, make([]uint8, row*len(windows))}
	for y, w := range windows {
		for i := range row {
			out.Pix[y*row+i] = w.apply(p.Pix, w.first*row+i, row)
		}
	}
	return out
}

// cut is a part of the picture.
func (p *Picture) cut(part image.Rectangle) *Picture {
	if part == p.Bounds() {
		return p
	}
	out := &Picture{part.Dx(), part.Dy(), p.Channels, make([]uint8, 0, part.Dx()*part.Dy()*p.Channels)}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		out.Pix = append(out.Pix, p.Pix[(y*p.Width+part.Min.X)*p.Channels:(y*p.Width+part.Max.X)*p.Channels]...)
	}
	return out
}

// nearest takes for each pixel the one at its centre.
func (p *Picture) nearest(width, height int, part image.Rectangle) *Picture {
	across, down := centres(p.Width, width, part.Min.X, part.Max.X), centres(p.Height, height, part.Min.Y, part.Max.Y)
	n := p.Channels
	out := &Picture{part.Dx(), part.Dy(), n, make([]uint8, part.Dx()*part.Dy()*n)}
	for y := range out.Height {
		for x := range out.Width {
			if fromX, fromY := across[x], down[y]; fromX < p.Width && fromY < p.Height {
				copy(out.Pix[(y*out.Width+x)*n:][:n], p.Pix[(fromY*p.Width+fromX)*n:])
			}
		}
	}
	return out
}

// centres gives for output pixels from to to the input pixel at their centres. Pillow adds the step again and again instead of
// multiplying; where a centre falls on an edge, its rounding decides.
func centres(in, out, from, to int) []int {
	all := make([]int, 0, to-from)
	step := float64(in) / float64(out)
	at := float64(step * 0.5)
	for i := range to {
		if i >= from {
			all = append(all, int(at))
		}
		at += step
	}
	return all
}
