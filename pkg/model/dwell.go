package model

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// Dwell is what a circuit answers throughout its reads, of which a [Result] holds
// the ends.
type Dwell struct {
	Output []float64 // f averaged over each read, its blank not counted, [N×d_v]
	Peak   []float64 // the largest ‖f‖ of each read, from its start to its end, [N]
}

// dwelling follows f through the reads of a passage.
type dwelling struct {
	passage          *passage
	average, sampled *exactSolver
	looks            looks
	found            Dwell

	rows   []float64 // f(0), Hφ and Hh(0) as they come, over the values where these are N coordinates, [3×width]
	values []float64 // the same in d_v entries, [3×d_v]
}

// peakGrowth is the ratio of the times at which f is looked at, as they are since what drives the
// calcium is what it is, from firstLook on:
// f rises and falls over a time constant or, later, over the time that has passed,
// so that between two of them it is within a hundredth of the larger.
const (
	peakGrowth = 1.25
	firstLook  = 1.0 / 8 // of the shortest time constant
)

func newDwelling(passage *passage) *dwelling {
	parameters := passage.parameters
	parameters.Division.StopAtFloor = false // the passage's own solver looks for the floor
	n, dv := passage.head.Tokens, passage.head.Values
	dwelling := &dwelling{
		passage: passage, average: newExactSolver(passage.ctx, parameters, passage.opt.Other), sampled: newExactSolver(passage.ctx, parameters, passage.opt.Other), looks: looks{parameters: &parameters},
		found: Dwell{Output: make([]float64, n*dv), Peak: make([]float64, n)}, values: make([]float64, 3*dv),
	}
	dwelling.average.averages = true
	return dwelling
}

// looks are the times of reads at which f is looked at.
type looks struct {
	parameters *Parameters
	patterns   []lookPattern // of all reads so far
}

type lookPattern struct{ from, at []float64 }

// at returns those of a read in so many spans, s: from where each begins on, as what drives a late
// calcium changes there.
func (looks *looks) at(seg Segment, spans []span) []float64 {
	slack := float64(simultaneous * seg.Duration)
	for _, known := range looks.patterns { // but for how the clock rounds
		if slices.EqualFunc(known.from, spans, func(from float64, span span) bool { return math.Abs(from-span.from) <= slack }) {
			return known.at
		}
	}
	shortest, _ := looks.parameters.Shortest(true)
	var pattern lookPattern
	for _, span := range spans {
		pattern.from, pattern.at = append(pattern.from, span.from), append(pattern.at, span.from)
		for since := float64(min(shortest, seg.Duration) * firstLook); span.from+since < span.to; since = float64(since * peakGrowth) {
			pattern.at = append(pattern.at, span.from+since)
		}
	}
	looks.patterns = append(looks.patterns, pattern)
	return pattern.at
}

// read follows f through segment i, a read that starts from output and recalls
// left·recalled for its query and left·trace for h(0). A nil dwelling follows none.
func (dwelling *dwelling) read(i int, output, recalled, trace []float64, left float64) error {
	if dwelling == nil {
		return nil
	}
	passage := dwelling.passage
	seg, inner := passage.segments[i], &passage.products[i]
	start, query, hidden := dwelling.vectors(output, recalled, trace, left)
	gram := [3][3]float64{}
	span := [3][]float64{start, query, hidden}
	for i := range span {
		for j := range span {
			gram[i][j] = kernel.Dot(span[i], span[j])
		}
	}
	var highest float64 // ‖f‖²
	look := func(_ int, reached *coefficients) {
		highest = max(highest, quadratic(&gram, reached.output, reached.outputPhi, reached.outputHidden))
	}
	end, err := dwelling.sampled.solve(seg, inner, dwelling.looks.at(seg, inner.spans), look)
	if err != nil {
		return err
	}
	look(0, &end)
	dwelling.found.Peak[seg.Token] = math.Sqrt(highest)

	mean, err := dwelling.average.solve(seg, inner, nil, nil)
	if err != nil {
		return err
	}
	dv := len(start)
	row := dwelling.found.Output[seg.Token*dv : (seg.Token+1)*dv]
	combine(row, mean.output, start, mean.outputPhi, query)
	kernel.Axpy(mean.outputHidden, hidden, row)
	return nil
}

// vectors returns f(0), Hφ and Hh(0), each of d_v entries.
func (dwelling *dwelling) vectors(output, recalled, trace []float64, left float64) (start, query, hidden []float64) {
	head, width := dwelling.passage.head, len(output)
	dwelling.rows = append(append(append(dwelling.rows[:0], output...), recalled...), trace...)
	scale(dwelling.rows[width:], left)
	dv, values := head.Values, dwelling.rows
	if dwelling.passage.opt.Attention {
		values = dwelling.values
		kernel.Gemm(false, false, 3, dv, width, 1, dwelling.rows, width, head.V, dv, 0, values, dv)
	}
	return values[:dv], values[dv : 2*dv], values[2*dv : 3*dv]
}
