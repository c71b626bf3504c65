package plotting

import (
	"image"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// setText is a text as a figure sets it on the page.
type setText struct {
	text   string
	size   vg.Length
	box    vg.Rectangle
	turned bool
}

// typesetter is a canvas that only notes texts and checks paths. It follows translations and
// quarter turns.
type typesetter struct {
	origin vg.Point
	turned bool
	saved  []typesetter
	texts  *[]setText
	far    int // places of paths that are not finite, or further than 10 m away
}

func (c *typesetter) check(path vg.Path) {
	const most = 10 * vg.Inch / 0.0254
	for _, s := range path {
		if !(max(s.Pos.X, -s.Pos.X, s.Pos.Y, -s.Pos.Y) < most) {
			c.far++
		}
	}
}

func (c *typesetter) SetLineWidth(vg.Length)              {}
func (c *typesetter) SetLineDash([]vg.Length, vg.Length)  {}
func (c *typesetter) SetColor(color.Color)                {}
func (c *typesetter) Scale(x, y float64)                  {}
func (c *typesetter) Stroke(path vg.Path)                 { c.check(path) }
func (c *typesetter) Fill(path vg.Path)                   { c.check(path) }
func (c *typesetter) DrawImage(vg.Rectangle, image.Image) {}
func (c *typesetter) Translate(pt vg.Point)               { c.origin = c.origin.Add(pt) }
func (c *typesetter) Push() {
	c.saved = append(c.saved, typesetter{origin: c.origin, turned: c.turned})
}
func (c *typesetter) Rotate(angle float64) {
	if math.Abs(angle-math.Pi/2) > 1e-12 {
		panic("only quarter turns are followed")
	}
	c.turned = true
}

func (c *typesetter) Pop() {
	last := c.saved[len(c.saved)-1]
	c.saved, c.origin, c.turned = c.saved[:len(c.saved)-1], last.origin, last.turned
}

// FillString notes the box of the capitals, without ascenders and descenders.
func (c *typesetter) FillString(f font.Face, pt vg.Point, text string) {
	a, b := pt, pt.Add(vg.Point{X: f.Width(text), Y: f.Font.Size * capHeight})
	if c.turned {
		a, b = vg.Point{X: -b.Y, Y: a.X}, vg.Point{X: -a.Y, Y: b.X}
	}
	*c.texts = append(*c.texts, setText{text, f.Font.Size, vg.Rectangle{Min: a.Add(c.origin), Max: b.Add(c.origin)}, c.turned})
}

func textsOf(f *Figure) []setText {
	var texts []setText
	f.drawOn(&typesetter{texts: &texts})
	return texts
}

func overlap(a, b vg.Rectangle, slack vg.Length) bool {
	return a.Min.X < b.Max.X-slack && b.Min.X < a.Max.X-slack && a.Min.Y < b.Max.Y-slack && b.Min.Y < a.Max.Y-slack
}

// checkLayout fails the test unless a figure can be read: all texts lie on the
// page, none on another, and none is smaller than 7 pt, or than 6 pt in a super- or subscript;
// legends and colour bars lie outside the panels, which are large enough; every
// labelled axis ends in a unit.
func checkLayout(t *testing.T, name string, f *Figure) {
	t.Helper()
	checkTexts(t, name, f)
	checkPanels(t, name, f)
	checkUnits(t, name, f)
}

func checkTexts(t *testing.T, name string, f *Figure) {
	t.Helper()
	const slack = 0.3 // points: neighbouring runs of one label touch
	texts := textsOf(f)
	if len(texts) == 0 {
		t.Errorf("%s has no text", name)
	}
	for i, a := range texts {
		// Of upright text the descenders lie to the right.
		if descent := 0.2 * a.size; a.box.Min.X < 0 || a.box.Min.Y < 0 || a.box.Max.X > f.Width || a.box.Max.Y > f.Height || a.turned && a.box.Max.X+descent > f.Width {
			t.Errorf("%s: %q leaves the page: %v of %v × %v", name, a.text, a.box, f.Width, f.Height)
		}
		if a.size < 6 || a.size < 7 && a.size != sizeLeast {
			t.Errorf("%s: %q has %g pt", name, a.text, a.size)
		}
		if strings.ContainsAny(a.text, "₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁻") {
			t.Errorf("%s: %q has digits that are smaller than its size", name, a.text)
		}
		for _, b := range texts[:i] {
			if overlap(a.box, b.box, slack) {
				t.Errorf("%s: %q lies on %q", name, a.text, b.text)
			}
		}
	}
}

func checkPanels(t *testing.T, name string, f *Figure) {
	t.Helper()
	var panels, boxes []vg.Rectangle
	for _, e := range f.elements {
		switch e := e.(type) {
		case *panel:
			panels = append(panels, e.area)
		case *colourBar:
			boxes = append(boxes, e.area)
		case *legend:
			if len(e.keys) > 0 {
				boxes = append(boxes, rect(e.at.X, e.at.Y-e.height(), e.at.X+vg.Length(e.columns)*e.column-columnGap, e.at.Y))
			}
		}
	}
	if len(panels) == 0 {
		t.Errorf("%s has no panel", name)
	}
	for i, p := range panels {
		if size := p.Size(); size.X < 40 || size.Y < 12 {
			t.Errorf("%s: a panel of %v × %v points is too small to read", name, size.X, size.Y)
		}
		for _, b := range append(boxes, panels[:i]...) {
			if overlap(p, b, 1e-6) {
				t.Errorf("%s: %v lies on the panel %v", name, b, p)
			}
		}
	}
}

func checkUnits(t *testing.T, name string, f *Figure) {
	t.Helper()
	for _, e := range f.elements {
		switch e := e.(type) {
		case *panel:
			if e.bare || e.empty != "" {
				continue
			}
			for _, a := range []axis{e.x, e.y} {
				if !a.silent && a.label != "" && !hasUnit(a.label) {
					t.Errorf("%s: axis %q has no unit", name, a.label)
				}
			}
		case *colourBar:
			if !hasUnit(e.label) {
				t.Errorf("%s: colour bar %q has no unit", name, e.label)
			}
		}
	}
}

func hasUnit(label string) bool {
	return strings.HasSuffix(label, ")") && slices.ContainsFunc([]string{"(–)", "(s)", "(1/s)", "(a.u.)", "(units of v)", "(count)"},
		func(unit string) bool { return strings.HasSuffix(label, unit) })
}

// The texts of an SVG file can be found.
func TestSVGText(t *testing.T) {
	f, err := Budget(budgetInput(16))
	if err != nil {
		t.Fatal(err)
	}
	svg := string(written(t, f, "svg"))
	for _, want := range []string{"error relative to ‖A<", ">V‖ (–)<", "calcium lag", "mean over 16 heads", "uniform attention", "Liberation Sans,Arial"} {
		if !strings.Contains(svg, want) {
			t.Errorf("SVG lacks %q", want)
		}
	}
}
