package experiment

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/bounded"
	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/fit"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// MapFile is a map file, open for figures.
type MapFile struct {
	Path string
	*fit.Maps
}

// OpenMaps reads a map file, as nasim fit writes it.
func OpenMaps(path string) (*MapFile, error) {
	raw, err := bounded.ReadFile(path, mostMaps)
	if err != nil {
		return nil, rundir.Explain(err)
	}
	f, err := npz.Read(path, raw)
	if err != nil {
		return nil, err
	}
	maps, err := fit.ReadMaps(f)
	if err != nil {
		return nil, fmt.Errorf("%s is no map file, as nasim fit writes it: %w", path, err)
	}
	return &MapFile{path, maps}, nil
}

// fit draws how hidden layers came to the heads of a map file.
func (d *drawing) fit(*sheet, int) (*plotting.Figure, error) {
	m := d.set.Maps[0]
	in := plotting.FitInput{Width: d.set.Width, Subject: d.ofMaps(len(m.Heads))}
	heads := slices.Clone(m.Heads)
	slices.SortStableFunc(heads, func(a, b fit.HeadMap) int { return cmp.Or(a.Layer-b.Layer, a.Head-b.Head) })
	for _, h := range heads {
		drawn := plotting.FitHead{Layer: h.Layer, Head: h.Head, Neurons: len(h.Query.B), BestStep: float64(compare.Null()), HeldOut: h.HeldOutError}
		least := fit.Look{}
		for i, look := range m.Looks(h.Layer, h.Head) {
			drawn.Steps, drawn.Errors = append(drawn.Steps, float64(look.Step)), append(drawn.Errors, look.Error)
			if i == 0 || look.Error < least.Error { // the first of the best, as the fit chooses
				least, drawn.BestStep = look, float64(look.Step)
			}
		}
		in.Heads = append(in.Heads, drawn)
	}
	return plotting.Fit(in)
}

// ofMaps is the subject of a figure of map files.
func (d *drawing) ofMaps(heads int) string {
	m := d.set.Maps[0]
	words := []string{filepath.Base(m.Path)}
	if model := m.Provenance.Config["transformer.model"]; model != "" {
		words[0] = filepath.Base(model)
	}
	if heads == 1 {
		words = append(words, fmt.Sprintf("layer\u00a0%d, head\u00a0%d", m.Heads[0].Layer, m.Heads[0].Head))
	} else {
		words = append(words, fmt.Sprintf("%d\u00a0heads", heads))
	}
	return strings.Join(words, ", ")
}

// conditions is the paragraph of a caption about a map file.
func (m *MapFile) conditions() string {
	var words []string
	for _, path := range config.Paths() {
		fitted := strings.HasPrefix(path, "input.") || strings.HasPrefix(path, "transformer.") || strings.HasPrefix(path, "fit.") || path == compare.SeedKey
		if text := m.Provenance.Config[path]; text != "" && fitted && path != "transformer.sha256" {
			words = append(words, path+" "+brief(text))
		}
	}
	return fmt.Sprintf("Map file %s (nasim %s), of weights with the SHA-256 %s…. Conditions: %s.", filepath.Base(m.Path), m.Provenance.Nasim, short(m.Provenance.Model), strings.Join(words, "; "))
}

const (
	mapKey     = "network.features.map"
	mapFileKey = "network.features.file"
)

// synapses draws the error of outputs over the number of synapses: of runs, a line for each feature map,
// and of the fits in map files.
func (d *drawing) synapses(s *sheet, _ int) (*plotting.Figure, error) {
	in, err := d.synapsesInput(s)
	if err != nil {
		return nil, err
	}
	return plotting.Synapses(in)
}

func (d *drawing) synapsesInput(s *sheet) (plotting.SynapsesInput, error) {
	in := plotting.SynapsesInput{Width: d.set.Width, AstrocytesFrom: model.AstrocyteSizesFrom}
	for _, a := range model.AstrocyteSizes() {
		in.Astrocytes = append(in.Astrocytes, plotting.SynapsesRange{Name: "one " + a.Species + " astrocyte", From: a.Least, To: a.Most})
	}
	if len(d.runs) > 0 {
		if err := d.synapsesOfRuns(s, &in); err != nil {
			return in, err
		}
	} else {
		in.Subject = d.ofMaps(len(d.set.Maps[0].Heads))
	}
	d.synapsesOfMaps(s, &in)
	if !slices.ContainsFunc(in.Curves, func(c plotting.SynapsesCurve) bool { return slices.ContainsFunc(c.Synapses, statistics.Finite) }) {
		return in, fmt.Errorf("no run has a number of synapses and the error asked for")
	}
	return in, nil
}

// synapsesOfRuns adds a line for each feature map, and for each set of values of what runs of the same map
// differ in besides their neurons and seed.
func (d *drawing) synapsesOfRuns(s *sheet, in *plotting.SynapsesInput) error {
	metric, err := headErrors("synapses", cmp.Or(d.set.Metric, compare.PartCalled("kernel").Size()))
	if err != nil {
		return err
	}
	in.Label, in.Meaning = metric.label, metric.meaning
	heads := d.arrays[0].heads
	in.Subject = d.allHeads()
	runs := make([]compare.Run, len(d.runs))
	for i, r := range d.runs {
		runs[i] = r.Comparison()
	}
	settings := func(r compare.Run) map[string]compare.Setting { return r.Settings }
	ownKey := func(path string) bool {
		return path == neuronsKey || path == mapFileKey || choosesHeads(path) || strings.HasPrefix(path, "record.")
	}
	if others := slices.DeleteFunc(compare.DifferingKeys(runs), func(path string) bool { return ownKey(path) || strings.HasPrefix(path, "network.features.") }); len(others) > 0 {
		s.note("the runs of the synapses figure differ also in %s", strings.Join(others, ", "))
	}
	maps := compare.Grouped(runs, settings, []string{mapKey})
	inTable := func(same []compare.Run) int { return slices.Index(features.Names(), same[0].Settings[mapKey].Text) }
	slices.SortStableFunc(maps, func(a, b []compare.Run) int { return inTable(a) - inTable(b) })
	for _, same := range maps {
		differ := slices.DeleteFunc(compare.DifferingKeys(same), ownKey)
		for _, line := range compare.Grouped(same, settings, differ) {
			curve := synapsesCurve(line, heads, metric.of)
			words := []string{line[0].Settings[mapKey].Text}
			for _, path := range differ {
				words = append(words, path[strings.LastIndex(path, ".")+1:]+"\u00a0"+line[0].Settings[path].Text)
			}
			curve.Label = strings.Join(words, ", ")
			if slices.ContainsFunc(slices.Concat(curve.Errors...), func(x float64) bool { return x > noError }) {
				in.Curves = append(in.Curves, curve)
			}
		}
	}
	for _, h := range heads {
		in.Uniform = append(in.Uniform, headValue(d.runs[0].Report, h, compare.OnLadder, compare.TrivialError))
	}
	if d.runs[0].Report.Model.Inputs > 1 {
		in.UniformOf = "the first input"
	}
	return nil
}

// noError is what rounding leaves of an error that is 0, as the kernel part of infinitely many neurons: it
// has no place on a logarithmic axis.
const noError = 1e-9

// errorMetric is an error of a head that a figure shows: how it is found in a run, and what the figure
// says of it.
type errorMetric struct {
	name, label, meaning string
	of                   func(compare.Report, headArrays) float64
}

// headErrors is the metric of that name, which has to be an error.
func headErrors(figure, name string) (errorMetric, error) {
	if name == replacedError {
		return errorMetric{
			name:    replacedError,
			label:   "relative error of the replaced head (–)",
			meaning: "The error is ‖output − softmax output‖_F / ‖softmax output‖_F of a replaced head on what it is given where it stands, the mean over inputs.",
			of: func(r compare.Report, h headArrays) float64 {
				for _, replaced := range r.Model.Heads {
					if replaced.Layer == h.layer && replaced.Head == h.head {
						return float64(replaced.RelativeError)
					}
				}
				return float64(compare.Null())
			},
		}, nil
	}
	m, known := compare.Lookup(name)
	if !known || m.Better != compare.LowBetter || m.Unit != "" {
		return errorMetric{}, fmt.Errorf("figure %s shows an error, and --metric %s is none; take kernel_error, dynamics_error, total_error, relative_error or %s", figure, name, replacedError)
	}
	metric := errorMetric{name: m.Name, label: m.Label + " (–)", meaning: "The error is " + m.Name + ": " + m.Description}
	for _, level := range compare.Ladder()[1:] {
		if m.Name == level.Step.Size() {
			metric.label = "relative error of the output, " + level.Step.Name + " (–)"
		}
	}
	metric.of = func(r compare.Report, h headArrays) float64 {
		for _, head := range r.Heads {
			if head.Layer == h.layer && head.Head == h.head {
				return float64(head.Value(rungOf(m, head), m.Name))
			}
		}
		return float64(compare.Null())
	}
	return metric, nil
}

// headValue is a number of a head in a report.
func headValue(r compare.Report, h headArrays, rung, name string) float64 {
	for _, head := range r.Heads {
		if head.Layer == h.layer && head.Head == h.head {
			return float64(head.Value(rung, name))
		}
	}
	return float64(compare.Null())
}

// synapsesCurve is one map's line: points in the order of synapses, at each the heads' medians over seeds.
// Infinitely many neurons have infinitely many synapses.
func synapsesCurve(runs []compare.Run, heads []headArrays, of func(compare.Report, headArrays) float64) (c plotting.SynapsesCurve) {
	sizes := map[float64][]compare.Run{}
	for _, r := range runs {
		var synapses []float64
		for _, h := range heads {
			if x := headValue(r.Report, h, compare.OnHead, compare.Synapses); statistics.Finite(x) {
				synapses = append(synapses, x)
			}
		}
		at := math.Inf(1)
		if len(synapses) > 0 { // of heads of unlike sizes, their mean
			at = statistics.Mean(synapses)
		}
		sizes[at] = append(sizes[at], r)
	}
	for _, at := range sortedKeys(sizes) {
		var errors []float64
		for _, h := range heads {
			var known []float64
			for _, r := range sizes[at] {
				if x := of(r.Report, h); statistics.Finite(x) {
					known = append(known, x)
				}
			}
			c.Seeds = max(c.Seeds, len(known))
			errors = append(errors, statistics.Quantile(known, 0.5))
		}
		c.Synapses, c.Errors = append(c.Synapses, at), append(c.Errors, errors)
	}
	return c
}

func sortedKeys[T any](m map[float64]T) []float64 {
	var keys []float64
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// synapsesOfMaps adds the line of fits, the held-out errors of all heads that were fitted with as many
// neurons, where no run has such a hidden layer; and the floor, held out, where map files know it.
func (d *drawing) synapsesOfMaps(s *sheet, in *plotting.SynapsesInput) {
	learned := slices.ContainsFunc(d.runs, func(r *Run) bool { return r.Config.Network.Features.Map == features.Learned })
	type place struct {
		layer, head, neurons int
	}
	steps, errors, floors := map[place]int{}, map[place]float64{}, map[place]float64{}
	dim := 0
	for _, m := range d.set.Maps {
		for _, h := range m.Heads {
			at := place{h.Layer, h.Head, len(h.Query.B)}
			errors[at], dim = h.HeldOutError, h.Dim
			if statistics.Finite(h.FloorHeldOut) { // in sample it says nothing beside errors held out
				floors[at] = h.FloorHeldOut
			}
		}
		for _, t := range m.Trials { // of several fits of one size, that of the most steps
			if at := (place{t.Layer, t.Head, t.Neurons}); t.Steps >= steps[at] {
				steps[at], errors[at] = t.Steps, t.HeldOut
			}
		}
	}
	line := func(of map[place]float64) (c plotting.SynapsesCurve, left int) {
		points, most := map[float64][]place{}, 0
		for at := range of {
			points[float64(at.neurons*dim)] = append(points[float64(at.neurons*dim)], at)
		}
		for _, p := range points {
			most = max(most, len(p))
		}
		for _, x := range sortedKeys(points) {
			heads := points[x]
			if len(heads) < most { // of other heads than its neighbours: no line goes through it
				left++
				continue
			}
			slices.SortFunc(heads, func(a, b place) int { return cmp.Or(a.layer-b.layer, a.head-b.head) })
			var e []float64
			for _, at := range heads {
				e = append(e, of[at])
			}
			c.Synapses, c.Errors = append(c.Synapses, x), append(c.Errors, e)
		}
		return c, left
	}
	if !learned && len(errors) > 0 {
		curve, left := line(errors)
		if curve.Label = "fitted, held out"; left > 0 {
			s.note("the synapses figure leaves out %d sizes of which not all heads were fitted", left)
		}
		in.Curves = append(in.Curves, curve)
	}
	if len(floors) > 0 {
		curve, _ := line(floors)
		in.Floor = &curve
	}
}
