package compare

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// drawnRun is a run of measured random heads: its numbers mean nothing, and are
// held elsewhere against SciPy's; here it is to be printed.
func drawnRun(name string, seed uint64, neurons int, heads ...int) Run {
	var reports []HeadReport
	for _, h := range heads {
		in := randomHead(seed+uint64(10*h), 9, 4, seed%2 == 1)
		in.Layer, in.Head, in.Neurons, in.Synapses = h/2, h, neurons, 4*neurons
		in.AnalyticRelativeSD = 0.4 * float64(1+h)
		in.Predicted = Prediction{0.7 / math.Sqrt(float64(neurons)), 0.2 * float64(1+h), 0.9, 2.5}
		for _, cause := range []string{"leak", "rise", "latency", "biophysics", "read-out", "coupling", "no astrocyte", "compartments"} {
			delete(in.Causes, cause)
		}
		if h == 2 {
			in.Rungs[3].Output[5] = math.Inf(1)
			in.Warnings = []Warning{{Code: "a", Rung: Kernel, Text: "a remark of the run"}}
		}
		reports = append(reports, Head(in))
	}
	text := fmt.Sprint(neurons)
	return Run{name, map[string]Setting{
		"seed": {Text: fmt.Sprint(seed), Size: float64(seed), Sized: true}, "network.features.neurons": {Text: text, Size: float64(neurons), Sized: true},
		"record.neurons": {Text: "8", Size: 8, Sized: true}, "network.features.map": {Text: "positive"}, "record.attention": {Text: "true"},
	}, Conditions{Map: "positive", Unbiased: true, Method: "dopri5"}, NewReport(reports)}
}

// sweep is four seeds of two sizes each, and a repeat of one.
func sweep(heads ...int) []Run {
	var runs []Run
	for _, neurons := range []int{30, 9} {
		for seed := range uint64(4) {
			runs = append(runs, drawnRun(fmt.Sprintf("runs/m%d-%d", neurons, seed), 2*seed+100*uint64(neurons), neurons, heads...))
			runs[len(runs)-1].Settings["seed"] = Setting{Text: fmt.Sprint(seed), Size: float64(seed), Sized: true}
		}
	}
	return append(runs, runs[2])
}

// What is printed, as it is printed: a golden file a form. -update writes them
// anew; read them then.
func TestPrinted(t *testing.T) {
	otherKey := sweep(0)
	otherKey[0].Settings["record.neurons"] = Setting{Text: "5", Size: 5, Sized: true}
	withRemedy := drawnRun("runs/mended", 4, 500, 0)
	part, size, _ := DominantPart(withRemedy.Report.Heads)
	withRemedy.Report.Remedy = &Remedy{part, Number(size), "brief", []Trial{{Aim: Number(size / 2), Found: true, Settings: []Change{{"solver.step", "1ms"}}, Size: 0.3, Total: 0.4, Low: Null(), High: Null()}}, false}
	relabelled := drawnRun("runs/b", 3, 40, 0)
	relabelled.Settings["record.neurons"] = Setting{Text: "5", Size: 5, Sized: true}
	unmeasured := drawnRun("runs/none", 3, 20, 1)
	unmeasured.Report.Heads[0] = Head(HeadInput{Tokens: 2, ValueDim: 1, Rungs: []Rung{{Name: Kernel, Output: []float64{math.NaN(), 1}}}})
	withModel := drawnRun("runs/one", 2, 1000, 0)
	withModel.Report.Model = answeredModel()
	equal := drawnRun("runs/equal", 4, 20, 0)
	for i := range equal.Report.Heads {
		in := randomHead(1, 5, 2, false)
		for j, name := range RungNames() {
			in.Rungs[j] = in.Rungs[0]
			in.Rungs[j].Name = name
		}
		equal.Report.Heads[i] = Head(in)
	}
	for name, c := range map[string]struct {
		runs []Run
		opt  Options
	}{
		"one-head":        {[]Run{withModel}, Options{}},
		"two-heads":       {[]Run{drawnRun("runs/two", 2, 1000, 0, 3)}, Options{}},
		"heads":           {[]Run{drawnRun("runs/several", 1, 20000, 0, 1, 2)}, Options{}},
		"heads-apart":     {[]Run{drawnRun("runs/several", 1, 20000, 0, 1, 2)}, Options{PerHead: true}},
		"narrow":          {[]Run{drawnRun("runs/several", 1, 20000, 0, 1, 2)}, Options{Width: 60}},
		"unmeasured":      {[]Run{unmeasured}, Options{}},
		"equal":           {[]Run{equal}, Options{}},
		"side-by-side":    {sweep(0, 1), Options{}},
		"two-runs":        {sweep(0, 1)[3:5], Options{}},
		"per-head":        {sweep(0, 1), Options{PerHead: true, Width: 200}},
		"by-other-key":    {otherKey, Options{By: []string{"record.neurons", "network.features.neurons"}}},
		"by-one-key":      {otherKey, Options{By: []string{"record.neurons"}}},
		"mended":          {[]Run{withRemedy}, Options{}},
		"same-numbers":    {[]Run{drawnRun("runs/a", 3, 40, 0), relabelled}, Options{}},
		"one-run-by-seed": {sweep(0)[:1], Options{By: []string{"seed"}}},
	} {
		for _, format := range Formats() {
			if format == "csv" && name != "two-runs" || format == "json" && !slices.Contains([]string{"one-head", "unmeasured", "per-head"}, name) {
				continue // the same numbers once more
			}
			var out bytes.Buffer
			if err := Write(&out, slices.Clone(c.runs), c.opt, format); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata/printed", name+"."+strings.Replace(format, "text", "txt", 1))
			if *update {
				if err := os.WriteFile(file, out.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), want) {
				t.Errorf("%s is printed otherwise than %s says (-update writes it):\n%s", name, file, out.String())
			}
		}
	}
}
