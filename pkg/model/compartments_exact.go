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
	base   *exactSolver   // closed forms of h, g and H, and the read-outs' panels
	modes  []*exactSolver // of each distinct decay: modes that decay alike have their tables in common
	class  []int          // of each mode
	byPool []float64      // V, by compartments, [C×C]
	folded *folded        // the same, folded
	drives []float64      // C/(1 − τ_p D λ_k)
	late   []*lateness    // of each mode
	spans  [][]span
	states [][]float64      // of each mode, in units in which its drive has gain 1
	terms  [][]float64      // of each mode, of the span at hand
	pools  []float64        // p of each compartment, where the last leg ended
	outs   []readOut        // of each compartment
	frozen *dividedCoupling // nil: plastic
	sums   []float64        // g·φ … of each compartment, of all segments under way, and of each mode, [vectors×C]
	within []float64
	space  [4][]float64 // of the read-outs
	ways   []transit

	timetables []*timetable // of each class of modes, for the segment at hand
	byMode     []float64    // p of each mode at all columns of the transits, and of each compartment, [C×columns]
	calcium    []float64
	even       []bool
	reached    []coefficients
	means      []mean // of each compartment in the read that was solved last, if they are asked for

	steps *compartmentSteps // nil: closed
}

func newCompartmentsExact(ctx context.Context, parameters Parameters, method integrator.Method, means bool) *compartmentsExact {
	count := parameters.Compartments.Count
	exact := &compartmentsExact{
		base: newExactSolver(ctx, parameters, method), class: make([]int, count), drives: make([]float64, count), spans: make([][]span, count), states: make([][]float64, count),
		outs: make([]readOut, count), pools: make([]float64, count), reached: make([]coefficients, count),
	}
	if exact.base.means = means; means {
		exact.means = make([]mean, count)
	}
	if !exact.base.astrocyte.closed() {
		exact.steps = newApartSteps(exact.base, method)
		return exact
	}
	vectors, decays := parameters.Compartments.Topology.modes(count)
	exact.folded, exact.byPool = parameters.Compartments.Topology.fold(vectors, decays), make([]float64, count*count)
	spread := parameters.spread()
	var taus []float64
	for k, decay := range decays {
		for c, x := range vectors[k] {
			exact.byPool[c*count+k] = x
		}
		faster := 1 / (1 + float64(spread*decay))
		exact.drives[k] = float64(count) * faster
		own := float64(parameters.TauCalcium * faster)
		if exact.class[k] = slices.IndexFunc(taus, func(tau float64) bool { return math.Abs(tau-own) <= float64(alike*tau) }); exact.class[k] < 0 {
			exact.class[k] = len(taus)
			taus = append(taus, own)
			exact.modes = append(exact.modes, newExactSolver(ctx, parameters.ofMode(own), method))
		}
	}
	exact.base.modes, exact.late = exact.modes, make([]*lateness, count)
	exact.begins()
	return exact
}

// ofMode returns the parameters of a mode, of which calcium alone is asked for.
func (parameters Parameters) ofMode(tau float64) Parameters {
	parameters.Compartments, parameters.TauOutput, parameters.Division.StopAtFloor, parameters.TauCalcium = Compartments{}, 0, false, tau
	return parameters
}

// of makes the solver a head's, from its first segment on.
func (exact *compartmentsExact) of(head *Head) (err error) {
	if exact.frozen, err = newDividedCoupling(head, &exact.base.parameters); exact.steps != nil {
		exact.steps.frozen = exact.frozen
	}
	return err
}

// begins sets what there is before the first segment.
func (exact *compartmentsExact) begins() {
	count, baseline := len(exact.pools), exact.base.parameters.Baseline
	for k := range exact.states {
		own := exact.modes[exact.class[k]]
		exact.late[k] = newLateness(&exact.base.parameters, exact.base)
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

// spareCompartments keeps solvers as spareSolvers does, those that find means and those that do not.
var spareCompartments = map[bool]*sync.Pool{false: {}, true: {}}

func borrowCompartments(ctx context.Context, parameters Parameters, method integrator.Method, means bool) *compartmentsExact {
	exact, ok := spareCompartments[means].Get().(*compartmentsExact)
	if !ok || exact.steps != nil || !exact.base.takes(ctx, parameters, method) {
		return newCompartmentsExact(ctx, parameters, method, means)
	}
	for _, mode := range exact.modes {
		if !mode.takes(ctx, parameters.ofMode(mode.parameters.TauCalcium), method) {
			return newCompartmentsExact(ctx, parameters, method, means)
		}
	}
	exact.begins()
	return exact
}

// release leaves the solver to the next head.
func (exact *compartmentsExact) release() {
	exact.frozen, exact.base.sameTimes = nil, false
	spareCompartments[exact.base.means].Put(exact)
}

// A mean is how Hφ and Hh(0) of a compartment enter f averaged over a read.
type mean struct{ phi, hidden float64 }

// alike are decays that differ by rounding.
const alike = 1e-14
