package plotting

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// svgCanvas is the backend of gonum/plot that keeps texts in their place in any
// font: it remembers how each is anchored and how long it is.
type svgCanvas struct {
	*vgsvg.Canvas
	anchor     float64 // of the next text: the fraction of its length left of the anchor
	attributes []string
}

// FillString implements vg.Canvas.
func (c *svgCanvas) FillString(f font.Face, pt vg.Point, text string) {
	length := f.Width(text)
	var a strings.Builder
	switch c.anchor {
	case 0.5:
		a.WriteString(`text-anchor="middle" `)
	case 1:
		a.WriteString(`text-anchor="end" `)
	}
	if utf8.RuneCountInString(text) > 2 { // two characters could be pushed into one
		fmt.Fprintf(&a, `textLength="%.2f" lengthAdjust="spacingAndGlyphs" `, length.Points())
	}
	c.attributes = append(c.attributes, a.String())
	pt.X += vg.Length(c.anchor) * length
	c.Canvas.FillString(f, pt, text)
}

// writeSVG corrects four things of the backend. It places texts by their left
// ends alone, so that with another font a label would run into its axis. It names
// one font family only, where a reader without Liberation Sans should get one of
// the same widths. It labels PNG images as JPEG. And readers may smooth images,
// which would blur the cells of a matrix.
func (f *Figure) writeSVG(w io.Writer) error {
	c := &svgCanvas{Canvas: vgsvg.New(f.Width, f.Height)}
	f.drawOn(c)
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return f.failed("svg", err)
	}
	fix := strings.NewReplacer(
		"font-family:Liberation Sans;", "font-family:Liberation Sans,Arial,Helvetica,sans-serif;",
		"data:image/jpg;base64,", "data:image/png;base64,",
		"<image x=", `<image style="image-rendering:pixelated" preserveAspectRatio="none" x=`,
	)
	_, err := io.WriteString(w, withAttributes(fix.Replace(b.String()), c.attributes))
	return f.failed("svg", err)
}

// withAttributes adds the i-th attributes to the i-th text element. What a user's
// text holds is escaped and looks like no element.
func withAttributes(svg string, attributes []string) string {
	const element = "<text "
	parts := strings.Split(svg, element)
	if len(parts) != len(attributes)+1 {
		panic(fmt.Sprintf("plotting: SVG has %d texts, drew %d", len(parts)-1, len(attributes)))
	}
	var out strings.Builder
	out.WriteString(parts[0])
	for i, part := range parts[1:] {
		out.WriteString(element + attributes[i] + part)
	}
	return out.String()
}
