package experiment

import (
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
)

// Runs in one normaliser figure stand in the order of the number in which they
// differ, whatever the order they are named in; those that differ in their seed
// alone are one, its line the median over seeds.
func TestNormalizerInOrder(t *testing.T) {
	var runs []*Run
	for _, sets := range [][]string{{"network.features.neurons=90", "seed=1"}, {"network.features.neurons=20", "seed=3"}, {"network.features.neurons=90", "seed=2"}, {"network.features.neurons=90", "seed=3"}} {
		runs = append(runs, opened(t, append(sets, "transformer.heads=[1]", "transformer.layers=[0]")...))
	}
	d := drawingOf(t, runs...)
	svg := svgOf(t, d.normalizer)
	few, many := strings.Index(svg, ">m\u00a0=\u00a020, kernel: "), strings.Index(svg, ">m\u00a0=\u00a090, kernel, 3\u00a0seeds")
	if few < 0 || many < few || strings.Count(svg, "m\u00a0=\u00a0") != 4 || !strings.Contains(svg, "quartiles over seeds") {
		t.Errorf("the legend names m = 20 at %d and m = 90 at %d", few, many)
	}
	// Each token's line is the middle one of three seeds.
	var three [][]float64
	for _, i := range []int{0, 2, 3} {
		three = append(three, d.arrays[i].heads[0].normalizer[compare.Solver])
	}
	for token, got := range quantileOver(three, 0.5) {
		p := []float64{three[0][token], three[1][token], three[2][token]}
		slices.Sort(p)
		if got != p[1] {
			t.Errorf("token %d: %g is not the median of %v", token, got, p)
		}
	}
}

// Seeds with inputs of their own are not pooled: their runs have one label and stand
// beside each other, in the order of the seeds, and why is said once.
func TestNormalizerOfOtherInputs(t *testing.T) {
	var runs []*Run
	for _, sets := range [][]string{{"neurons=30", "seed=2"}, {"neurons=9", "seed=2"}, {"neurons=30", "seed=1"}, {"neurons=9", "seed=1"}} {
		runs = append(runs, openedOf(t, synthetic, "network.features."+sets[0], sets[1]))
	}
	d := drawingOf(t, runs...)
	s := &sheet{}
	in := d.normalizerInput(s, 0)
	type who struct {
		neurons int
		input   string
	}
	var got []who
	for _, c := range in.Curves {
		if c.Label != "" || c.Seeds != 1 || c.Low != nil {
			t.Errorf("the curve of %s is labelled %q and of %d seeds", c.Input, c.Label, c.Seeds)
		}
		if c.Static {
			got = append(got, who{c.Neurons, c.Input})
		}
	}
	if want := []who{{9, "seed 1"}, {9, "seed 2"}, {30, "seed 1"}, {30, "seed 2"}}; !slices.Equal(got, want) || !in.Ordered {
		t.Errorf("the runs are %v, want %v", got, want)
	}
	if len(s.notes) != 1 || !strings.Contains(s.notes[0], "other inputs") {
		t.Errorf("notes %q", s.notes)
	}
}

// A run that is given twice is drawn once, and that is said.
func TestNormalizerOfTwins(t *testing.T) {
	run, other := opened(t, "transformer.heads=[1]", "transformer.layers=[0]"), opened(t, "transformer.heads=[0, 1]", "transformer.layers=[0]")
	s := &sheet{}
	if in := drawingOf(t, run, other).normalizerInput(s, 0); len(in.Curves) != 2 || in.Curves[0].Seeds != 1 || len(s.notes) != 1 || !strings.Contains(s.notes[0], "the seed of") {
		t.Errorf("%d curves, notes %q", len(in.Curves), s.notes)
	}
}

// Runs stand in one order, whatever the order they are named in, where some of what
// they differ in has a size and some has none.
func TestNormalizerOrderIsOne(t *testing.T) {
	var first []string
	runs := []*Run{
		opened(t, "solver={method: rk4, step: 1ms}"), opened(t, "solver={method: rk4, step: 500us}"),
		opened(t, "solver={method: exact}"), opened(t),
	}
	for range len(runs) {
		var labels []string
		for _, c := range drawingOf(t, runs...).normalizerInput(&sheet{}, 0).Curves {
			labels = append(labels, c.Label)
		}
		if first == nil {
			first = labels
		}
		if len(labels) != 2*len(runs) || !slices.Equal(labels, first) {
			t.Errorf("labels %q, want %q", labels, first)
		}
		runs = append(runs[1:], runs[0])
	}
}

// The number of neurons is the run's own, also where its features were given.
func TestNeuronsOfFigures(t *testing.T) {
	given := openedOf(t, "nasim: 1\ninput: {tensors: {file: "+writeTensors(t, map[string][]int{"phi_q": {3, 5}, "phi_k": {3, 5}, "v": {3, 2}})+"}}\n")
	for want, run := range map[int]*Run{40: opened(t), 0: opened(t, "network.features={map: ideal}"), 5: given} {
		if got := neuronsOf(run.Report.Heads[0]); got != want {
			t.Errorf("%d neurons, want %d", got, want)
		}
	}
	if in := drawingOf(t, opened(t)).normalizerInput(&sheet{}, 0); in.Curves[0].Neurons != 40 {
		t.Errorf("the figure says %d neurons", in.Curves[0].Neurons)
	}
}
