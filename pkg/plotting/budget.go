package plotting

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// BudgetInput holds what [Budget] draws: relative errors ‖ΔO‖/‖A₀V‖ (science
// §2), dimensionless, one per head. NaN is a head without the value.
type BudgetInput struct {
	// Subject is written above the figure; it may hold [Subscripts].
	Subject string
	// Reference is the rung that errors are relative to; "" is softmax.
	Reference string
	// Heads names the heads [S], such as "0:1".
	Heads []string
	// Parts are the bars, from the top down. A part without any value has an empty
	// row; leave out what cannot occur.
	Parts []BudgetPart
	// Trivial is the error of uniform attention [S], the reference; may be nil.
	Trivial []float64
	// Alignment is ⟨A2−A1, A1−A0⟩/(‖·‖‖·‖) [S], in −1..1; its mean is in the
	// legend, since parts that point against each other do not add up. May be nil.
	Alignment []float64
	// Width is the figure's width; 0 is SingleColumn.
	Width vg.Length
}

// BudgetPart is one bar.
type BudgetPart struct {
	// Name stands at its left.
	Name string
	// Meaning says in a few words what it is, for the caption.
	Meaning string
	// Values are the errors [S]; nil is no value.
	Values []float64
	// Hue chooses the colour, from 0; what is Inset or Total has its own.
	Hue int
	// Inset is true for a cause within the part above.
	Inset bool
	// Total is true for what the parts add up to.
	Total bool
}

func (p *BudgetPart) colour() color.NRGBA {
	switch {
	case p.Total:
		return totalColour
	case p.Inset:
		return detailColour
	}
	return hue(p.Hue)
}

// Budget draws the ladder as horizontal bars, the mean over heads, with a dot
// per head and mean and worst in numbers at the right. The axis starts at 0, so that
// bars can be added by eye, unless the parts span more than two decades. Then it is
// logarithmic, six decades at most, and what lies below, zero included, is an arrow
// head at its lower end: the integrator's error would otherwise push the parts that
// matter into a corner. Where the total exceeds uniform attention, what it has too
// much has a colour of its own.
func Budget(in BudgetInput) (*Figure, error) {
	width, err := widthOr("budget", in.Width, SingleColumn)
	if err != nil {
		return nil, err
	}
	fields, arrays := []string{"Trivial", "Alignment"}, [][]float64{in.Trivial, in.Alignment}
	for i, p := range in.Parts {
		fields, arrays = append(fields, fmt.Sprintf("Parts[%d].Values", i)), append(arrays, p.Values)
	}
	for i, x := range arrays {
		if x == nil {
			continue
		}
		if err := shape("budget", fields[i], len(x), len(in.Heads), perHead); err != nil {
			return nil, err
		}
	}
	f := &Figure{Name: "budget", Width: width}
	pl := budgetPanel(in)
	layBudget(f, in, pl)
	captionBudget(f, in, pl)
	return f, nil
}

func captionBudget(f *Figure, in BudgetInput, pl *panel) {
	first := "Where the network's output departs from the transformer's."
	reference := "A₀V, the output of softmax attention: A₀ is its matrix, V are the values"
	if in.Reference != "" {
		first = "Where the network's output departs from that of " + clean(in.Reference) + " attention."
		reference = "the output of " + clean(in.Reference) + " attention, as there is no other"
	}
	// Of a part that no head has, nothing is said.
	var meanings []string
	parts, inset, total := 0, false, false
	for _, p := range in.Parts {
		if len(finiteOf(p.Values)) == 0 {
			continue
		}
		if p.Meaning != "" {
			meanings = append(meanings, clean(p.Name)+": "+clean(p.Meaning))
		}
		inset, total = inset || p.Inset, total || p.Total
		if !p.Total {
			parts++
		}
	}
	drawn := budgetSigns(pl)
	f.setCaption(in.Subject, first,
		"Each bar is the Frobenius norm of one part of the difference, relative to that of "+reference+".",
		when(len(meanings) > 0, strings.Join(meanings, "; ")+"."),
		when(inset, "The paler bars are within the part above them, one cause on at a time."),
		when(parts > 1 && total, "The parts are vectors and may cancel, so that their sizes need not add up to the total."),
		when(len(finiteOf(in.Alignment)) > 0, "The cosine in the legend says how far its two parts point the same way."),
		when(len(in.Heads) > 1, "Bars are means over heads, dots single heads."),
		when(pl.x.log, "The axis is logarithmic, six decades at most: lengths of bars are not to be compared, their ends are."),
		when(!pl.x.log, "The axis is linear and starts at 0."),
		when(drawn.below, "An arrow head is a value below the axis."),
		when(len(finiteOf(in.Trivial)) > 0, "Dashed: the error of uniform attention, an answer that looks at nothing."),
		when(drawn.exceeds, "The total is beyond it, and red from there on."))
	type series struct {
		name   string
		values []float64 // and their mean, of more than one head
	}
	var all []series
	add := func(name string, values []float64) {
		if len(values) > 1 {
			values = append(slices.Clone(values), statistics.Mean(finiteOf(values)))
		}
		all = append(all, series{name, values})
	}
	for _, p := range in.Parts {
		add(p.Name, p.Values)
	}
	add("uniform attention", in.Trivial)
	add("cosine of dynamics and kernel", in.Alignment)
	at := places(len(all), func(i int) int { return len(all[i].values) })
	heads := append(slices.Clone(in.Heads), "mean")
	f.setData(len(at), texts("part", func(row int) string { return clean(all[at[row].array].name) }),
		texts("head", func(row int) string { return clean(heads[at[row].at]) }),
		joined("value", at, func(i int) []float64 { return all[i].values }))
}

// signs are what a budget may show beside its bars.
type signs struct{ exceeds, below bool }

func budgetSigns(pl *panel) (drawn signs) {
	for _, m := range pl.marks {
		if b, ok := m.(*bar); ok {
			drawn.exceeds, drawn.below = drawn.exceeds || b.exceeds(), drawn.below || b.below(pl)
		}
	}
	return drawn
}

func budgetPanel(in BudgetInput) *panel {
	pl := &panel{x: budgetAxis(in), y: axis{lo: float64(len(in.Parts)) - 0.5, hi: -0.5}}
	pl.x.label = "error relative to ‖" + softmaxOutput + "‖ (–)"
	if in.Reference != "" {
		pl.x.label = "error relative to " + clean(in.Reference) + " (–)"
	}
	pl.x.mark(5)
	t := statistics.Mean(finiteOf(in.Trivial))
	for i, p := range in.Parts {
		pl.add(&bar{row: float64(i), part: p, trivial: t})
	}
	if finite(t) {
		pl.add(&guide{at: t, upright: true, stroke: trivialLook})
	}
	if len(in.Heads) == 0 || len(in.Parts) == 0 {
		pl.empty = "no head has an error budget"
	}
	return pl
}

var trivialLook = stroke{colour: ink, width: 0.8, dashes: dashings[1]}

// budgetAxis starts at 0, or is logarithmic where the values span two decades.
func budgetAxis(in BudgetInput) axis {
	arrays := [][]float64{in.Trivial}
	for _, p := range in.Parts {
		arrays = append(arrays, p.Values)
	}
	s := spanOf(arrays...)
	s.hi = min(s.hi, 1e300) // room for the margin
	if s.count == 0 || !(s.hi > 0) {
		return axis{lo: 0, hi: 1}
	}
	if s.hi/s.positiveLo <= 100 {
		return axis{lo: 0, hi: s.hi * 1.08}
	}
	const most = 6
	lo := max(math.Floor(math.Log10(s.positiveLo)), math.Ceil(math.Log10(s.hi))-most)
	return axis{lo: math.Pow(10, lo), hi: s.hi * math.Pow(s.hi/math.Pow(10, lo), 0.06), log: true}
}

// bar is one row: the mean over heads, and the heads as dots.
type bar struct {
	row     float64
	part    BudgetPart
	trivial float64 // the error of uniform attention; NaN is unknown
	pale    bool    // other marks lie on it
}

// exceeds tells whether the network is worse than an answer that looks at nothing.
func (b *bar) exceeds() bool {
	return b.part.Total && statistics.Mean(finiteOf(b.part.Values)) > b.trivial
}

// below tells whether the bar has no length on the panel's log axis.
func (b *bar) below(pl *panel) bool {
	x, ok := fraction(&pl.x, statistics.Mean(finiteOf(b.part.Values)))
	return ok && x <= 0 && pl.x.log
}

func (b *bar) draw(p *page, pl *panel) {
	half := 0.36
	if b.part.Inset {
		half = 0.26
	}
	values := finiteOf(b.part.Values)
	x, ok := fraction(&pl.x, statistics.Mean(values))
	if !ok {
		return
	}
	left, size := pl.area.Min.X, pl.area.Size().X
	top, bottom := pl.point(pl.x.hi, b.row-half).Y, pl.point(pl.x.hi, b.row+half).Y
	if x > 0 {
		end := left + vg.Length(min(x, 1))*size
		colour := b.part.colour()
		if b.pale {
			colour = faint
		}
		p.fillRect(colour, rect(left, bottom, end, top))
		if from, ok := fraction(&pl.x, b.trivial); ok && b.exceeds() {
			p.fillRect(beyondTrivial, rect(left+vg.Length(max(from, 0))*size, bottom, end, top))
		}
	}
	if x <= 0 {
		p.mark(leftGlyph, b.part.colour(), vg.Point{X: left + 1, Y: (top + bottom) / 2}, 2.2)
	}
	if len(values) < 2 || x <= 0 && !(spanOf(values).hi > pl.x.lo) {
		return // the arrow head says it all
	}
	for i, v := range values {
		// The golden ratio spreads the dots evenly for any number of heads.
		_, jitter := math.Modf(float64(i) * 0.6180339887)
		s := points{x: []float64{v}, y: []float64{b.row + (jitter-0.5)*1.5*half}}
		if at, g, ok := s.place(pl, s.x[0], s.y[0]); ok {
			if g == noGlyph {
				p.disc(white, at, 1.35)
				p.disc(ink, at, 0.95)
			} else {
				p.mark(g, ink, at, 1.4)
			}
		}
	}
}

// beyondTrivial is the colour of what a total has more than uniform attention.
var beyondTrivial = color.NRGBA{0xb2, 0x18, 0x2b, 0xff}

func budgetKeys(in BudgetInput, pl *panel) []key {
	var keys []key
	if len(in.Heads) > 1 {
		keys = append(keys,
			key{line: stroke{colour: faint}, area: true, text: fmt.Sprintf("mean over %d heads", len(in.Heads))},
			key{line: stroke{colour: ink}, glyph: discGlyph, text: "one head"})
	}
	if t := statistics.Mean(finiteOf(in.Trivial)); finite(t) {
		keys = append(keys, key{line: trivialLook, text: "uniform attention (trivial answer): " + number(t)})
	}
	drawn := budgetSigns(pl)
	if drawn.exceeds {
		keys = append(keys, key{line: stroke{colour: beyondTrivial}, area: true, text: "what the total exceeds it by"})
	}
	if drawn.below {
		what := "value"
		if len(in.Heads) > 1 {
			what = "mean"
		}
		keys = append(keys, key{line: stroke{colour: dim}, glyph: leftGlyph, text: what + " below the axis"})
	}
	if a := statistics.Mean(finiteOf(in.Alignment)); finite(a) {
		keys = append(keys, key{text: "cosine of dynamics and kernel parts: " + minus(fmt.Sprintf("%.2f", a))})
	}
	if pl.empty == "" && in.Reference == "" {
		keys = append(keys, key{text: softmaxOutput + ": output of softmax attention"})
	}
	return keys
}

func layBudget(f *Figure, in BudgetInput, pl *panel) {
	const rowHeight = 12.5
	names, means, worsts := []string{}, []string{"mean"}, []string{"worst"}
	for _, p := range in.Parts {
		name := clean(p.Name)
		if p.Inset {
			name = "· " + name
		}
		names = append(names, name)
		v := finiteOf(p.Values)
		means, worsts = append(means, figureOf(v, statistics.Mean(v))), append(worsts, figureOf(v, spanOf(v).hi))
	}
	if len(in.Heads) < 2 {
		means[0], worsts = "value", nil
	}
	keys := wrapKeys(budgetKeys(in, pl), f.Width-2*figureInset)
	l := newLegend(keys, f.Width-2*figureInset)
	y := f.header(in.Subject)
	legendTop := y
	y += l.height() + legendGap + sizeText*lineSkip + 2
	left := figureInset + textFace.widest(names) + tickGap + 3
	columns := [2]vg.Length{textFace.widest(means), textFace.widest(worsts)}
	right := figureInset + 5 + columns[0]
	if worsts != nil {
		right += 6 + columns[1]
	}
	high := vg.Length(len(in.Parts)) * rowHeight
	if pl.empty != "" {
		high = 3 * rowHeight
	}
	f.Height = y + high + pl.x.below() + figureInset
	pl.area = f.fromTop(rect(left, y, f.Width-right, y+high))
	pl.x.mark(min(6, int(pl.area.Size().X/26)))
	l.at = vg.Point{X: figureInset, Y: f.Height - legendTop}
	f.add(f.subject(in.Subject)...)
	f.add(l, pl)
	if pl.empty != "" {
		return
	}
	x1 := pl.area.Max.X + 5 + columns[0]
	at := func(i int) vg.Length { return pl.area.Max.Y - (vg.Length(i)-0.5)*rowHeight }
	for i := range means {
		if i > 0 {
			f.add(&label{face: textFace, text: names[i-1], at: vg.Point{X: left - tickGap - 2, Y: at(i)}, hx: 1, vy: 0.5})
		}
		f.add(&label{face: textFace, text: means[i], at: vg.Point{X: x1, Y: at(i)}, hx: 1, vy: 0.5})
		if worsts != nil {
			f.add(&label{face: textFace, text: worsts[i], at: vg.Point{X: x1 + 6 + columns[1], Y: at(i)}, hx: 1, vy: 0.5})
		}
	}
}

// figureOf writes a value, or that there was none.
func figureOf(values []float64, x float64) string {
	if len(values) == 0 {
		return "n/a"
	}
	return number(x)
}
