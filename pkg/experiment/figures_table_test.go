package experiment

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
)

// drawnRun is a run whose figures lie in a directory, with their tables and captions.
type drawnRun struct {
	t      *testing.T
	run    *Run
	arrays *runArrays
	dir    string
}

func newDrawnRun(t *testing.T) drawnRun {
	t.Helper()
	d := drawnRun{t: t, run: opened(t, "transformer.heads=[0, 1]", "transformer.layers=[0]"), dir: t.TempDir()}
	if _, _, err := (FigureSet{Formats: []string{"svg"}}).Draw(t.Context(), []*Run{d.run}, d.dir); err != nil {
		t.Fatal(err)
	}
	d.arrays = drawingOf(t, d.run).arrays[0]
	return d
}

// rows are those of a figure's table, by the names of its columns.
func (d drawnRun) rows(name string) []tableRow {
	d.t.Helper()
	file, err := os.Open(filepath.Join(d.dir, name+".csv"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil || len(lines) < 2 {
		d.t.Fatalf("%s: %v", name, err)
	}
	var rows []tableRow
	for _, line := range lines[1:] {
		row := tableRow{d.t, name, map[string]string{}}
		for i, cell := range line {
			row.cells[lines[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

type tableRow struct {
	t     *testing.T
	table string
	cells map[string]string
}

// is fails the test where a cell is another number, by a single bit.
func (r tableRow) is(column string, want float64) {
	r.t.Helper()
	if got, err := strconv.ParseFloat(r.cells[column], 64); err != nil || got != want {
		r.t.Errorf("%s: the %s is %q, want %v in %v", r.table, column, r.cells[column], want, r.cells)
	}
}

func (r tableRow) index(column string) int {
	r.t.Helper()
	i, err := strconv.Atoi(r.cells[column])
	if err != nil {
		r.t.Fatal(err)
	}
	return i
}

// endOf is what a figure of one head has behind its name.
func endOf(h headArrays) string { return fmt.Sprintf("-%d-%d", h.layer, h.head) }

// The tables of attention and of the normaliser hold, number for number, what is in
// the run's arrays.
func TestFigureTablesOfTokens(t *testing.T) {
	d := newDrawnRun(t)
	for _, h := range d.arrays.heads {
		rows := d.rows("attention" + endOf(h))
		if n := d.arrays.tokens; len(rows) != n*n || len(rows[0].cells) != 5 {
			t.Errorf("%d rows of %v", len(rows), rows[0].cells)
		}
		for k, row := range rows {
			if row.index("query")*d.arrays.tokens+row.index("key") != k {
				t.Fatalf("row %d is %v", k, row.cells)
			}
			for column, rung := range map[string]string{"softmax": compare.Softmax, "kernel": compare.Kernel, "network": compare.Solver} {
				row.is(column, h.attention[rung][k])
			}
		}
		rows = d.rows("normalizer" + endOf(h))
		if len(rows) != 2*d.arrays.tokens {
			t.Errorf("%d rows", len(rows))
		}
		for _, row := range rows {
			row.is("z", h.normalizer[compare.Softmax][row.index("token")])
			row.is("p", h.withoutGain(h.normalizer[row.cells["rung"]])[row.index("token")])
		}
	}
}

// The table of traces holds samples that were recorded.
func TestFigureTableOfTraces(t *testing.T) {
	d := newDrawnRun(t)
	tr := d.arrays.trajectory
	for i, h := range d.arrays.heads {
		for _, row := range d.rows("traces" + endOf(h)) {
			at, err := strconv.ParseFloat(row.cells["time_s"], 64)
			sample := slices.Index(tr.t, at)
			if err != nil || sample < 0 {
				t.Fatalf("a trace at %s s, which was not recorded", row.cells["time_s"])
			}
			variable, column := row.cells["variable"], 0
			switch variable {
			case "hidden":
				column = slices.Index(tr.hidden, row.index("index"))
			case "output":
				column = slices.Index(tr.output, row.index("index"))
			}
			x := tr.of(variable, i)
			row.is("value", x[sample*(len(x)/len(tr.t))+column])
		}
	}
}

// The tables of the figures of all heads hold what is in the run's arrays and report.
func TestFigureTablesOfHeads(t *testing.T) {
	d := newDrawnRun(t)
	for _, row := range d.rows("output") {
		head := slices.IndexFunc(d.arrays.heads, func(h headArrays) bool { return fmt.Sprintf("%d:%d", h.layer, h.head) == row.cells["head"] })
		h, at := d.arrays.heads[head], row.index("token")*d.arrays.values+row.index("value")
		row.is("transformer", h.output[compare.Softmax][at])
		row.is("network", h.output[d.run.Report.Heads[head].Last][at])
	}
	totals := 0
	for _, row := range d.rows("budget") {
		if row.cells["part"] == "total" && row.cells["head"] == "0:1" {
			row.is("value", float64(d.run.Report.Heads[1].Value(compare.OnLadder, compare.TotalError)))
			totals++
		}
	}
	if totals != 1 {
		t.Errorf("%d totals of one head", totals)
	}
}

// The caption says of which run a figure is and under which conditions, but not where
// the run lies.
func TestFigureCaptions(t *testing.T) {
	d := newDrawnRun(t)
	for _, h := range d.arrays.heads {
		for _, name := range []string{"attention" + endOf(h), "normalizer" + endOf(h), "traces" + endOf(h)} {
			caption, err := os.ReadFile(filepath.Join(d.dir, name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"layer 0, head " + strconv.Itoa(h.head), "N = ", "Run " + d.run.Manifest.Identity, "seed 16;", "tau_calcium 50ms", "Numbers: " + name + ".csv."} {
				if !strings.Contains(string(caption), want) {
					t.Errorf("the caption of %s lacks %q:\n%s", name, want, caption)
				}
			}
			if strings.Contains(string(caption), d.run.Dir) {
				t.Errorf("the caption of %s names a place", name)
			}
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
