package plotting

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// CompartmentsCurve is the error with one number of compartments over the rate of exchange.
type CompartmentsCurve struct {
	// Label names the compartments; may hold [Subscripts].
	Label string
	// Exchange is the rate D between two compartments, in 1/s, of each point [P], ascending; 0 is none.
	Exchange []float64
	// Errors are those of the heads, of each point [P][heads]; NaN and ±Inf are missing.
	Errors [][]float64
	// Diffusion is the exchange that diffusion makes over each of the lengths; nil where none does.
	Diffusion []ExchangeRange
}

// ExchangeRange is the exchange, in 1/s, that a range of diffusion coefficients makes, and a usual one.
type ExchangeRange struct{ From, Usual, To float64 }

// CompartmentsInput holds what [Compartments] draws.
type CompartmentsInput struct {
	// Subject is written above the figure; it may hold [Subscripts].
	Subject string
	// Heads names the heads, a panel each, such as "layer 0, head 3".
	Heads []string
	// Curves are the numbers of compartments, in the order of the legend.
	Curves []CompartmentsCurve
	// WellMixed are the errors of the one compartment in the heads; nil where they are not known.
	WellMixed []float64
	// Uniform are the errors of uniform attention in the heads; nil where they are not known.
	Uniform []float64
	// Lengths, in µm, are those over which calcium diffuses.
	Lengths []float64
	// Least, Usual and Most are the diffusion coefficients, in µm²/s, and Source where they are from.
	Least, Usual, Most float64
	Source             string
	// Label names the error, with its unit in brackets; "" is "relative error of the output (–)".
	Label string
	// Meaning says in a sentence what the error is, for the caption.
	Meaning string
	// Seeds is the largest number of runs that an error is the median of; 0 is 1.
	Seeds int
	// Width is the figure's width; 0 is DoubleColumn.
	Width vg.Length
}

// Compartments draws the error of the output against the rate at which an astrocyte's compartments
// exchange calcium, a line for each number of them and a panel for each head, on common axes; and where on
// each line the exchange is that diffusion makes over some lengths. Both axes are logarithmic; what
// exchanges nothing stands beyond a break at the left. That of errors spans five decades below 1 at most.
func Compartments(in CompartmentsInput) (*Figure, error) {
	width, err := widthOr("compartments", in.Width, DoubleColumn)
	if err != nil {
		return nil, err
	}
	for i, c := range in.Curves {
		if err := shapeOfErrors("compartments", i, c.Errors, len(c.Exchange), len(in.Heads)); err != nil {
			return nil, err
		}
		if c.Diffusion != nil {
			if err := shape("compartments", fmt.Sprintf("Curves[%d].Diffusion", i), len(c.Diffusion), len(in.Lengths), "one per length"); err != nil {
				return nil, err
			}
		}
	}
	if err := shapeIfKnown("compartments", "WellMixed", in.WellMixed, len(in.Heads)); err != nil {
		return nil, err
	}
	if err := shapeIfKnown("compartments", "Uniform", in.Uniform, len(in.Heads)); err != nil {
		return nil, err
	}
	f := &Figure{Name: "compartments", Width: width}
	panels := compartmentsPanels(&in)
	f.layTiles(in.Subject, panels, compartmentsKeys(&in, panels), 0.8)
	captionCompartments(f, &in, panels)
	return f, nil
}

// wellMixedLook is the guide at the error of the one compartment.
var wellMixedLook = stroke{colour: dim, width: 0.8, dashes: []vg.Length{1.2, 1.2}}

const exchangeLabel = "exchange between compartments (1/s)"

// exchangeAxis is the axis of exchange, and where on it there is none.
func exchangeAxis(curves []CompartmentsCurve) (x axis, nothing float64) {
	var rates []float64
	apart := false
	for _, c := range curves {
		for _, d := range c.Exchange {
			rates, apart = append(rates, d), apart || d == 0
		}
	}
	s := spanOf(rates)
	x, any := s.logarithmic(0.03)
	if !apart {
		x.mark(6)
		x.label = exchangeLabel
		return x, math.NaN()
	}
	least := x.lo
	if !any {
		least = x.hi
	}
	nothing = least / math.Pow(x.hi/x.lo, 0.12)
	x, _ = spanOf([]float64{nothing, x.hi}).logarithmic(0.03)
	x.mark(6)
	x.ticks = slices.DeleteFunc(x.ticks, func(t tick) bool { return t.at < least })
	x.ticks = append([]tick{{at: nothing, label: "0"}}, x.ticks...)
	x.label = exchangeLabel
	return x, nothing
}

// axisBreak is a pair of strokes across the lower edge of a panel, where the axis leaps.
type axisBreak struct{ at float64 }

func (b *axisBreak) draw(p *page, pl *panel) {
	at := pl.point(b.at, pl.y.lo)
	if isNaN(at.X) || !pl.holds(vg.Point{X: at.X, Y: pl.area.Min.Y}) {
		return
	}
	for _, dx := range []vg.Length{-1, 1} {
		p.polyline(stroke{colour: ink, width: frameWidth}, vg.Point{X: at.X + dx - 1, Y: pl.area.Min.Y - 2.5}, vg.Point{X: at.X + dx + 1, Y: pl.area.Min.Y + 2.5})
	}
}

// Of where diffusion is: how wide its stretch of a line is, and how large its markers.
const (
	diffusionWidth  = 4.5
	diffusionRadius = 3.2
)

func diffusionGlyph(i int) glyph { return openGlyphs[i%len(openGlyphs)] }

func compartmentsPanels(in *CompartmentsInput) []*panel {
	x, nothing := exchangeAxis(in.Curves)
	var ys [][]float64
	count := 0
	for _, c := range in.Curves {
		ys = append(ys, slices.Concat(c.Errors...))
		count += spanOf(c.Exchange).count
	}
	y := errorAxis(append(ys, in.Uniform), statistics.Quantile(finiteOf(in.Uniform), 1), leastError, in.Label)
	if count == 0 || len(in.Heads) == 0 {
		return []*panel{{x: x, y: y, empty: "no errors to draw"}}
	}
	var panels []*panel
	for h, name := range in.Heads {
		pl := &panel{x: x, y: y, title: clean(name)}
		for _, g := range []struct {
			errors []float64
			look   stroke
		}{{in.Uniform, trivialLook}, {in.WellMixed, wellMixedLook}} {
			if len(g.errors) > 0 && finite(g.errors[h]) {
				pl.add(&guide{at: g.errors[h], stroke: g.look})
			}
		}
		for i, c := range in.Curves {
			look, _ := lineLook(i)
			line := errorsOf(h, c.Errors)
			for _, d := range c.Diffusion {
				at, errors := c.stretch(line, d)
				pl.add(&curve{x: at, y: errors, stroke: stroke{colour: fade(look.colour, 0.35), width: diffusionWidth}})
			}
			at := slices.Clone(c.Exchange)
			for k, d := range at {
				if d == 0 {
					pl.add(&points{x: []float64{nothing}, y: markedOf(line[k:k+1], y), glyph: discGlyph, colour: look.colour, radius: 1.6})
					at[k] = math.NaN()
				}
			}
			pl.add(&curve{x: at, y: line, stroke: look}, &points{x: at, y: markedOf(line, y), glyph: discGlyph, colour: look.colour, radius: 1.2})
		}
		for _, c := range in.Curves { // above all lines
			for k, d := range c.Diffusion {
				pl.add(&points{x: []float64{d.Usual}, y: insideOf(c.between(errorsOf(h, c.Errors), d.Usual), y), glyph: diffusionGlyph(k), colour: ink, radius: diffusionRadius})
			}
		}
		if finite(nothing) {
			first := slices.IndexFunc(x.ticks, func(t tick) bool { return t.at > nothing })
			if first > 0 {
				pl.add(&axisBreak{at: math.Sqrt(nothing) * math.Sqrt(x.ticks[first].at)})
			}
		}
		panels = append(panels, pl)
	}
	return panels
}

// insideOf is an error, NaN where it lies beyond the axis.
func insideOf(e float64, y axis) []float64 {
	if e < y.lo || e > y.hi {
		e = math.NaN()
	}
	return []float64{e}
}

// between is the error at an exchange on the line as it is drawn, straight between points on logarithmic
// axes; NaN beyond its ends and where a point is missing.
func (c *CompartmentsCurve) between(line []float64, exchange float64) float64 {
	for k, d := range c.Exchange {
		if d == exchange {
			return line[k]
		}
		if k == 0 || !(c.Exchange[k-1] > 0 && c.Exchange[k-1] < exchange && exchange < d) || math.IsInf(d, 0) {
			continue
		}
		if a, b := line[k-1], line[k]; a > 0 && b > 0 {
			share := (math.Log(exchange) - math.Log(c.Exchange[k-1])) / (math.Log(d) - math.Log(c.Exchange[k-1]))
			return math.Exp((1-share)*math.Log(a) + share*math.Log(b))
		}
		return math.NaN()
	}
	return math.NaN()
}

// stretch is the part of a line over a range of exchange.
func (c *CompartmentsCurve) stretch(line []float64, over ExchangeRange) (exchange, errors []float64) {
	add := func(d, e float64) { exchange, errors = append(exchange, d), append(errors, e) }
	if e := c.between(line, over.From); finite(e) {
		add(over.From, e)
	}
	for k, d := range c.Exchange {
		if d > over.From && d < over.To {
			add(d, line[k])
		}
	}
	if e := c.between(line, over.To); finite(e) {
		add(over.To, e)
	}
	return exchange, errors
}

// holdsError reports whether the axes of errors hold an error of the heads.
func holdsError(errors []float64, panels []*panel) bool {
	return slices.ContainsFunc(errors, func(e float64) bool { return e >= panels[0].y.lo && e <= panels[0].y.hi })
}

func (in *CompartmentsInput) diffuses() bool {
	return slices.ContainsFunc(in.Curves, func(c CompartmentsCurve) bool { return len(c.Diffusion) > 0 })
}

func compartmentsKeys(in *CompartmentsInput, panels []*panel) []key {
	if len(in.Heads) == 0 {
		return nil
	}
	var keys []key
	for i, c := range in.Curves {
		look, _ := lineLook(i)
		keys = append(keys, key{line: look, glyph: discGlyph, text: cleanMarked(c.Label)})
	}
	if holdsError(in.WellMixed, panels) {
		keys = append(keys, key{line: wellMixedLook, text: "well-mixed"})
	}
	if len(finiteOf(in.Uniform)) > 0 {
		keys = append(keys, key{line: trivialLook, text: "uniform attention"})
	}
	if in.diffuses() {
		for i, length := range in.Lengths {
			keys = append(keys, key{line: stroke{colour: ink}, glyph: diffusionGlyph(i), text: fmt.Sprintf("diffusion over %.4g\u00a0µm, %.4g\u00a0µm%s/s", length, in.Usual, sup("2"))})
		}
		keys = append(keys, key{line: stroke{colour: fade(dim, 0.35)}, area: true, text: fmt.Sprintf("the same, %.4g–%.4g\u00a0µm%s/s", in.Least, in.Most, sup("2"))})
	}
	return keys
}

func captionCompartments(f *Figure, in *CompartmentsInput, panels []*panel) {
	beyond, none := false, false
	for h, pl := range panels[:min(len(panels), len(in.Heads))] {
		for _, c := range in.Curves {
			none = none || slices.Contains(c.Exchange, 0)
			for _, e := range errorsOf(h, c.Errors) {
				beyond = beyond || e < pl.y.lo || e > pl.y.hi
			}
		}
	}
	f.setCaption(in.Subject,
		"Error of the output against the rate D at which an astrocyte's compartments exchange calcium, a line for each number C of compartments; both axes are logarithmic.",
		meaningOf(in.Meaning),
		when(none, "Left of the break, at 0, nothing is exchanged."),
		when(in.diffuses(), fmt.Sprintf("Open markers stand where buffered calcium that diffuses with D_Ca\u00a0=\u00a0%.4g\u00a0µm²/s along a process of length ℓ makes the exchange, D\u00a0=\u00a0D_Ca/(ℓ/C)², straight between the points beside it; the broad stretches are those of %.4g–%.4g\u00a0µm²/s (%s).", in.Usual, in.Least, in.Most, clean(in.Source))),
		when(len(in.Heads) > 1, "Panels are heads, on the same axes."),
		overRuns(in.Seeds),
		when(holdsError(in.WellMixed, panels), "Dotted: the error of the well-mixed astrocyte, a single compartment."),
		when(len(finiteOf(in.WellMixed)) > 0 && !holdsError(in.WellMixed, panels), "The error of the well-mixed astrocyte, a single compartment, lies beyond the axis."),
		dashedUniform(in.Uniform),
		when(beyond, "A line that leaves a panel goes on beyond the axis."))
	type cell struct {
		name           string
		head           int
		length         float64 // µm, where diffusion makes the exchange
		exchange, size float64
		between        float64 // the error there, between points
	}
	var rows []cell
	missing := math.NaN()
	for _, c := range in.Curves {
		name := cleanMarked(c.Label)
		for p, d := range c.Exchange {
			for h := range in.Heads {
				rows = append(rows, cell{name, h, missing, d, c.Errors[p][h], missing})
			}
		}
		for k, r := range c.Diffusion {
			for _, d := range []float64{r.From, r.Usual, r.To} {
				for h := range in.Heads {
					rows = append(rows, cell{name, h, in.Lengths[k], d, missing, c.between(errorsOf(h, c.Errors), d)})
				}
			}
		}
	}
	for h := range in.WellMixed {
		rows = append(rows, cell{"well-mixed", h, missing, missing, in.WellMixed[h], missing})
	}
	for h := range in.Uniform {
		rows = append(rows, cell{"uniform attention", h, missing, missing, in.Uniform[h], missing})
	}
	column := func(of func(cell) float64) []float64 {
		values := make([]float64, len(rows))
		for k, r := range rows {
			values[k] = of(r)
		}
		return values
	}
	f.setData(len(rows), texts("astrocyte", func(row int) string { return rows[row].name }), texts("head", func(row int) string { return clean(in.Heads[rows[row].head]) }),
		floats("length_um", column(func(r cell) float64 { return r.length })), floats("exchange_per_s", column(func(r cell) float64 { return r.exchange })),
		floats("error", column(func(r cell) float64 { return r.size })), floats("interpolated", column(func(r cell) float64 { return r.between })))
}
