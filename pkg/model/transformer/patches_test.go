package transformer

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
)

func greyImage(width, height int, level func(x, y int) uint8) *picture.Picture {
	p := &picture.Picture{Width: width, Height: height, Channels: 1}
	for y := range height {
		for x := range width {
			p.Pix = append(p.Pix, level(x, y))
		}
	}
	return p
}

func readImage(t *testing.T, path string) *picture.Picture {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := picture.Decode(path, raw)
	if err != nil {
		t.Fatal(err)
	}
	return p
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
	for _, none := range []*picture.Picture{nil, {}} {
		if _, err := m.EncodeImage(none); err == nil || !strings.Contains(err.Error(), "no image was given") {
			t.Errorf("no image: %v", err)
		}
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

// A model whose processor keeps proportions takes a picture that comes out in its size, and says of others what became of them.
func TestPicturesThatKeepProportions(t *testing.T) {
	dir := copyModel(t, "vit") // of 12 × 20 pixels
	changeJSON(t, filepath.Join(dir, preprocessorFile), map[string]any{"size": map[string]int{"shortest_edge": 12}})
	m := open(t, dir)
	flat := func(x, y int) uint8 { return 100 }
	if p, err := m.EncodeImage(greyImage(40, 24, flat)); err != nil || len(p.Pixels) != 3*12*20 {
		t.Errorf("a picture of the model's proportions: %v", err)
	}
	if _, err := m.EncodeImage(greyImage(40, 40, flat)); err == nil || !strings.Contains(err.Error(), "12 × 12 after preprocessing; this model takes 20 × 12") {
		t.Errorf("a square: %v", err)
	}
	changeJSON(t, filepath.Join(dir, preprocessorFile), map[string]any{"do_center_crop": true, "crop_size": []int{12, 20}})
	if p, err := open(t, dir).EncodeImage(greyImage(40, 24, flat)); err != nil || len(p.Pixels) != 3*12*20 {
		t.Errorf("a crop: %v", err)
	}
}
