package compare

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"testing"
)

// Values that cannot be measured give nulls and warnings, never NaN text and
// never a panic.
func TestUnmeasurable(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	in := randomHead(2, 5, 2, true)
	in.Rungs[1].Normalizer = []float64{inf, nan, 0, -1, 2}
	in.Rungs[2].Output[3] = nan
	in.Rungs[2].Attention[5] = nan
	in.Rungs[3].Attention = make([]float64, 25)
	in.Rungs[3].Output = make([]float64, 10)
	in.AnalyticRelativeSD = nan
	report := Head(in)
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("NaN")) || bytes.Contains(text, []byte("Inf")) {
		t.Errorf("JSON holds NaN or Inf: %s", text)
	}
	for _, c := range []struct{ rung, metric string }{
		{Exact, RelativeError}, {OnLadder, "dynamics_error"}, {OnLadder, "interaction_error"}, {Solver, CosineMean},
		{Solver, CosineWorstToken}, {Solver, Entropy}, {Solver, TVMean}, {OnHead, AnalyticRelativeSD},
	} {
		if x := report.Value(c.rung, c.metric); x.Known() {
			t.Errorf("%s %s = %v, want null", c.rung, c.metric, x)
		}
	}
	for _, c := range []struct {
		rung, metric string
		want         Number
	}{
		{Kernel, NormalizerSkipped, 2}, {Kernel, NormalizerLogSkipped, 4}, {Exact, RowsSkipped, 1}, {Solver, RowsSkipped, 5},
		{Solver, RelativeError, 1}, {OnLadder, TotalError, 1},
	} {
		if x := report.Value(c.rung, c.metric); x != c.want {
			t.Errorf("%s %s = %v, want %v", c.rung, c.metric, x, c.want)
		}
	}
	codes := map[string]bool{}
	for _, w := range report.Warnings {
		codes[w.Rung+" "+w.Code] = true
	}
	for _, want := range []string{"kernel normalizer-skipped", "exact output-not-finite", "exact cosine-skipped", "exact rows-skipped", "solver cosine-skipped", "solver rows-skipped"} {
		if !codes[want] {
			t.Errorf("no warning %q among %v", want, codes)
		}
	}
	back := HeadReport{}
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("JSON does not survive being read: %v\n%s\n%s", err, text, again)
	}
}

// A run that keeps no attention matrices still has errors and normalisers.
func TestWithoutAttention(t *testing.T) {
	in := randomHead(4, 6, 3, false)
	full := Head(in)
	for i := range in.Rungs {
		in.Rungs[i].Attention = nil
	}
	report := Head(in)
	for _, name := range []string{RelativeError, CosineWorst, NormalizerR, NormalizerP95} {
		if a, b := full.Value(Exact, name), report.Value(Exact, name); a != b || !a.Known() {
			t.Errorf("%s is %v without attention, %v with", name, b, a)
		}
	}
	if x := report.Value(Exact, TVMean); x.Known() {
		t.Errorf("total variation %v of no matrix", x)
	}
}

// A causal head ignores entries it cannot see, and says so.
func TestUnseenEntries(t *testing.T) {
	in := randomHead(6, 5, 2, true)
	want := Head(in)
	in.Rungs[2].Attention[4] = 3 // token 0 looking at token 4
	got := Head(in)
	if len(got.Warnings) != 1 || got.Warnings[0].Code != "attention-unseen" {
		t.Errorf("warnings %v", got.Warnings)
	}
	for name, x := range want.Rungs[Exact] {
		if y := got.Rungs[Exact][name]; x != y {
			t.Errorf("%s moved from %v to %v", name, x, y)
		}
	}
}

// Slices that do not fit are a programming error.
func TestMismatchPanics(t *testing.T) {
	for name, spoil := range map[string]func(*HeadInput){
		"output":    func(in *HeadInput) { in.Rungs[1].Output = in.Rungs[1].Output[1:] },
		"attention": func(in *HeadInput) { in.Rungs[0].Attention = in.Rungs[0].Attention[1:] },
		"average":   func(in *HeadInput) { in.Rungs[2].Average = in.Rungs[2].Average[1:] },
		"peak":      func(in *HeadInput) { in.Rungs[2].Peak = in.Rungs[2].Peak[1:] },
		"rung":      func(in *HeadInput) { in.Rungs[0].Name = "sofmax" },
		"twice":     func(in *HeadInput) { in.Rungs[0].Name = Kernel },
		"cause":     func(in *HeadInput) { in.Causes["noise"] = in.Causes["leak"] },
		"gain":      func(in *HeadInput) { in.QueryGain = []float64{1} },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			in := randomHead(1, 4, 2, false)
			spoil(&in)
			Head(in)
		})
	}
}

// An infinite analytic deviation is null in every form, and warned of.
func TestInfiniteDeviation(t *testing.T) {
	in := randomHead(1, 4, 2, false)
	in.AnalyticRelativeSD = math.Inf(1)
	report := Head(in)
	if len(report.Warnings) != 1 || report.Warnings[0].Code != "analytic-sd-overflow" {
		t.Errorf("warnings %v", report.Warnings)
	}
	for _, row := range report.Rows() {
		if row.Metric == AnalyticRelativeSD && !math.IsNaN(row.Value) || math.IsInf(row.Value, 0) {
			t.Errorf("%s is %v in the rows", row.Metric, row.Value)
		}
	}
}

// A total that is rounding has no direction: no shares, no cosine, although
// the parts that cancel in it have sizes.
func TestRoundingHasNoDirection(t *testing.T) {
	in := randomHead(9, 6, 2, false)
	in.Causes = nil
	last := slices.Clone(in.Rungs[0].Output)
	last[3] *= 1 + 4e-16
	in.Rungs[3].Output = last
	report := Head(in)
	if x := report.Value(OnLadder, TotalError); x == 0 || x > StepFloor {
		t.Fatalf("total %v is not a rounding error", x)
	}
	for _, name := range []string{"kernel_share", "dynamics_share", "integration_share"} {
		if x := report.Value(OnLadder, name); x.Known() {
			t.Errorf("%s of a rounding error is %v", name, x)
		}
	}
	if x := report.Value(OnLadder, "kernel_error"); !(x > 0.01) {
		t.Errorf("kernel error %v", x)
	}
}

// Infinities in a report made elsewhere read as missing in the rows.
func TestRowsOfInfinities(t *testing.T) {
	h := HeadReport{Ladder: Values{TotalError: Number(math.Inf(1))}}
	for _, row := range h.Rows() {
		if !math.IsNaN(row.Value) {
			t.Errorf("%s is %v", row.Metric, row.Value)
		}
	}
}

// A head of nothing has a report in which nothing is known.
func TestHeadOfNothing(t *testing.T) {
	report := Head(HeadInput{Rungs: []Rung{{Name: Softmax}, {Name: Kernel, Output: []float64{}}}})
	if len(report.Rungs) != 0 || report.Reference != "" || report.Dominant != "" || len(report.Warnings) != 0 {
		t.Errorf("%+v", report)
	}
	for _, row := range report.Rows() {
		if !math.IsNaN(row.Value) {
			t.Errorf("%s %s is %v", row.Rung, row.Metric, row.Value)
		}
	}
	if count, first := nonFinite(nil, 0); count != 0 || first != -1 {
		t.Errorf("of no rows %d are not finite, the first %d", count, first)
	}
}
