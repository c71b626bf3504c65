package plotting

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

// headsInput is a model whose heads need neurons over so many decades.
func headsInput(layers, heads int, decades float64) HeadsInput {
	r := newRand()
	in := HeadsInput{Subject: "tiny-text", Layers: layers, Heads: heads, Log: true, Whole: true, Label: "neurons (–)", Meaning: "Neurons."}
	for range layers * heads {
		in.Values = append(in.Values, math.Round(100*math.Pow(10, decades*r.Float64())))
	}
	return in
}

// Models of any size can be read at a column's and at a page's width, and cells hold numbers where
// there is room for them, all or none.
func TestHeadsAreLegible(t *testing.T) {
	for _, size := range []struct{ layers, heads, inColumn, inPage int }{{2, 4, 8, 8}, {6, 12, 0, 72}, {12, 12, 0, 144}, {24, 16, 0, 384}, {48, 25, 0, 0}, {1, 1, 1, 1}} {
		for width, want := range map[vg.Length]int{SingleColumn: size.inColumn, DoubleColumn: size.inPage} {
			in := headsInput(size.layers, size.heads, 9)
			in.Width = width
			f, err := Heads(in)
			if err != nil {
				t.Fatal(err)
			}
			checkLayout(t, f.Name, f)
			written := 0
			for _, x := range in.Values {
				if slices.ContainsFunc(textsOf(f), func(s setText) bool { return s.text == cellText(x, true) }) {
					written++
				}
			}
			if written < want || want == 0 && written > len(in.Values)/4 { // an axis has the numbers of small ones
				t.Errorf("%d × %d heads at %.0f mm: %d cells hold their numbers, want %d", size.layers, size.heads, width/vg.Millimeter, written, want)
			}
		}
	}
}

// Layer 0 is on top, head 0 on the left, the least value has the first colour of the scale and the
// largest the last, and the ends are whole decades.
func TestHeadsStandInTheirPlaces(t *testing.T) {
	in := HeadsInput{Layers: 2, Heads: 3, Values: []float64{10, 100, 1000, math.NaN(), 0, 1e5}, Log: true, Label: "x (–)"}
	f, err := Heads(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range f.elements {
		switch e := e.(type) {
		case *panel:
			img := e.marks[0].(*raster).img
			if img.NRGBAAt(0, 0) != viridis(0) || img.NRGBAAt(2, 1) != viridis(1) || img.NRGBAAt(1, 0) != viridis(0.25) || img.NRGBAAt(0, 1) != missingColour || img.NRGBAAt(1, 1) != underColour {
				t.Errorf("the cells are %v", img.Pix)
			}
			if top := e.point(0, 0); top.Y <= e.point(0, 1).Y {
				t.Error("layer 0 is not on top")
			}
		case *colourBar:
			if e.scale.along.lo != 10 || e.scale.along.hi != 1e5 {
				t.Errorf("the scale runs from %v to %v", e.scale.along.lo, e.scale.along.hi)
			}
		}
	}
	if !strings.Contains(f.Caption, "White cells are missing.") || !strings.Contains(f.Caption, "Grey cells are 0 or below.") {
		t.Errorf("caption %q", f.Caption)
	}
}

// What contradicts itself is named.
func TestHeadsRefuse(t *testing.T) {
	for want, in := range map[string]HeadsInput{
		"Values has 3 values, want 4 (2 layers × 2 heads)": {Layers: 2, Heads: 2, Values: make([]float64, 3)},
		"Layers × Heads is -1 × 2":                         {Layers: -1, Heads: 2},
		"Width is 10 mm":                                   {Width: 10 * vg.Millimeter},
	} {
		if _, err := Heads(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
