package plotting

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
)

// AstrocytesInput holds what [Astrocytes] draws: relative errors ‖ΔO‖/‖A₀V‖ (science §2), dimensionless.
type AstrocytesInput struct {
	// Subject is written above the figure; it may hold [Subscripts].
	Subject string
	// Reference is the rung that errors are relative to; "" is softmax.
	Reference string
	// Heads names the heads, a panel each, such as "layer 0, head 3".
	Heads []string
	// Parts are what the error is made of: the steps of the ladder and the causes.
	Parts []AstrocytePart
	// Bars are the astrocytes, from the top down.
	Bars []AstrocyteBar
	// Trivial is the error of uniform attention in the heads; nil where it is not known.
	Trivial []float64
	// Seeds is the largest number of runs that an error is the median of; 0 is 1.
	Seeds int
	// Width is the figure's width; 0 is DoubleColumn.
	Width vg.Length
}

// AstrocytePart is a part of the errors: its name, and what it is in a few words, for the caption.
type AstrocytePart struct{ Name, Meaning string }

// AstrocyteBar is the budget with one astrocyte.
type AstrocyteBar struct {
	// Name stands at its left; it may hold [Subscripts].
	Name string
	// Total is the error of the heads [heads], and Values that of the parts [parts][heads]; NaN is
	// a part that a head's network does not have.
	Total  []float64
	Values [][]float64
}

// Astrocytes draws the error budget of several astrocytes in the same heads, a panel for each head and a
// row for each astrocyte: the whole error as a bar, and on it the parts that make it, each where it would
// end if it were alone. The axis is logarithmic, four decades at most; smaller parts are left out, and a
// bar that has no length is an arrow head.
func Astrocytes(in AstrocytesInput) (*Figure, error) {
	width, err := widthOr("astrocytes", in.Width, DoubleColumn)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	f := &Figure{Name: "astrocytes", Width: width}
	panels, shown := astrocytePanels(in)
	layAstrocytes(f, in, panels, shown)
	captionAstrocytes(f, in, panels, shown)
	return f, nil
}

func (in *AstrocytesInput) check() error {
	if err := shapeIfKnown("astrocytes", "Trivial", in.Trivial, len(in.Heads)); err != nil {
		return err
	}
	for i, b := range in.Bars {
		if err := shape("astrocytes", fmt.Sprintf("Bars[%d].Total", i), len(b.Total), len(in.Heads), perHead); err != nil {
			return err
		}
		if err := shape("astrocytes", fmt.Sprintf("Bars[%d].Values", i), len(b.Values), len(in.Parts), "one list per part"); err != nil {
			return err
		}
		for k, v := range b.Values {
			if err := shape("astrocytes", fmt.Sprintf("Bars[%d].Values[%d]", i, k), len(v), len(in.Heads), perHead); err != nil {
				return err
			}
		}
	}
	return nil
}

// shownPart is a part that is drawn, as the index into Parts, and how.
type shownPart struct {
	part int
	key
}

func astrocytePanels(in AstrocytesInput) (panels []*panel, shown []shownPart) {
	arrays := [][]float64{in.Trivial}
	for _, b := range in.Bars {
		arrays = append(arrays, b.Total)
	}
	const most = 4
	s := spanOf(arrays...)
	for _, b := range in.Bars {
		for _, v := range b.Values {
			s.positiveLo = min(s.positiveLo, spanOf(v).positiveLo)
		}
	}
	s.hi = min(s.hi, 1e300) // room for the margin
	x := axis{lo: 1e-4, hi: 1, log: true}
	if s.hi > 0 {
		top := math.Ceil(math.Log10(s.hi))
		x.lo = math.Pow(10, max(top-most, min(math.Floor(math.Log10(s.positiveLo)), top-1), -300))
		x.hi = max(s.hi, 2*x.lo) * 1.3
	}
	x.label = "error relative to ‖" + softmaxOutput + "‖ (–)"
	if in.Reference != "" {
		x.label = "error relative to " + clean(in.Reference) + " (–)"
	}
	x.mark(5)
	y := axis{lo: float64(len(in.Bars)) - 0.5, hi: -0.5}
	if s.count == 0 || len(in.Heads) == 0 || len(in.Bars) == 0 {
		return []*panel{{x: x, y: y, empty: "no astrocyte has an error budget"}}, nil
	}
	for k, part := range in.Parts {
		if slices.ContainsFunc(in.Bars, func(b AstrocyteBar) bool {
			return slices.ContainsFunc(b.Values[k], func(e float64) bool { return e >= x.lo && finite(e) })
		}) {
			look, shape := lineLook(len(shown))
			shown = append(shown, shownPart{k, key{line: stroke{colour: look.colour}, glyph: shape, text: clean(part.Name)}})
		}
	}
	for h, name := range in.Heads {
		pl := &panel{x: x, y: y, title: clean(name)}
		trivial := math.NaN()
		if in.Trivial != nil {
			trivial = in.Trivial[h]
		}
		for row, b := range in.Bars {
			pl.add(&bar{row: float64(row), part: BudgetPart{Values: b.Total[h : h+1], Total: true}, trivial: trivial, pale: true})
		}
		if finite(trivial) {
			pl.add(&guide{at: trivial, upright: true, stroke: trivialLook})
		}
		for _, s := range shown {
			marks := &points{glyph: s.glyph, colour: s.line.colour, radius: 2.2}
			for row, b := range in.Bars {
				if e := b.Values[s.part][h]; e >= x.lo {
					marks.x, marks.y = append(marks.x, e), append(marks.y, float64(row))
				}
			}
			pl.add(marks)
		}
		panels = append(panels, pl)
	}
	return panels, shown
}

func astrocyteKeys(in AstrocytesInput, panels []*panel, shown []shownPart) []key {
	if panels[0].empty != "" {
		return nil
	}
	keys := []key{{line: stroke{colour: faint}, area: true, text: "the whole error"}}
	for _, s := range shown {
		keys = append(keys, s.key)
	}
	if len(finiteOf(in.Trivial)) > 0 {
		keys = append(keys, key{line: trivialLook, text: "uniform attention"})
	}
	if drawn := astrocyteSigns(panels); drawn.exceeds {
		keys = append(keys, key{line: stroke{colour: beyondTrivial}, area: true, text: "what the whole exceeds it by"})
	}
	if in.Reference == "" {
		keys = append(keys, key{text: softmaxOutput + ": output of softmax attention"})
	}
	return keys
}

func astrocyteSigns(panels []*panel) (drawn signs) {
	for _, pl := range panels {
		of := budgetSigns(pl)
		drawn.exceeds, drawn.below = drawn.exceeds || of.exceeds, drawn.below || of.below
	}
	return drawn
}

func captionAstrocytes(f *Figure, in AstrocytesInput, panels []*panel, shown []shownPart) {
	var meanings []string
	for _, s := range shown {
		if part := in.Parts[s.part]; part.Meaning != "" {
			meanings = append(meanings, clean(part.Name)+": "+clean(part.Meaning))
		}
	}
	of, reference := "the transformer's", "A₀V, the output of softmax attention"
	if in.Reference != "" {
		of, reference = "that of "+clean(in.Reference)+" attention", "the output of "+clean(in.Reference)+" attention, as there is no other"
	}
	drawn := astrocyteSigns(panels)
	f.setCaption(in.Subject,
		"Where the network's output departs from "+of+", a row for each astrocyte. Bars are the Frobenius norm of the whole difference relative to that of "+reference+"; the number at the right is its value. Markers are the parts of it, each by itself.",
		when(len(meanings) > 0, strings.Join(meanings, "; ")+"."),
		when(len(shown) > 1, "The parts are vectors and may cancel, so that their sizes need not add up to the whole."),
		when(len(in.Heads) > 1, "Panels are heads, on the same axis."),
		"The axis is logarithmic, four decades at most; smaller parts are left out.",
		when(in.Seeds > 1, fmt.Sprintf("Runs of one astrocyte, of other seeds or solvers, are one: an error is the median over them, of up to %d.", in.Seeds)),
		when(drawn.below, "An arrow head is an error below the axis."),
		dashedUniform(in.Trivial),
		when(drawn.exceeds, "What is beyond it is red from there on."))
	tabulateAstrocytes(f, in)
}

// tabulateAstrocytes sets the numbers that are drawn, and those of parts that are not.
func tabulateAstrocytes(f *Figure, in AstrocytesInput) {
	type cell struct {
		astrocyte, part string
		head            int
		error           float64
	}
	var rows []cell
	add := func(astrocyte, part string, errors []float64) {
		for h, e := range errors {
			rows = append(rows, cell{astrocyte, part, h, e})
		}
	}
	for _, b := range in.Bars {
		name := cleanMarked(b.Name)
		add(name, "total", b.Total)
		for k, part := range in.Parts {
			add(name, clean(part.Name), b.Values[k])
		}
	}
	add("uniform attention", "total", in.Trivial)
	errors := make([]float64, len(rows))
	for i, r := range rows {
		errors[i] = r.error
	}
	f.setData(len(rows), texts("astrocyte", func(row int) string { return rows[row].astrocyte }), texts("part", func(row int) string { return rows[row].part }),
		texts("head", func(row int) string { return clean(in.Heads[rows[row].head]) }), floats("error", errors))
}
