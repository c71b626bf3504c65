package transformer

import (
	"encoding/json"
	"fmt"
	"image"

	"github.com/nasim-sim/nasim/internal/memory"
)

// preprocessor turns a picture into the numbers that a ViT takes, as preprocessor_config.json says: resize, divide by 255,
// subtract the mean and divide by the standard deviation of each channel.
type preprocessor struct {
	channels      int
	width, height int
	patch         int
	resize        bool
	filter        filter
	factor        float64 // rescale_factor, 1 without do_rescale
	mean, std     []float64
}

type preprocessorJSON struct {
	DoResize      *bool    `json:"do_resize"`
	Size          *extent  `json:"size"`
	Resample      *int     `json:"resample"`
	DoCenterCrop  *bool    `json:"do_center_crop"`
	DoPad         *bool    `json:"do_pad"`
	DoRescale     *bool    `json:"do_rescale"`
	RescaleFactor *float64 `json:"rescale_factor"`
	DoNormalize   *bool    `json:"do_normalize"`
	Mean          numbers  `json:"image_mean"`
	Std           numbers  `json:"image_std"`
}

// numbers accepts one number or a list of them.
type numbers []float64

func (n *numbers) UnmarshalJSON(raw []byte) error {
	var one float64
	if string(raw) != "null" && json.Unmarshal(raw, &one) == nil {
		*n = numbers{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]float64)(n))
}

// perChannel repeats a single number, or the default, for each channel.
func (n numbers) perChannel(name string, channels int, otherwise float64) ([]float64, error) {
	if len(n) == channels {
		return n, nil
	}
	if len(n) > 1 {
		return nil, fmt.Errorf("%s has %d numbers; wanted is one for each of the model's %d channels", name, len(n), channels)
	}
	x := make([]float64, channels)
	for i := range x {
		x[i] = otherwise
		if len(n) == 1 {
			x[i] = n[0]
		}
	}
	return x, nil
}

func parsePreprocessor(raw []byte, c *config) (*preprocessor, error) {
	var file preprocessorJSON
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, err
	}
	if orDefault(file.DoCenterCrop, false) || orDefault(file.DoPad, false) {
		return nil, fmt.Errorf("do_center_crop and do_pad are not supported; supported are resizing, rescaling and normalisation")
	}
	p := &preprocessor{channels: orDefault(c.Channels, 3), width: c.ImageSize.Width, height: c.ImageSize.Height,
		patch: c.PatchSize.Height, resize: orDefault(file.DoResize, true), factor: 1}
	if size := orDefault(file.Size, *c.ImageSize); p.resize && size != *c.ImageSize {
		return nil, fmt.Errorf("size is %d × %d, but the model's image_size is %d × %d", size.Height, size.Width, p.height, p.width)
	}
	var ok bool
	if p.filter, ok = filters[orDefault(file.Resample, 2)]; !ok {
		return nil, fmt.Errorf("resample is %d; supported are 2 (bilinear) and 3 (bicubic)", *file.Resample)
	}
	if orDefault(file.DoRescale, true) {
		p.factor = orDefault(file.RescaleFactor, 1.0/255)
	}
	if !orDefault(file.DoNormalize, true) {
		file.Mean, file.Std = numbers{0}, numbers{1}
	}
	var err error
	if p.mean, err = file.Mean.perChannel("image_mean", p.channels, 0.5); err != nil {
		return nil, err
	}
	if p.std, err = file.Std.perChannel("image_std", p.channels, 0.5); err != nil {
		return nil, err
	}
	for _, s := range p.std {
		if !(s > 0) {
			return nil, fmt.Errorf("image_std holds %g; wanted are positive numbers", s)
		}
	}
	return p, nil
}

// Patches is an image as a model sees it: Rows × Cols squares of Size × Size pixels, read row by row. Token 0 of the model is
// the class token, token 1 + row·Cols + col the patch.
type Patches struct {
	Pixels                  []float64 // Channels × Height × Width, normalised
	Channels, Height, Width int
	Rows, Cols, Size        int
	Picture                 *image.RGBA // the resized picture before rescaling, Width × Height, for showing
}

// Len is the number of tokens N, class token included.
func (p Patches) Len() int { return 1 + p.Rows*p.Cols }

// EncodeImage prepares a picture for this model: grey or colour as the model has channels, resized (without keeping the aspect
// ratio) and normalised. 8-bit PNG and GIF pictures give exactly the pixels that the Python Imaging Library gives. Errors: a
// text model, an empty or transparent image, one of another size if the model's preprocessing does not resize.
func (m *Model) EncodeImage(img image.Image) (Patches, error) {
	if m.Kind() != KindImage {
		return Patches{}, fmt.Errorf("model %s takes text, not images; give it a text, or choose an image model", m.name)
	}
	if img == nil {
		return Patches{}, fmt.Errorf("model %s: no image was given", m.name)
	}
	p := m.preprocessor
	if err := memory.Needed(fmt.Sprintf("a picture of %d × %d pixels, the size of model %s,", p.width, p.height, m.name), p.bytes()); err != nil {
		return Patches{}, err
	}
	return p.apply(img)
}

// bytes is what a picture of the model's size takes: its pixels as numbers, row by row and patch by patch, and for showing.
func (p *preprocessor) bytes() float64 {
	return float64(p.width) * float64(p.height) * float64(p.channels*(1+2*8)+4)
}

func (p *preprocessor) apply(img image.Image) (Patches, error) {
	r, err := toRaster(img, p.channels)
	if err != nil {
		return Patches{}, err
	}
	if r.width != p.width || r.height != p.height {
		if !p.resize {
			return Patches{}, fmt.Errorf("the image has %d × %d pixels; this model takes %d × %d and its preprocessing does not resize", r.width, r.height, p.width, p.height)
		}
		r = r.resize(p.width, p.height, p.filter)
	}
	out := Patches{Channels: p.channels, Height: p.height, Width: p.width,
		Rows: p.height / p.patch, Cols: p.width / p.patch, Size: p.patch, Picture: r.picture()}
	for c := range p.channels {
		for i := c; i < len(r.pixels); i += p.channels {
			out.Pixels = append(out.Pixels, (float64(float64(r.pixels[i])*p.factor)-p.mean[c])/p.std[c])
		}
	}
	return out, nil
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
