package model

import (
	"context"
	"fmt"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// A passage takes a head through its whole schedule in closed form (science §4).
// In each segment h, g, H and, while writing, f are combinations of what they
// started from whose coefficients depend on time alone. Only the calcium depends
// on what the hidden layer does, and only the read-out on the calcium. So a
// passage goes by what depends on what, not by time:
//
//  1. the hidden layer: h and g through all segments, and the inner products of
//     every segment, a tile of neurons at a time (advance);
//  2. the calcium, segment by segment, from those (solve);
//  3. the values: what is written to H and read from it, as matrix products
//     (bidirectional, causal).
//
// [Head.propagate] goes by time instead. It gives the same numbers for any
// solver, and samples of them in time.
type passage struct {
	ctx        context.Context
	head       *Head
	parameters Parameters
	solver     *exactSolver
	opt        Options
	segments   []Segment  // the solver's
	forms      []*instant // and what each one's closed forms hold at its end
	products   []products // of each segment
	space      *[]products

	late   *lateness
	mean   *meanCoupling
	spans  []span    // of each segment, one after another, or of that at hand
	states []float64 // of the astrocyte, at the start of each segment and at the end
	dwell  *dwelling // nil unless asked for
	result Result

	memory, begun []float64 // what write returns, of a compartment's passage; nil: it is to be found
	room          []float64 // for what is found, of the same; nil: there is none yet
}

// A tile is of tileNeurons neurons: h, g and a feature of so many fit the
// first-level cache, and those of tileTokens tokens the second.
const (
	tileNeurons = 1024
	tileTokens  = 256
)

func newPassage(ctx context.Context, head *Head, parameters Parameters, opt Options) (*passage, error) {
	passage := &passage{
		ctx: ctx, head: head, parameters: parameters, solver: borrowSolver(ctx, parameters, opt.Other), opt: opt,
		result: Result{Calcium: make([]float64, head.Tokens), Normalizer: parameters.normalizers(head.Tokens)},
	}
	passage.segments, passage.forms = passage.solver.present(head.Tokens)
	passage.space = spareProducts.borrow(len(passage.segments))
	passage.products = *passage.space
	clear(passage.products)
	astrocyte := passage.solver.astrocyte
	passage.states = make([]float64, (len(passage.segments)+1)*astrocyte.states)
	copy(passage.states, astrocyte.begin(parameters.Baseline))
	passage.late = newLateness(&passage.parameters, passage.solver)
	var err error
	if passage.mean, err = newMeanCoupling(head, &parameters); err != nil {
		return nil, err
	}
	if opt.Dwell {
		passage.dwell = newDwelling(passage)
		passage.result.Dwell = &passage.dwell.found
	}
	return passage, nil
}

// release leaves what the next passage can do with; this one is over.
func (passage *passage) release() {
	spareProducts.put(passage.space)
	spareSolvers.Put(passage.solver)
	passage.products, passage.space, passage.solver = nil, nil, nil
}

// feature returns what a segment presents to the neurons of a tile; nil in a
// blank.
func (passage *passage) feature(i, from, to int) []float64 {
	if phi := passage.head.feature(&passage.segments[i]); phi != nil {
		return phi[from:to]
	}
	return nil
}

// advance adds a tile's part to the inner products of segment i, and takes the
// tile's h and g to its end.
func (passage *passage) advance(i int, phi, hidden, presynaptic []float64) {
	reached, inner := &passage.forms[i].reached, &passage.products[i]
	if phi != nil {
		phiPhi, phiHidden, gPhi := kernel.Carry(phi, hidden, presynaptic,
			[2]float64{reached.hidden, reached.phi}, [3]float64{reached.coupling, reached.couplingPhi, reached.couplingHidden})
		inner.phiPhi += phiPhi
		inner.phiHidden += phiHidden
		inner.gPhi += gPhi
		return
	}
	kernel.DecayRank1(reached.coupling, []float64{reached.couplingHidden}, hidden, presynaptic)
	scale(hidden, reached.hidden)
}

// passHidden takes h and g from rest through the first count segments, a tile of
// neurons at a time. It hands learn each stretch of tokens that it has passed, as
// long as their features are in the caches, and then end each tile's h and g.
func (passage *passage) passHidden(count int, learn func(first, last, from, to int), end func(from, to int, hidden, presynaptic []float64)) error {
	m := passage.head.Neurons
	size := min(tileNeurons, m)
	space := spareHidden.borrow(2 * size)
	defer spareHidden.put(space)
	for from := 0; from < m; from += size {
		if err := passage.ctx.Err(); err != nil {
			return err
		}
		to := min(from+size, m)
		hidden, presynaptic := (*space)[:to-from], (*space)[size:size+to-from]
		clear(hidden)
		clear(presynaptic)
		first := 0
		for i := range count {
			passage.advance(i, passage.feature(i, from, to), hidden, presynaptic)
			next := passage.segments[i].Token + 1
			if i+1 == count || next-first == tileTokens && passage.segments[i+1].Token == next {
				learn(first, next, from, to)
				first = next
			}
		}
		end(from, to, hidden, presynaptic)
	}
	return nil
}

// solve returns a segment's coefficients, takes note of the calcium of a read,
// and hands the calcium, and the inner products of h and g, to the segment after. What it returns
// stays until the next one is solved.
func (passage *passage) solve(i int) (*coefficients, error) {
	inner, seg, astrocyte := &passage.products[i], &passage.segments[i], passage.solver.astrocyte
	if passage.dwell == nil { // which would solve the segment again
		passage.spans = passage.spans[:0]
	}
	first := len(passage.spans)
	inner.astrocyte = passage.states[i*astrocyte.states : (i+1)*astrocyte.states]
	passage.spans = passage.late.spans(*seg, passage.mean.drive(passage.head, seg, inner.collected), passage.spans)
	inner.spans = passage.spans[first:len(passage.spans):len(passage.spans)]
	reached := &passage.solver.reached
	if err := passage.solver.reach(seg, inner, nil, nil); err != nil {
		return reached, err
	}
	passage.mean.advance(passage.head, seg, reached)
	copy(passage.states[(i+1)*astrocyte.states:], reached.astrocyte)
	if seg.Phase == Reading && !seg.Blank {
		passage.result.take(astrocyte, seg.Token, reached)
	}
	if i+1 < len(passage.products) {
		next := &passage.products[i+1]
		next.gHidden, next.hiddenHidden = inner.sum(reached), inner.hiddenSquare(reached)
	}
	if passage.opt.Progress != nil {
		passage.opt.Progress(i + 1)
	}
	return reached, passage.ctx.Err()
}

// finish returns the result, given all answers: the outputs or, where it is
// asked for, A_eff, in which the outputs are linear.
func (passage *passage) finish(answers []float64) (Result, error) {
	if err := passage.finiteAnswers(answers); err != nil {
		return Result{}, err
	}
	passage.result.AtFloor = passage.parameters.Division.atFloor(passage.result.Calcium)
	if !passage.opt.Attention {
		passage.result.Output = answers
		return passage.result, nil
	}
	n, dv := passage.head.Tokens, passage.head.Values
	passage.result.Attention, passage.result.Output = answers, make([]float64, n*dv)
	kernel.Gemm(false, false, n, dv, n, 1, answers, n, passage.head.V, dv, 0, passage.result.Output, dv)
	return passage.result, nil
}

// finiteAnswers reports the first answer that is not finite. What is not stays in
// f, from read to read, so the last answer speaks for all.
func (passage *passage) finiteAnswers(answers []float64) error {
	n := passage.head.Tokens
	width := len(answers) / n
	if finite(answers[(n-1)*width:]) {
		return nil
	}
	for _, seg := range passage.segments {
		if seg.Phase == Reading && !finite(answers[seg.Token*width:(seg.Token+1)*width]) {
			return &OutputError{seg, passage.result.Calcium[seg.Token], passage.parameters.Division.Floor}
		}
	}
	return nil
}

// OutputError reports a read whose answer is not finite: there is nothing that
// divides, or what is divided is beyond float64.
type OutputError struct {
	Segment        Segment
	Calcium, Floor float64
}

// Error says where, and what to do.
func (failure *OutputError) Error() string {
	remedy := "the values or the features are too large; the output is proportional to the values, so scale them down"
	if failure.Calcium <= 0 && failure.Floor <= 0 {
		remedy = "its calcium is 0, and so is the floor, so that nothing divides: take a floor above 0"
	}
	return fmt.Sprintf("model: reading token %d at %.4g s: the output is not finite: %s", failure.Segment.Token, failure.Segment.Start, remedy)
}
