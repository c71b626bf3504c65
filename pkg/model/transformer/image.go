package transformer

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/gif"  // formats that DecodeImage reads
	_ "image/jpeg" //
	_ "image/png"  //
)

// mostPixels bounds the pictures that are decoded (half a gigabyte of memory).
const mostPixels = 1 << 27

// DecodeImage decodes the bytes of a PNG, JPEG or GIF file; of a GIF the first frame. Orientation tags of cameras are not
// applied. The name is for messages.
func DecodeImage(name string, raw []byte) (image.Image, error) {
	size, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if errors.Is(err, image.ErrFormat) {
		return nil, fmt.Errorf("image %s: not a picture that can be read; supported are PNG, JPEG and GIF", name)
	}
	if err != nil {
		return nil, fmt.Errorf("image %s: %w; the file is damaged", name, err)
	}
	if size.Width < 1 || size.Height < 1 || size.Width > mostPixels/size.Height {
		return nil, fmt.Errorf("image %s: it says it has %d × %d pixels; wanted are 1 to %d in all", name, size.Width, size.Height, mostPixels)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("image %s: %s that cannot be decoded: %w; the file is damaged", name, format, err)
	}
	return img, nil
}

// toRaster converts a picture to 8 bits and 1 (grey) or 3 (red, green, blue) channels. Grey is the weighted mean of ITU-R
// BT.601, in the integer form of the Python Imaging Library. Transparency has no meaning to a model and is an error.
func toRaster(img image.Image, channels int) (raster, error) {
	b := img.Bounds()
	if b.Empty() || b.Dx() > mostPixels/b.Dy() {
		return raster{}, fmt.Errorf("the image has %d × %d pixels; wanted are 1 to %d in all", b.Dx(), b.Dy(), mostPixels)
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
