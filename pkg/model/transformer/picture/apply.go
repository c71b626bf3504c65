package picture

import (
	"fmt"
	"image"

	"github.com/nasim-sim/nasim/internal/memory"
)

// Input is a picture as a model takes it.
type Input struct {
	Values                  []float64 // Channels × Height × Width
	Channels, Height, Width int
	Shown                   *image.RGBA // its pixels before rescaling, for showing
	Framing
}

// Framing says what became of a picture's sides.
type Framing struct {
	Resized image.Point     // width and height that the whole picture was given
	Source  image.Rectangle // the part of the picture that is left after cropping, in its own pixels
}

// Fits checks, as far as can be known without a picture, that what comes out is what a model takes.
func (p *Processor) Fits(channels, height, width int) error {
	if _, err := perChannel("image_mean", p.mean, channels); err != nil {
		return err
	}
	if _, err := perChannel("image_std", p.std, channels); err != nil {
		return err
	}
	name, out := "size", p.size
	switch {
	case p.crop:
		name, out = "crop_size", p.cropSize
	case !p.resize || !p.size.fixed():
		return nil
	}
	if out.height != height || out.width != width {
		return fmt.Errorf("%s is %d × %d, but the model's image_size is %d × %d", name, out.height, out.width, height, width)
	}
	return nil
}

// perChannel repeats a single number, or a default that is the same for all, for each channel.
func perChannel(name string, numbers []float64, channels int) ([]float64, error) {
	if len(numbers) == channels {
		return numbers, nil
	}
	if len(numbers) > 1 && !(channels == 1 && &numbers[0] == &half[0]) {
		return nil, fmt.Errorf("%s has %d numbers; wanted is one for each of the model's %d channels", name, len(numbers), channels)
	}
	all := make([]float64, channels)
	for i := range all {
		all[i] = numbers[0]
	}
	return all, nil
}

// frame is the size that a whole picture is given, and the rectangle of that which comes out; it reaches beyond where the picture
// is smaller than the crop.
func (p *Processor) frame(width, height int) (full image.Point, out image.Rectangle, err error) {
	full = image.Pt(width, height)
	if p.resize {
		if full.X, full.Y, err = p.size.of(width, height); err != nil {
			return full, out, err
		}
	}
	if !p.crop {
		return full, image.Rectangle{Max: full}, nil
	}
	size := image.Pt(p.cropSize.width, p.cropSize.height)
	corner := image.Pt(floorHalf(full.X-size.X), floorHalf(full.Y-size.Y))
	return full, image.Rectangle{Min: corner, Max: corner.Add(size)}, nil
}

// Size is the size of what Apply makes of a picture.
func (p *Processor) Size(width, height int) (int, int, error) {
	_, out, err := p.frame(width, height)
	return out.Dx(), out.Dy(), err
}

// Apply prepares a picture for a model of so many channels, 1 (grey) or 3. Errors: a size, or numbers of channels, that cannot
// be; more pixels than there is memory for.
func (p *Processor) Apply(img *Picture, channels int) (*Input, error) {
	mean, err := perChannel("image_mean", p.mean, channels)
	if err != nil {
		return nil, err
	}
	std, err := perChannel("image_std", p.std, channels)
	if err != nil {
		return nil, err
	}
	levels, framing, err := p.levels(img, channels)
	if err != nil {
		return nil, err
	}
	in := &Input{Values: make([]float64, 0, channels*levels.Width*levels.Height),
		Channels: channels, Height: levels.Height, Width: levels.Width, Shown: levels.rgba(), Framing: framing}
	for c := range channels {
		for i := c % levels.Channels; i < len(levels.Pix); i += levels.Channels {
			in.Values = append(in.Values, (float64(float64(levels.Pix[i])*p.factor)-mean[c])/std[c])
		}
	}
	return in, nil
}

// levels resizes and crops. A grey picture stays so: its one channel is each of three.
func (p *Processor) levels(img *Picture, channels int) (*Picture, Framing, error) {
	full, out, err := p.frame(img.Width, img.Height)
	if err != nil {
		return nil, Framing{}, err
	}
	width, height := out.Dx(), out.Dy()
	if width > mostPixels/height {
		return nil, Framing{}, fmt.Errorf("the picture would become %d × %d pixels; at most %d are prepared", width, height, mostPixels)
	}
	if err := memory.Needed(fmt.Sprintf("a picture of %d × %d pixels", width, height), float64(width)*float64(height)*float64(9*channels+4)); err != nil {
		return nil, Framing{}, err
	}
	if channels == 1 {
		img = img.grey()
	}
	inside := out.Intersect(image.Rectangle{Max: full})
	framing := Framing{Resized: full, Source: image.Rect(
		inside.Min.X*img.Width/full.X, inside.Min.Y*img.Height/full.Y,
		(inside.Max.X*img.Width+full.X-1)/full.X, (inside.Max.Y*img.Height+full.Y-1)/full.Y)}
	return img.resize(full.X, full.Y, p.filter, inside).padded(width, height, inside.Min.Sub(out.Min)), framing, nil
}

// padded puts the picture at a point of a black one.
func (p *Picture) padded(width, height int, at image.Point) *Picture {
	if p.Width == width && p.Height == height {
		return p
	}
	out := &Picture{width, height, p.Channels, make([]uint8, width*height*p.Channels)}
	row := p.Width * p.Channels
	for y := range p.Height {
		copy(out.Pix[((at.Y+y)*width+at.X)*p.Channels:], p.Pix[y*row:][:row])
	}
	return out
}

// floorHalf is x/2 rounded down, of negative numbers too.
func floorHalf(x int) int { return x >> 1 }
