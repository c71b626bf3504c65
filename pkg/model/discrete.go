package model

import "github.com/nasim-sim/nasim/internal/kernel"

// Discrete returns what the discrete network answers (science §1): H = Σ v φ(k)ᵀ,
// g = Σ φ(k), p = g·φ(q), f = H φ(q)/p, that is, kernel attention with φ. Reads
// with p ≤ p_min are counted; they divide by what p is. Of the options only
// Attention matters; without it the cost is linear in N where that is less.
func (head *Head) Discrete(causal bool, by Division, opt Options) Result {
	var result Result
	if head.form(opt, head.scoresCostLess()) == byProducts {
		result = head.discreteByProducts(causal)
	} else {
		result = head.discreteBySynapses(causal)
	}
	if !opt.Attention {
		result.Attention = nil
	}
	result.Normalizer = result.Calcium
	result.AtFloor = by.atFloor(result.Calcium)
	return result
}

// discreteByProducts divides each row of scores by its sum.
func (head *Head) discreteByProducts(causal bool) Result {
	n, dv := head.Tokens, head.Values
	result := head.newResult(true)
	for token := range n {
		sum := head.readSum(token, causal)
		for key, score := range head.seen(token, causal) {
			result.Attention[token*n+key] = score / sum
		}
		result.Calcium[token] = sum
	}
	kernel.Gemm(false, false, n, dv, n, 1, result.Attention, n, head.V, dv, 0, result.Output, dv)
	return result
}

// seen returns the scores of a query and the keys that are visible to it.
func (head *Head) seen(query int, causal bool) []float64 {
	row := head.Scores()[query*head.Tokens : (query+1)*head.Tokens]
	if causal {
		return row[:query+1]
	}
	return row
}

// readSum returns what the calcium of a query settles at, from its scores.
func (head *Head) readSum(query int, causal bool) float64 {
	var sum float64
	for _, score := range head.seen(query, causal) {
		sum += score
	}
	return sum
}

// discreteBySynapses goes through H, a tile of neurons at a time and, in it,
// through blocks of tokens: each query recalls the tokens of earlier blocks by H
// and those of its own by their scores; bidirectional, all tokens by H.
func (head *Head) discreteBySynapses(causal bool) Result {
	n, m, dv := head.Tokens, head.Neurons, head.Values
	result := Result{Output: make([]float64, n*dv), Calcium: head.KernelSums(causal)}
	block := n
	var own []float64 // scores within each block
	if causal {
		block = 2 * blockTokens
		own = make([]float64, n*block)
	}
	synapses := make([]float64, dv*min(tileNeurons, m))
	for from := 0; from < m; from += tileNeurons {
		size := min(tileNeurons, m-from)
		synapses := synapses[:dv*size]
		clear(synapses)
		for first := 0; first < n; first += block {
			count := min(block, n-first)
			keys, queries := head.PhiK[first*m+from:], head.PhiQ[first*m+from:]
			if causal {
				kernel.Gemm(false, true, count, dv, size, 1, queries, m, synapses, size, 1, result.Output[first*dv:], dv)
				kernel.Gemm(false, true, count, count, size, 1, queries, m, keys, m, 1, own[first*block:], block)
			}
			kernel.Gemm(true, false, dv, size, count, 1, head.V[first*dv:], dv, keys, m, 1, synapses, size)
		}
		if !causal {
			kernel.Gemm(false, true, n, dv, size, 1, head.PhiQ[from:], m, synapses, size, 1, result.Output, dv)
		}
	}
	for token := range n {
		out := result.Output[token*dv : (token+1)*dv]
		if causal {
			for key := token - token%block; key <= token; key++ {
				kernel.Axpy(own[token*block+key%block], head.V[key*dv:(key+1)*dv], out)
			}
		}
		for i := range out {
			out[i] /= result.Calcium[token]
		}
	}
	return result
}

// KernelSums returns Σ_s φ(q_t)·φ(k_s) = g·φ(q_t) over the visible keys, [N]: what
// the calcium settles at, and the scale of its floor where the softmax
// normaliser is unknown.
func (head *Head) KernelSums(causal bool) []float64 {
	n, m := head.Tokens, head.Neurons
	sums := make([]float64, n)
	if head.byGram() {
		for token := range sums {
			sums[token] = head.readSum(token, causal)
		}
		return sums
	}
	tile := make([]float64, min(tileNeurons, m))
	for from := 0; from < m; from += tileNeurons {
		to := min(from+tileNeurons, m)
		coupling := tile[:to-from]
		clear(coupling)
		read := func(token int) { sums[token] += kernel.Dot(coupling, head.PhiQ[token*m+from:token*m+to]) }
		for token := range n {
			kernel.Axpy(1, head.PhiK[token*m+from:token*m+to], coupling)
			if causal {
				read(token)
			}
		}
		for token := 0; token < n && !causal; token++ {
			read(token)
		}
	}
	return sums
}
