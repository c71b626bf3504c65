package plotting

import (
	"fmt"
	"image/color"
	"testing"

	"gonum.org/v1/plot/vg"
)

// What goes to a patch stands on it, however many tokens stand before the patches: only
// the patch that has all attention has the last colour of the scale, in softmax and in
// network, and the picture is beside them.
func TestOverlayStandsOnItsPatch(t *testing.T) {
	const rows, columns, row, column = 3, 4, 1, 2
	for front := range 4 {
		in := imageInput(rows, columns, front, picture())
		in.Softmax, in.Network = all(in.N*in.N, 0), all(in.N*in.N, 0)
		query := in.N - 1
		at := query*in.N + front + row*columns + column
		in.Softmax[at], in.Network[at] = 0.25, 0.25
		in.Grid.Queries, in.Norm = []int{query}, NormLinear
		f, err := Overlay(in)
		if err != nil {
			t.Fatal(err)
		}
		checkLayout(t, fmt.Sprint(front, " before the patches"), f)
		colours := pixels(t, f)
		panels := 0
		for _, e := range f.elements {
			pl, ok := e.(*panel)
			if !ok || pl.title == "picture" {
				continue
			}
			panels++
			for r := range rows {
				for c := range columns {
					want := viridis(0)
					if r == row && c == column {
						want = viridis(1)
					}
					if r == rows-1 && c == columns-1 {
						continue // outlined
					}
					if got := colours(pl.point(float64(c)+0.5, float64(r)+0.5)); got != want {
						t.Errorf("%d before the patches, %s: patch (%d, %d) is %v, want %v", front, pl.title, r, c, got, want)
					}
				}
			}
		}
		if panels != 2 {
			t.Errorf("%d panels with attention", panels)
		}
	}
}

// Both panels share a scale: half the attention has the colour of the half.
func TestOverlayHasOneScale(t *testing.T) {
	in := imageInput(2, 2, 1, nil)
	in.Softmax, in.Network = all(25, 0.4), all(25, 0.2)
	in.Norm = NormLinear
	f, err := Overlay(in)
	if err != nil {
		t.Fatal(err)
	}
	colours, want := pixels(t, f), map[string]color.NRGBA{"softmax": viridis(1), "network": viridis(0.5)}
	for _, e := range f.elements {
		if pl, ok := e.(*panel); ok && want[pl.title] != (color.NRGBA{}) {
			if got := colours(pl.point(0.5, 0.5)); got != want[pl.title] {
				t.Errorf("%s is %v, want %v", pl.title, got, want[pl.title])
			}
		}
	}
}

// A token's own choice is refused where there is none, and a figure of a text says so.
func TestOverlayRefuses(t *testing.T) {
	in := imageInput(2, 2, 1, nil)
	in.Grid.Queries = []int{9}
	if _, err := Overlay(in); err == nil {
		t.Error("token 9 of 5 is drawn")
	}
	in = attentionInput(3)
	in.Width = SingleColumn
	f, err := Overlay(in)
	if err != nil || firstPanel(f).empty != "the input is no picture" {
		t.Error(err)
	}
	in.Width = 10 * vg.Millimeter
	if _, err := Overlay(in); err == nil {
		t.Error("a figure of 10 mm is drawn")
	}
}
