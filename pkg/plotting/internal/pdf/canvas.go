// Package pdf is a canvas of gonum/plot that writes one page of PDF 1.7.
//
// It exists because the backend that comes with gonum/plot knows the characters
// of code page 1252 only, stamps the time, orders fonts and images by a map, and
// needs a temporary directory. Here text is any character that the font has and
// can be searched and copied; fonts are embedded and reduced to the glyphs in
// use; the same drawing gives the same bytes.
//
//	c := pdf.New(85*vg.Millimeter, 60*vg.Millimeter)
//	…draw on c…
//	err := c.Write(w)
//
// Reference: ISO 32000-1:2008.
package pdf

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// Canvas is a vg.Canvas; its coordinates are points from the lower left corner,
// which are PDF's own.
type Canvas struct {
	width, height vg.Length
	content       bytes.Buffer
	wanted, set   state // set is what the content stream says so far
	saved         []state
	alphas        []uint8 // opacities in use, in order of first use
	fonts         []*typeface
	images        []*image.NRGBA
}

// state is the part of the graphics state that vg.Canvas controls.
type state struct {
	colour color.NRGBA
	alpha  uint8
	width  vg.Length
	dashes string
}

var _ vg.CanvasSizer = (*Canvas)(nil)

// New returns an empty page.
func New(width, height vg.Length) *Canvas {
	c := &Canvas{width: width, height: height}
	// PDF's own initial state: black, opaque, 1 pt, solid.
	c.set = state{colour: color.NRGBA{A: 0xff}, alpha: 0xff, width: 1, dashes: "[] 0"}
	c.wanted = c.set
	return c
}

// Size returns the size of the page.
func (c *Canvas) Size() (width, height vg.Length) { return c.width, c.height }

// num formats a coordinate to a ten-thousandth of a point.
func num[T ~float64](x T) string {
	r := math.Round(float64(x)*1e4) / 1e4
	if r == 0 { // not "-0"
		return "0"
	}
	return strconv.FormatFloat(r, 'f', -1, 64)
}

func (c *Canvas) op(format string, args ...any) {
	fmt.Fprintf(&c.content, format+"\n", args...)
}

// SetLineWidth implements vg.Canvas.
func (c *Canvas) SetLineWidth(w vg.Length) { c.wanted.width = w }

// SetLineDash implements vg.Canvas.
func (c *Canvas) SetLineDash(pattern []vg.Length, offset vg.Length) {
	s := "["
	for i, d := range pattern {
		if i > 0 {
			s += " "
		}
		s += num(d)
	}
	c.wanted.dashes = s + "] " + num(offset)
}

// SetColor implements vg.Canvas.
func (c *Canvas) SetColor(clr color.Color) {
	if clr == nil {
		clr = color.Black
	}
	n := color.NRGBAModel.Convert(clr).(color.NRGBA)
	c.wanted.alpha = n.A
	n.A = 0xff
	c.wanted.colour = n
}

// Rotate implements vg.Canvas.
func (c *Canvas) Rotate(angle float64) {
	sin, cos := math.Sincos(angle)
	c.op("%s %s %s %s 0 0 cm", num(cos), num(sin), num(-sin), num(cos))
}

// Translate implements vg.Canvas.
func (c *Canvas) Translate(pt vg.Point) { c.op("1 0 0 1 %s %s cm", num(pt.X), num(pt.Y)) }

// Scale implements vg.Canvas.
func (c *Canvas) Scale(x, y float64) { c.op("%s 0 0 %s 0 0 cm", num(x), num(y)) }

// Push implements vg.Canvas.
func (c *Canvas) Push() {
	c.op("q")
	c.saved = append(c.saved, c.wanted, c.set)
}

// Pop implements vg.Canvas.
func (c *Canvas) Pop() {
	c.op("Q")
	n := len(c.saved)
	c.wanted, c.set = c.saved[n-2], c.saved[n-1]
	c.saved = c.saved[:n-2]
}

// settle writes what has changed since the last painting operator.
func (c *Canvas) settle() {
	w := c.wanted
	if w.colour != c.set.colour {
		rgb := num(float64(w.colour.R)/255) + " " + num(float64(w.colour.G)/255) + " " + num(float64(w.colour.B)/255)
		c.op("%s rg %s RG", rgb, rgb)
	}
	if w.alpha != c.set.alpha {
		i := slices.Index(c.alphas, w.alpha)
		if i < 0 {
			i = len(c.alphas)
			c.alphas = append(c.alphas, w.alpha)
		}
		c.op("/A%d gs", i)
	}
	if w.width != c.set.width {
		c.op("%s w", num(w.width))
	}
	if w.dashes != c.set.dashes {
		c.op("%s d", w.dashes)
	}
	c.set = w
}

// Stroke implements vg.Canvas.
func (c *Canvas) Stroke(path vg.Path) {
	if c.wanted.width > 0 {
		c.settle()
		c.outline(path)
		c.op("S")
	}
}

// Fill implements vg.Canvas.
func (c *Canvas) Fill(path vg.Path) {
	c.settle()
	c.outline(path)
	c.op("f")
}

func (c *Canvas) outline(path vg.Path) {
	var at vg.Point
	for _, s := range path {
		switch s.Type {
		case vg.MoveComp:
			c.op("%s %s m", num(s.Pos.X), num(s.Pos.Y))
		case vg.LineComp:
			c.op("%s %s l", num(s.Pos.X), num(s.Pos.Y))
		case vg.ArcComp:
			s.Pos = c.arc(s)
		case vg.CurveComp:
			c.curve(at, s)
		case vg.CloseComp:
			c.op("h")
			continue
		}
		at = s.Pos
	}
}

// curve writes a Bézier segment, a quadratic one by the cubic that equals it.
func (c *Canvas) curve(from vg.Point, s vg.PathComp) {
	a, b := s.Control[0], s.Control[len(s.Control)-1]
	if len(s.Control) == 1 {
		a = from.Add(a.Sub(from).Scale(2.0 / 3))
		b = s.Pos.Add(b.Sub(s.Pos).Scale(2.0 / 3))
	}
	c.op("%s %s %s %s %s %s c", num(a.X), num(a.Y), num(b.X), num(b.Y), num(s.Pos.X), num(s.Pos.Y))
}

// arc writes a circular arc as cubics of an eighth turn or less (off by less
// than 5e-6 of the radius) behind a line to its start; it returns its end.
func (c *Canvas) arc(s vg.PathComp) vg.Point {
	on := func(angle float64) (pt, along vg.Point) {
		sin, cos := math.Sincos(angle)
		r := float64(s.Radius)
		return s.Pos.Add(vg.Point{X: vg.Length(r * cos), Y: vg.Length(r * sin)}),
			vg.Point{X: vg.Length(-r * sin), Y: vg.Length(r * cos)}
	}
	pieces := max(1, int(math.Ceil(math.Abs(s.Angle)/(math.Pi/4))))
	step := s.Angle / float64(pieces)
	handle := vg.Length(4.0 / 3 * math.Tan(step/4))
	from, along := on(s.Start)
	c.op("%s %s l", num(from.X), num(from.Y))
	for i := range pieces {
		to, next := on(s.Start + step*float64(i+1))
		a, b := from.Add(along.Scale(handle)), to.Sub(next.Scale(handle))
		c.curve(from, vg.PathComp{Pos: to, Control: []vg.Point{a, b}})
		from, along = to, next
	}
	return from
}

// FillString implements vg.Canvas. Characters that the font lacks show its box.
func (c *Canvas) FillString(f font.Face, pt vg.Point, text string) {
	if f.Font.Size == 0 || text == "" {
		return
	}
	c.settle()
	i := slices.IndexFunc(c.fonts, func(t *typeface) bool { return t.name == f.Name() })
	if i < 0 {
		i = len(c.fonts)
		c.fonts = append(c.fonts, newTypeface(f))
	}
	c.op("BT /F%d %s Tf %s %s Td [%s] TJ ET", i, num(f.Font.Size), num(pt.X), num(pt.Y), c.fonts[i].show(text))
}

// DrawImage implements vg.Canvas.
func (c *Canvas) DrawImage(r vg.Rectangle, img image.Image) {
	b := img.Bounds()
	n := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(n, n.Bounds(), img, b.Min, draw.Src)
	c.wanted.alpha = 0xff // an image is as opaque as its pixels
	c.settle()
	size := r.Size()
	c.op("q %s 0 0 %s %s %s cm /I%d Do Q", num(size.X), num(size.Y), num(r.Min.X), num(r.Min.Y), len(c.images))
	c.images = append(c.images, n)
}
