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

func newMemoryBySynapses(c *causalValues) *memoryBySynapses {
	m := c.head.Neurons
	tile := min(tileNeurons, m)
	return &memoryBySynapses{
		causalValues: c, past: make([]float64, c.width*m), hidden: make([]float64, m),
		rows: make([]float64, 3*blockTokens*tile), ahead: make([]float64, tile),
	}
}

func (s *memoryBySynapses) recall() {
	clear(s.recalled)
	clear(s.inner)
	m, w := s.head.Neurons, s.width
	for from := 0; from < m; from += tileNeurons {
		to := min(from+tileNeurons, m)
		past, hidden := s.past[from*w:to*w], s.hidden[from:to]
		if s.upTo > 0 {
			s.update(from, to, past, hidden)
		}
		s.recallTile(from, to, past, hidden)
	}
}

func (s *memoryBySynapses) learn() { s.before, s.upTo = s.from, s.to }

// update brings a tile up to the beginning of the block at hand.
func (s *memoryBySynapses) update(from, to int, past, hidden []float64) {
	w, k, count := s.width, to-from, s.upTo-s.before
	s.trail(s.before, s.upTo, from, to, hidden)
	kernel.Gemm(true, false, w, k, 2*count, 1, s.left, w, s.rows[count*k:], k, s.passed[count], past, k)
}

// recallTile adds a tile's part to recalled and inner.
func (s *memoryBySynapses) recallTile(from, to int, past, hidden []float64) {
	w, k, count := s.width, to-from, s.count()
	copy(s.ahead, hidden)
	s.trail(s.from, s.to, from, to, s.ahead[:k])
	kernel.Gemm(false, true, 2*count, 2*count, k, 1, s.rows, k, s.rows[count*k:], k, 1, s.inner, 2*count)
	if s.upTo > 0 {
		kernel.Gemm(false, true, 2*count, w, k, 1, s.rows, k, past, k, 1, s.recalled, w)
	}
}

// trail takes a tile's h through the tokens first … last−1, and sets rows.
func (s *memoryBySynapses) trail(first, last, from, to int, h []float64) {
	m, k, count := s.head.Neurons, to-from, last-first
	for t := first; t < last; t++ {
		l := t - first
		copy(s.rows[l*k:(l+1)*k], s.head.PhiQ[t*m+from:])
		copy(s.rows[(count+l)*k:(count+l+1)*k], s.head.PhiK[t*m+from:])
		copy(s.rows[(2*count+l)*k:(2*count+l+1)*k], h)
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
	gram                []float64
	phi, hidden         []float64 // φ_l·φ and h_l(0)·φ of the block's features, [2·blockTokens×N]
	pastPhi, pastHidden []float64 // A_l and C_l, as the leak has left them where the block begins, [N×width]
}

func newMemoryByProducts(c *causalValues) *memoryByProducts {
	n := c.head.Tokens
	features := make([]float64, 4*blockTokens*n)
	values := make([]float64, 2*n*c.width)
	return &memoryByProducts{
		causalValues: c, gram: c.head.Gram(),
		phi: features[:2*blockTokens*n], hidden: features[2*blockTokens*n:],
		pastPhi: values[:n*c.width], pastHidden: values[n*c.width:],
	}
}

func (s *memoryByProducts) recall() {
	n, w, count := s.head.Tokens, s.width, s.count()
	for t := s.from; t < s.to; t++ {
		for phase, feature := range []int{s.head.keyIndex(t), s.head.queryIndex(t)} { // Writing, Reading
			row := s.row(t, Phase(phase))
			phi, hidden := s.phi[row*n:(row+1)*n], s.hidden[row*n:(row+1)*n]
			s.meet(feature, phi, hidden)
			copy(s.inner[2*row*count:], phi[s.from:s.to])
			copy(s.inner[(2*row+1)*count:], hidden[s.from:s.to])
		}
	}
	kernel.Gemm(false, false, 2*count, w, s.from, 1, s.phi, n, s.pastPhi, w, 0, s.recalled, w)
	kernel.Gemm(false, false, 2*count, w, s.from, 1, s.hidden, n, s.pastHidden, w, 1, s.recalled, w)
}

// meet sets the inner products of a feature, a row of the Gram matrix, with φ_l
// and h_l(0) of the tokens before the block's end.
func (s *memoryByProducts) meet(feature int, phi, hidden []float64) {
	n := s.head.Tokens
	row := s.gram[feature*2*n : (feature+1)*2*n]
	copy(phi[:s.to], row)
	var h float64 // h(0)·φ
	for l := range s.to {
		hidden[l] = h
		for i := l * s.each; i < (l+1)*s.each; i++ {
			c, seg := &s.forms[i].c, &s.segments[i]
			h = float64(h * c.hidden)
			if !seg.Blank {
				h += float64(c.phi * row[int(seg.Phase)*n+l])
			}
		}
	}
}

func (s *memoryByProducts) learn() {
	w, count := s.width, s.count()
	for k, past := range [][]float64{s.pastPhi, s.pastHidden} {
		scale(past[:s.from*w], s.passed[count])
		copy(past[s.from*w:], s.left[k*count*w:(k+1)*count*w])
	}
}
