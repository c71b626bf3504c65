package plotting

import "gonum.org/v1/plot/vg"

// key is one entry of a legend: a sample of the look, and what it stands for.
type key struct {
	line  stroke // no line where the width is 0
	glyph glyph
	area  bool // a filled rectangle in the line's colour
	text  string
}

// Sizes of a legend's parts, in points.
const (
	sampleWidth = 18.0
	sampleGap   = 4.0
	columnGap   = 14.0
	keyHeight   = sizeText * 1.45
)

// legend stands outside the panels, its entries in rows of equal columns.
type legend struct {
	at      vg.Point // upper left corner
	keys    []key
	columns int
	column  vg.Length // width of a column with its gap
}

// newLegend lays the entries out in as many columns as the width holds.
func newLegend(keys []key, width vg.Length) *legend {
	l := &legend{keys: keys, columns: 1}
	for _, k := range keys {
		l.column = max(l.column, sampleWidth+sampleGap+textFace.width(k.text)+columnGap)
	}
	if l.column > 0 {
		l.columns = max(1, min(len(keys), int((width+columnGap)/l.column)))
	}
	return l
}

func (l *legend) rows() int { return (len(l.keys) + l.columns - 1) / max(1, l.columns) }

// height is the room that the legend takes, without a gap below.
func (l *legend) height() vg.Length { return vg.Length(l.rows()) * keyHeight }

func (l *legend) draw(p *page) {
	for i, k := range l.keys {
		row, column := i%l.rows(), i/l.rows()
		at := vg.Point{X: l.at.X + vg.Length(column)*l.column, Y: l.at.Y - (vg.Length(row)+0.5)*keyHeight}
		middle := vg.Point{X: at.X + sampleWidth/2, Y: at.Y}
		if k.area {
			p.fillRect(k.line.colour, rect(at.X+2, at.Y-2.6, at.X+sampleWidth-2, at.Y+2.6))
		} else if k.line.width > 0 {
			p.polyline(k.line, at, vg.Point{X: at.X + sampleWidth, Y: at.Y})
		}
		p.mark(k.glyph, k.line.colour, middle, 2)
		p.text(textFace, k.text, vg.Point{X: at.X + sampleWidth + sampleGap, Y: at.Y}, 0, 0.5, 0)
	}
}

// wrapKeys splits entries that are wider than a legend may be: the words that
// do not fit follow in an entry without a sample.
func wrapKeys(keys []key, width vg.Length) []key {
	var out []key
	for _, k := range keys {
		for i, line := range textFace.wrap(k.text, width-sampleWidth-sampleGap) {
			if i > 0 {
				k = key{}
			}
			k.text = line
			out = append(out, k)
		}
	}
	return out
}
