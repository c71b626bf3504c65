package plotting

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// SynapsesCurve is the error of one feature map over the number of its synapses.
type SynapsesCurve struct {
	// Label names the map; may hold [Subscripts].
	Label string
	// Synapses is m·d_v, those of a head, of each point [P]; +Inf is a level across the panel.
	Synapses []float64
	// Errors are those of the heads, of each point [P][heads]; NaN and ±Inf are missing.
	Errors [][]float64
	// Seeds is the largest number of runs that an error is the median of; 0 is 1.
	Seeds int
}

// SynapsesInput holds what [Synapses] draws.
type SynapsesInput struct {
	// Subject is written above the figure, such as "tiny-vision, 16 heads"; it may hold [Subscripts].
	Subject string
	// Curves are the maps, in the order of the legend.
	Curves []SynapsesCurve
	// Uniform are the errors of uniform attention in the same heads; nil where they are not known.
	// UniformOf says of what they are, where they are not of the same inputs.
	Uniform   []float64
	UniformOf string
	// Floor is the error with the best approximation of so high a rank, whose signs are free; its Label
	// is not used. nil where it is not known.
	Floor *SynapsesCurve
	// Label names the error, with its unit in brackets; "" is "relative error of the output (–)".
	Label string
	// Meaning says in a sentence what the error is, for the caption.
	Meaning string
	// Astrocytes are shaded: how many synapses one cell ensheathes. AstrocytesFrom is where that is
	// from, for the caption.
	Astrocytes     []SynapsesRange
	AstrocytesFrom string
	// Width is the figure's width; 0 is DoubleColumn.
	Width vg.Length
}

// SynapsesRange is a range of numbers of synapses, with its name, such as "one rodent astrocyte".
type SynapsesRange struct {
	Name     string
	From, To float64
}

// Synapses draws the error of the output against the number of synapses m·d_v, a line for each feature map
// through the medians over heads, with bars from the least to the largest head; uniform attention and the
// floor beside them; and, shaded, how many synapses one astrocyte ensheathes. Both axes are logarithmic.
// That of errors ends at three times uniform attention, or 3, as an answer of zeros errs by 1: what lies
// above is an arrow head.
func Synapses(in SynapsesInput) (*Figure, error) {
	width, err := widthOr("synapses", in.Width, DoubleColumn)
	if err != nil {
		return nil, err
	}
	curves := in.Curves
	if in.Floor != nil {
		curves = append(curves[:len(curves):len(curves)], *in.Floor)
	}
	for i, c := range curves {
		if err := shape("synapses", fmt.Sprintf("Curves[%d].Errors", i), len(c.Errors), len(c.Synapses), "one list per point"); err != nil {
			return nil, err
		}
	}
	f := &Figure{Name: "synapses", Width: width}
	drawn := make([]synapsesLine, len(curves))
	for i, c := range curves {
		drawn[i] = lineOf(c)
		drawn[i].setLook(i, in.Floor != nil && i == len(in.Curves))
	}
	pl := synapsesPanel(in, drawn)
	aspect := 0.62
	if width < narrow {
		aspect = 0.85
	}
	f.laySingle(in.Subject, pl, synapsesKeys(in, drawn), aspect, 0)
	captionSynapses(f, in, pl, drawn)
	return f, nil
}

// synapsesLine is a curve as it is drawn.
type synapsesLine struct {
	SynapsesCurve
	median, low, high []float64
	heads             int
	look              stroke
	marker            glyph
	floor             bool
}

func lineOf(c SynapsesCurve) synapsesLine {
	l := synapsesLine{SynapsesCurve: c}
	for _, errors := range c.Errors {
		known := finiteOf(errors)
		l.heads = max(l.heads, len(known))
		for q, into := range map[float64]*[]float64{0: &l.low, 0.5: &l.median, 1: &l.high} {
			*into = append(*into, statistics.Quantile(known, q))
		}
	}
	return l
}

func (l *synapsesLine) setLook(i int, floor bool) {
	l.floor = floor
	if floor {
		l.look, l.marker = stroke{colour: ink, width: 0.9, dashes: dashings[2]}, crossGlyph
		return
	}
	l.look, l.marker = lineLook(i)
}

func synapsesPanel(in SynapsesInput, lines []synapsesLine) *panel {
	var xs, ys [][]float64
	for _, l := range lines {
		xs, ys = append(xs, l.Synapses), append(ys, l.low, l.high)
	}
	uniform := statistics.Quantile(finiteOf(in.Uniform), 0.5)
	ys = append(ys, []float64{uniform})
	reach := xs
	for _, r := range in.Astrocytes {
		reach = append(reach, []float64{r.From, r.To})
	}
	x, _ := spanOf(reach...).logarithmic(0.04)
	pl := &panel{x: x, y: errorAxis(ys, uniform, 0, in.Label)}
	pl.x.label = Subscripts("synapses of a head, m·d_v (–)")
	pl.x.mark(8)
	if spanOf(xs...).count == 0 || len(in.Curves) == 0 {
		pl.empty = "no errors to draw"
		return pl
	}
	for i, r := range in.Astrocytes {
		pl.add(&stripe{from: r.From, to: r.To, colour: stripeColour(i)})
	}
	if finite(uniform) {
		pl.add(&guide{at: uniform, stroke: trivialLook})
	}
	for i, l := range lines {
		if l.heads > 1 {
			pl.add(&whiskers{x: apart(l.Synapses, i, len(lines)), low: l.low, high: l.high, stroke: stroke{colour: fade(l.look.colour, 0.55), width: 0.8}})
		}
	}
	for i, l := range lines {
		if level := l.level(); finite(level) {
			pl.add(&guide{at: level, stroke: l.look})
		}
		pl.add(&curve{x: apart(l.Synapses, i, len(lines)), y: l.median, stroke: l.look})
		pl.add(&points{x: apart(l.Synapses, i, len(lines)), y: l.median, glyph: l.marker, colour: l.look.colour, radius: 2})
	}
	return pl
}

// level is the median error of infinitely many neurons; NaN where the curve has none.
func (l *synapsesLine) level() float64 {
	for i, x := range l.Synapses {
		if math.IsInf(x, 1) {
			return l.median[i]
		}
	}
	return math.NaN()
}

// stripeColour is that of the i-th range, paler and paler, and opaque, so that lines on it keep their colours.
func stripeColour(i int) (c color.NRGBA) {
	fraction := 0.3 * math.Pow(0.5, float64(i))
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*fraction + float64(b)*(1-fraction))) }
	c.R, c.G, c.B, c.A = mix(0x56, 0xff), mix(0xb4, 0xff), mix(0xe9, 0xff), 0xff
	return c
}

// apart moves one of several lines a little to the side, so that bars at the same place do not hide each
// other. What is infinite has no place.
func apart(x []float64, i, lines int) []float64 {
	const step, most = 1.05, 1.6
	by := math.Pow(min(step, math.Pow(most, 1/float64(lines))), float64(i)-float64(lines-1)/2)
	out := make([]float64, len(x))
	for k := range x {
		out[k] = x[k] * by
		if math.IsInf(x[k], 1) {
			out[k] = math.NaN()
		}
	}
	return out
}

func synapsesKeys(in SynapsesInput, lines []synapsesLine) []key {
	if len(in.Curves) == 0 {
		return nil
	}
	var keys []key
	for _, l := range lines {
		text := cleanMarked(l.Label)
		if l.floor {
			text = "floor, held out: signs free"
		}
		k := key{line: l.look, glyph: l.marker, text: text}
		if finite(l.level()) {
			k.text += ", m\u00a0=\u00a0∞"
			if len(l.Synapses) == 1 {
				k.glyph = noGlyph
			}
		}
		keys = append(keys, k)
	}
	if u := statistics.Quantile(finiteOf(in.Uniform), 0.5); finite(u) {
		keys = append(keys, key{line: trivialLook, text: "uniform attention"})
	}
	for i, r := range in.Astrocytes {
		keys = append(keys, key{line: stroke{colour: stripeColour(i)}, area: true, text: cleanMarked(r.Name) + ", " + synapsesRange(r)})
	}
	return keys
}

// synapsesRange writes a range as biologists do.
func synapsesRange(r SynapsesRange) string {
	if r.To >= 1e6 {
		return fmt.Sprintf("%g–%g\u00a0million", r.From/1e6, r.To/1e6)
	}
	return fmt.Sprintf("%g–%g\u00a0thousand", r.From/1e3, r.To/1e3)
}

func captionSynapses(f *Figure, in SynapsesInput, pl *panel, lines []synapsesLine) {
	heads, seeds, floor, level, above := 0, 1, false, false, 0
	var shaded []string
	for _, r := range in.Astrocytes {
		shaded = append(shaded, cleanMarked(r.Name)+", "+synapsesRange(r))
	}
	for _, l := range lines {
		beyond, _ := outside(pl, apart(l.Synapses, 0, 1), l.median)
		above += beyond
		level = level || finite(l.level())
		heads, seeds, floor = max(heads, l.heads), max(seeds, l.Seeds), floor || l.floor
	}
	f.setCaption(in.Subject,
		"Error of the output against the number of synapses of a head, m·d_v: m hidden neurons, each with a synapse on each of the d_v output neurons; both axes are logarithmic.",
		meaningOf(in.Meaning),
		when(heads > 1, fmt.Sprintf("Lines and markers are the medians over %d heads, bars go from the least to the largest error of a head; where several maps have the same number of synapses, lines and bars stand a little beside each other.", heads)),
		when(seeds > 1, fmt.Sprintf("Runs that differ in their seed alone are one: an error of a head is the median over seeds, of up to %d.", seeds)),
		when(len(finiteOf(in.Uniform)) > 0, fmt.Sprintf("Uniform attention: the same error of a trivial answer, which looks at all tokens alike; the median over heads%s, %s.", when(in.UniformOf != "", ", of "+clean(in.UniformOf)), number(statistics.Quantile(finiteOf(in.Uniform), 0.5)))),
		when(level, "A level across the panel is the median over heads of infinitely many neurons, which know the kernel exactly."),
		when(floor, "The floor is the error, held out, with the best approximation of that rank to the kernel, whose signs are free: indicative, no bound."),
		when(above > 0, fmt.Sprintf("An arrow head is an error beyond the axis; there are %d.", above)),
		when(len(shaded) > 0, "Shaded is how many synapses one cell ensheathes: "+strings.Join(shaded, "; ")+when(in.AstrocytesFrom != "", " ("+clean(in.AstrocytesFrom)+")")+"."))
	type cell struct{ line, point, head int }
	var rows []cell
	for i, l := range lines {
		for p := range l.Synapses {
			for h := range l.Errors[p] {
				rows = append(rows, cell{i, p, h})
			}
		}
	}
	for h := range in.Uniform {
		rows = append(rows, cell{-1, 0, h})
	}
	synapses, errors := make([]float64, len(rows)), make([]float64, len(rows))
	for k, r := range rows {
		if r.line < 0 {
			synapses[k], errors[k] = math.NaN(), in.Uniform[r.head]
			continue
		}
		synapses[k], errors[k] = lines[r.line].Synapses[r.point], lines[r.line].Errors[r.point][r.head]
	}
	f.setData(len(rows), texts("map", func(row int) string {
		switch r := rows[row]; {
		case r.line < 0:
			return "uniform attention"
		case lines[r.line].floor:
			return "floor"
		default:
			return cleanMarked(lines[r.line].Label)
		}
	}), floats("synapses", synapses), counts("head", func(row int) int { return rows[row].head }), floats("error", errors))
}
