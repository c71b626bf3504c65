package model

import "github.com/nasim-sim/nasim/internal/kernel"

// Discrete returns what the discrete network answers (science §1): H = Σ v φ(k)ᵀ,
// g = Σ φ(k), p = g·φ(q), f = H φ(q)/p, that is, kernel attention with φ. Reads
// with p ≤ p_min are counted; they divide by what p is. Of the options only
// Attention matters; without it the cost is linear in N where that is less.
func (h *Head) Discrete(causal bool, by Division, opt Options) Result {
	n, m, dv := h.Tokens, h.Neurons, h.Values
	var r Result
	if opt.Attention || opt.by == byProducts || opt.by == 0 && (h.scores != nil || n*(m+dv) <= 2*m*dv) {
		r = h.discreteByProducts(causal)
	} else {
		r = h.discreteBySynapses(causal)
	}
	if !opt.Attention {
		r.Attention = nil
	}
	r.AtFloor = by.atFloor(r.Normalizer)
	return r
}

// discreteByProducts divides each row of scores by its sum.
func (h *Head) discreteByProducts(causal bool) Result {
	n, dv := h.Tokens, h.Values
	r := Result{Attention: make([]float64, n*n), Output: make([]float64, n*dv), Normalizer: make([]float64, n)}
	for t, scores := 0, h.Scores(); t < n; t++ {
		last := n
		if causal {
			last = t + 1
		}
		row := r.Attention[t*n : t*n+last]
		copy(row, scores[t*n:])
		var p float64
		for _, score := range row {
			p += score
		}
		for s := range row {
			row[s] /= p
		}
		r.Normalizer[t] = p
	}
	kernel.Gemm(false, false, n, dv, n, 1, r.Attention, n, h.V, dv, 0, r.Output, dv)
	return r
}

// discreteBySynapses goes through H, a tile of neurons at a time and, in it,
// through blocks of tokens: each query recalls the tokens of earlier blocks by H
// and those of its own by their scores; bidirectional, all tokens by H.
func (h *Head) discreteBySynapses(causal bool) Result {
	n, m, dv := h.Tokens, h.Neurons, h.Values
	r := Result{Output: make([]float64, n*dv), Normalizer: h.KernelSums(causal)}
	block := n
	var own []float64 // scores within each block
	if causal {
		block = 2 * blockTokens
		own = make([]float64, n*block)
	}
	synapses := make([]float64, dv*min(tileNeurons, m))
	for from := 0; from < m; from += tileNeurons {
		k := min(tileNeurons, m-from)
		synapses := synapses[:dv*k]
		clear(synapses)
		for t := 0; t < n; t += block {
			count := min(block, n-t)
			keys, queries := h.PhiK[t*m+from:], h.PhiQ[t*m+from:]
			if causal {
				kernel.Gemm(false, true, count, dv, k, 1, queries, m, synapses, k, 1, r.Output[t*dv:], dv)
				kernel.Gemm(false, true, count, count, k, 1, queries, m, keys, m, 1, own[t*block:], block)
			}
			kernel.Gemm(true, false, dv, k, count, 1, h.V[t*dv:], dv, keys, m, 1, synapses, k)
		}
		if !causal {
			kernel.Gemm(false, true, n, dv, k, 1, h.PhiQ[from:], m, synapses, k, 1, r.Output, dv)
		}
	}
	for t := range n {
		out := r.Output[t*dv : (t+1)*dv]
		if causal {
			for s := t - t%block; s <= t; s++ {
				kernel.Axpy(own[t*block+s%block], h.V[s*dv:(s+1)*dv], out)
			}
		}
		for i := range out {
			out[i] /= r.Normalizer[t]
		}
	}
	return r
}

// KernelSums returns Σ_s φ(q_t)·φ(k_s) = g·φ(q_t) over the visible keys, [N]: what
// the calcium settles at, and the scale of its floor where the softmax
// normaliser is unknown.
func (h *Head) KernelSums(causal bool) []float64 {
	n, m := h.Tokens, h.Neurons
	sums, coupling := make([]float64, n), make([]float64, min(tileNeurons, m))
	for from := 0; from < m; from += tileNeurons {
		to := min(from+tileNeurons, m)
		g := coupling[:to-from]
		clear(g)
		read := func(t int) { sums[t] += kernel.Dot(g, h.PhiQ[t*m+from:t*m+to]) }
		for t := range n {
			kernel.Axpy(1, h.PhiK[t*m+from:t*m+to], g)
			if causal {
				read(t)
			}
		}
		for t := 0; t < n && !causal; t++ {
			read(t)
		}
	}
	return sums
}
