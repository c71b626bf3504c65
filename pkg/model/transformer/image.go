package transformer

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"slices"

	"github.com/nasim-sim/nasim/internal/memory"
)

// The largest pictures that are decoded. A JPEG can be no longer on a side.
const (
	mostPixels = 1 << 27
	longest    = 1<<16 - 1
)

// pixelBytes is what a pixel takes while a picture is decoded and converted, at most: 16-bit channels, a copy in 8-bit ones, the
// raster.
const pixelBytes = 8 + 4 + 3

// pictureFormat is a format that DecodeImage reads, told by the first bytes of a file. Packages that register formats of their
// own with package image add none here.
type pictureFormat struct {
	name, start string
	size        func(io.Reader) (image.Config, error)
	decode      func(io.Reader) (image.Image, error)
}

var pictureFormats = []pictureFormat{
	{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"JPEG", "\xff\xd8", jpeg.DecodeConfig, jpeg.Decode},
	{"GIF", "GIF8", gif.DecodeConfig, gif.Decode},
}

// DecodeImage decodes the bytes of a PNG, JPEG or GIF file; of a GIF the first frame. Orientation tags of cameras are not
// applied. The name is for messages.
func DecodeImage(name string, raw []byte) (image.Image, error) {
	at := slices.IndexFunc(pictureFormats, func(f pictureFormat) bool { return bytes.HasPrefix(raw, []byte(f.start)) })
	if at < 0 {
		return nil, fmt.Errorf("image %s: %s; supported are PNG, JPEG and GIF, so convert it to PNG", name, otherFormat(raw))
	}
	format := pictureFormats[at]
	size, err := format.size(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("image %s: %w; the file is damaged", name, err)
	}
	if err := checkPixels(size.Width, size.Height); err != nil {
		return nil, fmt.Errorf("image %s: it says it has %w", name, err)
	}
	img, err := format.decode(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("image %s: %s that cannot be decoded: %w; the file is damaged", name, format.name, err)
	}
	if b := img.Bounds(); b.Dx() != size.Width || b.Dy() != size.Height {
		return nil, fmt.Errorf("image %s: its first frame covers %d × %d of its %d × %d pixels, and what is around it has no colour; convert it to PNG", name, b.Dx(), b.Dy(), size.Width, size.Height)
	}
	return img, nil
}

// otherFormat says what a file is that is no picture to be read, where that can be told.
func otherFormat(raw []byte) string {
	for start, name := range map[string]string{"II*\x00": "TIFF", "MM\x00*": "TIFF", "BM": "BMP", "<svg": "SVG", "<?xml": "SVG", "%PDF": "PDF"} {
		if bytes.HasPrefix(raw, []byte(start)) {
			return "it looks like " + name
		}
	}
	if len(raw) > 12 && string(raw[:4]) == "RIFF" && string(raw[8:12]) == "WEBP" {
		return "it looks like WebP"
	}
	return "not a picture that can be read"
}

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

// toRaster converts a picture to 8 bits and 1 (grey) or 3 (red, green, blue) channels. Grey is the weighted mean of ITU-R
// BT.601, in the integer form of the Python Imaging Library. Transparency has no meaning to a model and is an error.
func toRaster(img image.Image, channels int) (raster, error) {
	b := img.Bounds()
	if err := checkPixels(b.Dx(), b.Dy()); err != nil {
		return raster{}, fmt.Errorf("the image has %w", err)
	}
	if o, ok := img.(interface{ Opaque() bool }); ok && !o.Opaque() {
		return raster{}, errors.New("the image has transparent pixels; put it on a background first (for ImageMagick: -background white -flatten)")
	}
	canvas, ok := smoothChroma(img)
	if !ok {
		canvas = image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
		draw.Draw(canvas, canvas.Bounds(), img, b.Min, draw.Src)
	}
	r := raster{width: b.Dx(), height: b.Dy(), channels: channels, pixels: make([]uint8, 0, b.Dx()*b.Dy()*channels)}
	for i := 0; i < len(canvas.Pix); i += 4 {
		red, green, blue := canvas.Pix[i], canvas.Pix[i+1], canvas.Pix[i+2]
		if channels == 3 {
			r.pixels = append(r.pixels, red, green, blue)
			continue
		}
		grey := (19595*uint32(red) + 38470*uint32(green) + 7471*uint32(blue) + 1<<15) >> 16
		r.pixels = append(r.pixels, uint8(grey))
	}
	return r, nil
}

// picture is the raster as an image.
func (r raster) picture() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, r.width, r.height))
	for i := range r.width * r.height {
		p := r.pixels[i*r.channels : (i+1)*r.channels]
		copy(img.Pix[4*i:], []uint8{p[0], p[r.channels/2], p[r.channels-1], 255})
	}
	return img
}
