package experiment

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
)

// The blank and the read that a head is said to need do, tried in a run of their own; shorter ones do not.
func TestNeededIsEnough(t *testing.T) {
	text := "nasim: 1\ninput: {text: {file: ../../configs/inputs/abstract.txt}}\ntransformer: {model: tiny-text}\nsolver: {method: exact}\nrecord: {variables: []}\n"
	first := append(slices.Clone(firstEquations), "learning_rate=calibrated", "network.features.map=ideal")
	asked, blanks := 0, 0
	for _, sets := range [][]string{
		append(slices.Clone(first), "schedule.order=causal", "transformer.select=[0:0, 2:1, 5:3]"),
		append(slices.Clone(first), "drive=hold", "transformer.select=[1:0, 5:2]"),
		append(slices.Clone(first), "query_gain=balanced", "tau_calcium=400ms", "transformer.select=[0:1, 4:1]"),
	} {
		solve := func(more ...string) *Result {
			r, err := plan(t, text, append(slices.Clone(sets), more...)...).Run(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		once := solve()
		longest := compare.Waits{}
		for i, h := range once.Report.Heads {
			size := float64(h.Value(compare.OnLadder, "dynamics_error"))
			gap, read := h.Value(compare.OnLadder, compare.GapNeeded), h.Value(compare.OnLadder, compare.ReadNeeded)
			if size <= compare.Needed {
				if gap.Known() || read.Known() {
					t.Errorf("%v: the dynamics cost %v, and it is said what they need", sets, size)
				}
				continue
			}
			if !read.Known() {
				if !slices.ContainsFunc(h.Warnings, func(w compare.Warning) bool {
					return w.Code == "dynamics-unreached" && strings.Contains(w.Text, "decades")
				}) {
					t.Errorf("%v: head %d: not said what it needs, nor why not", sets, i)
				}
				continue
			}
			asked++
			longest.Gap, longest.Read = max(longest.Gap, float64(gap)), max(longest.Read, float64(read))
			after := func(gap, read float64) float64 {
				r := solve(fmt.Sprintf("schedule.gap=%vs", gap), fmt.Sprintf("schedule.read=%vs", read))
				return float64(r.Report.Heads[i].Value(compare.OnLadder, "dynamics_error"))
			}
			if left := after(float64(gap), float64(read)); left > compare.Needed {
				t.Errorf("%v: head %d: with gap %v and read %v it is %v", sets, i, gap, read, left)
			}
			if left := after(longestGap, float64(read)*0.9); left <= compare.Needed {
				t.Errorf("%v: head %d: with a read of 0.9 × %v it is %v already", sets, i, read, left)
			}
			if gap == 0 {
				continue
			}
			blanks++
			if left := after(float64(gap)*0.9, float64(read)); left <= compare.Needed {
				t.Errorf("%v: head %d: with a gap of 0.9 × %v it is %v already", sets, i, gap, left)
			}
		}
		// What the verdict says, the longest of both for all heads that need any.
		if longest.Read == 0 {
			continue
		}
		for i, h := range solve(fmt.Sprintf("schedule.gap=%vs", longest.Gap), fmt.Sprintf("schedule.read=%vs", longest.Read)).Report.Heads {
			if left := float64(h.Value(compare.OnLadder, "dynamics_error")); once.Report.Heads[i].Value(compare.OnLadder, compare.ReadNeeded).Known() && left > compare.Needed {
				t.Errorf("%v: head %d: with the longest blank and read, %v, it is %v", sets, i, longest, left)
			}
		}
	}
	if asked < 4 || blanks < 2 {
		t.Errorf("%d heads need anything, %d of them blanks", asked, blanks)
	}
}
