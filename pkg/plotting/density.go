package plotting

import (
	"math"

	"gonum.org/v1/plot/vg"
)

// hexagons is a density: the number of pairs in each cell of a honeycomb.
type hexagons struct {
	x, y  []float64
	cells []cell // in order of rows, then columns
	scale *colourScale
}

// cell is one hexagon that holds pairs.
type cell struct {
	at    vg.Point
	count float64
}

// hexRadius is the distance from a hexagon's centre to its corners, in points.
const hexRadius = 2.1

// bin counts the pairs that lie in the panel, whose area must be set. The cells
// are those of two rectangular lattices, the second in the middle of the first's
// meshes; a pair belongs to the nearer centre.
func (h *hexagons) bin(pl *panel) {
	dx, dy := vg.Length(math.Sqrt(3)*hexRadius), vg.Length(3*hexRadius)
	columns, rows := int(pl.area.Size().X/dx)+2, int(pl.area.Size().Y/dy)+2
	counts := make([]float64, 2*columns*rows)
	nearest := func(pt vg.Point, shift float64) (index int, centre vg.Point) {
		i := math.Round(float64((pt.X-pl.area.Min.X)/dx) - shift)
		j := math.Round(float64((pt.Y-pl.area.Min.Y)/dy) - shift)
		i, j = min(max(i, 0), float64(columns-1)), min(max(j, 0), float64(rows-1))
		return int(j)*columns + int(i), vg.Point{X: pl.area.Min.X + dx*vg.Length(i+shift), Y: pl.area.Min.Y + dy*vg.Length(j+shift)}
	}
	for k := range h.x {
		pt := pl.point(h.x[k], h.y[k])
		if isNaN(pt.X) || isNaN(pt.Y) || !pl.holds(pt) {
			continue
		}
		i, a := nearest(pt, 0)
		j, b := nearest(pt, 0.5)
		if da, db := pt.Sub(a), pt.Sub(b); da.Dot(da) <= db.Dot(db) {
			counts[i]++
		} else {
			counts[columns*rows+j]++
		}
	}
	most := 1.0
	for i, n := range counts {
		if n == 0 {
			continue
		}
		most = max(most, n)
		shift := vg.Length(i/(columns*rows)) / 2
		at := vg.Point{X: dx * (vg.Length(i%columns) + shift), Y: dy * (vg.Length(i%(columns*rows)/columns) + shift)}
		h.cells = append(h.cells, cell{at: pl.area.Min.Add(at), count: n})
	}
	h.scale = &colourScale{norm: NormSqrt, top: most, colour: viridis}
}

func (h *hexagons) draw(p *page, pl *panel) {
	for _, c := range h.cells {
		var corner [6]vg.Point
		for i := range corner {
			sin, cos := math.Sincos(math.Pi/6 + float64(i)*math.Pi/3)
			// A little larger than the mesh, so that no white shows between them.
			const swell = 1.04 * hexRadius
			corner[i] = vg.Point{X: c.at.X + vg.Length(swell*cos), Y: c.at.Y + vg.Length(swell*sin)}
			corner[i].X = min(max(corner[i].X, pl.area.Min.X), pl.area.Max.X)
			corner[i].Y = min(max(corner[i].Y, pl.area.Min.Y), pl.area.Max.Y)
		}
		p.polygon(h.scale.colour(h.scale.fraction(c.count)), corner[:]...)
	}
}
