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
func (b *block) plan(h *Head, width int, opt Options) {
	b.head, b.width = h, width
	features := 2 * h.Tokens
	b.size = features
	switch {
	case opt.blockSize > 0:
		b.size = opt.blockSize
	case !opt.Attention && h.gram == nil && features > 2*(blockSize+2*width):
		b.size = blockSize
	}
}

func (b *block) gramRow(i int) []float64 { return b.gram[i*b.count : (i+1)*b.count] }

// present shows the next feature and returns its index in the basis. It opens
// the first block, and the next one where a block is full.
func (w *network) present() int {
	b := &w.block
	if b.count == 0 || b.shown == b.count {
		w.nextBlock()
	}
	b.shown++
	return b.shown - 1
}

// nextBlock closes the block at hand, if there is one, and opens the next.
func (w *network) nextBlock() {
	b := &w.block
	b.causal = w.causal
	features := 2 * w.head.Tokens
	if b.size >= features {
		b.count = features
		b.gram = w.head.presentationGram(w.causal)
		w.openCoordinates(nil)
		return
	}
	var ends []float64 // h and g, [2×m]
	if b.count > 0 {
		ends = w.closeBlock()
		b.first += b.count - b.base
		b.base = 2
	}
	b.count = b.base + min(b.size, features-b.first)
	b.gather(ends)
	w.openCoordinates(ends)
	if b.past != nil && (w.reads() || w.record) {
		w.recalled = make([]float64, b.count*w.width)
		m := w.head.Neurons
		kernel.Gemm(false, true, b.count, w.width, m, 1, b.vectors, m, b.past, m, 0, w.recalled, w.width)
	}
}

// reads reports whether the block has features of reads.
func (w *network) reads() bool {
	b := &w.block
	return w.causal || b.first+b.count-b.base > w.head.Tokens
}

// gather lays out the basis and computes its Gram matrix.
func (b *block) gather(ends []float64) {
	m := b.head.Neurons
	if b.vectors == nil {
		b.vectors = make([]float64, 0, (2+b.size)*m)
	}
	b.vectors = append(b.vectors[:0], ends...)
	for i := b.base; i < b.count; i++ {
		b.vectors = append(b.vectors, b.feature(i)...)
	}
	b.gram = make([]float64, b.count*b.count)
	kernel.Gemm(false, true, b.count, b.count, m, 1, b.vectors, m, b.vectors, m, 0, b.gram, b.count)
}

// openCoordinates sets the coordinates of h and g at the start of a block.
func (w *network) openCoordinates(ends []float64) {
	b := &w.block
	w.hidden, w.hiddenDot, w.coupling = make([]float64, b.count), make([]float64, b.count), make([]float64, b.count)
	b.shown, w.oldest = b.base, 0
	if ends != nil {
		w.hidden[0], w.coupling[1] = 1, 1
		copy(w.hiddenDot, b.gramRow(0))
	}
	w.memory = make([]float64, b.count*w.width)
	w.recalled, w.folded, b.learned = nil, false, false
}

// closeBlock returns h and g as vectors, and adds to H₀ what was learned.
func (w *network) closeBlock() (ends []float64) {
	b, m := &w.block, w.head.Neurons
	coordinates := append(append([]float64(nil), w.hidden...), w.coupling...)
	ends = make([]float64, 2*m)
	kernel.Gemm(false, false, 2, m, b.count, 1, coordinates, b.count, b.vectors, m, 0, ends, m)
	if b.learned {
		if b.past == nil {
			b.past = make([]float64, w.width*m)
		}
		kernel.Gemm(true, false, w.width, m, b.count, 1, w.memory, w.width, b.vectors, m, 1, b.past, m)
	}
	return ends
}

// fold adds what M recalls for every vector of the basis to what H₀ does.
func (w *network) fold() {
	b := &w.block
	w.folded = true
	if !b.learned {
		return
	}
	if w.recalled == nil {
		w.recalled = make([]float64, b.count*w.width)
	}
	kernel.Gemm(false, false, b.count, w.width, b.shown, 1, b.gram, b.count, w.memory, w.width, 1, w.recalled, w.width)
}

// feature returns a feature of the basis, [m].
func (b *block) feature(i int) []float64 {
	h := b.head
	at := b.first + i - b.base
	source, token := h.PhiK, at
	switch {
	case b.causal && at%2 == 1:
		source, token = h.PhiQ, at/2
	case b.causal:
		token = at / 2
	case at >= h.Tokens:
		source, token = h.PhiQ, at-h.Tokens
	}
	return source[token*h.Neurons : (token+1)*h.Neurons]
}

// vector returns a vector of the basis, [m].
func (b *block) vector(i int) []float64 {
	if b.vectors != nil {
		return b.vectors[i*b.head.Neurons : (i+1)*b.head.Neurons]
	}
	return b.feature(i)
}

// presentationGram returns the Gram matrix in order of presentation: keys then
// queries, or, causal, each token's key and then its query.
func (h *Head) presentationGram(causal bool) []float64 {
	k := h.Gram()
	if !causal {
		return k
	}
	n := 2 * h.Tokens
	out := make([]float64, n*n)
	source := func(i int) int {
		if i%2 == 0 {
			return h.keyIndex(i / 2)
		}
		return h.queryIndex(i / 2)
	}
	for i := range n {
		row := k[source(i)*n : (source(i)+1)*n]
		for j := range n {
			out[i*n+j] = row[source(j)]
		}
	}
	return out
}
