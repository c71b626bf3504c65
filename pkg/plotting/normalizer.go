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

	"github.com/nasim-sim/nasim/internal/statistics"
)

// NormalizerCurve is the astrocyte's read-out in one rung of one run.
type NormalizerCurve struct {
	// Label names the run where the number of neurons is not enough; may be "", and may
	// hold [Subscripts].
	Label string
	// Neurons is m, the number of hidden neurons; 0 names none. Curves of the same
	// Label and Neurons share a colour.
	Neurons int
	// Input tells curves of the same Label, Neurons and Name apart that have inputs of
	// their own, such as "seed 3"; may be "". They share an entry in the legend, which
	// gives the medians over them.
	Input string
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
	// may hold [Subscripts].
	Subject string
	// Z is the softmax normaliser Z_t = Σ_s exp(q_t·k_s) [N], dimensionless.
	Z []float64
	// Curves are the read-outs to compare with it, in the order of the legend.
	Curves []NormalizerCurve
	// Ordered says that the runs differ in one number, and stand in its order: their
	// colours then run from dark to light.
	Ordered bool
	// Divisor says that p is what the astrocyte divides by, 1/P, which is not its calcium:
	// it acts through receptors.
	Divisor bool
	// Width is the figure's width; 0 is DoubleColumn.
	Width vg.Length
}

// Normalizer draws the figure of the paper (science §9): left, p and Z over the
// tokens on a log axis; right, p against Z with the identity. The axis covers
// three decades beyond Z at most; what lies outside, or is not positive, is an
// arrow head at the edge and counted in the legend. Over several seeds the line is
// the median and the band, or the bar at a point, goes from quartile to quartile. The
// Z of several inputs are a band from the least to the largest.
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
	keys := normalizerKeys(in, over, curves)
	f := &Figure{Name: "normalizer", Width: width}
	layNormalizer(f, in.Subject, over, scatter, wrapKeys(keys, width-2*figureInset))
	captionNormalizer(f, in, over, curves)
	return f, nil
}

func captionNormalizer(f *Figure, in NormalizerInput, over *panel, curves []styledCurve) {
	var static, dynamic []string // the names of read-outs of either kind
	var neurons, seeds, off bool
	inputs := 1
	for _, e := range entries(curves) {
		names := &dynamic
		if e.first.Static {
			names = &static
		}
		if name := clean(e.first.Name); name != "" && !slices.Contains(*names, name) {
			*names = append(*names, name)
		}
		neurons, seeds = neurons || e.first.Neurons > 0, seeds || e.seeds > 1
		inputs = max(inputs, e.inputs)
		off = off || e.off(over) > 0
	}
	z := "broad grey line"
	if len(normalizersOf(in, curves)) > 1 {
		z = "grey band, from the least to the largest of several inputs"
	}
	what := "The astrocyte's calcium"
	switch {
	case len(dynamic) == 0 && len(static) > 0:
		what = "The kernel's sum"
	case in.Divisor:
		what = "What the astrocyte divides by, 1/P in the place of its calcium, as"
	}
	sign := func(names []string, lines, what string) string {
		return when(len(names) > 0, lines+": p by "+strings.Join(names, ", ")+", "+what+".")
	}
	f.setCaption(in.Subject,
		what+" p against the normaliser Z of softmax attention.",
		"(a) Over the tokens t: the normaliser Z_t = Σ_s exp(q_t·k_s) ("+z+"; q and k each divided by d^¼; s are the tokens that t sees) and p_t, on a logarithmic axis.",
		"(b) p_t against Z_t; on the dashed line they are equal.",
		sign(dynamic, "Filled markers", "at the end of the read of token t"),
		sign(static, "Open markers and dotted lines", "the sum φ(q_t)·Σ_s φ(k_s) without dynamics"),
		when(len(curves) > 0, "In the legend: "+when(neurons, "m, the number of hidden neurons; ")+
			"r, the correlation of p and Z over tokens, and log, that of their logarithms; |p/Z − 1|, its median over tokens."),
		when(seeds, "Runs that differ in their seed alone are one: lines and markers are the median over seeds, bands and bars go from quartile to quartile, and numbers in the legend are medians over seeds."),
		when(inputs > 1, "Runs of one colour differ in their seed alone and are not pooled, since with the seed they have another input, and so another Z; numbers in the legend are medians over these inputs."),
		when(in.Ordered, "Colours run from dark to light in the order of what the runs differ in."),
		when(off, "What lies beyond the axes is an arrow head at the edge, and counted in the legend."))
	at := places(len(curves), func(i int) int { return len(curves[i].P) })
	curve := func(row int) NormalizerCurve { return curves[at[row].array].NormalizerCurve }
	columns := []column{
		texts("run", func(row int) string { return commas(cleanMarked(curve(row).Label), clean(curve(row).Input)) }),
		counts("neurons", func(row int) int { return curve(row).Neurons }),
		texts("rung", func(row int) string { return curve(row).Name }),
		counts("token", func(row int) int { return at[row].at }),
		joined("z", at, func(i int) []float64 { return curves[i].Z }), joined("p", at, func(i int) []float64 { return curves[i].P }),
	}
	if seeds {
		columns = append(columns, joined("p_q1", at, func(i int) []float64 { return curves[i].Low }), joined("p_q3", at, func(i int) []float64 { return curves[i].High }))
	}
	f.setData(len(at), columns...)
}

// Looks of Z, a broad grey line under the read-outs, and of p = Z.
var (
	reference = stroke{colour: color.NRGBA{0xa0, 0xa0, 0xa0, 0xff}, width: 2.4}
	identity  = stroke{colour: dim, width: 0.7, dashes: dashings[1]}
)

// styledCurve is a curve with everything resolved.
type styledCurve struct {
	NormalizerCurve
	family int // curves of one Label and number of neurons
	look   stroke
	marker glyph
}

// setStyle gives a run its colour, shape and dashes, and what is static dots and
// open markers. Runs in the order of a number, or more of them than there are
// colours, run from dark to light.
func (c *styledCurve) setStyle(families int, ordered bool) {
	c.look = stroke{colour: hue(c.family), width: 0.75, dashes: runDashes[c.family%len(runDashes)]}
	if families > len(okabeIto) || ordered && families > 1 {
		const lightest = 0.85 // what is lighter is lost on white
		c.look.colour = viridis(lightest * float64(c.family) / float64(families-1))
	}
	c.marker = filledGlyphs[c.family%len(filledGlyphs)]
	if c.Static {
		c.marker = openGlyphs[c.family%len(openGlyphs)]
		c.look.dashes = dashings[2]
	}
}

// runDashes tell the runs apart; dots are for what is static.
var runDashes = [...][]vg.Length{dashings[0], dashings[1], dashings[3], dashings[4]}

func normalizerCurves(in NormalizerInput) ([]styledCurve, error) {
	var out []styledCurve
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
		out = append(out, styledCurve{NormalizerCurve: c, family: k})
	}
	for i := range out {
		out[i].setStyle(len(families), in.Ordered)
	}
	return out, nil
}

// entry is a line of the legend: curves that look the same, of several inputs or of
// one.
type entry struct {
	first         styledCurve
	curves        []styledCurve
	inputs, seeds int
}

// entries puts together the curves that look the same.
func entries(curves []styledCurve) []*entry {
	var all []*entry
	for _, c := range curves {
		i := slices.IndexFunc(all, func(e *entry) bool {
			return e.first.family == c.family && e.first.Name == c.Name && e.first.Static == c.Static
		})
		if i < 0 {
			i = len(all)
			all = append(all, &entry{first: c})
		}
		all[i].curves = append(all[i].curves, c)
		all[i].inputs, all[i].seeds = all[i].inputs+1, max(all[i].seeds, c.Seeds)
	}
	return all
}

// off counts what lies beyond the axes or is missing.
func (e *entry) off(over *panel) int {
	n := 0
	for _, c := range e.curves {
		at, missing := outside(over, index(len(c.P)), c.P)
		n += at + missing
	}
	return n
}

// text is what the legend says.
func (e *entry) text(over *panel) string {
	median := func(of func(styledCurve) float64) float64 {
		var x []float64
		for _, c := range e.curves {
			x = append(x, of(c))
		}
		return statistics.Quantile(finiteOf(x), 0.5)
	}
	c := e.first
	text := commas(cleanMarked(c.Label), when(c.Neurons > 0, "m\u00a0=\u00a0"+Thousands(c.Neurons)), clean(c.Name),
		when(e.inputs > 1, fmt.Sprintf("%d\u00a0inputs", e.inputs)), when(e.seeds > 1, fmt.Sprintf("%d\u00a0seeds", e.seeds)))
	text += ": r\u00a0" + correlation(median(func(c styledCurve) float64 { return c.R })) +
		" (log\u00a0" + correlation(median(func(c styledCurve) float64 { return c.RLog10 })) +
		"), |p/Z\u00a0−\u00a01|\u00a0" + number(median(func(c styledCurve) float64 { return c.MedianError }))
	if off := e.off(over); off > 0 {
		text += fmt.Sprintf("; %d off the axis", off)
	}
	return text
}

// commas joins words, empty ones left out.
func commas(words ...string) string {
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

// normalizersOf lists the different Z: the figure's, and those of the curves.
func normalizersOf(in NormalizerInput, curves []styledCurve) [][]float64 {
	var zs [][]float64
	if len(in.Z) > 0 {
		zs = append(zs, in.Z)
	}
	for _, c := range curves {
		if !slices.ContainsFunc(zs, func(z []float64) bool { return slices.Equal(z, c.Z) }) {
			zs = append(zs, c.Z)
		}
	}
	return zs
}

func normalizerPanels(in NormalizerInput, curves []styledCurve) (over, scatter *panel) {
	zs := normalizersOf(in, curves)
	var ps [][]float64
	for _, c := range curves {
		ps = append(ps, c.P)
	}
	values := normalizerRange(zs, ps)
	over = &panel{letter: "a", y: values, x: tokenAxis(zs)}
	over.y.label = Subscripts("p_t and Z_t (–)")
	scatter = &panel{letter: "b", x: values, y: values}
	scatter.x.label, scatter.y.label = Subscripts("normaliser Z_t (–)"), Subscripts("calcium p_t (–)")
	if in.Divisor {
		scatter.y.label = Subscripts("divisor p_t (–)")
	}
	if len(curves) > 0 && !slices.ContainsFunc(curves, func(c styledCurve) bool { return !c.Static }) {
		scatter.y.label = Subscripts("kernel's sum p_t (–)")
	}
	scatter.add(&guide{diagonal: true, stroke: identity})
	if len(zs) == 1 {
		over.add(&curve{x: index(len(zs[0])), y: zs[0], stroke: reference})
	} else { // lines that look the same would tell nothing
		low, high := extremes(zs)
		over.add(&band{x: index(len(low)), low: low, high: high, colour: fade(reference.colour, 0.6)})
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

// extremes are the least and the largest finite value at each place of several
// arrays; NaN where there is none.
func extremes(arrays [][]float64) (low, high []float64) {
	for i := 0; ; i++ {
		var x []float64
		there := false
		for _, a := range arrays {
			if i < len(a) {
				x, there = append(x, a[i]), true
			}
		}
		if !there {
			return low, high
		}
		s := spanOf(x)
		if s.count == 0 {
			s.lo, s.hi = math.NaN(), math.NaN()
		}
		low, high = append(low, s.lo), append(high, s.hi)
	}
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

func normalizerKeys(in NormalizerInput, over *panel, curves []styledCurve) []key {
	keys := []key{{line: reference, text: "softmax normaliser Z"}}
	if n := len(normalizersOf(in, curves)); n > 1 {
		keys[0] = key{line: stroke{colour: fade(reference.colour, 0.6)}, area: true, text: fmt.Sprintf("softmax normaliser Z, range over %d inputs", n)}
	}
	seeds := false
	for _, e := range entries(curves) {
		keys = append(keys, key{line: e.first.look, glyph: e.first.marker, text: e.text(over)})
		seeds = seeds || e.seeds > 1
	}
	if seeds {
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
