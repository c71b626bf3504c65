package model

import (
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// togetherPassage is a bidirectional [dividedPassage] that takes the hidden neurons of all compartments
// together. What the reads need of H is linear in it, and each compartment's part has a factor of its own:
//
//	Σ_c H_c (a_c φ_c + b_c h_c) = H x,    x_α = a_c(α) φ_α + b_c(α) h_α
//
// so that one product of all neurons, with the features scaled, takes the place of one for each
// compartment. The factors are known before, as calcium depends on no value. Few compartments, and f
// throughout the reads, which have many x, take H_c φ and H_c h of each compartment instead (apart).
// A_eff is read from the scores of x.
type togetherPassage struct {
	*dividedPassage
	count, size int // of compartments, and of hidden neurons in each

	scratch  []products
	written  [3][]float64 // |φ|², φ·h(0) and g·φ of each written segment and compartment, [writes×C]
	coupling []float64    // g·φ(q), [N×C]
	hidden   []float64    // h as reading begins, [m]
	memory   []float64    // of each tile H and, below it, g, [(d_v+1)×neurons]
	answers  []answer     // of each token
	factors  []float64    // of each token and compartment
}

// An answer is what a read makes of f.
type answer struct {
	output      float64 // what is left of f of the read before
	phi, hidden float64 // h becomes so much φ and h
}

// Factors of a compartment in a read: of φ and h in f, the same in what f would settle at, and the divisor.
const (
	ofPhi = iota
	ofHidden
	settledPhi
	settledHidden
	divides
	factorsOfRead
)

// scaledCompartments is from how many compartments on features are scaled, which has three
// products of a query's features in the place of one.
const scaledCompartments = 20

// together reports whether the head's compartments are taken together.
func (head *Head) together(parameters *Parameters, opt Options) bool {
	if head.byGram() || head.Neurons%parameters.Compartments.Count != 0 || opt.by == byProducts {
		return false
	}
	return !parameters.Causal || !opt.Attention && !opt.Dwell && (opt.by == bySynapses || parameters.Compartments.Count >= scaledCompartments)
}

// scales reports whether all that is recalled is recalled for scaled features.
func (together *togetherPassage) scales() bool {
	opt := &together.whole.opt
	return together.dwell == nil && (opt.by == bySynapses || together.count >= scaledCompartments)
}

// tile is of how many neurons a tile is: of whole compartments.
func (together *togetherPassage) tile() int {
	return together.size * max(1, tileNeurons/together.size)
}

// answerQueries is the whole passage.
func (together *togetherPassage) answerQueries() (Result, error) {
	whole, head := together.whole, together.whole.head
	n, m, dv, count := head.Tokens, head.Neurons, head.Values, together.count
	writes := slices.IndexFunc(whole.segments, func(segment Segment) bool { return segment.Phase == Reading })
	size := 3*writes*count + n*count + m + m*(dv+1) + n*count*factorsOfRead + writes*dv
	space := spareMemories.borrow(size)
	defer spareMemories.put(space)
	rest := *space
	room := func(size int) (part []float64) {
		part, rest = rest[:size:size], rest[size:]
		return part
	}
	for i := range together.written {
		together.written[i] = room(writes * count)
	}
	together.coupling, together.hidden, together.memory, together.factors = room(n*count), room(m), room(m*(dv+1)), room(n*count*factorsOfRead)
	together.scratch, together.answers = make([]products, count), make([]answer, n)
	for c := range together.scratch {
		together.inner[c] = &together.scratch[c]
	}
	values, output := whole.write(writes, room(writes*dv))
	if err := together.write(writes, values); err != nil {
		return Result{}, err
	}
	present, take := together.presents(), together.takes()
	if together.scales() {
		err := together.solver.solveAll(whole.segments, present, func(i int, reached []coefficients) error {
			err := together.noted(i, reached)
			take(i, reached)
			return err
		})
		if err != nil {
			return Result{}, err
		}
		return together.recall(output, whole.result.Normalizer != nil)
	}
	together.present = func(i int) { present(i) }
	for i := range writes {
		if err := together.passWrite(i); err != nil {
			return Result{}, err
		}
	}
	answers, err := together.read(writes, together.apart(output), take)
	switch {
	case err != nil:
		return Result{}, err
	case whole.opt.Attention:
		return together.recall(nil, false)
	}
	return whole.finish(answers)
}

// write takes h, g and H through all writes, a tile of neurons at a time, with the inner products of
// every segment and compartment, and of g with the queries.
func (together *togetherPassage) write(writes int, values []float64) error {
	whole, head := together.whole, together.whole.head
	n, m, dv, count := head.Tokens, head.Neurons, head.Values, together.count
	space := spareHidden.borrow(together.tile())
	defer spareHidden.put(space)
	clear(together.hidden)
	for from := 0; from < m; from += together.tile() {
		if err := whole.ctx.Err(); err != nil {
			return err
		}
		to := min(from+together.tile(), m)
		width, first := to-from, from/together.size
		hidden, presynaptic := together.hidden[from:to], (*space)[:width]
		clear(presynaptic)
		synapses := together.memory[from*(dv+1):][:width*(dv+1)]
		learned := 0
		for i := range writes {
			together.pass(i, from, hidden, presynaptic)
			if next := whole.segments[i].Token + 1; i+1 == writes || next-learned == tileTokens && whole.segments[i+1].Token == next {
				kernel.Gemm(true, false, dv, width, next-learned, 1, values[learned*dv:], dv, head.PhiK[learned*m+from:], m, min(1, float64(learned)), synapses, width)
				learned = next
			}
		}
		copy(synapses[dv*width:], presynaptic)
		for token := range n {
			segmented(head.PhiQ[token*m+from:][:width], presynaptic, together.size, together.coupling[token*count+first:])
		}
	}
	return nil
}

// pass takes h and g of a tile through segment i, with its inner products of each compartment.
func (together *togetherPassage) pass(i, from int, hidden, presynaptic []float64) {
	head, seg, at := together.whole.head, &together.whole.segments[i], &together.whole.forms[i].reached
	first := from / together.size
	if phi := head.feature(seg); phi != nil {
		together.carry(at, phi[from:from+len(hidden)], hidden, presynaptic, i*together.count+first)
		return
	}
	kernel.DecayRank1(at.coupling, []float64{at.couplingHidden}, hidden, presynaptic)
	scale(hidden, at.hidden)
	for _, written := range together.written {
		clear(written[i*together.count+first:][:len(hidden)/together.size])
	}
}

// fewNeurons are those of a compartment for which a call costs more than it saves.
const fewNeurons = 8

// carry takes h and g of a tile through a write, with its inner products of each compartment.
func (together *togetherPassage) carry(at *coefficients, phi, hidden, presynaptic []float64, into int) {
	u, b, c, cPhi, cHidden := at.phi, at.hidden, at.coupling, at.couplingPhi, at.couplingHidden
	phiPhi, phiHidden, gPhi := together.written[0][into:], together.written[1][into:], together.written[2][into:]
	for row, from := 0, 0; from < len(phi); row, from = row+1, from+together.size {
		phi := phi[from:][:together.size]
		hidden, presynaptic := hidden[from:][:len(phi)], presynaptic[from:][:len(phi)]
		if len(phi) > fewNeurons {
			phiPhi[row], phiHidden[row], gPhi[row] = kernel.Carry(phi, hidden, presynaptic, [2]float64{b, u}, [3]float64{c, cPhi, cHidden})
			continue
		}
		var xx, xy, xz float64
		for i, x := range phi {
			y, z := hidden[i], presynaptic[i]
			xx += float64(x * x)
			xy += float64(x * y)
			xz += float64(x * z)
			presynaptic[i] = float64(c*z) + float64(cPhi*x) + float64(cHidden*y)
			hidden[i] = float64(b*y) + float64(u*x)
		}
		phiPhi[row], phiHidden[row], gPhi[row] = xx, xy, xz
	}
}

// segmented sets into to the inner products of consecutive parts of so many entries.
func segmented(x, y []float64, size int, into []float64) {
	for row, from := 0, 0; from < len(x); row, from = row+1, from+size {
		x := x[from:][:size]
		y := y[from:][:len(x)]
		if size > fewNeurons {
			into[row] = kernel.Dot(x, y)
			continue
		}
		var sum float64
		for i, x := range x {
			sum += float64(x * y[i])
		}
		into[row] = sum
	}
}

// presents returns what sets inner to a segment's, one after another.
func (together *togetherPassage) presents() func(i int) []*products {
	whole, count := together.whole, together.count
	coupling := 1.0 // what is left of g
	return func(i int) []*products {
		seg := &whole.segments[i]
		for c := range together.scratch {
			inner := &together.scratch[c].collected
			if i > 0 {
				before := &whole.forms[i-1].reached
				inner.gHidden, inner.hiddenHidden = inner.sum(before), inner.hiddenSquare(before)
			}
			switch {
			case seg.Phase == Writing || whole.parameters.Causal:
				inner.phiPhi, inner.phiHidden, inner.gPhi = together.written[0][i*count+c], together.written[1][i*count+c], together.written[2][i*count+c]
			case seg.Blank:
				inner.phiPhi, inner.phiHidden, inner.gPhi = 0, 0, 0
			default:
				inner.phiPhi, inner.phiHidden, inner.gPhi = 0, 0, coupling*together.coupling[seg.Token*count+c]
			}
		}
		if seg.Phase == Reading {
			coupling *= whole.forms[i].reached.coupling
		}
		return together.inner
	}
}

// takes returns what sets the factors of each read, one segment after another.
func (together *togetherPassage) takes() func(i int, reached []coefficients) {
	whole := together.whole
	hebbian := 1.0 // what is left of H
	// Since the read before: what is left of f and, of its h, of that and of what blanks have added to f.
	output, hidden, blank := 1.0, 1.0, make([]float64, together.count)
	return func(i int, reached []coefficients) {
		seg, at := &whole.segments[i], &whole.forms[i].reached
		if seg.Phase == Writing {
			return
		}
		output *= at.output
		for c := range reached {
			blank[c] = float64(blank[c]*at.output) + float64(hebbian*reached[c].outputHidden*hidden)
		}
		if seg.Blank {
			hidden *= at.hidden
		} else {
			for c := range reached {
				factors, read := together.of(seg.Token, c), &together.reads[seg.Token*together.count+c]
				factors[ofPhi], factors[ofHidden] = hebbian*reached[c].outputPhi, blank[c]
				factors[settledPhi], factors[settledHidden], factors[divides] = read.phi, hidden*read.hidden, read.divisor
			}
			together.answers[seg.Token] = answer{output, at.phi, at.hidden * hidden}
			output, hidden = 1, 1
			clear(blank)
		}
		hebbian *= at.hebbian
	}
}

// apart returns what the reads find in each compartment.
func (together *togetherPassage) apart(output []float64) []recalled {
	head := together.whole.head
	n, m, dv, size := head.Tokens, head.Neurons, head.Values, together.size
	found, synapses := make([]recalled, together.count), make([]float64, together.count*(n+1)*dv)
	for c := range found {
		of := &found[c]
		*of = recalled{width: dv, synapses: synapses[c*(n+1)*dv:][:(n+1)*dv], output: output}
		first := c * size
		from := first - first%together.tile()
		width := min(together.tile(), m-from)
		memory := together.memory[from*(dv+1)+first-from:]
		kernel.Gemm(false, true, n, dv, size, 1, head.PhiQ[first:], m, memory, width, 0, of.synapses, dv)
		kernel.Gemm(false, true, 1, dv, size, 1, together.hidden[first:], size, memory, width, 0, of.synapses[n*dv:], dv)
	}
	return found
}

func (together *togetherPassage) of(token, c int) []float64 {
	return together.factors[(token*together.count+c)*factorsOfRead:][:factorsOfRead]
}

// queriesAtOnce are those whose scaled features are made before H is asked for them.
const queriesAtOnce = 64
