package model

import "github.com/nasim-sim/nasim/internal/kernel"

// The two forms of a causal passage's past. Their costs, for N tokens, differ as
// those of a bidirectional one: H itself takes N m (4 d_v + 128) multiplications
// and d_v m numbers; inner products of all features 3 N² m, whatever is recalled.

// memoryBySynapses is H itself. A tile of it is brought up to date and then
// recalled from at once, so that each block passes over it once.
type memoryBySynapses struct {
	*causalValues
	past         []float64 // H₀, but for the block before, [width×m]
	hidden       []float64 // h as the block before begins, [m]
	before, upTo int       // the block before: what it left is still in left
	rows, ahead  []float64 // h_l(0) of a block, and h, for a tile
}

func newMemoryBySynapses(c *causalValues) *memoryBySynapses {
	m := c.head.Neurons
	tile := min(tileNeurons, m)
	return &memoryBySynapses{
		causalValues: c, past: make([]float64, c.width*m), hidden: make([]float64, m),
		rows: make([]float64, blockTokens*tile), ahead: make([]float64, tile),
	}
}

func (s *memoryBySynapses) recall() {
	m := s.head.Neurons
	clear(s.inner)
	for from := 0; from < m; from += tileNeurons {
		to := min(from+tileNeurons, m)
		if s.upTo > 0 {
			s.update(from, to)
		}
		s.recallTile(from, to)
	}
}

func (s *memoryBySynapses) learn() { s.before, s.upTo = s.from, s.to }

// update brings a tile up to the beginning of the block at hand.
func (s *memoryBySynapses) update(from, to int) {
	h := s.head
	m, w, k, count := h.Neurons, s.width, to-from, s.upTo-s.before
	s.trail(s.before, s.upTo, from, to, s.hidden[from:to])
	past, keys := s.past[from:], h.PhiK[s.before*m+from:]
	kernel.Gemm(true, false, w, k, count, 1, s.left, w, keys, m, s.passed[count], past, m)
	kernel.Gemm(true, false, w, k, count, 1, s.left[blockTokens*w:], w, s.rows, k, 1, past, m)
}

// recallTile adds a tile's part to recalled and inner.
func (s *memoryBySynapses) recallTile(from, to int) {
	h := s.head
	m, w, k, count := h.Neurons, s.width, to-from, s.to-s.from
	ahead := s.ahead[:k]
	copy(ahead, s.hidden[from:to])
	s.trail(s.from, s.to, from, to, ahead)
	keys := h.PhiK[s.from*m+from:]
	for phase, features := range [][]float64{keys, h.PhiQ[s.from*m+from:]} { // Writing, Reading
		inner := s.inner[phase*2*blockTokens:]
		kernel.Gemm(false, true, count, count, k, 1, features, m, keys, m, 1, inner, 4*blockTokens)
		kernel.Gemm(false, true, count, count, k, 1, features, m, s.rows, k, 1, inner[blockTokens:], 4*blockTokens)
		if s.upTo > 0 {
			kernel.Gemm(false, true, count, w, k, 1, features, m, s.past[from:], m, 1, s.recalled[phase*w:], 2*w)
		}
	}
}

// trail takes a tile's h through the tokens first … last−1, and sets rows to h_l(0)
// of each.
func (s *memoryBySynapses) trail(first, last, from, to int, h []float64) {
	for t := first; t < last; t++ {
		copy(s.rows[(t-first)*len(h):(t-first+1)*len(h)], h)
		for i := t * s.each; i < (t+1)*s.each; i++ {
			c := &s.forms[i].c
			if phi := s.feature(i, from, to); phi != nil {
				kernel.DecayRank1(c.hidden, []float64{c.phi}, phi, h)
			} else {
				scale(h, c.hidden)
			}
		}
	}
}

// memoryByProducts is H as what tokens left, A_l and C_l, each met again through
// inner products with their features.
type memoryByProducts struct {
	*causalValues
	gram            []float64
	phi, hidden     []float64 // φ_l·φ and h_l(0)·φ of the block's features, [2·blockTokens×N]
	onPhi, onHidden []float64 // A_l and C_l, as the leak has left them where the block begins, [N×width]
}

func newMemoryByProducts(c *causalValues) *memoryByProducts {
	n := c.head.Tokens
	features := make([]float64, 4*blockTokens*n)
	values := make([]float64, 2*n*c.width)
	return &memoryByProducts{
		causalValues: c, gram: c.head.Gram(),
		phi: features[:2*blockTokens*n], hidden: features[2*blockTokens*n:],
		onPhi: values[:n*c.width], onHidden: values[n*c.width:],
	}
}

func (s *memoryByProducts) recall() {
	n, w, count := s.head.Tokens, s.width, s.to-s.from
	for k := range count {
		for phase := range 2 {
			row := 2*k + phase
			s.products(phase*n+s.from+k, s.phi[row*n:(row+1)*n], s.hidden[row*n:(row+1)*n])
			inner := s.inner[row*2*blockTokens:]
			copy(inner[:count], s.phi[row*n+s.from:])
			copy(inner[blockTokens:blockTokens+count], s.hidden[row*n+s.from:])
		}
	}
	kernel.Gemm(false, false, 2*count, w, s.from, 1, s.phi, n, s.onPhi, w, 0, s.recalled, w)
	kernel.Gemm(false, false, 2*count, w, s.from, 1, s.hidden, n, s.onHidden, w, 1, s.recalled, w)
}

// products sets the inner products of a feature, a row of the Gram matrix, with
// φ_l and h_l(0) of the tokens before the block's end.
func (s *memoryByProducts) products(feature int, phi, hidden []float64) {
	n := s.head.Tokens
	row := s.gram[feature*2*n : (feature+1)*2*n]
	copy(phi[:s.to], row)
	var h float64 // h(0)·φ
	for l := range s.to {
		hidden[l] = h
		for i := l * s.each; i < (l+1)*s.each; i++ {
			c, seg := &s.forms[i].c, &s.segments[i]
			h *= c.hidden
			if !seg.Blank {
				h += c.phi * row[int(seg.Phase)*n+l]
			}
		}
	}
}

func (s *memoryByProducts) learn() {
	w, count := s.width, s.to-s.from
	for _, x := range [][]float64{s.onPhi, s.onHidden} {
		scale(x[:s.from*w], s.passed[count])
	}
	copy(s.onPhi[s.from*w:], s.left[:count*w])
	copy(s.onHidden[s.from*w:], s.left[blockTokens*w:(blockTokens+count)*w])
}
