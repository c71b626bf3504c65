package model

import "github.com/nasim-sim/nasim/internal/kernel"

// A block is a stretch of the presentation within which every hidden vector is
// held as coordinates over a basis: the features presented in it and, but for
// the first block, h and g as they were at its start. Once the basis has its
// Gram matrix, m plays no part until the block ends.
//
//	            ┌──────── block ────────┐┌──────── block ────────┐
//	presented   u₁ u₂ …             u_B  u_B+1 …            u_2B
//	basis       u₁ … u_B                 h, g, u_B+1 … u_2B
//	past        H₀ = 0                   H₀ = Σ M_u uᵀ of the block before
//
// One block for all costs 3 N² m multiplications, for whatever is asked. Blocks of
// B features cost 2N (B + 2 d_v) m: linear in N, but d_v × m numbers for H₀ are
// carried along, so they are for outputs alone: A_eff has N more value vectors.
type block struct {
	head   *Head
	causal bool
	width  int
	size   int // features in a block
	first  int // index in order of presentation of the block's first feature
	base   int // vectors of the basis before the features: 0, or 2 for h and g
	count  int // vectors of the basis
	shown  int // of them, those presented so far; later coordinates are zero

	vectors []float64 // the basis, [count×m]; nil in a single block
	gram    []float64 // [count×count]
	past    []float64 // H₀, [width×m]; nil: 0
	learned bool      // M ≠ 0
}

// blockSize is the number of features in one of several blocks: enough for
// matrix products to run at full speed, few enough to cost less than H₀.
const blockSize = 64

// plan decides between one block and several, by their costs.
func (block *block) plan(head *Head, width int, opt Options) {
	block.head, block.width = head, width
	features := 2 * head.Tokens
	block.size = features
	switch {
	case opt.blockSize > 0:
		block.size = opt.blockSize
	case head.gram == nil && features > 2*(blockSize+2*width): // never with A_eff's N coordinates in width
		block.size = blockSize
	}
}

func (block *block) gramRow(i int) []float64 { return block.gram[i*block.count : (i+1)*block.count] }

// present shows the next feature and returns its index in the basis. It opens
// the first block, and the next one where a block is full.
func (network *network) present() int {
	block := &network.block
	if block.count == 0 || block.shown == block.count {
		network.nextBlock()
	}
	block.shown++
	return block.shown - 1
}

// nextBlock closes the block at hand, if there is one, and opens the next.
func (network *network) nextBlock() {
	block := &network.block
	block.causal = network.causal
	features := 2 * network.head.Tokens
	if block.size >= features {
		block.count = features
		block.gram = network.head.presentationGram(network.causal)
		network.openCoordinates(nil)
		return
	}
	var ends []float64 // h and g, [2×m]
	if block.count > 0 {
		ends = network.closeBlock()
		block.first += block.count - block.base
		block.base = 2
	}
	block.count = block.base + min(block.size, features-block.first)
	block.gather(ends)
	network.openCoordinates(ends)
	if block.past != nil && (network.reads() || network.record) {
		network.recalled = make([]float64, block.count*network.width)
		m := network.head.Neurons
		kernel.Gemm(false, true, block.count, network.width, m, 1, block.vectors, m, block.past, m, 0, network.recalled, network.width)
	}
}

// reads reports whether the block has features of reads.
func (network *network) reads() bool {
	block := &network.block
	return network.causal || block.first+block.count-block.base > network.head.Tokens
}

// gather lays out the basis and computes its Gram matrix.
func (block *block) gather(ends []float64) {
	m := block.head.Neurons
	if block.vectors == nil {
		block.vectors = make([]float64, 0, (2+block.size)*m)
	}
	block.vectors = append(block.vectors[:0], ends...)
	for i := block.base; i < block.count; i++ {
		block.vectors = append(block.vectors, block.feature(i)...)
	}
	block.gram = make([]float64, block.count*block.count)
	kernel.Gemm(false, true, block.count, block.count, m, 1, block.vectors, m, block.vectors, m, 0, block.gram, block.count)
}

// openCoordinates sets the coordinates of h and g at the start of a block.
func (network *network) openCoordinates(ends []float64) {
	block := &network.block
	network.hidden, network.hiddenDot, network.coupling = make([]float64, block.count), make([]float64, block.count), make([]float64, block.count)
	block.shown, network.oldest = block.base, 0
	if ends != nil {
		network.hidden[0], network.coupling[1] = 1, 1
		copy(network.hiddenDot, block.gramRow(0))
	}
	network.memory = make([]float64, block.count*network.width)
	network.recalled, network.folded, block.learned = nil, false, false
}

// closeBlock returns h and g as vectors, and adds to H₀ what was learned.
func (network *network) closeBlock() (ends []float64) {
	block, m := &network.block, network.head.Neurons
	coordinates := append(append([]float64(nil), network.hidden...), network.coupling...)
	ends = make([]float64, 2*m)
	kernel.Gemm(false, false, 2, m, block.count, 1, coordinates, block.count, block.vectors, m, 0, ends, m)
	if block.learned {
		if block.past == nil {
			block.past = make([]float64, network.width*m)
		}
		kernel.Gemm(true, false, network.width, m, block.count, 1, network.memory, network.width, block.vectors, m, 1, block.past, m)
	}
	return ends
}

// fold adds what M recalls to what H₀ does, for every vector of the basis from
// the oldest on that h still has a share of.
func (network *network) fold() {
	block := &network.block
	network.folded = true
	if !block.learned {
		return
	}
	if network.recalled == nil {
		network.recalled = make([]float64, block.count*network.width)
	}
	width, first := network.width, network.oldest
	kernel.Gemm(false, false, block.count-first, width, block.shown, 1, block.gram[first*block.count:], block.count,
		network.memory, width, 1, network.recalled[first*width:], width)
}

// feature returns a feature of the basis, [m], or what is known of it.
func (block *block) feature(i int) []float64 {
	head := block.head
	at := block.first + i - block.base
	source, token := head.PhiK, at
	switch {
	case block.causal && at%2 == 1:
		source, token = head.PhiQ, at/2
	case block.causal:
		token = at / 2
	case at >= head.Tokens:
		source, token = head.PhiQ, at-head.Tokens
	}
	columns := head.columns()
	return source[token*columns : (token+1)*columns]
}

// vector returns a vector of the basis, [m]; of a feature, what is known.
func (block *block) vector(i int) []float64 {
	if block.vectors != nil {
		return block.vectors[i*block.head.Neurons : (i+1)*block.head.Neurons]
	}
	return block.feature(i)
}

// presentationGram returns the Gram matrix in order of presentation: keys then
// queries, or, causal, each token's key and then its query.
func (head *Head) presentationGram(causal bool) []float64 {
	gram := head.Gram()
	if !causal {
		return gram
	}
	features := 2 * head.Tokens
	out := make([]float64, features*features)
	source := func(i int) int {
		if i%2 == 0 {
			return head.keyIndex(i / 2)
		}
		return head.queryIndex(i / 2)
	}
	for i := range features {
		row := gram[source(i)*features : (source(i)+1)*features]
		for j := range features {
			out[i*features+j] = row[source(j)]
		}
	}
	return out
}
