package experiment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

const (
	circuitKey = "network.circuit"
	readKey    = "network.schedule.read"
)

// ofAstrocyte reports whether a key says what divides, and not what is divided or when.
func ofAstrocyte(path string) bool {
	return strings.HasPrefix(path, "network.") && !slices.ContainsFunc([]string{"features", "neurons", "synapses", "schedule"}, func(section string) bool {
		return strings.HasPrefix(path, "network."+section+".")
	})
}

// phrases say what the value of a key means, where its name and its value alone do not.
var phrases = map[string]func(value string) string{
	circuitKey: func(value string) string {
		if value == model.NoAstrocyte.String() {
			return "no astrocyte"
		}
		return strings.ReplaceAll(value, "-", " ")
	},
	"network.astrocyte.calcium":             func(value string) string { return value + " calcium" },
	"network.astrocyte.readout":             func(value string) string { return value + " read-out" },
	"network.astrocyte.coupling_plasticity": func(string) string { return "couplings at their mean" },
	calciumKey:                              func(value string) string { return "decay " + symbols[calciumKey] + "\u00a0=\u00a0" + value },
	"network.astrocyte.tau_rise": func(value string) string {
		return "rise " + symbols["network.astrocyte.tau_rise"] + "\u00a0=\u00a0" + value
	},
	"network.astrocyte.latency": func(value string) string { return "latency Δ\u00a0=\u00a0" + value },
}

// worded is a setting in words: p_h = 0.3, compartments 25.
func worded(path, value string) string {
	if value = spaced(value); config.Unit(path) != "" {
		value += "\u00a0" + config.Unit(path)
	}
	if phrase, ok := phrases[path]; ok {
		return phrase(value)
	}
	if symbol, ok := symbols[path]; ok {
		return symbol + "\u00a0=\u00a0" + value
	}
	return path[strings.LastIndex(path, ".")+1:] + "\u00a0" + value
}

// astrocyteRuns are runs of one astrocyte, under one set of conditions.
type astrocyteRuns struct {
	label string
	runs  []compare.Run
}

// byAstrocyte puts runs together that differ in their seed, their choice of heads and some keys besides
// alone, and names each by what its astrocyte is that the well-mixed one is not, as its configuration has
// it, and by the other conditions in which the runs differ, where they are not the defaults. The
// well-mixed astrocyte comes first and what has another circuit last.
func (d *drawing) byAstrocyte(besides ...string) []astrocyteRuns {
	own := func(path string) bool {
		return slices.Contains(besides, path) || path == mapFileKey || choosesHeads(path) || strings.HasPrefix(path, "record.")
	}
	runs := make([]compare.Run, len(d.runs))
	departs := map[string][]string{} // by the run's name
	for i, r := range d.runs {
		runs[i] = r.Comparison()
		departs[r.Dir] = config.Departures(r.Config, "network")
	}
	differing := slices.DeleteFunc(compare.DifferingKeys(runs), own)
	groups := compare.Grouped(runs, func(r compare.Run) map[string]compare.Setting { return r.Settings }, differing)
	var all []astrocyteRuns
	order := map[string][]int{} // by label
	for _, g := range groups {
		astrocyte, conditions := named(g[0], departs[g[0].Name], groups)
		astrocyte, conditions = slices.DeleteFunc(astrocyte, own), slices.DeleteFunc(conditions, own)
		var words []string
		var places []int
		for _, path := range astrocyte {
			words, places = append(words, worded(path, g[0].Settings[path].Text)), append(places, slices.Index(config.Paths(), path))
		}
		switch {
		case slices.Contains(astrocyte, circuitKey):
			places = []int{len(config.Paths())} // behind all others
		case len(astrocyte) == 0:
			words = []string{"well-mixed", worded(calciumKey, g[0].Settings[calciumKey].Text)}
		}
		for _, path := range conditions {
			words = append(words, worded(path, g[0].Settings[path].Text))
		}
		label := strings.Join(words, ", ")
		all, order[label] = append(all, astrocyteRuns{label, g}), places
	}
	slices.SortStableFunc(all, func(a, b astrocyteRuns) int { return slices.Compare(order[a.label], order[b.label]) })
	return all
}

// named are the keys by which a run is told from those of other groups: of its astrocyte where it departs
// from the well-mixed one, unless all do alike; and of all else what the groups differ in, of the network
// where it is not the default.
func named(r compare.Run, departs []string, groups [][]compare.Run) (astrocyte, conditions []string) {
	for _, path := range config.Paths() {
		own, has := r.Settings[path]
		if !has || path == compare.SeedKey {
			continue
		}
		holders, others := 0, false // of the groups that have the key, and whether one has another value
		for _, g := range groups {
			if s, ok := g[0].Settings[path]; ok {
				holders, others = holders+1, others || s != own
			}
		}
		departing := slices.Contains(departs, path)
		switch {
		case ofAstrocyte(path) && departing && (others || holders == 1):
			astrocyte = append(astrocyte, path)
		case !ofAstrocyte(path) && others && (departing || !strings.HasPrefix(path, "network.")):
			conditions = append(conditions, path)
		}
	}
	return astrocyte, conditions
}

// mostAstrocytePanels is how many heads a figure of several astrocytes has a panel for.
const mostAstrocytePanels = 4

// fewHeads are the heads that a figure has panels for, with their names.
func (d *drawing) fewHeads(s *sheet) (heads []headArrays, names []string) {
	heads = d.arrays[0].heads
	if len(heads) > mostAstrocytePanels {
		s.note("figure %s is drawn for the first %d of %d heads; runs of others show them (transformer.select)", s.name, mostAstrocytePanels, len(heads))
		heads = heads[:mostAstrocytePanels]
	}
	for _, h := range heads {
		names = append(names, fmt.Sprintf("layer\u00a0%d, head\u00a0%d", h.layer, h.head))
	}
	return heads, names
}

// overSeeds is the median over runs of what is known of a head, and of how many.
func overSeeds(runs []compare.Run, of func(compare.Report) float64) (median float64, seeds int) {
	var known []float64
	for _, r := range runs {
		if x := of(r.Report); statistics.Finite(x) {
			known = append(known, x)
		}
	}
	return statistics.Quantile(known, 0.5), len(known)
}

// uniformIn are the errors of uniform attention in the heads.
func (d *drawing) uniformIn(heads []headArrays) (errors []float64) {
	for _, h := range heads {
		errors = append(errors, headValue(d.runs[0].Report, h, compare.OnLadder, compare.TrivialError))
	}
	return errors
}

// noTimescale says what a run lacks to have an error of dynamics.
func noTimescale(r *Run, _ *runArrays) string {
	if r.Config.Solver.Method == "none" {
		return "solver.method is none, so that nothing takes time; set it to exact"
	}
	return ""
}

// timescale draws the error over the time of a read, a line for each astrocyte.
func (d *drawing) timescale(s *sheet, _ int) (*plotting.Figure, error) {
	in, err := d.timescaleInput(s)
	if err != nil {
		return nil, err
	}
	return plotting.Timescale(in)
}

func (d *drawing) timescaleInput(s *sheet) (plotting.TimescaleInput, error) {
	in := plotting.TimescaleInput{Width: d.set.Width, Subject: d.allHeads()}
	metric, err := headErrors("timescale", cmp.Or(d.set.Metric, compare.PartCalled("dynamics").Size()))
	if err != nil {
		return in, err
	}
	in.Label, in.Meaning = metric.label, metric.meaning
	heads, names := d.fewHeads(s)
	in.Heads, in.Uniform = names, d.uniformIn(heads)
	for _, m := range model.MeasuredTimes() {
		in.Measured = append(in.Measured, plotting.TimeRange{Name: m.Name, From: m.Least, To: m.Most, Source: m.From})
	}
	for _, g := range d.byAstrocyte(readKey) {
		curve, known := plotting.TimescaleCurve{Label: g.label}, false
		reads := map[float64][]compare.Run{}
		for _, r := range g.runs {
			read := r.Settings[readKey].Size
			reads[read] = append(reads[read], r)
		}
		for _, read := range sortedKeys(reads) {
			var line []float64
			for _, h := range heads {
				x, seeds := overSeeds(reads[read], func(r compare.Report) float64 { return metric.of(r, h) })
				known, in.Seeds, line = known || seeds > 0, max(in.Seeds, seeds), append(line, x)
			}
			curve.Dwell, curve.Errors = append(curve.Dwell, read), append(curve.Errors, line)
		}
		if !known {
			s.note("the timescale figure leaves out %s, which has no %s", g.runs[0].Name, metric.name)
			continue
		}
		in.Curves = append(in.Curves, curve)
	}
	if len(in.Curves) == 0 {
		return in, fmt.Errorf("no run has the error %s", metric.name)
	}
	return in, nil
}

// astrocytes draws the error budget with each astrocyte.
func (d *drawing) astrocytes(s *sheet, _ int) (*plotting.Figure, error) {
	return plotting.Astrocytes(d.astrocytesInput(s))
}

func (d *drawing) astrocytesInput(s *sheet) plotting.AstrocytesInput {
	in := plotting.AstrocytesInput{Width: d.set.Width, Subject: d.allHeads()}
	heads, names := d.fewHeads(s)
	in.Heads, in.Trivial = names, d.uniformIn(heads)
	for _, h := range d.runs[0].Report.Heads {
		if h.Reference != compare.Softmax {
			in.Reference = h.Reference
		}
	}
	parts := compare.Parts()
	for _, part := range parts {
		in.Parts = append(in.Parts, plotting.AstrocytePart{Name: part.Name, Meaning: part.Meaning})
	}
	rest := parts[slices.IndexFunc(parts, func(p compare.Part) bool { return p.Name == "interaction" })]
	for _, g := range d.byAstrocyte() {
		bar := plotting.AstrocyteBar{Name: g.label}
		of := func(h headArrays, metric string) float64 {
			x, seeds := overSeeds(g.runs, func(r compare.Report) float64 { return headValue(r, h, compare.OnLadder, metric) })
			in.Seeds = max(in.Seeds, seeds)
			return x
		}
		for _, h := range heads {
			bar.Total = append(bar.Total, of(h, compare.TotalError))
		}
		for _, part := range parts {
			var values []float64
			for _, h := range heads {
				x := of(h, part.Size())
				if part.Name == "dynamics" && statistics.Finite(of(h, rest.Size())) {
					x = float64(compare.Null()) // its causes stand for it
				}
				values = append(values, x)
			}
			bar.Values = append(bar.Values, values)
		}
		in.Bars = append(in.Bars, bar)
	}
	return in
}
