package experiment

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// headInput is one attention head as the circuit gets it.
type headInput struct {
	layer, head int
	n, d, dv    int
	q, k        []float64 // [N×d], divided by d^{1/4}; nil where only features are given
	v           []float64 // [N×d_v]

	m          int       // with features given
	phiQ, phiK []float64 // [N×m]
}

func (h *headInput) given() bool { return h.phiQ != nil }

func (h *headInput) label() string { return fmt.Sprintf("layer %d, head %d", h.layer, h.head) }

// softmaxRung is rung A0: the transformer's own answer.
type softmaxRung struct {
	attention, output []float64
	z                 []float64 // Z_t = Σ_s exp(q_t·k_s); +Inf beyond float64
}

// applyAttention returns A V for A [N×N] and V [N×d_v].
func applyAttention(a, v []float64, n, dv int) []float64 {
	out := make([]float64, n*dv)
	kernel.Gemm(false, false, n, dv, n, 1, a, n, v, dv, 0, out, dv)
	return out
}

func exponentials(log []float64) []float64 {
	z := make([]float64, len(log))
	for i, l := range log {
		z[i] = math.Exp(l)
	}
	return z
}
