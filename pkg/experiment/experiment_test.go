package experiment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/model"
)

const sentence = `nasim: 1
input:
  text: {string: "A star of calcium can add up what many neurons say."}
transformer: {model: tiny-text, layers: [0, 2], heads: [0, 1, 3]}
network:
  features: {neurons: 40}
  schedule: {gap: 10ms}
`

// plan reads a configuration and prepares it, or fails the test.
func plan(t testing.TB, text string, sets ...string) *Prepared {
	t.Helper()
	p, err := tryPlan(text, sets...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func tryPlan(text string, sets ...string) (*Prepared, error) {
	cfg, problems := config.Read(strings.NewReader(text), "test.yaml", "", sets)
	if len(problems) > 0 {
		return nil, problems
	}
	return Plan(context.Background(), cfg, PlanOptions{Name: "test"})
}

// written runs and writes an experiment, and returns its directory.
func written(t testing.TB, p *Prepared) string {
	t.Helper()
	r, err := p.Run(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	if err := rundir.WriteManifest(dir, r.Manifest(rundir.ThisVersion(), time.Now())); err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t testing.TB, dir, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// numbers are the files that are the same for the same configuration and seed.
var numbers = []string{"metrics.json", "metrics.csv", "outputs.npz", "features.npz", "trajectory.npz", "config.yaml", "references.bib"}

func TestSameBytesWhateverTheParallelism(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first string
	for _, procs := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(procs)
		dir := written(t, plan(t, sentence))
		if first == "" {
			first = dir
			continue
		}
		for _, name := range numbers {
			if !bytes.Equal(read(t, dir, name), read(t, first, name)) {
				t.Errorf("%s differs at GOMAXPROCS %d", name, procs)
			}
		}
	}
}

func TestSameBytesFromTheWrittenConfiguration(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(text, []byte("A star of calcium."), 0o666); err != nil {
		t.Fatal(err)
	}
	p := plan(t, strings.Replace(sentence, `{string: "A star of calcium can add up what many neurons say."}`, "{file: "+text+"}", 1))
	dir := written(t, p)
	cfg, problems := config.Load(filepath.Join(dir, "config.yaml"), nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	again, err := Plan(context.Background(), cfg, PlanOptions{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if again.Identity() != p.Identity() {
		t.Errorf("the identity is %s, and %s from the written configuration", p.Identity(), again.Identity())
	}
	for _, name := range numbers {
		if !bytes.Equal(read(t, written(t, again), name), read(t, dir, name)) {
			t.Errorf("%s differs", name)
		}
	}
}

// Another choice of heads leaves the shared ones as they were.
func TestOtherHeadsShiftNothing(t *testing.T) {
	all := written(t, plan(t, sentence))
	some := written(t, plan(t, sentence, "transformer.layers=[2]", "transformer.heads=[3, 0]"))
	load := func(dir string) compare.Report {
		r, err := compare.ReadReport(read(t, dir, "metrics.json"))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	a, b := load(all), load(some)
	for i, want := range []int{3, 5} { // 2:0 and 2:3 among 0:0 0:1 0:3 2:0 2:1 2:3
		x, _ := json.Marshal(a.Heads[want])
		y, _ := json.Marshal(b.Heads[i])
		if !bytes.Equal(x, y) {
			t.Errorf("head %d:%d differs when others are chosen", b.Heads[i].Layer, b.Heads[i].Head)
		}
	}
	x, y := arraysOf(t, all, "attention_solver"), arraysOf(t, some, "attention_solver")
	size := len(y) / 2
	if !equal(x[3*size:4*size], y[:size]) || !equal(x[5*size:], y[size:]) {
		t.Error("attention_solver differs when other heads are chosen")
	}
}

func arraysOf(t testing.TB, dir, name string) []float64 {
	t.Helper()
	f, err := npz.Open(filepath.Join(dir, "outputs.npz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, _, err := f.Float64(name)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func equal(x, y []float64) bool {
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if math.Float64bits(x[i]) != math.Float64bits(y[i]) {
			return false
		}
	}
	return true
}

func TestAnotherSeedIsAnotherRun(t *testing.T) {
	a, b := plan(t, sentence), plan(t, sentence, "seed=17")
	if a.Identity() == b.Identity() {
		t.Error("two seeds have one identity")
	}
	x, y := written(t, a), written(t, b)
	if equal(arraysOf(t, x, "output_kernel"), arraysOf(t, y, "output_kernel")) {
		t.Error("two seeds have one kernel")
	}
	if !equal(arraysOf(t, x, "output_softmax"), arraysOf(t, y, "output_softmax")) {
		t.Error("the transformer depends on the seed")
	}
}

// What is recorded is what is asked for.
func TestRecord(t *testing.T) {
	for _, c := range []struct {
		sets          []string
		present, gone []string
	}{
		{nil, []string{"attention_softmax", "attention_kernel", "attention_exact", "attention_solver", "normalizer_solver", "q", "k", "v", "layer", "head"}, []string{"query_gain"}},
		{[]string{"record.arrays=summary"}, []string{"output_solver", "normalizer_softmax"}, []string{"attention_softmax"}},
		{[]string{"network.features.map=cosine"}, []string{"output_kernel"}, []string{"output_exact", "output_solver"}},
		{[]string{"network.features.query_gain=norm"}, []string{"query_gain"}, nil},
	} {
		dir := written(t, plan(t, sentence, c.sets...))
		f, err := npz.Open(filepath.Join(dir, "outputs.npz"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for _, name := range c.present {
			if !contains(f, name) {
				t.Errorf("%v: %s is missing", c.sets, name)
			}
		}
		for _, name := range c.gone {
			if contains(f, name) {
				t.Errorf("%v: %s is there", c.sets, name)
			}
		}
	}
	dir := written(t, plan(t, sentence, "record.arrays=none", "record.features=false"))
	for _, name := range []string{"outputs.npz", "features.npz", "trajectory.npz"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is there although nothing is recorded", name)
		}
	}
}

// The solver's answer tends to the exact one, and with method exact is it.
func TestIntegrationErrorFollowsTheTolerance(t *testing.T) {
	integration := func(sets ...string) float64 {
		r, err := plan(t, sentence, sets...).Run(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return float64(r.Report.Heads[0].Value(compare.OnLadder, compare.IntegrationError))
	}
	loose, tight := integration("solver.rtol=1e-4"), integration("solver.rtol=1e-9", "solver.atol=1e-12")
	if !(tight < loose/100) || tight > 1e-9 {
		t.Errorf("integration error %.2g at rtol 1e-4, %.2g at 1e-9", loose, tight)
	}
	if exact := integration("solver={method: exact}"); exact != 0 {
		t.Errorf("integration error of method exact is %g", exact)
	}
	if full, reduced := integration("solver.state=full"), integration(); math.Abs(full-reduced) > 1e-10 {
		t.Errorf("integration error %.3g with the full state, %.3g reduced", full, reduced)
	}
}

// Features given as tensors have no softmax to be compared with.
func TestGivenFeatures(t *testing.T) {
	path := writeTensors(t, map[string][]int{"phi_q": {2, 3, 4}, "phi_k": {2, 3, 4}, "v": {2, 3, 2}})
	r, err := plan(t, "nasim: 1\ninput: {tensors: {file: "+path+"}}\n").Run(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range r.Report.Heads {
		if h.Reference != compare.Kernel || h.Value(compare.OnLadder, compare.KernelError).Known() {
			t.Errorf("reference %s, kernel error %v", h.Reference, h.Value(compare.OnLadder, compare.KernelError))
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
		{"head out of range", "input: {text: {string: a}}\ntransformer: {heads: [9]}", "there is no head 9"},
		{"layer out of range", "input: {text: {string: a}}\ntransformer: {select: ['99:0']}", "there is no layer 99"},
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

// Every configuration that is shipped runs, here at reduced size.
func TestShippedConfigurations(t *testing.T) {
	files, err := filepath.Glob("../../configs/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d configurations, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			cfg, problems := config.Load(file, []string{"network.features.neurons=30", "record.every=50ms"})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			p, err := Plan(context.Background(), cfg, PlanOptions{})
			if err != nil {
				t.Fatal(err)
			}
			dir := written(t, p)
			run, err := OpenRun(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range run.Report.Heads {
				for _, w := range h.Warnings {
					if w.Code == "calcium-at-floor" { // a figure of the floor, not of the network
						t.Errorf("head %d:%d: %s", h.Layer, h.Head, w.Text)
					}
				}
			}
			total := run.Report.Heads[0].Value(compare.OnLadder, compare.TotalError)
			if !total.Known() || total <= 0 {
				t.Errorf("total error %v", total)
			}
		})
	}
}

func TestFigures(t *testing.T) {
	dir := written(t, plan(t, sentence, "transformer.heads=[1]", "transformer.layers=[0]"))
	run, err := OpenRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	files, notes, err := Figures([]*Run{run}, out, nil, []string{"svg"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 5 || len(notes) != 0 {
		t.Errorf("%d figures %v, notes %v", len(files), files, notes)
	}
	if _, _, err := Figures([]*Run{run, run}, out, []string{"budget"}, []string{"svg"}, 0); err == nil {
		t.Error("a budget of two runs is drawn")
	}
	// Without arrays only the budget can be drawn, and the rest is said to be missing.
	bare, err := OpenRun(written(t, plan(t, sentence, "record.arrays=none")))
	if err != nil {
		t.Fatal(err)
	}
	files, notes, err = Figures([]*Run{bare}, t.TempDir(), nil, []string{"svg"}, 1)
	if err != nil || len(files) != 1 || len(notes) < 3 {
		t.Errorf("without arrays: %v, notes %v, %v", files, notes, err)
	}
}

func TestCancelledRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p := plan(t, sentence)
	_, err := p.Run(ctx, func(done, total int) { cancel() })
	if err != context.Canceled {
		t.Errorf("cancelled run: %v", err)
	}
}

func TestStreamsAreIndependent(t *testing.T) {
	seen := map[uint64]string{}
	for _, purpose := range []string{streamFeatures, streamSynthetic} {
		for layer := range 3 {
			for head := range 3 {
				x := stream(16, purpose, layer, head).Uint64()
				name := fmt.Sprint(purpose, layer, head)
				if other, taken := seen[x]; taken {
					t.Errorf("%s and %s share a stream", name, other)
				}
				seen[x] = name
			}
		}
	}
}
