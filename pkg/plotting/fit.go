package plotting

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// FitHead is the fit of one head's hidden layer.
type FitHead struct {
	Layer, Head, Neurons int
	// Steps are those at which the validation inputs were looked at, and Errors the relative errors of
	// the output there [L].
	Steps, Errors []float64
	// BestStep is the step whose parameters were taken, and HeldOut their error on the held-out inputs,
	// which was looked at once; NaN is unknown.
	BestStep, HeldOut float64
}

// FitInput holds what [Fit] draws.
type FitInput struct {
	// Subject is written above the figure, such as "tiny-vision, 16 heads"; it may hold [Subscripts].
	Subject string
	// Heads are the fits, in the order of layers and heads.
	Heads []FitHead
	// Width is the figure's width; 0 is SingleColumn.
	Width vg.Length
}

// Fit draws how hidden layers come to their heads: the error on the validation inputs over the steps of
// training, a line a head, and as one marker a head the error on the held-out inputs, at the step whose
// parameters were taken. Up to six heads have colours of their own; of more, each layer has one.
func Fit(in FitInput) (*Figure, error) {
	width, err := widthOr("fit", in.Width, SingleColumn)
	if err != nil {
		return nil, err
	}
	for i, h := range in.Heads {
		if err := shape("fit", fmt.Sprintf("Heads[%d].Errors", i), len(h.Errors), len(h.Steps), "one per step"); err != nil {
			return nil, err
		}
	}
	f := &Figure{Name: "fit", Width: width}
	groups := fitGroups(in.Heads)
	pl := fitPanel(in, groups)
	aspect := 0.8
	if width >= narrow {
		aspect = 0.55
	}
	f.laySingle(in.Subject, pl, fitKeys(groups), aspect, 0)
	captionFit(f, in, groups)
	return f, nil
}

// fitGroup are heads that look the same: one, or those of a layer.
type fitGroup struct {
	name   string
	heads  []FitHead
	look   stroke
	marker glyph
}

const maxFitHeads = 6

func fitGroups(heads []FitHead) []*fitGroup {
	var groups []*fitGroup
	for _, h := range heads {
		name := fmt.Sprintf("head %d:%d", h.Layer, h.Head)
		if len(heads) > maxFitHeads {
			name = fmt.Sprintf("layer %d", h.Layer)
		}
		i := slices.IndexFunc(groups, func(g *fitGroup) bool { return g.name == name })
		if i < 0 || len(heads) <= maxFitHeads {
			i = len(groups)
			groups = append(groups, &fitGroup{name: name})
		}
		groups[i].heads = append(groups[i].heads, h)
	}
	for i, g := range groups {
		g.look, g.marker = stroke{colour: hue(i), width: 0.9, dashes: dashing(i)}, filledGlyphs[i%len(filledGlyphs)]
		if len(groups) > len(okabeIto) {
			const lightest = 0.85 // what is lighter is lost on white
			g.look.colour = viridis(lightest * float64(i) / float64(len(groups)-1))
		}
	}
	return groups
}

func fitPanel(in FitInput, groups []*fitGroup) *panel {
	var xs, ys [][]float64
	for _, h := range in.Heads {
		xs, ys = append(xs, h.Steps, []float64{h.BestStep}), append(ys, h.Errors, []float64{h.HeldOut})
	}
	x := spanOf(xs...).linear(0.03)
	y, _ := spanOf(ys...).logarithmic(0.05)
	pl := &panel{x: x, y: y}
	pl.x.label, pl.y.label = "steps of training (count)", "relative error of the output (–)"
	pl.x.mark(6)
	pl.x.ticks = slices.DeleteFunc(pl.x.ticks, func(t tick) bool { return t.at != math.Round(t.at) || t.at < 0 })
	pl.y.mark(5)
	if spanOf(ys...).count == 0 {
		pl.empty = "the file holds no history of the fit"
		return pl
	}
	for _, g := range groups {
		for _, h := range g.heads {
			pl.add(&curve{x: h.Steps, y: h.Errors, stroke: g.look})
		}
	}
	for _, g := range groups {
		var at, errors []float64
		for _, h := range g.heads {
			at, errors = append(at, h.BestStep), append(errors, h.HeldOut)
		}
		pl.add(&points{x: at, y: errors, glyph: g.marker, colour: g.look.colour, radius: 2})
	}
	return pl
}

func fitKeys(groups []*fitGroup) []key {
	var keys []key
	for _, g := range groups {
		var held []float64
		neurons := g.heads[0].Neurons
		for _, h := range g.heads {
			held = append(held, h.HeldOut)
			if h.Neurons != neurons {
				neurons = 0
			}
		}
		text := g.name + when(neurons > 0, ", m\u00a0=\u00a0"+Thousands(neurons))
		switch s := spanOf(held); {
		case s.count == 0:
		case s.count == 1:
			text += ": held out\u00a0" + number(s.lo)
		default:
			text += fmt.Sprintf(": held out\u00a0%s–%s", number(s.lo), number(s.hi))
		}
		keys = append(keys, key{line: g.look, glyph: g.marker, text: text})
	}
	if len(keys) > 0 {
		keys = append(keys, key{text: "lines: validation inputs; markers: held-out inputs"})
	}
	return keys
}

func captionFit(f *Figure, in FitInput, groups []*fitGroup) {
	var held []float64
	for _, h := range in.Heads {
		held = append(held, h.HeldOut)
	}
	held = finiteOf(held)
	f.setCaption(in.Subject,
		"Hidden layers that are fitted to heads: ‖output − softmax output‖_F / ‖softmax output‖_F over the steps of training, on a logarithmic axis.",
		"Lines are of the validation inputs, by which the step is chosen whose parameters are taken; markers of the held-out inputs, which are looked at once, at the end, with those parameters, and stand at that step.",
		when(len(groups) < len(in.Heads), "Each line is one head; colours are layers."),
		when(len(held) > 1, fmt.Sprintf("Held-out errors of %d heads: %s to %s, median %s.", len(held), number(statistics.Quantile(held, 0)), number(statistics.Quantile(held, 1)), number(statistics.Quantile(held, 0.5)))))
	at := places(len(in.Heads), func(i int) int { return len(in.Heads[i].Steps) + 1 })
	values, steps := make([]float64, len(at)), make([]float64, len(at))
	for row, p := range at {
		h := in.Heads[p.array]
		if p.at < len(h.Steps) {
			steps[row], values[row] = h.Steps[p.at], h.Errors[p.at]
		} else {
			steps[row], values[row] = h.BestStep, h.HeldOut
		}
	}
	head := func(row int) FitHead { return in.Heads[at[row].array] }
	f.setData(len(at), counts("layer", func(row int) int { return head(row).Layer }), counts("head", func(row int) int { return head(row).Head }),
		counts("neurons", func(row int) int { return head(row).Neurons }),
		texts("inputs", func(row int) string {
			if at[row].at < len(head(row).Steps) {
				return "validation"
			}
			return "held out"
		}), floats("step", steps), floats("error", values))
}
