package plotting

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
)

// Colour norms of the attention figure: attention is heavy-tailed, so that equal
// steps of colour for equal steps of attention show a few cells and a void.
const (
	NormSqrt   = "sqrt" // the default
	NormLinear = "linear"
	NormLog    = "log" // from the largest value down to 1e-4 of it
)

// logFloor is the least value that a log norm tells apart, relative to the largest.
const logFloor = 1e-4

// negligible is how far below 0, relative to the scale's top, a value may lie to
// have the colour of 0: a square root makes 3 % of the scale of it.
const negligible = 1e-3

var (
	underColour   = color.NRGBA{0xa8, 0xa8, 0xa8, 0xff} // values below 0 on a sequential scale
	missingColour = white                               // NaN and ±Inf
)

const missingText = "missing"

// colourScale takes values to colours. A sequential one runs from 0 to top, a
// signed one from −top to top.
type colourScale struct {
	norm   string
	top    float64
	signed bool
	colour colourMap
	along  *axis // where not nil, the scale is that of this axis; on a log one, what is 0 or below is under it

	clipped, under, missing int // values that scale, drawn so far, has no colour for
}

// fraction is the place of a value on the colour bar, before clipping.
func (s *colourScale) fraction(x float64) float64 {
	if s.along != nil {
		return s.along.at(x)
	}
	if s.signed {
		return (1 + math.Copysign(s.squeeze(math.Abs(x)/s.top), x)) / 2
	}
	return s.squeeze(x / s.top)
}

func (s *colourScale) squeeze(x float64) float64 {
	switch s.norm {
	case NormLinear:
		return x
	case NormLog:
		return 1 - math.Log(max(x, logFloor))/math.Log(logFloor)
	}
	return math.Sqrt(max(x, 0))
}

// of colours a value and counts it where it lies outside the scale.
func (s *colourScale) of(x float64) color.NRGBA {
	switch {
	case !finite(x):
		s.missing++
		return missingColour
	case s.along != nil:
		if s.along.log && x <= 0 {
			s.under++
			return underColour
		}
	case x < -negligible*s.top && !s.signed:
		s.under++
		return underColour
	case math.Abs(x) > s.top*(1+1e-12):
		s.clipped++
	}
	return s.colour(s.fraction(x))
}

// colourOf is the colour of a value that is not counted.
func (s *colourScale) colourOf(x float64) color.NRGBA {
	uncounted := *s
	return uncounted.of(x)
}

// matrixImage colours a row-major rows × columns matrix, row 0 on top.
func matrixImage(s *colourScale, x []float64, rows, columns int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, columns, rows))
	for i, v := range x {
		img.SetNRGBA(i%columns, i/columns, s.of(v))
	}
	return img
}

// leastTop is the least top of a scale, below which digits are lost.
const leastTop = 1e-300

// sharedScale spans the finite values of several attention matrices, up to 1:
// softmax attention cannot exceed it, and a network that does is clipped there.
func sharedScale(norm string, matrices ...[]float64) *colourScale {
	s := spanOf(matrices...)
	top := min(s.hi, 1)
	if s.count == 0 || !(top > leastTop) {
		top = 1
	}
	return &colourScale{norm: norm, top: top, colour: viridis}
}

// signedScale spans the differences, no further than most to either side.
func signedScale(norm string, difference []float64, most float64) *colourScale {
	if norm == NormLog {
		norm = NormSqrt // a signed logarithm has no place for 0
	}
	s := spanOf(difference)
	top := min(max(s.hi, -s.lo), most)
	if s.count == 0 || !(top > leastTop) {
		top = most
	}
	return &colourScale{norm: norm, top: top, signed: true, colour: diverging()}
}

// colourBar is the legend of a colour scale, upright, its text at the right.
type colourBar struct {
	area  vg.Rectangle
	scale *colourScale
	label string
	note  string // on a second line where the bar is too short for one
}

// Room that a colour bar takes beside a panel; barRoom is for a label of one line
// and ticks of five digits.
const (
	barGap   = 7.0
	barWidth = 7.0
	barRoom  = barGap + barWidth + tickLength + tickGap + 20 + labelGap + sizeText + figureInset
)

// lines are the label and the note, in one line where they fit.
func (b *colourBar) lines() []string {
	if b.note == "" {
		return []string{b.label}
	}
	one := b.label + ", " + b.note
	if textFace.width(one) <= b.area.Size().Y+12 {
		return []string{one}
	}
	return []string{b.label, b.note}
}

// room is what the bar takes at the right of its panel, gap included.
func (b *colourBar) room() vg.Length {
	room := vg.Length(barGap + barWidth + tickLength + tickGap + labelGap + sizeText + figureInset)
	room += vg.Length(len(b.lines())-1) * sizeText * lineSkip
	return room + b.widest()
}

// widest is the length of the longest tick label.
func (b *colourBar) widest() vg.Length {
	var w vg.Length
	for _, t := range b.ticks() {
		w = max(w, textFace.width(t.label))
	}
	if b.scale.missing > 0 {
		w = max(w, textFace.width(missingText))
	}
	return w
}

// normNote says how colours are spaced.
func normNote(norm string) string {
	switch norm {
	case NormLinear:
		return "linear colours"
	case NormLog:
		return "log colours"
	}
	return "square-root colours"
}

func (b *colourBar) draw(p *page) {
	const steps = 256
	img := image.NewNRGBA(image.Rect(0, 0, 1, steps))
	for i := range steps {
		img.SetNRGBA(0, steps-1-i, b.scale.colour((float64(i)+0.5)/steps))
	}
	pen := stroke{colour: ink, width: frameWidth}
	p.cells(b.area, img)
	p.frame(pen, b.area)
	b.drawExtremes(p, pen)
	for _, t := range b.ticks() {
		at := vg.Point{X: b.area.Max.X, Y: b.area.Min.Y + vg.Length(b.scale.fraction(t.at))*b.area.Size().Y}
		p.polyline(pen, at, vg.Point{X: at.X + tickLength, Y: at.Y})
		at.X += tickLength + tickGap
		p.text(textFace, t.label, at, 0, 0.5, 0)
	}
	at := vg.Point{X: b.area.Max.X + tickLength + tickGap + b.widest() + labelGap + sizeText/2, Y: (b.area.Min.Y + b.area.Max.Y) / 2}
	for _, line := range b.lines() {
		p.text(textFace, line, at, 0.5, 0.5, quarter)
		at.X += sizeText * lineSkip
	}
}

// underText is the label of values that a scale does not reach down to.
func (s *colourScale) underText() string {
	if s.along != nil {
		return "≤ 0"
	}
	return "< 0"
}

// drawExtremes adds an arrow head at the end beyond which values are clipped,
// and a box for values below 0 and missing ones, if there are any.
func (b *colourBar) drawExtremes(p *page, pen stroke) {
	x0, x1 := b.area.Min.X, b.area.Max.X
	if b.scale.clipped > 0 {
		tip := []vg.Point{{X: x0, Y: b.area.Max.Y}, {X: x1, Y: b.area.Max.Y}, {X: (x0 + x1) / 2, Y: b.area.Max.Y + 6}}
		p.polygon(b.scale.colour(1), tip...)
		p.outline(pen, tip...)
	}
	y := b.area.Min.Y - 5.5
	box := func(c color.NRGBA, text string) {
		p.fillRect(c, rect(x0, y-6, x1, y))
		p.frame(pen, rect(x0, y-6, x1, y))
		p.text(textFace, text, vg.Point{X: x1 + tickLength + tickGap, Y: y - 3}, 0, 0.5, 0)
		y -= 9
	}
	if b.scale.under > 0 {
		box(underColour, b.scale.underText())
	}
	if b.scale.missing > 0 {
		box(missingColour, missingText)
	}
}

// ticks labels 0 and the values 1, 2 and 5 times powers of ten that find room,
// the largest first.
func (b *colourBar) ticks() []tick {
	if along := b.scale.along; along != nil {
		along.mark(max(2, int(b.area.Size().Y/(sizeText*2))))
		return along.ticks
	}
	spacing := float64(sizeText*1.4) / max(1, float64(b.area.Size().Y))
	var ticks []tick
	room := func(x float64) bool {
		for _, t := range ticks {
			if math.Abs(b.scale.fraction(t.at)-b.scale.fraction(x)) < spacing {
				return false
			}
		}
		return true
	}
	add := func(x float64, label string) {
		if room(x) {
			ticks = append(ticks, tick{at: x, label: label})
		}
	}
	if b.scale.norm != NormLog {
		add(0, "0")
	} else {
		add(b.scale.top*logFloor, "≤"+oneDigit(b.scale.top*logFloor))
	}
	const decades = 4
	for d := math.Floor(math.Log10(b.scale.top)); d >= math.Floor(math.Log10(b.scale.top))-decades; d-- {
		for _, m := range []float64{5, 2, 1} {
			x := m * math.Pow(10, d)
			if x > b.scale.top*(1+1e-9) || b.scale.norm == NormLog && m != 1 {
				continue
			}
			add(x, fixed(1, m, int(d)))
			if b.scale.signed {
				add(-x, minus(fmt.Sprintf("-%s", fixed(1, m, int(d)))))
			}
		}
	}
	return ticks
}
