package transformer

import "math"

// filter is a resampling kernel, zero outside ±support.
type filter struct {
	support float64
	weight  func(float64) float64
}

// filters by the numbers that preprocessor_config.json uses (those of the Python Imaging Library).
var filters = map[int]filter{
	2: {support: 1, weight: func(x float64) float64 { return max(0, 1-math.Abs(x)) }}, // bilinear
	3: {support: 2, weight: cubic},                                                    // bicubic
}

// cubic is Keys' cubic convolution kernel with a = −½ (IEEE Trans. ASSP 29, 1981).
func cubic(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	switch {
	case x < 1:
		return float64((float64((a+2)*x)-(a+3))*x*x) + 1
	case x < 2:
		return a * (float64((float64((x-5)*x)+8)*x) - 4)
	}
	return 0
}

// window holds the weights of one output pixel: first is the first input pixel it reads.
type window struct {
	first   int
	weights []int
}

// weightBits is the number of fraction bits of the integer weights. The Python Imaging Library resizes 8-bit images in integer
// arithmetic, each of the two passes rounded to 8 bits; models were trained on its output, so this is done here in the same way.
const weightBits = 22

// windows computes the weights along one axis. When the image shrinks, the kernel is widened by the same factor, so that every
// input pixel counts (antialiasing).
func (f filter) windows(in, out int) []window {
	all := make([]window, out)
	scale := float64(in) / float64(out)
	widening := max(scale, 1)
	reach := float64(f.support * widening)
	for i := range all {
		centre := float64((float64(i) + 0.5) * scale)
		first := max(int(centre-reach+0.5), 0)
		end := min(int(centre+reach+0.5), in)
		weights := make([]float64, end-first)
		sum := 0.0
		for j := range weights {
			weights[j] = f.weight((float64(first+j) - centre + 0.5) / widening)
			sum += weights[j]
		}
		all[i] = window{first: first, weights: make([]int, len(weights))}
		for j, w := range weights {
			all[i].weights[j] = int(math.Round(w / sum * (1 << weightBits)))
		}
	}
	return all
}

// apply is the weighted mean of pixels[start + (first+j)·stride], rounded and clipped to 8 bits.
func (w window) apply(pixels []uint8, start, stride int) uint8 {
	sum := 1 << (weightBits - 1)
	at := start + w.first*stride
	for _, weight := range w.weights {
		sum += weight * int(pixels[at])
		at += stride
	}
	return uint8(min(max(sum>>weightBits, 0), 255))
}

// raster is an 8-bit picture, channels interleaved: pixels[(y·width + x)·channels + c].
type raster struct {
	width, height, channels int
	pixels                  []uint8
}

// resize resamples first along rows, then along columns; an axis that keeps its length is left alone.
func (r raster) resize(width, height int, f filter) raster {
	if width != r.width {
		out := raster{width, r.height, r.channels, make([]uint8, width*r.height*r.channels)}
		for x, w := range f.windows(r.width, width) {
			for y := range r.height {
				for c := range r.channels {
					out.pixels[(y*width+x)*r.channels+c] = w.apply(r.pixels, y*r.width*r.channels+c, r.channels)
				}
			}
		}
		r = out
	}
	if height != r.height {
		row := r.width * r.channels
		out := raster{r.width, height, r.channels, make([]uint8, row*height)}
		for y, w := range f.windows(r.height, height) {
			for i := range row {
				out.pixels[y*row+i] = w.apply(r.pixels, i, row)
			}
		}
		r = out
	}
	return r
}
