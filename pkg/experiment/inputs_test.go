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
	"github.com/nasim-sim/nasim/pkg/model/features"
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
	_, err := tryPlan("nasim: 1\ninput: {synthetic: {tokens: 4, dim: 8, values: 2, norm: 30}}\nnetwork: {features: {map: trig, neurons: 4}}\n")
	if err == nil || !strings.Contains(err.Error(), "decades") {
		t.Errorf("norm 30: %v", err)
	}
}

// What a refusal or a warning advises comes true: done, it is not said again.
func TestAdviceOnNumbersComesTrue(t *testing.T) {
	const (
		silent   = "silent in the map positive_cosine, the first being that of token "
		faint    = "less than float64 holds"
		gaussian = "nasim: 1\ninput: {synthetic: {tokens: 3, dim: 4, values: 2}}\n"
	)
	muted := gaussian + "network: {features: {map: positive_cosine, neurons: 2}}\nsolver: {method: exact}\n"
	loud := strings.Replace(gaussian, "values: 2", "values: 2, norm: 30", 1)
	for _, c := range []struct {
		yaml, want string
		sets       []string // with which it happens
		remedies   []string // each alone mends it
	}{
		{muted, "3 of 3 queries are " + silent + "0", []string{"seed=8"}, append(mapsSet(features.Answering()), "features.neurons=64")},
		{muted, "1 of 3 queries are " + silent, []string{"seed=2"}, append(mapsSet(features.Answering()), "features.neurons=64")},
		{muted, "query 0 is silent in the map positive_cosine", []string{"seed=8", "query_gain=equalised"}, append(mapsSet(features.Answering()), "features.neurons=64")},
		{loud, faint, []string{"tokens=8", "map=positive", "features.neurons=32", "query_gain=none", "baseline=1", "drive=ungated", "learning_rate=1", "schedule.gap=0ms"}, append(mapsSet(features.Level()), "norm=2")},
		{loud, faint, []string{"tokens=8", "map=positive", "features.neurons=32", "query_gain=equalised", "baseline=1", "drive=ungated", "learning_rate=1", "schedule.gap=0ms"}, append(mapsSet(features.Level()), "norm=2")},
		{loud, "decades", []string{"map=trig", "features.neurons=4"}, append(mapsSet(features.Level()), "norm=2")},
		{loud, "decades", []string{"map=ideal", "norm=100"}, append(mapsSet(features.Level()), "norm=2")},
		{loud, "at most 6.71e+04 is taken", []string{"norm=1e20"}, append(mapsSet(features.Level()), "norm=2")},
		{loud, "the queries or keys are too long", []string{"map=ideal", "norm=1e200"}, []string{"norm=2"}},
		{loud, "too long for the map positive", []string{"norm=1e200"}, []string{"norm=2"}},
		{gaussian + "network: {features: {map: trig, neurons: 4}}\n", "the map trig is signed", []string{"method=exact", "norm=4"}, append(mapsSet(features.Answering()), "method=none")},
		{gaussian + "solver: {rtol: 1e-300, atol: 1e-300}\n", "raise solver.rtol and solver.atol", nil, []string{"rtol=1e-6 atol=1e-9", "solver.method=exact"}},
		{gaussian, "set solver.method: exact", []string{"tau_hidden=1e-300ms"}, []string{"solver.method=exact"}},
	} {
		if said := saidOf(t, c.yaml, c.sets...); !strings.Contains(said, c.want) {
			t.Errorf("%v: %q; want %q", c.sets, said, c.want)
		}
		for _, remedy := range c.remedies {
			if said := saidOf(t, c.yaml, append(c.sets, strings.Split(remedy, " ")...)...); strings.Contains(said, c.want) || strings.HasPrefix(said, "error") {
				t.Errorf("%v, and %s as advised: %q", c.sets, remedy, said)
			}
		}
	}
}

// mapsSet sets the feature map to each of these.
func mapsSet(names []string) (sets []string) {
	for _, name := range names {
		sets = append(sets, "map="+name)
	}
	return sets
}

// saidOf runs a configuration and returns its error or its warnings.
func saidOf(t *testing.T, yaml string, sets ...string) string {
	t.Helper()
	p, err := tryPlan(yaml, sets...)
	if err != nil {
		return "error: " + err.Error()
	}
	r, err := p.Run(context.Background(), nil)
	if err != nil {
		return "error: " + err.Error()
	}
	return strings.Join(r.Warnings, "\n")
}

// Silence in given features is a warning as long as most queries are answered; and
// numbers whose products overflow are refused.
func TestGivenNumbersThatCannotBeAnswered(t *testing.T) {
	for _, c := range []struct {
		q, v []float64
		want string
	}{
		{[]float64{1, 0, 1}, []float64{1, 2, 3}, "1 of 3 queries are silent in the features given, the first being that of token 1"},
		{[]float64{0, 0, 1}, []float64{1, 2, 3}, "layer 0, head 0: 2 of 3 queries are silent in the features given, the first being that of token 0"},
		{[]float64{1, 1, 1e31}, []float64{1, 2, 3}, "phi_q holds 1e+31 at index 2; at most 1e+30"},
		{[]float64{1, 1, 1}, []float64{1, -2e300, 3}, "v holds -2e+300 at index 1; at most 1e+30"},
		{[]float64{1e30, 1e30, 1e30}, []float64{1e30, 1e30, 1e30}, ""},
	} {
		path := filepath.Join(t.TempDir(), "given.npz")
		writeArrays(t, path, map[string][]float64{"phi_q": c.q, "phi_k": {1, 1, 1}, "v": c.v}, []int{3, 1})
		said := ""
		p, err := tryPlan("nasim: 1\ninput: {tensors: {file: " + path + "}}\nsolver: {method: exact}\n")
		if err != nil {
			said = err.Error()
		} else if r, err := p.Run(context.Background(), nil); err != nil {
			said = "error: " + err.Error()
		} else {
			said = strings.Join(r.Warnings, "\n")
		}
		if !strings.Contains(said, c.want) || c.want == "" && said != "" {
			t.Errorf("%v, %v: %q; want %q", c.q, c.v, said, c.want)
		}
	}
}

// writeArrays writes arrays of one shape.
func writeArrays(t testing.TB, path string, arrays map[string][]float64, shape []int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := npz.NewWriter(f)
	for name, x := range arrays {
		w.Float64(name, shape, x) // errors surface in Close
	}
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
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
