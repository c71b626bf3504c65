package compare

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// runWith makes a run of two heads whose total errors are total and 2·total.
func runWith(name, seed, tau string, total float64) Run {
	head := func(h int, x float64) HeadReport {
		return HeadReport{
			Layer: 0, Head: h, Tokens: 64, ValueDim: 8, Reference: Softmax, Last: Exact,
			Attributes: Values{Neurons: 1000, Synapses: 8000, AnalyticRelativeSD: Null()},
			Ladder: Values{TotalError: Number(x), TrivialError: 0.9, "kernel_error": 0.1, "dynamics_error": Number(x),
				"calcium_lag_error": Number(x), "interaction_error": 0, "integration_error": Null()},
			Rungs: map[string]Values{Softmax: {Entropy: 2}, Kernel: {NormalizerR: 0.5}, Exact: {NormalizerR: Number(1 - x/10)}},
		}
	}
	conditions := Conditions{Map: "positive", Unbiased: true, Method: "exact"}
	return Run{name, map[string]Setting{
		"seed": {Text: seed}, "network.astrocyte.tau_calcium": seconds(tau), "network.features.neurons": {"1000", 1000, true},
		"network.features.map": {Text: "positive"}, "network.schedule.read": seconds("250ms"), "solver.method": {Text: "exact"},
	}, conditions, NewReport([]HeadReport{head(0, total), head(1, 2*total)})}
}

// seconds is the setting of a time.
func seconds(text string) Setting {
	sizes := map[string]float64{"0ms": 0, "10us": 1e-5, "0.5ms": 5e-4, "50ms": 0.05, "150ms": 0.15, "0.2s": 0.2, "250ms": 0.25, "2s": 2, "1min": 60, "1h": 3600, "inf": math.Inf(1)}
	return Setting{text, sizes[text], true}
}

// Runs that differ only in seed share a row with median and quartiles; rows
// are in the order of the quantities, not of their spelling.
func TestPoolingOverSeeds(t *testing.T) {
	var runs []Run
	for i, total := range []float64{0.4, 0.1, 0.2, 0.3, 0.5} {
		runs = append(runs, runWith(fmt.Sprint("slow", i), fmt.Sprint(i), "150ms", total+1))
		runs = append(runs, runWith(fmt.Sprint("fast", i), fmt.Sprint(i), "50ms", total))
	}
	s, err := Summarize(runs, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s.Keys, []string{"network.astrocyte.tau_calcium"}) || len(s.Rows) != 2 || len(s.Warnings) != 0 {
		t.Fatalf("keys %v, %d rows, warnings %v", s.Keys, len(s.Rows), s.Warnings)
	}
	first := s.Rows[0]
	if first.Config["network.astrocyte.tau_calcium"] != "50ms" || !slices.Equal(first.Seeds, []string{"0", "1", "2", "3", "4"}) {
		t.Errorf("first row is %v with seeds %v", first.Config, first.Seeds)
	}
	// Mean over the two heads is 1.5 × total, worst is 2 × total.
	for i, want := range []float64{1.5, 2} {
		c := first.Cells[i]
		for name, pair := range map[string][2]float64{
			"median": {float64(c.Median), 0.3 * want}, "q1": {float64(c.Q1), 0.2 * want}, "q3": {float64(c.Q3), 0.4 * want}, "n": {float64(c.N), 5},
		} {
			if math.Abs(pair[0]-pair[1]) > rounding {
				t.Errorf("%v %s = %v, want %v", s.Columns[i], name, pair[0], pair[1])
			}
		}
	}
	for i, c := range s.Columns {
		same := s.Rows[1].Cells[i].Same
		differs := c.Metric == TotalError || c.Metric == "dynamics_error" || c.Metric == "calcium_lag_error" || c.Metric == NormalizerR
		if same == differs {
			t.Errorf("%v: same = %v between separated or equal samples", c, same)
		}
		if first.Cells[i].Same {
			t.Errorf("%v: the first row is marked the same as itself", c)
		}
	}
}

// The order in which runs are named changes nothing but the order of names.
func TestOrderOfRuns(t *testing.T) {
	runs := []Run{runWith("a", "1", "150ms", 0.3), runWith("b", "1", "50ms", 0.1), runWith("c", "1", "inf", 0.2), runWith("d", "1", "2s", 0.2)}
	text := func(runs []Run) string {
		var b strings.Builder
		if err := WriteText(&b, runs, Options{}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	want := text(runs)
	slices.Reverse(runs)
	if got := text(runs); got != want {
		t.Errorf("reversed runs print\n%s\nnot\n%s", got, want)
	}
	order := []int{strings.Index(want, "50ms"), strings.Index(want, "150ms"), strings.Index(want, "2s"), strings.Index(want, "inf")}
	if !slices.IsSorted(order) || order[0] < 0 {
		t.Errorf("rows are not in the order of the times:\n%s", want)
	}
}

// Pooling by a key that does not separate the runs says what it mixes; two
// runs of one configuration and seed are pointed out.
func TestMixedPoolsAreReported(t *testing.T) {
	runs := []Run{runWith("a", "1", "50ms", 0.1), runWith("b", "1", "150ms", 0.2)}
	s, err := Summarize(runs, Options{By: []string{"network.features.map"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Rows) != 1 || len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0].Text, "tau_calcium") {
		t.Errorf("%d rows, warnings %v", len(s.Rows), s.Warnings)
	}
	s, err = Summarize([]Run{runs[0], runs[0]}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Warnings) != 1 || s.Warnings[0].Code != "seed-repeated" {
		t.Errorf("warnings %v", s.Warnings)
	}
	if _, err = Summarize(runs, Options{By: []string{"network.feature.map"}}); err == nil || !strings.Contains(err.Error(), "network.features.map,") {
		t.Errorf("misspelt key gives %v", err)
	}
	if _, err = Summarize(nil, Options{}); err == nil {
		t.Error("no run gives no error")
	}
}

func TestPerHead(t *testing.T) {
	runs := []Run{runWith("a", "1", "50ms", 0.1), runWith("b", "1", "150ms", 0.1)}
	s, err := Summarize(runs, Options{PerHead: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Rows) != 4 {
		t.Fatalf("%d rows, want 2 runs × 2 heads", len(s.Rows))
	}
	for _, row := range s.Rows {
		want := Number(0.1 * float64(1+*row.Head))
		if row.Cells[0].Median != want {
			t.Errorf("head %s total %v, want %v", row.head(), row.Cells[0].Median, want)
		}
	}
	// Heads compare with the same head of the first run, not with each other.
	if s.Rows[1].Cells[0].Same || !s.Rows[2].Cells[0].Same || !s.Rows[3].Cells[0].Same {
		t.Error("rows are compared across heads")
	}
}

// Fewer than four seeds on a side cannot be told apart by ranks, so they are
// not judged.
func TestFewSeedsAreNotJudged(t *testing.T) {
	pool := func(x ...Number) Pooled { return Pool(x, []string{"1", "2", "3", "4", "5", "6", "7"}) }
	for _, c := range []struct {
		a, b Pooled
		want string
	}{
		{pool(1, 2, 3), pool(1.1, 2.1, 3.1), Differs},
		{pool(1, 2, 3, 4), pool(1.1, 2.1, 3.1, 4.1), NotApart},
		{pool(1, 2, 3, 4), pool(5, 6, 7, 8), Differs},
		{pool(1), pool(1 + 1e-12), Equal},
		{pool(1), pool(1.001), Differs},
		{pool(Null()), pool(Null()), Equal},
		// The same values of other seeds, and the same quartiles of other values.
		{pool(1, 2, 3), pool(3, 2, 1), Differs},
		{pool(1, 2, 3), Pool([]Number{3, 2, 1}, strings.Split("abc", "")), Equal},
		{pool(1, 2, 3, 4, 5), Pool([]Number{-100, 2, 3, 4, 500}, strings.Split("abcde", "")), NotApart},
		{pool(1, 2, 3, 4, 5, 6), pool(6, 5, 4, 3, 2, 1), NotApart},
		{pool(Null()), pool(1), Differs},
		// Six shared seeds: each a little more, which the spread over seeds hides.
		{pool(1, 2, 3, 4, 5, 6), pool(1.1, 2.1, 3.1, 4.1, 5.1, 6.1), Differs},
		{pool(1, 2, 3, 4, 5, 6), pool(1.1, 1.9, 3.1, 3.9, 5.1, 6.1), NotApart},
		{Pool([]Number{1, 2, 3, 4, 5, 6}, strings.Split("abcdef", "")), pool(1.1, 2.1, 3.1, 4.1, 5.1, 6.1), NotApart},
		// A seed that comes twice pairs with nothing.
		{Pool([]Number{1, 2, 3, 4, 5, 6, 7}, strings.Split("1223456", "")), pool(1.1, 2.1, 3.1, 4.1, 5.1, 6.1, 7.1), NotApart},
	} {
		if got := against(c.a, c.b); got != c.want {
			t.Errorf("%v against %v: %q, want %q", c.b.known, c.a.known, got, c.want)
		}
	}
}

func TestQuantityOrder(t *testing.T) {
	var want []Setting
	for _, text := range []string{"0ms", "10us", "0.5ms", "50ms", "0.2s"} {
		want = append(want, seconds(text))
	}
	want = append(want, Setting{"3", 3, true}, seconds("1min"), seconds("1h"), seconds("inf"), Setting{Text: "elu1"}, Setting{Text: "positive"})
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, CompareSettings)
	if !slices.Equal(got, want) {
		t.Errorf("sorted %v, want %v", got, want)
	}
}

// Total variation that no run has is no column but a warning; where one run has it,
// the others show a dash.
func TestAttentionThatRunsLack(t *testing.T) {
	without, with := runWith("a", "1", "50ms", 0.1), runWith("b", "2", "50ms", 0.1)
	without.Settings[keyAttention], with.Settings[keyAttention] = Setting{Text: "false"}, Setting{Text: "true"}
	with.Report.Heads[0].Rungs[Exact][TVMean] = 0.25
	variation := Column{lastRung, TVMean, "mean"}
	for _, c := range []struct {
		runs   []Run
		column bool
	}{{[]Run{without}, false}, {[]Run{without, with}, true}, {[]Run{with}, true}} {
		s, err := Summarize(c.runs, Options{})
		if err != nil {
			t.Fatal(err)
		}
		warned := slices.ContainsFunc(s.Warnings, func(w Warning) bool {
			return w.Code == "attention-not-computed" && strings.Contains(w.Text, "record.attention: false")
		})
		if slices.Contains(s.Columns, variation) != c.column || warned == c.column {
			t.Errorf("%d runs: columns %v, warnings %v", len(c.runs), s.Columns, s.Warnings)
		}
	}
}

// Two samples are told apart at the level of 5 %: of four and four seeds, complete
// separation has p = 2/70 = 0.029, one swap 4/70 = 0.057.
func TestSignificance(t *testing.T) {
	pool := func(first string, x ...Number) Pooled { return Pool(x, strings.Split(first, "")) }
	low := pool("abcd", 1, 2, 3, 4)
	for _, c := range []struct {
		high Pooled
		want string
	}{{pool("efgh", 5, 6, 7, 8), Differs}, {pool("efgh", 3.5, 6, 7, 8), NotApart}, {pool("efghij", 3.5, 5, 6, 7, 8, 9), Differs}} {
		if got := against(low, c.high); got != c.want {
			t.Errorf("%v against %v: %q, p = %v", c.high.known, low.known, got, statistics.MannWhitney(low.known, c.high.known))
		}
	}
	if significance != 0.05 || testSeeds != 4 || testPairs != 6 || sameValue != 1e-9 {
		t.Error("docs and footnotes name other bounds")
	}
}
