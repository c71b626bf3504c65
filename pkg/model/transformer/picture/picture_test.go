package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
)

// Turning is undone by the opposite turn: 6 by 8, all others by themselves.
func TestOrientations(t *testing.T) {
	p := noise(5, 3, 3)
	for o := 0; o <= 9; o++ {
		back := o
		if o == 6 || o == 8 {
			back = 14 - o
		}
		turned := p.oriented(o)
		if got := turned.oriented(back); got.Width != p.Width || !bytes.Equal(got.Pix, p.Pix) {
			t.Errorf("orientation %d and back by %d: another picture", o, back)
		}
		if sideways := o >= 5 && o <= 8; sideways != (turned.Width == 3) {
			t.Errorf("orientation %d: %d × %d", o, turned.Width, turned.Height)
		}
	}
}

// All kinds of images that programs make hold the same colours, wherever their rectangle lies.
func TestFromImage(t *testing.T) {
	want := noise(4, 3, 3)
	place := image.Rect(-2, 5, 2, 8)
	images := map[string]interface {
		image.Image
		Set(x, y int, c color.Color)
	}{"RGBA": image.NewRGBA(place), "NRGBA": image.NewNRGBA(place), "RGBA64": image.NewRGBA64(place), "NRGBA64": image.NewNRGBA64(place)}
	for name, img := range images {
		for y := range 3 {
			for x := range 4 {
				img.Set(x-2, y+5, want.At(x, y))
			}
		}
		if got, err := FromImage(img); err != nil || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s: %v", name, err)
		}
		img.Set(0, 6, color.NRGBA{1, 2, 3, 254})
		if _, err := FromImage(img); !errors.Is(err, errTransparent) {
			t.Errorf("%s with a transparent pixel: %v", name, err)
		}
	}
	grey := image.NewGray(place)
	grey.SetGray(-1, 5, color.Gray{77})
	if got, err := FromImage(grey); err != nil || got.Channels != 1 || got.Pix[1] != 77 {
		t.Errorf("grey: %v", err)
	}
	if got, err := FromImage(image.NewUniform(color.White)); err == nil {
		t.Errorf("an endless picture became %d × %d", got.Width, got.Height)
	}
	for _, img := range []image.Image{nil, image.NewGray(image.Rectangle{})} {
		if _, err := FromImage(img); err == nil {
			t.Errorf("%v was accepted", img)
		}
	}
}

// A picture is an image: encoded and decoded it is the same.
func TestPictureIsImage(t *testing.T) {
	for _, channels := range []int{1, 3} {
		p := noise(7, 4, channels)
		var file bytes.Buffer
		if err := png.Encode(&file, p); err != nil {
			t.Fatal(err)
		}
		got, err := Decode("p.png", file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		sameLevels(t, "p.png", p, got)
	}
}

// Exif that is damaged is as good as none.
func TestDamagedExif(t *testing.T) {
	whole := jpegMetadata(readFile(t, "testdata/files/jpeg_orientation6.jpg"))
	if whole.orientation() != 6 {
		t.Fatalf("orientation %d", whole.orientation())
	}
	for n := range whole.exif {
		metadata{exif: whole.exif[:n]}.orientation()
		for _, b := range []byte{0, 0x7f, 0xff} {
			changed := bytes.Clone(whole.exif)
			changed[n] = b
			metadata{exif: changed}.orientation()
		}
	}
	if got := rawProfile(strings.Repeat("\n", 5) + "xyz"); got != nil {
		t.Errorf("a profile of no hexadecimal digits: %v", got)
	}
}
