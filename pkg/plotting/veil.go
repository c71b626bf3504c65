package plotting

import (
	"image"
	"image/color"
	"math"
)

// rim is the part of a patch's side, at either end, that shows the picture: in the
// middle is the colour of its attention, unmixed, which is that of the bar.
const rim = 0.12

// overlayPixels is the least number of pixels along the longer side of an
// overlay.
const overlayPixels = 224

// veiled shows attention x, one value per patch, in the middle of its patch, and
// around it the picture in grey; without x it returns the picture.
func veiled(g *PatchGrid, x []float64, scale *colourScale) *image.NRGBA {
	per := max(1, int(math.Ceil(overlayPixels/float64(max(g.Rows, g.Columns)))))
	size := image.Pt(g.Columns*per, g.Rows*per)
	if x == nil {
		return enlarged(g.Picture, size, opaque)
	}
	img := enlarged(g.Picture, size, grey)
	edge := int(math.Round(rim * float64(per)))
	if g.Picture == nil {
		edge = 0
	}
	for i, v := range x {
		patch, colour := image.Pt(i%g.Columns*per, i/g.Columns*per), scale.of(v)
		for py := patch.Y + edge; py < patch.Y+per-edge; py++ {
			for px := patch.X + edge; px < patch.X+per-edge; px++ {
				img.SetNRGBA(px, py, colour)
			}
		}
	}
	return img
}

// enlarged is a picture of the given size, every pixel the colour in its middle as
// seen by a function; white without a picture.
func enlarged(picture image.Image, size image.Point, as func(color.NRGBA) color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rectangle{Max: size})
	if picture == nil {
		picture = image.NewUniform(white)
	}
	b := picture.Bounds()
	at := func(low, n, i, most int) int { return low + (2*i+1)*n/(2*most) }
	for y := range size.Y {
		line := img.Pix[y*img.Stride:][:4*size.X]
		from := at(b.Min.Y, b.Dy(), y, size.Y)
		if y > 0 && from == at(b.Min.Y, b.Dy(), y-1, size.Y) {
			copy(line, img.Pix[(y-1)*img.Stride:])
			continue
		}
		for x := range size.X {
			c := as(color.NRGBAModel.Convert(picture.At(at(b.Min.X, b.Dx(), x, size.X), from)).(color.NRGBA))
			copy(line[4*x:], []uint8{c.R, c.G, c.B, c.A})
		}
	}
	return img
}

// grey is the brightness of a colour over white.
func grey(c color.NRGBA) color.NRGBA {
	y := color.GrayModel.Convert(opaque(c)).(color.Gray).Y
	return color.NRGBA{y, y, y, 0xff}
}

// opaque lays a colour over white.
func opaque(c color.NRGBA) color.NRGBA {
	mix := func(v uint8) uint8 { return uint8((int(v)*int(c.A) + 255*(255-int(c.A))) / 255) }
	return color.NRGBA{mix(c.R), mix(c.G), mix(c.B), 0xff}
}
