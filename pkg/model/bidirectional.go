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
func (passage *passage) bidirectional() (Result, error) {
	writes := slices.IndexFunc(passage.segments, func(segment Segment) bool { return segment.Phase == Reading })
	found, err := passage.recall(writes)
	if err != nil {
		return Result{}, err
	}
	for i := range writes {
		if _, err := passage.solve(i); err != nil {
			return Result{}, err
		}
	}
	return passage.read(writes, found)
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
func (passage *passage) recall(writes int) (recalled, error) {
	head := passage.head
	n, dv := head.Tokens, head.Values
	if head.form(passage.opt, head.scoresCostLess()) == bySynapses {
		return passage.recallSynapses(writes)
	}
	scores, coupling, err := passage.passScores(writes)
	found := recalled{coupling: coupling}
	if passage.opt.Attention {
		found.width, found.synapses, found.output = n, scores, make([]float64, n)
		taps, carried := passage.taps(writes), make([]float64, writes)
		for query := range n + 1 {
			distribute(taps, scores[query*n:(query+1)*n], carried)
		}
		settle(taps, found.output)
		return found, err
	}
	space := spareMemories.borrow(writes * dv)
	defer spareMemories.put(space)
	memory, output := passage.write(writes, *space)
	found.width, found.output, found.synapses = dv, output, make([]float64, (n+1)*dv)
	kernel.Gemm(false, false, n+1, dv, n, 1, scores, n, memory, dv, 0, found.synapses, dv)
	return found, err
}

// write returns M, [N×d_v] in the space given, [writes×d_v], with H = Σ_t M_t φ(k_t)ᵀ after all writes, and f there.
//
// A segment adds v(e₁φ + e₂h(0))ᵀ + Δf(e₃φ + e₄h(0))ᵀ to what is left of H. As
// h(0) is itself a combination of the features before it, uφ + b h(0) after each
// segment, what is bound to h(0) is handed back to the segment before.
func (passage *passage) write(writes int, memory []float64) (_, output []float64) {
	if passage.memory != nil {
		return passage.memory, slices.Clone(passage.begun)
	}
	head := passage.head
	dv := head.Values
	output = passage.present(writes, memory)
	back, before := make([]float64, dv), make([]float64, dv)
	left := 1.0 // of what the segment adds, at the end of writing
	for i := writes - 1; i >= 0; i-- {
		reached, seg, row := &passage.forms[i].reached, passage.segments[i], memory[i*dv:(i+1)*dv] // Δf
		copy(before, back)
		kernel.DecayRank1(reached.hidden, []float64{left * reached.carriedHidden}, row, before)
		if !seg.Blank {
			value := head.V[seg.Token*dv : (seg.Token+1)*dv]
			kernel.Axpy(left*reached.valueHidden, value, before)
			kernel.DecayRank1(left*reached.carriedPhi, []float64{left * reached.valuePhi}, value, row)
			kernel.Axpy(reached.phi, back, row)
		}
		back, before = before, back
		left *= reached.hebbian
	}
	for i, seg := range passage.segments[:writes] { // blanks have no feature
		if !seg.Blank && seg.Token < i {
			copy(memory[seg.Token*dv:(seg.Token+1)*dv], memory[i*dv:])
		}
	}
	return memory[:head.Tokens*dv], output
}

// present takes f through the writes. It sets Δf of each segment, [writes×d_v], and
// returns f after all.
func (passage *passage) present(writes int, carried []float64) (output []float64) {
	head := passage.head
	dv := head.Values
	output = make([]float64, dv)
	for i, seg := range passage.segments[:writes] {
		reached, delta := &passage.forms[i].reached, carried[i*dv:(i+1)*dv]
		copy(delta, output)
		if seg.Blank {
			scale(output, reached.output)
			continue
		}
		value := head.V[seg.Token*dv : (seg.Token+1)*dv]
		kernel.Axpy(-1, value, delta)
		copy(output, value)
		kernel.Axpy(reached.output, delta, output)
	}
	return output
}

// recallRun is how many neurons' features are recalled by H, and then by g while they are in the caches.
const recallRun = 256

// recallSynapses recalls by H, of which no more than a tile exists at a time.
func (passage *passage) recallSynapses(writes int) (recalled, error) {
	head := passage.head
	n, m, dv := head.Tokens, head.Neurons, head.Values
	space, tile := spareMemories.borrow(writes*dv), spareTiles.borrow(dv*min(tileNeurons, m))
	defer spareMemories.put(space)
	defer spareTiles.put(tile)
	memory, output := passage.write(writes, *space)
	synapses := *tile
	found := recalled{width: dv, synapses: passage.room, coupling: make([]float64, n), output: output}
	if found.synapses == nil {
		found.synapses = make([]float64, (n+1)*dv)
	} else {
		clear(found.synapses)
	}
	learn := func(first, last, from, to int) {
		size, old := to-from, 1.0
		if first == 0 {
			old = 0
		}
		kernel.Gemm(true, false, dv, size, last-first, 1, memory[first*dv:], dv, head.PhiK[first*m+from:], m, old, synapses, size)
	}
	err := passage.passHidden(writes, learn, func(from, to int, hidden, presynaptic []float64) {
		size := to - from
		kernel.Dots(hidden, synapses, size, found.synapses[n*dv:])
		for first := 0; first < size; first += recallRun {
			last := min(first+recallRun, size)
			queries := head.PhiQ[from+first:]
			kernel.Gemm(false, true, n, dv, last-first, 1, queries, m, synapses[first:], size, 1, found.synapses, dv)
			kernel.Dots(presynaptic[first:last], queries, m, found.coupling)
		}
	})
	return found, err
}

// spare keeps space from head to head: to clear half a megabyte anew for each takes a
// noticeable part of a small head's time.
type spare[T any] struct{ pool sync.Pool }

var (
	spareTiles    spare[float64] // of H and g
	spareHidden   spare[float64] // h and g
	spareMemories spare[float64] // M, and what is found
	spareProducts spare[products]
)

// borrow returns space that holds what was left in it.
func (spare *spare[T]) borrow(size int) *[]T {
	if space, ok := spare.pool.Get().(*[]T); ok && cap(*space) >= size {
		*space = (*space)[:size]
		return space
	}
	space := make([]T, size)
	return &space
}

func (spare *spare[T]) put(space *[]T) { spare.pool.Put(space) }

// passScores returns φ(q_t)·φ(k_s) and, last, h·φ(k_s), [(N+1)×N]; and g·φ(q_t).
func (passage *passage) passScores(writes int) (scores, coupling []float64, err error) {
	head := passage.head
	n, m := head.Tokens, head.Neurons
	scores, coupling = make([]float64, (n+1)*n), make([]float64, n)
	copy(scores, head.Scores())
	if head.byGram() {
		hidden, presynaptic := passage.passGram(writes)
		for token := range n {
			key, query := head.keyIndex(token)*2*n, head.queryIndex(token)*2*n
			scores[n*n+token] = kernel.Dot(hidden, head.gram[key:key+2*n])
			coupling[token] = kernel.Dot(presynaptic, head.gram[query:query+2*n])
		}
		return scores, coupling, nil
	}
	err = passage.passHidden(writes, func(int, int, int, int) {}, func(from, to int, hidden, presynaptic []float64) {
		kernel.Dots(hidden, head.PhiK[from:], m, scores[n*n:])
		kernel.Dots(presynaptic, head.PhiQ[from:], m, coupling)
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

func (passage *passage) taps(writes int) []tap {
	taps := make([]tap, writes)
	left := 1.0
	for i := writes - 1; i >= 0; i-- {
		reached, seg := &passage.forms[i].reached, passage.segments[i]
		taps[i] = tap{
			seg.Blank, seg.Token, left * reached.valuePhi, left * reached.valueHidden, left * reached.carriedPhi, left * reached.carriedHidden,
			reached.phi, reached.hidden, reached.output,
		}
		left *= reached.hebbian
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
		tap := &taps[i]
		if tap.blank {
			carried[i] = hidden * tap.carriedHidden
			hidden *= tap.hidden
			continue
		}
		score := scores[tap.token]
		scores[tap.token] = float64(score*tap.valuePhi) + float64(hidden*tap.valueHidden)
		carried[i] = float64(score*tap.carriedPhi) + float64(hidden*tap.carriedHidden)
		hidden = float64(tap.phi*score) + float64(tap.hidden*hidden)
	}
	var later float64 // of f at a segment's end
	for i := len(taps) - 1; i >= 0; i-- {
		tap := &taps[i]
		delta := carried[i] + float64(tap.output*later) // of Δf = f(0) − v
		if !tap.blank {
			scores[tap.token] += later - delta
		}
		later = delta
	}
}

// settle sets f to where writing leaves it, as coordinates over the values.
func settle(taps []tap, output []float64) {
	left := 1.0
	for i := len(taps) - 1; i >= 0; i-- {
		if tap := &taps[i]; !tap.blank {
			output[tap.token] = left - float64(left*tap.output)
		}
		left *= taps[i].output
	}
}

// read answers the queries one after another, each in the place of what H
// recalls for it. While reading H and g only decay, and Hh(0) becomes u Hφ + b Hh(0).
func (passage *passage) read(writes int, found recalled) (Result, error) {
	n, width, output := passage.head.Tokens, found.width, found.output
	trace := found.synapses[n*width:][:width] // Hh(0), but for what the leak has taken
	hebbian, coupling := 1.0, 1.0             // what it has left of H and g
	for i := writes; i < len(passage.segments); i++ {
		seg := passage.segments[i]
		if !seg.Blank {
			passage.products[i].gPhi = coupling * found.coupling[seg.Token]
		}
		reached, err := passage.solve(i)
		if err != nil {
			return Result{}, err
		}
		if seg.Blank {
			kernel.DecayRank1(reached.output, []float64{hebbian * reached.outputHidden}, trace, output)
			scale(trace, reached.hidden)
		} else {
			row := found.synapses[seg.Token*width:][:width]
			if err := passage.dwell.read(i, output, row, trace, hebbian); err != nil {
				return Result{}, err
			}
			kernel.DecayRank1(reached.output, []float64{hebbian * reached.outputHidden}, trace, output)
			kernel.Axpy(hebbian*reached.outputPhi, row, output)
			kernel.DecayRank1(reached.hidden, []float64{reached.phi}, row, trace)
			copy(found.synapses[seg.Token*width:], output)
		}
		hebbian *= reached.hebbian
		coupling *= reached.coupling
	}
	return passage.finish(found.synapses[:n*width])
}
