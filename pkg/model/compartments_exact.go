package model

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// compartmentsExact solves compartments in closed form. In an eigenvector V_k of the
// exchange the calcium p̃_k = Σ_c V_kc p_c is a well-mixed pool's, with
//
//	τ_k = τ_p/(1 − τ_p D λ_k)    and the drive    C/(1 − τ_p D λ_k) Σ_c V_kc S_c,
//
// so that each mode goes through its segments as the whole astrocyte otherwise does. Only the
// read-outs need the compartments' own p_c = Σ_k V_kc p̃_k (compartments_readout.go). An
// astrocyte without a closed form is integrated (compartments_steps.go).
type compartmentsExact struct {
	base    *exactSolver   // closed forms of h, g and H, and the read-outs' panels
	modes   []*exactSolver // of each distinct decay: modes that decay alike have their tables in common
	class   []int          // of each mode
	byPool  []float64      // V, by compartments, [C×C]
	folded  *folded        // the same, folded
	drives  []float64      // C/(1 − τ_p D λ_k)
	late    []*lateness    // of each mode
	spans   [][]span
	states  [][]float64             // of each mode, in units in which its drive has gain 1
	terms   [][]float64             // of each mode, of the span at hand
	levels  []float64               // p̃ of each mode
	pools   []float64               // p of each compartment, where the last leg ended
	outs    []readOut               // of each compartment
	mean    *dividedCoupling        // nil: plastic
	driven  []driving               // of each compartment
	summed  [writingTerms][]float64 // g·φ … of each compartment
	within  [writingTerms][]float64 // and of each mode
	space   [4][]float64            // of the read-outs
	reached []coefficients

	steps *compartmentSteps // nil: closed
}

func newCompartmentsExact(ctx context.Context, parameters Parameters, method integrator.Method, averages bool) *compartmentsExact {
	count := parameters.Compartments.Count
	exact := &compartmentsExact{
		base: newExactSolver(ctx, parameters, method), class: make([]int, count), drives: make([]float64, count), spans: make([][]span, count), states: make([][]float64, count),
		terms: make([][]float64, count), outs: make([]readOut, count), levels: make([]float64, count), pools: make([]float64, count), reached: make([]coefficients, count),
		driven: make([]driving, count),
	}
	exact.base.averages = averages
	if !exact.base.astrocyte.closed() {
		exact.steps = newApartSteps(exact.base, method)
		return exact
	}
	for i := range exact.summed {
		exact.summed[i], exact.within[i] = make([]float64, count), make([]float64, count)
	}
	vectors, decays := parameters.Compartments.Topology.modes(count)
	exact.folded, exact.byPool = parameters.Compartments.Topology.fold(vectors, decays), make([]float64, count*count)
	spread := parameters.spread()
	var taus []float64
	for k, decay := range decays {
		for c, x := range vectors[k] {
			exact.byPool[c*count+k] = x
		}
		mode := parameters
		mode.Compartments, mode.TauOutput, mode.Division.StopAtFloor = Compartments{}, 0, false
		faster := 1 / (1 + float64(spread*decay))
		exact.drives[k] = float64(count) * faster
		mode.TauCalcium *= faster
		if exact.class[k] = slices.IndexFunc(taus, func(tau float64) bool { return math.Abs(tau-mode.TauCalcium) <= alike*tau }); exact.class[k] < 0 {
			exact.class[k] = len(taus)
			taus = append(taus, mode.TauCalcium)
			exact.modes = append(exact.modes, newExactSolver(ctx, mode, method))
		}
	}
	exact.base.modes, exact.late = exact.modes, make([]*lateness, count)
	exact.begins()
	return exact
}

// of makes the solver a head's, from its first segment on.
func (exact *compartmentsExact) of(head *Head) (err error) {
	if exact.mean, err = newDividedCoupling(head, &exact.base.parameters); exact.steps != nil {
		exact.steps.mean = exact.mean
	}
	return err
}

// begins sets what there is before the first segment.
func (exact *compartmentsExact) begins() {
	count, baseline := len(exact.pools), exact.base.parameters.Baseline
	for k := range exact.states {
		own := exact.modes[exact.class[k]]
		exact.late[k] = newLateness(&own.parameters, own)
		start := 0.0 // but for rounding
		if k == 0 {
			for c := range count {
				start += float64(exact.byPool[c*count] * baseline)
			}
		}
		exact.states[k] = own.astrocyte.begin(start)
	}
	for c := range exact.pools {
		exact.pools[c] = baseline
	}
}

// spareCompartments keeps solvers as spareSolvers does.
var spareCompartments sync.Pool

func borrowCompartments(ctx context.Context, parameters Parameters, method integrator.Method) *compartmentsExact {
	exact, ok := spareCompartments.Get().(*compartmentsExact)
	if !ok || exact.steps != nil || !exact.base.takes(ctx, parameters, method) {
		return newCompartmentsExact(ctx, parameters, method, false)
	}
	for _, mode := range exact.modes {
		own := parameters
		own.Compartments, own.TauOutput, own.Division.StopAtFloor, own.TauCalcium = Compartments{}, 0, false, mode.parameters.TauCalcium
		mode.takes(ctx, own, method)
	}
	exact.begins()
	return exact
}

// alike are decays that differ by rounding.
const alike = 1e-14

// follows hands each mode its drive, in a segment with tables that are common to those of a class.
func (exact *compartmentsExact) follows(seg Segment, inner []*products, at []float64) []*timetable {
	driven := exact.base.parameters.Latency > 0 || exact.base.parameters.Drive.course(seg) == following
	if driven {
		exact.mean.drives(seg, inner, exact.driven)
		for c := range exact.driven {
			of := &exact.driven[c]
			exact.summed[0][c], exact.summed[1][c], exact.summed[2][c] = of.gPhi, of.gHidden, of.phiPhi
			exact.summed[3][c], exact.summed[4][c], exact.summed[5][c] = of.phiHidden, of.hiddenPhi, of.hiddenHidden
		}
	}
	learns := seg.Phase == Writing || exact.base.parameters.Latency > 0
	if driven {
		for i := range exact.summed {
			switch {
			case i >= readingTerms && !learns:
			case i == 4 && exact.mean == nil: // h(0) by φ is φ by h(0)
				copy(exact.within[i], exact.within[i-1])
			default:
				exact.folded.analyse(exact.summed[i], exact.within[i])
			}
		}
	}
	tables := make([]*timetable, len(exact.modes))
	for k := range exact.spans {
		var drive driving
		if driven {
			gain, summed := exact.drives[k], &exact.within
			drive.gPhi, drive.gHidden = gain*summed[0][k], gain*summed[1][k]
			if learns {
				drive.phiPhi, drive.phiHidden = gain*summed[2][k], gain*summed[3][k]
				drive.hiddenPhi, drive.hiddenHidden = gain*summed[4][k], gain*summed[5][k]
			}
		}
		exact.spans[k] = exact.late[k].spans(seg, drive, exact.spans[k][:0])
		if mode := exact.class[k]; tables[mode] == nil {
			tables[mode] = exact.modes[mode].timetable(seg, exact.spans[k], at)
		}
	}
	return tables
}

func (exact *compartmentsExact) solve(seg Segment, inner []*products, at []float64, emit func(int, []coefficients)) ([]coefficients, error) {
	if exact.steps != nil {
		return exact.steps.solve(seg, inner, at, emit)
	}
	var tables []*timetable
	if still := exact.base.parameters.Latency == 0 && exact.base.parameters.Drive.course(seg) == held; still {
		exact.spans[0] = append(exact.spans[0][:0], span{spanKind: spanKind{0, seg.Duration, seg.Phase, held}})
	} else {
		tables = exact.follows(seg, inner, at)
	}
	table := exact.base.timetable(seg, exact.spans[0], at)
	for c := range exact.outs {
		exact.outs[c] = readOut{exact: exact.base, lowest: math.Inf(1), terms: exact.outs[c].terms[:0]}
	}
	span := -1
	for i := range table.legs {
		leg := &table.legs[i]
		if leg.span != span {
			if span = leg.span; tables != nil {
				exact.begin(span)
			}
		}
		if leg.stretch != nil {
			exact.through(leg.stretch)
		}
		if tables != nil {
			exact.advance(table, tables, i)
		}
		if leg.instant < 0 {
			continue
		}
		for c := range exact.reached {
			reached := &exact.reached[c]
			*reached = table.instants[leg.instant].reached
			reached.astrocyte = exact.base.state // of which no instantaneous read-out takes notice
			reached.calcium = exact.pools[c]
			if seg.Phase == Reading {
				out := &exact.outs[c]
				out.lowest = min(out.lowest, reached.calcium)
				out.answer(seg, reached)
				if err := exact.base.parameters.Division.check(seg, out.lowest); err != nil {
					return nil, err
				}
			}
		}
		if leg.instant < len(at) {
			emit(leg.instant, exact.reached)
		}
	}
	exact.mean.advance(seg, &exact.reached[0])
	return exact.reached, nil
}

// begin sets the terms of all modes where a span begins.
func (exact *compartmentsExact) begin(span int) {
	for k, state := range exact.states {
		mode := exact.modes[exact.class[k]]
		copy(mode.state, state)
		mode.setTerms(&exact.spans[k][span].drive)
		exact.terms[k] = append(exact.terms[k][:0], mode.terms...)
	}
	for c := range exact.outs {
		exact.outs[c].terms = exact.outs[c].terms[:0]
	}
}

// advance takes all modes, and with them the compartments, through a leg.
func (exact *compartmentsExact) advance(table *timetable, tables []*timetable, i int) {
	leg, own := &table.legs[i], exact.base.astrocyte.own
	course := table.kinds[leg.span].course
	for k, state := range exact.states {
		of := &tables[exact.class[k]].legs[i]
		for at, response := range of.responses {
			state[at] = combined(response, exact.terms[k])
		}
		if leg.instant >= 0 && of.responses == nil {
			copy(state, exact.terms[k][:own])
			exact.base.astrocyte.calcium.settle(course, exact.spans[k][leg.span].drive.sum(&table.instants[leg.instant].reached), state)
		}
		exact.levels[k] = state[own-1]
	}
	if course != held {
		exact.folded.synthesize(1, exact.levels, exact.pools)
	}
}
