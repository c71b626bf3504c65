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
			pl.addExchange(&c, errorsOf(h, c.Errors), look, nothing)
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

// addExchange adds the line of a curve, broad where diffusion makes the exchange, and a marker apart
// where there is none.
func (pl *panel) addExchange(c *CompartmentsCurve, line []float64, look stroke, nothing float64) {
	for _, d := range c.Diffusion {
		at, errors := c.stretch(line, d)
		pl.add(&curve{x: at, y: errors, stroke: stroke{colour: fade(look.colour, 0.35), width: diffusionWidth}})
	}
	at := slices.Clone(c.Exchange)
	for k, d := range at {
		if d == 0 {
			pl.add(&points{x: []float64{nothing}, y: markedOf(line[k:k+1], pl.y), glyph: discGlyph, colour: look.colour, radius: 1.6})
			at[k] = math.NaN()
		}
	}
	pl.add(&curve{x: at, y: line, stroke: look}, &points{x: at, y: markedOf(line, pl.y), glyph: discGlyph, colour: look.colour, radius: 1.2})
}

// insideOf is an error, NaN where it lies beyond the axis.
func insideOf(e float64, y axis) []float64 {
	if e < y.lo || e > y.hi {
		e = math.NaN()
	}
	return []float64{e}
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
