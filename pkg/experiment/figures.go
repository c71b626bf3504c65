package experiment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// figures are the rows of plotting's catalogue: how each is drawn from a run.
var figures = map[string]figureRow{
	"normalizer":   {missing: noNormalizer, draw: (*drawing).normalizer, perHead: true, shared: true},
	"attention":    {missing: noAttention, draw: (*drawing).attention, perHead: true},
	"overlay":      {missing: noOverlay, draw: (*drawing).overlay, perHead: true, asked: true},
	"traces":       {missing: noTrajectory, draw: (*drawing).traces, perHead: true},
	"budget":       {draw: (*drawing).budget},
	"output":       {missing: noOutput, draw: (*drawing).output},
	"heads":        {draw: (*drawing).heads, has: severalHeads},
	"response":     {missing: noResponse, draw: (*drawing).response, has: hasResponse},
	"kernel":       {missing: noKernel, draw: (*drawing).kernel, perHead: true, asked: true},
	"synapses":     {draw: (*drawing).synapses, shared: true, asked: true, ofMaps: true},
	"timescale":    {missing: noTimescale, draw: (*drawing).timescale, shared: true, asked: true, along: readKey},
	"compartments": {missing: noTimescale, draw: (*drawing).compartments, shared: true, asked: true, along: exchangeKey},
	"astrocytes":   {draw: (*drawing).astrocytes, shared: true, asked: true},
	"fit":          {draw: (*drawing).fit, asked: true, ofMaps: true, mapsAlone: true},
}

// figureRow is how one kind of figure is drawn.
type figureRow struct {
	// missing says what a run lacks, which has a head at least, and by which key; ""
	// where it has all. nil: it needs nothing.
	missing func(*Run, *runArrays) string
	// draw draws the i-th head or, where the figure is not perHead, all heads.
	draw      func(d *drawing, s *sheet, i int) (*plotting.Figure, error)
	perHead   bool
	shared    bool            // several runs go into one figure
	asked     bool            // not in the standard set
	ofMaps    bool            // map files go into it
	mapsAlone bool            // and runs do not
	along     string          // a key whose values are places on an axis
	has       func(*Run) bool // a run of another kind has no such figure, and is not told so; nil: all have
}

// FigureSet says which figures are drawn, and how. Beside every figure NAME.png, or
// of other formats, come its caption, NAME.txt, and the numbers it draws, NAME.csv,
// unless there are none or too many.
type FigureSet struct {
	// Names are of plotting.Names; nil is the standard set of one run, or those that
	// several runs can share.
	Names []string
	// Formats are of plotting.Formats.
	Formats []string
	// PerHead is how many heads are drawn in figures of single heads; 0: all.
	PerHead int
	// Width is that of the figures; 0 is each one's own.
	Width plotting.Length
	// Token is whose attention is laid over a picture; nil is the figure's own choice.
	Token *int
	// Metric is what a figure of all heads shows, of Metrics; "" is the figure's own choice.
	Metric string
	// Maps are map files, for the figures that are of them.
	Maps []*MapFile
}

// Draw draws figures of runs into dir, which it makes unless it is there, and takes
// away again if nothing came into it; it returns the files it wrote. Figures of single
// heads carry -<layer>-<head> behind their name where a run has more than one head. A
// figure whose arrays were not recorded is left out of the standard set with a note;
// asked for by name it is an error, once the others are drawn. Figures are drawn
// several at once; the order of files and notes is that of names. When ctx ends, the
// figures that are being drawn are not written, and the files are those that were
// finished.
func (set FigureSet) Draw(ctx context.Context, runs []*Run, dir string) (files, notes []string, err error) {
	names := set.Names
	d := &drawing{ctx: ctx, runs: runs, dir: dir, set: set}
	shared := slices.DeleteFunc(plotting.Names(), func(name string) bool { return !figures[name].shared })
	switch {
	case names == nil && len(runs) == 0:
		names = []string{"fit"}
	case names == nil && len(set.Maps) > 0:
		names = []string{"synapses"}
	case names == nil && len(runs) > 1:
		names = slices.DeleteFunc(slices.Clone(shared), func(name string) bool { return figures[name].asked })
	case names == nil:
		names = standard(runs[0])
	}
	for _, name := range names {
		if err := plotting.Known(name); err != nil {
			return nil, nil, err
		}
		switch row := figures[name]; {
		case row.mapsAlone && len(set.Maps) != 1:
			return nil, nil, fmt.Errorf("figure %s is of one map file, as nasim fit writes it, and %d are given", name, len(set.Maps))
		case row.mapsAlone && len(runs) > 0:
			return nil, nil, fmt.Errorf("figure %s is of a map file, and a run is given, too; give the file alone, or use --figure synapses", name)
		case !row.ofMaps && len(set.Maps) > 0:
			return nil, nil, fmt.Errorf("figure %s is of runs, and %s is a map file; leave it out, or use --figure fit or synapses", name, set.Maps[0].Path)
		case len(set.Maps) > 0 && slices.ContainsFunc(runs, func(r *Run) bool {
			return r.Config.Transformer.SHA256 != "" && r.Config.Transformer.SHA256 != set.Maps[0].Provenance.Model
		}):
			return nil, nil, fmt.Errorf("%s is of another model than a run beside it", set.Maps[0].Path)
		case len(set.Maps) > 0 && slices.ContainsFunc(set.Maps, func(m *MapFile) bool { return m.Provenance.Model != set.Maps[0].Provenance.Model }):
			return nil, nil, fmt.Errorf("%s is of another model than a map file beside it", set.Maps[0].Path)
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
	made, err := placeFor(dir)
	defer made.Remove() // if nothing came into it
	if err != nil {
		return nil, nil, err
	}
	return d.drawAll(names)
}

// standard lists the figures that a run has without being asked for.
func standard(r *Run) []string {
	return slices.DeleteFunc(plotting.Names(), func(name string) bool {
		row := figures[name]
		return row.asked || row.has != nil && !row.has(r)
	})
}

// placeFor makes the directory of figures. That it cannot be written to is said before
// any is drawn.
func placeFor(dir string) (rundir.Made, error) {
	made, err := rundir.MakeDir(dir)
	if err == nil {
		err = rundir.Writable(dir)
	}
	if reason := syscall.Errno(0); errors.As(err, &reason) { // else it has a remedy
		err = fmt.Errorf("%s cannot be written to (%w); draw elsewhere with --out DIR", dir, reason)
	}
	return made, err
}

// drawing is one call of Draw at work.
type drawing struct {
	ctx    context.Context
	runs   []*Run
	arrays []*runArrays
	dir    string
	set    FigureSet
}

// sheet is one figure that is to be drawn, with what becomes of it.
type sheet struct {
	name    string // of its files, without extension
	make    func(*sheet) (*plotting.Figure, error)
	files   []string
	notes   []string
	refused error // it cannot be drawn, and was asked for
	err     error
}

func (s *sheet) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// mostAtOnce bounds how many figures are drawn at once, whatever the processors: a
// figure at work holds up to some 15 MB of pixels.
const mostAtOnce = 4

// drawAll draws the figures, several at once, and returns files and notes in the
// order of the figures. Of several errors it returns the first in that order, and
// hardly one figure more is begun.
func (d *drawing) drawAll(names []string) (files, notes []string, err error) {
	var sheets []*sheet
	for _, name := range names {
		sheets = append(sheets, d.sheets(name)...)
	}
	// Its error is the first in time, and told below is the first in order. An error of
	// one figure spoils none at work: they heed d.ctx alone.
	_ = atOnce(context.WithoutCancel(d.ctx), min(runtime.GOMAXPROCS(0), mostAtOnce), len(sheets), func(_ context.Context, i int) error {
		sheets[i].err = d.write(sheets[i])
		return sheets[i].err
	})
	var refused error
	for _, s := range sheets {
		files = append(files, s.files...) // after the error, too: they are there
		if err == nil {
			notes, refused, err = append(notes, s.notes...), errors.Join(refused, s.refused), s.err
		}
	}
	if err == nil {
		err = refused
	}
	return files, notes, err
}

// sheets lists the figures of a kind: one, or one a head. A kind that cannot be
// drawn is a single one that says so.
func (d *drawing) sheets(name string) []*sheet {
	row := figures[name]
	if reason := d.missing(row); reason != "" {
		return []*sheet{d.leaveOut(name, reason)}
	}
	if !row.perHead {
		return []*sheet{{name: name, make: func(s *sheet) (*plotting.Figure, error) { return row.draw(d, s, 0) }}}
	}
	heads := d.arrays[0].heads
	several, kept := len(heads) > 1, len(heads)
	if d.set.PerHead > 0 {
		kept = min(kept, d.set.PerHead)
	}
	var sheets []*sheet
	for i, h := range heads[:kept] {
		s := &sheet{name: name, make: func(s *sheet) (*plotting.Figure, error) { return row.draw(d, s, i) }}
		if several {
			s.name = fmt.Sprintf("%s-%d-%d", name, h.layer, h.head)
		}
		sheets = append(sheets, s)
	}
	if kept < len(heads) {
		sheets[0].note("figure %s is drawn for the first %d of %d heads; nasim plot draws all", name, kept, len(heads))
	}
	return sheets
}

// write draws a figure and writes it in all formats.
func (d *drawing) write(s *sheet) error {
	if d.ctx.Err() != nil {
		return context.Cause(d.ctx)
	}
	if s.make == nil {
		return nil
	}
	f, err := s.make(s)
	if err != nil {
		return fmt.Errorf("figure %s: %w", s.name, err)
	}
	for _, format := range d.set.Formats {
		if err := d.put(s, format, func(w io.Writer) error { return f.Write(w, format) }); err != nil {
			return err
		}
	}
	numbers := ""
	if !f.Data.Empty() {
		numbers = s.name + ".csv"
		if err := d.put(s, "csv", f.Data.WriteCSV); err != nil {
			return err
		}
	}
	return d.put(s, "txt", func(w io.Writer) error {
		_, err := io.WriteString(w, d.caption(f, numbers))
		return err
	})
}

// put writes a file of a figure, which is not kept if the context ends meanwhile.
func (d *drawing) put(s *sheet, extension string, write func(io.Writer) error) error {
	path := filepath.Join(d.dir, s.name+"."+extension)
	if d.ctx.Err() != nil {
		return context.Cause(d.ctx)
	}
	err := rundir.ReplaceFile(path, func(w io.Writer) error {
		if err := write(w); err != nil {
			return err
		}
		return d.ctx.Err()
	})
	switch {
	case err != nil && d.ctx.Err() != nil:
		return context.Cause(d.ctx)
	case err != nil:
		return err
	}
	s.files = append(s.files, path)
	return nil
}

// neuronsOf is m, the number of a head's hidden neurons; 0 where there are infinitely
// many.
func neuronsOf(h compare.HeadReport) int {
	if m := h.Value(compare.OnHead, compare.Neurons); m.Known() {
		return int(m)
	}
	return 0
}

// output draws the heads' outputs by their last rung.
func (d *drawing) output(*sheet, int) (*plotting.Figure, error) {
	a := d.arrays[0]
	in := plotting.OutputInput{Width: d.set.Width, Subject: d.allHeads()}
	for i, h := range a.heads {
		report := d.runs[0].Report.Heads[i]
		in.Rung, in.Static = report.Last, report.Last == compare.Kernel
		value := func(metric string) float64 { return float64(report.Value(report.Last, metric)) }
		in.Heads = append(in.Heads, plotting.OutputHead{
			Name: fmt.Sprintf("%d:%d", h.layer, h.head), Values: a.values,
			Transformer: h.output[compare.Softmax], Network: h.output[report.Last],
			RelativeError: value(compare.RelativeError), CosineMean: value(compare.CosineMean), CosineWorst: value(compare.CosineWorst),
		})
	}
	return plotting.Output(in)
}

// mostPools is how many compartments a panel shows the calcium of one by one.
const mostPools = 5

// overCompartments is, of the calcium of many compartments, [T,C], the mean over them and what it is in
// those that have least and most; of few, all.
func overCompartments(values []float64, samples int) (columns []float64, names []string) {
	if samples == 0 || len(values) <= mostPools*samples {
		return values, nil
	}
	for at := range slices.Chunk(values, len(values)/samples) {
		columns = append(columns, statistics.Mean(at), slices.Min(at), slices.Max(at))
	}
	return columns, []string{"mean", "least", "most"}
}

func (d *drawing) traces(_ *sheet, i int) (*plotting.Figure, error) {
	r, tr := d.runs[0], d.arrays[0].trajectory
	tokens, err := r.tokens()
	if err != nil {
		return nil, err
	}
	in := plotting.TracesInput{
		Width: d.set.Width, Subject: d.subject(i), Time: tr.t, Tokens: tokens,
		Segments: schedule(r.Config.Network.Parameters(), d.arrays[0].tokens),
	}
	if in.Grid, err = d.grid(); err != nil {
		return nil, err
	}
	for _, channel := range model.Channels() {
		if !channel.Has(r.Config.Network.Parameters()) || channel.Asked && tr.of(channel.Name, i) == nil {
			continue // this network has none, or one that is recorded only if it is asked for
		}
		panel := plotting.TracePanel{
			Name: channel.Name, Label: plotting.Subscripts(channel.Label),
			Values: tr.of(channel.Name, i), Missing: channel.Name + " was not recorded",
		}
		switch channel.Of {
		case model.HiddenNeurons:
			panel.Columns, panel.Kind = tr.hidden, "neuron"
		case model.OutputNeurons:
			panel.Columns, panel.Kind = tr.output, "neuron"
		case model.Processes:
			if panel.Columns, panel.Kind = tr.hidden, "neuron"; in.Overview == 0 {
				in.Overview = len(in.Panels)
			}
		case model.TokenGains:
			panel.Columns, panel.Kind, in.Overview = tr.gains, "token", len(in.Panels)
		case model.CalciumPools:
			panel.Kind, in.Overview = "compartment", len(in.Panels)
			if panel.Values, panel.Names = overCompartments(panel.Values, len(tr.t)); panel.Names != nil {
				panel.Note = "Of p, the mean over the astrocyte's compartments and what it is in those that have least and most."
			}
		}
		in.Panels = append(in.Panels, panel)
	}
	return plotting.Traces(in)
}
