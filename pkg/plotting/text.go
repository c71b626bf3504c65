package plotting

import (
	"image/color"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"

	xfont "golang.org/x/image/font"
)

// Marks inside our own labels. They are control characters, so that text from
// a user, which clean strips of them, is never taken for markup.
const (
	markUp    = '\x01' // superscript follows
	markDown  = '\x02' // subscript follows
	markPlain = '\x03' // back to the line
)

func sup(s string) string { return string(markUp) + s + string(markPlain) }

// Subscripts sets the letter behind each "_" lower and smaller, in a subject or the
// label of an axis: "τ_p", "‖H‖_F (–)".
func Subscripts(s string) string {
	parts := strings.Split(s, "_")
	for i, part := range parts[1:] {
		if _, first := utf8.DecodeRuneInString(part); first > 0 {
			parts[i+1] = string(markDown) + part[:first] + string(markPlain) + part[first:]
		}
	}
	return strings.Join(parts, "")
}

// Sizes of text, in points.
const (
	sizeText  = 7.0 // tick labels, axis labels, legends
	sizeTitle = 8.0
	sizeLeast = 6.0  // of a super- or subscript, which is legible in print
	scriptTo  = 0.75 // size of a super- or subscript relative to its line, where that is more
	capHeight = 0.716
	lineSkip  = 1.25 // distance of two lines relative to their size
)

// typeface is one size and weight of Liberation Sans.
type typeface struct {
	size   vg.Length
	bold   bool
	colour color.NRGBA
}

var (
	textFace  = typeface{size: sizeText, colour: ink}
	titleFace = typeface{size: sizeTitle, colour: ink}
	boldFace  = typeface{size: sizeTitle, bold: true, colour: ink}
	greyFace  = typeface{size: sizeText, colour: dim}
)

// faceOf looks the font up among those embedded in the program.
func faceOf(t typeface, size vg.Length) font.Face {
	want := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if t.bold {
		want.Weight = xfont.WeightBold
	}
	for _, f := range liberation.Collection() {
		if f.Font == want {
			f.Font.Size = size
			return f
		}
	}
	panic("plotting: Liberation Sans is missing from the font collection")
}

// run is a stretch of text on one baseline.
type run struct {
	text string
	size vg.Length
	rise vg.Length
}

// runs splits a label at its marks.
func runs(s string, size vg.Length) []run {
	var out []run
	now := run{size: size}
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			now.text = b.String()
			out = append(out, now)
			b.Reset()
		}
	}
	for _, r := range s {
		switch r {
		case markUp:
			flush()
			now = run{size: max(sizeLeast, size*scriptTo), rise: size * 0.36}
		case markDown:
			flush()
			now = run{size: max(sizeLeast, size*scriptTo), rise: -size * 0.16}
		case markPlain:
			flush()
			now = run{size: size}
		default:
			b.WriteRune(r)
		}
	}
	flush()
	return out
}

// anchor is the place of a text of one run that stays where it is in whatever
// font a reader of SVG has; of several runs each stays at its left end.
func anchor(hx float64, runs int) float64 {
	if runs > 1 {
		return 0
	}
	return hx
}

// width is the length of a one-line label.
func (t typeface) width(s string) vg.Length {
	var w vg.Length
	for _, r := range runs(s, t.size) {
		f := faceOf(t, r.size)
		w += f.Width(r.text)
	}
	return w
}

// widest is the length of the longest of several labels.
func (t typeface) widest(labels []string) vg.Length {
	var w vg.Length
	for _, s := range labels {
		w = max(w, t.width(s))
	}
	return w
}

// text draws one line. The point of the line that comes to lie at `at` is hx of
// its width from the left (0, ½, 1) and vy of its capitals' height from the
// baseline; angle turns it anticlockwise about that point, in radians.
func (p *page) text(t typeface, s string, at vg.Point, hx, vy, angle float64) {
	if s == "" {
		return
	}
	p.SetColor(t.colour)
	x, y := -vg.Length(hx)*t.width(s), -vg.Length(vy)*t.size*capHeight
	raster, _ := p.Canvas.(*pngCanvas)
	turned := raster != nil && angle == quarter
	switch {
	case angle == 0:
		x, y = x+at.X, y+at.Y
	case !turned:
		p.Push()
		p.Translate(at)
		p.Rotate(angle)
		defer p.Pop()
	}
	parts := runs(s, t.size)
	if c, ok := p.Canvas.(*svgCanvas); ok {
		c.anchor = anchor(hx, len(parts))
	}
	for _, r := range parts {
		f := faceOf(t, r.size)
		// SVG drops spaces at the ends, so they are not handed over.
		body := strings.TrimLeft(r.text, " ")
		lead := f.Width(r.text) - f.Width(body)
		if body = strings.TrimRight(body, " "); body != "" {
			switch pt := (vg.Point{X: x + lead, Y: y + r.rise}); {
			case turned:
				raster.fillString(t.colour, f, vg.Point{X: at.X - pt.Y, Y: at.Y + pt.X}, body, true)
			case raster != nil && angle == 0:
				raster.fillString(t.colour, f, pt, body, false)
			default:
				p.FillString(f, pt, body)
			}
		}
		x += f.Width(r.text)
	}
}

// clean makes a string from outside printable: no control characters, no
// characters that the font lacks (□ stands for them), "_" for the word marker
// of SentencePiece vocabularies.
func clean(s string) string {
	f := faceOf(textFace, sizeText)
	var buf sfnt.Buffer
	return strings.Map(func(r rune) rune {
		switch {
		case r == '▁':
			return '_'
		case unicode.IsControl(r):
			return ' '
		}
		if i, err := f.Face.GlyphIndex(&buf, r); err != nil || i == 0 {
			return '□'
		}
		return r
	}, s)
}

// cleanMarked is clean for a text that may hold a [Subscripts].
func cleanMarked(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == markUp || r == markDown || r == markPlain {
			b.WriteRune(r)
		} else {
			b.WriteString(clean(string(r)))
		}
	}
	return b.String()
}

// shorten cleans a string and cuts it to at most n characters.
func shorten(s string, n int) string {
	r := []rune(clean(s))
	if len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return string(r)
}

// wrap breaks a sentence into lines no longer than width where its spaces allow;
// no-break spaces hold.
func (t typeface) wrap(s string, width vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Split(s, " ") {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && t.width(longer) > width {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// label is a line of text as an element of a figure.
type label struct {
	face   typeface
	text   string
	at     vg.Point
	hx, vy float64
	angle  float64
}

func (l *label) draw(p *page) { p.text(l.face, l.text, l.at, l.hx, l.vy, l.angle) }

// quarter is a quarter turn.
const quarter = math.Pi / 2
