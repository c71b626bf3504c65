package plotting

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/plot/vg"
	"pgregory.net/rapid"
)

// A PNG file that is read again is the image that was written, pixel by pixel:
// lines that repeat, lines of runs and lines of noise.
func TestPNGIsTheImage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wide, high := rapid.IntRange(1, 40).Draw(t, "wide"), rapid.IntRange(1, 20).Draw(t, "high")
		img := image.NewRGBA(image.Rect(0, 0, wide, high))
		few := rapid.SliceOfN(rapid.Byte(), 3, 3).Draw(t, "few")
		for y := range high {
			kind := rapid.IntRange(0, 2).Draw(t, "kind")
			for x := range wide {
				c := color.RGBA{few[0], few[1], few[2], 0xff}
				if kind == 2 {
					c = color.RGBA{rapid.Byte().Draw(t, "r"), few[x%3], few[0], 0xff}
				} else if kind == 1 && y > 0 {
					c = img.RGBAAt(x, y-1)
				}
				img.SetRGBA(x, y, c)
			}
		}
		var b bytes.Buffer
		if err := encodePNG(&b, img); err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(&b)
		if err != nil || got.Bounds() != img.Rect {
			t.Fatalf("%v, or another size", err)
		}
		for y := range high {
			for x := range wide {
				if color.RGBAModel.Convert(got.At(x, y)) != img.RGBAAt(x, y) {
					t.Fatalf("pixel %d, %d is %v, want %v", x, y, got.At(x, y), img.RGBAAt(x, y))
				}
			}
		}
	})
}

// A rectangle that is filled straight in the raster is the one that its outline
// gives, to the rounding of 8-bit colours and of the outline's 1/64 of a pixel.
func TestFillRectIsAPolygon(t *testing.T) {
	const width, height, rounding = 20, 10, 8
	rapid.Check(t, func(t *rapid.T) {
		length := func(name string, low, high vg.Length) vg.Length {
			return vg.Length(rapid.Float64Range(float64(low), float64(high)).Draw(t, name))
		}
		x0, y0 := length("x0", 0, width-1), length("y0", 0, height-1)
		r := rect(x0, y0, length("x1", x0+0.5, width), length("y1", y0+0.5, height))
		c := color.NRGBA{0, 0x80, 0xff, rapid.SampledFrom([]uint8{0xff, 0x66}).Draw(t, "opacity")}
		direct, outline := newPNG(width, height), newPNG(width, height)
		(&page{Canvas: direct}).fillRect(c, r)
		(&page{Canvas: outline}).polygon(c, corners(r)...)
		for i, v := range direct.pixels.Pix {
			if math.Abs(float64(v)-float64(outline.pixels.Pix[i])) > rounding {
				t.Fatalf("%v: byte %d is %d and %d", r, i, v, outline.pixels.Pix[i])
			}
		}
	})
}

// An image that is resampled keeps its colours where a pixel lies in one cell, and
// its mean over all cells where many lie in one pixel.
func TestResample(t *testing.T) {
	checks := func(side int) *image.NRGBA {
		img := image.NewNRGBA(image.Rect(0, 0, side, side))
		for i := range side * side {
			v := uint8(0)
			if (i%side+i/side)%2 == 0 {
				v = 200
			}
			img.SetNRGBA(i%side, i/side, color.NRGBA{v, v, v, 0xff})
		}
		return img
	}
	page := image.NewRGBA(image.Rect(0, 0, 60, 60))
	resample(page, checks(3), 2.25, 3.5, 56.25, 57.5) // 18 pixels a cell
	for _, c := range []struct {
		x, y int
		want uint8
	}{{3, 5, 200}, {19, 5, 200}, {21, 5, 0}, {37, 5, 0}, {39, 23, 0}, {30, 30, 200}, {55, 56, 200}, {1, 5, 0}, {58, 56, 0}} {
		if got := page.RGBAAt(c.x, c.y).R; got != c.want {
			t.Errorf("pixel %d, %d is %d, want %d", c.x, c.y, got, c.want)
		}
	}
	// The edge at 20.25 lies before the middle of the pixel, which is the next cell's.
	if got := page.RGBAAt(20, 5).R; got != 0 {
		t.Errorf("the pixel on an edge is %d, want 0", got)
	}
	// Cells of 1.5 pixels share every third pixel: a quarter of the four, half of the two.
	resample(page, checks(40), 0, 0, 60, 60)
	for _, c := range []struct {
		x, y int
		want uint8
	}{{0, 0, 200}, {1, 0, 100}, {2, 0, 0}, {1, 1, 100}, {2, 2, 200}} {
		if got := page.RGBAAt(c.x, c.y).R; got != c.want {
			t.Errorf("pixel %d, %d is %d, want %d", c.x, c.y, got, c.want)
		}
	}
	resample(page, checks(400), 0, 0, 40, 40)
	if got := page.RGBAAt(17, 23); got != (color.RGBA{100, 100, 100, 0xff}) {
		t.Errorf("100 cells of two colours are %v, want their mean", got)
	}
	resample(page, checks(2), -10, -10, 70.5, 70.5) // beyond the page: no panic
}

// Text that is turned is upright text, its pixels turned.
func TestTurnedText(t *testing.T) {
	side := 100 * vg.Inch / pngDPI // of a page of whole pixels
	upright, turned := newPNG(side, side), newPNG(side, side)
	for _, c := range []*pngCanvas{upright, turned} {
		at := vg.Point{X: side / 8, Y: side / 3}
		if c == turned {
			at = vg.Point{X: side - at.Y, Y: at.X}
		}
		c.fillString(color.NRGBA{0, 0x72, 0xb2, 0xff}, faceOf(textFace, sizeText), at, "AVgi 1", c == turned)
	}
	inked := 0
	for y := range 100 {
		for x := range 100 {
			got, want := turned.pixels.RGBAAt(y, 99-x), upright.pixels.RGBAAt(x, y)
			if want.R < 0x40 {
				inked++
			}
			// Two roundings of the same mixture.
			if diff := int(got.R) - int(want.R); diff < -1 || diff > 1 || got.A != 0xff {
				t.Fatalf("pixel %d, %d is %v, want %v", x, y, got, want)
			}
		}
	}
	if inked < 100 {
		t.Errorf("%d pixels are inked", inked)
	}
	turned.fillString(color.NRGBA{A: 0xff}, faceOf(textFace, sizeText), vg.Point{X: 0, Y: -side / 30}, "beyond the page, it is cut", true) // no panic
}

// A page is made once, all white, and a file goes out chunk by chunk, not gathered
// before.
func TestPageIsMadeOnce(t *testing.T) {
	allocated := func(of func()) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		of()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	var c *pngCanvas
	made := allocated(func() { c = newPNG(DoubleColumn, DoubleColumn) })
	if pixels := uint64(len(c.pixels.Pix)); made > pixels+pixels/8 {
		t.Errorf("%d bytes are allocated for %d of pixels", made, pixels)
	}
	if i := slices.IndexFunc(c.pixels.Pix, func(v uint8) bool { return v != 0xff }); i >= 0 {
		t.Errorf("byte %d of a new page is %d", i, c.pixels.Pix[i])
	}
	var pieces []int
	if err := encodePNG(writerFunc(func(p []byte) { pieces = append(pieces, len(p)) }), c.pixels); err != nil || len(pieces) < 8 {
		t.Errorf("a file is written in %d pieces: %v", len(pieces), err)
	}
}

// writerFunc is told of what is written.
type writerFunc func(p []byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}
