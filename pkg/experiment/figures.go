package experiment

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// Figures draws figures of runs into dir, which must exist, and returns the
// files it wrote. names are of plotting.Names; nil draws the standard set of one
// run, or those that several runs can share. Figures of single heads
// carry -<layer>-<head> behind their name where a run has more than one head;
// at most perHead heads are drawn, 0: all. A figure whose arrays were not
// recorded is left out of the standard set with a note; asked for by name it is
// an error, once the others are drawn. When ctx ends, the figure that is being
// drawn is not written, and the files are those before it.
func Figures(ctx context.Context, runs []*Run, dir string, names, formats []string, perHead int) (files, notes []string, err error) {
	d := &drawing{ctx: ctx, runs: runs, dir: dir, named: names != nil, formats: formats, perHead: perHead}
	shared := slices.DeleteFunc(plotting.Names(), func(name string) bool { return !figures[name].shared })
	switch {
	case names == nil && len(runs) > 1:
		names = shared
	case names == nil:
		names = plotting.Names()
	}
	for _, name := range names {
		if err := plotting.Known(name); err != nil {
			return nil, nil, err
		}
		if len(runs) > 1 && !figures[name].shared {
			return nil, nil, fmt.Errorf("figure %s shows one run, and %d are given; give one, or use --figure %s", name, len(runs), strings.Join(shared, " or "))
		}
	}
	for _, r := range runs {
		a, err := r.load()
		if err != nil {
			return nil, nil, err
		}
		d.arrays = append(d.arrays, a)
	}
	for _, name := range names {
		if ctx.Err() != nil {
			return d.files, d.notes, context.Cause(ctx)
		}
		if err := d.draw(name); err != nil {
			return d.files, d.notes, err
		}
	}
	return d.files, d.notes, d.refused
}

// drawing is one call of Figures at work.
type drawing struct {
	ctx          context.Context
	runs         []*Run
	arrays       []*runArrays
	dir          string
	named        bool // the figures were asked for by name
	refused      error
	formats      []string
	perHead      int
	files, notes []string
}

func (d *drawing) note(format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

func (d *drawing) draw(name string) error {
	a, row := d.arrays[0], figures[name]
	if reason := d.missing(row); reason != "" {
		d.leaveOut(name, reason)
		return nil
	}
	if !row.perHead {
		f, err := row.draw(d, 0)
		return d.write(name, f, err)
	}
	heads := a.heads
	if d.perHead > 0 && len(heads) > d.perHead {
		d.note("figure %s is drawn for the first %d of %d heads; nasim plot draws all", name, d.perHead, len(heads))
		heads = heads[:d.perHead]
	}
	for i, h := range heads {
		file := name
		if len(a.heads) > 1 {
			file = fmt.Sprintf("%s-%d-%d", name, h.layer, h.head)
		}
		f, err := row.draw(d, i)
		if err := d.write(file, f, err); err != nil {
			return err
		}
	}
	return nil
}

// write writes a figure, unless it failed, in all formats.
func (d *drawing) write(name string, f *plotting.Figure, err error) error {
	if err != nil {
		return fmt.Errorf("figure %s: %w", name, err)
	}
	for _, format := range d.formats {
		path := filepath.Join(d.dir, name+"."+format)
		if d.ctx.Err() != nil {
			return context.Cause(d.ctx)
		}
		err := rundir.ReplaceFile(path, func(w io.Writer) error {
			if err := f.Write(w, format); err != nil {
				return err
			}
			return d.ctx.Err() // the file is not kept then
		})
		switch {
		case err != nil && d.ctx.Err() != nil:
			return context.Cause(d.ctx)
		case err != nil:
			return err
		}
		d.files = append(d.files, path)
	}
	return nil
}

// subject names what a figure shows.
func (d *drawing) subject(i int) string {
	r, h := d.runs[0], d.arrays[0].heads[i]
	what := "tensors"
	switch {
	case r.Config.Transformer.Model != "":
		what = filepath.Base(r.Config.Transformer.Model)
	case r.Config.Input.Synthetic != nil:
		what = "synthetic"
	}
	return fmt.Sprintf("%s, layer %d, head %d", what, h.layer, h.head)
}

func (d *drawing) budget(int) (*plotting.Figure, error) {
	var in plotting.BudgetInput
	heads := d.runs[0].Report.Heads
	values := func(metric string) []float64 {
		x := make([]float64, len(heads))
		for i, h := range heads {
			x[i] = float64(h.Value(compare.OnLadder, metric))
		}
		return x
	}
	for _, h := range heads {
		in.Heads = append(in.Heads, fmt.Sprintf("%d:%d", h.Layer, h.Head))
	}
	for _, part := range compare.Parts() {
		x, colour := values(part.Size()), plotting.Detail
		if !part.Inset {
			colour = plotting.Hue(part.Hue)
		} else if !slices.ContainsFunc(x, statistics.Finite) {
			continue // a cause that this network does not have
		}
		in.Parts = append(in.Parts, plotting.BudgetPart{Name: part.Name, Values: x, Colour: colour, Inset: part.Inset})
	}
	in.Parts = append(in.Parts, plotting.BudgetPart{Name: "total", Values: values(compare.TotalError), Colour: plotting.Total})
	in.Trivial, in.Alignment = values(compare.TrivialError), values(compare.CosineDynamicsKernel)
	return plotting.Budget(in)
}

// normalizer draws the read-outs of every run for the head that is the first
// run's i-th.
func (d *drawing) normalizer(i int) (*plotting.Figure, error) {
	head := d.arrays[0].heads[i]
	in := plotting.NormalizerInput{Subject: d.subject(i), Z: head.normalizer[compare.Softmax]}
	var drawn []*Run
	var heads []headArrays
	var reports []compare.HeadReport
	for j, a := range d.arrays {
		at := slices.IndexFunc(a.heads, func(h headArrays) bool { return h.layer == head.layer && h.head == head.head })
		if at < 0 || len(a.heads[at].normalizer[compare.Softmax]) != len(in.Z) {
			d.note("%s has no head %d:%d of %d tokens and is left out of its normalizer figure", d.runs[j].Dir, head.layer, head.head, len(in.Z))
			continue
		}
		drawn, heads, reports = append(drawn, d.runs[j]), append(heads, a.heads[at]), append(reports, d.runs[j].Report.Heads[at])
	}
	labels := runLabels(drawn)
	for j, h := range heads {
		for _, rung := range []string{compare.Kernel, compare.Solver} {
			if p := h.normalizer[rung]; p != nil {
				value := func(metric string) float64 { return float64(reports[j].Value(rung, metric)) }
				in.Curves = append(in.Curves, plotting.NormalizerCurve{
					Label: labels[j], Neurons: drawn[j].Config.Network.Features.Neurons, Name: rung, Static: rung == compare.Kernel,
					P: h.withoutGain(p), Z: h.normalizer[compare.Softmax],
					R: value(compare.NormalizerR), RLog10: value(compare.NormalizerRLog10), MedianError: value(compare.NormalizerMedian),
				})
			}
		}
	}
	return plotting.Normalizer(in)
}

// runLabels names what the runs differ in besides the number of neurons, which
// the figure names itself; empty where nothing else differs.
func runLabels(runs []*Run) []string {
	labels := make([]string, len(runs))
	flat := make([]map[string]compare.Setting, len(runs))
	for i, r := range runs {
		flat[i] = r.settings()
	}
	for _, path := range config.Paths() {
		if path == "network.features.neurons" || path == "transformer.heads" || path == "transformer.layers" {
			continue
		}
		if !slices.ContainsFunc(flat, func(f map[string]compare.Setting) bool { return f[path] != flat[0][path] }) {
			continue
		}
		name := path[strings.LastIndex(path, ".")+1:]
		for i := range runs {
			if flat[i][path].Text == "" {
				continue // a key that this run's method or input does not have
			}
			if labels[i] != "" {
				labels[i] += ", "
			}
			labels[i] += name + " " + flat[i][path].Text
		}
	}
	return labels
}

func (d *drawing) attention(i int) (*plotting.Figure, error) {
	r, h := d.runs[0], d.arrays[0].heads[i]
	in := plotting.AttentionInput{
		Subject: d.subject(i), N: d.arrays[0].tokens,
		Softmax: h.attention[compare.Softmax], Kernel: h.attention[compare.Kernel], Network: h.attention[compare.Solver], NetworkRung: compare.Solver,
	}
	tokens, err := r.tokens()
	if err != nil {
		return nil, err
	}
	in.Tokens = tokens
	grid, picture, err := r.patches()
	if err != nil {
		return nil, err
	}
	if grid != nil {
		in.Grid = &plotting.PatchGrid{Picture: picture, Rows: grid.Rows, Columns: grid.Columns, Leading: in.N - grid.Rows*grid.Columns}
	}
	return plotting.Attention(in)
}

// output draws the heads' outputs by their last rung.
func (d *drawing) output(int) (*plotting.Figure, error) {
	a := d.arrays[0]
	var in plotting.OutputInput
	for i, h := range a.heads {
		report := d.runs[0].Report.Heads[i]
		in.Rung = report.Last
		value := func(metric string) float64 { return float64(report.Value(report.Last, metric)) }
		in.Heads = append(in.Heads, plotting.OutputHead{
			Name: fmt.Sprintf("%d:%d", h.layer, h.head), Values: a.values,
			Transformer: h.output[compare.Softmax], Network: h.output[report.Last],
			RelativeError: value(compare.RelativeError), CosineMean: value(compare.CosineMean), CosineWorst: value(compare.CosineWorst),
		})
	}
	if len(a.heads) == 1 {
		in.Subject = d.subject(0)
	}
	return plotting.Output(in)
}

func (d *drawing) traces(i int) (*plotting.Figure, error) {
	r, tr := d.runs[0], d.arrays[0].trajectory
	tokens, err := r.tokens()
	if err != nil {
		return nil, err
	}
	in := plotting.TracesInput{
		Subject: d.subject(i), Time: tr.t, Tokens: tokens,
		Segments: schedule(r.Config.Network.Parameters(), d.arrays[0].tokens),
	}
	for _, channel := range model.Channels() {
		panel := plotting.TracePanel{Values: tr.of(channel.Name, i), Missing: channel.Name + " was not recorded"}
		before, after, _ := strings.Cut(channel.Label, "_F")
		if panel.Label = before; after != "" {
			panel.Label += plotting.Subscript("F") + after
		}
		switch channel.Of {
		case model.HiddenNeurons:
			panel.Columns, panel.Kind = tr.hidden, "neuron"
		case model.OutputNeurons:
			panel.Columns, panel.Kind = tr.output, "neuron"
		case model.CalciumPools:
			panel.Kind, in.Overview = "compartment", len(in.Panels)
		}
		in.Panels = append(in.Panels, panel)
	}
	return plotting.Traces(in)
}
