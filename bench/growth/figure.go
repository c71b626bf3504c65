package main

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/nasim-sim/nasim/bench/internal/figure"
)

// drawFigure draws time against size, which is relative to the smallest of the
// series, with the line that each would follow if it grew as it should.
func drawFigure(all []*series, file string) error {
	const largest = 16
	panel := figure.Panel{
		X: "size / smallest size", Y: "time / s",
		Columns: []string{"exact solution: fitted exponent"}, LegendRows: len(all) + 1,
		XTicks: figure.At{1, 2, 4, 8, 16}, XRange: [2]float64{0.9, largest / 0.9},
	}
	styles := []struct {
		colour color.Color
		glyph  draw.GlyphDrawer
	}{
		{figure.Blue, draw.CircleGlyph{}}, {figure.Orange, draw.BoxGlyph{}}, {figure.Green, draw.PyramidGlyph{}},
		{figure.Sky, draw.RingGlyph{}}, {figure.Black, draw.SquareGlyph{}}, {figure.Vermilion, draw.TriangleGlyph{}},
	}
	ideal := figure.Curve{Name: "slope 1, for A_eff 2", Colour: figure.Grey, Dashes: []vg.Length{3, 2}}
	var ideals, measured []figure.Curve
	for i, s := range all {
		line := figure.Curve{
			Name:   fmt.Sprintf("%s (%s): %.2f", s.name, s.fixed, s.exponent()),
			Colour: styles[i].colour, Glyph: styles[i].glyph,
		}
		for j, at := range s.sizes {
			line.X = append(line.X, float64(s.vary(at))/float64(s.vary(s.sizes[0])))
			line.Y = append(line.Y, s.seconds[j])
		}
		measured = append(measured, line)
		ideal.X, ideal.Y = []float64{1, largest}, []float64{line.Y[0], line.Y[0] * math.Pow(largest, s.goal)}
		ideals = append(ideals, ideal)
		ideal.Name = "" // once in the legend
	}
	panel.Curves = append(ideals, measured...)
	return panel.WritePNG(file)
}
