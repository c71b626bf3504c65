package main

import (
	"fmt"
	"image/color"
	"math"
	"path/filepath"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/nasim-sim/nasim/bench/internal/figure"
	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
)

// axis is what a figure varies, s.
type axis struct {
	file, label, path string
	from, to          float64
	points            int
}

var axes = []axis{
	{"dynamics-gap.png", "blank after each token / s", "network.schedule.gap", 0.01, 3, 13},
	{"dynamics-read.png", "read / s", "network.schedule.read", 0.05, 5, 13},
}

// leastDrawn is where the figure ends: smaller errors lie on its edge.
const leastDrawn = 1e-6

// drawFigures draws the median head's error against the blank and the read, the other as it is by default.
func drawFigures(models []model, directory string) error {
	for _, a := range axes {
		panel := figure.Panel{
			X: a.label, Y: "dynamics error, median head", Columns: []string{"causal", "bidirectional"}, LegendRows: 3,
			YRange: [2]float64{leastDrawn / 1.5, 2},
		}
		for place, order := range orders {
			for _, drive := range []struct {
				name   string
				colour color.Color
				glyph  draw.GlyphDrawer
			}{
				{"ungated", figure.Vermilion, draw.BoxGlyph{}}, {"reading", figure.Sky, draw.PyramidGlyph{}}, {"hold", figure.Blue, draw.CircleGlyph{}},
			} {
				line := figure.Curve{Name: "drive " + drive.name, Colour: drive.colour, Glyph: drive.glyph, Column: place}
				if place == 1 {
					line.Dashes = []vg.Length{3, 2}
				}
				for i := range a.points {
					x := statistics.RoundTo(a.from*math.Pow(a.to/a.from, float64(i)/float64(a.points-1)), 2)
					var size []float64
					for _, m := range models {
						heads, err := m.heads("network.schedule.order="+order, "network.astrocyte.drive="+drive.name, fmt.Sprintf("%s=%vs", a.path, x))
						if err != nil {
							return err
						}
						size = append(size, column(heads, compare.OnLadder, "dynamics_error")...)
					}
					line.X, line.Y = append(line.X, x), append(line.Y, max(statistics.Quantile(size, 0.5), leastDrawn))
				}
				panel.Curves = append(panel.Curves, line)
			}
		}
		if err := panel.WritePNG(filepath.Join(directory, a.file)); err != nil {
			return err
		}
	}
	return nil
}
