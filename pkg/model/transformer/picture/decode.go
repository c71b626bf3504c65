package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/png"
	"io"
	"slices"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/nasim-sim/nasim/pkg/model/transformer/picture/internal/jpeg"
)

// format is a format that Decode reads, told by the first bytes of a file. Packages that register formats of their own with
// package image add none here.
type format struct {
	name   string
	is     func(raw []byte) bool
	size   func(raw []byte) (width, height int, err error)
	decode func(raw []byte) (*Picture, error)
	about  func(raw []byte) metadata
}

var formats = []format{
	{"PNG", starts("\x89PNG\r\n\x1a\n"), sizeBy(png.DecodeConfig), decodePNG, pngMetadata},
	{"JPEG", starts("\xff\xd8"), jpeg.Size, decodeJPEG, jpegMetadata},
	{"GIF", starts("GIF8"), sizeBy(gif.DecodeConfig), decodeGIF, nil},
	{"BMP", starts("BM"), sizeBy(bmp.DecodeConfig), decodeBMP, nil},
	{"TIFF", isTIFF, sizeBy(tiff.DecodeConfig), decodeTIFF, tiffMetadata},
	{"WebP", isWebP, webpSize, decodeWebP, webpMetadata},
}

// supported names the formats in messages.
const supported = "PNG, JPEG, GIF, BMP, TIFF and WebP"

// refusal is the error of a picture that is whole and sound, but of a kind that is not read.
type refusal struct{ what, way string }

func (r *refusal) Error() string { return r.what + "; " + r.way }

const toPNG = "convert it to PNG"

// Decode decodes the bytes of a picture file and turns it upright. The name is for messages. Errors name what the file is and
// what to do: a format or a kind of one that is not read, a damaged file, a picture that is too large, transparent pixels.
func Decode(name string, raw []byte) (*Picture, error) {
	p, err := decode(raw)
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", name, err)
	}
	return p, nil
}

func decode(raw []byte) (*Picture, error) {
	if other := otherFormat(raw); other != nil {
		return nil, other
	}
	at := slices.IndexFunc(formats, func(f format) bool { return f.is(raw) })
	if at < 0 {
		return nil, &refusal{"not a picture that can be read", "supported are " + supported + ", so " + toPNG}
	}
	f := formats[at]
	width, height, err := f.size(raw)
	if err != nil {
		return nil, f.wrong(err)
	}
	if err := checkPixels(width, height); err != nil {
		return nil, fmt.Errorf("it says it has %w", err)
	}
	p, err := f.decode(raw)
	if err != nil {
		return nil, f.wrong(err)
	}
	if f.about != nil {
		p = p.oriented(f.about(raw).orientation())
	}
	return p, nil
}

// wrong words an error of decoding: a kind that is not read, or damage.
func (f format) wrong(err error) error {
	var kind jpeg.Unsupported
	var feature tiff.UnsupportedError
	var refused *refusal
	switch {
	case errors.As(err, &refused), errors.Is(err, errTransparent):
		return err
	case errors.As(err, &kind):
		return &refusal{kind.Error(), toPNG}
	case errors.As(err, &feature):
		return &refusal{fmt.Sprintf("a TIFF of a kind that is not supported (%s)", string(feature)), toPNG}
	case errors.Is(err, bmp.ErrUnsupported):
		return &refusal{"a BMP with run-length coding, 16 bits a pixel or another rare header is not supported", toPNG}
	}
	if f.name == "TIFF" { // its decoder calls some rare kinds invalid
		return fmt.Errorf("TIFF that cannot be decoded: %w; the file is damaged, or of a rare kind: %s", err, toPNG)
	}
	return fmt.Errorf("%s that cannot be decoded: %w; the file is damaged", f.name, err)
}

func starts(with string) func([]byte) bool {
	return func(raw []byte) bool { return bytes.HasPrefix(raw, []byte(with)) }
}

func sizeBy(config func(io.Reader) (image.Config, error)) func([]byte) (int, int, error) {
	return func(raw []byte) (int, int, error) {
		c, err := config(bytes.NewReader(raw))
		return c.Width, c.Height, err
	}
}

func decodeJPEG(raw []byte) (*Picture, error) {
	img, err := jpeg.Decode(raw)
	if err != nil {
		return nil, err
	}
	return &Picture{img.Width, img.Height, img.Channels, img.Pix}, nil
}

// decodePNG leaves 16-bit grey to wide, which decides what to do with it; Go's decoder gives it as colours if it has a
// transparent level.
func decodePNG(raw []byte) (*Picture, error) {
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	const depth, kind = 24, 25 // of the header chunk, which comes first
	if wide, ok := img.(*image.Gray16); ok {
		return fromWide(wide)
	}
	if raw[depth] == 16 && raw[kind] == 0 {
		return nil, errTransparent
	}
	return FromImage(img)
}

// fromWide takes 16-bit grey as Pillow does where that makes sense: levels up to 255 are kept.
func fromWide(img *image.Gray16) (*Picture, error) {
	p := &Picture{img.Rect.Dx(), img.Rect.Dy(), 1, make([]uint8, 0, img.Rect.Dx()*img.Rect.Dy())}
	for y := range p.Height {
		for line := img.Pix[y*img.Stride:][:2*p.Width]; len(line) > 0; line = line[2:] {
			if line[0] != 0 {
				return nil, &refusal{"grey levels of 16 bits, which published processors clip to white",
					"convert it to 8 bits (for ImageMagick: -depth 8)"}
			}
			p.Pix = append(p.Pix, line[1])
		}
	}
	return p, nil
}

// decodeGIF gives the first frame, which must be the whole picture: what it leaves open has no colour, and Pillow puts the first
// of the palette.
func decodeGIF(raw []byte) (*Picture, error) {
	size, err := gif.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	img, err := gif.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	if b := img.Bounds(); b.Dx() != size.Width || b.Dy() != size.Height {
		return nil, &refusal{fmt.Sprintf("its first frame covers %d × %d of its %d × %d pixels, and what is around it has no colour", b.Dx(), b.Dy(), size.Width, size.Height), toPNG}
	}
	return FromImage(img)
}

func decodeBMP(raw []byte) (*Picture, error) {
	img, err := bmp.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return FromImage(img)
}
