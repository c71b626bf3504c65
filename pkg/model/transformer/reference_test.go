package transformer

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
)

// Both sides compute in float64 from the same weights, in another order of summation: relative differences are tens of roundings
// (1e-16 each) times the condition of a few layers. Seen: 2e-15.
const summationOrder = 1e-12

// storedFloat32 holds for references that were rounded to float32 when stored (half a unit in the last place is 6e-8).
const storedFloat32 = 1e-7

// relative is the largest difference, relative to the largest reference value.
func relative(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	difference, scale := 0.0, 0.0
	for i := range want {
		difference = max(difference, math.Abs(got[i]-want[i])) // NaN propagates
		scale = max(scale, math.Abs(want[i]))
	}
	return difference / scale
}

func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if r := relative(got, want); !(r <= tolerance) {
		t.Errorf("%s: %d and %d numbers, relative difference %.2g, wanted at most %.2g", what, len(got), len(want), r, tolerance)
	}
}

func open(t *testing.T, name string) *Model {
	t.Helper()
	m, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func forward(t *testing.T, m *Model, in Input, options Options) *Activations {
	t.Helper()
	a, err := m.Forward(context.Background(), in, options)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// fixture reads arrays of an NPZ file.
type fixture struct {
	t    *testing.T
	file *npz.File
}

func openFixture(t *testing.T, path string) fixture {
	t.Helper()
	f, err := npz.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return fixture{t, f}
}

func (f fixture) floats(name string) []float64 {
	f.t.Helper()
	x, _, err := f.file.Float64(name)
	if err != nil {
		f.t.Fatal(err)
	}
	return x
}

func (f fixture) ints(name string) []int {
	f.t.Helper()
	x, _, err := f.file.Int64(name)
	if err != nil {
		f.t.Fatal(err)
	}
	n := make([]int, len(x))
	for i, v := range x {
		n[i] = int(v)
	}
	return n
}

// compareLayers checks hidden states, queries, keys, values and attention of every layer against PyTorch's.
func compareLayers(t *testing.T, f fixture, prefix string, a *Activations, headTolerance float64) {
	t.Helper()
	hidden := f.floats(prefix + "hidden")
	if len(hidden) != len(a.Hidden)*a.Tokens*a.Width {
		t.Fatalf("%d hidden states of %d × %d against %d reference numbers", len(a.Hidden), a.Tokens, a.Width, len(hidden))
	}
	for l, states := range slices.Collect(slices.Chunk(hidden, a.Tokens*a.Width)) {
		if l == 0 && relative(a.Hidden[0], states) > 1e-3 {
			t.Fatal("not even the embeddings agree: the reference was made from other weights; run make fixtures")
		}
		near(t, fmt.Sprintf("hidden state %d", l), a.Hidden[l], states, summationOrder)
	}
	parts := map[string]func(Layer) [][]float64{
		"q":         func(l Layer) [][]float64 { return l.Q },
		"k":         func(l Layer) [][]float64 { return l.K },
		"v":         func(l Layer) [][]float64 { return l.V },
		"attention": func(l Layer) [][]float64 { return l.Attention },
	}
	for name, part := range parts {
		want := f.floats(prefix + name)
		size := len(want) / len(a.Layers)
		for l, layer := range a.Layers {
			near(t, fmt.Sprintf("%s of layer %d", name, l), slices.Concat(part(layer)...), want[l*size:(l+1)*size], headTolerance)
		}
	}
}

func TestTinyTextAgainstPyTorch(t *testing.T) {
	compareText(t, open(t, "tiny-text"), openFixture(t, "testdata/text_reference.npz"))
}

func compareText(t *testing.T, m *Model, f fixture) {
	t.Helper()
	for name, headTolerance := range map[string]float64{"short_": summationOrder, "long_": storedFloat32} {
		a := forward(t, m, Tokens{IDs: f.ints(name + "input_ids")}, Options{Attention: true})
		compareLayers(t, f, name, a, headTolerance)
		var rows []float64
		for _, r := range f.ints(name + "logits_rows") {
			rows = append(rows, a.Logits[r*a.LogitCols:(r+1)*a.LogitCols]...)
		}
		near(t, name+"logits", rows, f.floats(name+"logits"), summationOrder)

		a = forward(t, m, Tokens{IDs: f.ints(name + "masked_input_ids")}, Options{})
		at := f.ints(name + "masked_position")[0]
		near(t, name+"masked logits", a.Logits[at*a.LogitCols:(at+1)*a.LogitCols], f.floats(name+"masked_logits"), summationOrder)
	}
}

func TestTinyVisionAgainstPyTorch(t *testing.T) {
	compareVision(t, open(t, "tiny-vision"), openFixture(t, "testdata/vision_reference.npz"))
}

func compareVision(t *testing.T, m *Model, f fixture) {
	t.Helper()
	for _, name := range []string{"0_", "1_"} {
		pixels := f.ints(name + "pixels")
		img := greyImage(28, 28, func(x, y int) uint8 { return uint8(pixels[y*28+x]) })
		patches, err := m.EncodeImage(img)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+"pixels", patches.Pixels, f.floats(name+"pixel_values"), storedFloat32)
		patches.Pixels = f.floats(name + "pixel_values") // the reference ran on its own float32 pixels
		a := forward(t, m, patches, Options{Attention: true})
		compareLayers(t, f, name, a, summationOrder)
		near(t, name+"last", a.Final, f.floats(name+"last"), summationOrder)
		near(t, name+"logits", a.Logits, f.floats(name+"logits"), summationOrder)
	}
}

// smallReference is reference.json of the random models that testdata/huggingface_reference.py made with Hugging Face's own
// classes: other sizes, storage types, tokenizer parts and key order than our models have.
type smallReference struct {
	Text      string
	IDs       []int
	Tokens    []string
	Pixels    []float64
	Hidden    [][][]float64   // [L+1][N][D]
	Q, K, V   [][][]float64   // [L][N][H·d]
	Attention [][][][]float64 // [L][H][N][N]
	Logits    json.RawMessage // [N][V] or [classes]
}

func readSmall(t *testing.T, name string) (*Model, smallReference) {
	t.Helper()
	folder := filepath.Join("testdata", name)
	var r smallReference
	raw, err := os.ReadFile(filepath.Join(folder, "reference.json"))
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return open(t, folder), r
}

func compareSmall(t *testing.T, a *Activations, r smallReference) {
	t.Helper()
	joined := func(heads [][]float64) []float64 { // [H][N×d] to N × H·d
		x := make([]float64, a.Tokens*a.Width)
		for h, head := range heads {
			for i, v := range head {
				x[i/a.HeadDim*a.Width+h*a.HeadDim+i%a.HeadDim] = v
			}
		}
		return x
	}
	for l, layer := range a.Layers {
		near(t, fmt.Sprintf("q of layer %d", l), joined(layer.Q), slices.Concat(r.Q[l]...), summationOrder)
		near(t, fmt.Sprintf("k of layer %d", l), joined(layer.K), slices.Concat(r.K[l]...), summationOrder)
		near(t, fmt.Sprintf("v of layer %d", l), joined(layer.V), slices.Concat(r.V[l]...), summationOrder)
		for h := range a.Heads {
			near(t, fmt.Sprintf("attention of layer %d, head %d", l, h), layer.Attention[h], slices.Concat(r.Attention[l][h]...), summationOrder)
		}
	}
	for l := range a.Layers { // whether the last recorded state is normed depends on the library's version: see Final
		near(t, fmt.Sprintf("hidden state %d", l), a.Hidden[l], slices.Concat(r.Hidden[l]...), summationOrder)
	}
}

func TestHuggingFaceAlbert(t *testing.T) {
	m, r := readSmall(t, "albert")
	tokens, err := m.EncodeText(r.Text)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(tokens.IDs, r.IDs) || !slices.Equal(tokens.Strings, r.Tokens) {
		t.Fatalf("tokens %q %v; wanted %q %v", tokens.Strings, tokens.IDs, r.Tokens, r.IDs)
	}
	a := forward(t, m, tokens, Options{Attention: true})
	compareSmall(t, a, r)
	near(t, "last hidden state", a.Final, slices.Concat(r.Hidden[m.Layers()]...), summationOrder)
	var logits [][]float64
	if err := json.Unmarshal(r.Logits, &logits); err != nil {
		t.Fatal(err)
	}
	near(t, "logits", a.Logits, slices.Concat(logits...), summationOrder)
}

func TestHuggingFaceViT(t *testing.T) {
	m, r := readSmall(t, "vit")
	img := readImage(t, "picture/testdata/photograph.png")
	patches, err := m.EncodeImage(img)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "pixels", patches.Pixels, r.Pixels, storedFloat32)
	patches.Pixels = r.Pixels
	a := forward(t, m, patches, Options{Attention: true})
	compareSmall(t, a, r)
	var logits []float64
	if err := json.Unmarshal(r.Logits, &logits); err != nil {
		t.Fatal(err)
	}
	near(t, "logits", a.Logits, logits, summationOrder)
}
