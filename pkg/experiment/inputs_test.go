package experiment

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model"
)

// Features given as tensors have no softmax to be compared with.
func TestGivenFeatures(t *testing.T) {
	path := writeTensors(t, map[string][]int{"phi_q": {2, 3, 4}, "phi_k": {2, 3, 4}, "v": {2, 3, 2}})
	r, err := plan(t, "nasim: 1\ninput: {tensors: {file: "+path+"}}\n").Run(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range r.Report.Heads {
		if h.Reference != compare.Kernel || h.Value(compare.OnLadder, "kernel_error").Known() {
			t.Errorf("reference %s, kernel error %v", h.Reference, h.Value(compare.OnLadder, "kernel_error"))
		}
	}
}

// Given features that can be negative are signed: their calcium may vanish.
func TestGivenSignedFeaturesStop(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signed.npz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := npz.NewWriter(f)
	w.Float64("phi_q", []int{2, 1}, []float64{1, -1})
	w.Float64("phi_k", []int{2, 1}, []float64{1, 1})
	w.Float64("v", []int{2, 1}, []float64{1, 2})
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	config := "nasim: 1\ninput: {tensors: {file: " + path + "}}\n"
	var floor *model.FloorError
	if _, err := plan(t, config).Run(context.Background(), nil); !errors.As(err, &floor) || floor.Segment.Token != 1 {
		t.Errorf("signed features: %v; want a stop at token 1", err)
	}
	if _, err := plan(t, config, "solver.method=none").Run(context.Background(), nil); err != nil {
		t.Errorf("signed features without dynamics: %v", err)
	}
}

// An input may bear the name of a file that nasim writes beside it.
func TestInputNamedLikeOurs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens.json")
	if err := os.WriteFile(path, []byte("a star"), 0o666); err != nil {
		t.Fatal(err)
	}
	dir := written(t, plan(t, "nasim: 1\ninput: {text: {file: "+path+"}}\nnetwork: {features: {neurons: 4}}\n"))
	if text := read(t, dir, "inputs/input-tokens.json"); string(text) != "a star" {
		t.Errorf("the copy holds %q", text)
	}
}

// Features beyond float64 are refused, not turned into zeros and infinities.
func TestTokensTooLongForTheMap(t *testing.T) {
	p := plan(t, "nasim: 1\ninput: {synthetic: {tokens: 4, dim: 8, values: 2, norm: 30}}\nnetwork: {features: {map: trig, neurons: 4}}\n")
	if _, err := p.Run(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "decades") {
		t.Errorf("norm 30: %v", err)
	}
}

// writeTensors writes arrays of positive numbers with the given shapes.
func writeTensors(t testing.TB, shapes map[string][]int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "heads.npz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := npz.NewWriter(f)
	for name, shape := range shapes {
		n := 1
		for _, s := range shape {
			n *= s
		}
		x := make([]float64, n)
		for i := range x {
			x[i] = 0.1 + float64(i*7919%101)/101
		}
		if err := w.Float64(name, shape, x); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBadInputs(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct{ name, yaml, want string }{
		{"empty text", "input: {text: {string: ' '}}", "the text is empty"},
		{"empty file", "input: {text: {file: " + file("empty.txt", "\n\n") + "}}", "the text is empty"},
		{"missing file", "input: {text: {file: " + dir + "/no.txt}}", "no such file"},
		{"latin-1", "input: {text: {file: " + file("latin.txt", "caf\xe9") + "}}", "UTF-8"},
		{"too long", "input: {text: {string: '" + strings.Repeat("many words ", 300) + "'}}", "256 positions"},
		{"not a picture", "input: {image: {file: " + file("a.png", "not a picture") + "}}", "a.png"},
		{"no model", "input: {text: {string: a}}\ntransformer: {model: ./nowhere}", "nowhere"},
		{"image model", "input: {text: {string: a}}\ntransformer: {model: tiny-vision}", "takes image input, not text"},
		{"other weights", "input: {text: {string: a}}\ntransformer: {sha256: abc}", "SHA-256"},
		{"head out of range", "input: {text: {string: a}}\ntransformer: {heads: [9]}", "transformer.heads: there is no head 9: tiny-text has 4; 0 to 3; counting"},
		{"layer out of range", "input: {text: {string: a}}\ntransformer: {select: ['99:0']}", "transformer.select: there is no layer 99: tiny-text has 6; 0 to 5; counting"},
		{"endless heads", "input: {synthetic: {}}\ntransformer: {select: ['0:*']}", "no end"},
		{"not npz", "input: {tensors: {file: " + file("a.npz", "PK") + "}}", "a.npz"},
		{"missing v", "input: {tensors: {file: " + writeTensors(t, map[string][]int{"q": {3, 4}, "k": {3, 4}}) + "}}", "needed are q, k and v"},
		{"unlike shapes", "input: {tensors: {file: " + writeTensors(t, map[string][]int{"q": {3, 4}, "k": {3, 5}, "v": {3, 2}}) + "}}", "must be equal"},
		{"unlike tokens", "input: {tensors: {file: " + writeTensors(t, map[string][]int{"q": {3, 4}, "k": {3, 4}, "v": {2, 2}}) + "}}", "must be equal"},
		{"one dimension", "input: {tensors: {file: " + writeTensors(t, map[string][]int{"q": {3}, "k": {3}, "v": {3}}) + "}}", "the shape [3]"},
	} {
		_, err := tryPlan("nasim: 1\n" + c.yaml + "\n")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
	}
}
