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
}

// Fits checks, as far as can be known without a picture, that what comes out is what a model takes.
func (p *Processor) Fits(channels, height, width int) error {
	for name, numbers := range map[string][]float64{"image_mean": p.mean, "image_std": p.std} {
		if _, err := perChannel(name, numbers, channels); err != nil {
			return err
		}
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

// Size is the size of what Apply makes of a picture.
func (p *Processor) Size(width, height int) (int, int, error) {
	if p.crop {
		return p.cropSize.width, p.cropSize.height, nil
	}
	if p.resize {
		return p.size.of(width, height)
	}
	return width, height, nil
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
	levels, err := p.levels(img, channels)
	if err != nil {
		return nil, err
	}
	in := &Input{Values: make([]float64, 0, channels*levels.Width*levels.Height),
		Channels: channels, Height: levels.Height, Width: levels.Width, Shown: levels.rgba()}
	for c := range channels {
		for i := c % levels.Channels; i < len(levels.Pix); i += levels.Channels {
			in.Values = append(in.Values, (float64(float64(levels.Pix[i])*p.factor)-mean[c])/std[c])
		}
	}
	return in, nil
}

// levels resizes and crops. A grey picture stays so: its one channel is each of three.
func (p *Processor) levels(img *Picture, channels int) (*Picture, error) {
	width, height, err := p.Size(img.Width, img.Height)
	if err != nil {
		return nil, err
	}
	if width > mostPixels/height {
		return nil, fmt.Errorf("the picture would become %d × %d pixels; at most %d are prepared", width, height, mostPixels)
	}
	if err := memory.Needed(fmt.Sprintf("a picture of %d × %d pixels", width, height), float64(width)*float64(height)*float64(9*channels+4)); err != nil {
		return nil, err
	}
	if channels == 1 {
		img = img.grey()
	}
	fullWidth, fullHeight := img.Width, img.Height
	if p.resize {
		if fullWidth, fullHeight, err = p.size.of(img.Width, img.Height); err != nil {
			return nil, err
		}
	}
	if !p.crop {
		return img.resize(fullWidth, fullHeight, p.filter, image.Rect(0, 0, fullWidth, fullHeight)), nil
	}
	// The crop, in the coordinates of the resized picture; where it reaches beyond, it is black.
	corner := image.Pt(floorHalf(fullWidth-width), floorHalf(fullHeight-height))
	part := image.Rectangle{Min: corner, Max: corner.Add(image.Pt(width, height))}.Intersect(image.Rect(0, 0, fullWidth, fullHeight))
	inside := img.resize(fullWidth, fullHeight, p.filter, part)
	if inside.Width == width && inside.Height == height {
		return inside, nil
	}
	out := &Picture{width, height, inside.Channels, make([]uint8, width*height*inside.Channels)}
	at := part.Min.Sub(corner)
	for y := range inside.Height {
		copy(out.Pix[((at.Y+y)*width+at.X)*out.Channels:], inside.Pix[y*inside.Width*out.Channels:][:inside.Width*out.Channels])
	}
	return out, nil
}

// floorHalf is x/2 rounded down, of negative numbers too.
func floorHalf(x int) int { return x >> 1 }
