package model

import "github.com/nasim-sim/nasim/internal/kernel"

// The two forms of a causal passage's past. Their costs, for N tokens, differ as
// those of a bidirectional one: H itself takes N m (4 d_v + 128) multiplications
// and d_v m numbers; inner products of all features 3 N² m, whatever is recalled.

// memoryBySynapses is H itself. A tile of it is brought up to date and then
// recalled from at once, so that each block passes over it once.
type memoryBySynapses struct {
	*causalValues
	past         []float64 // H₀, but for the block before; tile after tile, each [width×neurons]
	hidden       []float64 // h as the block before begins, [m]
	before, upTo int       // the block before: what it left is still in left

	// Of a block, for a tile: its queries, its keys, and h_l(0) as each key is
	// presented, [3·count×neurons]; and h.
	rows, ahead []float64
}

func newMemoryBySynapses(values *causalValues) *memoryBySynapses {
	m := values.head.Neurons
	tile := min(tileNeurons, m)
	return &memoryBySynapses{
		causalValues: values, past: make([]float64, values.width*m), hidden: make([]float64, m),
		rows: make([]float64, 3*blockTokens*tile), ahead: make([]float64, tile),
	}
}

func (synapses *memoryBySynapses) recall() {
	clear(synapses.recalled)
	clear(synapses.inner)
	m, width := synapses.head.Neurons, synapses.width
	for from := 0; from < m; from += tileNeurons {
		to := min(from+tileNeurons, m)
		past, hidden := synapses.past[from*width:to*width], synapses.hidden[from:to]
		if synapses.upTo > 0 {
			synapses.update(from, to, past, hidden)
		}
		synapses.recallTile(from, to, past, hidden)
	}
}

func (synapses *memoryBySynapses) learn() {
	synapses.before, synapses.upTo = synapses.from, synapses.to
}

// update brings a tile up to the beginning of the block at hand.
func (synapses *memoryBySynapses) update(from, to int, past, hidden []float64) {
	width, size, count := synapses.width, to-from, synapses.upTo-synapses.before
	synapses.trail(synapses.before, synapses.upTo, from, to, hidden)
	kernel.Gemm(true, false, width, size, 2*count, 1, synapses.left, width, synapses.rows[count*size:], size, synapses.passed[count], past, size)
}

// recallTile adds a tile's part to recalled and inner.
func (synapses *memoryBySynapses) recallTile(from, to int, past, hidden []float64) {
	width, size, count := synapses.width, to-from, synapses.count()
	copy(synapses.ahead, hidden)
	synapses.trail(synapses.from, synapses.to, from, to, synapses.ahead[:size])
	kernel.Gemm(false, true, 2*count, 2*count, size, 1, synapses.rows, size, synapses.rows[count*size:], size, 1, synapses.inner, 2*count)
	if synapses.upTo > 0 {
		kernel.Gemm(false, true, 2*count, width, size, 1, synapses.rows, size, past, size, 1, synapses.recalled, width)
	}
}

// trail takes a tile's h through the tokens first … last−1, and sets rows.
func (synapses *memoryBySynapses) trail(first, last, from, to int, hidden []float64) {
	m, size, count := synapses.head.Neurons, to-from, last-first
	for token := first; token < last; token++ {
		row := token - first
		copy(synapses.rows[row*size:(row+1)*size], synapses.head.PhiQ[token*m+from:])
		copy(synapses.rows[(count+row)*size:(count+row+1)*size], synapses.head.PhiK[token*m+from:])
		copy(synapses.rows[(2*count+row)*size:(2*count+row+1)*size], hidden)
		for i := token * synapses.each; i < (token+1)*synapses.each; i++ {
			reached := &synapses.forms[i].reached
			if phi := synapses.feature(i, from, to); phi != nil {
				kernel.DecayRank1(reached.hidden, []float64{reached.phi}, phi, hidden)
			} else {
				scale(hidden, reached.hidden)
			}
		}
	}
}

// memoryByProducts is H as what tokens left, A_l and C_l, each met again through
// inner products with their features.
type memoryByProducts struct {
	*causalValues
	gram                []float64
	phi, hidden         []float64 // φ_l·φ and h_l(0)·φ of the block's features, [2·blockTokens×N]
	pastPhi, pastHidden []float64 // A_l and C_l, as the leak has left them where the block begins, [N×width]
}

func newMemoryByProducts(values *causalValues) *memoryByProducts {
	n := values.head.Tokens
	features := make([]float64, 4*blockTokens*n)
	past := make([]float64, 2*n*values.width)
	return &memoryByProducts{
		causalValues: values, gram: values.head.Gram(),
		phi: features[:2*blockTokens*n], hidden: features[2*blockTokens*n:],
		pastPhi: past[:n*values.width], pastHidden: past[n*values.width:],
	}
}

func (memory *memoryByProducts) recall() {
	n, width, count := memory.head.Tokens, memory.width, memory.count()
	for token := memory.from; token < memory.to; token++ {
		for phase, feature := range []int{memory.head.keyIndex(token), memory.head.queryIndex(token)} { // Writing, Reading
			row := memory.row(token, Phase(phase))
			phi, hidden := memory.phi[row*n:(row+1)*n], memory.hidden[row*n:(row+1)*n]
			memory.meet(feature, phi, hidden)
			copy(memory.inner[2*row*count:], phi[memory.from:memory.to])
			copy(memory.inner[(2*row+1)*count:], hidden[memory.from:memory.to])
		}
	}
	columns := width
	if memory.opt.Attention { // coordinates over values that are not written yet are 0
		columns = memory.from
	}
	clear(memory.recalled)
	kernel.Gemm(false, false, 2*count, columns, memory.from, 1, memory.phi, n, memory.pastPhi, width, 0, memory.recalled, width)
	kernel.Gemm(false, false, 2*count, columns, memory.from, 1, memory.hidden, n, memory.pastHidden, width, 1, memory.recalled, width)
}

// meet sets the inner products of a feature, a row of the Gram matrix, with φ_l
// and h_l(0) of the tokens before the block's end.
func (memory *memoryByProducts) meet(feature int, phi, hidden []float64) {
	n := memory.head.Tokens
	row := memory.gram[feature*2*n : (feature+1)*2*n]
	copy(phi[:memory.to], row)
	var now float64 // h(0)·φ
	for l := range memory.to {
		hidden[l] = now
		for i := l * memory.each; i < (l+1)*memory.each; i++ {
			reached, seg := &memory.forms[i].reached, &memory.segments[i]
			now = float64(now * reached.hidden)
			if !seg.Blank {
				now += float64(reached.phi * row[int(seg.Phase)*n+l])
			}
		}
	}
}

func (memory *memoryByProducts) learn() {
	width, count := memory.width, memory.count()
	for i, past := range [][]float64{memory.pastPhi, memory.pastHidden} {
		scale(past[:memory.from*width], memory.passed[count])
		copy(past[memory.from*width:], memory.left[i*count*width:(i+1)*count*width])
	}
}
