package plotting

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// NormalizerCurve is the astrocyte's read-out in one rung of one run.
type NormalizerCurve struct {
	// Label names the run where the number of neurons is not enough; may be "", and may
	// hold a [Subscript].
	Label string
	// Neurons is m, the number of hidden neurons; curves of the same Label and
	// Neurons share a colour.
	Neurons int
	// Name is what the read-out is called, such as the rung's name; may be "".
	Name string
	// Static is true for a read-out without dynamics: dotted, with open markers.
	Static bool
	// P is p_t, the read-out for token t [N], dimensionless; of several runs that
	// differ in their seed alone, the median over seeds.
	P []float64
	// Low and High are the quartiles of p_t over seeds [N]; nil for a single run.
	Low, High []float64
	// Seeds is the number of runs that P is the median of; 0 is 1.
	Seeds int
	// Z is the curve's own normaliser [N]; nil takes that of the figure.
	Z []float64
	// R is the correlation of p and Z, RLog10 that of their logarithms, and
	// MedianError the median of |p/Z − 1|, for the legend; NaN is unknown.
	R, RLog10, MedianError float64
}

// NormalizerInput holds what [Normalizer] draws.
type NormalizerInput struct {
	// Subject is written above the figure, such as "tiny-text, layer 0, head 1"; it
	// may hold a [Subscript].
	Subject string
	// Z is the softmax normaliser Z_t = Σ_s exp(q_t·k_s) [N], dimensionless.
	Z []float64
	// Curves are the read-outs to compare with it, in the order of the legend.
	Curves []NormalizerCurve
	// Ordered says that the runs differ in one number, and stand in its order: their
	// colours then run from dark to light.
	Ordered bool
	// Width is the figure's width; 0 is DoubleColumn.
	Width vg.Length
}

// Normalizer draws the figure of the paper (science §9): left, p and Z over the
// tokens on a log axis; right, p against Z with the identity. The axis covers
// three decades beyond Z at most; what lies outside, or is not positive, is an
// arrow head at the edge and counted in the legend. Over several seeds the line is
// the median and the band, or the bar at a point, goes from quartile to quartile.
func Normalizer(in NormalizerInput) (*Figure, error) {
	width, err := widthOr("normalizer", in.Width, DoubleColumn)
	if err != nil {
		return nil, err
	}
	curves, err := normalizerCurves(in)
	if err != nil {
		return nil, err
	}
	over, scatter := normalizerPanels(in, curves)
	keys := normalizerKeys(over, curves)
	f := &Figure{Name: "normalizer", Width: width}
	layNormalizer(f, in.Subject, over, scatter, wrapKeys(keys, width-2*figureInset))
	captionNormalizer(f, in, curves)
	return f, nil
}

func captionNormalizer(f *Figure, in NormalizerInput, curves []readout) {
	sentences := []string{
		"The astrocyte's calcium against the normaliser of softmax attention.",
		"(a) Over the tokens t: the normaliser Z_t = Σ_s exp(q_t·k_s) (broad grey line; q and k each divided by d^¼) and the calcium p_t, on a logarithmic axis.",
		"(b) p_t against Z_t; on the dashed line they are equal.",
		"Filled markers: p at the end of the read of token t. Open markers and dots: kernel, the sum φ(q_t)·Σ_s φ(k_s) without dynamics.",
		"In the legend: m, the number of hidden neurons; r, the correlation of p and Z over tokens, and of their logarithms; the median over tokens of |p/Z − 1|.",
	}
	var seeds bool
	var rows []struct{ curve, token int }
	for i, c := range curves {
		seeds = seeds || c.Low != nil
		for t := range c.P {
			rows = append(rows, struct{ curve, token int }{i, t})
		}
	}
	if seeds {
		sentences = append(sentences, "Runs that differ in their seed alone are one: lines and markers are the median over seeds, bands and bars go from quartile to quartile, and r and the median of |p/Z − 1| are medians over seeds.")
	}
	if in.Ordered {
		sentences = append(sentences, "Colours run from dark to light in the order of what the runs differ in.")
	}
	sentences = append(sentences, "What lies beyond the axes is an arrow head at the edge, and counted in the legend.")
	f.describe(in.Subject, sentences...)
	value := func(name string, of func(c readout) []float64) column {
		x := make([]float64, len(rows))
		for i, r := range rows {
			if x[i] = math.NaN(); of(curves[r.curve]) != nil {
				x[i] = of(curves[r.curve])[r.token]
			}
		}
		return floats(name, x)
	}
	columns := []column{
		texts("run", func(i int) string { return cleanMarked(curves[rows[i].curve].Label) }),
		counts("neurons", func(i int) int { return curves[rows[i].curve].Neurons }),
		texts("rung", func(i int) string { return curves[rows[i].curve].Name }),
		counts("token", func(i int) int { return rows[i].token }),
		value("z", func(c readout) []float64 { return c.Z }), value("p", func(c readout) []float64 { return c.P }),
	}
	if seeds {
		columns = append(columns, value("p_q1", func(c readout) []float64 { return c.Low }), value("p_q3", func(c readout) []float64 { return c.High }))
	}
	f.tell(len(rows), columns...)
}

// Looks of Z, a broad grey line under the read-outs, and of p = Z.
var (
	reference = stroke{colour: color.NRGBA{0xa0, 0xa0, 0xa0, 0xff}, width: 2.4}
	identity  = stroke{colour: dim, width: 0.7, dashes: dashings[1]}
)

// readout is a curve with everything resolved.
type readout struct {
	NormalizerCurve
	family int // curves of one run
	look   stroke
	marker glyph
}

// dress gives a run its colour, shape and dashes, and what is static dots and
// open markers. Runs in the order of a number, or more of them than there are
// colours, run from dark to light.
func (r *readout) dress(families int, ordered bool) {
	r.look = stroke{colour: Hue(r.family), width: 0.75, dashes: runDashes[r.family%len(runDashes)]}
	if families > len(okabeIto) || ordered && families > 1 {
		const lightest = 0.85 // what is lighter is lost on white
		r.look.colour = viridis(lightest * float64(r.family) / float64(families-1))
	}
	r.marker = filledGlyphs[r.family%len(filledGlyphs)]
	if r.Static {
		r.marker = openGlyphs[r.family%len(openGlyphs)]
		r.look.dashes = dashings[2]
	}
}

// runDashes tell the runs apart; dots are for what is static.
var runDashes = [...][]vg.Length{dashings[0], dashings[1], dashings[3], dashings[4]}

func normalizerCurves(in NormalizerInput) ([]readout, error) {
	var out []readout
	type family struct {
		label   string
		neurons int
	}
	var families []family
	for i, c := range in.Curves {
		if c.Z == nil {
			c.Z = in.Z
		}
		if err := shape("normalizer", fmt.Sprintf("Curves[%d].P", i), len(c.P), len(c.Z), "one per token of Z"); err != nil {
			return nil, err
		}
		if (c.Low == nil) != (c.High == nil) {
			return nil, fmt.Errorf("plotting: normalizer: Curves[%d] has one of Low and High; want both or none", i)
		}
		if c.Low != nil {
			if err := errors.Join(shape("normalizer", fmt.Sprintf("Curves[%d].Low", i), len(c.Low), len(c.P), "one per token"),
				shape("normalizer", fmt.Sprintf("Curves[%d].High", i), len(c.High), len(c.P), "one per token")); err != nil {
				return nil, err
			}
		}
		who := family{c.Label, c.Neurons}
		k := slices.Index(families, who)
		if k < 0 {
			k = len(families)
			families = append(families, who)
		}
		out = append(out, readout{NormalizerCurve: c, family: k})
	}
	for i := range out {
		out[i].dress(len(families), in.Ordered)
	}
	return out, nil
}

// name is the curve's in the legend.
func (c NormalizerCurve) name() string {
	words := []string{cleanMarked(c.Label), "", clean(c.Name), ""}
	if c.Neurons > 0 {
		words[1] = "m\u00a0=\u00a0" + Thousands(c.Neurons)
	}
	if c.Seeds > 1 {
		words[3] = fmt.Sprintf("%d\u00a0seeds", c.Seeds)
	}
	return strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), ", ")
}

// Thousands writes a count with gaps between groups of three digits.
func Thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u00a0" + s[i:]
	}
	return s
}

func normalizerPanels(in NormalizerInput, curves []readout) (over, scatter *panel) {
	var zs, ps [][]float64
	if len(in.Z) > 0 {
		zs = append(zs, in.Z)
	}
	for _, c := range curves {
		ps = append(ps, c.P)
		if !slices.ContainsFunc(zs, func(z []float64) bool { return slices.Equal(z, c.Z) }) {
			zs = append(zs, c.Z)
		}
	}
	values := normalizerRange(zs, ps)
	over = &panel{letter: "a", y: values, x: tokenAxis(zs)}
	over.y.label = "p" + Subscript("t") + " and Z" + Subscript("t") + " (–)"
	scatter = &panel{letter: "b", x: values, y: values}
	scatter.x.label, scatter.y.label = "normaliser Z"+Subscript("t")+" (–)", "calcium p"+Subscript("t")+" (–)"
	scatter.add(&guide{diagonal: true, stroke: identity})
	for _, z := range zs {
		over.add(&curve{x: index(len(z)), y: z, stroke: reference})
	}
	for _, c := range curves { // under all lines
		if c.Low != nil {
			over.add(&band{x: index(len(c.P)), low: c.Low, high: c.High, colour: fade(c.look.colour, 0.25)})
			scatter.add(&whiskers{x: c.Z, low: c.Low, high: c.High, stroke: stroke{colour: fade(c.look.colour, 0.4), width: 0.5}})
		}
	}
	for _, c := range curves {
		x := index(len(c.P))
		over.add(&curve{x: x, y: c.P, stroke: c.look})
		over.add(&points{x: x, y: c.P, colour: c.look.colour, radius: 1.6}) // arrow heads alone
		scatter.add(&points{x: c.Z, y: c.P, glyph: c.marker, colour: fade(c.look.colour, 0.75), radius: 1.4})
	}
	if len(zs) == 0 || spanOf(zs...).count == 0 {
		over.empty = "no softmax normaliser: the input gives features, not q and k"
		scatter.empty = over.empty
	}
	if len(curves) == 0 && len(zs) > 0 {
		scatter.empty = "no read-out to compare with Z"
	}
	return over, scatter
}

// normalizerRange spans Z and the read-outs, three decades beyond Z at most.
func normalizerRange(zs, ps [][]float64) axis {
	z, p := spanOf(zs...), spanOf(ps...)
	const beyond = 1e3
	z.count += p.count
	if !math.IsInf(z.positiveLo, 0) {
		z.hi, z.positiveLo = max(z.hi, min(p.hi, z.hi*beyond)), min(z.positiveLo, max(p.positiveLo, z.positiveLo/beyond))
	} else {
		z.hi, z.positiveLo = p.hi, p.positiveLo
	}
	a, _ := z.logarithmic(0.04)
	return a
}

func tokenAxis(arrays [][]float64) axis {
	n := 0
	for _, a := range arrays {
		n = max(n, len(a))
	}
	return axis{lo: -0.5, hi: max(0.5, float64(n)-0.5), label: "token index t (–)"}
}

// index counts 0, 1, …, n−1.
func index(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return x
}

func normalizerKeys(over *panel, curves []readout) []key {
	keys := []key{{line: reference, text: "softmax normaliser Z"}}
	for _, c := range curves {
		text := c.name() + ": r\u00a0=\u00a0" + correlation(c.R) + " (log " + correlation(c.RLog10) + ")" +
			", median\u00a0|p/Z\u00a0−\u00a01|\u00a0=\u00a0" + number(c.MedianError)
		if at, missing := outside(over, index(len(c.P)), c.P); at+missing > 0 {
			text += fmt.Sprintf("; %d off the axis", at+missing)
		}
		keys = append(keys, key{line: c.look, glyph: c.marker, text: text})
	}
	if slices.ContainsFunc(curves, func(c readout) bool { return c.Low != nil }) {
		keys = append(keys, key{line: stroke{colour: faint}, area: true, text: "quartiles over seeds; lines and markers: the median"})
	}
	return append(keys, key{line: identity, text: "identity p = Z"})
}

// layNormalizer puts the panels side by side, or, in a narrow figure, one above
// the other.
func layNormalizer(f *Figure, subject string, over, scatter *panel, keys []key) {
	y := f.header(subject)
	l := newLegend(keys, f.Width-2*figureInset)
	l.at = vg.Point{X: figureInset, Y: -y} // relative to the upper edge
	y += l.height() + legendGap + sizeTitle + titleGap
	over.x.mark(8)
	over.x.ticks = slices.DeleteFunc(over.x.ticks, func(t tick) bool { return t.at != math.Round(t.at) })
	over.y.mark(6)
	scatter.x.mark(4)
	scatter.y.mark(6)
	left, below, right := over.y.left(), over.x.below(), scatter.x.beyond()
	var boxes [2]vg.Rectangle
	if f.Width < narrow {
		side := f.Width - left - right
		high := side * 0.6
		boxes[0] = rect(left, y, left+side, y+high)
		y += high + below + sizeTitle + 2*titleGap
		scatter.x.mark(5)
		boxes[1] = rect(left, y, left+side, y+side)
		y += side + below
	} else {
		side := f.Width * 0.29
		boxes[0] = rect(left, y, f.Width-side-scatter.y.left()-right-2*figureInset, y+side)
		boxes[1] = rect(f.Width-side-right, y, f.Width-right, y+side)
		y += side + below
	}
	f.Height = y
	l.at.Y += f.Height
	over.area, scatter.area = f.fromTop(boxes[0]), f.fromTop(boxes[1])
	f.add(f.subject(subject)...)
	f.add(l, over, scatter)
}
