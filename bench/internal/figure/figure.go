// Package figure draws the log–log figures of bench: one panel at the width of
// a journal's column, the legend in columns below it, off the curves.
package figure

import (
	"image/color"
	"math"
	"os"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Colours of Okabe and Ito (2008), told apart with any colour vision.
var (
	Black     = color.NRGBA{A: 0xff}
	Grey      = color.NRGBA{0x80, 0x80, 0x80, 0xff}
	Blue      = color.NRGBA{0x00, 0x72, 0xb2, 0xff}
	Vermilion = color.NRGBA{0xd5, 0x5e, 0x00, 0xff}
	Green     = color.NRGBA{0x00, 0x9e, 0x73, 0xff}
	Purple    = color.NRGBA{0xcc, 0x79, 0xa7, 0xff}
	Orange    = color.NRGBA{0xe6, 0x9f, 0x00, 0xff}
	Sky       = color.NRGBA{0x56, 0xb4, 0xe9, 0xff}
)

// Curve is one line with its markers. A nil Glyph draws none.
type Curve struct {
	Name   string
	X, Y   []float64 // positive
	Colour color.Color
	Dashes []vg.Length
	Glyph  draw.GlyphDrawer
	Column int // of the legend
}

// Panel is a figure.
type Panel struct {
	X, Y           string // axis labels, with units
	Columns        []string
	LegendRows     int // of the longest column, its title not counted
	Curves         []Curve
	XRange, YRange [2]float64  // 0, 0: that of the curves, and some room
	XTicks, YTicks plot.Ticker // nil: powers of ten
}

const (
	width     = 85 * vg.Millimeter
	height    = 70 * vg.Millimeter // of the panel
	dpi       = 300
	textSize  = 7.5
	lineWidth = 0.9
	rowHeight = 3.4 * vg.Millimeter
	margin    = 1.5 * vg.Millimeter
)

// WritePNG draws the figure into a file.
func (f *Panel) WritePNG(file string) error {
	legend := vg.Length(f.LegendRows+1)*rowHeight + 2*margin
	canvas := vgimg.NewWith(vgimg.UseWH(width, height+legend), vgimg.UseDPI(dpi))
	all := draw.New(canvas)
	p, err := f.plot()
	if err != nil {
		return err
	}
	panel := draw.Crop(all, rowHeight+2*margin, -2*margin, legend+rowHeight, -margin)
	p.Draw(panel)
	f.labels(panel, p)
	for i, title := range f.Columns {
		f.legend(all, p, i, title, legend-margin)
	}
	return write(canvas, file)
}

// WriteGrid draws rows of small panels into a file, with one legend below them,
// that of the last argument.
func WriteGrid(file string, rows [][]Panel, legend Panel) error {
	const rowSize = 31 * vg.Millimeter
	below := vg.Length(legend.LegendRows+1)*rowHeight + 2*margin
	total := rowSize*vg.Length(len(rows)) + below
	canvas := vgimg.NewWith(vgimg.UseWH(width, total), vgimg.UseDPI(dpi))
	all := draw.New(canvas)
	for i, row := range rows {
		for j := range row {
			p, err := row[j].plot()
			if err != nil {
				return err
			}
			size := width / vg.Length(len(row))
			top, left := total-rowSize*vg.Length(i), size*vg.Length(j)
			panel := all
			panel.Rectangle = vg.Rectangle{
				Min: vg.Point{X: left + rowHeight + margin, Y: top - rowSize + rowHeight + margin},
				Max: vg.Point{X: left + size - margin, Y: top - margin},
			}
			p.Draw(panel)
			row[j].labels(panel, p)
		}
	}
	p := plot.New()
	p.X.Label.TextStyle.Font.Size = textSize
	for i, title := range legend.Columns {
		legend.legend(all, p, i, title, below-margin)
	}
	return write(canvas, file)
}

func write(canvas *vgimg.Canvas, file string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(out); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

func (f *Panel) plot() (*plot.Plot, error) {
	p := plot.New()
	p.BackgroundColor = color.White
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Scale = plot.LogScale{}
		axis.Tick.Marker = decades{}
		axis.Label.TextStyle.Font.Size = textSize
		axis.Tick.Label.Font.Size = textSize
		axis.Padding = 0
	}
	if f.XTicks != nil {
		p.X.Tick.Marker = f.XTicks
	}
	if f.YTicks != nil {
		p.Y.Tick.Marker = f.YTicks
	}
	grid := plotter.NewGrid()
	for _, style := range []*draw.LineStyle{&grid.Vertical, &grid.Horizontal} {
		style.Color, style.Width, style.Dashes = color.Gray{0xe4}, 0.4, nil
	}
	p.Add(grid)
	for _, c := range f.Curves {
		line, points, err := c.plotters()
		if err != nil {
			return nil, err
		}
		if len(c.X) > 1 {
			p.Add(line)
		}
		if c.Glyph != nil {
			p.Add(points)
		}
	}
	limit := func(axis *plot.Axis, r [2]float64) {
		if r[0] > 0 {
			axis.Min, axis.Max = r[0], r[1]
			return
		}
		const share = 0.04 // of the axis's length
		room := math.Pow(axis.Max/axis.Min, share)
		axis.Min, axis.Max = axis.Min/room, axis.Max*room
	}
	limit(&p.X, f.XRange)
	limit(&p.Y, f.YRange)
	return p, nil
}

// labels writes those of the axes. Package plot would take a label to lie at the
// middle value, which on a logarithmic axis is at its end, and leave room there.
func (f *Panel) labels(panel draw.Canvas, p *plot.Plot) {
	style := p.X.Label.TextStyle
	style.XAlign, style.YAlign = draw.XCenter, draw.YCenter
	inside := p.DataCanvas(panel).Rectangle
	middle := vg.Point{X: (inside.Min.X + inside.Max.X) / 2, Y: (inside.Min.Y + inside.Max.Y) / 2}
	panel.FillText(style, vg.Point{X: middle.X, Y: panel.Min.Y - rowHeight/2}, f.X)
	style.Rotation = math.Pi / 2
	panel.FillText(style, vg.Point{X: panel.Min.X - rowHeight/2 - margin/2, Y: middle.Y}, f.Y)
}

func (c *Curve) plotters() (*plotter.Line, *plotter.Scatter, error) {
	xy := make(plotter.XYs, len(c.X))
	for i := range xy {
		xy[i] = plotter.XY{X: c.X[i], Y: c.Y[i]}
	}
	line, points, err := plotter.NewLinePoints(xy)
	if err != nil {
		return nil, nil, err
	}
	line.Color, line.Width, line.Dashes = c.Colour, lineWidth, c.Dashes
	points.Color, points.Shape, points.Radius = c.Colour, c.Glyph, 2
	return line, points, nil
}

// legend writes a column of it, from the given height downwards.
func (f *Panel) legend(all draw.Canvas, p *plot.Plot, column int, title string, top vg.Length) {
	const sample = 7 * vg.Millimeter
	left := all.Min.X + 2*margin + (width-3*margin)*vg.Length(column)/vg.Length(len(f.Columns))
	y := all.Min.Y + top - rowHeight/2
	style := p.X.Label.TextStyle
	style.XAlign, style.YAlign = draw.XLeft, draw.YCenter
	heading := style
	heading.Color = Grey
	all.FillText(heading, vg.Point{X: left, Y: y}, title)
	for _, c := range f.Curves {
		if c.Column != column || c.Name == "" {
			continue
		}
		y -= rowHeight
		if len(c.X) > 1 {
			all.StrokeLine2(draw.LineStyle{Color: c.Colour, Width: lineWidth, Dashes: c.Dashes}, left, y, left+sample, y)
		}
		if c.Glyph != nil {
			all.DrawGlyph(draw.GlyphStyle{Color: c.Colour, Radius: 2, Shape: c.Glyph}, vg.Point{X: left + sample/2, Y: y})
		}
		all.FillText(style, vg.Point{X: left + sample + margin/2, Y: y}, c.Name)
	}
}

// decades are ticks at the powers of ten, labelled so that there is room, and
// at their multiples where the axis is short.
type decades struct{}

func (decades) Ticks(low, high float64) []plot.Tick {
	from, to := int(math.Floor(math.Log10(low))), int(math.Ceil(math.Log10(high)))
	every := 1 + (to-from)/7
	var ticks []plot.Tick
	add := func(value float64, label string) {
		const rounding = 1e-9
		if value >= low*(1-rounding) && value <= high*(1+rounding) {
			ticks = append(ticks, plot.Tick{Value: value, Label: label})
		}
	}
	for e := from; e <= to; e++ {
		power := math.Pow(10, float64(e))
		label := ""
		if e%every == 0 {
			label = strconv.FormatFloat(power, 'g', -1, 64)
		}
		add(power, label)
		if every > 1 {
			continue
		}
		for k := 2.0; k < 10; k++ {
			add(k*power, "")
		}
	}
	return ticks
}

// At are ticks at the given values.
type At []float64

// Ticks returns those within the axis.
func (a At) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for _, x := range a {
		if x >= low && x <= high {
			ticks = append(ticks, plot.Tick{Value: x, Label: strconv.FormatFloat(x, 'g', -1, 64)})
		}
	}
	return ticks
}
