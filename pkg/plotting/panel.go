package plotting

import (
	"math"

	"gonum.org/v1/plot/vg"
)

// Line widths and distances, in points.
const (
	frameWidth  = 0.6
	tickLength  = 2.5
	tickGap     = 1.8 // between tick and label
	labelGap    = 3   // between tick labels and axis label
	titleGap    = 3
	hairline    = 0.35
	legendGap   = 4 // between a legend and what lies below it
	figureInset = 3 // free border of a figure
)

// mark is something drawn in a panel's coordinates.
type mark interface {
	draw(p *page, pl *panel)
}

// panel is a rectangle with two axes.
type panel struct {
	area   vg.Rectangle // between the axes, without labels
	x, y   axis
	title  string // centred above
	letter string // bold, above the left corner
	empty  string // where not "": why there is nothing to see
	marks  []mark
	bare   bool // no ticks and no labels at all
}

func (pl *panel) add(m ...mark) { pl.marks = append(pl.marks, m...) }

// point places a pair of values; it is NaN where a value has no place.
func (pl *panel) point(x, y float64) vg.Point {
	size := pl.area.Size()
	return vg.Point{
		X: pl.area.Min.X + vg.Length(pl.x.at(x))*size.X,
		Y: pl.area.Min.Y + vg.Length(pl.y.at(y))*size.Y,
	}
}

// holds tells whether a point lies in the panel, edges included.
func (pl *panel) holds(pt vg.Point) bool {
	const slop = 1e-6
	return pt.X >= pl.area.Min.X-slop && pt.X <= pl.area.Max.X+slop &&
		pt.Y >= pl.area.Min.Y-slop && pt.Y <= pl.area.Max.Y+slop
}

func isNaN(l vg.Length) bool { return math.IsNaN(float64(l)) }

func (pl *panel) draw(p *page) {
	top := pl.area.Max.Y + titleGap
	p.text(boldFace, pl.letter, vg.Point{X: pl.area.Min.X, Y: top}, 0, 0, 0)
	pl.drawTitle(p, top)
	if pl.empty != "" {
		pl.drawEmpty(p)
		return
	}
	for _, m := range pl.marks {
		m.draw(p, pl)
	}
	p.frame(stroke{colour: ink, width: frameWidth}, pl.area)
	if !pl.bare {
		pl.drawX(p)
		pl.drawY(p)
	}
}

// drawTitle centres the title; one that would touch the letter follows it.
func (pl *panel) drawTitle(p *page, y vg.Length) {
	middle := (pl.area.Min.X + pl.area.Max.X) / 2
	free := pl.area.Min.X + 2
	if pl.letter != "" {
		free += boldFace.width(pl.letter) + 2
	}
	if middle-titleFace.width(pl.title)/2 >= free {
		p.text(titleFace, pl.title, vg.Point{X: middle, Y: y}, 0.5, 0, 0)
		return
	}
	p.text(textFace, pl.title, vg.Point{X: free, Y: y}, 0, 0, 0)
}

// drawEmpty writes the reason into a grey panel.
func (pl *panel) drawEmpty(p *page) {
	p.fillRect(mist, pl.area)
	p.frame(stroke{colour: faint, width: frameWidth}, pl.area)
	size := pl.area.Size()
	lines := greyFace.wrap(pl.empty, size.X-8)
	at := vg.Point{X: pl.area.Min.X + size.X/2, Y: pl.area.Min.Y + size.Y/2}
	skip := vg.Length(sizeText * lineSkip)
	at.Y += skip * vg.Length(len(lines)-1) / 2
	for _, line := range lines {
		p.text(greyFace, line, at, 0.5, 0.5, 0)
		at.Y -= skip
	}
}

func (pl *panel) drawX(p *page) {
	pen := stroke{colour: ink, width: frameWidth}
	deepest := vg.Length(0)
	free := pl.area.Min.X - 1e3 // where the next label may begin
	for _, t := range pl.x.ticks {
		x := pl.area.Min.X + vg.Length(pl.x.at(t.at))*pl.area.Size().X
		at := vg.Point{X: x, Y: pl.area.Min.Y}
		if isNaN(x) || !pl.holds(at) {
			continue
		}
		length := vg.Length(tickLength)
		if t.label == "" {
			length /= 2
		}
		p.polyline(pen, at, vg.Point{X: x, Y: at.Y - length})
		if pl.x.silent || t.label == "" {
			continue
		}
		at.Y -= tickLength + tickGap
		if pl.x.turned {
			p.text(textFace, t.label, at, 1, 0.5, quarter)
			deepest = max(deepest, textFace.width(t.label))
		} else {
			deepest = max(deepest, sizeText)
			if half := textFace.width(t.label) / 2; x-half > free {
				p.text(textFace, t.label, at, 0.5, 1, 0)
				free = x + half + 3
			}
		}
	}
	if !pl.x.silent {
		y := pl.area.Min.Y - tickLength - tickGap - deepest - labelGap
		p.text(textFace, pl.x.label, vg.Point{X: (pl.area.Min.X + pl.area.Max.X) / 2, Y: y}, 0.5, 1, 0)
	}
}

func (pl *panel) drawY(p *page) {
	pen := stroke{colour: ink, width: frameWidth}
	for _, t := range pl.y.ticks {
		y := pl.area.Min.Y + vg.Length(pl.y.at(t.at))*pl.area.Size().Y
		at := vg.Point{X: pl.area.Min.X, Y: y}
		if isNaN(y) || !pl.holds(at) {
			continue
		}
		length := vg.Length(tickLength)
		if t.label == "" {
			length /= 2
		}
		p.polyline(pen, at, vg.Point{X: at.X - length, Y: y})
		if !pl.y.silent {
			at.X -= tickLength + tickGap
			p.text(textFace, t.label, at, 1, 0.5, 0)
		}
	}
	if !pl.y.silent {
		x := pl.area.Min.X - pl.y.left() + sizeText/2 + figureInset
		at := vg.Point{X: x, Y: (pl.area.Min.Y + pl.area.Max.Y) / 2}
		p.text(textFace, pl.y.label, at, 0.5, 0.5, quarter)
	}
}

// left is the room that a vertical axis needs beside its panel.
func (a *axis) left() vg.Length {
	if a.silent {
		return tickLength + figureInset
	}
	room := tickLength + tickGap + textFace.widest(a.labels()) + figureInset
	if a.label != "" {
		room += labelGap + sizeText
	}
	return room
}

// beyond is the room that a horizontal axis needs at its right end, where the
// last tick's label may stick out.
func (a *axis) beyond() vg.Length {
	return textFace.widest(a.labels())/2 + figureInset
}

// below is the room that a horizontal axis needs under its panel.
func (a *axis) below() vg.Length {
	if a.silent {
		return tickLength
	}
	room := vg.Length(tickLength + tickGap + sizeText)
	if a.turned {
		room = tickLength + tickGap + textFace.widest(a.labels())
	}
	if a.label != "" {
		room += labelGap + sizeText*lineSkip
	}
	return room
}
