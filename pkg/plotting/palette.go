package plotting

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/vg"
)

var (
	ink   = color.NRGBA{0x1a, 0x1a, 0x1a, 0xff}
	dim   = color.NRGBA{0x5a, 0x5a, 0x5a, 0xff}
	faint = color.NRGBA{0xc4, 0xc4, 0xc4, 0xff}
	mist  = color.NRGBA{0xf0, 0xf0, 0xf0, 0xff}
	white = color.NRGBA{0xff, 0xff, 0xff, 0xff}
)

// okabeIto holds the colours of Okabe and Ito (2008) that stand out from white;
// black is kept for references, yellow is left out.
var okabeIto = [...]color.NRGBA{
	{0x00, 0x72, 0xb2, 0xff}, // blue
	{0xd5, 0x5e, 0x00, 0xff}, // vermilion
	{0x00, 0x9e, 0x73, 0xff}, // bluish green
	{0xcc, 0x79, 0xa7, 0xff}, // reddish purple
	{0xe6, 0x9f, 0x00, 0xff}, // orange
	{0x56, 0xb4, 0xe9, 0xff}, // sky blue
}

// hue is the i-th colour of lines and bars, i ≥ 0; they repeat after the sixth.
func hue(i int) color.NRGBA { return okabeIto[i%len(okabeIto)] }

// Colours of bars that are no parts of their own.
var (
	detailColour = color.NRGBA{0xee, 0xa8, 0x72, 0xff} // a cause within a part of hue(1)
	totalColour  = color.NRGBA{0x55, 0x55, 0x55, 0xff} // what the parts add up to
)

func fade(c color.NRGBA, alpha float64) color.NRGBA {
	c.A = uint8(math.Round(255 * alpha))
	return c
}

// dashings distinguish lines without their colour.
var dashings = [...][]vg.Length{
	nil,
	{4, 1.5},
	{1.2, 1.2},
	{5, 1.5, 1.2, 1.5},
	{7, 2},
	{2.5, 1, 1, 1, 1, 1},
}

func dashing(i int) []vg.Length { return dashings[i%len(dashings)] }

// lineLook is how the i-th of many lines looks: colours come again with other shapes and dashes.
func lineLook(i int) (stroke, glyph) {
	round := i / len(okabeIto)
	return stroke{colour: hue(i), width: 1, dashes: dashing(i + round)}, marker(i + round)
}

// viridisNodes are 11 evenly spaced colours of viridis (van der Walt and Smith
// 2015, in the public domain); between them the map is straight in sRGB.
var viridisNodes = [...]color.NRGBA{
	{0x44, 0x01, 0x54, 0xff}, {0x48, 0x24, 0x75, 0xff}, {0x41, 0x44, 0x87, 0xff},
	{0x35, 0x5f, 0x8d, 0xff}, {0x2a, 0x78, 0x8e, 0xff}, {0x21, 0x91, 0x8c, 0xff},
	{0x22, 0xa8, 0x84, 0xff}, {0x44, 0xbf, 0x70, 0xff}, {0x7a, 0xd1, 0x51, 0xff},
	{0xbd, 0xdf, 0x26, 0xff}, {0xfd, 0xe7, 0x25, 0xff},
}

// colourMap takes a fraction in [0, 1] to a colour.
type colourMap func(fraction float64) color.NRGBA

// viridis is the sequential map: dark blue for 0, yellow for 1.
func viridis(fraction float64) color.NRGBA {
	pos := min(max(fraction, 0), 1) * float64(len(viridisNodes)-1)
	i := min(int(pos), len(viridisNodes)-2)
	a, b, w := viridisNodes[i], viridisNodes[i+1], pos-float64(i)
	mix := func(x, y uint8) uint8 { return uint8(math.Round(float64(x)*(1-w) + float64(y)*w)) }
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
}

// diverging returns Moreland's smooth map from blue (0) over grey (½) to red (1),
// tabulated.
func diverging() colourMap {
	const steps = 256
	m := moreland.SmoothBlueRed()
	m.SetMin(0)
	m.SetMax(1)
	return tabulated(m, steps)
}

func tabulated(m palette.ColorMap, steps int) colourMap {
	table := make([]color.NRGBA, steps+1)
	for i := range table {
		c, err := m.At(float64(i) / float64(steps))
		if err != nil {
			panic("plotting: colour map refuses a fraction in [0, 1]: " + err.Error())
		}
		table[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
	}
	return func(fraction float64) color.NRGBA {
		return table[int(math.Round(min(max(fraction, 0), 1)*float64(steps)))]
	}
}

// glyph is the shape of a marker.
type glyph int

const (
	noGlyph glyph = iota
	discGlyph
	ringGlyph
	squareGlyph
	diamondGlyph
	triangleGlyph
	crossGlyph
	openSquareGlyph
	openDiamondGlyph
	openTriangleGlyph
	upGlyph   // an arrow head at the upper edge: the value lies above
	downGlyph // an arrow head at the lower edge
	leftGlyph
	rightGlyph
)

var glyphs = [...]glyph{discGlyph, squareGlyph, triangleGlyph, diamondGlyph, crossGlyph, openSquareGlyph}

func marker(i int) glyph { return glyphs[i%len(glyphs)] }

// Shapes that come filled and open.
var (
	filledGlyphs = [...]glyph{discGlyph, squareGlyph, triangleGlyph, diamondGlyph}
	openGlyphs   = [...]glyph{ringGlyph, openSquareGlyph, openTriangleGlyph, openDiamondGlyph}
)

// mark draws one marker of radius r.
func (p *page) mark(g glyph, c color.NRGBA, at vg.Point, r vg.Length) {
	pt := func(dx, dy vg.Length) vg.Point { return vg.Point{X: at.X + dx*r, Y: at.Y + dy*r} }
	line := stroke{colour: c, width: max(0.5, r*0.45)}
	switch g {
	case discGlyph:
		p.disc(c, at, r)
	case ringGlyph:
		p.ring(line, at, r*0.9)
	case squareGlyph:
		p.polygon(c, pt(-.88, -.88), pt(.88, -.88), pt(.88, .88), pt(-.88, .88))
	case openSquareGlyph:
		p.outline(line, pt(-.8, -.8), pt(.8, -.8), pt(.8, .8), pt(-.8, .8))
	case openDiamondGlyph:
		p.outline(line, pt(-1.1, 0), pt(0, -1.1), pt(1.1, 0), pt(0, 1.1))
	case openTriangleGlyph:
		p.outline(line, pt(-.95, -.7), pt(.95, -.7), pt(0, 1))
	case diamondGlyph:
		p.polygon(c, pt(-1.2, 0), pt(0, -1.2), pt(1.2, 0), pt(0, 1.2))
	case triangleGlyph:
		p.polygon(c, pt(-1.05, -.75), pt(1.05, -.75), pt(0, 1.15))
	case crossGlyph:
		p.polyline(line, pt(-.85, -.85), pt(.85, .85))
		p.polyline(line, pt(-.85, .85), pt(.85, -.85))
	case upGlyph:
		p.polygon(c, pt(-.9, -1.6), pt(.9, -1.6), pt(0, 0))
	case downGlyph:
		p.polygon(c, pt(-.9, 1.6), pt(.9, 1.6), pt(0, 0))
	case leftGlyph:
		p.polygon(c, pt(1.6, -.9), pt(1.6, .9), pt(0, 0))
	case rightGlyph:
		p.polygon(c, pt(-1.6, -.9), pt(-1.6, .9), pt(0, 0))
	}
}
