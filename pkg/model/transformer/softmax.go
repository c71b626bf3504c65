package transformer

import (
	"fmt"
	"math"
)

// Softmax returns the attention matrix of one head, attention[t·n+s] = exp(q_t·k_s) / Z_t, and logZ[t] = ln Z_t with
// Z_t = Σ_s exp(q_t·k_s) (science §2, rung A0). q and k are n × d, row-major, already divided by d^(1/4) each (see ScaleHead).
// With causal, row t sums over s ≤ t only and the other entries are 0.
//
// Every row is shifted by its maximum, so the matrix is right wherever the scores are finite; Z itself may exceed the largest
// float64, which is why its logarithm is returned (Z = exp(logZ) may be +Inf).
//
// Softmax panics if the slices' lengths do not fit n and d.
func Softmax(q, k []float64, n, d int, causal bool) (attention, logZ []float64) {
	if len(q) != n*d || len(k) != n*d {
		panic(fmt.Sprintf("transformer.Softmax: %d and %d numbers for %d tokens of size %d", len(q), len(k), n, d))
	}
	attention = make([]float64, n*n)
	logZ = make([]float64, n)
	matmul(false, true, n, n, d, q, k, attention)
	for t := range n {
		row := attention[t*n : (t+1)*n]
		visible := row
		if causal {
			visible = row[:t+1]
			clear(row[t+1:])
		}
		logZ[t] = softmaxRow(visible)
	}
	return attention, logZ
}

// softmaxRow replaces scores by their softmax and returns the logarithm of their sum of exponentials.
func softmaxRow(scores []float64) float64 {
	greatest := math.Inf(-1)
	for _, x := range scores {
		greatest = max(greatest, x) // NaN propagates, as it should
	}
	sum := 0.0
	for s, x := range scores {
		e := math.Exp(x - greatest)
		scores[s] = e
		sum += e
	}
	for s := range scores {
		scores[s] /= sum
	}
	return greatest + math.Log(sum)
}

// ScaleHead returns x / d^(1/4): queries and keys in the scaling in which q·k is the attention score q_raw·k_raw/√d.
func ScaleHead(x []float64, d int) []float64 {
	scaled := make([]float64, len(x))
	f := 1 / math.Sqrt(math.Sqrt(float64(d)))
	for i, v := range x {
		scaled[i] = v * f
	}
	return scaled
}
