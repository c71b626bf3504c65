package plotting

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot/vg"
)

// HeadsInput holds what [Heads] draws.
type HeadsInput struct {
	// Subject is written above the figure, such as "tiny-text"; it may hold [Subscripts].
	Subject string
	// Layers and Heads are the size of the matrix.
	Layers, Heads int
	// Values are a number of each head [Layers, Heads]; NaN and ±Inf are missing. nil leaves a panel
	// that says so.
	Values []float64
	// Label names the values, with their unit in brackets; it may hold [Subscripts].
	Label string
	// Meaning says in a sentence what the values are, for the caption.
	Meaning string
	// Log spaces colours by the logarithm; values of 0 or below are then grey.
	Log bool
	// Least and Most are the ends of the colour scale; both 0 are the values' own.
	Least, Most float64
	// Whole says that values are whole numbers.
	Whole bool
	// Width is the figure's width; 0 is SingleColumn.
	Width vg.Length
}

// Heads draws a number of each head of a model in colour, layers from top to bottom and heads from
// left to right. Cells hold their numbers where these find room. Missing values are white.
func Heads(in HeadsInput) (*Figure, error) {
	width, err := widthOr("heads", in.Width, SingleColumn)
	if err != nil {
		return nil, err
	}
	if in.Layers < 0 || in.Heads < 0 {
		return nil, fmt.Errorf("plotting: heads: Layers × Heads is %d × %d, want the numbers of both", in.Layers, in.Heads)
	}
	if in.Values != nil {
		if err := shape("heads", "Values", len(in.Values), in.Layers*in.Heads, fmt.Sprintf("%d layers × %d heads", in.Layers, in.Heads)); err != nil {
			return nil, err
		}
	}
	f := &Figure{Name: "heads", Width: width}
	scale := headScale(in)
	bar := &colourBar{scale: scale, label: cleanMarked(in.Label)}
	pl := headPanel(in, scale)
	// The bar's room follows from its ticks, and these from its height.
	high := vg.Length(0)
	var area vg.Rectangle
	top := f.header(in.Subject)
	for range 4 {
		bar.area = rect(0, 0, barWidth, high)
		left := pl.y.left() + figureInset
		wide := max(leastHeatWidth, width-left-bar.room())
		high = heatHeight(in, wide, bar)
		pl.x.ticks, pl.y.ticks = indexTicks(in.Heads, wide, 2.2), indexTicks(in.Layers, high, 1.12)
		area = rect(left, top, left+wide, top+high)
	}
	f.Height = area.Max.Y + pl.x.below() + figureInset
	pl.area = f.fromTop(area)
	below := vg.Length(0)
	if scale.under+scale.missing > 0 {
		below = 22 // for the boxes of what has no colour
	}
	bar.area = rect(pl.area.Max.X+barGap, pl.area.Min.Y+below, pl.area.Max.X+barGap+barWidth, pl.area.Max.Y)
	f.add(f.subject(in.Subject)...)
	f.add(pl)
	if len(in.Values) > 0 {
		f.add(bar)
	}
	captionHeads(f, in, scale)
	return f, nil
}

// The least that a matrix of heads takes: its axes and its bar are to be read.
const (
	leastHeatWidth  = 40
	leastHeatHeight = 96
)

// heatHeight is that of the matrix: cells are squares, but for those of a model with few layers or
// a great many, and never less than the bar's label is long.
func heatHeight(in HeadsInput, wide vg.Length, bar *colourBar) vg.Length {
	least := max(leastHeatHeight, textFace.width(bar.label)+4)
	side := wide / vg.Length(max(1, in.Heads))
	return min(max(least, side*vg.Length(in.Layers)), max(least, 1.6*wide))
}

// indexTicks numbers things from 0 on, such that the numbers, so many times their size apart, do
// not touch.
func indexTicks(n int, length vg.Length, apart float64) []tick {
	every := stride(n, length*vg.Length(1.12/apart))
	var ticks []tick
	for i := 0; i < n; i += every {
		ticks = append(ticks, tick{at: float64(i), label: strconv.Itoa(i)})
	}
	return ticks
}

func headPanel(in HeadsInput, scale *colourScale) *panel {
	pl := &panel{
		x: axis{lo: -0.5, hi: float64(in.Heads) - 0.5, label: "head (–)"},
		y: axis{lo: float64(in.Layers) - 0.5, hi: -0.5, label: "layer (–)"}, // layer 0 on top
	}
	if len(in.Values) == 0 {
		pl.empty = "there are no numbers"
		return pl
	}
	pl.add(&raster{matrixImage(scale, in.Values, in.Layers, in.Heads)}, &cellNumbers{in, scale})
	return pl
}

// headScale spans the values, whole decades where colours are spaced by the logarithm.
func headScale(in HeadsInput) *colourScale {
	s := spanOf(in.Values)
	var along axis
	if in.Log {
		along, _ = s.logarithmic(0)
		if in.Most > in.Least && in.Least > 0 {
			along.lo, along.hi = in.Least, in.Most
		} else {
			along.lo, along.hi = math.Pow(10, math.Floor(math.Log10(along.lo)+1e-9)), math.Pow(10, math.Ceil(math.Log10(along.hi)-1e-9))
		}
	} else {
		along = s.linear(0)
		if in.Most > in.Least {
			along.lo, along.hi = in.Least, in.Most
		}
	}
	return &colourScale{colour: viridis, along: &along}
}

// cellNumbers writes each cell's value into it, if the longest finds room.
type cellNumbers struct {
	in    HeadsInput
	scale *colourScale
}

func (c *cellNumbers) draw(p *page, pl *panel) {
	size, widest := pl.area.Size(), vg.Length(0)
	texts := make([]string, len(c.in.Values))
	for i, x := range c.in.Values {
		if finite(x) {
			texts[i] = cellText(x, c.in.Whole)
			widest = max(widest, textFace.width(texts[i]))
		}
	}
	if widest+4 > size.X/vg.Length(c.in.Heads) || sizeText*1.3 > size.Y/vg.Length(c.in.Layers) {
		return
	}
	for i, x := range c.in.Values {
		face := textFace
		if finite(x) && dark(c.scale.colourOf(x)) {
			face.colour = white
		}
		p.text(face, texts[i], pl.point(float64(i%c.in.Heads), float64(i/c.in.Heads)), 0.5, 0.5, 0)
	}
}

// cellText is a number of two digits.
func cellText(x float64, whole bool) string {
	switch a := math.Abs(x); {
	case x == 0:
		return "0"
	case a >= 1e4 || a < 1e-2:
		m, e := mantissa(x)
		return minus(m) + "e" + minus(e)
	case whole || a >= 10:
		return minus(strconv.FormatFloat(x, 'f', 0, 64))
	case a >= 1:
		return minus(strconv.FormatFloat(x, 'f', 1, 64))
	}
	return minus(strconv.FormatFloat(x, 'f', 2, 64))
}

// mantissa parts a number of one digit from its power of ten.
func mantissa(x float64) (m, power string) {
	text := strconv.FormatFloat(x, 'e', 0, 64)
	for i, r := range text {
		if r == 'e' {
			n, _ := strconv.Atoi(text[i+1:]) // FormatFloat wrote it
			return text[:i], strconv.Itoa(n)
		}
	}
	return text, "0"
}

// dark says whether white is to be read better on a colour than black is: its relative luminance
// (WCAG 2) is below 0.18.
func dark(c color.NRGBA) bool {
	linear := func(v uint8) float64 {
		if x := float64(v) / 255; x > 0.04045 {
			return math.Pow((x+0.055)/1.055, 2.4)
		} else {
			return x / 12.92
		}
	}
	return float64(0.2126*linear(c.R))+float64(0.7152*linear(c.G))+float64(0.0722*linear(c.B)) < 0.18
}

func captionHeads(f *Figure, in HeadsInput, scale *colourScale) {
	f.setCaption(in.Subject,
		cleanMarked(in.Meaning),
		"Rows are the layers of the model, the first on top, and columns the heads of a layer; both are counted from 0.",
		when(in.Log, "Colours are spaced by the logarithm."),
		when(scale.under > 0, "Grey cells are 0 or below."),
		when(scale.missing > 0, "White cells are missing."))
	f.setData(len(in.Values), counts("layer", func(row int) int { return row / in.Heads }), counts("head", func(row int) int { return row % in.Heads }),
		floats("value", in.Values))
}
