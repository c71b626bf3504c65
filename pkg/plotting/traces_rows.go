package plotting

import (
	"cmp"
	"image/color"
	"slices"
	"strconv"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// traceRow is one panel with the legend at its right.
type traceRow struct {
	panel *panel
	keys  []key
	drawn []drawnLine
}

// drawnLine is a line as it is drawn, thinned to its envelope.
type drawnLine struct {
	name  string
	index int // of the neuron, or −1
	t, y  []float64
}

// traceRows are the panels over the times from lo to hi; with a zoom, below the
// overview with those times framed.
func traceRows(in TracesInput, lo, hi float64, zoom bool) []*traceRow {
	var rows []*traceRow
	if zoom {
		r := panelRow(in, in.Panels[in.Overview], in.Time[0], in.Time[len(in.Time)-1])
		edge := stroke{colour: ink, width: 0.8}
		r.panel.add(&guide{at: lo, upright: true, stroke: edge}, &guide{at: hi, upright: true, stroke: edge})
		rows = append(rows, r)
	}
	for i, p := range in.Panels {
		r := panelRow(in, p, lo, hi)
		r.panel.x.silent = i < len(in.Panels)-1
		rows = append(rows, r)
	}
	return rows
}

// panelRow draws the columns of a panel.
func panelRow(in TracesInput, p TracePanel, lo, hi float64) *traceRow {
	r := &traceRow{panel: &panel{x: axis{lo: lo, hi: hi, label: "time (s)"}}}
	steps := len(in.Time)
	if len(p.Values) == 0 {
		r.panel.empty = cmp.Or(clean(p.Missing), "not recorded")
		return r
	}
	n := len(p.Values) / steps
	var columns [][]float64
	for c := range min(n, maxTraces) {
		column := make([]float64, steps)
		for t := range column {
			column[t] = p.Values[t*n+c]
		}
		columns = append(columns, column)
	}
	from, to := within(in.Time, lo, hi)
	r.panel.y = traceAxis(columns, from, to)
	r.panel.y.label = p.Label
	shade(r.panel, in.Segments)
	for c, column := range columns {
		look := stroke{colour: hue(c), width: 0.8, dashes: dashing(c)}
		if n == 1 {
			look.colour = ink
		}
		if hi-lo > 0 && len(in.Segments) > 4*zoomed && lo == in.Time[0] && hi == in.Time[steps-1] {
			look.width = 0.5
		}
		// Samples beyond the edges let the line run to them.
		t, y := envelope(in.Time[max(0, from-1):min(steps, to+1)], column[max(0, from-1):min(steps, to+1)], 1200)
		r.panel.add(&curve{x: t, y: y, stroke: look})
		line := drawnLine{cmp.Or(p.Name, p.Label), -1, t, y}
		switch {
		case p.Names != nil:
			line.name += "_" + p.Names[c]
		case p.Columns != nil:
			line.index = p.Columns[c]
		case n > 1:
			line.index = c
		}
		r.drawn = append(r.drawn, line)
		if p.Kind == "" || n == 1 && p.Columns == nil {
			continue
		}
		if p.Names != nil {
			r.keys = append(r.keys, key{line: look, text: clean(p.Names[c])})
			continue
		}
		name := c
		if p.Columns != nil {
			name = p.Columns[c]
		}
		r.keys = append(r.keys, key{line: look, text: clean(p.Kind) + " " + strconv.Itoa(name)})
	}
	return r
}

// within is the range of samples from time lo to hi.
func within(t []float64, lo, hi float64) (from, to int) {
	from, _ = slices.BinarySearch(t, lo)
	to = from
	for to < len(t) && t[to] <= hi {
		to++
	}
	return from, to
}

// traceAxis is logarithmic where 95 % of the values are positive and span two
// decades: rates of positive features and calcium do, signed outputs do not.
func traceAxis(columns [][]float64, from, to int) axis {
	var all []float64
	for _, c := range columns {
		all = append(all, finiteOf(c[from:to])...)
	}
	low, s := statistics.Quantile(all, 0.05), spanOf(all)
	var a axis
	if low > 0 && s.hi/low >= 100 {
		s.positiveLo = max(s.positiveLo, low/1e3)
		a, _ = s.logarithmic(0.06)
	} else {
		a = s.linear(0.06)
	}
	a.mark(3)
	return a
}

var (
	writingShade = color.NRGBA{0xe3, 0xee, 0xf7, 0xff}
	readingShade = color.NRGBA{0xfb, 0xec, 0xdc, 0xff}
)

// shade colours the phases, paler in blanks, and marks where tokens begin; so
// many boundaries that they would merge are left out.
func shade(pl *panel, segments []Segment) {
	// Neighbours of one colour are one stripe, or seams would show.
	var last *stripe
	for _, s := range segments {
		c := writingShade
		if s.Reading {
			c = readingShade
		}
		if s.Blank {
			c = fade(c, 0.4)
		}
		if last != nil && last.colour == c && last.to == s.Start {
			last.to = s.End
			continue
		}
		last = &stripe{from: s.Start, to: s.End, colour: c}
		pl.add(last)
	}
	visible := 0
	for _, s := range segments {
		if s.Start >= pl.x.lo && s.Start <= pl.x.hi {
			visible++
		}
	}
	const most = 60
	for _, s := range segments {
		if visible <= most && !s.Blank {
			pl.add(&guide{at: s.Start, upright: true, stroke: stroke{colour: faint, width: hairline}})
		}
	}
}
