package model

import (
	"context"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// compartmentsExact solves compartments in closed form. In an eigenvector V_k of the
// exchange the calcium p̃_k = Σ_c V_kc p_c is a well-mixed pool's, with
//
//	τ_k = τ_p/(1 − τ_p D λ_k)    and the drive    C/(1 − τ_p D λ_k) Σ_c V_kc S_c,
//
// so that each mode goes through its segments as the whole astrocyte otherwise does. Only the
// read-outs need the compartments' own p_c = Σ_k V_kc p̃_k, and modes that decay alike are one
// there. An astrocyte without a closed form is integrated (compartments_steps.go).
type compartmentsExact struct {
	base    *exactSolver   // closed forms of h, g and H, and the read-outs' panels
	modes   []*exactSolver // of each distinct decay
	class   []int          // of each mode
	vectors [][]float64    // V, by modes
	drives  []float64      // 1/(1 − τ_p D λ_k)
	late    []*lateness    // of each mode
	spans   [][]span
	states  [][]float64 // of each mode, in units in which its drive has gain 1
	terms   [][]float64 // of each mode, of the span at hand
	outs    []readOut   // of each compartment
	levels  []float64   // p̃ of each mode
	reached []coefficients

	steps *compartmentSteps // nil: closed
}

func (head *Head) exactCompartments(ctx context.Context, parameters Parameters, opt Options) (Result, error) {
	return head.propagateCompartments(ctx, parameters, newCompartmentsExact(ctx, parameters, opt.Other, false), opt)
}

func newCompartmentsExact(ctx context.Context, parameters Parameters, method integrator.Method, averages bool) *compartmentsExact {
	count := parameters.Compartments.Count
	exact := &compartmentsExact{
		base: newExactSolver(ctx, parameters, method), class: make([]int, count), drives: make([]float64, count), spans: make([][]span, count), states: make([][]float64, count),
		terms: make([][]float64, count), outs: make([]readOut, count), levels: make([]float64, count), reached: make([]coefficients, count),
	}
	exact.base.averages = averages
	if !exact.base.astrocyte.closed() {
		exact.steps = newApartSteps(exact.base, method)
		return exact
	}
	var decays []float64
	exact.vectors, decays = parameters.Compartments.Topology.modes(count)
	spread := parameters.spread()
	var taus []float64
	for k, decay := range decays {
		mode := parameters
		mode.Compartments, mode.TauOutput, mode.Division.StopAtFloor = Compartments{}, 0, false
		exact.drives[k] = 1 / (1 + float64(spread*decay))
		mode.TauCalcium *= exact.drives[k]
		if exact.class[k] = slices.IndexFunc(taus, func(tau float64) bool { return math.Abs(tau-mode.TauCalcium) <= alike*tau }); exact.class[k] < 0 {
			exact.class[k] = len(taus)
			taus = append(taus, mode.TauCalcium)
			exact.modes = append(exact.modes, newExactSolver(ctx, mode, method))
		}
		own := exact.modes[exact.class[k]]
		exact.late = append(exact.late, newLateness(&own.parameters, own))
		var start float64
		for _, x := range exact.vectors[k] {
			start += float64(x * parameters.Baseline)
		}
		if k > 0 {
			start = 0 // but for rounding
		}
		exact.states[k] = own.astrocyte.begin(start)
	}
	exact.base.modes = exact.modes
	return exact
}

// alike are decays that differ by rounding.
const alike = 1e-14

func (exact *compartmentsExact) solve(seg Segment, inner []products, at []float64, emit func(int, []coefficients)) ([]coefficients, error) {
	if exact.steps != nil {
		return exact.steps.solve(seg, inner, at, emit)
	}
	own := exact.base.astrocyte.own
	tables := make([]*timetable, len(exact.modes))
	for k := range exact.vectors {
		var drive collected
		for c, x := range exact.vectors[k] {
			drive.add(float64(float64(len(inner))*x*exact.drives[k]), &inner[c].collected)
		}
		exact.spans[k] = exact.late[k].spans(seg, drive, exact.spans[k][:0])
		if mode := exact.class[k]; tables[mode] == nil {
			tables[mode] = exact.modes[mode].timetable(seg, exact.spans[k], at)
		}
	}
	table := exact.base.timetable(seg, exact.spans[0], at)
	for c := range exact.outs {
		exact.outs[c] = readOut{exact: exact.base, lowest: math.Inf(1), terms: exact.outs[c].terms}
	}
	span := -1
	for i := range table.legs {
		leg := &table.legs[i]
		if leg.span != span {
			span = leg.span
			exact.begin(span)
		}
		for c := range exact.outs {
			if leg.stretch != nil {
				if exact.base.parameters.Division.StopAtFloor {
					exact.outs[c].pass(leg.stretch)
				}
				if exact.base.parameters.TauOutput > 0 || exact.base.averages {
					exact.outs[c].through(leg.stretch)
				}
			}
		}
		for k, state := range exact.states {
			of := &tables[exact.class[k]].legs[i]
			for at, response := range of.responses {
				state[at] = combined(response, exact.terms[k])
			}
			if leg.instant >= 0 && of.responses == nil {
				copy(state, exact.terms[k][:own])
				exact.base.astrocyte.calcium.settle(table.kinds[span].course, exact.spans[k][span].drive.sum(&table.instants[leg.instant].reached), state)
			}
			exact.levels[k] = state[own-1]
		}
		if leg.instant < 0 {
			continue
		}
		for c := range exact.reached {
			reached := &exact.reached[c]
			*reached = table.instants[leg.instant].reached
			reached.astrocyte = exact.base.state // of which no instantaneous read-out takes notice
			for k, vector := range exact.vectors {
				reached.calcium += float64(vector[c] * exact.levels[k])
			}
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
	return exact.reached, nil
}

// begin sets the terms of all modes and compartments where a span begins.
func (exact *compartmentsExact) begin(span int) {
	own := exact.base.astrocyte.own
	felt := own + readingTerms
	if exact.spans[0][span].phase == Writing {
		felt = own + writingTerms
	}
	for k, state := range exact.states {
		mode := exact.modes[exact.class[k]]
		copy(mode.state, state)
		mode.setTerms(&exact.spans[k][span].drive)
		exact.terms[k] = append(exact.terms[k][:0], mode.terms...)
	}
	for c := range exact.outs {
		terms := slices.Grow(exact.outs[c].terms[:0], felt*len(exact.modes))[:felt*len(exact.modes)]
		clear(terms)
		for k, vector := range exact.vectors {
			into := terms[exact.class[k]*felt:]
			for i, term := range exact.terms[k][:felt] {
				into[i] += float64(vector[c] * term)
			}
		}
		exact.outs[c].terms = terms
	}
}

// add adds inner products times a factor.
func (inner *collected) add(factor float64, other *collected) {
	inner.phiPhi += float64(factor * other.phiPhi)
	inner.phiHidden += float64(factor * other.phiHidden)
	inner.hiddenHidden += float64(factor * other.hiddenHidden)
	inner.gPhi += float64(factor * other.gPhi)
	inner.gHidden += float64(factor * other.gHidden)
}
