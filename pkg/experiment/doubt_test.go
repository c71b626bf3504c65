package experiment

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/models"
)

// checkDoubts plans a run and compares what is doubted of its input: the codes, and
// what the texts say.
func checkDoubts(t *testing.T, name, yaml, codes, want string) {
	t.Helper()
	p, err := tryPlan("nasim: 1\n" + yaml + "\n")
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	var have []string
	for _, w := range p.first.warnings {
		have = append(have, w.Code)
	}
	if said := strings.Join(p.Warnings(), "\n"); strings.Join(have, " ") != codes || !strings.Contains(said, want) {
		t.Errorf("%s: %v %q; want %s, %q", name, have, said, codes, want)
	}
}

func TestDoubtedTexts(t *testing.T) {
	for _, c := range []struct{ name, text, codes, want string }{
		{"plain", "The star is made of many thin arms.", "", ""},
		{"capitals", "THE STAR IS MADE OF MANY THIN ARMS", "", ""},
		{"rare words", "Neurons and astrocytes interact.", "", ""},
		{"German", "Die Katze sitzt auf der Matte und schläft den ganzen Tag.", "", ""},
		{"Russian", "Нейрон и астроцит", "text-unknown", `knows no word of the text ("неирон", "и", "астроцит"): all 3 tokens`},
		{"some", "The 神 star is 经 元 经 here", "text-unknown", `4 of the text's 8 tokens (50 %) are the unknown token, the same for every word that is not in the vocabulary of the model tiny-text: "神", "经", "元"`},
		{"few", "The star is made of many thin arms, and each arm is of 神", "", ""},
		{"many unknown", "神 经 元 网 络 注 意 力", "text-unknown", `("神", "经", "元", "网", "络" and 3 more)`},
		{"letters", "qwrtzp xkcd", "text-pieces", "the text's 2 words are cut into 9 tokens, 4.5 a word"},
		{"special", "the [MASK] is [SEP] a [MASK]", "text-special", `special tokens of the model tiny-text (3: "[MASK]", "[SEP]")`},
		{"damaged", "the star � is", "text-damaged", "1 × U+FFFD"},
		{"long", strings.Repeat("a star ", 200), "text-cut", "of 402 tokens the last 146 are not read"},
	} {
		checkDoubts(t, c.name, `input: {text: {string: "`+c.text+`", truncate: true}}`, c.codes, c.want)
	}
	checkDoubts(t, "prompt", "input: {text: {string: the cat}}\ntransformer: {model: ../model/transformer/testdata/sentence/bert-prompt}", "text-prompt", `puts its prompt "query: " in front`)
}

func TestDoubtedPictures(t *testing.T) {
	grey := func(width, height int, at func(x, y int) uint8) *image.Gray {
		picture := image.NewGray(image.Rect(0, 0, width, height))
		for i := range picture.Pix {
			picture.Pix[i] = at(i%width, i/width)
		}
		return picture
	}
	noise := func(x, y int) uint8 { return uint8(x*x*31 + y*17 + x*y*7) }
	one := func(x, y int) uint8 { return 77 }
	for _, c := range []struct {
		name    string
		picture image.Image
		codes   string
		want    string
	}{
		{"as the model's", grey(28, 28, noise), "", ""},
		{"16:9", grey(160, 90, noise), "", ""},
		{"one pixel", grey(1, 1, one), "picture-one-colour", "1 × 1 pixels, shows one colour"},
		{"one colour", grey(60, 40, one), "picture-one-colour", "60 × 40 pixels"},
		{"wide", grey(300, 20, noise), "picture-elongated", "300 × 20 pixels, and the model sees it as 28 × 28: one side is squeezed 15 times"},
		{"tall", grey(20, 60, noise), "picture-elongated", "squeezed 3 times"},
		{"not that tall", grey(20, 59, noise), "", ""},
		{"small", grey(5, 5, noise), "picture-coarse", "5 × 5 pixels, fewer than there are patches, 7 × 7"},
		{"a line", grey(90, 1, noise), "picture-coarse picture-elongated", "squeezed 90 times"},
	} {
		var raw bytes.Buffer
		if err := png.Encode(&raw, c.picture); err != nil {
			t.Fatal(err)
		}
		checkDoubts(t, c.name, "input: {image: {file: "+inFile(t, "picture.png", raw.Bytes())+"}}", c.codes, c.want)
	}

	var raw bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 28, 28), color.Palette{color.Black, color.White})
	for i := range frame.Pix {
		frame.Pix[i] = uint8(i / 5 % 2)
	}
	if err := gif.EncodeAll(&raw, &gif.GIF{Image: []*image.Paletted{frame, frame, frame}, Delay: []int{1, 1, 1}}); err != nil {
		t.Fatal(err)
	}
	checkDoubts(t, "moving", "input: {image: {file: "+inFile(t, "moving.gif", raw.Bytes())+"}}", "picture-frames", "the file holds 3 frames; the first is taken")

	// A model that keeps proportions and crops sees the centre of a long picture, not all of it squeezed.
	model := t.TempDir()
	for _, name := range []string{"config.json", "model.safetensors", "preprocessor_config.json"} {
		content, err := models.FS.ReadFile("tiny-vision/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "preprocessor_config.json" {
			content = bytes.Replace(content, []byte(`"do_resize": true,`), []byte(`"do_resize": true, "do_center_crop": true, "crop_size": 28, "default_to_square": false,`), 1)
			content = regexp.MustCompile(`"size": \{[^}]*\}`).ReplaceAll(content, []byte(`"size": 28`))
		}
		if err := os.WriteFile(filepath.Join(model, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw.Reset()
	if err := png.Encode(&raw, grey(300, 60, noise)); err != nil {
		t.Fatal(err)
	}
	checkDoubts(t, "cropped", "input: {image: {file: "+inFile(t, "picture.png", raw.Bytes())+"}}\ntransformer: {model: "+model+"}",
		"picture-cropped", "300 × 60 pixels, and the model sees its centre of 60 × 60 alone, 20 % of it")
}

func TestDoubtedTensors(t *testing.T) {
	tensors := func(shapes map[string][]int) string {
		return "input: {tensors: {file: " + writeTensors(t, shapes) + "}}"
	}
	given := func(shape []int, arrays map[string][]float64) string {
		path := filepath.Join(t.TempDir(), "given.npz")
		writeArrays(t, path, arrays, shape)
		return "input: {tensors: {file: " + path + "}}"
	}
	x, y, z := []float64{1, 2, 3, 4, 5, 6}, []float64{3, 2, 1, 5, 6, 4}, []float64{2, 9, 4, 1, 3, 5}
	for _, c := range []struct{ name, yaml, codes, want string }{
		{"plain", given([]int{1, 3, 2}, map[string][]float64{"q": x, "k": y, "v": z}), "", ""},
		{"tokens first", given([]int{3, 1, 2}, map[string][]float64{"q": x, "k": y, "v": z}), "tensors-axes heads-one-token",
			"q has the shape [3 1 2], taken as [heads, tokens, size], with more heads than tokens; if it is [tokens, heads, size], save q.transpose(1, 0, 2)"},
		{"features, tokens first", tensors(map[string][]int{"phi_q": {5, 2, 3}, "phi_k": {5, 2, 3}, "v": {5, 2, 4}}), "tensors-axes tensors-equal", "phi_q has the shape [5 2 3]"},
		{"joined", tensors(map[string][]int{"q": {3, 257}, "k": {3, 257}, "v": {3, 4}}), "tensors-joined tensors-equal", "taken as one head of size 257"},
		{"wide", tensors(map[string][]int{"q": {3, 256}, "k": {3, 256}, "v": {3, 4}}), "tensors-equal", ""},
		{"many features", tensors(map[string][]int{"phi_q": {3, 300}, "phi_k": {3, 300}, "v": {3, 4}}), "tensors-equal", ""},
		{"saved twice", given([]int{3, 2}, map[string][]float64{"q": x, "k": y, "v": y}), "tensors-equal", "k and v hold the same numbers"},
		{"silent queries", given([]int{3, 2}, map[string][]float64{"q": make([]float64, 6), "k": y, "v": x}), "heads-uniform", "layer 0, head 0: attention is uniform"},
		{"queries alike", given([]int{3, 2}, map[string][]float64{"q": {1, 2, 1, 2, 1, 2}, "k": y, "v": x}), "", ""},
		{"keys alike", given([]int{3, 2}, map[string][]float64{"q": x, "k": {1, 2, 1, 2, 1, 2}, "v": y}), "heads-uniform", ""},
		{"one head of two", given([]int{2, 3, 1}, map[string][]float64{"q": x, "k": y, "v": {1, 2, 3, 4, 4, 4}}), "heads-one-value", "layer 0, head 1: the values of all tokens are equal"},
		{"no values", given([]int{2, 3, 1}, map[string][]float64{"q": x, "k": y, "v": make([]float64, 6)}), "heads-no-values", "every head: the values are all 0"},
		{"synthetic", "input: {synthetic: {norm: 0}}", "heads-uniform", ""},
		{"one token", "input: {synthetic: {tokens: 1}}", "heads-one-token", ""},
		{"causal", "input: {synthetic: {}}\nnetwork: {schedule: {order: causal}}", "order-foreknown",
			"but the queries' common factor (query_gain: balanced) and the calcium's first value (baseline: median) are made from all tokens, later ones too"},
		{"causal, receptors", "input: {synthetic: {}}\nnetwork: {astrocyte: {readout: receptor}, schedule: {order: causal}}", "order-foreknown", "and the receptors' half effect (readout: receptor) are made from"},
		{"causal, no astrocyte", "input: {synthetic: {}}\nnetwork: {circuit: none, features: {query_gain: none}, schedule: {order: causal}}", "order-foreknown", "but the number that divides (circuit: none) is made from"},
		{"causal, cell", "input: {synthetic: {}}\nnetwork: {astrocyte: {calcium: li-rinzel}, schedule: {order: causal}}", "order-foreknown", "and how strongly what is collected drives the cell (calcium: li-rinzel) are made from"},
		{"causal, de-pitta", "input: {synthetic: {}}\nnetwork: {astrocyte: {calcium: de-pitta}, schedule: {order: causal}}", "order-foreknown", "and how strongly what is collected drives the cell (calcium: de-pitta) are made from"},
		{"oscillating", "input: {synthetic: {}}\nnetwork: {astrocyte: {calcium: li-rinzel, ip3_max: 0.5}}", "calcium-oscillates", "IP3 reaches 0.5 µM, and from 0.3545 to 0.6369 µM calcium does not settle but oscillates (ip3_max): --set network.astrocyte.ip3_max=0.3"},
		{"stable", "input: {synthetic: {}}\nnetwork: {astrocyte: {calcium: li-rinzel, ip3_max: 0.345}}", "", ""},
		{"causal, own gain", "input: {synthetic: {}}\nnetwork: {features: {query_gain: norm}, schedule: {order: causal}}", "order-foreknown", "but the calcium's first value (baseline: median) is made from"},
		{"causal, blind", "input: {synthetic: {}}\nnetwork: {features: {query_gain: none}, astrocyte: {baseline: 2}, schedule: {order: causal}}", "", ""},
		{"hurried", "input: {synthetic: {}}\nnetwork: {schedule: {gap: 49ms}}", "blanks-short", "blanks of 49ms are short for neurons with a time constant of 10ms: --set network.schedule.gap=50ms"},
		{"at rest", "input: {synthetic: {}}\nnetwork: {schedule: {gap: 50ms}}", "", ""},
		{"no blanks", "input: {synthetic: {}}\nnetwork: {schedule: {gap: 0ms}}", "", ""},
		{"own rate", "input: {synthetic: {}}\nnetwork: {synapses: {learning_rate: 1}, schedule: {gap: 1ms}}", "", ""},
	} {
		checkDoubts(t, c.name, c.yaml, c.codes, c.want)
	}

	whole := filepath.Join(t.TempDir(), "whole.npz")
	f, err := os.Create(whole)
	if err != nil {
		t.Fatal(err)
	}
	w := npz.NewWriter(f)
	w.Int64("q", []int{3, 1}, []int64{1, 2, 3})
	w.Float64("k", []int{3, 1}, []float64{1, 2, 4})
	w.Int64("v", []int{3, 1}, []int64{1, 0, 0})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	checkDoubts(t, "quantised", "input: {tensors: {file: "+whole+"}}", "tensors-whole", "q holds whole numbers")
}

// Layouts that are refused are refused with what to write instead.
func TestOtherLayouts(t *testing.T) {
	for _, c := range []struct {
		shapes map[string][]int
		want   string
	}{
		{map[string][]int{"q": {1, 2, 3, 4}, "k": {1, 2, 3, 4}, "v": {1, 2, 3, 4}}, "one axis too many; needed is [heads, tokens, size], so of a batch give one entry: q[0]"},
		{map[string][]int{"q": {6, 3, 4}, "k": {2, 3, 4}, "v": {2, 3, 5}}, "they must be equal; of grouped queries, give each its own: np.repeat(k, 3, axis=0) and np.repeat(v, 3, axis=0)"},
		{map[string][]int{"q": {3, 4}, "k": {3, 4}, "v": {3, 4}, "output_kernel": {3, 4}}, "it is a run's outputs.npz, whose q and k are divided by d^¼ already"},
	} {
		if _, err := tryPlan("nasim: 1\ninput: {tensors: {file: " + writeTensors(t, c.shapes) + "}}\n"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v; want %q", c.shapes, err, c.want)
		}
	}
}

// Every doubt is listed where the files of a run are described.
func TestDoubtsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/run-directory.md")
	if err != nil {
		t.Fatal(err)
	}
	var source []byte
	for _, file := range []string{"doubt.go", "set.go", "questions.go"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, raw...)
	}
	count := 0
	for _, quoted := range strings.Split(string(source), `"`) {
		if kind, _, ok := strings.Cut(quoted, "-"); ok && !strings.Contains(quoted, " ") && slices.Contains(strings.Fields("text texts picture tensors heads order blanks inputs set calcium"), kind) {
			count++
			if !bytes.Contains(page, []byte("`"+quoted+"`")) {
				t.Errorf("%s is not in docs/run-directory.md", quoted)
			}
		}
	}
	if count < 24 {
		t.Errorf("%d codes found", count)
	}
}

func inFile(t *testing.T, name string, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, raw, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// In a causal run what is taken from all tokens looks ahead; what a map file holds does not.
func TestDoubtedTuning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "maps.npz")
	maps, err := models.FS.ReadFile("tiny-vision/maps.npz")
	if err == nil {
		err = os.WriteFile(path, maps, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	const picture = "input: {image: {file: ../../configs/inputs/fashion-bag.png}}\nnetwork: {schedule: {order: %s}, features: {query_gain: none, %s}, astrocyte: {baseline: 1}}"
	for _, c := range []struct{ order, features, codes, want string }{
		{"bidirectional", "map: pairs, invariances: both", "", ""},
		{"causal", "map: positive", "", ""},
		{"causal", "map: gauss", "tuning-looks-ahead", "the rows of the map gauss"},
		{"causal", "map: positive, invariances: center", "tuning-looks-ahead", "the invariances (center)"},
		{"causal", "map: positive, invariances: center, file: " + path, "", ""},
	} {
		checkDoubts(t, c.order+" "+c.features, fmt.Sprintf(picture, c.order, c.features), c.codes, c.want)
	}
}
