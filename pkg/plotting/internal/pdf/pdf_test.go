package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
)

func sans(size vg.Length) font.Face {
	for _, f := range liberation.Collection() {
		if f.Font.Variant == "Sans" && f.Name() == "LiberationSans-Regular" {
			f.Font.Size = size
			return f
		}
	}
	panic("no Liberation Sans")
}

func fileOf(t *testing.T, c *Canvas) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// objects reads a file by its table, as a PDF reader does, and inflates streams.
func objects(t *testing.T, file []byte) map[int]string {
	t.Helper()
	at := regexp.MustCompile(`startxref\n(\d+)\n`).FindSubmatch(file)
	if at == nil {
		t.Fatal("no startxref")
	}
	table, _ := strconv.Atoi(string(at[1]))
	lines := strings.Split(string(file[table:]), "\n")
	if lines[0] != "xref" {
		t.Fatalf("startxref leads to %q", lines[0])
	}
	var n int
	fmt.Sscanf(lines[1], "0 %d", &n)
	found := map[int]string{}
	for i := 1; i < n; i++ {
		if len(lines[2+i]) != 19 { // with the line feed, 20 bytes
			t.Errorf("entry %q of the table has %d bytes", lines[2+i], len(lines[2+i])+1)
		}
		offset, _ := strconv.Atoi(lines[2+i][:10])
		body := string(file[offset:])
		if !strings.HasPrefix(body, fmt.Sprintf("%d 0 obj\n", i)) {
			t.Fatalf("object %d is not at %d", i, offset)
		}
		body = body[:strings.Index(body, "\nendobj")]
		head, stream, ok := strings.Cut(body, "stream\n")
		if ok {
			z, err := zlib.NewReader(strings.NewReader(strings.TrimSuffix(stream, "\nendstream")))
			if err != nil {
				t.Fatal(err)
			}
			inflated, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			body = head + string(inflated)
		}
		found[i] = body
	}
	return found
}

func content(t *testing.T, c *Canvas) string {
	t.Helper()
	return objects(t, fileOf(t, c))[1]
}

// Text of any characters comes back from the file as a reader would copy it:
// glyph numbers in the page, through the font's table, to characters.
func TestTextCanBeCopied(t *testing.T) {
	const want = "AVATAR φ(q)·φ(k) ≤ ‖A₀V‖ – τ = 50 µs, жена"
	c := New(200, 100)
	c.FillString(sans(7), vg.Point{X: 10, Y: 20}, want)
	file := objects(t, fileOf(t, c))
	toCharacter := map[string]string{}
	for _, body := range file {
		for _, m := range regexp.MustCompile(`(?m)^<([0-9a-f]{4})> <([0-9a-f]+)>$`).FindAllStringSubmatch(body, -1) {
			raw, _ := hex.DecodeString(m[2])
			var units []uint16
			for i := 0; i < len(raw); i += 2 {
				units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
			}
			toCharacter[m[1]] = string(utf16.Decode(units))
		}
	}
	array := regexp.MustCompile(`\[(.*)\] TJ`).FindStringSubmatch(file[1])
	if array == nil {
		t.Fatalf("no text in %q", file[1])
	}
	var got strings.Builder
	kerned := regexp.MustCompile(`>[^<]*<`).ReplaceAllString(array[1], "")
	codes := strings.Trim(kerned, "<>")
	for i := 0; i+4 <= len(codes); i += 4 {
		got.WriteString(toCharacter[codes[i:i+4]])
	}
	if got.String() != want {
		t.Errorf("copied %q, want %q", got.String(), want)
	}
	if kerned == array[1] {
		t.Error("AVATAR is not kerned")
	}
}

// The width of a text in PDF, from the font's widths and the kerning in the page,
// is that of gonum/plot, by which figures are laid out.
func TestTextHasItsWidth(t *testing.T) {
	const text, size = "AVATAR network − softmax", 8.0
	face := sans(size)
	c := New(200, 100)
	c.FillString(face, vg.Point{}, text)
	file := objects(t, fileOf(t, c))
	width := map[int]float64{}
	for _, body := range file {
		if m := regexp.MustCompile(`/W \[(.*) \]`).FindStringSubmatch(body); m != nil {
			for _, g := range regexp.MustCompile(`(\d+) \[([0-9.]+)\]`).FindAllStringSubmatch(m[1], -1) {
				i, _ := strconv.Atoi(g[1])
				width[i], _ = strconv.ParseFloat(g[2], 64)
			}
		}
	}
	var got float64
	array := regexp.MustCompile(`\[(.*)\] TJ`).FindStringSubmatch(file[1])[1]
	for _, part := range regexp.MustCompile(`<[0-9a-f]+>|[-0-9.]+`).FindAllString(array, -1) {
		if part[0] != '<' {
			k, _ := strconv.ParseFloat(part, 64)
			got -= k
			continue
		}
		for i := 1; i+4 < len(part); i += 4 {
			g, _ := strconv.ParseInt(part[i:i+4], 16, 32)
			got += width[int(g)]
		}
	}
	got *= size / 1000
	const tolerance = 1e-4 * 24 // widths are written to 1e-4 thousandths, one per character
	if want := float64(face.Width(text)); math.Abs(got-want) > tolerance {
		t.Errorf("%g points wide, want %g", got, want)
	}
}

// A reduced font keeps the outlines in use, those they are composed of, and no
// other.
func TestSubset(t *testing.T) {
	face := sans(7)
	var raw bytes.Buffer
	var buf sfnt.Buffer
	if _, err := face.Face.WriteSourceTo(&buf, &raw); err != nil {
		t.Fatal(err)
	}
	// é is composed of e and an accent.
	var want []sfnt.GlyphIndex
	for _, r := range "Aé" {
		g, err := face.Face.GlyphIndex(&buf, r)
		if err != nil || g == 0 {
			t.Fatalf("no glyph for %q", r)
		}
		want = append(want, g)
	}
	small, err := subset(raw.Bytes(), want)
	if err != nil {
		t.Fatal(err)
	}
	if len(small)*5 > raw.Len() {
		t.Errorf("%d bytes of %d are left", len(small), raw.Len())
	}
	if sum := checksum(small); sum != 0xB1B0AFBA {
		t.Errorf("the font's sum is %x", sum)
	}
	before, after := outlines(t, raw.Bytes()), outlines(t, small)
	if len(before) != len(after) {
		t.Fatalf("%d glyphs became %d", len(before), len(after))
	}
	used := map[int]bool{}
	for _, g := range want {
		used[int(g)] = true
		for _, part := range components(before[g]) {
			used[int(part)] = true
		}
	}
	if len(used) < 4 {
		t.Errorf("é is made of nothing: %v", used)
	}
	for g := range before {
		if used[g] && !bytes.HasPrefix(after[g], before[g]) {
			t.Errorf("glyph %d has changed", g)
		}
		if !used[g] && len(after[g]) > 0 {
			t.Errorf("glyph %d is left", g)
		}
	}
	for _, broken := range [][]byte{nil, raw.Bytes()[:100], raw.Bytes()[:4000]} {
		if _, err := subset(broken, want); !errors.Is(err, errFont) {
			t.Errorf("a font of %d bytes: %v", len(broken), err)
		}
	}
}

func outlines(t *testing.T, ttf []byte) [][]byte {
	t.Helper()
	tables, err := tables(ttf)
	if err != nil {
		t.Fatal(err)
	}
	n := int(tables["maxp"][4])<<8 | int(tables["maxp"][5])
	at, err := offsets(tables, n)
	if err != nil {
		t.Fatal(err)
	}
	out := make([][]byte, n)
	for g := range n {
		out[g] = tables["glyf"][at[g]:at[g+1]]
	}
	return out
}

// A circle drawn as cubics departs from the circle by less than the 5e-6 of its
// radius that arc claims (and coordinates are rounded to 1e-4).
func TestCircle(t *testing.T) {
	const r = 1000.0
	c := New(10, 10)
	var path vg.Path
	path.Move(vg.Point{X: r})
	path.Arc(vg.Point{}, r, 0, 2*math.Pi)
	c.Fill(path)
	numbers := regexp.MustCompile(`(?m)^(.+) (m|l|c)$`).FindAllStringSubmatch(content(t, c), -1)
	var at [2]float64
	curves := 0
	for _, m := range numbers {
		var v []float64
		for _, s := range strings.Fields(m[1]) {
			x, err := strconv.ParseFloat(s, 64)
			if err != nil {
				t.Fatal(err)
			}
			v = append(v, x)
		}
		if m[2] == "c" {
			curves++
			for i := range 21 {
				u := float64(i) / 20
				a, b, d, e := (1-u)*(1-u)*(1-u), 3*u*(1-u)*(1-u), 3*u*u*(1-u), u*u*u
				x, y := a*at[0]+b*v[0]+d*v[2]+e*v[4], a*at[1]+b*v[1]+d*v[3]+e*v[5]
				if off := math.Abs(math.Hypot(x, y) - r); off > 5e-6*r+1e-4 {
					t.Fatalf("off by %g", off)
				}
			}
		}
		at = [2]float64{v[len(v)-2], v[len(v)-1]}
	}
	if curves != 8 {
		t.Errorf("%d curves", curves)
	}
}

// What is set between Push and Pop does not outlast it, and what is set twice is
// written once.
func TestState(t *testing.T) {
	c := New(10, 10)
	line := vg.Path{{Type: vg.MoveComp}, {Type: vg.LineComp, Pos: vg.Point{X: 1}}}
	c.SetColor(color.NRGBA{R: 0xff, A: 0xff})
	c.Stroke(line)
	c.Push()
	c.SetColor(color.NRGBA{B: 0xff, A: 0x80})
	c.SetLineWidth(3)
	c.SetLineDash([]vg.Length{1, 2}, 0.5)
	c.Stroke(line)
	c.Pop()
	c.SetColor(color.NRGBA{R: 0xff, A: 0xff})
	c.Stroke(line)
	c.SetLineWidth(0)
	c.Stroke(line)
	const want = "1 0 0 rg 1 0 0 RG\n0 0 m\n1 0 l\nS\nq\n0 0 1 rg 0 0 1 RG\n/A0 gs\n3 w\n[1 2] 0.5 d\n0 0 m\n1 0 l\nS\nQ\n0 0 m\n1 0 l\nS\n"
	got := content(t, c)
	if got = got[strings.Index(got, "1 0 0 rg"):]; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !strings.Contains(string(fileOf(t, c)), "/A0 << /CA 0.502 /ca 0.502 >>") {
		t.Error("no opacity")
	}
}

// Pixels arrive in their order, with a mask where they are not opaque.
func TestImage(t *testing.T) {
	img := image.NewNRGBA(image.Rect(3, 4, 5, 5)) // bounds need not start at 0
	img.SetNRGBA(3, 4, color.NRGBA{1, 2, 3, 0xff})
	img.SetNRGBA(4, 4, color.NRGBA{40, 50, 60, 0x80})
	c := New(10, 10)
	c.DrawImage(vg.Rectangle{Min: vg.Point{X: 1, Y: 2}, Max: vg.Point{X: 5, Y: 4}}, img)
	file := objects(t, fileOf(t, c))
	if !strings.Contains(file[1], "q 4 0 0 2 1 2 cm /I0 Do Q") {
		t.Errorf("placed by %q", file[1])
	}
	var pixels, mask bool
	for _, body := range file {
		pixels = pixels || strings.HasSuffix(body, string([]byte{1, 2, 3, 40, 50, 60}))
		mask = mask || strings.HasSuffix(body, string([]byte{0xff, 0x80}))
	}
	if !pixels || !mask {
		t.Errorf("pixels %v, mask %v", pixels, mask)
	}
}
