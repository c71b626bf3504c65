package inspect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// BestNeurons is the metric of a figure that has no column: m05 of each head's best map.
const BestNeurons = "m05"

// Metrics lists what [Report.Figure] can show: m05 of the best map, and every column of heads.csv
// that differs between heads.
func Metrics() []string {
	names := []string{BestNeurons, "norm2_mean", "entropy_nats", "z_decades"}
	for _, name := range features.Predicted() {
		names = append(names, "sd_"+name, "m05_"+name)
	}
	return names
}

// Figure draws a metric of all heads, layers × heads, so wide; 0 is the figure's own width.
func (r *Report) Figure(metric string, width plotting.Length) (*plotting.Figure, error) {
	if !slices.Contains(Metrics(), metric) {
		return nil, fmt.Errorf("inspect: unknown metric %q; allowed: %s", metric, strings.Join(Metrics(), ", "))
	}
	of := func(h Head) float64 { return h.Best().Neurons }
	for _, c := range r.columns() {
		if c.name == metric {
			of = c.of
		}
	}
	in := plotting.HeadsInput{Subject: fmt.Sprintf("%s, N\u00a0=\u00a0%d", r.Model, r.Input.Tokens()), Layers: r.Layers, Heads: r.Heads, Width: width,
		Values: make([]float64, len(r.Rows))}
	for _, h := range r.Rows {
		in.Values[h.Layer*r.Heads+h.Head] = of(h)
	}
	shown := described(metric)
	in.Label, in.Meaning, in.Log = shown.label, shown.meaning, shown.log
	in.Whole = strings.HasPrefix(metric, BestNeurons)
	return plotting.Heads(in)
}

// shown is how a metric is named on a figure.
type shown struct {
	label, meaning string
	log            bool
}

func described(metric string) shown {
	measure, name, _ := strings.Cut(metric, "_")
	switch {
	case metric == BestNeurons:
		return shown{"neurons for 5\u00a0% error (–)",
			"The number of hidden neurons at which the expected relative error of a head's output is 0.05 (root mean square over draws), with the best of the drawn unbiased maps " + strings.Join(features.Predicted(), ", ") + ".", true}
	case measure == BestNeurons:
		return shown{"neurons for 5\u00a0%, " + name + " (–)",
			"The number of hidden neurons at which the expected relative error of a head's output is 0.05 (root mean square over draws), with the map " + name + ".", true}
	case measure == "sd":
		return shown{"score deviation, " + name + " (–)",
			fmt.Sprintf("The relative standard deviation of a score estimate with %d hidden neurons of the map %s, at the median token.", Neurons, name), true}
	case metric == "norm2_mean":
		return shown{"mean |q\u00a0+\u00a0k|² (–)", "The mean of |q + k|² over the pairs of tokens that are seen, queries and keys divided by the fourth root of their size.", true}
	case metric == "entropy_nats":
		return shown{"entropy in nats (–)", "The entropy of softmax attention in nats, the mean over its rows.", false}
	}
	return shown{"decades of Z (–)", "log10 of the largest softmax normaliser Z over the least.", false}
}
