package experiment

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// Each who answers has the probability that metrics.json tells of its own likeliest
// answers, and of the others that of the run's logits; the disc stands at its likeliest.
func TestResponseOfOneInput(t *testing.T) {
	run := openedOf(t, "nasim: 1\ninput: {text: {string: \"The capital of the [MASK] is a [MASK] city.\"}}\ntransformer: {layers: all}\nswap: {mode: free-running}\n",
		"features.neurons=64", "record.remedy=none", "record.variables=[]")
	in, err := drawingOf(t, run).responseInput(&sheet{name: "response"})
	if err != nil || len(in.Questions) != 2 {
		t.Fatal(in, err)
	}
	scores, err := run.scores()
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range in.Questions {
		response := run.Report.Model.Responses[i]
		if want := fmt.Sprintf("token %d: [MASK]", response.Token); q.Title != want || q.Transformers != 5 || len(q.By) != 4 {
			t.Errorf("%q, %d answers of the transformer, %d answer", q.Title, q.Transformers, len(q.By))
		}
		for k, a := range answerers {
			by := q.By[k]
			if by.Who != a.who || q.Answers[by.Likeliest] != response.Answers[a.name].Top[0].Text {
				t.Errorf("%s answers %s", a.name, q.Answers[by.Likeliest])
			}
			for place, p := range by.Probability {
				if !(p > 0 && p <= by.Probability[by.Likeliest]) {
					t.Errorf("%s gives %s %v, and %v to what it thinks likeliest", a.name, q.Answers[place], p, by.Probability[by.Likeliest])
				}
			}
		}
		for place, choice := range response.Answers[compare.Transformer].Top {
			if q.Answers[place] != choice.Text || q.By[0].Probability[place] != float64(choice.Probability) {
				t.Errorf("answer %d is %s", place, q.Answers[place])
			}
			table := scores[compare.Uniform]
			x, sum := table.logits[response.Token*table.columns:][:table.columns], 0.0
			for _, v := range x {
				sum += portable.Exp(v)
			}
			if want, got := portable.Exp(x[choice.ID])/sum, q.By[3].Probability[place]; math.Abs(got/want-1) > 1e-12 {
				t.Errorf("uniform attention gives %s %v, want %v", choice.Text, got, want)
			}
		}
	}
	if f, err := plotting.Response(in); err != nil || !strings.Contains(f.Caption, "Probabilities") {
		t.Error(err)
	}
}

// A model without answers shows how far its hidden states and its embedding are; layers
// whose heads stay are missing.
func TestResponseWithoutQuestions(t *testing.T) {
	for name, free := range map[string]bool{"teacher-forced": false, "free-running": true} {
		input, dir := withInput(t, "bert-model")
		run := openedOf(t, "nasim: 1\n"+input+"transformer: {model: "+dir+", layers: [1], heads: all}\nswap: {mode: "+name+"}\nnetwork: {features: {neurons: 32}}\nrecord: {remedy: none}\n")
		in, err := drawingOf(t, run).responseInput(&sheet{})
		if err != nil || len(in.Questions) > 0 || len(in.LayerErrors) < 2 || in.LayerErrors[1] != float64(run.Report.Model.Layers[len(run.Report.Model.Layers)-1].RelativeError) && !free {
			t.Errorf("%s: %+v, %v", name, in, err)
		}
		if !free && !math.IsNaN(in.LayerErrors[0]) || free && in.LayerErrors[0] != 0 || (len(in.Shares) == 3) != free {
			t.Errorf("%s: errors %v, shares %v", name, in.LayerErrors, in.Shares)
		}
	}
}

// Of a run in which the whole model does not answer there is no such figure, without a
// word unless it is asked for.
func TestResponseIsAskedFor(t *testing.T) {
	run := opened(t, "record.variables=[]", "record.arrays=none", "transformer.layers=[0]", "transformer.heads=[1]")
	_, notes, err := FigureSet{Formats: []string{"svg"}}.Draw(t.Context(), []*Run{run}, t.TempDir())
	if err != nil || slices.ContainsFunc(notes, func(s string) bool {
		return strings.Contains(s, "response") || strings.Contains(s, "overlay") || strings.Contains(s, "heads ")
	}) {
		t.Errorf("%q, %v", notes, err)
	}
	for name, want := range map[string]string{"response": "swap.mode", "overlay": "no picture"} {
		if _, _, err := (FigureSet{Names: []string{name}, Formats: []string{"svg"}}).Draw(t.Context(), []*Run{run}, t.TempDir()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A set's groups hold its inputs, as many each, and its means and their intervals are
// those of metrics.json.
func TestResponseOfASet(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"bag", "ankle-boot", "bag", "ankle-boot"} {
		for k := range 12 {
			raw, err := os.ReadFile("../../configs/inputs/fashion-" + name + ".png")
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d-%02d.png", i, k)), raw, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	run := openedOf(t, "nasim: 1\ninput: {images: {dir: "+dir+"}}\ntransformer: {model: tiny-vision, layers: all, heads: all}\nswap: {mode: free-running, rung: kernel}\n"+
		"network: {features: {neurons: 32}}\nrecord: {remedy: none, variables: []}\n")
	in, err := drawingOf(t, run).responseInput(&sheet{})
	if err != nil {
		t.Fatal(err)
	}
	inputs := 0
	for i, b := range in.Bins {
		inputs += b.Inputs
		if !(b.From <= b.Middle && b.Middle <= b.To && b.Low <= b.Share && b.Share <= b.High) || i > 0 && b.From < in.Bins[i-1].To {
			t.Errorf("group %d is %+v", i, b)
		}
	}
	counted := 0.0
	for _, c := range in.Counts {
		counted += c.Count
	}
	if len(in.Bins) != 2 || inputs != 48 || counted != 48 {
		t.Errorf("%d groups of %d inputs, %v in the histogram", len(in.Bins), inputs, counted)
	}
	m := run.Report.Model
	for _, s := range in.Shares {
		if s.Quantity != "same answer" {
			t.Errorf("without labels there is %+v", s)
		}
		if s.Who == plotting.ByNetwork && (s.Value != float64(m.Top1) || s.Low != float64(m.Intervals["top1_agreement"][0]) || s.High != float64(m.Intervals["top1_agreement"][1])) {
			t.Errorf("the network's share is %+v, want %v in %v", s, m.Top1, m.Intervals["top1_agreement"])
		}
		if s.Who == plotting.ByUniform && (s.Value != float64(m.Controls[compare.Uniform].Top1) || s.Value != in.Uniform) {
			t.Errorf("uniform attention's share is %+v", s)
		}
	}
	if len(in.Shares) != 3 || !strings.HasSuffix(in.Subject, "48\u00a0inputs, m\u00a0=\u00a032, "+symbols[calciumKey]+"\u00a0=\u00a050\u00a0ms") {
		t.Errorf("%d shares, subject %q", len(in.Shares), in.Subject)
	}
	d := drawingOf(t, run)
	f, err := plotting.Response(in)
	if err != nil || strings.Contains(d.caption(f, ""), dir) {
		t.Errorf("the caption names a place: %v", err)
	}
	if first := d.subject(0); !strings.Contains(first, "first input, layer\u00a00, head\u00a00") {
		t.Errorf("the subject of a head is %q", first)
	}
}

// Groups of shares have binomial intervals, others are resampled; the histogram holds every number once.
func TestGroupsOfInputs(t *testing.T) {
	x, y := make([]float64, 100), make([]float64, 100)
	for i := range x {
		x[i], y[i] = float64((i*37)%100), math.Mod(float64(i), 2)
	}
	x[7], y[8] = math.NaN(), math.NaN()
	bins := binned(x, y, 1, true)
	total := 0
	for _, b := range bins {
		low, high := statistics.Wilson(b.Share, b.Inputs)
		if b.Low != low || b.High != high {
			t.Errorf("%+v", b)
		}
		total += b.Inputs
	}
	if len(bins) != 4 || total != 98 {
		t.Errorf("%d groups of %d", len(bins), total)
	}
	if b := binned(x, y, 1, false)[0]; b.Low == bins[0].Low || !(b.Low < b.Share && b.Share < b.High) {
		t.Errorf("%+v", b)
	}
	sum := 0.0
	bars := counted(x)
	for i, b := range bars {
		sum += b.Count
		if i > 0 && b.From != bars[i-1].To {
			t.Errorf("column %d begins at %v, not at %v", i, b.From, bars[i-1].To)
		}
	}
	if sum != 99 || bars[0].From != 0 || bars[len(bars)-1].To != 99 {
		t.Errorf("%v in %+v", sum, bars)
	}
	if one := counted([]float64{2, 2}); len(one) != 1 || one[0].Count != 2 || counted(nil) != nil {
		t.Errorf("%+v", one)
	}
}
