package experiment

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/fit"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// tableOf draws a figure and reads its table, without the line of names, with the notes.
func tableOf(t *testing.T, set FigureSet, runs ...*Run) (rows []map[string]string, notes []string) {
	t.Helper()
	dir := t.TempDir()
	set.Formats = []string{"svg"}
	_, notes, err := set.Draw(t.Context(), runs, dir)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, set.Names[0]+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range line {
			row[lines[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows, notes
}

// undynamic are settings of runs in which nothing is dynamic.
var undynamic = []string{"transformer.layers=[0]", "solver={method: none}", "record.remedy=none"}

// captionOf draws a figure and returns its caption.
func captionOf(t *testing.T, name string, runs ...*Run) string {
	t.Helper()
	dir := t.TempDir()
	if _, _, err := (FigureSet{Names: []string{name}, Formats: []string{"svg"}}).Draw(t.Context(), runs, dir); err != nil {
		t.Fatal(err)
	}
	return string(must(os.ReadFile(filepath.Join(dir, name+".txt"))))
}

// A line of the synapses figure is one map, in the order of the table of maps; runs that differ in their
// seed alone are one point, each head's error the median over seeds; couplings of the same map are lines of
// their own. Whatever map has a name has a line.
func TestSynapsesOfRuns(t *testing.T) {
	var runs []*Run
	errors := map[string][][]float64{} // of label and synapses, of each head those of all seeds
	add := func(label string, sets ...string) {
		run := opened(t, slices.Concat(undynamic, sets)...)
		runs = append(runs, run)
		for i, h := range run.Report.Heads {
			at := label + " " + strconv.Itoa(int(h.Value(compare.OnHead, compare.Synapses)))
			if len(errors[at]) <= i {
				errors[at] = append(errors[at], nil)
			}
			errors[at][i] = append(errors[at][i], float64(h.Value(compare.OnLadder, "kernel_error")))
		}
	}
	for _, m := range []string{"90", "20"} {
		for _, seed := range []string{"1", "2", "3"} {
			add("positive, rows iid", "network.features.neurons="+m, "seed="+seed)
		}
		add("positive, rows orthogonal", "network.features={rows: orthogonal, neurons: "+m+"}")
		for _, name := range features.Drawn() {
			if name != "positive" {
				add(name, "network.features={map: "+name+", neurons: "+m+"}")
			}
		}
	}
	rows, notes := tableOf(t, FigureSet{Names: []string{"synapses"}}, runs...)
	if len(notes) > 0 {
		t.Errorf("notes %q", notes)
	}
	var labels []string
	counted := 0
	for _, row := range rows {
		if row["map"] == "uniform attention" {
			continue
		}
		if !slices.Contains(labels, row["map"]) {
			labels = append(labels, row["map"])
		}
		head, err := strconv.Atoi(row["head"])
		if err != nil {
			t.Fatal(err)
		}
		want := errors[row["map"]+" "+row["synapses"]]
		if want == nil {
			t.Fatalf("no run is %v", row)
		}
		counted++
		if have, err := strconv.ParseFloat(row["error"], 64); err != nil || have != statistics.Quantile(want[head], 0.5) {
			t.Errorf("%v, want the median of %v", row, want[head])
		}
	}
	if counted != 3*len(errors) || len(rows) != counted+3 {
		t.Errorf("%d rows, %d of maps; want %d", len(rows), counted, 3*len(errors))
	}
	want := []string{"positive, rows iid", "positive, rows orthogonal"}
	want = append(want, features.Drawn()[1:]...)
	if !slices.Equal(labels, want) {
		t.Errorf("lines %q, want %q", labels, want)
	}
	// Runs of like seeds are one sentence of the caption.
	caption := captionOf(t, "synapses", runs...)
	pooled := "Runs " + runs[0].Manifest.Identity + ", " + runs[1].Manifest.Identity + ", " + runs[2].Manifest.Identity + " ("
	for _, want := range []string{pooled, "): seeds 1, 2, 3; network.features.map positive; network.features.neurons 90; network.features.rows iid.", "Oberheim"} {
		if !strings.Contains(caption, want) {
			t.Errorf("the caption lacks %q:\n%s", want, caption)
		}
	}
}

// Other conditions are said, another metric is taken, and what is no error is refused.
func TestSynapsesOfOtherRuns(t *testing.T) {
	runs := []*Run{opened(t, append(slices.Clone(undynamic), "network.features.neurons=90")...), opened(t, append(slices.Clone(undynamic), "network.features.neurons=20")...)}
	other := append(runs[:2:2], opened(t, append(slices.Clone(undynamic), "network.astrocyte.tau_calcium=70ms", "network.schedule.gap=0ms")...))
	if _, notes := tableOf(t, FigureSet{Names: []string{"synapses"}, Metric: "tv_mean"}, other...); len(notes) != 1 || !strings.Contains(notes[0], "tau_calcium") {
		t.Errorf("notes %q", notes)
	}
	if _, _, err := (FigureSet{Names: []string{"synapses"}, Metric: compare.NormalizerR}).Draw(t.Context(), runs, t.TempDir()); err == nil || !strings.Contains(err.Error(), "is none") {
		t.Errorf("%v", err)
	}
}

// Infinitely many neurons are a level, unless the error is 0 with them.
func TestSynapsesOfInfinitelyManyNeurons(t *testing.T) {
	ideal := opened(t, "transformer.layers=[0]", "record.remedy=none", "solver={method: exact}", "network.features={map: ideal}", "record.features=false")
	few := opened(t, "transformer.layers=[0]", "record.remedy=none", "solver={method: exact}", "network.features.neurons=20")
	for metric, levels := range map[string]int{compare.TotalError: len(ideal.Report.Heads), "kernel_error": 0} {
		rows, _ := tableOf(t, FigureSet{Names: []string{"synapses"}, Metric: metric}, few, ideal)
		for _, row := range rows {
			if row["map"] == "ideal" {
				head := must(strconv.Atoi(row["head"]))
				if want := float64(ideal.Report.Heads[head].Value(compare.OnLadder, compare.TotalError)); row["synapses"] != "+Inf" || must(strconv.ParseFloat(row["error"], 64)) != want {
					t.Errorf("%v, want %v", row, want)
				}
				levels--
			}
		}
		if levels != 0 {
			t.Errorf("%s: %d levels are missing", metric, levels)
		}
	}
	if _, _, err := (FigureSet{Names: []string{"synapses"}}).Draw(t.Context(), []*Run{ideal}, t.TempDir()); err == nil {
		t.Error("a figure of no synapses")
	}
}

// someMaps are map files of the same heads, of 24 neurons and of 6.
func someMaps(t *testing.T) (maps []*MapFile) {
	t.Helper()
	for _, neurons := range []string{"24", "6"} {
		told, _, raw := fitted(t, fitConfig(t, sentences(40), "fit.neurons="+neurons, "fit.steps=120"), 2)
		path := filepath.Join(t.TempDir(), "maps.npz")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := OpenMaps(path)
		if err != nil || len(m.Heads) != len(told) {
			t.Fatal(err)
		}
		maps = append(maps, m)
	}
	return maps
}

// The figures of map files hold what is in them: every look on the way and the held-out error at the best of
// them; and the held-out errors of all fits that were made of all heads.
func TestFiguresOfMaps(t *testing.T) {
	maps := someMaps(t)
	rows, _ := tableOf(t, FigureSet{Names: []string{"fit"}, Maps: maps[:1]})
	looks := 0
	for _, row := range rows {
		layer, head := must(strconv.Atoi(row["layer"])), must(strconv.Atoi(row["head"]))
		step, value := must(strconv.ParseFloat(row["step"], 64)), must(strconv.ParseFloat(row["error"], 64))
		at := maps[0].Of(layer, head)
		trial := maps[0].Trials[slices.IndexFunc(maps[0].Trials, func(t fit.HeadTrial) bool { return t.Layer == layer && t.Head == head })]
		if row["inputs"] == "held out" {
			if value != at.HeldOutError || int(step) != trial.BestStep {
				t.Errorf("%v, want %v at step %d", row, at.HeldOutError, trial.BestStep)
			}
			continue
		}
		looks++
		if !slices.ContainsFunc(maps[0].Looks(layer, head), func(l fit.Look) bool { return l.Step == int(step) && l.Error == value }) {
			t.Errorf("no look is %v", row)
		}
	}
	if looks != len(maps[0].History) || looks != 3*len(maps[0].Heads) || len(rows) != looks+len(maps[0].Heads) {
		t.Errorf("%d rows, %d of looks; the file has %d", len(rows), looks, len(maps[0].History))
	}
	rows, _ = tableOf(t, FigureSet{Names: []string{"synapses"}, Maps: maps})
	floors := len(rows)
	rows = slices.DeleteFunc(rows, func(row map[string]string) bool { return row["map"] == "floor" })
	if floors -= len(rows); len(rows) != 4 || floors == 0 {
		t.Fatalf("%d rows, and %d of floors", len(rows), floors)
	}
	for i, row := range rows { // fewest synapses first
		m := maps[1-i/2]
		h := m.Heads[i%2]
		if row["map"] != "fitted, held out" || row["synapses"] != strconv.Itoa(32*len(h.Query.B)) || must(strconv.ParseFloat(row["error"], 64)) != h.HeldOutError {
			t.Errorf("row %d is %v, want %d neurons with %v", i, row, len(h.Query.B), h.HeldOutError)
		}
	}
	// Beside runs the figure has the floor that is in the file.
	for i := range maps[0].Heads {
		maps[0].Heads[i].Floor, maps[0].Heads[i].FloorHeldOut = 0.001, 0.01
	}
	rows, _ = tableOf(t, FigureSet{Names: []string{"synapses"}, Maps: maps}, opened(t, "transformer.layers=[0]"))
	if !slices.ContainsFunc(rows, func(row map[string]string) bool { return row["map"] == "floor" && row["error"] == "0.01" }) {
		t.Error("no floor")
	}
}

// Who asks for what there is not is told what there is.
func TestFiguresThatMapsDoNotHave(t *testing.T) {
	maps, run := someMaps(t), opened(t, "transformer.layers=[0]")
	for _, c := range []struct {
		name string
		maps []*MapFile
		runs []*Run
		says string
	}{
		{"fit", nil, []*Run{run}, "0 are given"}, {"fit", maps, nil, "2 are given"}, {"fit", maps[:1], []*Run{run}, "give the file alone"},
		{"budget", maps[:1], nil, "use --figure fit or synapses"}, {"budget", maps[:1], []*Run{run}, "use --figure fit or synapses"},
		{"synapses", maps[:1], []*Run{openedOf(t, "nasim: 1\ninput: {image: {file: ../../configs/inputs/fashion-bag.png}}\ntransformer: {model: tiny-vision}\nsolver: {method: none}\nnetwork: {features: {neurons: 20}}\n")}, "another model"},
	} {
		_, _, err := FigureSet{Names: []string{c.name}, Maps: c.maps, Formats: []string{"svg"}}.Draw(t.Context(), c.runs, t.TempDir())
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s of %d map files and %d runs: %v", c.name, len(c.maps), len(c.runs), err)
		}
	}
	if _, err := OpenMaps(filepath.Join(run.Dir, outputsFile)); err == nil || !strings.Contains(err.Error(), "is no map file") {
		t.Error(err)
	}
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}
