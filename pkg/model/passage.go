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

// A tile is of tileNeurons neurons: h, g and a feature of so many fit the
// first-level cache, and those of tileTokens tokens the second.
const (
	tileNeurons = 1024
	tileTokens  = 256
)

func newPassage(ctx context.Context, h *Head, p Parameters, opt Options) *passage {
	r := &passage{
		ctx: ctx, head: h, p: p, solver: newExactSolver(p), opt: opt, segments: p.Schedule(h.Tokens), calcium: p.Baseline,
		result: Result{Normalizer: make([]float64, h.Tokens)},
	}
	r.forms, r.products = make([]*instant, len(r.segments)), make([]products, len(r.segments))
	var forms [2][2]*instant // of writing and reading, their blanks second: segments of a kind are alike
	for i, seg := range r.segments {
		blank := 0
		if seg.Blank {
			blank = 1
		}
		form := &forms[seg.Phase][blank]
		if *form == nil {
			*form = r.solver.form(seg)
		}
		r.forms[i] = *form
	}
	return r
}

// form chooses what H is recalled from, given whether inner products are
// cheaper. A_eff knows of no values, so of no H.
func (r *passage) form(products bool) form {
	switch {
	case r.opt.Attention:
		return byProducts
	case r.opt.by != 0:
		return r.opt.by
	case products:
		return byProducts
	}
	return bySynapses
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

// passHidden takes h and g from rest through the first count segments, a tile of
// neurons at a time. It hands learn each stretch of tokens that it has passed, as
// long as their features are in the caches, and then end each tile's h and g.
func (r *passage) passHidden(count int, learn func(first, last, from, to int), end func(from, to int, hidden, g []float64)) error {
	m := r.head.Neurons
	size := min(tileNeurons, m)
	hidden, g := make([]float64, size), make([]float64, size)
	for from := 0; from < m; from += size {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		to := min(from+size, m)
		hidden, g := hidden[:to-from], g[:to-from]
		clear(hidden)
		clear(g)
		first := 0
		for i := range count {
			r.advance(i, r.feature(i, from, to), hidden, g)
			next := r.segments[i].Token + 1
			if i+1 == count || next-first == tileTokens && r.segments[i+1].Token == next {
				learn(first, next, from, to)
				first = next
			}
		}
		end(from, to, hidden, g)
	}
	return nil
}

// solve returns a segment's coefficients, takes note of the calcium of a read,
// and hands the calcium, and the inner products of h and g, to the segment after.
func (r *passage) solve(i int) (coefficients, error) {
	x := &r.products[i]
	x.calcium = r.calcium
	c, err := r.solver.solve(r.segments[i], x, nil, nil)
	if err != nil {
		return c, err
	}
	r.calcium = c.calcium
	if seg := r.segments[i]; seg.Phase == Reading && !seg.Blank {
		r.result.Normalizer[seg.Token] = c.calcium
	}
	if i+1 < len(r.products) {
		u, b := c.phi, c.hidden
		next := &r.products[i+1]
		next.gHidden = x.calciumDrive(&c)
		next.hiddenHidden = float64(u*u*x.phiPhi) + float64(2*u*b*x.phiHidden) + float64(b*b*x.hiddenHidden)
	}
	if r.opt.Progress != nil {
		r.opt.Progress(i + 1)
	}
	return c, r.ctx.Err()
}

// finish returns the result, given all answers: the outputs or, where it is
// asked for, A_eff, in which the outputs are linear.
func (r *passage) finish(answers []float64) (Result, error) {
	if err := r.finiteAnswers(answers); err != nil {
		return Result{}, err
	}
	r.result.AtFloor = r.p.Division.atFloor(r.result.Normalizer)
	if !r.opt.Attention {
		r.result.Output = answers
		return r.result, nil
	}
	n, dv := r.head.Tokens, r.head.Values
	r.result.Attention, r.result.Output = answers, make([]float64, n*dv)
	kernel.Gemm(false, false, n, dv, n, 1, answers, n, r.head.V, dv, 0, r.result.Output, dv)
	return r.result, nil
}

// finiteAnswers reports the first answer that is not finite. What is not stays in
// f, from read to read, so the last answer speaks for all.
func (r *passage) finiteAnswers(answers []float64) error {
	n := r.head.Tokens
	width := len(answers) / n
	if finite(answers[(n-1)*width:]) {
		return nil
	}
	for _, seg := range r.segments {
		if seg.Phase == Reading && !finite(answers[seg.Token*width:(seg.Token+1)*width]) {
			return outputError(seg)
		}
	}
	return nil
}

func outputError(seg Segment) error {
	return fmt.Errorf("model: reading token %d at %.4g s: the output is not finite: take smaller steps, or a larger floor", seg.Token, seg.Start)
}
