package plotting

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot/vg"
)

// binPanels are the distribution of errors and, below it on the same axis, what agrees.
func binPanels(in ResponseInput) []*responsePanel {
	var at []float64
	for _, b := range in.Bins {
		at = append(at, b.From, b.Middle, b.To)
	}
	for _, c := range in.Counts {
		at = append(at, c.From, c.To)
	}
	x := spanOf(at).linear(0.03)
	x.label = clean(in.ErrorLabel)
	above := &panel{x: x, y: axis{lo: 0, hi: 1, label: "inputs (count)"}}
	above.x.silent = true
	for _, c := range in.Counts {
		if finite(c.Count) && c.Count > above.y.hi {
			above.y.hi = min(c.Count, 1e300)
		}
	}
	above.y.hi *= 1.08
	above.add(&columns{in.Counts})
	below := &panel{x: x, y: axis{label: clean(in.AgreementLabel)}}
	var values []float64
	for _, b := range in.Bins {
		values = append(values, b.Share, b.Low, b.High)
	}
	if finite(in.Uniform) {
		values = append(values, in.Uniform)
		below.add(&guide{at: in.Uniform, stroke: uniformLook})
	}
	s := spanOf(values)
	s.hi, s.lo, s.count = max(s.hi, 1), min(s.lo, 1), s.count+1 // what is the same throughout is the upper end
	if s.lo < 0.2 {
		s.lo = min(s.lo, 0)
	}
	axisOf := s.linear(0.04)
	below.y.lo, below.y.hi = axisOf.lo, axisOf.hi
	below.add(&guide{at: 1, stroke: stroke{colour: faint, width: frameWidth}}, &binMarks{in.Bins})
	panels := []*responsePanel{{panel: below, kind: kindBins, high: plainHeight}}
	if len(in.Counts) > 0 {
		panels = slices.Insert(panels, 0, &responsePanel{panel: above, kind: kindCounts, high: countsHeight})
	}
	return panels
}

// uniformLook is the line at what uniform attention shares.
var uniformLook = stroke{colour: okabeIto[1], width: 0.9, dashes: dashings[1]}

// columns are the bars of a histogram.
type columns struct{ counts []ErrorCount }

func (c *columns) draw(p *page, pl *panel) {
	for _, b := range c.counts {
		from, low, ok := edges(pl, b)
		if !ok {
			continue
		}
		p.fillRect(fade(answererLooks[ByNetwork].colour, 0.45), rect(from.X, from.Y, low.X, low.Y))
	}
}

// edges are the corners of a histogram's bar within the panel.
func edges(pl *panel, b ErrorCount) (from, to vg.Point, ok bool) {
	if !finite(b.From) || !finite(b.To) || !finite(b.Count) {
		return from, to, false
	}
	size := pl.area.Size()
	at := func(x, y float64) vg.Point {
		return vg.Point{X: pl.area.Min.X + vg.Length(min(max(pl.x.at(x), 0), 1))*size.X, Y: pl.area.Min.Y + vg.Length(min(max(pl.y.at(y), 0), 1))*size.Y}
	}
	return at(b.From, 0), at(b.To, b.Count), b.To > b.From
}

// binMarks are points with bars both ways.
type binMarks struct{ bins []AgreementBin }

func (m *binMarks) draw(p *page, pl *panel) {
	look := answererLooks[ByNetwork]
	thin := stroke{colour: look.colour, width: 0.7}
	var x, y []float64
	for _, b := range m.bins {
		x, y = append(x, b.Middle), append(y, b.Share)
		if low, high, ok := between(pl, b.Middle, b.Low, b.High); ok {
			p.polyline(thin, low, high)
		}
		mid, _, ok := between(pl, b.Middle, b.Share, b.Share)
		from, _, okFrom := between(pl, b.From, b.Share, b.Share)
		to, _, okTo := between(pl, b.To, b.Share, b.Share)
		if ok && okFrom && okTo {
			p.polyline(stroke{colour: fade(look.colour, 0.5), width: 0.7}, from, mid, to)
		}
	}
	(&points{x: x, y: y, glyph: look.glyph, colour: look.colour, radius: 2}).draw(p, pl)
}

// sharesPanel has a row for each number of each who answers, put together by what they
// are.
func sharesPanel(in ResponseInput) *responsePanel {
	var rows []string
	var values []float64
	pl := &panel{}
	row, last := 0.0, ""
	for i, s := range in.Shares {
		if i > 0 && s.Quantity != last {
			pl.add(&guide{at: row - 0.5, stroke: stroke{colour: faint, width: frameWidth}})
		}
		last = s.Quantity
		name := s.Who.String()
		if s.Quantity != "" {
			name = s.Quantity + ", " + name
		}
		rows = append(rows, name)
		pl.add(&shareMark{s, row})
		values = append(values, s.Value, s.Low, s.High)
		row++
	}
	pl.y = axis{lo: row - 0.5, hi: -0.5}
	s := spanOf(values)
	s.lo, s.hi, s.count = min(s.lo, 1), max(s.hi, 1), s.count+1
	if !in.Near {
		s.lo = min(s.lo, 0)
	}
	pl.x = s.linear(0.03)
	pl.x.label = clean(in.SharesLabel)
	return &responsePanel{panel: pl, kind: kindShares, rows: rows, high: max(30, vg.Length(row)*shareHeight)}
}

// shareMark is a marker with its interval.
type shareMark struct {
	AnswerShare
	row float64
}

func (m *shareMark) draw(p *page, pl *panel) {
	look := answererLooks[m.Who]
	at := func(x float64) (vg.Point, bool) {
		f, ok := fraction(&pl.x, x)
		return vg.Point{X: pl.area.Min.X + vg.Length(min(max(f, 0), 1))*pl.area.Size().X, Y: pl.point(pl.x.lo, m.row).Y}, ok
	}
	low, okLow := at(m.Low)
	high, okHigh := at(m.High)
	if okLow && okHigh {
		p.polyline(stroke{colour: look.colour, width: 0.9}, low, high)
	}
	(&points{x: []float64{m.Value}, y: []float64{m.row}, glyph: look.glyph, colour: look.colour, radius: 2.2}).draw(p, pl)
}

// shareText is a share as it is written beside its row, with so many digits.
func shareText(x float64, digits int) string {
	if !finite(x) {
		return "n/a"
	}
	if math.Abs(x) <= 10 {
		return minus(strconv.FormatFloat(x, 'f', digits, 64))
	}
	return number(x)
}

// digits are those of shares: more where they are near each other.
func (in *ResponseInput) digits() int {
	if in.Near {
		return 4
	}
	return 3
}
