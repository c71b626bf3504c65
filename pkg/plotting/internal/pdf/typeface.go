package pdf

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
)

// typeface is one font with the glyphs that the page uses.
type typeface struct {
	name string
	face font.Face
	used map[sfnt.GlyphIndex]rune // each glyph with a character that it shows
	buf  sfnt.Buffer
}

func newTypeface(f font.Face) *typeface {
	return &typeface{name: f.Name(), face: f, used: map[sfnt.GlyphIndex]rune{0: '\uFFFD'}}
}

// perEm scales font units to the thousandths of the size that PDF counts in.
func (t *typeface) perEm(units fixed.Int26_6) float64 {
	return float64(units) * 1000 / float64(t.face.Face.UnitsPerEm())
}

// em makes sfnt answer in font units.
func (t *typeface) em() fixed.Int26_6 { return fixed.Int26_6(t.face.Face.UnitsPerEm()) }

// show encodes a string for the operator TJ, pairs kerned as gonum/plot's own
// measure of width has them.
func (t *typeface) show(text string) string {
	var b strings.Builder
	previous, open := sfnt.GlyphIndex(0), false
	for i, r := range text {
		g, err := t.face.Face.GlyphIndex(&t.buf, r)
		if err != nil {
			g = 0
		}
		if _, ok := t.used[g]; !ok {
			t.used[g] = r
		}
		if i > 0 {
			if k, err := t.face.Face.Kern(&t.buf, previous, g, t.em(), xfont.HintingNone); err == nil && k != 0 {
				fmt.Fprintf(&b, "> %s ", num(-t.perEm(k)))
				open = false
			}
		}
		if !open {
			b.WriteByte('<')
			open = true
		}
		fmt.Fprintf(&b, "%04x", uint16(g))
		previous = g
	}
	b.WriteByte('>')
	return b.String()
}

// glyphs lists the glyphs in use in ascending order.
func (t *typeface) glyphs() []sfnt.GlyphIndex {
	return slices.Sorted(maps.Keys(t.used))
}

// embed adds the font as a composite font whose codes are glyph numbers.
func (t *typeface) embed(f *file) string {
	var raw bytes.Buffer
	if _, err := t.face.Face.WriteSourceTo(&t.buf, &raw); err != nil {
		panic("pdf: font " + t.name + " cannot give its source: " + err.Error())
	}
	glyphs := t.glyphs()
	program := raw.Bytes()
	if small, err := subset(program, glyphs); err == nil {
		program = small
	}
	source := f.stream(fmt.Sprintf("/Length1 %d", len(program)), program)

	e := t.face.Extents()
	scale := 1000 / float64(t.face.Font.Size)
	name := "NASIMA+" + strings.ReplaceAll(t.name, " ", "")
	descriptor := f.add(fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [-1000 -400 2000 1100] "+
		"/ItalicAngle 0 /Ascent %s /Descent %s /CapHeight 716 /StemV 80 /FontFile2 %s >>",
		name, num(float64(e.Ascent)*scale), num(-float64(e.Descent)*scale), source))
	var widths strings.Builder
	for _, g := range glyphs {
		w, err := t.face.Face.GlyphAdvance(&t.buf, g, t.em(), xfont.HintingNone)
		if err != nil {
			w = 0
		}
		fmt.Fprintf(&widths, " %d [%s]", g, num(t.perEm(w)))
	}
	cid := f.add(fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo "+
		"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %s /CIDToGIDMap /Identity /W [%s ] >>",
		name, descriptor, widths.String()))
	unicode := f.stream("", []byte(t.characters(glyphs)))
	return f.add(fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%s] /ToUnicode %s >>",
		name, cid, unicode))
}

// characters is the map from glyphs back to characters, for search and copy.
func (t *typeface) characters(glyphs []sfnt.GlyphIndex) string {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n")
	for part := range slices.Chunk(glyphs, 100) { // a block holds 100 entries at most
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for _, g := range part {
			fmt.Fprintf(&b, "<%04x> <", uint16(g))
			for _, u := range utf16.Encode([]rune{t.used[g]}) {
				fmt.Fprintf(&b, "%04x", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.String()
}
