package experiment

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
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
	told, raw := ran(t, cfg, threads)
	file, err := npz.Read("maps.npz", raw)
	if err != nil {
		t.Fatal(err)
	}
	maps, err := fit.ReadMaps(file)
	if err != nil {
		t.Fatal(err)
	}
	return told.Heads, maps, raw
}

// ran fits, and returns what is told and the file's bytes.
func ran(t *testing.T, cfg *config.Config, threads int) (*Fitted, []byte) {
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
	return fitted, raw
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

// What is held out has no part in the map: with other held-out texts only the error told of them is another, whatever chooses the
// number of neurons.
func TestFitDoesNotSeeWhatIsHeldOut(t *testing.T) {
	for _, sets := range [][]string{nil, {"fit.synapses=600", "fit.neurons=625"}, {"fit.synapses=2000", "fit.target=0.2", "fit.neurons=625"}, {"fit.synapses=600", "fit.target=1e-6", "fit.neurons=625"}} {
		t.Run(fmt.Sprint(sets), func(t *testing.T) { heldOutIsUnseen(t, sets) })
	}
}

func heldOutIsUnseen(t *testing.T, sets []string) {
	texts := sentences(40)
	cfg := fitConfig(t, texts, sets...)
	f, err := PrepareFit(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	told, maps, _ := fitted(t, cfg, 2)
	for n, i := range f.parts[2] {
		texts[i] = fmt.Sprintf("quite another text of number %d, about neurons, glia and calcium", n)
	}
	toldAgain, mapsAgain, _ := fitted(t, fitConfig(t, texts, sets...), 2)
	for i := range told {
		for j, trial := range told[i].Trials {
			again := toldAgain[i].Trials[j]
			if trial.HeldOut == again.HeldOut {
				t.Errorf("head %d: other held-out texts have the same error", i)
			}
			if again.HeldOut = trial.HeldOut; trial != again {
				t.Errorf("head %d: the held-out texts change a fit from %+v to %+v", i, trial, again)
			}
		}
		if looks := maps.Looks(told[i].Layer, told[i].Head); len(looks) < 2 || looks[0].Error != told[i].Start || !reflect.DeepEqual(looks, told[i].History) || !reflect.DeepEqual(looks, toldAgain[i].History) ||
			!slices.ContainsFunc(looks, func(l fit.Look) bool { return l.Step == told[i].BestStep && l.Error == told[i].Validation }) {
			t.Errorf("head %d: the looks on the way are %+v", i, looks)
		}
		if told[i].Reached != toldAgain[i].Reached || len(told[i].Trials) != len(toldAgain[i].Trials) {
			t.Errorf("head %d: the held-out texts change the search", i)
		}
		if !reflect.DeepEqual(maps.Heads[i].LearnedMap, mapsAgain.Heads[i].LearnedMap) || told[i].Validation != toldAgain[i].Validation {
			t.Errorf("head %d: the held-out texts change the map", i)
		}
	}
}

// What chooses among the steps has no other part in the map: with other texts to choose by, which choose the same step, the map is the
// same, and only the errors on them are others.
func TestFitIsNotFittedToWhatChooses(t *testing.T) {
	texts := sentences(40)
	cfg := fitConfig(t, texts)
	f, err := PrepareFit(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	told, maps, _ := fitted(t, cfg, 2)
	for n, i := range f.parts[1] {
		texts[i] = fmt.Sprintf("in the year %d the village was small, and its people were few and old", 900+n)
	}
	toldAgain, mapsAgain, _ := fitted(t, fitConfig(t, texts), 2)
	for i, h := range told {
		again := toldAgain[i]
		if h.BestStep != again.BestStep {
			t.Fatalf("head %d: steps %d and %d are chosen: take texts that choose the same", i, h.BestStep, again.BestStep)
		}
		if h.Validation == again.Validation || h.Start == again.Start {
			t.Errorf("head %d: other texts to choose by have the same errors", i)
		}
		if h.HeldOut != again.HeldOut || h.Train != again.Train || !reflect.DeepEqual(maps.Heads[i].LearnedMap, mapsAgain.Heads[i].LearnedMap) {
			t.Errorf("head %d: the texts to choose by change the map", i)
		}
	}
}

// Of a total of synapses a head that is hard gets more than one that is easy, and all of it is given.
func TestFitShares(t *testing.T) {
	cfg := fitConfig(t, sentences(60), "fit.synapses=390", "fit.neurons=625", "transformer.select=[]", "transformer.layers=[0, 1]")
	told, maps, _ := fitted(t, cfg, 2)
	total := 0
	slices.SortFunc(told, func(a, b FittedHead) int { return cmp.Compare(a.Neurons, b.Neurons) })
	for _, h := range told {
		total += h.Neurons
		if n := len(h.Trials); n != 3 || h.Trials[n-1] != h.Trial || h.Trials[0].Neurons*4 > h.Trials[1].Neurons || h.Trials[0].Steps != 15 || h.Steps != 60 {
			t.Errorf("head %d:%d: %+v", h.Layer, h.Head, h.Trials)
		}
	}
	average := 390 / told[0].Values
	if total != len(told)*average || told[0].Neurons == told[len(told)-1].Neurons {
		t.Errorf("%d neurons of %d, from %d to %d", total, len(told)*average, told[0].Neurons, told[len(told)-1].Neurons)
	}
	if easy, hard := told[0].Trials[1].Validation, told[len(told)-1].Trials[1].Validation; !(hard > easy) {
		t.Errorf("the head with most neurons had an error of %v, and that with fewest of %v", hard, easy)
	}
	if len(maps.Trials) != 3*len(told) {
		t.Errorf("the file holds %d fits", len(maps.Trials))
	}
}

// With a target a head has the fewest of the neurons that were tried which bring its validation error there; one that is out of
// reach is said not to be reached, and the best is kept.
func TestFitReachesTarget(t *testing.T) {
	texts := sentences(60)
	whole, _, _ := fitted(t, fitConfig(t, texts, "fit.neurons=100"), 2)
	target := 1.2 * whole[0].Validation
	for _, c := range []struct {
		target  float64
		reached bool
	}{{target, true}, {1e-6, false}} {
		cfg := fitConfig(t, texts, fmt.Sprintf("fit.target=%g", c.target), fmt.Sprintf("fit.synapses=%d", 100*whole[0].Values), "fit.neurons=625", "transformer.select=[\"0:1\"]")
		told, maps, _ := fitted(t, cfg, 2)
		h := told[0]
		if h.Reached != c.reached || maps.Trials[0].Neurons != 3 || h.Neurons > 100 {
			t.Errorf("%+v", h)
		}
		for _, trial := range h.Trials {
			if c.reached && trial.Validation <= c.target && trial.Neurons < h.Neurons {
				t.Errorf("%d neurons are kept, and %d have %v", h.Neurons, trial.Neurons, trial.Validation)
			}
			if !c.reached && trial.Validation < h.Validation {
				t.Errorf("%v is kept, and %v was there", h.Validation, trial.Validation)
			}
		}
		if c.reached != (h.Validation <= c.target) {
			t.Errorf("%v, and the target is %v", h.Validation, c.target)
		}
	}
	if _, err := PrepareFit(fitConfig(t, texts, "fit.synapses=1", "fit.neurons=625"), 1); err == nil || !strings.Contains(err.Error(), "fit.synapses: 1 synapses are fewer than the") {
		t.Error(err)
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
		"and none is named":               "input: {synthetic: {}}\nnetwork: {features: {map: learned}}",
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
