package model

import "github.com/nasim-sim/nasim/internal/kernel"

// vectors holds h and g as themselves, [m]. Where all tokens are written before
// the first is read and nobody asks for A_eff or ‖H‖, what a segment needs of
// the hidden layer is five inner products, and the Gram matrix is not worth its
// 3 N² m multiplications: H = MᵀΦ_k is one matrix product, what all queries recall
// of it another, and both together cost 2 N d_v m.
type vectors struct {
	head *Head
	h, g []float64
}

func newVectors(h *Head) *vectors {
	return &vectors{head: h, h: make([]float64, h.Neurons), g: make([]float64, h.Neurons)}
}

// worthwhile decides between vectors and the Gram matrix by their costs.
func worthwhile(h *Head, width int, p Parameters, opt Options) bool {
	if opt.Attention || opt.Recorder != nil || p.Causal || opt.blockSize > 0 {
		return false
	}
	return opt.vectors || h.gram == nil && 3*h.Tokens > 2*width+40
}

// products forms the inner products with the feature presented, nil in a blank.
func (v *vectors) products(x *products, phi []float64) {
	x.gHidden, x.hiddenHidden = kernel.Dot(v.g, v.h), kernel.Dot(v.h, v.h)
	if phi != nil {
		x.phiPhi, x.phiHidden, x.gPhi = kernel.Dot(phi, phi), kernel.Dot(phi, v.h), kernel.Dot(phi, v.g)
	}
}

// advance applies a segment's coefficients to h and g.
func (v *vectors) advance(c *coefficients, phi []float64) {
	if c.couplingHidden != 0 { // writing
		kernel.DecayRank1(c.coupling, []float64{c.couplingHidden}, v.h, v.g)
	} else {
		scale(v.g, c.coupling)
	}
	if phi == nil {
		scale(v.h, c.hidden)
		return
	}
	if c.couplingPhi != 0 {
		kernel.Axpy(c.couplingPhi, phi, v.g)
	}
	kernel.DecayRank1(c.hidden, []float64{c.phi}, phi, v.h)
}

// recall returns H u for every query u, and for those keys u that h still holds
// a trace of, hidden being its coordinates; [2N×width], keys first.
func (v *vectors) recall(memory, hidden []float64, width int) []float64 {
	n, m := v.head.Tokens, v.head.Neurons
	hebbian := make([]float64, width*m)
	kernel.Gemm(true, false, width, m, n, 1, memory, width, v.head.PhiK, m, 0, hebbian, m)
	first := 0
	for first < n && hidden[first] == 0 {
		first++
	}
	out := make([]float64, 2*n*width)
	kernel.Gemm(false, true, n-first, width, m, 1, v.head.PhiK[first*m:], m, hebbian, m, 0, out[first*width:], width)
	kernel.Gemm(false, true, n, width, m, 1, v.head.PhiQ, m, hebbian, m, 0, out[n*width:], width)
	return out
}
