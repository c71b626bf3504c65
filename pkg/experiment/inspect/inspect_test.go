package inspect

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

const fewWords = "The astrocyte adds up what it hears, and can make each contact stronger or weaker in return."

func inspected(t *testing.T, name, words string, threads int) *Report {
	t.Helper()
	model, err := transformer.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	in, err := Ours(model)
	if words != "" {
		in, err = Text(model, "-", strings.NewReader(words))
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), model, in, threads)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The deviation of scores is what a run of the same head prints.
func TestDeviationIsThatOfARun(t *testing.T) {
	report := inspected(t, "tiny-text", fewWords, 2)
	for i, name := range report.Maps {
		text := fmt.Sprintf("nasim: 1\ninput: {text: {string: %q}}\ntransformer: {layers: all, heads: all}\nnetwork: {features: {map: %s, neurons: %d}}\nsolver: {method: none}\nrecord: {remedy: none}\n",
			fewWords, name, Neurons)
		cfg, problems := config.Read(strings.NewReader(text), "test.yaml", "", nil)
		if problems != nil {
			t.Fatal(problems)
		}
		dir := filepath.Join(t.TempDir(), "run")
		if _, err := experiment.Execute(context.Background(), cfg, experiment.Options{Name: "test", NoFigures: true, Target: rundir.Target{Path: dir, Named: true}}, experiment.Watch{}); err != nil {
			t.Fatal(err)
		}
		run, err := experiment.OpenRun(dir)
		if err != nil {
			t.Fatal(err)
		}
		report.Sort(Layer)
		for j, h := range run.Report.Heads {
			row := report.Rows[j]
			if want := float64(h.Attributes.Get(compare.AnalyticRelativeSD)); row.Layer != h.Layer || row.Head != h.Head || !(math.Abs(row.Predicted[i].Deviation/want-1) <= 1e-9) {
				t.Errorf("%s, head %d:%d: deviation %v, of the run's head %d:%d %v", name, row.Layer, row.Head, row.Predicted[i].Deviation, h.Layer, h.Head, want)
			}
		}
	}
}

// Lengths, entropies and normalisers are those of their definitions, causal or not.
func TestMomentsAreTheirDefinitions(t *testing.T) {
	for _, causal := range []bool{false, true} {
		q, k := []float64{1, 2, -1, 0.5, 0, 3}, []float64{0.5, -1, 2, 1, -0.3, 0.2}
		h := head{Attention: features.Attention{Q: q, K: k, V: []float64{1, 2, 3}, Tokens: 3, Dim: 2, Size: 1, Causal: causal}}
		_, h.logZ = transformer.Softmax(q, k, 3, 2, causal)
		have, err := h.measure(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		norm2, entropy, pairs, z := 0.0, 0.0, 0.0, []float64{0, 0, 0}
		for s := range 3 {
			var weights []float64
			for u := range 3 {
				if u > s && causal {
					continue
				}
				x, y := q[2*s]+k[2*u], q[2*s+1]+k[2*u+1]
				norm2, pairs = norm2+x*x+y*y, pairs+1
				weights = append(weights, math.Exp(kernel.Dot(q[2*s:2*s+2], k[2*u:2*u+2])))
				z[s] += weights[len(weights)-1]
			}
			for _, w := range weights {
				entropy -= w / z[s] * math.Log(w/z[s]) / 3
			}
		}
		for name, x := range map[string][2]float64{"norm2": {have.Norm2, norm2 / pairs}, "entropy": {have.Entropy, entropy},
			"decades": {have.Decades, math.Log10(slices.Max(z) / slices.Min(z))}} {
			if math.Abs(x[0]/x[1]-1) > 1e-13 {
				t.Errorf("causal %t: %s is %v, want %v", causal, name, x[0], x[1])
			}
		}
	}
}

// The number of heads at a time changes nothing, and heads come in the order that is asked for.
func TestOrderAndThreads(t *testing.T) {
	one, many := inspected(t, "tiny-vision", "", 1), inspected(t, "tiny-vision", "", 5)
	if !reflect.DeepEqual(one.Rows, many.Rows) {
		t.Error("several at a time give other numbers")
	}
	for order, key := range map[string]func(Head) float64{
		Easy: func(h Head) float64 { return h.Best().Neurons }, Entropy: func(h Head) float64 { return h.Entropy },
		Layer: func(h Head) float64 { return float64(h.Layer*100 + h.Head) },
	} {
		if err := one.Sort(order); err != nil || !slices.IsSortedFunc(one.Rows, func(a, b Head) int { return int(math.Copysign(1, key(a)-key(b))) }) {
			t.Errorf("%s: %v", order, err)
		}
	}
	if err := one.Sort("hard"); err == nil {
		t.Error("an unknown order is taken")
	}
	tied := &Report{Rows: []Head{{Layer: 1, Predicted: []Prediction{{Neurons: math.NaN()}}}, {Layer: 0, Head: 1, Predicted: []Prediction{{Neurons: 7}}}, {Layer: 0, Predicted: []Prediction{{Neurons: 7}}}}}
	if err := tied.Sort(Easy); err != nil || tied.Rows[0].Head != 0 || tied.Rows[1].Head != 1 || tied.Rows[2].Layer != 1 {
		t.Errorf("%+v, %v", tied.Rows, err)
	}
}

// CSV and JSON hold the same numbers under the same names, in the same order, with all their
// digits; what is not finite is empty and null.
func TestFormatsAgree(t *testing.T) {
	r := inspected(t, "tiny-text", fewWords, 2)
	r.Rows[3].Predicted[0] = Prediction{Deviation: math.Inf(1), Neurons: math.NaN()}
	var table, object bytes.Buffer
	if err := errors.Join(r.Write(&table, "csv", 0), r.Write(&object, "json", 0)); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&table).ReadAll()
	if err != nil || len(lines) != 1+r.Layers*r.Heads {
		t.Fatal(err, len(lines))
	}
	const names = "layer,head,dim,tokens,norm2_mean,entropy_nats,z_decades,sd_positive,m05_positive,sd_hyperbolic,m05_hyperbolic,sd_cosine,m05_cosine,sd_trig,m05_trig,sd_oprf,m05_oprf,sd_dense,m05_dense,sd_gauss,m05_gauss,sd_pairs,m05_pairs"
	if have := strings.Join(lines[0], ","); have != names {
		t.Errorf("the columns are %s", have)
	}
	var read struct {
		Causal bool
		Heads  []map[string]*float64
	}
	if err := json.Unmarshal(object.Bytes(), &read); err != nil || len(read.Heads) != len(lines)-1 {
		t.Fatal(err)
	}
	nulls := 0
	for i, line := range lines[1:] {
		for j, cell := range line {
			in, out := read.Heads[i][lines[0][j]], r.columns()[j].of(r.Rows[i])
			x, err := strconv.ParseFloat(cell, 64)
			switch {
			case in == nil:
				if nulls++; cell != "" || out-out == 0 {
					t.Errorf("%s is %q, null and %v", lines[0][j], cell, out)
				}
			case err != nil || x != *in || x != out:
				t.Errorf("%s is %q, %v and %v", lines[0][j], cell, *in, out)
			}
		}
	}
	if nulls != 2 {
		t.Errorf("%d numbers are null", nulls)
	}
}

// Numbers beyond 10¹⁵ are written with an exponent, and those that float64 does not hold are said
// to be so.
func TestLargeNumbers(t *testing.T) {
	whole := column{whole: true}
	for x, want := range map[float64]string{999999999999999: "999999999999999", 1e15: "1e+15", 3.25e41: "3.25e+41", 12: "12"} {
		if have := exactly(whole, x); have != want {
			t.Errorf("%v is written %s, want %s", x, have, want)
		}
	}
	for x, want := range map[float64]string{1: "rodent 1", 20e3: "rodent 1", 120e3: "rodent 1–6", 120001: "human 1", 2e6: "human 1–8", 2e6 + 1: "more 2–8", 1e12: "more 5e5–4e6", math.Inf(1): "more > 1e308", math.NaN(): "–"} {
		if have := astrocytesFor(x); have != want {
			t.Errorf("%v synapses: %q, want %q", x, have, want)
		}
	}
	for x, want := range map[float64]string{1234: "1 234", 2.14e7: "2.1e7", 1e300: "1.0e300", math.Inf(1): "> 1e308", math.NaN(): "–"} {
		if have := count(x); have != want {
			t.Errorf("count(%v) = %s, want %s", x, have, want)
		}
	}
}

// The text names model, input and what is next, marks what is not what a draw shows, and fits a
// line of 100 characters.
func TestText(t *testing.T) {
	r := inspected(t, "tiny-text", "", 2)
	var text strings.Builder
	if err := r.Write(&text, "text", 0); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"tiny-text on nasim's own paragraph", "6 layers × 4 heads of size 32 · 236 tokens, bidirectional\n", "all pairs of tokens", "~ behind m: ", "! behind m: ",
		`Next: nasim run configs/text.yaml --set transformer.model=tiny-text --set 'select=["`} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
	rows := 0
	for _, line := range strings.Split(text.String(), "\n") {
		if n := len([]rune(line)); n > 100 {
			t.Errorf("%d characters: %s", n, line)
		}
		if strings.Contains(line, "rodent ") || strings.Contains(line, "human ") || strings.Contains(line, "more ") {
			rows++
		}
	}
	if rows < r.Layers*r.Heads {
		t.Errorf("%d lines say how many astrocytes", rows)
	}
}

// Every metric can be drawn.
func TestEveryMetricIsDrawn(t *testing.T) {
	r := inspected(t, "tiny-vision", "", 2)
	for _, metric := range Metrics() {
		f, err := r.Figure(metric, 0)
		if err != nil || f.Name != "heads" || len(f.Caption) < 150 {
			t.Errorf("%s: %v", metric, err)
		}
	}
	if _, err := r.Figure("colour", 0); err == nil {
		t.Error("an unknown metric is drawn")
	}
}

// A context that ends ends the measurement with its cause.
func TestInterrupted(t *testing.T) {
	model, err := transformer.Open("tiny-text")
	if err != nil {
		t.Fatal(err)
	}
	in, err := Ours(model)
	if err != nil {
		t.Fatal(err)
	}
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(why)
	if _, err := Run(ctx, model, in, 2); !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
}

// A text that is longer than the model's positions is cut off, and a warning says so.
func TestLongTextIsCut(t *testing.T) {
	model, err := transformer.Open("tiny-text")
	if err != nil {
		t.Fatal(err)
	}
	in, err := Text(model, "-", strings.NewReader(strings.Repeat(fewWords+" ", 100)))
	if err != nil || in.Tokens() != model.MaxTokens() || len(in.warnings) == 0 || in.warnings[0].Code != "text-cut" {
		t.Errorf("%d tokens, %v, %v", in.Tokens(), in.warnings, err)
	}
}
