package experiment

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
)

// ofAttention are the metrics of A_eff's rows, and those for which the N × N softmax matrix is needed.
var ofAttention = []string{
	compare.PredictedError, compare.PredictedDeviation, compare.PredictedDrawn, compare.PredictedBound,
	compare.IdealDynamicsError, compare.GapNeeded, compare.ReadNeeded, compare.RowSumMin, compare.RowSumMedian, compare.RowSumMax, compare.ClippedMassMean, compare.ClippedMassMax, compare.RowsSkipped,
	compare.TVMean, compare.TVMax, compare.KLMean, compare.KLFlooredMass, compare.Entropy, compare.Top1Overlap, compare.Top5Overlap,
}

// asked solves an experiment with and without its attention.
func asked(t *testing.T, text string, sets ...string) (with, without *Result) {
	t.Helper()
	both := [2]*Result{}
	for i, attention := range []string{"true", "false"} {
		r, err := plan(t, text, append(slices.Clone(sets), "record.attention="+attention)...).Run(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		both[i] = r
	}
	return both[0], both[1]
}

// Not to ask for the attention changes nothing else: the two ways to an answer
// are the same sums in another order.
func TestNothingElseChangesWithoutAttention(t *testing.T) {
	// A sum of up to 100 products is right to 1e-14 of its terms, an answer divides
	// two of them, and a metric that compares answers may cancel three digits.
	const rounding = 1e-11
	features := "nasim: 1\ninput: {tensors: {file: " + writeTensors(t, map[string][]int{"phi_q": {2, 3, 4}, "phi_k": {2, 3, 4}, "v": {2, 3, 2}}) + "}}\n"
	synthetic := "nasim: 1\ninput: {synthetic: {tokens: 90, dim: 6, values: 5}}\nnetwork: {features: {neurons: 12}}\n"
	for name, c := range map[string]struct {
		text string
		sets []string
	}{
		"text":        {sentence, nil},
		"causal":      {sentence, []string{"schedule.order=causal"}},
		"leak":        {sentence, []string{"tau_hebbian=2s", "tau_presynaptic=3s", "record.variables=[]"}},
		"exact":       {sentence, []string{"solver={method: exact}", "record.variables=[]"}},
		"full state":  {sentence, []string{"solver.state=full", "features.neurons=8"}},
		"discrete":    {sentence, []string{"features.map=cosine"}},
		"gain":        {sentence, []string{"query_gain=equalised"}},
		"features":    {features, firstEquations},
		"long":        {synthetic, []string{"solver={method: exact}"}},
		"long causal": {synthetic, []string{"schedule.order=causal", "solver={method: exact}", "record.variables=[]", "tau_hebbian=9s", "schedule.gap=20ms"}},
		"long signed": {synthetic, []string{"network.features={map: cosine, neurons: 200}"}},
		"long solved": {synthetic, []string{"record.variables=[]", "tau_calcium=0ms"}},
	} {
		t.Run(name, func(t *testing.T) {
			with, without := asked(t, c.text, c.sets...)
			for i, h := range without.heads {
				if len(h.rungs) != len(with.heads[i].rungs) {
					t.Fatalf("%d rungs without attention, %d with", len(h.rungs), len(with.heads[i].rungs))
				}
				for j, rung := range h.rungs {
					same := with.heads[i].rungs[j]
					if rung.Attention != nil || same.Attention == nil {
						t.Errorf("%s: attention of %d numbers without, %d with", rung.Name, len(rung.Attention), len(same.Attention))
					}
					alike(t, rung.Name+" output", rung.Output, same.Output, rounding)
					alike(t, rung.Name+" normalizer", rung.Normalizer, same.Normalizer, rounding)
				}
				sameReport(t, without.Report.Heads[i], with.Report.Heads[i], rounding)
			}
		})
	}
}

// alike checks that two arrays differ by no more than a fraction of the larger.
func alike(t *testing.T, what string, got, want []float64, fraction float64) {
	t.Helper()
	var size, difference float64
	for i := range want {
		size, difference = math.Max(size, math.Abs(want[i])), math.Max(difference, math.Abs(got[i]-want[i]))
	}
	if len(got) != len(want) || !(difference <= fraction*size) {
		t.Errorf("%s differs by %.2g of %.2g", what, difference, size)
	}
}

// sameReport checks that all is measured but the attention.
func sameReport(t *testing.T, without, with compare.HeadReport, rounding float64) {
	t.Helper()
	if without.Dominant != with.Dominant || without.Reference != with.Reference || without.Last != with.Last {
		t.Errorf("%s %s %s without, %s %s %s with", without.Dominant, without.Reference, without.Last, with.Dominant, with.Reference, with.Last)
	}
	other := with.Rows()
	for i, row := range without.Rows() {
		want := other[i].Value
		switch {
		case row.Rung != other[i].Rung || row.Metric != other[i].Metric:
			t.Fatalf("row %d is %s %s, not %s %s", i, row.Rung, row.Metric, other[i].Rung, other[i].Metric)
		case slices.Contains(ofAttention, row.Metric):
			if !math.IsNaN(row.Value) {
				t.Errorf("%s %s is %v of no attention", row.Rung, row.Metric, row.Value)
			}
		case math.IsNaN(row.Value) != math.IsNaN(want) || math.Abs(row.Value-want) > rounding*math.Max(1, math.Abs(want)):
			t.Errorf("%s %s is %v; with attention %v", row.Rung, row.Metric, row.Value, want)
		}
	}
}

// One warning tells why metrics are null, and by which key.
func TestOneWarningOfNoAttention(t *testing.T) {
	for sets, where := range map[string]string{"transformer.heads=[1, 3]": "every head: ", "transformer.select=[\"0:1\"]": "layer 0, head 1: "} {
		_, without := asked(t, sentence, sets)
		of := slices.DeleteFunc(slices.Clone(without.Warnings), func(w string) bool { return !strings.Contains(w, "attention") })
		if len(of) != 1 || !strings.HasPrefix(of[0], where) || !strings.Contains(of[0], "record.attention: false") {
			t.Errorf("%s: warnings %q", sets, of)
		}
	}
}

// The figure of the attention is left out of the standard set, and cannot be
// asked for.
func TestFiguresWithoutAttention(t *testing.T) {
	run, err := OpenRun(written(t, plan(t, sentence, "record.attention=false")))
	if err != nil {
		t.Fatal(err)
	}
	const reason = "it needs record.attention: true"
	files, notes, err := FigureSet{Formats: []string{"svg"}, PerHead: 1}.Draw(t.Context(), []*Run{run}, t.TempDir())
	if left := "figure attention is left out: " + reason; err != nil || len(files) != 3*5 || !slices.Contains(notes, left) {
		t.Errorf("files %v, notes %q, %v", files, notes, err)
	}
	files, notes, err = FigureSet{Names: []string{"attention", "budget"}, Formats: []string{"svg"}}.Draw(t.Context(), []*Run{run}, t.TempDir())
	if want := "figure attention cannot be drawn: " + reason; err == nil || err.Error() != want || len(files) != 3 || len(notes) != 0 {
		t.Errorf("asked for by name: files %v, notes %q, %v; want %s", files, notes, err, want)
	}
}

// Without attention a run's memory is linear in its tokens, as solving allocates it and
// as it is estimated. (How often the search for a remedy solves again depends on what
// it meets. The collector is off and one thread works: else how much of the kernels' own
// space is found again, and so allocated once or twice, is a matter of chance.)
func TestLinearMemoryWithoutAttention(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	prepared := func(tokens int, sets ...string) *Prepared {
		text := fmt.Sprintf("nasim: 1\ninput: {synthetic: {tokens: %d, dim: 2, values: 2}}\nnetwork: {features: {neurons: 2}}\nrecord: {variables: []}\n", tokens)
		return plan(t, text, append(sets, "record.attention=false")...)
	}
	allocated := func(p *Prepared) float64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := p.Solve(context.Background(), sinkFunc(func(Key, *HeadResult) error { return nil }), nil); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	const n = 1500
	for _, sets := range [][]string{nil, {"solver={method: exact}"}, {"solver={method: none}"}, {"schedule.order=causal", "solver={method: exact}"}} {
		one, two := prepared(n, sets...), prepared(2*n, sets...)
		allocated(two) // the kernels' own space
		if ratio := allocated(two) / allocated(one); ratio > 2.3 {
			t.Errorf("%v: memory grows %.2f-fold from %d tokens to twice as many", sets, ratio, n)
		}
		const figures = 80e6
		if ratio := float64(two.Estimate().Memory-figures) / float64(one.Estimate().Memory-figures); ratio > 2.1 {
			t.Errorf("%v: the estimate grows %.2f-fold", sets, ratio)
		}
	}
}

// An estimate knows what is not asked for.
func TestEstimateWithoutAttention(t *testing.T) {
	for _, sets := range [][]string{nil, {"solver={method: exact}"}, {"solver.state=full"}, {"solver={method: none}"}} {
		text := "nasim: 1\ninput: {synthetic: {tokens: 1000}}\n"
		with, without := plan(t, text, sets...).Estimate(), plan(t, text, append(sets, "record.attention=false")...).Estimate()
		if without.Seconds >= with.Seconds || without.Memory >= with.Memory || without.Disk >= with.Disk {
			t.Errorf("%v: %+v without attention, %+v with", sets, without, with)
		}
	}
}
