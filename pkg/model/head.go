package model

import (
	"fmt"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// A Head is what one attention head's circuit is given. The slices are read,
// never written. A Head keeps the Gram matrix of its features once it is
// computed, so it serves one goroutine at a time.
type Head struct {
	Tokens, Neurons, Values int       // N, m, d_v
	PhiQ, PhiK              []float64 // hidden layer's tuning to queries and keys, [N×m]
	V                       []float64 // values, [N×d_v]

	scores []float64 // B = Φ_q Φ_kᵀ, [N×N]
	gram   []float64 // [2N×2N]: K = U Uᵀ, U = [φ(k_1) … φ(k_N), φ(q_1) … φ(q_N)]
}

// NewHead checks the shapes and returns the head.
func NewHead(phiQ, phiK, v []float64, tokens, neurons, values int) (*Head, error) {
	for _, a := range []struct {
		name string
		have int
		cols int
	}{{"φ(q)", len(phiQ), neurons}, {"φ(k)", len(phiK), neurons}, {"v", len(v), values}} {
		if tokens < 1 || a.cols < 1 || a.have != tokens*a.cols {
			return nil, fmt.Errorf("model: %s has %d entries, not %d tokens × %d", a.name, a.have, tokens, a.cols)
		}
	}
	return &Head{Tokens: tokens, Neurons: neurons, Values: values, PhiQ: phiQ, PhiK: phiK, V: v}, nil
}

// Result is what a circuit answers for every token. Its arrays are row-major.
type Result struct {
	Output     []float64 // f at the end of each read, [N×d_v]
	Attention  []float64 // A_eff, [N×N]; nil unless asked for
	Normalizer []float64 // p at the end of each read (of the discrete network: g·φ(q)), [N]

	// AtFloor counts the reads whose calcium was at or below the floor.
	AtFloor int
}

// Synapses returns m·d_v, the number of ensheathed hidden→output synapses.
func (h *Head) Synapses() int { return h.Neurons * h.Values }

// Rows of the Gram matrix: keys first, then queries.
func (h *Head) keyIndex(t int) int   { return t }
func (h *Head) queryIndex(t int) int { return h.Tokens + t }

// Scores returns φ(q_t)·φ(k_s), [N×N], computed on first use.
func (h *Head) Scores() []float64 {
	if h.scores == nil {
		n, m := h.Tokens, h.Neurons
		h.scores = make([]float64, n*n)
		kernel.Gemm(false, true, n, n, m, 1, h.PhiQ, m, h.PhiK, m, 0, h.scores, n)
	}
	return h.scores
}

// Gram returns the inner products of all features, computed on first use.
func (h *Head) Gram() []float64 {
	if h.gram != nil {
		return h.gram
	}
	n, m := h.Tokens, h.Neurons
	k := make([]float64, 4*n*n)
	kernel.Gemm(false, true, n, n, m, 1, h.PhiK, m, h.PhiK, m, 0, k, 2*n)
	for t, scores := 0, h.Scores(); t < n; t++ {
		copy(k[(n+t)*2*n:], scores[t*n:(t+1)*n])
	}
	kernel.Gemm(false, true, n, n, m, 1, h.PhiQ, m, h.PhiQ, m, 0, k[2*n*n+n:], 2*n)
	for i := range n {
		for j := range n {
			k[i*2*n+n+j] = k[(n+j)*2*n+i]
		}
	}
	h.gram = k
	return k
}
