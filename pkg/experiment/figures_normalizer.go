package experiment

import (
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// normalizer draws the read-outs of every run for the head that is the first
// run's i-th. Runs stand in the order of what they differ in; those that differ in
// their seed alone are one, unless with the seed they have another input: then they
// share a colour.
func (d *drawing) normalizer(s *sheet, i int) (*plotting.Figure, error) {
	return plotting.Normalizer(d.normalizerInput(s, i))
}

func (d *drawing) normalizerInput(s *sheet, i int) plotting.NormalizerInput {
	head := d.arrays[0].heads[i]
	in := plotting.NormalizerInput{Width: d.set.Width, Subject: d.subject(i), Z: head.normalizer[compare.Softmax]}
	in.Divisor = slices.ContainsFunc(d.runs, func(r *Run) bool {
		network := r.Config.Network.Parameters()
		return network.Circuit == model.Tripartite && network.Division.Readout != model.Reciprocal
	})
	var drawn []*normalizerRun
	var runs []compare.Run
	for j, a := range d.arrays {
		at := slices.IndexFunc(a.heads, func(h headArrays) bool { return h.layer == head.layer && h.head == head.head })
		if at < 0 || len(a.heads[at].normalizer[compare.Softmax]) != len(in.Z) {
			s.note("%s has no head %d:%d of %d tokens and is left out of its normalizer figure", d.runs[j].Dir, head.layer, head.head, len(in.Z))
			continue
		}
		run := d.runs[j].Comparison()
		if twin := slices.IndexFunc(runs, func(other compare.Run) bool { return sameRun(run, other) }); twin >= 0 {
			s.note("%s has the configuration and the seed of %s and is left out of its normalizer figure", run.Name, runs[twin].Name)
			continue
		}
		runs = append(runs, run)
		drawn = append(drawn, &normalizerRun{run.Settings, a.heads[at], d.runs[j].Report.Heads[at]})
	}
	differ := slices.DeleteFunc(compare.DifferingKeys(runs), choosesHeads)
	in.Ordered = len(differ) == 1 && !slices.ContainsFunc(drawn, func(r *normalizerRun) bool { return !r.settings[differ[0]].Sized })
	slices.SortStableFunc(drawn, func(a, b *normalizerRun) int {
		return compare.CompareSettings(a.settings[compare.SeedKey], b.settings[compare.SeedKey])
	})
	several := false
	for _, group := range compare.Grouped(drawn, func(r *normalizerRun) map[string]compare.Setting { return r.settings }, differ) {
		inputs := byInput(group)
		several = several || len(inputs) > 1
		for _, runs := range inputs {
			input := ""
			if len(inputs) > 1 {
				input = "seed " + runs[0].settings[compare.SeedKey].Text
			}
			in.Curves = append(in.Curves, readOuts(runs, labelled(runs[0], differ), input)...)
		}
	}
	if several && i == 0 { // once, however many heads there are
		s.note("runs that differ in their seed alone have other inputs, and so another Z: the normalizer figure gives them one colour and does not pool them")
	}
	return in
}

// normalizerRun is one run's part in a normalizer figure.
type normalizerRun struct {
	settings map[string]compare.Setting
	arrays   headArrays
	report   compare.HeadReport
}

const (
	neuronsKey = "network.features.neurons"
	calciumKey = "network.astrocyte.tau_calcium"
	gainKey    = "network.replicator.tau_gain"
	synapseKey = "network.emergent_division.tau_synapse"
)

// symbols name the time constants as the equations do.
var symbols = map[string]string{
	"network.neurons.tau_hidden":       plotting.Subscripts("τ_h"),
	"network.neurons.tau_output":       plotting.Subscripts("τ_f"),
	"network.synapses.tau_hebbian":     plotting.Subscripts("τ_H"),
	"network.synapses.tau_presynaptic": plotting.Subscripts("τ_g"),
	calciumKey:                         plotting.Subscripts("τ_p"),
	gainKey:                            plotting.Subscripts("τ_a"),
	synapseKey:                         plotting.Subscripts("τ_s"),
	"network.astrocyte.tau_rise":       plotting.Subscripts("τ_r"),
	"network.astrocyte.tau_receptor":   plotting.Subscripts("τ_Γ"),
	"network.astrocyte.latency":        "Δ",
	"network.astrocyte.half_effect":    plotting.Subscripts("p_h"),
	"network.astrocyte.threshold":      plotting.Subscripts("p_Θ"),

	"network.emergent_division.tau_exchange": plotting.Subscripts("τ_x"),
}

// choosesHeads reports whether a key says which heads are run: one head's figure does
// not depend on it.
func choosesHeads(path string) bool {
	return strings.HasPrefix(path, "transformer.heads") || path == "transformer.layers" || path == "transformer.select"
}

// sameRun reports whether two runs differ in nothing, or in the heads alone.
func sameRun(a, b compare.Run) bool {
	return a.Settings[compare.SeedKey] == b.Settings[compare.SeedKey] &&
		!slices.ContainsFunc(compare.DifferingKeys([]compare.Run{a, b}), func(path string) bool { return !choosesHeads(path) })
}

// byInput puts runs together that have the same Z: a synthetic input is another with
// another seed.
func byInput(group []*normalizerRun) [][]*normalizerRun {
	var inputs [][]*normalizerRun
	for _, r := range group {
		i := slices.IndexFunc(inputs, func(other []*normalizerRun) bool {
			return slices.Equal(r.arrays.normalizer[compare.Softmax], other[0].arrays.normalizer[compare.Softmax])
		})
		if i < 0 {
			inputs = append(inputs, nil)
			i = len(inputs) - 1
		}
		inputs[i] = append(inputs[i], r)
	}
	return inputs
}

// labelled names what a run differs in besides the number of neurons, which the figure
// names itself; "" where nothing else differs.
func labelled(r *normalizerRun, differ []string) string {
	var words []string
	for _, path := range differ {
		text := r.settings[path].Text
		if path == neuronsKey || text == "" { // a key that this run's method or input does not have
			continue
		}
		if symbol, ok := symbols[path]; ok {
			words = append(words, symbol+"\u00a0=\u00a0"+spaced(text))
		} else {
			words = append(words, path[strings.LastIndex(path, ".")+1:]+" "+text)
		}
	}
	return strings.Join(words, ", ")
}

// readOuts are the curves of runs that are one but for their seed: without dynamics,
// and with them.
func readOuts(runs []*normalizerRun, label, input string) []plotting.NormalizerCurve {
	var curves []plotting.NormalizerCurve
	for _, rung := range []string{compare.Kernel, compare.Solver} {
		if curve, ok := pooled(runs, rung); ok {
			curve.Label, curve.Input = label, input
			curves = append(curves, curve)
		}
	}
	if len(curves) == 2 {
		curves[0].Low, curves[0].High = nil, nil // one band a run: theirs lie on each other
	}
	return curves
}

// pooled is the read-out of a rung over the runs of a group: the median and the
// quartiles over seeds of what is finite.
func pooled(group []*normalizerRun, rung string) (curve plotting.NormalizerCurve, ok bool) {
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
		Neurons: neuronsOf(group[0].report), Name: rung, Static: rung == compare.Kernel,
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
