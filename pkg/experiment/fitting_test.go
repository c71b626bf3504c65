package experiment

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/fit"
)

// sentences are n short texts of common words.
func sentences(n int) []string {
	words := strings.Fields("the star is made of many thin arms and each arm is slow in the light of a large city near water where people live work read old books")
	var texts []string
	for i := range n {
		var text []string
		for j := range 6 + i%5 {
			text = append(text, words[(i*7+j*(3+i%4))%len(words)])
		}
		texts = append(texts, strings.Join(text, " "))
	}
	return texts
}

func fitConfig(t *testing.T, texts []string, sets ...string) *config.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "corpus.txt")
	if err := os.WriteFile(path, []byte(strings.Join(texts, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, problems := config.Read(strings.NewReader("nasim: 1\ninput: {texts: {file: "+path+"}}\ntransformer: {select: [\"0:1\", \"2:0\"]}\nfit: {neurons: 24, steps: 60, batch: 3}\n"), "c.yaml", "", sets)
	if problems != nil {
		t.Fatal(problems)
	}
	return cfg
}

// fitted fits, and returns what is told, the maps, and the file's bytes.
func fitted(t *testing.T, cfg *config.Config, threads int) ([]FittedHead, *fit.Maps, []byte) {
	t.Helper()
	f, err := PrepareFit(cfg, threads)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "maps.npz")
	fitted, err := f.Run(t.Context(), out, "0", nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	file, err := npz.Read(out, raw)
	if err != nil {
		t.Fatal(err)
	}
	maps, err := fit.ReadMaps(file)
	if err != nil {
		t.Fatal(err)
	}
	return fitted.Heads, maps, raw
}

// A fit is better than its start on inputs that it has not seen, has the same bytes at any parallelism, and a run of its map has
// the error that it tells of.
func TestFit(t *testing.T) {
	cfg := fitConfig(t, sentences(60), "fit.steps=250")
	told, maps, raw := fitted(t, cfg, 1)
	for _, h := range told {
		if !(h.HeldOut < 0.7*h.Start) || !(h.HeldOut > 0) {
			t.Errorf("head %d:%d: held out %v, and %v at the start", h.Layer, h.Head, h.HeldOut, h.Start)
		}
	}
	if _, _, again := fitted(t, cfg, 3); !bytes.Equal(raw, again) {
		t.Error("three threads give another file")
	}
	path := filepath.Join(t.TempDir(), "maps.npz")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	// The held-out texts, run one by one: their squared errors together are the fit's.
	f, err := PrepareFit(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	off, size := map[int]float64{}, map[int]float64{}
	for _, i := range f.parts[2] {
		text, err := f.from.questions.Text(i)
		if err != nil {
			t.Fatal(err)
		}
		r, err := plan(t, "nasim: 1\ninput: {text: {string: "+text+"}}\ntransformer: {select: [\"0:1\", \"2:0\"]}\nnetwork: {features: {map: learned, file: "+path+"}}\nsolver: {method: none}\nrecord: {remedy: none}\n").Run(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for j, h := range r.heads {
			softmax, kernel := h.rung(compare.Softmax).Output, h.rung(compare.Kernel).Output
			for s, x := range softmax {
				off[j] += (kernel[s] - x) * (kernel[s] - x)
				size[j] += x * x
			}
		}
	}
	for j, h := range told {
		if got := math.Sqrt(off[j] / size[j]); math.Abs(got-h.HeldOut) > 1e-3*h.HeldOut {
			t.Errorf("head %d:%d: the runs' error is %v, and %v is told", h.Layer, h.Head, got, h.HeldOut)
		}
		if maps.Heads[j].HeldOutError != h.HeldOut {
			t.Errorf("the file says %v", maps.Heads[j].HeldOutError)
		}
	}
}

// What is held out has no part in the map: with other held-out texts only the error told of them is another.
func TestFitDoesNotSeeWhatIsHeldOut(t *testing.T) {
	texts := sentences(40)
	cfg := fitConfig(t, texts)
	f, err := PrepareFit(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	told, maps, _ := fitted(t, cfg, 2)
	for n, i := range f.parts[2] {
		texts[i] = fmt.Sprintf("quite another text of number %d, about neurons, glia and calcium", n)
	}
	toldAgain, mapsAgain, _ := fitted(t, fitConfig(t, texts), 2)
	for i := range told {
		if !reflect.DeepEqual(maps.Heads[i].LearnedMap, mapsAgain.Heads[i].LearnedMap) || told[i].Validation != toldAgain[i].Validation {
			t.Errorf("head %d: the held-out texts change the map", i)
		}
		if told[i].HeldOut == toldAgain[i].HeldOut {
			t.Errorf("head %d: other held-out texts have the same error", i)
		}
	}
}

// A map of another model, of other heads, or that is no map is refused before anything is run.
func TestLearnedMapRefused(t *testing.T) {
	_, _, raw := fitted(t, fitConfig(t, sentences(30), "fit.steps=1"), 2)
	dir := t.TempDir()
	path := filepath.Join(dir, "maps.npz")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "no.npz"), []byte("no"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, text := range map[string]string{
		"was fitted to a model":           "input: {image: {file: ../../configs/inputs/fashion-bag.png}}\nnetwork: {features: {map: learned, file: " + path + "}}",
		"holds no map of layer 1, head 0": "input: {text: {string: a star}}\ntransformer: {select: [\"1:0\"]}\nnetwork: {features: {map: learned, file: " + path + "}}",
		"for queries and keys of length":  "input: {synthetic: {dim: 5}}\ntransformer: {heads: [1]}\nnetwork: {features: {map: learned, file: " + path + "}}",
		"gone.npz":                        "input: {text: {string: a star}}\nnetwork: {features: {map: learned, file: gone.npz}}",
		"network.features.file":           "input: {text: {string: a star}}\nnetwork: {features: {map: learned, file: " + filepath.Join(dir, "no.npz") + "}}",
		"and none is named":               "input: {text: {string: a star}}\nnetwork: {features: {map: learned}}",
		"neurons is allowed only":         "input: {text: {string: a star}}\nnetwork: {features: {map: learned, file: " + path + ", neurons: 3}}",
	} {
		if _, err := tryPlan("nasim: 1\n" + text + "\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %q", err, want)
		}
	}
	if _, err := PrepareFit(fitConfig(t, sentences(2)), 1); err == nil || !strings.Contains(err.Error(), "none is left to fit to") {
		t.Error(err)
	}
}

// A run of a learned map can be repeated from its own directory, swapped too.
func TestLearnedRunRepeats(t *testing.T) {
	_, _, raw := fitted(t, fitConfig(t, sentences(30), "fit.steps=20"), 2)
	path := filepath.Join(t.TempDir(), "maps.npz")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	text := "nasim: 1\ninput: {text: {string: the star is made of many thin arms}}\ntransformer: {select: [\"0:1\", \"2:0\"]}\nswap: {mode: free-running}\n" +
		"network: {features: {map: learned, file: " + path + ", query_gain: trained}}\nrecord: {remedy: none}\n"
	dir := written(t, plan(t, text))
	cfg, problems := config.Load(filepath.Join(dir, "config.yaml"), nil)
	if problems != nil {
		t.Fatal(problems)
	}
	p, err := Plan(t.Context(), cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	again := written(t, p)
	for _, name := range []string{"outputs.npz", "metrics.json"} {
		if !bytes.Equal(read(t, dir, name), read(t, again, name)) {
			t.Errorf("%s is another", name)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "features.npz")); err == nil {
		t.Error("there is a features.npz")
	}
}
