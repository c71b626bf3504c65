package transformer

import (
	"fmt"
	"image"

	"github.com/nasim-sim/nasim/internal/memory"
	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
)

// Patches is an image as a model sees it: Rows × Cols squares of Size × Size pixels, read row by row. Token 0 of the model is
// the class token, token 1 + row·Cols + col the patch.
type Patches struct {
	Pixels                  []float64 // Channels × Height × Width, normalised
	Channels, Height, Width int
	Rows, Cols, Size        int
	Picture                 *image.RGBA // the prepared picture before rescaling, Width × Height, for showing
	picture.Framing                     // of the file's picture
}

// Len is the number of tokens N, class token included.
func (p Patches) Len() int { return 1 + p.Rows*p.Cols }

// EncodeImage prepares a picture for this model: grey or colour as the model has channels, resized, cropped and normalised as
// its preprocessor_config.json says (see package picture). Errors: a text model, a picture that does not come out in the model's
// size because its preprocessing does not resize, or keeps proportions and does not crop.
func (m *Model) EncodeImage(img *picture.Picture) (Patches, error) {
	if m.Kind() != KindImage {
		return Patches{}, fmt.Errorf("model %s takes text, not images; give it a text, or choose an image model", m.name)
	}
	if img == nil || img.Width < 1 || img.Height < 1 {
		return Patches{}, fmt.Errorf("model %s: no image was given", m.name)
	}
	c, channels := m.config, orDefault(m.config.Channels, 3)
	height, width := c.ImageSize.Height, c.ImageSize.Width
	gotWidth, gotHeight, err := m.processor.Size(img.Width, img.Height)
	if err != nil {
		return Patches{}, err
	}
	if gotWidth != width || gotHeight != height {
		return Patches{}, fmt.Errorf("the image has %d × %d pixels, and %d × %d after preprocessing; this model takes %d × %d: crop or resize the image to their proportions",
			img.Width, img.Height, gotWidth, gotHeight, width, height)
	}
	if err := memory.Needed(fmt.Sprintf("a picture of %d × %d pixels, the size of model %s,", width, height, m.name), pictureBytes(width, height, channels)); err != nil {
		return Patches{}, err
	}
	in, err := m.processor.Apply(img, channels)
	if err != nil {
		return Patches{}, err
	}
	side := c.PatchSize.Height
	return Patches{Pixels: in.Values, Channels: channels, Height: height, Width: width,
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

// check verifies patches that come from anywhere against the model's sizes.
func (p Patches) check(c *config) error {
	side, channels := c.PatchSize.Height, orDefault(c.Channels, 3)
	if p.Channels != channels || p.Height != c.ImageSize.Height || p.Width != c.ImageSize.Width || p.Size != side ||
		p.Rows*side != p.Height || p.Cols*side != p.Width || len(p.Pixels) != channels*p.Height*p.Width {
		return fmt.Errorf("%d pixels as %d × %d × %d in patches of %d; the model takes %d × %d × %d in patches of %d (use EncodeImage)",
			len(p.Pixels), p.Channels, p.Height, p.Width, p.Size, channels, c.ImageSize.Height, c.ImageSize.Width, side)
	}
	return nil
}
