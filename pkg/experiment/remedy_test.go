package experiment

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
)

// remedied are small runs of both orders, of drawn and infinitely many neurons, in
// which each cause dominates some, on drawn and on trained heads.
func remedied() (runs [][2]any) {
	const synthetic = "nasim: 1\ninput: {synthetic: {tokens: 9, dim: 4, values: 3, norm: 1}}\ntransformer: {heads: [0, 1]}\nsolver: {method: exact}\nrecord: {variables: []}\n"
	const trained = "nasim: 1\ninput: {text: {string: \"A star of calcium can add up what many neurons say.\"}}\nsolver: {method: exact}\nrecord: {variables: []}\n"
	for _, order := range []string{"bidirectional", "causal"} {
		for _, heads := range []struct {
			text string
			sets []string
		}{
			{synthetic, []string{"network.features={neurons: 60}"}}, {synthetic, []string{"network.features={map: hyperbolic, neurons: 200}"}}, {synthetic, []string{"network.features={map: ideal}"}},
			{synthetic, []string{"network.features={map: elu1}"}},
			{trained, []string{"network.features={neurons: 80}", "select=[\"0:1\", \"3:2\"]"}}, {trained, []string{"network.features={map: ideal}", "heads=[2]"}}, {trained, []string{"network.features={map: ideal}", "select=[\"2:1\"]"}},
		} {
			for _, times := range [][]string{
				nil, {"tau_calcium=300ms"}, {"tau_hidden=60ms", "tau_output=80ms"}, {"tau_hebbian=5s", "tau_presynaptic=9s"}, {"schedule.gap=40ms", "schedule.read=60ms"},
				{"astrocyte.floor=0.95", "network.neurons={tau_hidden: 1ms, tau_output: 1ms}", "tau_calcium=5ms"},
			} {
				runs = append(runs, [2]any{heads.text, append(append(slices.Clone(heads.sets), times...), "schedule.order="+order)})
			}
		}
	}
	return runs
}

// Every remedy comes true when it is done: with the settings it names and the same
// seed, the part and the whole error have the sizes that it says, and the part is
// within its aim.
func TestRemediesComeTrue(t *testing.T) {
	numbers, found := 0, map[string]int{}
	runs := remedied()
	for _, run := range runs {
		text, sets := run[0].(string), run[1].([]string)
		again := func(changed ...string) *Result {
			r, err := plan(t, text, append(slices.Clone(sets), changed...)...).Run(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if checkRemedy(t, fmt.Sprint(sets), again, 1e-9, found) {
			numbers++
		}
	}
	if numbers < len(runs)*8/10 {
		t.Errorf("%d of %d runs get a number", numbers, len(runs))
	}
	for _, part := range []string{"carry-over", "calcium lag", "leak", "floor", "kernel"} {
		if found[part] < 3 {
			t.Errorf("%d remedies of %s: the test says little of them", found[part], part)
		}
	}
}

// How far is looked is asked for: not at all, or farther where the brief search says
// that it has not found enough. What is found then is true, too.
func TestReach(t *testing.T) {
	const text = "nasim: 1\ninput: {synthetic: {tokens: 5, dim: 3, values: 3, norm: 1}}\nsolver: {method: exact}\nrecord: {variables: []}\n"
	again := func(sets ...string) *Result {
		r, err := plan(t, text, append([]string{"network.features={neurons: 4}"}, sets...)...).Run(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if remedy := again("record.remedy=none").Report.Remedy; remedy != nil {
		t.Errorf("none asked for: %+v", remedy)
	}
	brief, thorough := again().Report.Remedy, again("record.remedy=thorough").Report.Remedy
	if brief.Part != "kernel" || thorough.Part != "kernel" || brief.Search != "brief" || thorough.Search != "thorough" {
		t.Fatalf("%+v, %+v", brief, thorough)
	}
	last := func(r *compare.Remedy) compare.Trial { return r.Trials[len(r.Trials)-1] }
	if last(brief).Found || !last(thorough).Found {
		t.Errorf("brief %+v\nthorough %+v", brief.Trials, thorough.Trials)
	}
	checkRemedy(t, "thorough", func(sets ...string) *Result { return again(append(sets, "record.remedy=thorough")...) }, 1e-9, map[string]int{})
}

// checkRemedy does what a run's remedy says, and reports whether it says anything.
// By a numerical method the total differs by its tolerance.
func checkRemedy(t *testing.T, name string, again func(...string) *Result, tolerance float64, found map[string]int) bool {
	t.Helper()
	r := again()
	remedy := r.Report.Remedy
	part, size, _ := compare.DominantPart(r.Report.Heads)
	if remedy == nil || len(remedy.Trials) == 0 {
		return false
	}
	if remedy.Part != part || float64(remedy.Now) != size {
		t.Errorf("%s: the remedy is for %s of %v, not for %s of %v", name, remedy.Part, remedy.Now, part, size)
	}
	for _, trial := range remedy.Trials {
		measured := trial.Of
		if measured != part && measured != "dynamics" {
			t.Errorf("%s: a trial is of %q", name, measured)
		}
		var changed []string
		for _, c := range trial.Settings {
			changed = append(changed, c.Path+"="+c.Text)
		}
		then := again(changed...).Report.Heads
		have := mean(then, measured)
		if trial.Size == 0 && measured == part { // it is taken away, and so no part
			have = 0
		}
		if math.Abs(have-float64(trial.Size)) > 1e-9*have+compare.StepFloor {
			t.Errorf("%s: with %v %s is %v, not %v", name, changed, measured, have, trial.Size)
		}
		if trial.Found != (have <= float64(trial.Aim)) && (trial.Found || part != "kernel") {
			t.Errorf("%s: %v is found %v, and %s is %v", name, changed, trial.Found, measured, have)
		}
		if !trial.Found {
			if !(trial.NotEnough > 1) {
				t.Errorf("%s: %v is not found, but the search went no farther than %v", name, changed, trial.NotEnough)
			}
			continue
		}
		found[part]++
		total, dominant := outcome(then)
		if math.Abs(float64(total-trial.Total)) > tolerance*float64(total) || dominant != trial.Dominant {
			t.Errorf("%s: with %v the total is %v, of which %s makes most; not %v and %s", name, changed, total, dominant, trial.Total, trial.Dominant)
		}
		if part != "kernel" || r.Prepared.Config.Input.Synthetic != nil { // of synthetic heads a seed draws the tokens, too
			continue
		}
		var sizes []float64
		for seed := range uint64(otherSeeds) {
			sizes = append(sizes, mean(again(append(changed, fmt.Sprint("seed=", r.Prepared.Config.Seed+seed+1))...).Report.Heads, part))
		}
		low, high := slices.Min(sizes), slices.Max(sizes)
		if math.Abs(low-float64(trial.Low)) > 1e-9*low || math.Abs(high-float64(trial.High)) > 1e-9*high {
			t.Errorf("%s: with %v and other seeds it is %v to %v, not %v to %v", name, changed, low, high, trial.Low, trial.High)
		}
	}
	return true
}

var claims = flag.Bool("claims", false, "try the remedies of all shipped configurations")

// The same of all shipped configurations (make claims; minutes).
func TestShippedRemedies(t *testing.T) {
	if !*claims {
		t.Skip("slow: make claims")
	}
	files, err := filepath.Glob("../../configs/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d configurations, %v", len(files), err)
	}
	for _, file := range files {
		found := map[string]int{}
		said := checkRemedy(t, file, func(sets ...string) *Result {
			cfg, problems := config.Load(file, sets)
			if problems != nil {
				t.Fatal(problems)
			}
			p, err := Plan(context.Background(), cfg, Options{})
			if err != nil {
				t.Fatal(err)
			}
			r, err := p.Run(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}, 1e-4, found)
		t.Logf("%s: says something %v, found %v", filepath.Base(file), said, found)
	}
}

// What the closing sentence names for each astrocyte comes true when it is done, on the
// configuration as it is written, and something of it brings the error down.
func TestRemediesOfAstrocytes(t *testing.T) {
	files, err := filepath.Glob("../../configs/astrocytes/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d configurations, %v", len(files), err)
	}
	more := map[string][]string{ // what is to be replaced, and by what, for other remedies than those of the file as it is
		"event.yaml": {"threshold: 0.8", "threshold: 1.2"}, "li-rinzel.yaml": {"ip3_max: 0.3", "ip3_max: 0.5"}, "latency.yaml": {"latency: 600ms", "latency: 11.1s"},
		"emergent-division.yaml": {"tau_synapse: 100ms, scale: neurons", "scale: one"}, "rise.yaml": {"{tau_rise", "{readout: event, coupling_plasticity: false, tau_rise"},
	}
	for _, file := range files {
		if filepath.Base(file) == "well-mixed.yaml" {
			continue // its error is that of its map
		}
		cases := [][]string{nil}
		if other := more[filepath.Base(file)]; other != nil {
			cases = append(cases, other)
		}
		written, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range cases {
			text := string(written)
			if change != nil {
				if text = strings.Replace(text, change[0], change[1], 1); text == string(written) {
					t.Fatalf("%s has no %s", file, change[0])
				}
			}
			name := fmt.Sprint(filepath.Base(file), change)
			t.Run(name, func(t *testing.T) {
				run := func(changed ...string) *Result {
					all := []string{"solver.method=exact"}
					if len(changed) > 0 {
						all = append(append(all, "record.remedy=none"), changed...)
					}
					cfg, problems := config.Read(strings.NewReader(text), file, filepath.Dir(file), all)
					if problems != nil {
						t.Fatalf("%v: %v", changed, problems)
					}
					p, err := Plan(context.Background(), cfg, Options{})
					if err != nil {
						t.Fatal(err)
					}
					r, err := p.Run(context.Background(), nil)
					if err != nil {
						t.Fatal(err)
					}
					return r
				}
				var before *Result
				said := checkRemedy(t, name, func(changed ...string) *Result {
					r := run(changed...)
					if before == nil {
						before = r
					}
					return r
				}, 1e-9, map[string]int{})
				total, _ := outcome(before.Report.Heads)
				useful := said && slices.ContainsFunc(before.Report.Remedy.Trials, func(trial compare.Trial) bool { return trial.Found && trial.Total < 0.9*total })
				if part, _, _ := compare.DominantPart(before.Report.Heads); !useful && part != "kernel" {
					t.Errorf("nothing brings the error %v down: %+v", total, before.Report.Remedy)
				}
			})
		}
	}
}

// Between two sizes of a power law its own place is met, whatever its power; where
// the sizes say nothing of use, the middle.
func TestBetween(t *testing.T) {
	const low, high = 2, 800
	for _, power := range []float64{-2, -0.5, 1, 1.5} {
		at := func(x float64) float64 { return 3 * math.Pow(x, power) }
		got := between(low, at(low), high, at(high), at(30)*math.Sqrt(compare.Within))
		if math.Abs(got-30) > 1e-9*30 {
			t.Errorf("power %g: %g, want 30", power, got)
		}
	}
	for _, end := range []float64{2.1, 790, 1, 2000} { // near the ends, and beyond them
		if got := between(low, 3*low, high, 3*high, 3*end*math.Sqrt(compare.Within)); math.Abs(got-40) > 1e-12*40 {
			t.Errorf("aimed at %g: %g, want the middle, 40", end, got)
		}
	}
	if got := between(low, 1, high, 1, 0.5); got != 40 {
		t.Errorf("sizes that are equal: %g, want 40", got)
	}
}

// A number of neurons with which there is no network ends no run: its part is
// unknown, so it is no remedy. (An odd one stands for a draw that is refused.)
func TestDrawsThatAreRefusedAreNoRemedy(t *testing.T) {
	p := plan(t, "nasim: 1\ninput: {synthetic: {tokens: 5, dim: 4, values: 3}}\nnetwork: {features: {map: hyperbolic, neurons: 20}}\nsolver: {method: exact}\n")
	head, err := solveHead(context.Background(), p.Config, &p.first.heads[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &search{ctx: context.Background(), p: p, heads: []*HeadResult{head}}
	for m, known := range map[int]bool{20: true, 21: false} {
		if size, err := s.kernelPart(m, 16, nil); err != nil || math.IsInf(size, 1) == known {
			t.Errorf("%d neurons: kernel part %g, %v", m, size, err)
		}
	}
}

// What an astrocyte without a closed form takes to be solved again is counted, and nothing is tried that is out of reach.
func TestSearchesStayWithinReach(t *testing.T) {
	p := plan(t, "nasim: 1\ninput: {synthetic: {tokens: 5, dim: 4, values: 3}}\nnetwork: {features: {map: ideal}, astrocyte: {readout: receptor, half_effect: 0.3, tau_receptor: 400ms}}\n"+
		"solver: {method: exact}\nrecord: {variables: []}\n")
	r, err := p.Run(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	heads := []*HeadResult{r.heads[0]}
	part, now, _ := compare.DominantPart(r.Report.Heads)
	search := func(times float64) *search {
		s := &search{ctx: t.Context(), p: p, heads: heads, part: part, network: p.Config.Network.Parameters(), reach: reaches["brief"],
			found: &compare.Remedy{Part: part, Now: compare.Number(now), Search: "brief"}}
		s.reach.effort = int(times * s.own())
		if _, err := s.otherTimes(r.Report.Heads); err != nil {
			t.Fatal(err)
		}
		if s.spent > s.reach.effort {
			t.Errorf("%d are spent of %d", s.spent, s.reach.effort)
		}
		return s
	}
	none, some, all := search(0.5), search(4), search(1e3)
	if !none.found.Cut || none.spent > 0 || len(none.found.Trials) != 1 || none.found.Trials[0].Size != 0 || // the read-out is taken away, which costs nothing
		some.spent >= all.spent || all.found.Cut || !all.found.Trials[0].Found || some.spent == 0 {
		t.Errorf("%+v of %d, %+v of %d, %+v of %d", none.found, none.spent, some.found, some.spent, all.found, all.spent)
	}
}
