package picture

import (
	"errors"
	"fmt"
	"image"
	"image/color"

	"github.com/nasim-sim/nasim/internal/memory"
)

// Picture is a decoded picture, upright and opaque, 8 bits a level: Pix[(y·Width + x)·Channels + c]. As an image.Image it can be
// shown.
type Picture struct {
	Width, Height int
	Channels      int // 1 (grey) or 3 (red, green, blue)
	Pix           []uint8
}

// ColorModel, Bounds and At make a Picture an image.Image.
func (p *Picture) ColorModel() color.Model { return color.RGBAModel }

// Bounds is the rectangle of Width × Height.
func (p *Picture) Bounds() image.Rectangle { return image.Rect(0, 0, p.Width, p.Height) }

// At is the colour of a pixel.
func (p *Picture) At(x, y int) color.Color {
	if !(image.Point{X: x, Y: y}).In(p.Bounds()) {
		return color.RGBA{}
	}
	at := p.Pix[(y*p.Width+x)*p.Channels:]
	return color.RGBA{R: at[0], G: at[p.Channels/2], B: at[p.Channels-1], A: 255}
}

// The largest pictures that are decoded. A JPEG can be no longer on a side.
const (
	mostPixels = 1 << 27
	longest    = 1<<16 - 1
)

// pixelBytes is what a pixel takes while a picture is decoded and converted, at most: four 16-bit channels, or the coefficients of
// a progressive JPEG of four inks, 8; its planes, 4, or the levels upright, 3; the levels.
const pixelBytes = 8 + 4 + 3

// checkPixels refuses a picture that is empty, or larger than is decoded here or there is memory for.
func checkPixels(width, height int) error {
	if width < 1 || height < 1 || width > longest || height > longest || width > mostPixels/height {
		return fmt.Errorf("%d × %d pixels; wanted are 1 to %d on a side and %d in all at most", width, height, longest, mostPixels)
	}
	if err := memory.Needed("decoding it", pixelBytes*float64(width)*float64(height)); err != nil {
		return fmt.Errorf("%d × %d pixels; %w; scale it down", width, height, err)
	}
	return nil
}

var errTransparent = errors.New("the image has transparent pixels, which models are not shown; put it on a background first (for ImageMagick: -background white -flatten)")

// FromImage takes a picture that a program made. Of 16-bit colours the upper 8 bits count. Errors: an empty picture, one with
// transparent pixels.
func FromImage(img image.Image) (*Picture, error) {
	if img == nil {
		return nil, errors.New("there is no image")
	}
	b := img.Bounds()
	if err := checkPixels(b.Dx(), b.Dy()); err != nil {
		return nil, fmt.Errorf("the image has %w", err)
	}
	switch img := img.(type) {
	case *Picture:
		return img, nil
	case *image.Gray:
		p := &Picture{b.Dx(), b.Dy(), 1, make([]uint8, 0, b.Dx()*b.Dy())}
		for y := range p.Height {
			p.Pix = append(p.Pix, img.Pix[y*img.Stride:][:p.Width]...)
		}
		return p, nil
	case *image.Paletted:
		return fromPalette(img)
	case *image.RGBA:
		return fromSamples(b, img.Pix, img.Stride, 4, 1)
	case *image.NRGBA:
		return fromSamples(b, img.Pix, img.Stride, 4, 1)
	case *image.RGBA64:
		return fromSamples(b, img.Pix, img.Stride, 8, 2)
	case *image.NRGBA64:
		return fromSamples(b, img.Pix, img.Stride, 8, 2)
	}
	p := &Picture{b.Dx(), b.Dy(), 3, make([]uint8, 0, 3*b.Dx()*b.Dy())}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			red, green, blue, alpha := img.At(x, y).RGBA()
			if alpha>>8 != 255 {
				return nil, errTransparent
			}
			p.Pix = append(p.Pix, uint8(red>>8), uint8(green>>8), uint8(blue>>8))
		}
	}
	return p, nil
}

// fromSamples takes red, green and blue of pixels of so many bytes whose samples, the fourth of them alpha, are so many bytes
// apart, the upper first.
func fromSamples(b image.Rectangle, pix []uint8, stride, pixel, sample int) (*Picture, error) {
	p := &Picture{b.Dx(), b.Dy(), 3, make([]uint8, 0, 3*b.Dx()*b.Dy())}
	for y := range p.Height {
		line := pix[y*stride:][:p.Width*pixel]
		for ; len(line) > 0; line = line[pixel:] {
			if line[3*sample] != 255 {
				return nil, errTransparent
			}
			p.Pix = append(p.Pix, line[0], line[sample], line[2*sample])
		}
	}
	return p, nil
}

func fromPalette(img *image.Paletted) (*Picture, error) {
	var colours [256][4]uint8
	for i, c := range img.Palette {
		red, green, blue, alpha := c.RGBA()
		colours[i&255] = [4]uint8{uint8(red >> 8), uint8(green >> 8), uint8(blue >> 8), uint8(alpha >> 8)}
	}
	p := &Picture{img.Rect.Dx(), img.Rect.Dy(), 3, make([]uint8, 0, 3*img.Rect.Dx()*img.Rect.Dy())}
	for y := range p.Height {
		for _, i := range img.Pix[y*img.Stride:][:p.Width] {
			c := colours[i]
			if c[3] != 255 {
				return nil, errTransparent
			}
			p.Pix = append(p.Pix, c[0], c[1], c[2])
		}
	}
	return p, nil
}

// grey is the weighted mean of red, green and blue of ITU-R BT.601, in Pillow's integers.
func (p *Picture) grey() *Picture {
	if p.Channels == 1 {
		return p
	}
	g := &Picture{p.Width, p.Height, 1, make([]uint8, 0, p.Width*p.Height)}
	for at := p.Pix; len(at) > 0; at = at[3:] {
		g.Pix = append(g.Pix, uint8((19595*uint32(at[0])+38470*uint32(at[1])+7471*uint32(at[2])+1<<15)>>16))
	}
	return g
}

// rgba is the picture for showing.
func (p *Picture) rgba() *image.RGBA {
	img := image.NewRGBA(p.Bounds())
	for i := range p.Width * p.Height {
		at := p.Pix[i*p.Channels : (i+1)*p.Channels]
		copy(img.Pix[4*i:], []uint8{at[0], at[p.Channels/2], at[p.Channels-1], 255})
	}
	return img
}
