package experiment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// normalizer draws the read-outs of every run for the head that is the first
// run's i-th. Runs stand in the order of what they differ in; those that differ in
// their seed alone are one.
func (d *drawing) normalizer(s *sheet, i int) (*plotting.Figure, error) {
	head := d.arrays[0].heads[i]
	in := plotting.NormalizerInput{Width: d.set.Width, Subject: d.subject(i), Z: head.normalizer[compare.Softmax]}
	var drawn []*readout
	for j, a := range d.arrays {
		at := slices.IndexFunc(a.heads, func(h headArrays) bool { return h.layer == head.layer && h.head == head.head })
		if at < 0 || len(a.heads[at].normalizer[compare.Softmax]) != len(in.Z) {
			s.note("%s has no head %d:%d of %d tokens and is left out of its normalizer figure", d.runs[j].Dir, head.layer, head.head, len(in.Z))
			continue
		}
		drawn = append(drawn, &readout{d.runs[j], d.runs[j].settings(), a.heads[at], d.runs[j].Report.Heads[at]})
	}
	differ := differences(drawn)
	groups := bySeed(drawn, differ)
	slices.SortStableFunc(groups, func(a, b []*readout) int { return inOrder(a[0], b[0], differ) })
	in.Ordered = len(differ) == 1 && !slices.ContainsFunc(drawn, func(r *readout) bool { return !r.settings[differ[0]].Sized })
	labels := labelled(groups, differ)
	for j, group := range groups {
		static, isStatic := pooled(group, compare.Kernel)
		dynamic, isDynamic := pooled(group, compare.Solver)
		static.Label, dynamic.Label = labels[j], labels[j]
		if isStatic && isDynamic {
			static.Low, static.High = nil, nil // one band a run: theirs lie on each other
		}
		if isStatic {
			in.Curves = append(in.Curves, static)
		}
		if isDynamic {
			in.Curves = append(in.Curves, dynamic)
		}
	}
	return plotting.Normalizer(in)
}

// readout is one run's part in a normalizer figure.
type readout struct {
	run      *Run
	settings map[string]compare.Setting
	arrays   headArrays
	report   compare.HeadReport
}

const (
	neuronsKey = "network.features.neurons"
	calciumKey = "network.astrocyte.tau_calcium"
)

// symbols name the time constants as the equations do.
var symbols = map[string]string{
	"network.neurons.tau_hidden":       "τ" + plotting.Subscript("h"),
	"network.neurons.tau_output":       "τ" + plotting.Subscript("f"),
	"network.synapses.tau_hebbian":     "τ" + plotting.Subscript("H"),
	"network.synapses.tau_presynaptic": "τ" + plotting.Subscript("g"),
	calciumKey:                         "τ" + plotting.Subscript("p"),
}

// differences are the paths of what the runs differ in, their seed and the choice
// of heads apart.
func differences(drawn []*readout) []string {
	var paths []string
	for _, path := range config.Paths() {
		if path == compare.SeedKey || strings.HasPrefix(path, "transformer.heads") || path == "transformer.layers" || path == "transformer.select" {
			continue
		}
		if slices.ContainsFunc(drawn, func(r *readout) bool { return r.settings[path] != drawn[0].settings[path] }) {
			paths = append(paths, path)
		}
	}
	return paths
}

// bySeed puts runs together that differ in their seed alone and have the same Z: a
// synthetic input is another with another seed.
func bySeed(drawn []*readout, differ []string) [][]*readout {
	var groups [][]*readout
	for _, r := range drawn {
		i := slices.IndexFunc(groups, func(g []*readout) bool {
			other := g[0]
			return sameIn(r, other, differ) && r.run.Config.Seed != other.run.Config.Seed &&
				slices.Equal(r.arrays.normalizer[compare.Softmax], other.arrays.normalizer[compare.Softmax])
		})
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// inOrder orders runs by what they differ in: numbers and times by size, and what
// has none by spelling; then by seed.
func inOrder(a, b *readout, differ []string) int {
	for _, path := range differ {
		x, y := a.settings[path], b.settings[path]
		order := strings.Compare(x.Text, y.Text)
		if x.Sized && y.Sized {
			order = cmp.Compare(x.Size, y.Size)
		}
		if order != 0 {
			return order
		}
	}
	return cmp.Compare(a.run.Config.Seed, b.run.Config.Seed)
}

// labelled names what the groups differ in besides the number of neurons, which the
// figure names itself; empty where nothing else differs.
func labelled(groups [][]*readout, differ []string) []string {
	labels := make([]string, len(groups))
	for i, group := range groups {
		var words []string
		for _, path := range differ {
			text := group[0].settings[path].Text
			if path == neuronsKey || text == "" { // a key that this run's method or input does not have
				continue
			}
			if symbol, ok := symbols[path]; ok {
				words = append(words, symbol+"\u00a0=\u00a0"+spaced(text))
			} else {
				words = append(words, path[strings.LastIndex(path, ".")+1:]+" "+text)
			}
		}
		twins := 0 // groups of the same settings, whose seeds give another Z
		for _, other := range groups {
			if sameIn(other[0], group[0], differ) {
				twins++
			}
		}
		if twins > 1 {
			words = append(words, fmt.Sprintf("seed %d", group[0].run.Config.Seed))
		}
		labels[i] = strings.Join(words, ", ")
	}
	return labels
}

// sameIn tells whether two runs are the same in what some differ in.
func sameIn(a, b *readout, differ []string) bool {
	return !slices.ContainsFunc(differ, func(path string) bool { return a.settings[path] != b.settings[path] })
}

// pooled is the read-out of a rung over the runs of a group: the median and the
// quartiles over seeds of what is finite.
func pooled(group []*readout, rung string) (curve plotting.NormalizerCurve, ok bool) {
	var ps [][]float64
	metrics := map[string][]float64{}
	for _, r := range group {
		p := r.arrays.normalizer[rung]
		if p == nil {
			continue
		}
		ps = append(ps, r.arrays.withoutGain(p))
		for _, name := range []string{compare.NormalizerR, compare.NormalizerRLog10, compare.NormalizerMedian} {
			if v := float64(r.report.Value(rung, name)); statistics.Finite(v) {
				metrics[name] = append(metrics[name], v)
			}
		}
	}
	if ps == nil {
		return curve, false
	}
	median := func(name string) float64 { return statistics.Quantile(metrics[name], 0.5) }
	curve = plotting.NormalizerCurve{
		Neurons: group[0].run.Config.Network.Features.Neurons, Name: rung, Static: rung == compare.Kernel,
		P: ps[0], Z: group[0].arrays.normalizer[compare.Softmax], Seeds: len(ps),
		R: median(compare.NormalizerR), RLog10: median(compare.NormalizerRLog10), MedianError: median(compare.NormalizerMedian),
	}
	if len(ps) > 1 {
		curve.P, curve.Low, curve.High = quantileOver(ps, 0.5), quantileOver(ps, 0.25), quantileOver(ps, 0.75)
	}
	return curve, true
}

// quantileOver is the quantile over several arrays of each of their places; NaN where
// none has a finite value.
func quantileOver(arrays [][]float64, q float64) []float64 {
	out := make([]float64, len(arrays[0]))
	for t := range out {
		var known []float64
		for _, a := range arrays {
			if statistics.Finite(a[t]) {
				known = append(known, a[t])
			}
		}
		out[t] = statistics.Quantile(known, q)
	}
	return out
}
