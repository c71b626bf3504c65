package main

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/nasim-sim/nasim/bench/internal/figure"
	"github.com/nasim-sim/nasim/bench/internal/turn"
)

// A colour is a formula, whoever computes it.
var colours = map[string]color.Color{
	"exact": figure.Black, "euler": figure.Grey, "heun2": figure.Purple, "bs32": figure.Orange, "rk4": figure.Green,
	"dopri5": figure.Blue, "tsit5": figure.Sky, "dop853": figure.Vermilion, "rodas5p": figure.Grey, "Adams": figure.Black,
}

// A style is whose computation it is: dashes, and a marker where the same formula
// has several.
var dashes = map[string][]vg.Length{reduced: nil, full: {4, 1.5}, peer: {1.2, 1.2}}

var glyphs = map[string]draw.GlyphDrawer{
	"exact":                draw.PyramidGlyph{},
	"rodas5p":              draw.RingGlyph{},
	"Boost.Odeint dopri5":  draw.SquareGlyph{},
	"SUNDIALS ERK dopri5":  draw.TriangleGlyph{},
	"SUNDIALS CVODE Adams": draw.TriangleGlyph{},
	"SciPy RK45":           draw.CrossGlyph{},
	"SciPy DOP853":         draw.CrossGlyph{},
}

// short names fit the legend.
var short = map[string]string{
	"Boost.Odeint dopri5": "Boost dopri5", "SUNDIALS ERK dopri5": "SUNDIALS ERK", "SUNDIALS CVODE Adams": "CVODE Adams",
	"dopri5, full state": "dopri5", "dop853, full state": "dop853",
}

// drawFigure draws the work–precision plot: time against error.
func drawFigure(curves []*curve, file string) error {
	columns := map[string]int{reduced: 0, full: 1, peer: 2}
	panel := figure.Panel{
		X: "relative error of the outputs", Y: "time / s",
		Columns: []string{"nasim, reduced state", "nasim, full state", "other libraries"}, LegendRows: 9,
	}
	for _, c := range curves {
		line := figure.Curve{
			Name: c.name, Colour: colours[c.formula], Dashes: dashes[c.kind], Glyph: glyphs[c.name], Column: columns[c.kind],
		}
		if name, ok := short[c.name]; ok {
			line.Name = name
		}
		if line.Glyph == nil {
			line.Glyph = draw.CircleGlyph{}
		}
		for _, p := range c.points {
			if p.wrong < 1 { // an unstable step is no point of the curve
				line.X = append(line.X, p.wrong)
				line.Y = append(line.Y, turn.Median(p.seconds))
			}
		}
		panel.Curves = append(panel.Curves, line)
	}
	return panel.WritePNG(file)
}
