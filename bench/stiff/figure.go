package main

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/nasim-sim/nasim/bench/internal/figure"
)

// styles: a colour for each program, dashes where the Jacobian is by differences.
var styles = map[string]struct {
	colour color.Color
	dashes []vg.Length
	glyph  draw.GlyphDrawer
}{
	rodasAnalytic: {figure.Blue, nil, draw.CircleGlyph{}}, rodasDifferences: {figure.Sky, []vg.Length{3, 2}, draw.RingGlyph{}},
	radauAnalytic: {figure.Green, nil, draw.SquareGlyph{}}, radauDifferences: {figure.Green, []vg.Length{3, 2}, draw.BoxGlyph{}},
	cvodeAnalytic: {figure.Vermilion, nil, draw.PyramidGlyph{}}, cvodeDifferences: {figure.Orange, []vg.Length{3, 2}, draw.TriangleGlyph{}},
	explicit: {figure.Black, []vg.Length{1, 1.5}, draw.CrossGlyph{}},
}

// drawFigure draws time and steps against error, a row for each problem.
func drawFigure(cases []*kase, file string) error {
	var rows [][]figure.Panel
	for _, c := range cases {
		ticks := figure.At{1e-12, 1e-8, 1e-4, 1} // small panels have room for few labels
		row := []figure.Panel{{X: c.problem.Name + ": error", Y: "time / s", XTicks: ticks}, {X: c.problem.Name + ": error", Y: "steps", XTicks: ticks}}
		for _, s := range c.curves {
			style := styles[s.name]
			for i, quantity := range []func(*point) float64{seconds, steps} {
				line := figure.Curve{Name: s.name, Colour: style.colour, Dashes: style.dashes, Glyph: style.glyph}
				for _, p := range s.points {
					if p.wrong > 0 && p.wrong < 1 { // beyond, it is no solution
						line.X, line.Y = append(line.X, p.wrong), append(line.Y, quantity(p))
					}
				}
				row[i].Curves = append(row[i].Curves, line)
			}
		}
		rows = append(rows, row)
	}
	legend := figure.Panel{Columns: []string{"nasim", "SUNDIALS"}, LegendRows: 5}
	for _, name := range []string{rodasAnalytic, rodasDifferences, radauAnalytic, radauDifferences, explicit, cvodeAnalytic, cvodeDifferences} {
		style := styles[name]
		line := figure.Curve{Name: name, Colour: style.colour, Dashes: style.dashes, Glyph: style.glyph, X: []float64{1, 1}, Y: []float64{1, 1}}
		if name == cvodeAnalytic || name == cvodeDifferences {
			line.Column = 1
		}
		legend.Curves = append(legend.Curves, line)
	}
	return figure.WriteGrid(file, rows, legend)
}
