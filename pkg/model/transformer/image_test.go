package transformer

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"strings"
	"testing"
)

func greyImage(width, height int, level func(x, y int) uint8) image.Image {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetGray(x, y, color.Gray{Y: level(x, y)})
		}
	}
	return img
}

func rasterOf(t *testing.T, path string, channels int) raster {
	t.Helper()
	img := readImage(t, path)
	r, err := toRaster(img, channels)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Pillow's own results for a photograph-like picture: enlarged, reduced, one axis kept, unchanged; every byte must agree.
func TestResizeIsPillows(t *testing.T) {
	for mode, channels := range map[string]int{"RGB": 3, "L": 1} {
		for name, number := range map[string]int{"bilinear": 2, "bicubic": 3} {
			for _, size := range [][2]int{{28, 28}, {16, 90}, {150, 61}, {97, 61}} {
				path := fmt.Sprintf("testdata/resized_%s_%s_%dx%d.png", mode, name, size[0], size[1])
				want := rasterOf(t, path, channels)
				got := rasterOf(t, "testdata/photograph.png", channels).resize(size[0], size[1], filters[number])
				if got.width != want.width || got.height != want.height || !bytes.Equal(got.pixels, want.pixels) {
					t.Errorf("%s: %d of %d bytes differ", path, differing(got.pixels, want.pixels), len(want.pixels))
				}
			}
		}
	}
}

func differing(a, b []uint8) int {
	n := 0
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

func TestFormats(t *testing.T) {
	if got := rasterOf(t, "testdata/palette.gif", 3); !bytes.Equal(got.pixels, rasterOf(t, "testdata/palette_decoded.png", 3).pixels) {
		t.Error("the GIF's pixels are not Pillow's")
	}
	if got := rasterOf(t, "testdata/grey.png", 1); !bytes.Equal(got.pixels, rasterOf(t, "testdata/photograph.png", 1).pixels) {
		t.Error("grey read from grey differs from grey made of colour")
	}
	if got := rasterOf(t, "testdata/grey.png", 3); got.pixels[0] != got.pixels[1] || got.pixels[1] != got.pixels[2] {
		t.Error("a grey picture in three channels must repeat its level")
	}
}

// Go's and Pillow's decoders round differently inside the blocks' transform, by a level of brightness or colour difference at
// times; a level of colour difference counts up to 1.8 levels of blue.
func TestJPEG(t *testing.T) {
	const mean, most = 0.3, 4.0
	for _, subsampling := range []string{"444", "422", "420"} {
		path := "testdata/chroma_" + subsampling
		got, want := rasterOf(t, path+".jpg", 3).pixels, rasterOf(t, path+"_decoded.png", 3).pixels
		sum, largest := 0.0, 0.0
		for i := range want {
			d := math.Abs(float64(got[i]) - float64(want[i]))
			sum += d
			largest = max(largest, d)
		}
		if average := sum / float64(len(want)); average > mean || largest > most {
			t.Errorf("%s: levels are off by %.2f on average and %v at most; wanted %v and %v", path, average, largest, mean, most)
		}
	}
}

// A picture of one colour stays that colour under every filter: the integer weights sum to one up to rounding.
func TestResizeKeepsFlatPictures(t *testing.T) {
	for number, f := range filters {
		for _, level := range []uint8{0, 1, 127, 254, 255} {
			r := raster{13, 29, 1, bytes.Repeat([]uint8{level}, 13*29)}.resize(50, 7, f)
			if n := bytes.Count(r.pixels, []uint8{level}); n != 50*7 {
				t.Errorf("filter %d, level %d: %d of %d pixels kept it", number, level, n, 50*7)
			}
		}
	}
}

func TestUnreadableImages(t *testing.T) {
	whole, err := os.ReadFile("testdata/photograph.png")
	if err != nil {
		t.Fatal(err)
	}
	enormous := bytes.Clone(whole[:33]) // signature and IHDR; the width's bytes are 16 to 19, the height's 20 to 23
	copy(enormous[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0})
	copy(enormous[29:], pngCheck(enormous[12:29]))
	cases := map[string]struct {
		raw  []byte
		want string
	}{
		"TIFF":      {[]byte("II*\x00\x08\x00\x00\x00"), "it looks like TIFF; supported are PNG, JPEG and GIF"},
		"text":      {[]byte("not a picture"), "supported are PNG, JPEG and GIF"},
		"empty":     {nil, "supported are PNG, JPEG and GIF"},
		"truncated": {whole[:len(whole)/2], "damaged"},
		"header":    {whole[:20], "damaged"},
		"enormous":  {enormous, "65536 × 65536 pixels"},
	}
	for name, c := range cases {
		if _, err := DecodeImage("x.png", c.raw); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "x.png") {
			t.Errorf("%s: error %v; wanted x.png and %q in it", name, err, c.want)
		}
	}
}

func TestTransparencyIsRefused(t *testing.T) {
	img := readImage(t, "testdata/transparent.png")
	if _, err := toRaster(img, 3); err == nil || !strings.Contains(err.Error(), "transparent") {
		t.Errorf("error %v", err)
	}
}

// The patch of row r and column c must be the square of the picture there, whatever else is in it.
func TestPatchOrder(t *testing.T) {
	p := Patches{Channels: 2, Height: 4, Width: 6, Rows: 2, Cols: 3, Size: 2}
	for i := range 2 * 4 * 6 {
		p.Pixels = append(p.Pixels, float64(i))
	}
	columns := p.columns()
	for row := range p.Rows {
		for col := range p.Cols {
			for c := range p.Channels {
				for y := range 2 {
					for x := range 2 {
						got := columns[(row*3+col)*8+c*4+y*2+x]
						if want := p.Pixels[c*24+(row*2+y)*6+col*2+x]; got != want {
							t.Fatalf("patch %d,%d channel %d pixel %d,%d is %v; wanted %v", row, col, c, y, x, got, want)
						}
					}
				}
			}
		}
	}
}

func TestEncodeImageErrors(t *testing.T) {
	m := open(t, "tiny-vision")
	if _, err := m.EncodeText("hello"); err == nil || !strings.Contains(err.Error(), "takes images") {
		t.Errorf("text into an image model: %v", err)
	}
	if _, err := m.EncodeImage(image.NewGray(image.Rectangle{})); err == nil {
		t.Error("an empty image was accepted")
	}
	p, err := m.EncodeImage(greyImage(300, 200, func(x, y int) uint8 { return uint8(x ^ y) }))
	if err != nil {
		t.Fatal(err)
	}
	var buffer bytes.Buffer
	if err := png.Encode(&buffer, p.Picture); err != nil || p.Picture.Bounds().Dx() != 28 || p.Len() != m.MaxTokens() {
		t.Errorf("picture %v, %d tokens, %v", p.Picture.Bounds(), p.Len(), err)
	}
}

func readImage(t *testing.T, path string) image.Image {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	img, err := DecodeImage(path, raw)
	if err != nil {
		t.Fatal(err)
	}
	return img
}
