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
//     (write, recall, read; causal: see causal.go).
//
// [Head.propagate] goes by time instead. It gives the same numbers for any
// solver, and samples of them in time.
type passage struct {
	ctx      context.Context
	head     *Head
	p        Parameters
	solver   *exactSolver
	opt      Options
	segments []Segment
	forms    []*instant // what each segment's closed forms hold at its end
	products []products // of each segment

	calcium float64
	result  Result
}

// tileNeurons is the number of neurons in a tile: h, g and a feature of so many
// fit the first-level cache.
const tileNeurons = 1024

func newPassage(ctx context.Context, h *Head, p Parameters, opt Options) *passage {
	r := &passage{
		ctx: ctx, head: h, p: p, solver: newExactSolver(p), opt: opt, segments: p.Schedule(h.Tokens), calcium: p.Baseline,
		result: Result{Normalizer: make([]float64, h.Tokens)},
	}
	r.forms, r.products = make([]*instant, len(r.segments)), make([]products, len(r.segments))
	for i, seg := range r.segments {
		r.forms[i] = r.solver.form(seg)
	}
	return r
}

// feature returns what a segment presents to the neurons of a tile; nil in a
// blank.
func (r *passage) feature(i, from, to int) []float64 {
	h, seg := r.head, &r.segments[i]
	if seg.Blank {
		return nil
	}
	source := h.PhiK
	if seg.Phase == Reading {
		source = h.PhiQ
	}
	return source[seg.Token*h.Neurons+from : seg.Token*h.Neurons+to]
}

// advance adds a tile's part to the inner products of segment i, and takes the
// tile's h and g to its end.
func (r *passage) advance(i int, phi, h, g []float64) {
	c, x := &r.forms[i].c, &r.products[i]
	if phi != nil {
		phiPhi, phiHidden, gPhi := kernel.Carry(phi, h, g,
			[2]float64{c.hidden, c.phi}, [3]float64{c.coupling, c.couplingPhi, c.couplingHidden})
		x.phiPhi += phiPhi
		x.phiHidden += phiHidden
		x.gPhi += gPhi
		return
	}
	kernel.DecayRank1(c.coupling, []float64{c.couplingHidden}, h, g)
	scale(h, c.hidden)
}

// solve returns a segment's coefficients, and hands its calcium, and the inner
// products of h and g at its end, to the segment after it.
func (r *passage) solve(i int) (coefficients, error) {
	x := &r.products[i]
	x.calcium = r.calcium
	c, err := r.solver.solve(r.segments[i], x, nil, nil)
	if err != nil {
		return c, err
	}
	r.calcium = c.calcium
	if i+1 < len(r.products) {
		u, b := c.phi, c.hidden
		next := &r.products[i+1]
		next.gHidden = x.calciumDrive(&c)
		next.hiddenHidden = u*u*x.phiPhi + 2*u*b*x.phiHidden + b*b*x.hiddenHidden
	}
	if r.opt.Progress != nil {
		r.opt.Progress(i + 1)
	}
	return c, r.ctx.Err()
}

// answer takes note of what a read ends with: f, which it copies to answer.
func (r *passage) answer(i int, f, answer []float64) error {
	if !finite(f) {
		return outputError(r.segments[i])
	}
	copy(answer, f)
	r.result.Normalizer[r.segments[i].Token] = r.calcium
	if r.calcium <= r.p.Floor {
		r.result.AtFloor++
	}
	return nil
}

// finish returns the result, given all answers: the outputs or, where it is
// asked for, A_eff, in which the outputs are linear.
func (r *passage) finish(answers []float64) (Result, error) {
	if !r.opt.Attention {
		r.result.Output = answers
		return r.result, nil
	}
	n, dv := r.head.Tokens, r.head.Values
	r.result.Attention, r.result.Output = answers, make([]float64, n*dv)
	kernel.Gemm(false, false, n, dv, n, 1, answers, n, r.head.V, dv, 0, r.result.Output, dv)
	return r.result, nil
}

func outputError(seg Segment) error {
	return fmt.Errorf("model: reading token %d at %.4g s: the output is not finite: take smaller steps, or a larger floor", seg.Token, seg.Start)
}
