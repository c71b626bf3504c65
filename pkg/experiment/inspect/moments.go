package inspect

import (
	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// norm2 is the mean of |q_t + k_s|² over the pairs that are seen.
func (h *head) norm2() float64 {
	n, d := h.Tokens, h.Dim
	keys := make([]float64, d) // Σ k, and Σ |k|², over the keys that a query sees
	sizes, total, pairs := 0.0, 0.0, 0
	see := func(s int) {
		k := h.K[s*d : (s+1)*d]
		kernel.Axpy(1, k, keys)
		sizes += kernel.Dot(k, k)
	}
	for s := 0; s < n && !h.Causal; s++ {
		see(s)
	}
	for t := range n {
		seen := n
		if h.Causal {
			see(t)
			seen = t + 1
		}
		q := h.Q[t*d : (t+1)*d]
		total += float64(float64(seen)*kernel.Dot(q, q)) + float64(2*kernel.Dot(q, keys)) + sizes
		pairs += seen
	}
	return total / float64(pairs)
}

// entropyOf is Σ −a ln a, in nats.
func entropyOf(attention []float64) float64 {
	sum := 0.0
	for _, a := range attention {
		if a > 0 {
			sum -= float64(a * portable.Log(a))
		}
	}
	return sum
}
