package experiment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// replacedError is the metric of a head where it stands among others that are replaced;
// metrics.json has it in model.heads.
const replacedError = "replaced_relative_error"

// HeadMetrics lists what the figure of all heads can show: those of a head in
// metrics.json, and the error of a replaced head.
func HeadMetrics() []string {
	var names []string
	for _, m := range compare.Metrics() {
		names = append(names, m.Name)
	}
	return append(names, replacedError)
}

// severalHeads reports whether there is something to see in a figure of all heads.
func severalHeads(r *Run) bool { return len(r.Report.Heads) > 1 }

// heads draws a metric of every head, layers × heads.
func (d *drawing) heads(*sheet, int) (*plotting.Figure, error) {
	in, err := d.headsInput()
	if err != nil {
		return nil, err
	}
	return plotting.Heads(in)
}

func (d *drawing) headsInput() (plotting.HeadsInput, error) {
	r := d.runs[0]
	name := d.set.Metric
	if name == "" {
		name = compare.RelativeError
	}
	in := plotting.HeadsInput{Width: d.set.Width, Subject: d.allHeads()}
	for _, h := range r.Report.Heads {
		in.Layers, in.Heads = max(in.Layers, h.Layer+1), max(in.Heads, h.Head+1)
	}
	in.Values = make([]float64, in.Layers*in.Heads)
	for i := range in.Values {
		in.Values[i] = float64(compare.Null())
	}
	if name == replacedError {
		return in, d.replacedHeads(&in)
	}
	m, ok := compare.Lookup(name)
	if !ok {
		return in, fmt.Errorf("no metric of a head is named %q; allowed are %s", name, strings.Join(HeadMetrics(), ", "))
	}
	rung := ""
	for _, h := range r.Report.Heads {
		rung = rungOf(m, h)
		in.Values[h.Layer*in.Heads+h.Head] = float64(h.Value(rung, name))
	}
	if !slices.ContainsFunc(in.Values, statistics.Finite) {
		return in, fmt.Errorf("no head of the run has the metric %s; metrics.json holds null", name)
	}
	unit := m.Unit
	if unit == "" {
		unit = "–"
	}
	in.Label = m.Label + " (" + unit + ")"
	in.Meaning = upper(m.Label) + ": " + m.Description
	if slices.Contains(compare.RungNames(), rung) {
		in.Meaning += " Of the rung " + rung + "."
	}
	in.Log = decades(m.Better == compare.LowBetter, in.Values)
	in.Whole = name == compare.Neurons || name == compare.Synapses || unit == "tokens" || name == compare.CosineWorstToken
	return in, nil
}

// replacedHeads shows how far each head is from softmax attention on what it is given
// where it stands.
func (d *drawing) replacedHeads(in *plotting.HeadsInput) error {
	m := d.runs[0].Report.Model
	if !m.Given() {
		return fmt.Errorf("%s: no head was replaced in this run; it needs swap.mode: teacher-forced or free-running", replacedError)
	}
	in.Subject = d.modelSubject()
	for _, h := range m.Heads {
		in.Values[h.Layer*in.Heads+h.Head] = float64(h.RelativeError)
	}
	in.Label = "relative error of the replaced head (–)"
	in.Meaning = "‖output − softmax output‖_F / ‖softmax output‖_F of each replaced head, of the rung " + m.Rung + ", on the queries, keys and values that it is given where it stands"
	if m.Mode == freeRunning {
		in.Meaning += ", which the replaced heads before it have changed"
	}
	if m.Inputs > 1 {
		in.Meaning += "; mean over the inputs"
	}
	in.Meaning += "."
	in.Log = decades(true, in.Values)
	return nil
}

// rungOf is where a head's report has a metric: on the head, on the ladder, or else of its
// last rung that has it.
func rungOf(m compare.Metric, h compare.HeadReport) string {
	if slices.Contains(m.Rungs, h.Last) {
		return h.Last
	}
	return m.Rungs[len(m.Rungs)-1]
}

// decades reports whether errors differ by so much that colours are spaced by the
// logarithm.
func decades(isError bool, values []float64) bool {
	const much = 20
	known := finiteOf(values)
	return isError && len(known) > 0 && slices.Min(known) > 0 && slices.Max(known)/slices.Min(known) > much
}

// upper begins a sentence.
func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
