package model

import (
	"slices"
	"sync"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// bidirectional is a passage in which all tokens are written before the first
// is read. Then H is learned without the calcium, and what it recalls for all
// queries is a matrix product: either by H itself,
//
//	H = Mᵀ Φ_k,  R = Φ_q Hᵀ       4 N m d_v operations, a tile of neurons at a time
//
// or by the scores B = Φ_q Φ_kᵀ, which know of no values,
//
//	R = B M                       2 N² m, and 2 N² d_v
//
// and from R the reads follow one after another.
func (r *passage) bidirectional() (Result, error) {
	writes := slices.IndexFunc(r.segments, func(s Segment) bool { return s.Phase == Reading })
	x, err := r.recall(writes)
	if err != nil {
		return Result{}, err
	}
	for i := range writes {
		if _, err := r.solve(i); err != nil {
			return Result{}, err
		}
	}
	return r.read(writes, x)
}

// recalled is what the reads find, as value vectors of d_v entries or of N
// coordinates over the values.
type recalled struct {
	width    int
	synapses []float64 // Hφ(q_t) of every query and, last, Hh(0) as reading begins, [(N+1)×width]
	coupling []float64 // g·φ(q_t), [N]
	output   []float64 // f as reading begins, [width]
}

// recall passes the hidden layer through all writes, and returns what the reads
// will find.
func (r *passage) recall(writes int) (recalled, error) {
	h := r.head
	n, m, dv := h.Tokens, h.Neurons, h.Values
	if r.form(h.scores != nil || n*(m+dv) <= 2*m*dv) == bySynapses {
		return r.recallSynapses(writes)
	}
	scores, coupling, err := r.passScores(writes)
	x := recalled{coupling: coupling}
	if r.opt.Attention {
		x.width, x.synapses, x.output = n, scores, make([]float64, n)
		taps, carried := r.taps(writes), make([]float64, writes)
		for t := range n + 1 {
			distribute(taps, scores[t*n:(t+1)*n], carried)
		}
		settle(taps, x.output)
		return x, err
	}
	memory, f := r.write(writes)
	x.width, x.output, x.synapses = dv, f, make([]float64, (n+1)*dv)
	kernel.Gemm(false, false, n+1, dv, n, 1, scores, n, memory, dv, 0, x.synapses, dv)
	return x, err
}

// write returns M, [N×d_v], with H = Σ_t M_t φ(k_t)ᵀ after all writes, and f there.
//
// A segment adds v(e₁φ + e₂h(0))ᵀ + Δf(e₃φ + e₄h(0))ᵀ to what is left of H. As
// h(0) is itself a combination of the features before it, uφ + b h(0) after each
// segment, what is bound to h(0) is handed back to the segment before.
func (r *passage) write(writes int) (memory, f []float64) {
	h := r.head
	dv := h.Values
	memory, f = r.present(writes)
	back, before := make([]float64, dv), make([]float64, dv)
	left := 1.0 // of what the segment adds, at the end of writing
	for i := writes - 1; i >= 0; i-- {
		c, seg, row := &r.forms[i].c, r.segments[i], memory[i*dv:(i+1)*dv] // Δf
		copy(before, back)
		kernel.DecayRank1(c.hidden, []float64{left * c.carriedHidden}, row, before)
		if !seg.Blank {
			v := h.V[seg.Token*dv : (seg.Token+1)*dv]
			kernel.Axpy(left*c.valueHidden, v, before)
			kernel.DecayRank1(left*c.carriedPhi, []float64{left * c.valuePhi}, v, row)
			kernel.Axpy(c.phi, back, row)
		}
		back, before = before, back
		left *= c.hebbian
	}
	for i, seg := range r.segments[:writes] { // blanks have no feature
		if !seg.Blank && seg.Token < i {
			copy(memory[seg.Token*dv:(seg.Token+1)*dv], memory[i*dv:])
		}
	}
	return memory[:h.Tokens*dv], f
}

// present takes f through the writes: Δf of each segment, [writes×d_v], and f
// after all.
func (r *passage) present(writes int) (carried, f []float64) {
	h := r.head
	dv := h.Values
	carried, f = make([]float64, writes*dv), make([]float64, dv)
	for i, seg := range r.segments[:writes] {
		c, delta := &r.forms[i].c, carried[i*dv:(i+1)*dv]
		copy(delta, f)
		if seg.Blank {
			scale(f, c.output)
			continue
		}
		v := h.V[seg.Token*dv : (seg.Token+1)*dv]
		kernel.Axpy(-1, v, delta)
		copy(f, v)
		kernel.Axpy(c.output, delta, f)
	}
	return carried, f
}

// recallSynapses recalls by H, of which no more than a tile exists at a time.
func (r *passage) recallSynapses(writes int) (recalled, error) {
	h := r.head
	n, m, dv := h.Tokens, h.Neurons, h.Values
	memory, f := r.write(writes)
	x := recalled{width: dv, synapses: make([]float64, (n+1)*dv), coupling: make([]float64, n), output: f}
	tile := borrowTile(dv * min(tileNeurons, m))
	defer spareTiles.Put(tile)
	synapses := *tile
	learn := func(first, last, from, to int) {
		k, old := to-from, 1.0
		if first == 0 {
			old = 0
		}
		kernel.Gemm(true, false, dv, k, last-first, 1, memory[first*dv:], dv, h.PhiK[first*m+from:], m, old, synapses, k)
	}
	err := r.passHidden(writes, learn, func(from, to int, hidden, g []float64) {
		k := to - from
		for j := range dv {
			x.synapses[n*dv+j] += kernel.Dot(synapses[j*k:(j+1)*k], hidden)
		}
		for first := 0; first < n; first += tileTokens {
			last := min(first+tileTokens, n)
			for t := first; t < last; t++ { // first, as it fetches the queries one after another
				x.coupling[t] += kernel.Dot(g, h.PhiQ[t*m+from:t*m+to])
			}
			kernel.Gemm(false, true, last-first, dv, k, 1, h.PhiQ[first*m+from:], m, synapses, k, 1, x.synapses[first*dv:], dv)
		}
	})
	return x, err
}

// spareTiles keeps tiles of H from head to head: to clear half a megabyte anew for
// each takes a noticeable part of a small head's time.
var spareTiles sync.Pool

func borrowTile(size int) *[]float64 {
	if tile, ok := spareTiles.Get().(*[]float64); ok && cap(*tile) >= size {
		*tile = (*tile)[:size]
		return tile
	}
	tile := make([]float64, size)
	return &tile
}

// passScores returns φ(q_t)·φ(k_s) and, last, h·φ(k_s), [(N+1)×N]; and g·φ(q_t).
func (r *passage) passScores(writes int) (scores, coupling []float64, err error) {
	h := r.head
	n, m := h.Tokens, h.Neurons
	scores, coupling = make([]float64, (n+1)*n), make([]float64, n)
	copy(scores, h.Scores())
	err = r.passHidden(writes, func(int, int, int, int) {}, func(from, to int, hidden, g []float64) {
		for t := range n {
			scores[n*n+t] += kernel.Dot(hidden, h.PhiK[t*m+from:t*m+to])
			coupling[t] += kernel.Dot(g, h.PhiQ[t*m+from:t*m+to])
		}
	})
	return scores, coupling, err
}

// A tap is what a written segment's coefficients amount to at the end of
// writing, when the leak has had its share.
type tap struct {
	blank                                            bool
	token                                            int
	valuePhi, valueHidden, carriedPhi, carriedHidden float64
	phi, hidden, output                              float64
}

func (r *passage) taps(writes int) []tap {
	taps := make([]tap, writes)
	left := 1.0
	for i := writes - 1; i >= 0; i-- {
		c, seg := &r.forms[i].c, r.segments[i]
		taps[i] = tap{
			seg.Blank, seg.Token, left * c.valuePhi, left * c.valueHidden, left * c.carriedPhi, left * c.carriedHidden,
			c.phi, c.hidden, c.output,
		}
		left *= c.hebbian
	}
	return taps
}

// distribute replaces the scores of a query, φ(q)·φ(k_t), by what H recalls for it
// as coordinates over the values. It is the transpose of write: h(0)·φ(q) runs
// forward, what is recalled of f backward, so that a row costs O(N). carried is
// space for a number a segment.
func distribute(taps []tap, scores, carried []float64) {
	var hidden float64 // h(0)·φ(q)
	for i := range taps {
		c := &taps[i]
		if c.blank {
			carried[i] = hidden * c.carriedHidden
			hidden *= c.hidden
			continue
		}
		x := scores[c.token]
		scores[c.token] = float64(x*c.valuePhi) + float64(hidden*c.valueHidden)
		carried[i] = float64(x*c.carriedPhi) + float64(hidden*c.carriedHidden)
		hidden = float64(c.phi*x) + float64(c.hidden*hidden)
	}
	var later float64 // of f at a segment's end
	for i := len(taps) - 1; i >= 0; i-- {
		c := &taps[i]
		delta := carried[i] + float64(c.output*later) // of Δf = f(0) − v
		if !c.blank {
			scores[c.token] += later - delta
		}
		later = delta
	}
}

// settle sets f to where writing leaves it, as coordinates over the values.
func settle(taps []tap, f []float64) {
	left := 1.0
	for i := len(taps) - 1; i >= 0; i-- {
		if c := &taps[i]; !c.blank {
			f[c.token] = left - float64(left*c.output)
		}
		left *= taps[i].output
	}
}

// read answers the queries one after another, each in the place of what H
// recalls for it. While reading H and g only decay, and Hh(0) becomes
// u Hφ + b Hh(0).
func (r *passage) read(writes int, x recalled) (Result, error) {
	n, w, f := r.head.Tokens, x.width, x.output
	trace := x.synapses[n*w:]     // Hh(0), but for what the leak has taken
	hebbian, coupling := 1.0, 1.0 // what it has left of H and g
	for i := writes; i < len(r.segments); i++ {
		seg := r.segments[i]
		if !seg.Blank {
			r.products[i].gPhi = coupling * x.coupling[seg.Token]
		}
		c, err := r.solve(i)
		if err != nil {
			return Result{}, err
		}
		kernel.DecayRank1(c.output, []float64{hebbian * c.outputHidden}, trace, f)
		if seg.Blank {
			scale(trace, c.hidden)
		} else {
			row := x.synapses[seg.Token*w : (seg.Token+1)*w]
			kernel.Axpy(hebbian*c.outputPhi, row, f)
			kernel.DecayRank1(c.hidden, []float64{c.phi}, row, trace)
			copy(row, f)
		}
		hebbian *= c.hebbian
		coupling *= c.coupling
	}
	return r.finish(x.synapses[:n*w])
}
