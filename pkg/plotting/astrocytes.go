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

func layAstrocytes(f *Figure, in AstrocytesInput, panels []*panel, shown []shownPart) {
	const mostLines = 3
	columns := 1
	if f.Width >= narrow {
		columns = min(2, len(panels))
	}
	// Names are broken into lines, as many in each row as the longest takes.
	names, lines := make([][]string, len(in.Bars)), 1
	most := f.Width * 0.36
	if columns > 1 {
		most = f.Width * 0.27
	}
	left := vg.Length(figureInset)
	if panels[0].empty == "" {
		for i, b := range in.Bars {
			if names[i] = textFace.wrap(cleanMarked(b.Name), most); len(names[i]) > mostLines {
				names[i] = names[i][:mostLines]
				names[i][mostLines-1] += " …"
			}
			lines, left = max(lines, len(names[i])), max(left, figureInset+textFace.widest(names[i])+tickGap+3)
		}
	}
	rowHeight := max(12.5, vg.Length(lines)*sizeText*lineSkip+3.5)
	numbers := vg.Length(0)
	totals := make([][]string, len(panels))
	for h := range panels {
		for _, b := range in.Bars {
			if panels[h].empty == "" {
				totals[h] = append(totals[h], figureOf(finiteOf(b.Total[h:h+1]), b.Total[h]))
			}
		}
		numbers = max(numbers, textFace.widest(totals[h]))
	}
	keys := wrapKeys(astrocyteKeys(in, panels, shown), f.Width-2*figureInset)
	l := newLegend(keys, f.Width-2*figureInset)
	y := f.header(in.Subject)
	legendTop := y
	y += l.height() + legendGap + 3
	const apart = 10
	right := 5 + numbers + figureInset
	wide := (f.Width-left-vg.Length(columns-1)*apart)/vg.Length(columns) - right
	high := vg.Length(len(in.Bars)) * rowHeight
	if panels[0].empty != "" {
		high = 3 * 12.5
	}
	head := vg.Length(titleGap + sizeTitle*lineSkip)
	below := panels[0].x.below()
	for _, pl := range panels {
		pl.x.mark(min(6, int(wide/26)))
	}
	areas := make([]vg.Rectangle, len(panels))
	for i, pl := range panels {
		row, column := i/columns, i%columns
		if len(panels) > 1 && i < 26 {
			pl.letter = string(rune('a' + i))
		}
		x := left + vg.Length(column)*(wide+right+apart)
		top := y + head + vg.Length(row)*(high+head+below+apart)
		areas[i] = rect(x, top, x+wide, top+high)
	}
	f.Height = areas[len(areas)-1].Max.Y + below + figureInset
	l.at = vg.Point{X: figureInset, Y: f.Height - legendTop}
	f.add(f.subject(in.Subject)...)
	f.add(l)
	for i, pl := range panels {
		pl.area = f.fromTop(areas[i])
		f.add(pl)
		if pl.empty != "" {
			continue
		}
		for row := range in.Bars {
			middle := pl.area.Max.Y - (vg.Length(row)+0.5)*rowHeight
			f.add(&label{face: textFace, text: totals[i][row], at: vg.Point{X: pl.area.Max.X + 5 + numbers, Y: middle}, hx: 1, vy: 0.5})
			if i%columns > 0 {
				continue // the panel at its left has the names
			}
			for k, line := range names[row] {
				at := middle + (vg.Length(len(names[row])-1)/2-vg.Length(k))*sizeText*lineSkip
				f.add(&label{face: textFace, text: line, at: vg.Point{X: left - tickGap - 2, Y: at}, hx: 1, vy: 0.5})
			}
		}
	}
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
	type cell struct{ bar, part, head int }
	var rows []cell
	for i := range in.Bars {
		for k := -1; k < len(in.Parts); k++ {
			for h := range in.Heads {
				rows = append(rows, cell{i, k, h})
			}
		}
	}
	for h := range in.Trivial {
		rows = append(rows, cell{-1, 0, h})
	}
	values := make([]float64, len(rows))
	for i, r := range rows {
		switch {
		case r.bar < 0:
			values[i] = in.Trivial[r.head]
		case r.part < 0:
			values[i] = in.Bars[r.bar].Total[r.head]
		default:
			values[i] = in.Bars[r.bar].Values[r.part][r.head]
		}
	}
	f.setData(len(rows), texts("astrocyte", func(row int) string {
		if rows[row].bar < 0 {
			return "uniform attention"
		}
		return cleanMarked(in.Bars[rows[row].bar].Name)
	}), texts("part", func(row int) string {
		if r := rows[row]; r.bar >= 0 && r.part >= 0 {
			return clean(in.Parts[r.part].Name)
		}
		return "total"
	}), texts("head", func(row int) string { return clean(in.Heads[rows[row].head]) }), floats("error", values))
}
