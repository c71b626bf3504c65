package experiment

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// endsAfter is a context that ends once it has been asked so many times.
type endsAfter struct {
	context.Context
	asks atomic.Int64
}

func newEndsAfter(asks int) *endsAfter {
	c := &endsAfter{Context: context.Background()}
	c.asks.Store(int64(asks))
	return c
}

var errEnded = errors.New("ended")

func (c *endsAfter) Err() error {
	if c.asks.Add(-1) >= 0 {
		return nil
	}
	return errEnded
}

// Every figure of the catalogue has its row, and there is no other.
func TestFigureRows(t *testing.T) {
	if got, want := slices.Sorted(maps.Keys(figures)), slices.Sorted(slices.Values(plotting.Names())); !slices.Equal(got, want) {
		t.Errorf("there are rows for %v, and the catalogue has %v", got, want)
	}
}

// TestFiguresInterrupted: wherever the context ends, its cause comes back, and
// what is in the directory are the files named, complete.
func TestFiguresInterrupted(t *testing.T) {
	run := opened(t, "transformer.heads=[1]", "transformer.layers=[0]")
	most := 0
	for asks := range 15 {
		out := t.TempDir()
		files, _, err := FigureSet{Names: []string{"budget", "output"}, Formats: []string{"svg"}}.Draw(newEndsAfter(asks), []*Run{run}, out)
		if asks < 14 && !errors.Is(err, errEnded) || asks == 14 && err != nil {
			t.Errorf("after %d: error %v", asks, err)
		}
		slices.Sort(files)
		there, err := filepath.Glob(filepath.Join(out, "*"))
		if err != nil {
			t.Fatal(err)
		}
		hidden, err := filepath.Glob(filepath.Join(out, ".*"))
		if err != nil || hidden != nil || !slices.Equal(there, files) {
			t.Errorf("after %d: there are %v and %v, want %v", asks, there, hidden, files)
		}
		most = max(most, len(files))
	}
	if most != 6 {
		t.Errorf("%d files were drawn at most", most)
	}
}

// The budget's figure has a row for each part that the run has, with what the table
// of parts says of it.
func TestBudgetFigureShowsTheParts(t *testing.T) {
	with := opened(t, append(slices.Clone(firstEquations), "learning_rate=1.1", "synapses.tau_hebbian=20s", "astrocyte.floor=0.95", "schedule.order=causal",
		"tau_rise=20ms", "latency=30ms", "readout=receptor", "coupling_plasticity=false")...)
	without, alone, none := opened(t), opened(t, "solver={method: none}"), opened(t, "circuit=none")
	replicator, emergent := opened(t, "circuit=replicator"), opened(t, "circuit=emergent-division")
	others := []string{"rise", "latency", "biophysics", "read-out", "coupling", "gain lag", "settling", "compartments", "threshold"} // that the paper's astrocyte does not have
	for _, c := range []struct {
		run   *Run
		lacks []string // parts that the run does not have
		nulls []string // steps that it did not take
	}{
		{with, []string{"no astrocyte", "biophysics", "gain lag", "settling", "compartments", "threshold"}, nil}, {none, append([]string{"learning rate", "calcium lag", "drive", "leak", "floor"}, others...), nil},
		{replicator, []string{"carry-over", "learning rate", "calcium lag", "drive", "leak", "floor", "no astrocyte", "rise", "latency", "biophysics", "read-out", "coupling", "settling", "compartments", "threshold"}, nil},
		{emergent, []string{"learning rate", "calcium lag", "drive", "leak", "floor", "no astrocyte", "rise", "latency", "biophysics", "read-out", "coupling", "gain lag", "compartments", "threshold"}, nil},
		{without, append([]string{"learning rate", "drive", "leak", "floor", "no astrocyte"}, others...), nil},
		{alone, append([]string{"carry-over", "learning rate", "calcium lag", "drive", "leak", "floor", "interaction", "no astrocyte"}, others...), []string{"dynamics", "integration"}},
	} {
		d := drawingOf(t, c.run)
		in := d.budgetInput()
		names := svgOf(t, d.budget)
		for _, part := range compare.Parts() {
			i := slices.IndexFunc(in.Parts, func(p plotting.BudgetPart) bool { return p.Name == part.Name })
			if (i < 0) != slices.Contains(c.lacks, part.Name) || strings.Contains(names, part.Name+"</text>") != (i >= 0) {
				t.Errorf("%s has the row %d", part.Name, i)
			}
			if i < 0 {
				continue
			}
			p := in.Parts[i]
			if c.run == replicator && part.Name == compare.Kernel {
				part.Meaning = "rounding alone, as what the gains settle at is softmax"
			}
			if p.Meaning != part.Meaning || p.Hue != part.Hue || p.Inset != part.Inset || p.Total {
				t.Errorf("%s is %+v", part.Name, p)
			}
			if slices.ContainsFunc(p.Values, statistics.Finite) == slices.Contains(c.nulls, part.Name) {
				t.Errorf("%s has the values %v", part.Name, p.Values)
			}
		}
		if last := in.Parts[len(in.Parts)-1]; last.Name != "total" || !last.Total || last.Meaning == "" {
			t.Errorf("the last part is %+v", last)
		}
	}
}

// The kernel of infinitely many neurons is that of softmax, but for rounding.
func TestBudgetFigureOfTheIdealMap(t *testing.T) {
	for sets, want := range map[string]string{"seed=16": "kernel: finite m", "network.features={map: ideal}": "kernel: rounding alone"} {
		f, err := drawingOf(t, opened(t, sets)).budget(nil, 0)
		if err != nil || !strings.Contains(f.Caption, want) {
			t.Errorf("%s: %v, caption %q", sets, err, f.Caption)
		}
	}
}

// The traces show what was recorded, and say of what was not that it was not.
func TestTracesShowTheChannels(t *testing.T) {
	for recorded, network := range map[string]string{
		"[hidden, output, calcium, hebbian_norm]": "readout=reciprocal", "[calcium]": "readout=reciprocal", "[hidden, hebbian_norm]": "readout=receptor", "[output, gamma]": "readout=receptor",
		"[calcium, ca, ip3, h_ip3r]": "calcium=li-rinzel", "[calcium, gamma, g_a, x_a]": "network.astrocyte={readout: event, threshold: 0.8}", "[ca, gamma_a]": "calcium=de-pitta",
		"[output, g_a]": "circuit=replicator", "[g_a]": "circuit=replicator", "[p_alpha, output]": "circuit=emergent-division", "[hidden, s_alpha]": "circuit=emergent-division",
	} {
		run := opened(t, "record.variables="+recorded, network)
		d := drawingOf(t, run)
		svg := svgOf(t, func(s *sheet, _ int) (*plotting.Figure, error) { return d.traces(s, 1) })
		for _, channel := range model.Channels() {
			if !channel.Has(run.Config.Network.Parameters()) {
				if name, _, _ := strings.Cut(channel.Label, "_"); strings.Contains(svg, ">"+name+"<") {
					t.Errorf("%s: there is a panel of %s, which the network has not", recorded, channel.Name)
				}
				continue
			}
			missing := strings.Contains(svg, ">"+channel.Name+" was not recorded<")
			if channel.Asked && !strings.Contains(recorded, channel.Name) { // which has no panel unless it is asked for
				if missing || strings.Contains(svg, ">"+channel.Label+"<") || channel.Name == "gamma" && strings.Contains(svg, "receptors bound") {
					t.Errorf("%s: there is a panel of %s", recorded, channel.Name)
				}
				continue
			}
			if want := !strings.Contains(recorded, channel.Name); missing != want {
				t.Errorf("%s: %s is said to be missing: %v", recorded, channel.Name, missing)
			}
			// Each head has the part of the array that is its own.
			if x := d.arrays[0].trajectory.of(channel.Name, 1); missing != (x == nil) {
				t.Errorf("%s: %d values of %s", recorded, len(x), channel.Name)
			}
			// The axis has the label of the table, a subscript set lower.
			if name, _, _ := strings.Cut(channel.Label, "_"); !missing && !strings.Contains(svg, ">"+name+"<") {
				t.Errorf("%s: no axis is labelled %s", recorded, channel.Label)
			}
		}
	}
}

// The tokens of a picture are called the same in its traces as in its attention, and
// those that have no name are numbered.
func TestTokensOfFigures(t *testing.T) {
	image := openedOf(t, "nasim: 1\ninput: {image: {file: ../../configs/inputs/fashion-ankle-boot.png}}\ntransformer: {model: tiny-vision, layers: [0], heads: [3]}\nnetwork: {features: {neurons: 20}}\n")
	synthetic := openedOf(t, synthetic)
	for _, c := range []struct {
		run   *Run
		names []string
	}{{image, []string{"[CLS]<", "patch 48<", "patch 0<"}}, {synthetic, []string{"token 0<", "token 5<"}}} {
		svg := svgOf(t, drawingOf(t, c.run).traces)
		for _, name := range c.names {
			if !strings.Contains(svg, ">"+name) {
				t.Errorf("the traces of %s do not name the %s", c.run.Manifest.Identity, strings.TrimSuffix(name, "<"))
			}
		}
	}
}

// A condition that does not matter to a run is not in the subject of its figures.
func TestSubject(t *testing.T) {
	for sets, want := range map[string]string{
		"seed=16":                       "m\u00a0=\u00a040, " + symbols[calciumKey] + "\u00a0=\u00a050\u00a0ms",
		"solver={method: none}":         "m\u00a0=\u00a040",
		"network.features={map: ideal}": symbols[calciumKey] + "\u00a0=\u00a050\u00a0ms",
		"network.astrocyte={compartments: 4, readout: threshold}": "m\u00a0=\u00a040, C\u00a0=\u00a04, " + symbols[calciumKey] + "\u00a0=\u00a050\u00a0ms, gathering at a threshold",
		"network.circuit=none": "m\u00a0=\u00a040, no astrocyte",
	} {
		if got := drawingOf(t, opened(t, sets)).subject(0); got != "text, tiny-text, layer\u00a00, head\u00a00, N\u00a0=\u00a017, "+want {
			t.Errorf("%s: %q", sets, got)
		}
	}
}

// Of many heads as many are drawn as are asked for, and that is said.
func TestFiguresOfSomeHeads(t *testing.T) {
	run := opened(t, "record.variables=[]", "transformer.layers=[0]")
	for perHead, want := range map[int]int{0: 3, 1: 1, 2: 2, 3: 3, 9: 3} {
		files, notes, err := FigureSet{Names: []string{"attention"}, Formats: []string{"svg"}, PerHead: perHead}.Draw(t.Context(), []*Run{run}, t.TempDir())
		svgs := slices.DeleteFunc(files, func(file string) bool { return filepath.Ext(file) != ".svg" })
		if err != nil || len(svgs) != want || (len(notes) == 1) != (want < 3) {
			t.Errorf("at most %d heads: %d figures, notes %q, %v", perHead, len(svgs), notes, err)
		}
	}
}

// However many figures are drawn at once, they are the same files, in the same
// order, and the first error in that order is the one that is told.
func TestFiguresAtOnce(t *testing.T) {
	run := opened(t, "transformer.heads=all", "transformer.layers=[0]")
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []string
	var contents [][]byte
	for _, processors := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(processors)
		out := t.TempDir()
		files, notes, err := FigureSet{Formats: []string{"svg", "pdf"}, PerHead: 2}.Draw(context.Background(), []*Run{run}, out)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for i, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, filepath.Base(file))
			if first != nil && string(raw) != string(contents[i]) {
				t.Errorf("%s differs with %d processors", file, processors)
			} else if first == nil {
				contents = append(contents, raw)
			}
		}
		if first == nil {
			first = names
		}
		if !slices.Equal(names, first) {
			t.Errorf("with %d processors the files are %v, want %v", processors, names, first)
		}
		if len(notes) != 3 || !strings.Contains(notes[0], "normalizer") || !strings.Contains(notes[2], "traces") {
			t.Errorf("notes %q", notes)
		}
		// None of the last can be written, and the first of them is named.
		blocked := t.TempDir()
		if err := errors.Join(os.Mkdir(filepath.Join(blocked, "budget.svg"), 0o777), os.Mkdir(filepath.Join(blocked, "output.svg"), 0o777), os.Mkdir(filepath.Join(blocked, "heads.svg"), 0o777)); err != nil {
			t.Fatal(err)
		}
		files, _, err = FigureSet{Formats: []string{"svg"}, PerHead: 1}.Draw(context.Background(), []*Run{run}, blocked)
		if err == nil || !strings.Contains(err.Error(), "budget.svg") || len(files) != 9 {
			t.Errorf("with %d processors: %d files, %v", processors, len(files), err)
		}
	}
}

// BenchmarkFigures draws what a run draws of the standard set.
func BenchmarkFigures(b *testing.B) {
	run := opened(b, "transformer.heads=all", "transformer.layers=[0]")
	out := b.TempDir()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := (FigureSet{Formats: []string{"png"}, PerHead: figureHeads}).Draw(context.Background(), []*Run{run}, out); err != nil {
			b.Fatal(err)
		}
	}
}

// synthetic is a small run whose input is another with another seed.
const synthetic = `nasim: 1
input: {synthetic: {tokens: 6, dim: 4, values: 3}}
network: {features: {neurons: 20}}
`

// opened is the run of the sentence with these settings.
func opened(t testing.TB, sets ...string) *Run {
	t.Helper()
	return openedOf(t, sentence, sets...)
}

func openedOf(t testing.TB, text string, sets ...string) *Run {
	t.Helper()
	run, err := OpenRun(written(t, plan(t, text, sets...)))
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// svgOf is the figure of the first head as SVG.
func svgOf(t *testing.T, draw func(*sheet, int) (*plotting.Figure, error)) string {
	t.Helper()
	figure, err := draw(&sheet{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var svg strings.Builder
	if err := figure.Write(&svg, "svg"); err != nil {
		t.Fatal(err)
	}
	return svg.String()
}

// drawingOf is a call of Draw that has read its runs.
func drawingOf(t *testing.T, runs ...*Run) *drawing {
	t.Helper()
	d := &drawing{ctx: context.Background(), runs: runs}
	for _, run := range runs {
		a, err := run.load()
		if err != nil {
			t.Fatal(err)
		}
		d.arrays = append(d.arrays, a)
	}
	return d
}

// Of many compartments a panel shows the mean and the extremes, of few each.
func TestOverCompartments(t *testing.T) {
	values := []float64{1, 2, 3, 4, 5, 9, 6, 0, 2, 2, 1, 1} // two samples of six
	columns, names := overCompartments(values, 2)
	if want := []float64{4, 1, 9, 2, 0, 6}; !slices.Equal(columns, want) || !slices.Equal(names, []string{"mean", "least", "most"}) {
		t.Errorf("%v of %v, not %v", columns, names, want)
	}
	if few, names := overCompartments(values, 4); names != nil || !slices.Equal(few, values) {
		t.Errorf("of three: %v of %v", few, names)
	}
}
