package experiment

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"image/color"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

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
	run, err := OpenRun(written(t, plan(t, sentence, "transformer.heads=[1]", "transformer.layers=[0]")))
	if err != nil {
		t.Fatal(err)
	}
	most := 0
	for asks := range 15 {
		out := t.TempDir()
		files, _, err := Figures(newEndsAfter(asks), []*Run{run}, out, []string{"budget", "output"}, []string{"svg"}, 0)
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

// The budget's figure has a row for each part that the run has, steps in the
// colours of their table and causes in one.
func TestBudgetFigureShowsTheParts(t *testing.T) {
	run, err := OpenRun(written(t, plan(t, sentence, "synapses.tau_hebbian=20s")))
	if err != nil {
		t.Fatal(err)
	}
	figure, err := drawingOf(t, run).budget(nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var svg strings.Builder
	if err := figure.Write(&svg, "svg"); err != nil {
		t.Fatal(err)
	}
	bars := map[color.NRGBA]int{plotting.Total: 1}
	for _, part := range compare.Parts() {
		if !strings.Contains(svg.String(), part.Name+"</text>") {
			t.Errorf("%s has no row", part.Name)
		}
		if part.Inset {
			bars[plotting.Detail]++
		} else {
			bars[plotting.Hue(part.Hue)]++
		}
	}
	for c, want := range bars {
		if have := strings.Count(svg.String(), fmt.Sprintf("fill:#%02X%02X%02X", c.R, c.G, c.B)); have != want {
			t.Errorf("%d bars in the colour %v, want %d", have, c, want)
		}
	}
	// A cause that the network does not have is left out.
	if run, err = OpenRun(written(t, plan(t, sentence))); err != nil {
		t.Fatal(err)
	}
	if figure, err = drawingOf(t, run).budget(nil, 0); err != nil {
		t.Fatal(err)
	}
	svg.Reset()
	if err := figure.Write(&svg, "svg"); err != nil || strings.Contains(svg.String(), "leak</text>") {
		t.Errorf("%v, or a run without a leak shows one", err)
	}
}

// The traces show what was recorded, and say of what was not that it was not.
func TestTracesShowTheChannels(t *testing.T) {
	for _, recorded := range []string{"[hidden, output, calcium, hebbian_norm]", "[calcium]", "[hidden, hebbian_norm]"} {
		run, err := OpenRun(written(t, plan(t, sentence, "record.variables="+recorded)))
		if err != nil {
			t.Fatal(err)
		}
		arrays, err := run.load()
		if err != nil {
			t.Fatal(err)
		}
		figure, err := drawingOf(t, run).traces(nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		var svg strings.Builder
		if err := figure.Write(&svg, "svg"); err != nil {
			t.Fatal(err)
		}
		for _, channel := range model.Channels() {
			missing := strings.Contains(svg.String(), ">"+channel.Name+" was not recorded<")
			if want := !strings.Contains(recorded, channel.Name); missing != want {
				t.Errorf("%s: %s is said to be missing: %v", recorded, channel.Name, missing)
			}
			// Each head has the part of the array that is its own.
			if x := arrays.trajectory.of(channel.Name, 1); missing != (x == nil) {
				t.Errorf("%s: %d values of %s", recorded, len(x), channel.Name)
			}
		}
	}
}

// However many figures are drawn at once, they are the same files, in the same
// order, and the first error in that order is the one that is told.
func TestFiguresAtOnce(t *testing.T) {
	dir := written(t, plan(t, sentence, "transformer.heads=all", "transformer.layers=[0]"))
	run, err := OpenRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []string
	var contents [][]byte
	for _, processors := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(processors)
		out := t.TempDir()
		files, notes, err := Figures(context.Background(), []*Run{run}, out, nil, []string{"svg", "pdf"}, 2)
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
		// Neither of the last two can be written, and the first of them is named.
		blocked := t.TempDir()
		if err := errors.Join(os.Mkdir(filepath.Join(blocked, "budget.svg"), 0o777), os.Mkdir(filepath.Join(blocked, "output.svg"), 0o777)); err != nil {
			t.Fatal(err)
		}
		files, _, err = Figures(context.Background(), []*Run{run}, blocked, nil, []string{"svg"}, 1)
		if err == nil || !strings.Contains(err.Error(), "budget.svg") || len(files) != 9 {
			t.Errorf("with %d processors: %d files, %v", processors, len(files), err)
		}
	}
}

// BenchmarkFigures draws what a run draws of the standard set.
func BenchmarkFigures(b *testing.B) {
	run, err := OpenRun(written(b, plan(b, sentence, "transformer.heads=all", "transformer.layers=[0]")))
	if err != nil {
		b.Fatal(err)
	}
	out := b.TempDir()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Figures(context.Background(), []*Run{run}, out, nil, []string{"png"}, figureHeads); err != nil {
			b.Fatal(err)
		}
	}
}

// drawingOf is a call of Figures that has read its runs.
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

// Runs in one normaliser figure stand in the order of the number in which they
// differ, whatever the order they are named in; those that differ in their seed
// alone are one, its line the median over seeds.
func TestNormalizerInOrder(t *testing.T) {
	var runs []*Run
	for _, sets := range [][]string{{"network.features.neurons=90", "seed=1"}, {"network.features.neurons=20", "seed=3"}, {"network.features.neurons=90", "seed=2"}, {"network.features.neurons=90", "seed=3"}} {
		run, err := OpenRun(written(t, plan(t, sentence, append(sets, "transformer.heads=[1]", "transformer.layers=[0]")...)))
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, run)
	}
	d := drawingOf(t, runs...)
	figure, err := d.normalizer(&sheet{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var svg strings.Builder
	if err := figure.Write(&svg, "svg"); err != nil {
		t.Fatal(err)
	}
	few, many := strings.Index(svg.String(), ">m\u00a0=\u00a020, kernel: "), strings.Index(svg.String(), ">m\u00a0=\u00a090, kernel, 3\u00a0seeds")
	if few < 0 || many < few || strings.Count(svg.String(), "m\u00a0=\u00a0") != 4 || !strings.Contains(svg.String(), "quartiles over seeds") {
		t.Errorf("the legend names m = 20 at %d and m = 90 at %d", few, many)
	}
	// Each token's line is the middle one of three seeds.
	var three [][]float64
	for _, i := range []int{0, 2, 3} {
		three = append(three, d.arrays[i].heads[0].normalizer[compare.Solver])
	}
	for token, got := range quantileOver(three, 0.5) {
		p := []float64{three[0][token], three[1][token], three[2][token]}
		slices.Sort(p)
		if got != p[1] {
			t.Errorf("token %d: %g is not the median of %v", token, got, p)
		}
	}
}

// The table beside a figure holds, number for number, what is in the run's arrays,
// and the caption says of which run and under which conditions.
func TestFigureTables(t *testing.T) {
	dir := written(t, plan(t, sentence, "transformer.heads=[0, 1]", "transformer.layers=[0]"))
	run, err := OpenRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	if _, _, err := Figures(context.Background(), []*Run{run}, out, nil, []string{"svg"}, 0); err != nil {
		t.Fatal(err)
	}
	d := drawingOf(t, run)
	a := d.arrays[0]
	// The rows of a table, each its words in order and then its numbers.
	read := func(name string) (rows [][]string) {
		raw, err := os.ReadFile(filepath.Join(out, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		rows, err = csv.NewReader(bytes.NewReader(raw)).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Fatalf("%s: %v", name, err)
		}
		return rows[1:]
	}
	same := func(where string, cell string, want float64) {
		t.Helper()
		if got, err := strconv.ParseFloat(cell, 64); err != nil || got != want {
			t.Errorf("%s is %s, want %v", where, cell, want)
		}
	}
	whole := func(cell string) int {
		i, err := strconv.Atoi(cell)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	for i, h := range a.heads {
		end := fmt.Sprintf("-%d-%d", h.layer, h.head)
		rows := read("attention" + end)
		if len(rows) != a.tokens*a.tokens {
			t.Errorf("attention%s has %d rows", end, len(rows))
		}
		for k, row := range rows {
			if whole(row[0])*a.tokens+whole(row[1]) != k {
				t.Fatalf("row %d is %v", k, row)
			}
			s, n := h.attention[compare.Softmax][k], h.attention[compare.Solver][k]
			for c, want := range []float64{s, h.attention[compare.Kernel][k], n, n - s} {
				same("attention"+end, row[2+c], want)
			}
		}
		rows = read("normalizer" + end)
		if len(rows) != 2*a.tokens {
			t.Errorf("normalizer%s has %d rows", end, len(rows))
		}
		for _, row := range rows {
			same("Z", row[4], h.normalizer[compare.Softmax][whole(row[3])])
			same("p", row[5], h.withoutGain(h.normalizer[row[2]])[whole(row[3])])
		}
		for _, row := range read("traces" + end) {
			at, err := strconv.ParseFloat(row[3], 64)
			sample := slices.Index(a.trajectory.t, at)
			if err != nil || sample < 0 {
				t.Fatalf("a trace at %s s, which was not recorded", row[3])
			}
			x, column := a.trajectory.of(row[1], i), 0
			switch row[1] {
			case "hidden":
				column = slices.Index(a.trajectory.hidden, whole(row[2]))
			case "output":
				column = slices.Index(a.trajectory.output, whole(row[2]))
			}
			same(row[1], row[4], x[sample*(len(x)/len(a.trajectory.t))+column])
		}
		for _, name := range []string{"attention", "normalizer", "traces"} {
			raw, err := os.ReadFile(filepath.Join(out, name+end+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"layer 0, head " + strconv.Itoa(h.head), "N = ", "Run " + run.Manifest.Identity, "seed 16;", "tau_calcium 50ms", "Numbers: " + name + end + ".csv."} {
				if !strings.Contains(string(raw), want) {
					t.Errorf("the caption of %s lacks %q:\n%s", name+end, want, raw)
				}
			}
			if strings.Contains(string(raw), dir) {
				t.Errorf("the caption of %s names a place", name+end)
			}
		}
	}
	for _, row := range read("output") {
		head := slices.IndexFunc(a.heads, func(h headArrays) bool { return fmt.Sprintf("%d:%d", h.layer, h.head) == row[0] })
		at := whole(row[1])*a.values + whole(row[2])
		same("A₀V", row[3], a.heads[head].output[compare.Softmax][at])
		same("f", row[4], a.heads[head].output[run.Report.Heads[head].Last][at])
	}
	for _, row := range read("budget") {
		if row[0] == "total" && row[1] == "0:1" {
			same("the total", row[2], float64(run.Report.Heads[1].Value(compare.OnLadder, compare.TotalError)))
		}
	}
}

// Every file beside a figure is one that may be drawn anew, and no other is.
func TestDrawnFiles(t *testing.T) {
	for path, want := range map[string]bool{
		"figures/budget.png": true, "figures/budget.csv": true, "figures/budget.txt": true, "figures/attention-0-11.csv": true, "figures/traces-3-1.pdf": true,
		"figures/budget.md": false, "figures/notes.txt": false, "metrics.csv": false, "figures/budget-1.csv": false, "budget.csv": false, "figures/budget.csv.orig": false,
	} {
		if isDrawn(path) != want {
			t.Errorf("%s may be replaced: %v", path, !want)
		}
	}
}
