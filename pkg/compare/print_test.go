package compare

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// Every registered quantity appears under each of its rungs, once, in JSON and
// in the tidy rows, and nothing unregistered does.
func TestRegistryNamesEverything(t *testing.T) {
	report := Head(randomHead(1, 6, 2, true))
	var want, got []string
	for _, m := range Metrics() {
		if m.Description == "" || m.Label == "" || len(m.Rungs) == 0 {
			t.Errorf("metric %s is not documented", m.Name)
		}
		for _, rung := range m.Rungs {
			want = append(want, rung+" "+m.Name)
		}
	}
	seen := 0
	for _, row := range report.Rows() {
		got = append(got, row.Rung+" "+row.Metric)
		seen++
	}
	for _, values := range []Values{report.Attributes, report.Ladder, report.Rungs[Softmax], report.Rungs[Kernel], report.Rungs[Exact], report.Rungs[Solver]} {
		seen -= len(values)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || seen != 0 {
		t.Errorf("rows and registry differ, or JSON holds %d names the rows lack:\n%v\n%v", -seen, got, want)
	}
	for _, m := range Metrics() {
		if !strings.Contains(metricsMarkdown(), "| `"+m.Name+"` |") {
			t.Errorf("%s is missing in the documentation table", m.Name)
		}
	}
}

// CSV reads back to the same numbers, configuration included; null is empty.
func TestCSVReadsBack(t *testing.T) {
	in := randomHead(7, 6, 2, false)
	in.Causes = nil
	report := Head(in)
	run := Run{"runs/a, b", map[string]Setting{"seed": {Text: "16"}, "input.text.string": {Text: "one \"two\"\nthree"}, "network.features.neurons": {"10", 10, true}}, Conditions{}, NewReport([]HeadReport{report})}
	var b bytes.Buffer
	if err := WriteCSV(&b, []Run{run}); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	header := []string{"input.text.string", "network.features.neurons", "run", "seed", "layer", "head", "rung", "metric", "value"}
	if !slices.Equal(records[0], header) {
		t.Errorf("header %v, want %v", records[0], header)
	}
	for i, row := range report.Rows() {
		r := records[i+1]
		if r[0] != run.Settings["input.text.string"].Text || r[2] != run.Name || r[3] != "16" || r[6] != row.Rung || r[7] != row.Metric {
			t.Errorf("record %v for row %v", r, row)
		}
		if math.IsNaN(row.Value) {
			if r[8] != "" {
				t.Errorf("null %s is %q", row.Metric, r[8])
			}
			continue
		}
		if x, err := strconv.ParseFloat(r[8], 64); err != nil || x != row.Value {
			t.Errorf("%s reads back as %v (%v), want %v", row.Metric, x, err, row.Value)
		}
	}
}

func TestReportReadsBack(t *testing.T) {
	report := NewReport([]HeadReport{Head(randomHead(1, 5, 2, false)), Head(randomHead(2, 5, 2, true))})
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadReport(text)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(back)
	if !bytes.Equal(text, again) {
		t.Error("metrics.json does not survive being read")
	}
	newer := bytes.Replace(text, []byte(`{"schema_version":1,"heads"`), []byte(`{"schema_version":99,"heads"`), 1)
	if _, err := ReadReport(newer); err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("a newer schema gives %v", err)
	}
	if _, err := ReadReport([]byte("{")); err == nil {
		t.Error("truncated JSON is accepted")
	}
}

// The budget names its dominating part, says how much of it there is, and keeps
// to the width.
func TestBudgetText(t *testing.T) {
	run := runWith("runs/text", "16", "50ms", 0.3)
	run.Report.Remedy = &Remedy{"calcium lag", 0.45, "brief", []Trial{{Aim: 0.225, Found: true, Settings: []Change{{"tau", "1ms"}}, Size: 0.2}}, false}
	for _, perHead := range []bool{false, true} {
		var b strings.Builder
		if err := BudgetText(&b, run, Options{PerHead: perHead}); err != nil {
			t.Fatal(err)
		}
		// Means over the heads: kernel 0.1, lag 0.45; no shares are known.
		for _, want := range []string{"calcium lag dominates: it is 0.450 of the norm of the softmax output", "--set tau=1ms brings it to half"} {
			if !strings.Contains(strings.ReplaceAll(b.String(), "\n", " "), want) {
				t.Errorf("perHead %v: %q is not in\n%s", perHead, want, b.String())
			}
		}
		for _, line := range strings.Split(b.String(), "\n") {
			if utf8.RuneCountInString(line) > DefaultWidth {
				t.Errorf("perHead %v: line of %d characters: %s", perHead, utf8.RuneCountInString(line), line)
			}
		}
		if strings.Contains(b.String(), "NaN") {
			t.Errorf("NaN in\n%s", b.String())
		}
	}
}

// What was found is said with what it is set by, what was tried, and whether the
// whole error follows.
func TestRemedyInWords(t *testing.T) {
	change := func(path, text string) []Change { return []Change{{path, text}} }
	r := Remedy{Part: "kernel", Now: 0.4, Trials: []Trial{
		{Aim: 0.2, Found: true, Symbols: []string{"number of hidden neurons"}, Settings: change("network.features.neurons", "4000"), Size: 0.19, Total: 0.21, Dominant: "kernel", Low: 0.17, High: 0.23},
		{Aim: 0.2, Found: true, Settings: change("network.schedule.read", "400ms"), Size: 0.18, Total: 0.49, Dominant: "leak", Low: Null(), High: Null()},
		{Aim: 0.2, Found: true, Settings: change("network.schedule.read", "500ms"), Size: 0.17, Total: 0.75, Dominant: "leak", Low: Null(), High: Null()},
		{Aim: 0.05, Symbols: []string{"τ_h", "τ_f"}, NotEnough: 4096, Settings: append(change("a.b", "1ms"), Change{"a.c", "2ms"}), Size: 0.11, Total: Null(), Low: Null(), High: Null()},
		{Aim: 0.05, Found: true, Settings: change("a.b", "1ms"), Size: 0.04, Total: Null(), Low: Null(), High: Null()},
	}}
	want := []string{
		"--set network.features.neurons=4000 brings it to half, as was tried: it is 0.190 then (0.170 to 0.230 with other seeds) and the total 0.210.",
		"--set network.schedule.read=400ms brings it to half, as was tried: it is 0.180 then, but the total stays at 0.490, of which leak makes most.",
		"--set network.schedule.read=500ms brings it to half, as was tried: it is 0.170 then, but the total rises to 0.750, of which leak makes most.",
		"No τ_h and τ_f within a factor of 4096 was found that brings it to 0.0500; the best that was tried is --set a.b=1ms --set a.c=2ms, with which it is 0.110.",
		"--set a.b=1ms brings it to 0.0500, as was tried: it is 0.0400 then.",
	}
	if have := r.inWords(0.5); !slices.Equal(have, want) {
		t.Errorf("%q", have)
	}
	kind := Remedy{Part: "read-out", Now: 0.4, Trials: []Trial{
		{Of: "read-out", Aim: 0.2, Symbols: []string{"p_h"}, NotEnough: 1e6, Settings: change("a.b", "1"), Size: 0.5},
		{Of: "read-out", Aim: 0.2, Found: true, Settings: append(change("a.readout", "reciprocal"), Change{"record.variables", "[hidden, output]"}), Total: 0.01, Low: Null()},
		{Of: "dynamics", Aim: 0.3, Found: true, Settings: change("a.b", "2"), Size: 0.29, Total: 0.31, Low: Null()},
	}}
	want = []string{
		"No p_h within a factor of 1.00e+06 was found that reduces it.",
		"--set a.readout=reciprocal --set 'record.variables=[hidden, output]' takes it away, as was tried: the total is 0.0100 then.",
		"--set a.b=2 brings the dynamics to 0.300, as was tried: it is 0.290 then and the total 0.310.",
	}
	if have := kind.inWords(0.5); !slices.Equal(have, want) {
		t.Errorf("%q", have)
	}
	short := Remedy{Part: "kernel", Now: 0.4, Search: "brief", Trials: []Trial{{Aim: 0.2, Symbols: []string{"m"}, NotEnough: 8, Settings: change("a.b", "8"), Size: 0.3}}}
	if have := short.inWords(0.5); len(have) != 1 || !strings.HasSuffix(have[0], "it is 0.300 (--set record.remedy=thorough looks farther).") {
		t.Errorf("%q", have)
	}
	if short.Trials = nil; !slices.Equal(short.inWords(0.5), []string{"What would reduce it takes long to find: --set record.remedy=thorough looks farther."}) {
		t.Errorf("%q", short.inWords(0.5))
	}
	if short.Search = "thorough"; short.inWords(0.5) != nil {
		t.Errorf("%q", short.inWords(0.5))
	}
	if aims := Aims(0.1); !slices.Equal(aims, []float64{0.05}) {
		t.Errorf("aims of 0.1: %v", aims)
	}
	if aims := Aims(0.2); !slices.Equal(aims, []float64{0.1, 0.05}) {
		t.Errorf("aims of 0.2: %v", aims)
	}
	for _, c := range []struct {
		part string
		Conditions
		want string
	}{
		{"kernel", Conditions{Map: "elu1"}, "elu1 is not an unbiased estimate"},
		{"kernel", Conditions{Map: "positive", Unbiased: true}, ""},
		{"integration", Conditions{Method: "rk4", FixedStep: true}, "shorten solver.step"},
		{"integration", Conditions{Method: "dopri5"}, "tighten solver.rtol"},
		{"integration", Conditions{}, ""}, {"leak", Conditions{Map: "elu1", Method: "rk4"}, ""},
	} {
		if text := known(c.part, &c.Conditions); !strings.Contains(text, c.want) || c.want == "" && text != "" {
			t.Errorf("%s with %+v: %q", c.part, c.Conditions, text)
		}
	}
}

// Broken tables repeat their key columns, keep every cell, and fit.
func TestTableBreaks(t *testing.T) {
	table := Table{Keys: 1, Header: []string{"map", "alpha", "beta", "gamma"}, Rows: [][]string{{"positive", "1", "22", "333"}, {"τ", "4", "5", "6"}}}
	var wide, narrow strings.Builder
	if err := table.WriteText(&wide, 80); err != nil {
		t.Fatal(err)
	}
	if err := table.WriteText(&narrow, 22); err != nil {
		t.Fatal(err)
	}
	if want := "map       alpha  beta  gamma\npositive      1    22    333\nτ             4     5      6\n"; wide.String() != want {
		t.Errorf("got\n%s", wide.String())
	}
	if want := "map       alpha  beta\npositive      1    22\nτ             4     5\n\nmap       gamma\npositive    333\nτ             6\n"; narrow.String() != want {
		t.Errorf("got\n%s", narrow.String())
	}
}

func TestWriteFormats(t *testing.T) {
	one := []Run{runWith("a", "1", "50ms", 0.1)}
	two := append(one, runWith("b", "1", "150ms", 0.2))
	for _, runs := range [][]Run{one, two} {
		for _, format := range Formats() {
			var b bytes.Buffer
			if err := Write(&b, runs, Options{}, format); err != nil || b.Len() == 0 {
				t.Errorf("%d runs as %s: %v, %d bytes", len(runs), format, err, b.Len())
			}
			if format == "json" && !json.Valid(b.Bytes()) {
				t.Errorf("%d runs: not JSON: %s", len(runs), b.String())
			}
			if bytes.Contains(b.Bytes(), []byte("NaN")) {
				t.Errorf("NaN in %s", b.String())
			}
		}
	}
	if err := Write(&bytes.Buffer{}, one, Options{}, "xml"); err == nil || !strings.Contains(err.Error(), "csv") {
		t.Errorf("unknown format gives %v", err)
	}
}

func TestNumbersInTables(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 0.12345: "0.123", 12.345: "12.3", 0.99996: "1.00", -9.996: "-10.0", 1234.5: "1234", -0.0123: "-0.0123", 1e-5: "1.00e-05", 2.5e6: "2.50e+06"} {
		if got := significant(x); got != want {
			t.Errorf("significant(%v) = %s, want %s", x, got, want)
		}
	}
	for x, want := range map[float64]string{7: "7", 1000: "1 000", 6400000: "6 400 000", 14400000: "14.4 million"} {
		if got := count(x); got != want {
			t.Errorf("count(%v) = %s, want %s", x, got, want)
		}
	}
}

// Where the key columns would fill the line they are printed once, and numbers
// stand for them.
func TestCrowdedTableIsNumbered(t *testing.T) {
	table := Table{
		Keys: 2, Header: []string{"a long key column of many words", "another column of this kind", "error", "also"},
		Rows: [][]string{{"x", "y", "1", "2"}, {"z", "w", "3", "4"}},
	}
	var out strings.Builder
	if err := table.WriteText(&out, 60); err != nil {
		t.Fatal(err)
	}
	want := `row  a long key column of many words  another column of this kind
1    x                                y
2    z                                w

row  error  also
1        1     2
2        3     4
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// What was not tried is said, and how to have it tried.
func TestRemediesThatWereNotTried(t *testing.T) {
	tried := []Trial{{Aim: 0.2, Found: true, Settings: []Change{{"tau", "1ms"}}, Size: 0.2, Total: Null(), Low: Null(), High: Null()}}
	for _, c := range []struct {
		remedy Remedy
		want   string
	}{
		{Remedy{"read-out", 0.4, "brief", nil, true}, "What would reduce it takes long to find: --set record.remedy=thorough looks farther."},
		{Remedy{"read-out", 0.4, "thorough", nil, true}, "What would reduce it takes longer to find than is looked."},
		{Remedy{"read-out", 0.4, "brief", tried, true}, "--set tau=1ms brings it to half, as was tried: it is 0.200 then. More takes long to try: --set record.remedy=thorough looks farther."},
		{Remedy{"read-out", 0.4, "thorough", tried, true}, "--set tau=1ms brings it to half, as was tried: it is 0.200 then. More takes longer to try than is looked."},
		{Remedy{"read-out", 0.4, "brief", tried, false}, "--set tau=1ms brings it to half, as was tried: it is 0.200 then."},
	} {
		if got := strings.Join(c.remedy.inWords(0.4), " "); got != c.want {
			t.Errorf("%+v: %s\nwant %s", c.remedy, got, c.want)
		}
	}
}
