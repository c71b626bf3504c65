package plotting

import (
	"fmt"
	"image/color"
	"slices"
	"strconv"

	"gonum.org/v1/plot/vg"
)

// Segment is the presentation of one token in one phase, or the blank behind it.
type Segment struct {
	// Start and End are times in s.
	Start, End float64
	// Token is the token's index.
	Token int
	// Reading is false while writing.
	Reading bool
	// Blank is true in the gap that follows a token.
	Blank bool
}

// TracesInput holds what [Traces] draws.
type TracesInput struct {
	// Subject is written above the figure.
	Subject string
	// Time of each sample [T] in s, ascending.
	Time []float64
	// Hidden [T,n] and Output [T,n'] are the recorded neurons' activities (rates
	// in arbitrary units), HiddenNeurons [n] and OutputNeurons [n'] their indices;
	// an index list that is nil counts from 0.
	Hidden, Output               []float64
	HiddenNeurons, OutputNeurons []int
	// HebbianNorm is ‖H‖_F [T], dimensionless.
	HebbianNorm []float64
	// Calcium is p [T,C], one column per compartment, dimensionless.
	Calcium []float64
	// Floor is p_min, drawn where it lies on the axis; 0 draws none.
	Floor float64
	// Segments are the presentations in time; see [Segments].
	Segments []Segment
	// Tokens are the tokens' strings, by index; nil numbers them.
	Tokens []string
	// Whole shows the whole run in every panel. Otherwise a run of more than 12
	// presentations shows the last three written and the first three read tokens
	// (causal: six presentations in the middle), below the whole calcium trace.
	Whole bool
	// Width is the figure's width; 0 is DoubleColumn.
	Width vg.Length
}

// Segments finds presentations in samples: time t in s, whether each sample is
// of a read, and its token. A boundary is put half-way between the samples that
// differ, so it is off by half a sampling interval at most; callers that know the
// schedule give exact ones.
func Segments(t []float64, reading []bool, token []int) []Segment {
	n := min(len(t), len(reading), len(token))
	var out []Segment
	for i := range n {
		if last := len(out) - 1; last >= 0 && out[last].Reading == reading[i] && out[last].Token == token[i] {
			out[last].End = t[i]
			continue
		}
		s := Segment{Start: t[i], End: t[i], Token: token[i], Reading: reading[i]}
		if last := len(out) - 1; last >= 0 {
			middle := (out[last].End + t[i]) / 2
			out[last].End, s.Start = middle, middle
		}
		out = append(out, s)
	}
	return out
}

// maxTraces is how many neurons one panel shows: the first of those given.
const maxTraces = 5

// zoomed is how many presentations the zoom shows.
const zoomed = 6

// Traces draws activity against time: hidden and output neurons, the Frobenius
// norm of the Hebbian weights and calcium, with the phases shaded and the
// tokens' boundaries marked. Long traces are drawn as the envelope of their
// extremes, which loses no peak. An array that is nil leaves a panel that says so.
func Traces(in TracesInput) (*Figure, error) {
	width, err := widthOr("traces", in.Width, DoubleColumn)
	if err != nil {
		return nil, err
	}
	if err := checkTraces(in); err != nil {
		return nil, err
	}
	f := &Figure{Name: "traces", Width: width}
	lo, hi, zoom := window(in)
	rows := traceRows(in, lo, hi)
	if zoom {
		rows = append([]*traceRow{overviewRow(in, lo, hi)}, rows...)
	}
	for i, r := range rows {
		r.panel.letter = string(rune('a' + i))
	}
	layTraces(f, in, rows, zoom)
	return f, nil
}

func checkTraces(in TracesInput) error {
	const who = "traces"
	steps := len(in.Time)
	for i := 1; i < steps; i++ {
		if !(in.Time[i] >= in.Time[i-1]) {
			return fmt.Errorf("plotting: traces: Time[%d] = %g s follows %g s; times must ascend", i, in.Time[i], in.Time[i-1])
		}
	}
	if steps > 0 && !(finite(in.Time[0]) && finite(in.Time[steps-1])) {
		return fmt.Errorf("plotting: traces: Time runs from %g to %g s; times must be finite", in.Time[0], in.Time[steps-1])
	}
	wide := []struct {
		field   string
		x       []float64
		neurons []int
	}{{"Hidden", in.Hidden, in.HiddenNeurons}, {"Output", in.Output, in.OutputNeurons}, {"Calcium", in.Calcium, nil}}
	for _, w := range wide {
		if steps == 0 && len(w.x) > 0 || steps > 0 && len(w.x)%steps != 0 {
			return fmt.Errorf("plotting: traces: %s has %d values, which is no multiple of the %d times", w.field, len(w.x), steps)
		}
		if w.neurons != nil && w.x != nil && steps > 0 {
			if err := shape(who, w.field+"Neurons", len(w.neurons), len(w.x)/steps, "one per column of "+w.field); err != nil {
				return err
			}
		}
	}
	if in.HebbianNorm != nil {
		return shape(who, "HebbianNorm", len(in.HebbianNorm), steps, "one per time")
	}
	return nil
}

// window chooses the times to show, and tells whether they are a part of the run.
func window(in TracesInput) (lo, hi float64, zoom bool) {
	if len(in.Time) == 0 {
		return 0, 1, false
	}
	lo, hi = in.Time[0], in.Time[len(in.Time)-1]
	var shown []Segment
	for _, s := range in.Segments {
		if !s.Blank {
			shown = append(shown, s)
		}
	}
	if in.Whole || len(shown) <= 2*zoomed {
		return lo, hi, false
	}
	// The switch from writing to reading that is nearest to the middle.
	middle, best := len(shown)/2, -1
	for i := 1; i < len(shown); i++ {
		if !shown[i-1].Reading && shown[i].Reading && (best < 0 || abs(i-middle) < abs(best-middle)) {
			best = i
		}
	}
	if best < 0 {
		best = middle
	}
	first := min(max(0, best-zoomed/2), len(shown)-zoomed)
	return shown[first].Start, shown[first+zoomed-1].End, true
}

func abs(i int) int { return max(i, -i) }

// traceRow is one panel with the legend at its right.
type traceRow struct {
	panel *panel
	keys  []key
}

func traceRows(in TracesInput, lo, hi float64) []*traceRow {
	rows := []*traceRow{
		columnsRow(in, in.Hidden, in.HiddenNeurons, "hidden h (a.u.)", "neuron", lo, hi),
		columnsRow(in, in.Output, in.OutputNeurons, "output f (a.u.)", "neuron", lo, hi),
		columnsRow(in, in.HebbianNorm, nil, "‖H‖"+sub("F")+" (–)", "", lo, hi),
		columnsRow(in, in.Calcium, nil, "calcium p (–)", "compartment", lo, hi),
	}
	missing := []string{
		"hidden activity was not recorded", "output activity was not recorded",
		"the Hebbian norm was not recorded", "calcium was not recorded",
	}
	for i, r := range rows {
		r.panel.x.silent = i < len(rows)-1
		if r.panel.empty != "" {
			r.panel.empty = missing[i]
		}
	}
	addFloor(rows[3], in.Floor)
	return rows
}

// addFloor marks p_min where the axis reaches it.
func addFloor(r *traceRow, floor float64) {
	if floor > 0 && r.panel.y.at(floor) >= 0 && r.panel.y.at(floor) <= 1 {
		pen := stroke{colour: dim, width: 0.7, dashes: dashing(2)}
		r.panel.add(&guide{at: floor, stroke: pen})
		r.keys = append(r.keys, key{line: pen, text: "floor p" + sub("min")})
	}
}

// columnsRow draws the columns of a [T,n] array.
func columnsRow(in TracesInput, x []float64, names []int, label, kind string, lo, hi float64) *traceRow {
	r := &traceRow{panel: &panel{x: axis{lo: lo, hi: hi, label: "time (s)"}}}
	steps := len(in.Time)
	if len(x) == 0 || steps == 0 {
		r.panel.empty = "not recorded"
		return r
	}
	n := len(x) / steps
	var columns [][]float64
	for c := range min(n, maxTraces) {
		column := make([]float64, steps)
		for t := range column {
			column[t] = x[t*n+c]
		}
		columns = append(columns, column)
	}
	from, to := within(in.Time, lo, hi)
	r.panel.y = traceAxis(columns, from, to)
	r.panel.y.label = label
	shade(r.panel, in.Segments)
	for c, column := range columns {
		look := stroke{colour: hue(c), width: 0.8, dashes: dashing(c)}
		if n == 1 {
			look.colour = ink
		}
		if hi-lo > 0 && len(in.Segments) > 4*zoomed && lo == in.Time[0] && hi == in.Time[steps-1] {
			look.width = 0.5
		}
		// Samples beyond the edges let the line run to them.
		t, y := envelope(in.Time[max(0, from-1):min(steps, to+1)], column[max(0, from-1):min(steps, to+1)], 1200)
		r.panel.add(&curve{x: t, y: y, stroke: look})
		if n == 1 && kind == "compartment" || kind == "" {
			continue
		}
		name := c
		if names != nil {
			name = names[c]
		}
		r.keys = append(r.keys, key{line: look, text: kind + " " + strconv.Itoa(name)})
	}
	return r
}

// within is the range of samples from time lo to hi.
func within(t []float64, lo, hi float64) (from, to int) {
	from, _ = slices.BinarySearch(t, lo)
	to = from
	for to < len(t) && t[to] <= hi {
		to++
	}
	return from, to
}

// traceAxis is logarithmic where 95 % of the values are positive and span two
// decades: rates of positive features and calcium do, signed outputs do not.
func traceAxis(columns [][]float64, from, to int) axis {
	var all []float64
	for _, c := range columns {
		all = append(all, finiteOf(c[from:to])...)
	}
	slices.Sort(all)
	low, high := quantile(all, 0.05), quantile(all, 1)
	var a axis
	if low > 0 && high/low >= 100 {
		s := spanOf(all)
		s.positiveLo = max(s.positiveLo, low/1e3)
		a, _ = s.logarithmic(0.06)
	} else {
		a = spanOf(all).linear(0.06)
	}
	a.mark(3)
	return a
}

var (
	writingShade = color.NRGBA{0xe3, 0xee, 0xf7, 0xff}
	readingShade = color.NRGBA{0xfb, 0xec, 0xdc, 0xff}
)

// shade colours the phases, paler in blanks, and marks where tokens begin; so
// many boundaries that they would merge are left out.
func shade(pl *panel, segments []Segment) {
	// Neighbours of one colour are one stripe, or seams would show.
	var last *stripe
	for _, s := range segments {
		c := writingShade
		if s.Reading {
			c = readingShade
		}
		if s.Blank {
			c = fade(c, 0.4)
		}
		if last != nil && last.colour == c && last.to == s.Start {
			last.to = s.End
			continue
		}
		last = &stripe{from: s.Start, to: s.End, colour: c}
		pl.add(last)
	}
	visible := 0
	for _, s := range segments {
		if s.Start >= pl.x.lo && s.Start <= pl.x.hi {
			visible++
		}
	}
	const most = 60
	for _, s := range segments {
		if visible <= most && !s.Blank {
			pl.add(&guide{at: s.Start, upright: true, stroke: stroke{colour: faint, width: hairline}})
		}
	}
}

// overviewRow is the calcium of the whole run with the zoom framed.
func overviewRow(in TracesInput, lo, hi float64) *traceRow {
	steps := len(in.Time)
	r := columnsRow(in, in.Calcium, nil, "calcium p (–)", "compartment", in.Time[0], in.Time[steps-1])
	if r.panel.empty != "" {
		r.panel.empty = "calcium was not recorded"
		return r
	}
	edge := stroke{colour: ink, width: 0.8}
	r.panel.add(&guide{at: lo, upright: true, stroke: edge}, &guide{at: hi, upright: true, stroke: edge})
	return r
}
