package transformer

import (
	"image"
	"image/color"
)

// A JPEG stores its two colour differences at half the resolution along one or both axes. Go's YCbCr repeats each sample; the
// decoder behind the Python Imaging Library interpolates linearly ("fancy upsampling"): between the two nearest samples with
// weights ¾ and ¼, along each halved axis. Models were trained on the latter, so it is done here too.

// smoothChroma draws a decoded JPEG with interpolated colour differences; ok is false if the picture has none at half
// resolution, or is cut out of a larger one.
func smoothChroma(img image.Image) (canvas *image.RGBA, ok bool) {
	y, ok := img.(*image.YCbCr)
	if !ok || y.Rect.Min != (image.Point{}) {
		return nil, false
	}
	var across, down bool
	switch y.SubsampleRatio {
	case image.YCbCrSubsampleRatio420:
		across, down = true, true
	case image.YCbCrSubsampleRatio422:
		across = true
	case image.YCbCrSubsampleRatio440:
		down = true
	default:
		return nil, false
	}
	width, height := y.Rect.Dx(), y.Rect.Dy()
	cb := interpolate(y.Cb, y.CStride, width, height, across, down)
	cr := interpolate(y.Cr, y.CStride, width, height, across, down)
	canvas = image.NewRGBA(y.Rect)
	for row := range height {
		for col := range width {
			at := row*width + col
			r, g, b := color.YCbCrToRGB(y.Y[row*y.YStride+col], cb[at], cr[at])
			copy(canvas.Pix[row*canvas.Stride+4*col:], []uint8{r, g, b, 255})
		}
	}
	return canvas, true
}

// interpolate enlarges a plane to width × height. Sums carry 4 parts per halved axis; the constants added before the division
// alternate, so that rounding has no bias.
func interpolate(plane []uint8, stride, width, height int, across, down bool) []uint8 {
	out := make([]uint8, width*height)
	columns := sampleCount(width, across)
	sums := make([]int, columns) // one row of the plane, interpolated downwards
	for row := range height {
		near, far, one := neighbours(row, sampleCount(height, down), down)
		for c := range sums {
			sums[c] = one*int(plane[near*stride+c]) + (4-one)*int(plane[far*stride+c])
		}
		for col := range width {
			near, far, one := neighbours(col, columns, across)
			sum := one*sums[near] + (4-one)*sums[far] // 16 parts
			out[row*width+col] = uint8((sum + rounding(row, col, across, down)) >> 4)
		}
	}
	return out
}

func sampleCount(length int, halved bool) int {
	if halved {
		return (length + 1) / 2
	}
	return length
}

// neighbours gives the nearest sample, the next nearest (the nearest again at the edge), and the nearest's weight in quarters.
func neighbours(i, samples int, halved bool) (near, far, quarters int) {
	if !halved {
		return i, i, 4
	}
	near = i / 2
	far = near - 1 + 2*(i%2)
	return near, min(max(far, 0), samples-1), 3
}

// rounding is what the decoder adds to a sum of 16 parts before dividing.
func rounding(row, col int, across, down bool) int {
	switch {
	case across && down:
		return 8 - col%2
	case across:
		return 4 + 4*(col%2)
	}
	return 4 + 4*(row%2)
}
