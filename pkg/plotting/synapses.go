package plotting

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// SynapsesCurve is the error of one feature map over the number of its synapses.
type SynapsesCurve struct {
	// Label names the map; may hold [Subscripts].
	Label string
	// Synapses is m·d_v, those of a head, of each point [P].
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
	Uniform []float64
	// Floor is the least error that so many neurons allow; its Label is not used. nil where it is not
	// known.
	Floor *SynapsesCurve
	// Label names the error, with its unit in brackets; "" is "relative error of the output (–)".
	Label string
	// Meaning says in a sentence what the error is, for the caption.
	Meaning string
	// Width is the figure's width; 0 is DoubleColumn.
	Width vg.Length
}

// A cell of either kind ensheathes so many synapses (science §8).
var astrocyteRanges = [...]struct {
	name     string
	from, to float64
	fraction float64 // how dark
}{
	{"rodent", 20e3, 120e3, 0.30},
	{"human", 270e3, 2e6, 0.16},
}

// Synapses draws the error of the output against the number of synapses m·d_v, a line for each feature map
// through the medians over heads, with bars from the least to the largest head; uniform attention and the
// floor beside them; and, shaded, how many synapses one astrocyte ensheathes. Both axes are logarithmic.
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
	captionSynapses(f, in, drawn)
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
	round := i / len(okabeIto) // colours come again with other shapes and dashes
	l.look, l.marker = stroke{colour: hue(i), width: 1, dashes: dashing(i + round)}, marker(i+round)
}

func synapsesPanel(in SynapsesInput, lines []synapsesLine) *panel {
	var xs, ys [][]float64
	for _, l := range lines {
		xs, ys = append(xs, l.Synapses), append(ys, l.low, l.high)
	}
	uniform := statistics.Quantile(finiteOf(in.Uniform), 0.5)
	ys = append(ys, []float64{uniform})
	human := astrocyteRanges[len(astrocyteRanges)-1].to
	x, _ := spanOf(append(xs, []float64{human})...).logarithmic(0.04)
	y, _ := spanOf(ys...).logarithmic(0.05)
	pl := &panel{x: x, y: y}
	pl.x.label, pl.y.label = Subscripts("synapses of a head, m·d_v (–)"), "relative error of the output (–)"
	if in.Label != "" {
		pl.y.label = cleanMarked(in.Label)
	}
	pl.x.mark(8)
	pl.y.mark(6)
	if spanOf(xs...).count == 0 || len(in.Curves) == 0 {
		pl.empty = "no errors to draw"
		return pl
	}
	for _, r := range astrocyteRanges {
		pl.add(&stripe{from: r.from, to: r.to, colour: stripeColour(r.fraction)})
	}
	if finite(uniform) {
		pl.add(&guide{at: uniform, stroke: trivialLook})
	}
	for i, l := range lines {
		if l.heads > 1 {
			pl.add(&whiskers{x: apart(l.Synapses, i, len(lines)), low: l.low, high: l.high, stroke: stroke{colour: fade(l.look.colour, 0.55), width: 0.8}})
		}
	}
	for _, l := range lines {
		pl.add(&curve{x: l.Synapses, y: l.median, stroke: l.look})
	}
	for i, l := range lines {
		pl.add(&points{x: apart(l.Synapses, i, len(lines)), y: l.median, glyph: l.marker, colour: l.look.colour, radius: 2})
	}
	return pl
}

// stripeColour is that of an astrocyte's range, opaque, so that lines on it keep their colours.
func stripeColour(fraction float64) (c color.NRGBA) {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*fraction + float64(b)*(1-fraction))) }
	c.R, c.G, c.B, c.A = mix(0x56, 0xff), mix(0xb4, 0xff), mix(0xe9, 0xff), 0xff
	return c
}

// apart moves the points of one of several lines a little to the side, so that bars at the same place do
// not hide each other.
func apart(x []float64, i, lines int) []float64 {
	const step = 1.035
	by := math.Pow(step, float64(i)-float64(lines-1)/2)
	out := make([]float64, len(x))
	for k := range x {
		out[k] = x[k] * by
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
			text = "floor: the least so many neurons allow"
		}
		keys = append(keys, key{line: l.look, glyph: l.marker, text: commas(text, when(l.Seeds > 1, fmt.Sprintf("%d\u00a0seeds", l.Seeds)))})
	}
	if u := statistics.Quantile(finiteOf(in.Uniform), 0.5); finite(u) {
		keys = append(keys, key{line: trivialLook, text: "uniform attention"})
	}
	for _, r := range astrocyteRanges {
		keys = append(keys, key{line: stroke{colour: stripeColour(r.fraction)}, area: true, text: fmt.Sprintf("one %s astrocyte, %s", r.name, synapsesRange(r.from, r.to))})
	}
	return keys
}

// synapsesRange writes a range as biologists do.
func synapsesRange(from, to float64) string {
	if to >= 1e6 {
		return fmt.Sprintf("%g–%g\u00a0million", from/1e6, to/1e6)
	}
	return fmt.Sprintf("%g–%g\u00a0thousand", from/1e3, to/1e3)
}

func captionSynapses(f *Figure, in SynapsesInput, lines []synapsesLine) {
	heads, seeds, floor := 0, 1, false
	for _, l := range lines {
		heads, seeds, floor = max(heads, l.heads), max(seeds, l.Seeds), floor || l.floor
	}
	meaning := cleanMarked(in.Meaning)
	if meaning == "" {
		meaning = "The error is ‖output − reference output‖_F / ‖reference output‖_F."
	}
	f.setCaption(in.Subject,
		"Error of the output against the number of synapses of a head, m·d_v: m hidden neurons, each with a synapse on each of the d_v output neurons; both axes are logarithmic.",
		meaning,
		when(heads > 1, fmt.Sprintf("Lines and markers are the medians over %d heads, bars go from the least to the largest error of a head; where several maps have the same number of synapses, markers and bars stand a little beside each other.", heads)),
		when(seeds > 1, "Runs that differ in their seed alone are one: an error of a head is the median over seeds."),
		when(len(finiteOf(in.Uniform)) > 0, fmt.Sprintf("Uniform attention: the same error of a trivial answer, which looks at all tokens alike; the median over heads, %s.", number(statistics.Quantile(finiteOf(in.Uniform), 0.5)))),
		when(floor, "The floor is the least error that any map of so many neurons, signed or not, has on the data."),
		"Shaded is how many synapses one astrocyte ensheathes: a rodent's 20 to 120 thousand, a human's 0.27 to 2 million.")
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
