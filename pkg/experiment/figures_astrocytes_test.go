package experiment

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// quick are settings of runs that take no time.
var quick = []string{"transformer.layers=[0]", "solver={method: exact}", "record.remedy=none", "record.features=false"}

func openedWith(t *testing.T, sets ...string) *Run {
	t.Helper()
	return opened(t, slices.Concat(quick, sets)...)
}

// A line of the timescale figure is one astrocyte, called by what its configuration has that the
// well-mixed one has not; its points are the reads, in order, and of seeds the median.
func TestTimescaleOfRuns(t *testing.T) {
	var runs []*Run
	errors := map[string][]float64{}
	add := func(label, read string, sets ...string) {
		run := openedWith(t, append(sets, "network.schedule.read="+read+"s")...)
		runs = append(runs, run)
		for _, h := range run.Report.Heads {
			at := label + "/" + read + "/" + strconv.Itoa(h.Head)
			errors[at] = append(errors[at], float64(h.Value(compare.OnLadder, "dynamics_error")))
		}
	}
	labels := []string{
		"well-mixed, decay τ_p = 50 ms", "rise τ_r = 20 ms", "receptor read-out, p_h = 0.1", "couplings at their mean", "no astrocyte", "replicator, τ_a = 70 ms",
	}
	for _, read := range []string{"1", "0.02", "0.1"} {
		add(labels[5], read, "network.circuit=replicator", "network.replicator.tau_gain=70ms")
		add(labels[4], read, "network.circuit=none", "network.features.neurons=30")
		for _, seed := range []string{"1", "2", "3"} {
			add(labels[0], read, "network.features.neurons=30", "seed="+seed)
		}
		add(labels[3], read, "network.features.neurons=30", "network.astrocyte.coupling_plasticity=false")
		add(labels[1], read, "network.features.neurons=30", "network.astrocyte.tau_rise=20ms")
		add(labels[2], read, "network.features.neurons=30", "network.astrocyte={readout: receptor, half_effect: 0.1}")
	}
	rows, notes := tableOf(t, FigureSet{Names: []string{"timescale"}}, runs...)
	if len(notes) > 0 {
		t.Errorf("notes %q", notes)
	}
	var seen []string
	var before map[string]string
	for _, row := range rows {
		if row["astrocyte"] == "uniform attention" {
			continue
		}
		if !slices.Contains(seen, row["astrocyte"]) {
			seen, before = append(seen, row["astrocyte"]), nil
		}
		known := errors[row["astrocyte"]+"/"+row["read_s"]+"/"+strings.TrimPrefix(row["head"], "layer 0, head ")]
		if known == nil {
			t.Fatalf("no run is %v", row)
		}
		if x := must(strconv.ParseFloat(row["error"], 64)); x != statistics.Quantile(known, 0.5) {
			t.Errorf("%v, want the median of %v", row, known)
		}
		if before != nil && must(strconv.ParseFloat(before["read_s"], 64)) > must(strconv.ParseFloat(row["read_s"], 64)) {
			t.Errorf("%v stands before %v", before, row)
		}
		before = row
	}
	if heads := len(runs[0].Report.Heads); !slices.Equal(seen, labels) || len(rows) != (3*len(labels)+1)*heads {
		t.Errorf("%d rows, lines %q, want %q", len(rows), seen, labels)
	}
}

// The caption has the reads of an astrocyte in one sentence, and where the shaded times are from; and that
// is in the bibliography.
func TestCaptionOfTimescale(t *testing.T) {
	var runs []*Run
	for _, read := range []string{"1s", "20ms", "100ms"} {
		for _, seed := range []string{"1", "2", "3"} {
			runs = append(runs, openedWith(t, "network.features.neurons=30", "network.schedule.read="+read, "seed="+seed))
		}
		runs = append(runs, openedWith(t, "network.features.neurons=30", "network.schedule.read="+read, "network.circuit=none"))
	}
	caption := captionOf(t, "timescale", runs...)
	wanted := []string{"seeds 1, 2, 3; network.schedule.read 20ms, 100ms, 1s; network.circuit tripartite", "N = 17, m = 30", "dynamics_error"}
	for _, m := range model.MeasuredTimes() {
		wanted = append(wanted, m.Name, m.From)
		if reference(m.Source) == "" {
			t.Errorf("%s has no entry", m.Source)
		}
		if !(m.Least > 0 && m.Least < m.Most) {
			t.Errorf("%v is no range", m)
		}
	}
	for _, words := range wanted {
		if !strings.Contains(caption, words) {
			t.Errorf("the caption lacks %q:\n%s", words, caption)
		}
	}
}

// Runs in which nothing takes time have no line; where there are no others, they are refused, as is what is
// no error.
func TestTimescaleOfNothing(t *testing.T) {
	run, still := openedWith(t, "network.features.neurons=30"), opened(t, undynamic...)
	if rows, notes := tableOf(t, FigureSet{Names: []string{"timescale"}}, run, still); len(notes) != 1 || !strings.Contains(notes[0], "no dynamics_error") || len(rows) != 2*len(still.Report.Heads) {
		t.Errorf("%d rows, notes %q", len(rows), notes)
	}
	if _, _, err := (FigureSet{Names: []string{"timescale"}, Metric: compare.NormalizerR}).Draw(t.Context(), []*Run{run}, t.TempDir()); err == nil || !strings.Contains(err.Error(), "figure timescale shows an error") {
		t.Error(err)
	}
	if _, _, err := (FigureSet{Names: []string{"timescale"}}).Draw(t.Context(), []*Run{still}, t.TempDir()); err == nil || !strings.Contains(err.Error(), "solver.method is none") {
		t.Error(err)
	}
}

// The bars of the astrocytes figure are the budgets of the runs, part for part; other conditions are in
// their names.
func TestAstrocytesOfRuns(t *testing.T) {
	runs := map[string]*Run{
		"well-mixed, decay τ_p = 50 ms":                openedWith(t, "network.features.neurons=30"),
		"decay τ_p = 200 ms, rise τ_r = 20 ms":         openedWith(t, "network.features.neurons=30", "network.astrocyte={tau_rise: 20ms, tau_calcium: 200ms}"),
		"latency Δ = 600 ms, read 1 s":                 openedWith(t, "network.features.neurons=30", "network.astrocyte.latency=600ms", "network.schedule.read=1s"),
		"compartments 3, coupling line, exchange 5 /s": openedWith(t, "network.features.neurons=30", "network.astrocyte={compartments: 3, coupling: line, exchange: 5/s}"),
		"li-rinzel calcium, ip3_max 0.3 µM":            openedWith(t, "network.features.neurons=30", "network.astrocyte.calcium=li-rinzel"),
	}
	var all []*Run
	for _, run := range runs {
		all = append(all, run)
	}
	rows, _ := tableOf(t, FigureSet{Names: []string{"astrocytes"}}, all...)
	counted := 0
	for _, row := range rows {
		run, head := runs[row["astrocyte"]], must(strconv.Atoi(strings.TrimPrefix(row["head"], "layer 0, head ")))
		if row["astrocyte"] == "uniform attention" {
			run = all[0]
		}
		if run == nil {
			t.Fatalf("no run is %v", row)
		}
		at := slices.IndexFunc(run.Report.Heads, func(h compare.HeadReport) bool { return h.Head == head })
		ladder := func(metric string) float64 { return float64(run.Report.Heads[at].Value(compare.OnLadder, metric)) }
		want := ladder(compare.TotalError)
		switch {
		case row["astrocyte"] == "uniform attention":
			want = ladder(compare.TrivialError)
		case row["part"] != "total":
			want = ladder(compare.PartCalled(row["part"]).Size())
		}
		if row["error"] == "" {
			if statistics.Finite(want) && row["part"] != "dynamics" {
				t.Errorf("%v, want %v", row, want)
			}
			continue
		}
		if counted++; must(strconv.ParseFloat(row["error"], 64)) != want || row["part"] == "dynamics" {
			t.Errorf("%v, want %v", row, want)
		}
	}
	if parts := len(compare.Parts()); len(rows) != 3*(len(runs)*(parts+1)+1) || counted < 3*6*len(runs) {
		t.Errorf("%d rows, %d of them numbers", len(rows), counted)
	}
	// More heads than there are panels are told of, and a single run is a bar.
	many := opened(t, "solver={method: exact}", "record.remedy=none", "network.features.neurons=10", "transformer.layers=[0, 1]")
	rows, notes := tableOf(t, FigureSet{Names: []string{"astrocytes"}}, many)
	if len(notes) != 1 || !strings.Contains(notes[0], "the first 4 of 6 heads") || len(rows) != 4*(len(compare.Parts())+2) {
		t.Errorf("%d rows, notes %q", len(rows), notes)
	}
}

// Each shipped astrocyte has a name of its own, which says what it is.
func TestNamesOfAstrocytes(t *testing.T) {
	d := &drawing{}
	for _, file := range must(filepath.Glob("../../configs/astrocytes/*.yaml")) {
		cfg, problems := config.Load(file, []string{"solver={method: exact}", "record={variables: []}"})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		d.runs = append(d.runs, &Run{Dir: file, Config: cfg, Manifest: &rundir.Manifest{}})
	}
	names := map[string]string{}
	for i, g := range d.byAstrocyte() {
		file := g.runs[0].Name
		if other, taken := names[g.label]; taken || g.label == "" || len(g.runs) > 1 {
			t.Errorf("%s and %s are both called %q", file, other, g.label)
		}
		if names[g.label] = file; i == 0 && filepath.Base(file) != "well-mixed.yaml" {
			t.Errorf("%s comes first", file)
		}
	}
	if len(names) != len(d.runs) {
		t.Errorf("%d names of %d", len(names), len(d.runs))
	}
	// What all runs have is a condition of all, and names none; what an astrocyte alone has names it.
	shared := []string{"network.astrocyte.drive=ungated", "network.astrocyte.baseline=1", "network.features.neurons=20"}
	d = &drawing{runs: []*Run{openedWith(t, append(shared, "readout=receptor")...), openedWith(t, append(shared, "network.features.neurons=30")...)}}
	var labels []string
	for _, g := range d.byAstrocyte() {
		labels = append(labels, strings.NewReplacer("\u00a0", " ", "\x02", "_", "\x03", "").Replace(g.label))
	}
	if want := []string{"well-mixed, decay τ_p = 50 ms, neurons 30", "receptor read-out, p_h = 0.01, neurons 20"}; !slices.Equal(labels, want) {
		t.Errorf("%q, want %q", labels, want)
	}
	for text, want := range map[string]string{"10/s": "10\u00a0/s", "20um2/s": "20\u00a0um2/s", "1.5s": "1.5\u00a0s", "inf": "inf", "0.3": "0.3", "li-rinzel": "li-rinzel"} {
		if got := spaced(text); got != want {
			t.Errorf("spaced(%q) is %q", text, got)
		}
	}
	if got, want := worded("network.astrocyte.half_effect", "0.1"), plotting.Subscripts("p_h")+"\u00a0=\u00a00.1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
