package main

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/nasim-sim/nasim/bench/internal/figure"
)

// drawFigure draws time against size, both relative to the smallest of the
// series, so that only the exponents are seen, with the lines of slope 1 and 2.
func drawFigure(all []*series, file string) error {
	const largest = 16
	panel := figure.Panel{
		X: "size / smallest size", Y: "time / time at the smallest size",
		Columns: []string{"exact solution: fitted exponent"}, LegendRows: len(all) + 1,
		XTicks: figure.At{1, 2, 4, 8, 16}, XRange: [2]float64{1, largest}, YRange: [2]float64{0.8, 400},
	}
	styles := []struct {
		colour color.Color
		glyph  draw.GlyphDrawer
	}{
		{figure.Blue, draw.CircleGlyph{}}, {figure.Orange, draw.SquareGlyph{}},
		{figure.Green, draw.PyramidGlyph{}}, {figure.Vermilion, draw.RingGlyph{}},
	}
	for i, s := range all {
		line := figure.Curve{
			Name:   fmt.Sprintf("%s (%s): %.2f", s.name, s.fixed, s.exponent()),
			Colour: styles[i].colour, Glyph: styles[i].glyph,
		}
		for j, at := range s.sizes {
			line.X = append(line.X, float64(s.vary(at))/float64(s.vary(s.sizes[0])))
			line.Y = append(line.Y, s.seconds[j]/s.seconds[0])
		}
		panel.Curves = append(panel.Curves, line)
	}
	for _, slope := range []struct {
		name string
		end  float64
	}{{"slopes 1 and 2", largest}, {"", largest * largest}} {
		panel.Curves = append(panel.Curves, figure.Curve{
			Name: slope.name, X: []float64{1, largest}, Y: []float64{1, slope.end},
			Colour: figure.Grey, Dashes: []vg.Length{3, 2},
		})
	}
	return panel.WritePNG(file)
}
