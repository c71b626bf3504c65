package plotting

import (
	"bytes"
	"image/color"
	"image/png"
	"math"
	"testing"

	"gonum.org/v1/plot/vg"
	"pgregory.net/rapid"
)

// luminance is the relative luminance of a colour (WCAG 2).
func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// The sequential map grows lighter all the way, so that it reads in grey print
// and without colour vision; the diverging one is lightest in the middle.
func TestColourMapsInGrey(t *testing.T) {
	d := diverging()
	for i := 1; i <= 100; i++ {
		if luminance(viridis(float64(i)/100)) <= luminance(viridis(float64(i-1)/100)) {
			t.Errorf("viridis is not lighter at %d %% than before", i)
		}
		a, b := luminance(d(float64(i-1)/100)), luminance(d(float64(i)/100))
		const step = 0.01 // of 8-bit colours
		if i <= 50 && b < a-step || i > 50 && b > a+step {
			t.Errorf("the diverging map turns at %d %%", i)
		}
	}
	if c := d(0.5); max(c.R, c.G, c.B)-min(c.R, c.G, c.B) > 3 {
		t.Errorf("the middle of the diverging map is %v, no grey", c)
	}
}

// Line colours differ for readers with and without full colour vision: each pair
// by 40 of 255 in some channel even as a deuteranope sees it (Viénot, Brettel and
// Mollon 1999, in linear light, where their matrix applies).
func TestLineColoursWithoutGreen(t *testing.T) {
	seen := func(c color.NRGBA) [3]float64 {
		f := func(v uint8) float64 { return math.Pow(float64(v)/255, 2.2) }
		r, g, b := f(c.R), f(c.G), f(c.B)
		both := 0.29275*r + 0.70725*g
		return [3]float64{both, both, math.Max(0, -0.02234*r+0.02234*g+b)}
	}
	for i := range okabeIto {
		for j := range i {
			a, b, apart := seen(okabeIto[i]), seen(okabeIto[j]), 0.0
			for k := range a {
				apart = max(apart, 255*math.Abs(math.Pow(a[k], 1/2.2)-math.Pow(b[k], 1/2.2)))
			}
			if apart < 40 {
				t.Errorf("colours %d and %d are %.0f apart", i, j, apart)
			}
		}
	}
}

// A scale keeps order, takes 0 and its top to its ends, and a signed one takes
// opposite values to opposite places.
func TestColourScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		norm := rapid.SampledFrom([]string{NormSqrt, NormLinear, NormLog}).Draw(t, "norm")
		top := math.Pow(10, rapid.Float64Range(-9, 3).Draw(t, "top"))
		x, y := rapid.Float64Range(0, 1).Draw(t, "x"), rapid.Float64Range(0, 1).Draw(t, "y")
		s := colourScale{norm: norm, top: top, colour: viridis}
		if (x < y) && s.fraction(x*top) > s.fraction(y*top) {
			t.Fatal("order is lost")
		}
		if math.Abs(s.fraction(0)) > rounding || math.Abs(s.fraction(top)-1) > rounding {
			t.Fatalf("ends at %g and %g", s.fraction(0), s.fraction(top))
		}
		s.signed = true
		if norm != NormLog && math.Abs(s.fraction(x*top)+s.fraction(-x*top)-1) > rounding {
			t.Fatal("signs are not symmetric")
		}
	})
}

func TestScalesOfMatrices(t *testing.T) {
	if s := sharedScale(NormSqrt, []float64{0.1, 0.3}, []float64{0.5}); s.top != 0.5 {
		t.Errorf("top %g of attention up to 0.5", s.top)
	}
	if s := sharedScale(NormSqrt, []float64{0.1, 0.3}, []float64{7, math.Inf(1), math.NaN()}); s.top != 1 {
		t.Errorf("top %g of a network beyond 1", s.top)
	}
	if s := sharedScale(NormSqrt, nil, []float64{math.NaN()}); s.top != 1 {
		t.Errorf("top %g of nothing", s.top)
	}
	s := sharedScale(NormSqrt, []float64{1})
	for _, x := range []float64{2, -1, -1e-6, math.NaN(), 0.5} {
		s.of(x)
	}
	if s.clipped != 1 || s.under != 1 || s.missing != 1 {
		t.Errorf("counted %d clipped, %d under, %d missing", s.clipped, s.under, s.missing)
	}
}

// A matrix reaches the PNG file with row 0 on top and column 0 at the left, each
// cell in the colour of its value.
func TestMatrixInFile(t *testing.T) {
	in := AttentionInput{N: 3, Softmax: []float64{1, 0.1, 0.2, 0, 0.4, 0.5, 0.7, 0.8, 0.3}, Norm: NormLinear}
	f, err := Attention(in)
	if err != nil {
		t.Fatal(err)
	}
	at := pixels(t, f)
	pl := firstPanel(f)
	for i, v := range in.Softmax {
		if got, want := at(pl.point(float64(i%3), float64(i/3))), viridis(v); got != want {
			t.Errorf("cell %d,%d = %g is %v, want %v", i/3, i%3, v, got, want)
		}
	}
}

// pixels writes a figure as PNG and gives the colour at a place on its page.
func pixels(t *testing.T, f *Figure) func(at vg.Point) color.NRGBA {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(written(t, f, "png")))
	if err != nil {
		t.Fatal(err)
	}
	return func(at vg.Point) color.NRGBA {
		x, y := int(at.X/vg.Inch*pngDPI), int((f.Height-at.Y)/vg.Inch*pngDPI)
		return color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
	}
}

func firstPanel(f *Figure) *panel {
	for _, e := range f.elements {
		if pl, ok := e.(*panel); ok {
			return pl
		}
	}
	return nil
}

// Every pair in the panel is counted once, in the hexagon nearest to it.
func TestHexagons(t *testing.T) {
	r := newRand()
	const n = 3000
	h := hexagons{x: normals(r, n, 1), y: normals(r, n, 1)}
	pl := &panel{area: rect(10, 20, 90, 80), x: axis{lo: -2, hi: 2}, y: axis{lo: -2, hi: 2}}
	h.bin(pl)
	want := map[vg.Point]float64{}
	inside := 0.0
	for i := range h.x {
		pt := pl.point(h.x[i], h.y[i])
		if !pl.holds(pt) {
			continue
		}
		inside++
		best := h.cells[0].at
		for _, c := range h.cells {
			if a, b := pt.Sub(c.at), pt.Sub(best); a.Dot(a) < b.Dot(b) {
				best = c.at
			}
		}
		want[best]++
	}
	total := 0.0
	for _, c := range h.cells {
		total += c.count
		if want[c.at] != c.count {
			t.Errorf("hexagon at %v holds %g, want %g", c.at, c.count, want[c.at])
		}
	}
	if total != inside {
		t.Errorf("counted %g of %g", total, inside)
	}
}

// Over a picture, too, attention has the colours of its bar: in the middle of each
// patch, whatever the picture, which shows around them without colour.
func TestOverlayInFile(t *testing.T) {
	in := imageInput(3, 4, 1, picture())
	in.Width, in.Grid.Queries = DoubleColumn, []int{0, 5}
	f, err := Attention(in)
	if err != nil {
		t.Fatal(err)
	}
	at := pixels(t, f)
	var overlaid []*panel
	for _, e := range f.elements {
		if pl, ok := e.(*panel); ok && pl.bare && pl.title != "picture" {
			overlaid = append(overlaid, pl)
		}
	}
	if len(overlaid) != 4 {
		t.Fatalf("%d overlays", len(overlaid))
	}
	for i, pl := range overlaid {
		q := in.Grid.Queries[i/2]
		softmax, network := in.Softmax[q*in.N+1:(q+1)*in.N], in.Network[q*in.N+1:(q+1)*in.N]
		scale := sharedScale(NormSqrt, softmax, network)
		for s, v := range [][]float64{softmax, network}[i%2] {
			within := func(x, y float64) color.NRGBA { return at(pl.point(float64(s%4)+x, float64(s/4)+y)) }
			if got, want := within(0.5, 0.5), scale.of(v); got != want {
				t.Errorf("overlay %d, patch %d = %g is %v, want %v", i, s, v, got, want)
			}
			if got := within(0.06, 0.5); q != s+1 && s%4 > 0 && (got.R != got.G || got.G != got.B) {
				t.Errorf("overlay %d, beside patch %d: %v", i, s, got)
			}
		}
	}
}
