package main

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

const document = "../../docs/astrocytes.md"

// The page has a place for what is measured here.
func TestPage(t *testing.T) {
	if err := page.Check(document, timescaleBlock, budgetBlock, compartmentsBlock); err != nil {
		t.Error(err)
	}
}

// Every shipped configuration has a line of its own in the page's table of reads, and what stands there
// for a read of 100 ms is what it gives, in two digits.
func TestPageIsTrue(t *testing.T) {
	script, err := os.ReadFile("../../configs/astrocytes/timescale.sh")
	if err != nil {
		t.Fatal(err)
	}
	features := regexp.MustCompile(`FEATURES-'(.*)'`).FindSubmatch(script)
	if features == nil {
		t.Fatal("the script sets no hidden layer")
	}
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(text), "<!-- "+timescaleBlock+":")
	block, _, _ = strings.Cut(block, "<!-- end of "+timescaleBlock)
	files, err := filepath.Glob("../../configs/astrocytes/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var runs []*experiment.Run
	for _, file := range files {
		sets := []string{"solver={method: exact}", "record={variables: [], remedy: none, arrays: summary, features: false}", "network.schedule.read=100ms"}
		if raw, err := os.ReadFile(file); err != nil || strings.Contains(string(raw), "features:") {
			sets = append(sets, "network.features="+string(features[1]))
		}
		runs = append(runs, ran(t, file, sets))
	}
	dir := t.TempDir()
	if _, _, err := (experiment.FigureSet{Names: []string{"timescale"}, Formats: []string{"svg"}}).Draw(t.Context(), runs, dir); err != nil {
		t.Fatal(err)
	}
	rows, err := read(filepath.Join(dir, "timescale.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, line := range strings.Split(timescale(rows), "\n")[2:] {
		lines++
		now := strings.Split(line, " | ")
		_, then, found := strings.Cut(block, "\n"+now[0]+" | ")
		if !found {
			t.Errorf("the page has no line %q; make astrocytes", now[0])
			continue
		}
		then, _, _ = strings.Cut(then, "\n")
		cells := strings.Split(then, " | ")
		if !alike(cells[1], now[2]) {
			t.Errorf("%s: the page has %s, and it is %s", now[0], cells[1], now[2])
		}
	}
	if lines != len(files) {
		t.Errorf("%d lines of %d configurations", lines, len(files))
	}
}

// alike reports whether two lists of numbers of two digits are the same but for the last digit.
func alike(a, b string) bool {
	x, y := strings.Split(a, ", "), strings.Split(b, ", ")
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		u, errU := strconv.ParseFloat(x[i], 64)
		v, errV := strconv.ParseFloat(y[i], 64)
		if errU != nil || errV != nil || math.Abs(u-v) > 0.1*math.Max(u, v) {
			return false
		}
	}
	return true
}

// ran is the run of a configuration.
func ran(t *testing.T, file string, sets []string) *experiment.Run {
	t.Helper()
	cfg, problems := config.Load(file, sets)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, err := experiment.Plan(t.Context(), cfg, experiment.Options{Name: strings.TrimSuffix(filepath.Base(file), ".yaml")})
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Run(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := r.Write(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if err := rundir.WriteManifest(dir, r.Manifest(rundir.ThisVersion(), time.Now())); err != nil {
		t.Fatal(err)
	}
	run, err := experiment.OpenRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// The tables say what is in the figures' numbers.
func TestTables(t *testing.T) {
	rows := []row{
		{"fast", "", "a", 0.1, 0.5, 0, 0}, {"fast", "", "b", 0.1, 0.5, 0, 0}, {"fast", "", "a", 0.5, 0.04, 0, 0}, {"fast", "", "b", 0.5, 0.06, 0, 0}, {"fast", "", "a", 1, 1e-9, 0, 0}, {"fast", "", "b", 1, 0.03, 0, 0},
		{"slow", "", "a", 0.1, 0.01, 0, 0}, {"slow", "", "b", 0.1, 0.9, 0, 0}, {"slow", "", "a", 1, 0.1, 0, 0}, {"slow", "", "b", 1, 2.14e6, 0, 0}, {uniform, "", "a", math.NaN(), 0.8, 0, 0},
	}
	want := "| fast | –, – | 0.50, 0.50 | 0.040, 0.060 | 0.0000, 0.030 | –, – | –, – | 500 ms, 1 s |\n| slow | –, – | 0.010, 0.90 | –, – | 0.10, 2.1e6 | –, – | –, – | –, – |"
	if got := timescale(rows); !strings.HasSuffix(got, "|\n"+want) || !strings.HasPrefix(got, "| astrocyte | read 10 ms | read 100 ms |") {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	rows = []row{{"fast", "total", "a", 0, 0.5, 0, 0}, {"fast", "kernel", "a", 0, 0.1, 0, 0}, {"fast", "lag", "a", 0, 0.45, 0, 0}, {"fast", "rise", "a", 0, math.NaN(), 0, 0}, {uniform, "total", "a", 0, 0.8, 0, 0}}
	want = "| astrocyte | a | largest part |\n|---|---|---|\n| fast | 0.50 | lag 0.45 |\n| uniform attention | 0.80 |  |"
	if got := budget(rows); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	of := func(length, exchange, size float64) row { return row{"C", "", "a", math.NaN(), size, length, exchange} }
	rows = []row{
		of(math.NaN(), 0, 0.5), of(math.NaN(), 10, 0.4), of(math.NaN(), 1000, 1e-7), of(1, 10, 0.04), of(1, 20, 0.03), of(1, 30, 0.02), of(10, 1, 0.3), of(10, 2, 0.2), of(10, 3, 0.1),
		{wellMixed, "", "a", math.NaN(), 1e-9, math.NaN(), math.NaN()}, {uniform, "", "a", math.NaN(), 0.8, math.NaN(), math.NaN()},
	}
	want = "| astrocyte | D = 0/s | D = 10/s | D = 100/s | D = 1000/s | diffusion over 10 µm | diffusion over 1 µm |\n|---|---|---|---|---|---|---|\n| C | 0.50 | 0.40 | – | 0.0000 | 0.20 | 0.030 |"
	if got := compartments(rows); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// What the page says of compartments is so, in two digits, where there are few and no exchange, where it
// takes a rate, and where diffusion makes it, by a run with that diffusion.
func TestCompartmentsAreTrue(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(text), "<!-- "+compartmentsBlock+":")
	_, line, found := strings.Cut(block, "\n| compartments 5 | ")
	if !found {
		t.Fatal("the page has no line of 5 compartments")
	}
	line, _, _ = strings.Cut(line, " |\n")
	cells := strings.Split(line, " | ")
	for column, exchange := range map[int]string{0: "exchange: 0/s", 2: "exchange: 100/s", 4: "length: 10um", 5: "length: 1um"} {
		r := ran(t, "../../configs/astrocytes/compartments.yaml", []string{
			"solver={method: exact}", "record={variables: [], remedy: none, arrays: summary, features: false}",
			"network.astrocyte={compartments: 5, coupling: line, " + exchange + "}",
		})
		var now []string
		for _, h := range r.Report.Heads {
			now = append(now, short(float64(h.Value(compare.OnLadder, "dynamics_error"))))
		}
		if got := strings.Join(now, ", "); column >= len(cells) || !alike(cells[column], got) {
			t.Errorf("%s: the page has %q, and it is %s", exchange, cells, got)
		}
	}
}
