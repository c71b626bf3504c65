package plotting

import (
	"image"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// curve is a line through pairs of values, interrupted where one has no place
// and cut at the panel's edges.
type curve struct {
	x, y []float64
	stroke
}

func (c *curve) draw(p *page, pl *panel) {
	var pieces [][]vg.Point
	var piece []vg.Point
	flush := func() {
		if len(piece) > 0 {
			pieces = append(pieces, piece)
		}
		piece = nil
	}
	for i := range c.y {
		pt := pl.point(c.x[i], c.y[i])
		if isNaN(pt.X) || isNaN(pt.Y) || math.IsInf(float64(pt.X), 0) || math.IsInf(float64(pt.Y), 0) {
			flush()
			continue
		}
		piece = append(piece, pt)
	}
	flush()
	clip := draw.Canvas{Canvas: p.Canvas, Rectangle: pl.area}
	for _, piece := range pieces {
		if len(piece) == 1 {
			// A value between two gaps has no line; it is shown as a dot.
			if pl.holds(piece[0]) {
				p.disc(c.colour, piece[0], c.width)
			}
			continue
		}
		for _, line := range clip.ClipLinesXY(piece) {
			p.polyline(c.stroke, line...)
		}
	}
}

// points are markers at pairs of values. One outside the panel, or ≤ 0 on a log
// axis, is an arrow head at the nearest place of the edge; NaN is left out.
type points struct {
	x, y   []float64
	glyph  glyph
	colour color.NRGBA
	radius vg.Length
}

func (s *points) draw(p *page, pl *panel) {
	for i := range s.y {
		at, g, ok := s.place(pl, s.x[i], s.y[i])
		if ok {
			p.mark(g, s.colour, at, s.radius)
		}
	}
}

func (s *points) place(pl *panel, x, y float64) (vg.Point, glyph, bool) {
	fx, okX := fraction(&pl.x, x)
	fy, okY := fraction(&pl.y, y)
	if !okX || !okY {
		return vg.Point{}, noGlyph, false
	}
	g := s.glyph
	switch {
	case fy < 0:
		g = downGlyph
	case fy > 1:
		g = upGlyph
	case fx < 0:
		g = leftGlyph
	case fx > 1:
		g = rightGlyph
	}
	size := pl.area.Size()
	return vg.Point{
		X: pl.area.Min.X + vg.Length(min(max(fx, 0), 1))*size.X,
		Y: pl.area.Min.Y + vg.Length(min(max(fy, 0), 1))*size.Y,
	}, g, true
}

// fraction is axis.at with values ≤ 0 of a log axis below its lower end.
func fraction(a *axis, x float64) (float64, bool) {
	if math.IsNaN(x) {
		return 0, false
	}
	if a.log && x <= 0 {
		return -1, true
	}
	return a.at(x), true
}

// outside counts the pairs that points draws as arrow heads, and those it
// leaves out.
func outside(pl *panel, x, y []float64) (atEdge, missing int) {
	for i := range y {
		fx, okX := fraction(&pl.x, x[i])
		fy, okY := fraction(&pl.y, y[i])
		switch {
		case !okX || !okY:
			missing++
		case fx < 0 || fx > 1 || fy < 0 || fy > 1:
			atEdge++
		}
	}
	return atEdge, missing
}

// guide is a straight line across the panel: at x = at (upright), at y = at, or
// the diagonal.
type guide struct {
	at       float64
	upright  bool
	diagonal bool
	stroke
}

func (g *guide) draw(p *page, pl *panel) {
	var a, b vg.Point
	switch {
	case g.diagonal:
		lo, hi := max(pl.x.lo, pl.y.lo), min(pl.x.hi, pl.y.hi)
		if lo >= hi {
			return
		}
		a, b = pl.point(lo, lo), pl.point(hi, hi)
	case g.upright:
		a = vg.Point{X: pl.point(g.at, pl.y.lo).X, Y: pl.area.Min.Y}
		b = vg.Point{X: a.X, Y: pl.area.Max.Y}
	default:
		a = vg.Point{X: pl.area.Min.X, Y: pl.point(pl.x.lo, g.at).Y}
		b = vg.Point{X: pl.area.Max.X, Y: a.Y}
	}
	if !isNaN(a.X) && !isNaN(a.Y) && pl.holds(a) && pl.holds(b) {
		p.polyline(g.stroke, a, b)
	}
}

// stripe shades the panel between two x values.
type stripe struct {
	from, to float64
	colour   color.NRGBA
}

func (s *stripe) draw(p *page, pl *panel) {
	from, to := pl.x.at(max(s.from, pl.x.lo)), pl.x.at(min(s.to, pl.x.hi))
	if !(to > from) {
		return
	}
	left, width := pl.area.Min.X, pl.area.Size().X
	p.fillRect(s.colour, rect(left+vg.Length(from)*width, pl.area.Min.Y, left+vg.Length(to)*width, pl.area.Max.Y))
}

// raster fills the panel with an image whose pixels are cells.
type raster struct {
	img *image.NRGBA
}

func (r *raster) draw(p *page, pl *panel) { p.cells(pl.area, r.img) }

// band fills the panel between two lines, where both have a value; it ends at the
// panel's edges.
type band struct {
	x, low, high []float64
	colour       color.NRGBA
}

func (b *band) draw(p *page, pl *panel) {
	var lower, upper []vg.Point
	flush := func() {
		if len(lower) > 1 {
			slices.Reverse(upper)
			p.polygon(b.colour, append(lower, upper...)...)
		}
		lower, upper = nil, nil
	}
	for i, x := range b.x {
		low, high, ok := between(pl, x, b.low[i], b.high[i])
		if !ok {
			flush()
			continue
		}
		lower, upper = append(lower, low), append(upper, high)
	}
	flush()
}

// whiskers are upright bars between two values.
type whiskers struct {
	x, low, high []float64
	stroke
}

func (w *whiskers) draw(p *page, pl *panel) {
	for i, x := range w.x {
		if low, high, ok := between(pl, x, w.low[i], w.high[i]); ok {
			p.polyline(w.stroke, low, high)
		}
	}
}

// between places two values above x, moved to the panel's edge where they lie
// beyond it; ok is false where one has no place, or x lies outside.
func between(pl *panel, x, low, high float64) (from, to vg.Point, ok bool) {
	fx, okX := fraction(&pl.x, x)
	a, okA := fraction(&pl.y, low)
	b, okB := fraction(&pl.y, high)
	if !okX || !okA || !okB || fx < 0 || fx > 1 {
		return from, to, false
	}
	size := pl.area.Size()
	at := func(f float64) vg.Point {
		return vg.Point{X: pl.area.Min.X + vg.Length(fx)*size.X, Y: pl.area.Min.Y + vg.Length(min(max(f, 0), 1))*size.Y}
	}
	return at(a), at(b), true
}
