package experiment

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/fit"
)

// questioned are texts, in every fourth of which a word is masked.
func questioned(n int) []string {
	texts := sentences(n)
	for i := 0; i < n; i += 4 {
		words := strings.Fields(texts[i])
		words[i%len(words)] = "[MASK]"
		texts[i] = strings.Join(words, " ")
	}
	return texts
}

// Tuned by the model's answers the maps answer more like it, on inputs that they have not seen, too; the file has the same bytes at
// any parallelism, its maps' errors are told anew, and what is told of the answers is what a free-running run of the file gives.
func TestFitToResponses(t *testing.T) {
	texts := questioned(120)
	cfg := fitConfig(t, texts, "fit.objective=responses", "fit.steps=100", "fit.neurons=16", `select=["1:*"]`)
	fitted, raw := ran(t, cfg, 1)
	a := fitted.Answers
	if a == nil || a.Embeds || a.BestStep == 0 || !(a.Validation.Loss < 0.9*a.Begun.Loss) || !(a.HeldOut.Loss < 0.95*a.Before.Loss) {
		t.Fatalf("%+v", a)
	}
	short := fitConfig(t, texts[:40], "fit.objective=responses", "fit.steps=4", "fit.neurons=8", `select=["1:*"]`)
	_, one := ran(t, short, 1)
	if _, three := ran(t, short, 3); !bytes.Equal(one, three) {
		t.Error("three threads give another file")
	}
	alone, _ := ran(t, fitConfig(t, texts, "fit.steps=100", "fit.neurons=16", `select=["1:*"]`), 2)
	if alone.Answers != nil {
		t.Error("answers are told of a fit that has not asked for any")
	}
	path := filepath.Join(t.TempDir(), "maps.npz")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := npz.Read(path, raw)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := fit.ReadMaps(file)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range fitted.Heads {
		if stored.Heads[i].HeldOutError != h.HeldOut || stored.Heads[i].TrainError != h.Train || stored.Heads[i].Gain == nil {
			t.Errorf("head %d:%d: the file says %v", h.Layer, h.Head, stored.Heads[i])
		}
		if h.Start != alone.Heads[i].Start || h.HeldOut == alone.Heads[i].HeldOut || h.Train == alone.Heads[i].Train || h.Validation == alone.Heads[i].Validation {
			t.Errorf("head %d:%d: %+v, and %+v without tuning", h.Layer, h.Head, h, alone.Heads[i])
		}
	}
	f, err := PrepareFit(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	same, kl := 0.0, 0.0
	for _, i := range f.parts[2] {
		r, err := plan(t, "nasim: 1\ninput: {text: {string: '"+texts[i]+"'}}\ntransformer: {select: [\"1:*\"]}\nswap: {mode: free-running, rung: kernel}\n"+
			"network: {features: {map: learned, file: "+path+"}}\nsolver: {method: none}\nrecord: {remedy: none}\n").Run(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		same += float64(r.Report.Model.Top1) / float64(len(f.parts[2]))
		kl += float64(r.Report.Model.KL) / float64(len(f.parts[2]))
	}
	if math.Abs(kl-a.HeldOut.Loss) > 1e-3*kl+1e-6 || math.Abs(same-a.HeldOut.Same) > 1e-12 {
		t.Errorf("runs have KL %v and the same answer on %v; told are %v and %v", kl, same, a.HeldOut.Loss, a.HeldOut.Same)
	}
}

// What is held out has no part in the tuning.
func TestFitToResponsesDoesNotSeeWhatIsHeldOut(t *testing.T) {
	texts := questioned(40)
	sets := []string{"fit.objective=responses", "fit.steps=20", "fit.neurons=8"}
	cfg := fitConfig(t, texts, sets...)
	f, err := PrepareFit(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	told, raw := ran(t, cfg, 2)
	for _, i := range f.parts[2] {
		texts[i] = "quite another [MASK] about neurons, glia and calcium"
	}
	other, rawOther := ran(t, fitConfig(t, texts, sets...), 2)
	if told.Answers.HeldOut == other.Answers.HeldOut || told.Answers.Validation != other.Answers.Validation {
		t.Errorf("%+v and %+v", told.Answers, other.Answers)
	}
	maps := func(raw []byte) (all []any) {
		file, err := npz.Read("maps.npz", raw)
		if err != nil {
			t.Fatal(err)
		}
		read, err := fit.ReadMaps(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range read.Heads {
			all = append(all, h.LearnedMap)
		}
		return all
	}
	if !reflect.DeepEqual(maps(raw), maps(rawOther)) {
		t.Error("the held-out texts change the maps")
	}
}
