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
func (r *passage) causal() (Result, error) {
	h := r.head
	if err := r.passHidden(len(r.segments), func(int, int, int, int) {}, func(int, int, []float64, []float64) {}); err != nil {
		return Result{}, err
	}
	c := newCausalValues(r)
	for i := range r.segments {
		x, err := r.solve(i)
		if err != nil {
			return Result{}, err
		}
		c.readOuts[i] = [2]float64{x.outputPhi, x.outputHidden}
	}
	var memory pastMemory
	if r.form(h.gram != nil || 3*h.Tokens <= 4*(c.width+blockTokens)) == bySynapses {
		memory = newMemoryBySynapses(c)
	} else {
		memory = newMemoryByProducts(c)
	}
	for c.from < h.Tokens {
		if err := r.ctx.Err(); err != nil {
			return Result{}, err
		}
		c.to = min(c.from+blockTokens, h.Tokens)
		memory.recall()
		for t := c.from; t < c.to; t++ {
			c.write(t)
			c.read(t)
		}
		c.settle()
		memory.learn()
		c.from = c.to
	}
	return r.finish(c.answers)
}

// blockTokens is the number of tokens in a block: enough for matrix products to
// run at full speed, few enough for what is done token by token to cost little.
const blockTokens = 32

// pastMemory is H as the tokens before a block have left it.
type pastMemory interface {
	recall() // sets recalled and inner for the block at hand
	learn()  // takes over what the block's tokens left
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

func newCausalValues(r *passage) *causalValues {
	n, width := r.head.Tokens, r.head.Values
	if r.opt.Attention {
		width = n
	}
	vector := func(rows int) []float64 { return make([]float64, rows*width) }
	c := &causalValues{
		passage: r, width: width, each: len(r.segments) / n, readOuts: make([][2]float64, len(r.segments)),
		leaks: [2]float64{1, 1}, passed: make([]float64, blockTokens+1),
		recalled: vector(2 * blockTokens), inner: make([]float64, 4*blockTokens*blockTokens),
		left: vector(2 * blockTokens), answers: vector(n),
		f: vector(1), trace: vector(1), value: vector(1), delta: vector(1), found: vector(1),
	}
	for i := range c.each {
		c.leaks[r.segments[i].Phase] *= r.forms[i].c.hebbian
	}
	c.passed[0] = 1
	for k := range blockTokens {
		c.passed[k+1] = c.passed[k] * c.leaks[Writing] * c.leaks[Reading]
	}
	return c
}

// first is the index of the segment in which token t is written, or read.
func (c *causalValues) first(t int, phase Phase) int { return t*c.each + int(phase)*c.each/2 }

func (c *causalValues) count() int { return c.to - c.from }

// row is where a block's arrays have the feature that token t presents.
func (c *causalValues) row(t int, phase Phase) int {
	if phase == Reading {
		return t - c.from
	}
	return c.count() + t - c.from
}

// onPhi and onHidden are A_l and C_l of a token of the block.
func (c *causalValues) onPhi(l int) []float64    { return c.left[l*c.width : (l+1)*c.width] }
func (c *causalValues) onHidden(l int) []float64 { return c.onPhi(c.count() + l) }

// recall sets found to Hφ for the key or query of token t.
func (c *causalValues) recall(t int, phase Phase) {
	k, row, count := t-c.from, c.row(t, phase), c.count()
	copy(c.found, c.recalled[row*c.width:])
	sinceBlock, sinceToken, last := c.passed[k], c.leaks[Reading], k
	if phase == Reading {
		sinceBlock, sinceToken, last = sinceBlock*c.leaks[Writing], 1, k+1
	}
	scale(c.found, sinceBlock)
	inner := c.inner[row*2*count : (row+1)*2*count]
	for l := range last {
		kept := sinceToken * c.passed[last-1-l]
		kernel.Axpy(kept*inner[l], c.onPhi(l), c.found)
		kernel.Axpy(kept*inner[count+l], c.onHidden(l), c.found)
	}
}

// write presents key and value of token t.
func (c *causalValues) write(t int) {
	c.recall(t, Writing)
	value := c.value
	if c.opt.Attention {
		clear(value)
		value[t] = 1
	} else {
		value = c.head.V[t*c.width : (t+1)*c.width]
	}
	copy(c.delta, c.f)
	kernel.Axpy(-1, value, c.delta)

	i := c.first(t, Writing)
	m, x := &c.forms[i].c, &c.products[i]
	onPhi, onHidden := c.onPhi(t-c.from), c.onHidden(t-c.from)
	combine(onPhi, m.valuePhi, value, m.carriedPhi, c.delta)
	combine(onHidden, m.valueHidden, value, m.carriedHidden, c.delta)
	combine(c.f, 1, value, m.output, c.delta)

	// H h(0) with H and h(0) as they are at the segment's end.
	u, b := m.phi, m.hidden
	kernel.DecayRank1(b*m.hebbian, []float64{u * m.hebbian}, c.found, c.trace)
	kernel.Axpy(float64(u*x.phiPhi)+float64(b*x.phiHidden), onPhi, c.trace)
	kernel.Axpy(float64(u*x.phiHidden)+float64(b*x.hiddenHidden), onHidden, c.trace)
	if c.each == 4 {
		// In the blank h(0) = uφ + b h_l(0), so that the token's own vectors hold
		// what is learned.
		m, x := &c.forms[i+1].c, &c.products[i+1]
		kernel.DecayRank1(m.hebbian, []float64{u * m.carriedHidden}, c.f, onPhi)
		kernel.DecayRank1(m.hebbian, []float64{b * m.carriedHidden}, c.f, onHidden)
		kernel.DecayRank1(m.hidden*m.hebbian, []float64{m.hidden * m.carriedHidden * x.hiddenHidden}, c.f, c.trace)
		scale(c.f, m.output)
	}
}

// read presents the query of token t.
func (c *causalValues) read(t int) {
	c.recall(t, Reading)
	i := c.first(t, Reading)
	for j := i; j < i+c.each/2; j++ {
		m := &c.forms[j].c
		kernel.DecayRank1(m.output, c.readOuts[j][1:], c.trace, c.f)
		if j > i {
			scale(c.trace, m.hebbian*m.hidden)
			continue
		}
		kernel.Axpy(c.readOuts[j][0], c.found, c.f)
		kernel.DecayRank1(m.hebbian*m.hidden, []float64{m.hebbian * m.phi}, c.found, c.trace)
		copy(c.answers[t*c.width:], c.f)
	}
}

// settle lets the leak have its share of what the block's tokens left, up to the
// block's end.
func (c *causalValues) settle() {
	for l := range c.count() {
		kept := c.leaks[Reading] * c.passed[c.count()-1-l]
		scale(c.onPhi(l), kept)
		scale(c.onHidden(l), kept)
	}
}

// combine sets dst = a x + b y.
func combine(dst []float64, a float64, x []float64, b float64, y []float64) {
	clear(dst)
	kernel.Axpy(a, x, dst)
	kernel.Axpy(b, y, dst)
}
