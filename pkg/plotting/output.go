package plotting

import (
	"cmp"
	"fmt"

	"gonum.org/v1/plot/vg"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// softmaxOutput is A₀V, the output of softmax attention, in a label. The font's own ₀
// is too small to read in print.
var softmaxOutput = Subscripts("A_0V")

// OutputHead is what one head gives.
type OutputHead struct {
	// Name is the head's, such as "0:1" (layer:head).
	Name string
	// Values is d_v, the number of values per token.
	Values int
	// Transformer is A₀V and Network the last rung's output, both [N,d_v], in
	// units of the values v.
	Transformer, Network []float64
	// RelativeError is ‖f − A₀V‖/‖A₀V‖, CosineMean and CosineWorst are of the
	// cosine per token, for the legend; NaN is unknown.
	RelativeError, CosineMean, CosineWorst float64
}

// OutputInput holds what [Output] draws.
type OutputInput struct {
	// Subject is written above the figure; it may hold [Subscripts].
	Subject string
	// Heads are the heads to draw.
	Heads []OutputHead
	// Rung names the network's rung; may be "".
	Rung string
	// Static is true for outputs without dynamics.
	Static bool
	// Width is the figure's width; 0 is SingleColumn.
	Width vg.Length
}

// maxOutputHeads is the number of heads that colours and markers tell apart.
const maxOutputHeads = 6

// densePoints is the number of points beyond which a density is drawn.
const densePoints = 5000

// Output draws the network's output against the transformer's, with the
// diagonal. Up to six heads of at most 5 000 values together are points in their
// own colours; more are a density over hexagons. The legend gives each head's
// error and cosines; of more than six heads the mean and the worst. The axes
// cover the transformer's output and all but the outermost half per cent of the
// network's; what lies outside is an arrow head, or in a density left out, and
// counted.
func Output(in OutputInput) (*Figure, error) {
	width, err := widthOr("output", in.Width, SingleColumn)
	if err != nil {
		return nil, err
	}
	for i, h := range in.Heads {
		field := fmt.Sprintf("Heads[%d].Network", i)
		if err := shape("output", field, len(h.Network), len(h.Transformer), "as many as Transformer"); err != nil {
			return nil, err
		}
		if h.Values < 1 || len(h.Transformer)%h.Values != 0 {
			return nil, fmt.Errorf("plotting: output: Heads[%d].Values is %d, which does not divide the %d values", i, h.Values, len(h.Transformer))
		}
	}
	f := &Figure{Name: "output", Width: width}
	pl, density := outputPanel(in)
	layOutput(f, in, pl, density)
	captionOutput(f, in, pl, density != nil)
	return f, nil
}

func captionOutput(f *Figure, in OutputInput, pl *panel, density bool) {
	what := "The network's output f at the end of each read"
	if in.Static {
		what = "The output f of attention by the " + cmp.Or(clean(in.Rung), "kernel") + ", without dynamics,"
	}
	edge := "are arrow heads at the edge"
	if density {
		edge = "are left out"
	}
	off, missing := outputOff(in, pl)
	f.setCaption(in.Subject,
		what+" against the transformer's, A₀V (A₀ is the matrix of softmax attention, V are the values), both in units of the values v.",
		when(density, "Colours count the components of all tokens' outputs in each hexagon."),
		when(!density, "Each point is one component of one token's output."),
		when(!density && len(in.Heads) > 1, "Colours and markers are heads."),
		"On the dashed line they are equal.",
		"rel. error is ‖f − A₀V‖/‖A₀V‖, cosine that of f and A₀V for a token.",
		when(off+missing > 0, "Values beyond the axes "+edge+", and counted in the legend."))
	at := places(len(in.Heads), func(i int) int { return len(in.Heads[i].Transformer) })
	head := func(row int) OutputHead { return in.Heads[at[row].array] }
	f.setData(len(at), texts("head", func(row int) string { return clean(head(row).Name) }),
		counts("token", func(row int) int { return at[row].at / head(row).Values }),
		counts("value", func(row int) int { return at[row].at % head(row).Values }),
		joined("transformer", at, func(i int) []float64 { return in.Heads[i].Transformer }),
		joined("network", at, func(i int) []float64 { return in.Heads[i].Network }))
}

// outputOff counts the values that lie beyond the axes, and those that are missing.
func outputOff(in OutputInput, pl *panel) (off, missing int) {
	for _, h := range in.Heads {
		o, m := outside(pl, h.Transformer, h.Network)
		off, missing = off+o, missing+m
	}
	return off, missing
}

func outputPanel(in OutputInput) (*panel, *hexagons) {
	var x, y []float64
	for _, h := range in.Heads {
		x, y = append(x, h.Transformer...), append(y, h.Network...)
	}
	both := outputAxis(x, y)
	pl := &panel{x: both, y: both}
	pl.x.label = "transformer output " + softmaxOutput + " (units of v)"
	pl.y.label = "network output f (units of v)"
	var density *hexagons
	switch {
	case len(finiteOf(x)) == 0 || len(finiteOf(y)) == 0:
		pl.empty = "no outputs were recorded"
	case len(x) > densePoints || len(in.Heads) > maxOutputHeads:
		density = &hexagons{x: x, y: y}
		pl.add(density)
	default:
		for i, h := range in.Heads {
			pl.add(&points{x: h.Transformer, y: h.Network, glyph: marker(i), colour: fade(hue(i), 0.6), radius: 1.3})
		}
	}
	pl.add(&guide{diagonal: true, stroke: diagonalLook})
	return pl, density
}

var diagonalLook = stroke{colour: ink, width: 0.7, dashes: dashings[1]}

// outputAxis covers the transformer's values and the bulk of the network's.
func outputAxis(x, y []float64) axis {
	s := spanOf(x)
	n := finiteOf(y)
	for _, q := range []float64{0.005, 0.995} {
		if at := statistics.Quantile(n, q); finite(at) { // neighbours may be too far apart to step between them
			s.lo, s.hi = min(s.lo, at), max(s.hi, at)
			s.count++
		}
	}
	return s.linear(0.05)
}

func outputKeys(in OutputInput, pl *panel) []key {
	var keys []key
	var errs, cosines, worsts []float64
	atEdge, missing := outputOff(in, pl)
	for i, h := range in.Heads {
		errs, cosines, worsts = append(errs, h.RelativeError), append(cosines, h.CosineMean), append(worsts, h.CosineWorst)
		if len(in.Heads) <= maxOutputHeads {
			keys = append(keys, key{line: stroke{colour: hue(i)}, glyph: marker(i), text: fmt.Sprintf(
				"head %s: rel.\u00a0error\u00a0%s, cosine\u00a0mean\u00a0%s, worst\u00a0%s",
				clean(h.Name), number(h.RelativeError), correlation(h.CosineMean), correlation(h.CosineWorst))})
		}
	}
	if len(in.Heads) > maxOutputHeads {
		errs, cosines, worsts = finiteOf(errs), finiteOf(cosines), finiteOf(worsts)
		keys = append(keys, key{text: fmt.Sprintf("%d heads: rel.\u00a0error mean\u00a0%s, worst\u00a0%s; cosine mean\u00a0%s, worst\u00a0%s", len(in.Heads),
			number(statistics.Mean(errs)), number(statistics.Quantile(errs, 1)), correlation(statistics.Mean(cosines)), correlation(statistics.Quantile(worsts, 0)))})
	}
	if pl.empty == "" {
		keys = append(keys, key{line: diagonalLook, text: "equal outputs"})
	}
	if atEdge+missing > 0 {
		keys = append(keys, key{text: fmt.Sprintf("values off the axes: %d, missing: %d", atEdge, missing)})
	}
	return keys
}

func layOutput(f *Figure, in OutputInput, pl *panel, density *hexagons) {
	keys := outputKeys(in, pl)
	if density != nil {
		for i := range keys {
			keys[i].glyph = noGlyph // points have no colour of their own in a density
		}
	}
	keys = wrapKeys(keys, f.Width-2*figureInset)
	l := newLegend(keys, f.Width-2*figureInset)
	y := f.header(in.Subject)
	legendTop := y
	y += l.height() + legendGap + 3
	pl.x.mark(4)
	pl.y.mark(5)
	left, right := pl.y.left()+figureInset, vg.Length(figureInset+6)
	if density != nil {
		right = barRoom + sizeText*lineSkip
	}
	side := min(f.Width-left-right, 90*vg.Millimeter)
	f.Height = y + side + pl.x.below() + figureInset
	pl.area = f.fromTop(rect(left, y, left+side, y+side))
	if in.Rung != "" {
		pl.y.label = "network output f, " + clean(in.Rung) + " (units of v)"
	}
	l.at = vg.Point{X: figureInset, Y: f.Height - legendTop}
	f.add(f.subject(in.Subject)...)
	f.add(l, pl)
	if density != nil && pl.empty == "" {
		density.bin(pl)
		f.add(&colourBar{area: barBeside(pl.area), scale: density.scale, label: "values per hexagon (count)", note: normNote(density.scale.norm)})
	}
}
