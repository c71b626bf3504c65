package transformer

import (
	"fmt"
	"image"

	"github.com/nasim-sim/nasim/internal/memory"
	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
)

// Patches is an image as a model sees it: Rows × Cols squares of Size × Size pixels, read row by row. The first Front tokens of
// the model are its own (the class token first), token Front + row·Cols + col is the patch.
type Patches struct {
	Pixels                  []float64 // Channels × Height × Width, normalised
	Channels, Height, Width int
	Rows, Cols, Size, Front int
	Picture                 *image.RGBA // the prepared picture before rescaling, Width × Height, for showing
	picture.Framing                     // of the file's picture
}

// Len is the number of tokens N, class token included.
func (p Patches) Len() int { return p.Front + p.Rows*p.Cols }

// EncodeImage prepares a picture for this model: grey or colour as the model has channels, resized, cropped and normalised as
// its preprocessor_config.json says (see package picture). Errors: a text model, a picture that does not come out in the model's
// size because its preprocessing does not resize, or keeps proportions and does not crop.
func (m *Model) EncodeImage(img *picture.Picture) (Patches, error) {
	if m.Kind() != KindImage {
		return Patches{}, fmt.Errorf("model %s takes text, not images; give it a text, or choose an image model", m.Name())
	}
	if img == nil || img.Width < 1 || img.Height < 1 {
		return Patches{}, fmt.Errorf("model %s: no image was given", m.Name())
	}
	width, height, err := m.processor.Size(img.Width, img.Height)
	if err != nil {
		return Patches{}, err
	}
	net := m.net
	if (width != net.PixelColumns || height != net.PixelRows) && !net.Resizes {
		return Patches{}, fmt.Errorf("the image has %d × %d pixels, and %d × %d after preprocessing; this model takes %d × %d: crop or resize the image to their proportions",
			img.Width, img.Height, width, height, net.PixelColumns, net.PixelRows)
	}
	channels, side := net.Channels, net.Patch
	if min(width, height) < side {
		return Patches{}, fmt.Errorf("the image has %d × %d pixels after preprocessing, less than one patch of %d × %d", width, height, side, side)
	}
	if err := memory.Needed(fmt.Sprintf("a picture of %d × %d pixels, the size of model %s,", width, height, m.Name()), pictureBytes(width, height, channels)); err != nil {
		return Patches{}, err
	}
	in, err := m.processor.Apply(img, channels)
	if err != nil {
		return Patches{}, err
	}
	return Patches{Front: net.Front, Pixels: in.Values, Channels: channels, Height: height, Width: width,
		Rows: height / side, Cols: width / side, Size: side, Picture: in.Shown, Framing: in.Framing}, nil
}

// pictureBytes is what a picture of the model's size takes: its pixels as numbers, row by row and patch by patch, and for
// showing.
func pictureBytes(width, height, channels int) float64 {
	return float64(width) * float64(height) * float64(channels*(1+2*8)+4)
}

// columns lists the patches as rows of Channels·Size·Size pixels, in the order of the projection's weights.
func (p Patches) columns() []float64 {
	x := make([]float64, 0, len(p.Pixels))
	for row := range p.Rows {
		for col := range p.Cols {
			for c := range p.Channels {
				for y := range p.Size {
					at := (c*p.Height+row*p.Size+y)*p.Width + col*p.Size
					x = append(x, p.Pixels[at:at+p.Size]...)
				}
			}
		}
	}
	return x
}

// checkPatches verifies patches that come from anywhere against the model's sizes.
func (m *Model) checkPatches(p Patches) error {
	net := m.net
	fits := p.Channels == net.Channels && p.Size == net.Patch && p.Front == net.Front && p.Rows == p.Height/p.Size && p.Cols == p.Width/p.Size &&
		len(p.Pixels) == p.Channels*p.Height*p.Width
	if !fits || !net.Resizes && (p.Height != net.PixelRows || p.Width != net.PixelColumns) {
		return fmt.Errorf("%d pixels as %d × %d × %d in patches of %d; the model takes %d × %d × %d in patches of %d (use EncodeImage)",
			len(p.Pixels), p.Channels, p.Height, p.Width, p.Size, net.Channels, net.PixelRows, net.PixelColumns, net.Patch)
	}
	return nil
}
