package plotting

import (
	"fmt"

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
