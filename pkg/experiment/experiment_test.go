package experiment

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// firstEquations are the settings of configs/first-equations.yaml: dynamics that part from the sums.
var firstEquations = []string{"query_gain=none", "learning_rate=1", "drive=ungated", "baseline=1", "schedule.read=250ms", "schedule.gap=0ms"}

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
	return Plan(context.Background(), cfg, Options{Name: "test"})
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
	if err := r.Write(context.Background(), dir); err != nil {
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

// What is recorded is what is asked for.
func TestRecord(t *testing.T) {
	for _, c := range []struct {
		sets          []string
		present, gone []string
	}{
		{nil, []string{"attention_softmax", "attention_kernel", "attention_exact", "attention_solver", "normalizer_solver", "q", "k", "v", "layer", "head", "query_gain"}, nil},
		{[]string{"query_gain=none"}, []string{"attention_exact"}, []string{"query_gain"}},
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
		return float64(r.Report.Heads[0].Value(compare.OnLadder, "integration_error"))
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

// Every configuration that is shipped runs, here at reduced size.
func TestShippedConfigurations(t *testing.T) {
	files, err := filepath.Glob("../../configs/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d configurations, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			sets := []string{"network.features.neurons=30", "record.every=50ms"}
			if strings.Contains(file, "learned") { // its neurons are those of its map
				sets = sets[1:]
			}
			cfg, problems := config.Load(file, sets)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			p, err := Plan(context.Background(), cfg, Options{})
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
	files, notes, err := FigureSet{Formats: []string{"svg"}}.Draw(t.Context(), []*Run{run}, out)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 3*5 || len(notes) != 0 {
		t.Errorf("%d files %v, notes %v", len(files), files, notes)
	}
	if _, _, err := (FigureSet{Names: []string{"budget"}, Formats: []string{"svg"}}).Draw(t.Context(), []*Run{run, run}, out); err == nil {
		t.Error("a budget of two runs is drawn")
	}
	// Without arrays only what metrics.json has can be drawn, and the rest is said to be missing.
	bare, err := OpenRun(written(t, plan(t, sentence, "record.arrays=none")))
	if err != nil {
		t.Fatal(err)
	}
	files, notes, err = FigureSet{Formats: []string{"svg"}, PerHead: 1}.Draw(t.Context(), []*Run{bare}, t.TempDir())
	if err != nil || len(files) != 2*3 || len(notes) < 3 {
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

// A run is summed up by its heads and sizes.
func TestSummary(t *testing.T) {
	p := plan(t, sentence, "transformer.heads=[1, 3]")
	want := "heads 0:1 0:3 2:1 2:3: 17 tokens, 40 hidden neurons, 1280 synapses a head"
	if have := p.Summary(); have != want {
		t.Errorf("%q, want %q", have, want)
	}
	given := plan(t, "nasim: 1\ninput: {tensors: {file: "+writeTensors(t, map[string][]int{"phi_q": {3, 4}, "phi_k": {3, 4}, "v": {3, 2}})+"}}\n")
	if have, want := given.Summary(), "heads 0:0: 3 tokens, 4 hidden neurons, 8 synapses a head"; have != want {
		t.Errorf("%q, want %q", have, want)
	}
}
