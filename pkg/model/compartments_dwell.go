package model

import (
	"context"
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// dividedDwell follows f through the reads of a head with compartments.
type dividedDwell struct {
	sampled *compartmentsExact
	looks   looks
	late    *lateness // which tells the spans of each read, whatever drives
	spans   []span
	found   Dwell

	coefficients, looked []float64 // of f(0) and of what each compartment recalls, at each time; and f
}

func newDividedDwell(ctx context.Context, head *Head, parameters Parameters, opt Options) (*dividedDwell, error) {
	parameters.Division.StopAtFloor = false // the passage's own solver looks for the floor
	sampled := borrowCompartments(ctx, parameters, opt.Other, false)
	sampled.base.sameTimes = true
	dwell := &dividedDwell{
		sampled: sampled,
		looks:   looks{parameters: &parameters}, late: newLateness(&parameters, sampled.base), found: Dwell{Output: make([]float64, head.Tokens*head.Values), Peak: make([]float64, head.Tokens)},
	}
	return dwell, dwell.sampled.of(head)
}

// passBy goes through segment i, which is no read.
func (dwell *dividedDwell) passBy(divided *dividedPassage, i int) error {
	if dwell == nil {
		return nil
	}
	seg := divided.whole.segments[i]
	dwell.spans = dwell.late.spans(seg, driving{}, dwell.spans[:0])
	_, err := dwell.sampled.solve(seg, divided.inner, nil, nil)
	return err
}

// follow goes through a read, in which f is a combination of the rows: f(0), and what each
// compartment recalls for φ and for h(0), [(1+2C)×d_v]. By the means it is on average.
func (dwell *dividedDwell) follow(seg Segment, inner []*products, rows []float64, reads []dividedRead) error {
	if dwell == nil {
		return nil
	}
	terms := 1 + 2*len(inner)
	dv := len(rows) / terms
	dwell.coefficients = dwell.coefficients[:0]
	look := func(reached []coefficients) {
		dwell.coefficients = append(dwell.coefficients, reached[0].output)
		for c := range reached {
			dwell.coefficients = append(dwell.coefficients, reached[c].outputPhi, reached[c].outputHidden)
		}
	}
	dwell.spans = dwell.late.spans(seg, driving{}, dwell.spans[:0])
	end, err := dwell.sampled.solve(seg, inner, dwell.looks.at(seg, dwell.spans), func(_ int, reached []coefficients) { look(reached) })
	if err != nil {
		return err
	}
	look(end)
	dwell.coefficients = append(dwell.coefficients, dwell.sampled.base.averageDecay(seg.Duration))
	for c := range reads {
		dwell.coefficients = append(dwell.coefficients, reads[c].mean.phi, reads[c].mean.hidden)
	}
	times := len(dwell.coefficients) / terms
	if len(dwell.looked) < times*dv {
		dwell.looked = make([]float64, times*dv)
	}
	looked := dwell.looked[:times*dv]
	kernel.Gemm(false, false, times, dv, terms, 1, dwell.coefficients, terms, rows, dv, 0, looked, dv)
	var highest float64 // ‖f‖²
	for i := range times - 1 {
		f := looked[i*dv : (i+1)*dv]
		highest = max(highest, kernel.Dot(f, f))
	}
	dwell.found.Peak[seg.Token] = math.Sqrt(highest)
	copy(dwell.found.Output[seg.Token*dv:], looked[(times-1)*dv:])
	return nil
}
