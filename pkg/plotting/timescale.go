package plotting

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// TimescaleCurve is the error with one astrocyte over the time that a query dwells.
type TimescaleCurve struct {
	// Label names the astrocyte; may hold [Subscripts].
	Label string
	// Dwell is how long each query is read, in s, of each point [P].
	Dwell []float64
	// Errors are those of the heads, of each point [P][heads]; NaN and ±Inf are missing.
	Errors [][]float64
}

// TimescaleInput holds what [Timescale] draws.
type TimescaleInput struct {
	// Subject is written above the figure; it may hold [Subscripts].
	Subject string
	// Heads names the heads, a panel each, such as "layer 0, head 3".
	Heads []string
	// Curves are the astrocytes, in the order of the legend.
	Curves []TimescaleCurve
	// Uniform are the errors of uniform attention in the heads; nil where they are not known.
	Uniform []float64
	// Label names the error, with its unit in brackets; "" is "relative error of the output (–)".
	Label string
	// Meaning says in a sentence what the error is, for the caption.
	Meaning string
	// Seeds is the largest number of runs that an error is the median of; 0 is 1.
	Seeds int
	// Measured are times measured in cells; they are shaded.
	Measured []TimeRange
	// Width is the figure's width; 0 is DoubleColumn.
	Width vg.Length
}

// TimeRange is a range of measured times, in s, with its name, such as "membranes", and where it is from.
type TimeRange struct {
	Name     string
	From, To float64
	Source   string
}

// Timescale draws the error of the output against the time that each query dwells, a line for each
// astrocyte and a panel for each head, on common axes; and, shaded, times that were measured in cells.
// Both axes are logarithmic; that of errors spans five decades below 1 at most. Panels stand side by
// side where the figure is wide enough.
func Timescale(in TimescaleInput) (*Figure, error) {
	width, err := widthOr("timescale", in.Width, DoubleColumn)
	if err != nil {
		return nil, err
	}
	for i, c := range in.Curves {
		if err := shapeOfErrors("timescale", i, c.Errors, len(c.Dwell), len(in.Heads)); err != nil {
			return nil, err
		}
	}
	if err := shapeIfKnown("timescale", "Uniform", in.Uniform, len(in.Heads)); err != nil {
		return nil, err
	}
	f := &Figure{Name: "timescale", Width: width}
	panels := timescalePanels(in)
	f.layTiles(in.Subject, panels, timescaleKeys(in), 0.8)
	captionTimescale(f, in, panels)
	return f, nil
}

// timescalePanels are one for each head, or one that says that there is none.
func timescalePanels(in TimescaleInput) []*panel {
	var xs, ys [][]float64
	for _, c := range in.Curves {
		xs, ys = append(xs, c.Dwell), append(ys, slices.Concat(c.Errors...))
	}
	x, _ := spanOf(xs...).logarithmic(0.03)
	y := errorAxis(append(ys, in.Uniform), statistics.Quantile(finiteOf(in.Uniform), 1), leastError, in.Label)
	x.label = "read of each query (s)"
	x.mark(6)
	if spanOf(xs...).count == 0 || len(in.Heads) == 0 {
		return []*panel{{x: x, y: y, empty: "no errors to draw"}}
	}
	var panels []*panel
	for h, name := range in.Heads {
		pl := &panel{x: x, y: y, title: clean(name)}
		for i, r := range in.Measured {
			pl.add(&stripe{from: r.From, to: r.To, colour: measuredColour(i)})
		}
		if len(in.Uniform) > 0 && finite(in.Uniform[h]) {
			pl.add(&guide{at: in.Uniform[h], stroke: trivialLook})
		}
		for i, c := range in.Curves {
			look, shape := lineLook(i)
			line := errorsOf(h, c.Errors)
			pl.add(&curve{x: c.Dwell, y: line, stroke: look}, &points{x: c.Dwell, y: markedOf(line, y), glyph: shape, colour: look.colour, radius: 1.8})
		}
		panels = append(panels, pl)
	}
	return panels
}

// measuredColour is that of the i-th range, which lets through what lies below.
func measuredColour(i int) color.NRGBA {
	shades := [...]color.NRGBA{fade(faint, 0.6), fade(okabeIto[5], 0.25), fade(okabeIto[4], 0.25), fade(okabeIto[1], 0.25)}
	return shades[i%len(shades)]
}

func timescaleKeys(in TimescaleInput) []key {
	if len(in.Heads) == 0 {
		return nil
	}
	var keys []key
	for i, c := range in.Curves {
		look, shape := lineLook(i)
		keys = append(keys, key{line: look, glyph: shape, text: cleanMarked(c.Label)})
	}
	if len(finiteOf(in.Uniform)) > 0 {
		keys = append(keys, key{line: trivialLook, text: "uniform attention"})
	}
	for i, r := range in.Measured {
		keys = append(keys, key{line: stroke{colour: measuredColour(i)}, area: true, text: r.text()})
	}
	return keys
}

// text names the range and writes it: "membranes, 7.5–11.7 ms".
func (r *TimeRange) text() string {
	size, unit := 1.0, "s"
	if r.To < 0.1 {
		size, unit = 1e3, "ms"
	}
	return fmt.Sprintf("%s, %.4g–%.4g\u00a0%s", clean(r.Name), size*r.From, size*r.To, unit)
}

func captionTimescale(f *Figure, in TimescaleInput, panels []*panel) {
	beyond, heads := false, false
	for h, pl := range panels[:min(len(panels), len(in.Heads))] {
		for _, c := range in.Curves {
			line := errorsOf(h, c.Errors)
			for k, e := range markedOf(line, pl.y) {
				beyond = beyond || finite(line[k]) && !finite(e)
				heads = heads || e < pl.y.lo || e > pl.y.hi
			}
		}
	}
	var shaded, sources []string
	for _, r := range in.Measured {
		shaded = append(shaded, r.text())
		if !slices.Contains(sources, clean(r.Source)) {
			sources = append(sources, clean(r.Source))
		}
	}
	f.setCaption(in.Subject,
		"Error of the output against the time for which each query is read, a line for each astrocyte; both axes are logarithmic.",
		meaningOf(in.Meaning),
		when(len(in.Heads) > 1, "Panels are heads, on the same axes."),
		overRuns(in.Seeds),
		dashedUniform(in.Uniform),
		when(beyond, "A line that leaves a panel goes on beyond the axis."),
		when(heads, "An arrow head is an error of a line that lies beyond it altogether."),
		when(len(shaded) > 0, "Shaded are times that were measured in cells: "+strings.Join(shaded, "; ")+" ("+strings.Join(sources, "; ")+")."))
	type cell struct{ curve, point, head int }
	var rows []cell
	for i, c := range in.Curves {
		for p := range c.Dwell {
			for h := range in.Heads {
				rows = append(rows, cell{i, p, h})
			}
		}
	}
	for h := range in.Uniform {
		rows = append(rows, cell{-1, 0, h})
	}
	dwell, errors := make([]float64, len(rows)), make([]float64, len(rows))
	for k, r := range rows {
		if r.curve < 0 {
			dwell[k], errors[k] = math.NaN(), in.Uniform[r.head]
			continue
		}
		dwell[k], errors[k] = in.Curves[r.curve].Dwell[r.point], in.Curves[r.curve].Errors[r.point][r.head]
	}
	f.setData(len(rows), texts("astrocyte", func(row int) string {
		if rows[row].curve < 0 {
			return "uniform attention"
		}
		return cleanMarked(in.Curves[rows[row].curve].Label)
	}), texts("head", func(row int) string { return clean(in.Heads[rows[row].head]) }), floats("read_s", dwell), floats("error", errors))
}
