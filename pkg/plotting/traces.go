package plotting

import (
	"fmt"
	"strconv"
	"strings"

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
	// Subject is written above the figure; it may hold [Subscripts].
	Subject string
	// Time of each sample [T] in s, ascending.
	Time []float64
	// Panels are the rows of the figure, from the top down.
	Panels []TracePanel
	// Overview is the index of the panel that a zoom shows whole above the others;
	// see Whole.
	Overview int
	// Segments are the presentations, in the order of time.
	Segments []Segment
	// Tokens are the tokens' strings, by index; nil numbers them.
	Tokens []string
	// Grid says that the tokens are patches of a picture; nil for a text.
	Grid *PatchGrid
	// Whole shows the whole run in every panel. Otherwise a run of more than 12
	// presentations shows the last three written and the first three read tokens
	// (causal: six presentations in the middle), below the whole of one panel.
	Whole bool
	// Width is the figure's width; 0 is DoubleColumn.
	Width vg.Length
}

// TracePanel is a recorded variable.
type TracePanel struct {
	// Name is the variable's in the table of numbers; "" is Label.
	Name string
	// Label of the vertical axis, with the unit: "hidden h (a.u.)". It may hold
	// [Subscripts].
	Label string
	// Values are [T,n], one line per column, five at most; nil: not recorded.
	Values []float64
	// Columns [n] are the indices that the legend gives the columns; nil counts
	// from 0, and names no column that is the only one.
	Columns []int
	// Names [n] are what the legend and the table of numbers call the columns, in the place of indices;
	// nil: Columns do.
	Names []string
	// Note is what the caption says of the columns; "": nothing.
	Note string
	// Kind says what a column is, such as "neuron"; "" has no legend.
	Kind string
	// Missing is what the panel says without values.
	Missing string
}

// maxTraces is how many columns one panel shows: the first of those given.
const maxTraces = 5

// zoomed is how many presentations the zoom shows.
const zoomed = 6

// Traces draws recorded variables against time, with the phases shaded and the
// tokens' boundaries marked. Long traces are drawn as the envelope of their
// extremes, which loses no peak.
func Traces(in TracesInput) (*Figure, error) {
	width, err := widthOr("traces", in.Width, DoubleColumn)
	if err != nil {
		return nil, err
	}
	if err := checkTraces(in); err != nil {
		return nil, err
	}
	if len(in.Panels) == 0 {
		in.Panels = []TracePanel{{Missing: "no variable was recorded"}}
	}
	f := &Figure{Name: "traces", Width: width}
	lo, hi, zoom := window(in)
	rows := traceRows(in, lo, hi, zoom)
	for i, r := range rows {
		r.panel.letter = string(rune('a' + i))
	}
	layTraces(f, in, rows, zoom)
	captionTraces(f, in, rows, zoom)
	return f, nil
}

func captionTraces(f *Figure, in TracesInput, rows []*traceRow, zoom bool) {
	type line struct {
		drawnLine
		panel string
	}
	var lines []line
	arbitrary := false
	for _, r := range rows {
		for _, l := range r.drawn {
			lines = append(lines, line{l, r.panel.letter})
			arbitrary = arbitrary || strings.HasSuffix(r.panel.y.label, "(a.u.)")
		}
	}
	below, blank, causal := "the last tokens written and the first read", false, false
	for i, s := range in.Segments {
		blank = blank || s.Blank
		causal = causal || i > 0 && !s.Reading && in.Segments[i-1].Reading
	}
	if causal { // the phases alternate
		below = "tokens in the middle of it"
	}
	phases := "Blue: a token is written; orange: one is read"
	if blank {
		phases += "; paler: the gap behind it"
	}
	f.setCaption(in.Subject, "Recorded variables of the network in time, of at most "+strconv.Itoa(maxTraces)+" lines a panel.",
		when(arbitrary, "(a.u.) is arbitrary units."),
		when(zoom, "(a) The whole run, the times of the panels below between the upright lines; below, "+below+"."),
		when(len(in.Segments) > 0, phases+". Upright lines mark where a presentation begins, the words above its token"+countedFrom(in.Tokens, in.Grid)+"."),
		notes(in.Panels), when(len(lines) > 0, "Lines of many samples are drawn as the envelope of their extremes."))
	at := places(len(lines), func(i int) int { return len(lines[i].t) })
	f.setData(len(at), texts("panel", func(row int) string { return lines[at[row].array].panel }),
		texts("variable", func(row int) string { return lines[at[row].array].name }),
		counts("index", func(row int) int { return lines[at[row].array].index }),
		joined("time_s", at, func(i int) []float64 { return lines[i].t }), joined("value", at, func(i int) []float64 { return lines[i].y }))
}

func checkTraces(in TracesInput) error {
	steps := len(in.Time)
	for i := 1; i < steps; i++ {
		if !(in.Time[i] >= in.Time[i-1]) {
			return fmt.Errorf("plotting: traces: Time[%d] = %g s follows %g s; times must ascend", i, in.Time[i], in.Time[i-1])
		}
	}
	if steps > 0 && !(finite(in.Time[0]) && finite(in.Time[steps-1])) {
		return fmt.Errorf("plotting: traces: Time runs from %g to %g s; times must be finite", in.Time[0], in.Time[steps-1])
	}
	for i, p := range in.Panels {
		if steps == 0 && len(p.Values) > 0 || steps > 0 && len(p.Values)%steps != 0 {
			return fmt.Errorf("plotting: traces: Panels[%d].Values has %d values, which is no multiple of the %d times", i, len(p.Values), steps)
		}
		if p.Columns != nil && len(p.Values) > 0 {
			if err := shape("traces", fmt.Sprintf("Panels[%d].Columns", i), len(p.Columns), len(p.Values)/steps, "one per column"); err != nil {
				return err
			}
		}
		if p.Names != nil && len(p.Values) > 0 {
			if err := shape("traces", fmt.Sprintf("Panels[%d].Names", i), len(p.Names), len(p.Values)/steps, "one per column"); err != nil {
				return err
			}
		}
	}
	if last := max(0, len(in.Panels)-1); in.Overview < 0 || in.Overview > last {
		return fmt.Errorf("plotting: traces: Overview is %d; allowed are 0 to %d", in.Overview, last)
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

// notes is what the panels with values have to say of their columns.
func notes(panels []TracePanel) string {
	var said []string
	for _, p := range panels {
		if p.Note != "" && len(p.Values) > 0 {
			said = append(said, p.Note)
		}
	}
	return strings.Join(said, " ")
}
