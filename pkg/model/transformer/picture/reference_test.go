package picture

import (
	"encoding/json"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
)

// reference is what Pillow and transformers make of the pictures of testdata (make_reference.py).
type reference struct {
	t    *testing.T
	file *npz.File
}

func openReference(t *testing.T) reference {
	t.Helper()
	f, err := npz.Open("testdata/reference.npz")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return reference{t, f}
}

// levels reads an array of height × width or height × width × channels.
func (r reference) levels(name string) *Picture {
	r.t.Helper()
	x, shape, err := r.file.Int64(name)
	if err != nil {
		r.t.Fatal(err)
	}
	p := &Picture{Width: shape[1], Height: shape[0], Channels: 1}
	if len(shape) == 3 {
		p.Channels = shape[2]
	}
	for _, v := range x {
		p.Pix = append(p.Pix, uint8(v))
	}
	return p
}

// names lists the arrays below a folder of the reference.
func (r reference) names(folder string) []string {
	var names []string
	for _, name := range r.file.Names() {
		if rest, ok := strings.CutPrefix(name, folder); ok {
			names = append(names, rest)
		}
	}
	if len(names) == 0 {
		r.t.Fatalf("no %s in the reference", folder)
	}
	return names
}

// sameLevels compares a picture with the reference, whose grey pictures may repeat their level. No level may differ.
func sameLevels(t *testing.T, name string, got, want *Picture) {
	t.Helper()
	if got.Width != want.Width || got.Height != want.Height {
		t.Errorf("%s: %d × %d pixels; Pillow has %d × %d", name, got.Width, got.Height, want.Width, want.Height)
		return
	}
	most, differ := 0, 0
	for i := range want.Pix {
		pixel, channel := i/want.Channels, i%want.Channels
		d := int(want.Pix[i]) - int(got.Pix[pixel*got.Channels+channel%got.Channels])
		if d != 0 {
			differ++
			most = max(most, d, -d)
		}
	}
	if differ > 0 {
		t.Errorf("%s: %d of %d levels differ from Pillow's, by %d at most", name, differ, len(want.Pix), most)
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Every format, mode, orientation and shape: the levels are those of transformers' load_image, all of them.
func TestDecodedIsPillows(t *testing.T) {
	r := openReference(t)
	for _, name := range r.names("decoded/") {
		got, err := Decode(name, readFile(t, filepath.Join("testdata/files", name)))
		if err != nil {
			t.Error(err)
			continue
		}
		sameLevels(t, name, got, r.levels("decoded/"+name))
	}
}

// Every filter, enlarging and reducing, along one axis and both, down to pictures of one pixel.
func TestResizedIsPillows(t *testing.T) {
	r := openReference(t)
	for _, name := range r.names("resized/") {
		part := strings.Split(name, "/")
		var width, height int
		if _, err := fmt.Sscanf(part[2], "%dx%d", &width, &height); err != nil {
			t.Fatal(err)
		}
		f := filterNamed(t, part[1])
		got := r.levels("source/"+part[0]).resize(width, height, f, image.Rect(0, 0, width, height))
		sameLevels(t, name, got, r.levels("resized/"+name))
	}
}

func filterNamed(t *testing.T, name string) filter {
	t.Helper()
	for _, f := range filters {
		if f.name == name {
			return f
		}
	}
	t.Fatalf("no filter %s", name)
	return filter{}
}

// Every type of processor and way of sizing, on wide, tall and tiny pictures: the levels are those of transformers, and the
// numbers too, but for its float32.
func TestProcessedIsTransformers(t *testing.T) {
	var cases []struct {
		Config json.RawMessage
		Source string
	}
	if err := json.Unmarshal(readFile(t, "testdata/processors.json"), &cases); err != nil {
		t.Fatal(err)
	}
	r := openReference(t)
	for n, c := range cases {
		name := fmt.Sprintf("%s of %s", c.Config, c.Source)
		p, err := ParseProcessor(c.Config, "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		img := r.levels("source/" + c.Source)
		got, _, err := p.levels(img, 3)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sameLevels(t, name, got, r.channelsLast(fmt.Sprintf("levels/%d", n)))
		if c.Source == "40x52" {
			compareValues(t, name, p, img, r, fmt.Sprintf("values/%d", n))
		}
	}
}

// channelsLast reads an array of channels × height × width.
func (r reference) channelsLast(name string) *Picture {
	r.t.Helper()
	x, shape, err := r.file.Int64(name)
	if err != nil {
		r.t.Fatal(err)
	}
	p := &Picture{shape[2], shape[1], shape[0], make([]uint8, len(x))}
	for i, v := range x {
		c, pixel := i/(p.Width*p.Height), i%(p.Width*p.Height)
		p.Pix[pixel*p.Channels+c] = uint8(v)
	}
	return p
}

// float32Rounding is what transformers' rounding to float32 after each step leaves: three half units in the last place of the
// largest number on the way, which is a level over the standard deviation, or 255 without rescaling.
const float32Rounding = 3 * 0x1p-24

func compareValues(t *testing.T, name string, p *Processor, img *Picture, r reference, key string) {
	t.Helper()
	got, err := p.Apply(img, 3)
	if err != nil {
		t.Fatal(err)
	}
	want, shape, err := r.file.Float64(key)
	if err != nil {
		t.Fatal(err)
	}
	if shape[0] != got.Channels || shape[1] != got.Height || shape[2] != got.Width {
		t.Fatalf("%s: %d × %d × %d; wanted %v", name, got.Channels, got.Height, got.Width, shape)
	}
	for i := range want {
		c := i / (got.Height * got.Width) % len(p.std)
		tolerance := float32Rounding * max(255*p.factor, math.Abs(p.mean[c])) / p.std[c] * 2
		if math.Abs(got.Values[i]-want[i]) > tolerance {
			t.Errorf("%s: value %d is %v; transformers has %v", name, i, got.Values[i], want[i])
			return
		}
	}
}
