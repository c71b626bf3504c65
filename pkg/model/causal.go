package model

import "github.com/nasim-sim/nasim/internal/kernel"

// causal is a passage in which each token is read as soon as it is written. What
// is written depends, by way of f, on what was read before, so the values go
// token by token: but only within a block of tokens. What H recalls of the tokens
// before the block is a matrix product for all its keys and queries φ:
//
//	     before the block      in it
//	   ┌──────────────────┬─────────────┐
//	φ  │ by H, or by inner│ by inner    │    Hφ = Σ_l A_l (φ_l·φ) + C_l (h_l(0)·φ)
//	   │ products         │ products   ◣│
//	   └──────────────────┴─────────────┘
//
// A token l, its blank included, leaves A_l φ_lᵀ + C_l h_l(0)ᵀ in H, where h_l(0)
// is what the hidden layer still holds when its key is presented. Of Hh(0) the
// values keep account by themselves, as h(0) becomes uφ + b h(0).
func (passage *passage) causal() (Result, error) {
	head := passage.head
	if head.byGram() {
		passage.passGram(len(passage.segments))
	} else if err := passage.passHidden(len(passage.segments), func(int, int, int, int) {}, func(int, int, []float64, []float64) {}); err != nil {
		return Result{}, err
	}
	values := newCausalValues(passage)
	for i := range passage.segments {
		reached, err := passage.solve(i)
		if err != nil {
			return Result{}, err
		}
		values.readOuts[i] = [2]float64{reached.outputPhi, reached.outputHidden}
	}
	memory := values.pastMemory()
	for values.from < head.Tokens {
		if err := passage.ctx.Err(); err != nil {
			return Result{}, err
		}
		values.to = min(values.from+blockTokens, head.Tokens)
		memory.recall()
		for token := values.from; token < values.to; token++ {
			values.write(token)
			if err := values.read(token); err != nil {
				return Result{}, err
			}
		}
		values.settle()
		memory.learn()
		values.from = values.to
	}
	return passage.finish(values.answers)
}

// blockTokens is the number of tokens in a block: enough for matrix products to
// run at full speed, few enough for what is done token by token to cost little.
const blockTokens = 32

// pastMemory is H as the tokens before a block have left it.
type pastMemory interface {
	recall() // sets recalled and inner for the block at hand
	learn()  // takes over what the block's tokens left
}

// pastMemory chooses its form.
func (values *causalValues) pastMemory() pastMemory {
	if head := values.head; head.form(values.opt, head.gram != nil || 3*head.Tokens <= 4*(values.width+blockTokens)) == bySynapses {
		return newMemoryBySynapses(values)
	}
	return newMemoryByProducts(values)
}

// causalValues are the value vectors of a causal passage, of d_v entries or, for
// A_eff, of N coordinates over the values.
type causalValues struct {
	*passage
	width    int
	from, to int          // the tokens of the block at hand
	each     int          // segments a token: 2, with blanks 4
	readOuts [][2]float64 // of each segment: how Hφ and Hh(0) enter f
	leaks    [2]float64   // what is left of H after a token is written, and after one is read
	passed   []float64    // passed[k]: after k tokens are written and read

	// Of the block at hand, of count tokens, in rows by queries and then keys:
	recalled []float64 // what the past recalls for them, [2·count×width]
	inner    []float64 // φ_l·φ for each token l of the block, and then h_l(0)·φ, [2·count×2·count]
	left     []float64 // A_l for each token l, and then C_l, [2·count×width]

	answers []float64 // [N×width]

	f, trace     []float64 // f and Hh(0)
	value, delta []float64 // v and Δf of the token at hand
	found        []float64 // its Hφ
}

func newCausalValues(passage *passage) *causalValues {
	n, width := passage.head.Tokens, passage.head.Values
	if passage.opt.Attention {
		width = n
	}
	vector := func(rows int) []float64 { return make([]float64, rows*width) }
	values := &causalValues{
		passage: passage, width: width, each: len(passage.segments) / n, readOuts: make([][2]float64, len(passage.segments)),
		leaks: [2]float64{1, 1}, passed: make([]float64, blockTokens+1),
		recalled: vector(2 * blockTokens), inner: make([]float64, 4*blockTokens*blockTokens),
		left: vector(2 * blockTokens), answers: vector(n),
		f: vector(1), trace: vector(1), value: vector(1), delta: vector(1), found: vector(1),
	}
	for i := range values.each {
		values.leaks[passage.segments[i].Phase] *= passage.forms[i].reached.hebbian
	}
	values.passed[0] = 1
	for tokens := range blockTokens {
		values.passed[tokens+1] = values.passed[tokens] * values.leaks[Writing] * values.leaks[Reading]
	}
	return values
}

// first is the index of the segment in which token t is written, or read.
func (values *causalValues) first(token int, phase Phase) int {
	return token*values.each + int(phase)*values.each/2
}

func (values *causalValues) count() int { return values.to - values.from }

// row is where a block's arrays have the feature that token t presents.
func (values *causalValues) row(token int, phase Phase) int {
	if phase == Reading {
		return token - values.from
	}
	return values.count() + token - values.from
}

// onPhi and onHidden are A_l and C_l of a token of the block.
func (values *causalValues) onPhi(l int) []float64 {
	return values.left[l*values.width : (l+1)*values.width]
}
func (values *causalValues) onHidden(l int) []float64 { return values.onPhi(values.count() + l) }

// recall sets found to Hφ for the key or query of token t.
func (values *causalValues) recall(token int, phase Phase) {
	before, row, count := token-values.from, values.row(token, phase), values.count()
	copy(values.found, values.recalled[row*values.width:])
	sinceBlock, sinceToken, last := values.passed[before], values.leaks[Reading], before
	if phase == Reading {
		sinceBlock, sinceToken, last = sinceBlock*values.leaks[Writing], 1, before+1
	}
	scale(values.found, sinceBlock)
	inner := values.inner[row*2*count : (row+1)*2*count]
	for l := range last {
		kept := sinceToken * values.passed[last-1-l]
		kernel.Axpy(kept*inner[l], values.onPhi(l), values.found)
		kernel.Axpy(kept*inner[count+l], values.onHidden(l), values.found)
	}
}

// write presents key and value of token t.
func (values *causalValues) write(token int) {
	values.recall(token, Writing)
	values.bind(token)

	// H h(0) with H and h(0) as they are at the segment's end.
	i := values.first(token, Writing)
	reached, inner := &values.forms[i].reached, &values.products[i]
	onPhi, onHidden := values.onPhi(token-values.from), values.onHidden(token-values.from)
	u, b := reached.phi, reached.hidden
	kernel.DecayRank1(b*reached.hebbian, []float64{u * reached.hebbian}, values.found, values.trace)
	kernel.Axpy(float64(u*inner.phiPhi)+float64(b*inner.phiHidden), onPhi, values.trace)
	kernel.Axpy(float64(u*inner.phiHidden)+float64(b*inner.hiddenHidden), onHidden, values.trace)
	if values.each == 4 {
		reached, inner := &values.forms[i+1].reached, &values.products[i+1]
		kernel.DecayRank1(reached.hidden*reached.hebbian, []float64{reached.hidden * reached.carriedHidden * inner.hiddenHidden}, values.f, values.trace)
		values.fade(token)
	}
}

// bind sets what token t leaves when it is written, and takes f through that.
func (values *causalValues) bind(token int) {
	value := values.value
	if values.opt.Attention {
		clear(value)
		value[token] = 1
	} else {
		value = values.head.V[token*values.width : (token+1)*values.width]
	}
	copy(values.delta, values.f)
	kernel.Axpy(-1, value, values.delta)

	reached := &values.forms[values.first(token, Writing)].reached
	combine(values.onPhi(token-values.from), reached.valuePhi, value, reached.carriedPhi, values.delta)
	combine(values.onHidden(token-values.from), reached.valueHidden, value, reached.carriedHidden, values.delta)
	combine(values.f, 1, value, reached.output, values.delta)
}

// fade takes f, and what token t left, through the blank after its write. There h(0) = uφ + b h_l(0), so that
// the token's own vectors hold what is learned.
func (values *causalValues) fade(token int) {
	i := values.first(token, Writing)
	u, b, reached := values.forms[i].reached.phi, values.forms[i].reached.hidden, &values.forms[i+1].reached
	kernel.DecayRank1(reached.hebbian, []float64{u * reached.carriedHidden}, values.f, values.onPhi(token-values.from))
	kernel.DecayRank1(reached.hebbian, []float64{b * reached.carriedHidden}, values.f, values.onHidden(token-values.from))
	scale(values.f, reached.output)
}

// read presents the query of token t.
func (values *causalValues) read(token int) error {
	values.recall(token, Reading)
	if err := values.dwell.read(values.first(token, Reading), values.f, values.found, values.trace, 1); err != nil {
		return err
	}
	values.answer(token)
	return nil
}

// answer takes f, and what H recalls for h(0), through the read of token t and its blank.
func (values *causalValues) answer(token int) {
	i := values.first(token, Reading)
	for j := i; j < i+values.each/2; j++ {
		reached := &values.forms[j].reached
		kernel.DecayRank1(reached.output, values.readOuts[j][1:], values.trace, values.f)
		if j > i {
			scale(values.trace, reached.hebbian*reached.hidden)
			continue
		}
		kernel.Axpy(values.readOuts[j][0], values.found, values.f)
		kernel.DecayRank1(reached.hebbian*reached.hidden, []float64{reached.hebbian * reached.phi}, values.found, values.trace)
		copy(values.answers[token*values.width:], values.f)
	}
}

// settle lets the leak have its share of what the block's tokens left, up to the
// block's end.
func (values *causalValues) settle() {
	for l := range values.count() {
		kept := values.leaks[Reading] * values.passed[values.count()-1-l]
		scale(values.onPhi(l), kept)
		scale(values.onHidden(l), kept)
	}
}

// combine sets dst = a x + b y.
func combine(dst []float64, a float64, x []float64, b float64, y []float64) {
	clear(dst)
	kernel.Axpy(a, x, dst)
	kernel.Axpy(b, y, dst)
}
