package main

import (
	"encoding/json"
	"fmt"
	"image/color"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/nasim-sim/nasim/bench/internal/figure"
	"github.com/nasim-sim/nasim/bench/internal/page"
)

// A trial is what gap_torch.py found of one fit.
type trial struct {
	Model, Head, Form      string
	Synapses, Steps, Texts int
	Seed                   int
	Share                  float64 // of the texts, that was fitted to
	Rate                   float64
	Held, Low, Train       float64
}

// read reads a line for each trial.
func read(file string) ([]trial, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var found []trial
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var one trial
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", file, i+1, err)
		}
		found = append(found, one)
	}
	return found, nil
}

// A form is a row of the table and a line of the figure.
type form struct {
	name   string
	is     func(*trial) bool
	colour color.Color
	glyph  draw.GlyphDrawer
	dashes []vg.Length
}

func fitted(name string) func(*trial) bool {
	return func(t *trial) bool { return t.Form == name && t.Share == 1 && t.Seed == 1 }
}

func withShare(share float64) func(*trial) bool {
	return func(t *trial) bool { return t.Form == "positive" && t.Share == share && t.Seed == 1 }
}

var forms = []form{
	{"positive", fitted("positive"), figure.Black, draw.CircleGlyph{}, nil},
	{"another seed", func(t *trial) bool { return t.Form == "positive" && t.Share == 1 && t.Seed == 2 }, figure.Black, draw.RingGlyph{}, []vg.Length{1, 2}},
	{"half of the text", withShare(0.5), figure.Grey, draw.BoxGlyph{}, []vg.Length{4, 2}},
	{"a quarter of the text", withShare(0.25), figure.Grey, draw.SquareGlyph{}, []vg.Length{1, 2}},
	{"dendrites", fitted("dendrites"), figure.Green, draw.PyramidGlyph{}, nil},
	{"shared inhibition", fitted("pool"), figure.Sky, draw.CrossGlyph{}, nil},
	{"a quarter inhibits", fitted("signed"), figure.Orange, draw.PlusGlyph{}, nil},
	{"push–pull", fitted("push-pull"), figure.Vermilion, draw.TriangleGlyph{}, nil},
}

// steps are those of the trials, but of the few that had more to see whether it matters.
func steps(found []trial) int {
	least := found[0].Steps
	for _, t := range found {
		least = min(least, t.Steps)
	}
	return least
}

// errorsOf are the held-out errors of a form by synapses and head.
func (f *form) errorsOf(found []trial, steps int) map[int]map[string]float64 {
	errors := map[int]map[string]float64{}
	for i := range found {
		if t := &found[i]; f.is(t) && t.Steps == steps {
			if errors[t.Synapses] == nil {
				errors[t.Synapses] = map[string]float64{}
			}
			errors[t.Synapses][t.Model+" "+t.Head] = t.Held
		}
	}
	return errors
}

// mean is the geometric one.
func mean(errors map[string]float64) float64 {
	sum := 0.0
	for _, head := range slices.Sorted(maps.Keys(errors)) {
		sum += math.Log(errors[head])
	}
	return math.Exp(sum / float64(len(errors)))
}

// table has a row for each form and number of synapses: the errors of the heads, and their mean ratio to the positive layer's.
func table(found []trial) string {
	least := steps(found)
	positive := forms[0].errorsOf(found, least)
	sizes := slices.Sorted(maps.Keys(positive))
	heads := slices.Sorted(maps.Keys(positive[sizes[0]]))
	var out strings.Builder
	fmt.Fprintf(&out, "%s steps; held-out errors, relative:\n\n| synapses | hidden layer | %s | of the positive one's |\n|%s\n", page.Whole(least), strings.Join(heads, " | "), strings.Repeat("---|", len(heads)+3))
	for _, size := range sizes {
		for _, f := range forms {
			row(&out, page.Whole(size), f.name, f.errorsOf(found, least)[size], positive[size], heads)
		}
	}
	longest := 0
	for _, t := range found {
		longest = max(longest, t.Steps)
	}
	if longest == least {
		return out.String()
	}
	for _, size := range sizes {
		longer := forms[0].errorsOf(found, longest)[size]
		for _, f := range forms {
			if f.errorsOf(found, longest)[size] != nil {
				row(&out, fmt.Sprintf("%s, %s steps", page.Whole(size), page.Whole(longest)), f.name, f.errorsOf(found, longest)[size], longer, heads)
			}
		}
	}
	return out.String()
}

func row(out *strings.Builder, size, name string, errors, positive map[string]float64, heads []string) {
	if len(errors) == 0 {
		return
	}
	fmt.Fprintf(out, "| %s | %s |", size, name)
	both := [2]map[string]float64{{}, {}}
	for _, head := range heads {
		e, ok := errors[head]
		if !ok {
			out.WriteString(" |")
			continue
		}
		fmt.Fprintf(out, " %.3f |", e)
		both[0][head], both[1][head] = e, positive[head]
	}
	fmt.Fprintf(out, " %.2f |\n", mean(both[0])/mean(both[1]))
}

// drawFigure draws the mean over heads of the error that each form leaves, against synapses.
func drawFigure(found []trial, file string) error {
	panel := figure.Panel{X: "synapses onto the outputs of a head", Y: "held-out error of the output", Columns: []string{"hidden layer"}, LegendRows: len(forms), XRange: [2]float64{4000, 125_000},
		XTicks: figure.At{5000, 10_000, 20_000, 50_000, 100_000}, YTicks: figure.At{0.15, 0.2, 0.25, 0.3, 0.4, 0.5}}
	positive := forms[0].errorsOf(found, steps(found))
	for _, f := range forms {
		line := figure.Curve{Name: f.name, Colour: f.colour, Glyph: f.glyph, Dashes: f.dashes}
		errors := f.errorsOf(found, steps(found))
		for _, size := range slices.Sorted(maps.Keys(errors)) {
			if len(errors[size]) == len(positive[size]) { // a mean over fewer heads is another's
				line.X, line.Y = append(line.X, float64(size)), append(line.Y, mean(errors[size]))
			}
		}
		if len(line.X) > 0 {
			panel.Curves = append(panel.Curves, line)
		}
	}
	return panel.WritePNG(file)
}
