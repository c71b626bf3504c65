package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"strings"
	"testing"
)

func animation(t *testing.T, frames int) []byte {
	t.Helper()
	var all gif.GIF
	for i := range frames {
		// Every other frame has a colour table of its own.
		palette := color.Palette{color.Black, color.White, color.Gray{uint8(i)}}
		if i%2 == 0 {
			palette = color.Palette{color.Black, color.White}
		}
		frame := image.NewPaletted(image.Rect(0, 0, 40, 30), palette)
		for j := range frame.Pix {
			frame.Pix[j] = uint8(j * j * (i + 3) % len(palette))
		}
		all.Image, all.Delay = append(all.Image, frame), append(all.Delay, 5)
	}
	var raw bytes.Buffer
	if err := gif.EncodeAll(&raw, &all); err != nil {
		t.Fatal(err)
	}
	return raw.Bytes()
}

// Frames counts what the decoder of the standard library finds, and cannot be led
// astray by a file that ends anywhere.
func TestFrames(t *testing.T) {
	for _, frames := range []int{1, 2, 7} {
		raw := animation(t, frames)
		if n := Frames(raw); n != frames {
			t.Errorf("a GIF of %d frames: %d", frames, n)
		}
		for end := range raw {
			if n := Frames(raw[:end]); n < 1 || n > frames {
				t.Fatalf("%d of %d bytes of a GIF of %d frames: %d", end, len(raw), frames, n)
			}
		}
	}

	var still bytes.Buffer
	if err := png.Encode(&still, image.NewGray(image.Rect(0, 0, 3, 3))); err != nil {
		t.Fatal(err)
	}
	const header = 8 + 25 // signature and IHDR
	announced := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("\x00\x00\x00\x08acTL"), 4), 0)
	moving := append(append(bytes.Clone(still.Bytes()[:header]), append(announced, 0, 0, 0, 0)...), still.Bytes()[header:]...)
	for _, c := range []struct {
		raw  []byte
		want int
	}{{still.Bytes(), 1}, {moving, 4}, {readFile(t, "testdata/files/webp_animated.webp"), 2}, {readFile(t, "testdata/files/webp_80.webp"), 1},
		{readFile(t, "testdata/files/tiff_pages.tiff"), 3}, {readFile(t, "testdata/files/tiff_L.tiff"), 1},
		{moving[:header+10], 1}, {still.Bytes()[:20], 1}, {[]byte("\xff\xd8"), 1}, {nil, 1}} {
		if n := Frames(c.raw); n != c.want {
			t.Errorf("%.40q: %d frames, want %d", c.raw, n, c.want)
		}
	}
}

// A GIF whose first frame leaves a part of the picture open is no whole picture.
func TestFrameSmallerThanPicture(t *testing.T) {
	frame := image.NewPaletted(image.Rect(9, 9, 19, 19), color.Palette{color.Black, color.White})
	var raw bytes.Buffer
	if err := gif.EncodeAll(&raw, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{Width: 28, Height: 30}}); err != nil {
		t.Fatal(err)
	}
	if _, err := Decode("a.gif", raw.Bytes()); err == nil || !strings.Contains(err.Error(), "covers 10 × 10 of its 28 × 30 pixels") {
		t.Error(err)
	}
}
