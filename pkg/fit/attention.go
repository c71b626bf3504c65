package fit

// Attend computes the softmax attention of tokens in the coordinates of the fit: the softmax of (q'_t + shift)·k'_s, where shift is
// A⁻ᵀq̄ (see [Invariances]); into, of [N×N], is written over.
func Attend[T Real](in *Tokens[T], shift []T, causal bool, into []T) []T {
	n, d := in.N, len(shift)
	fitTo(&into, n*n)
	gemm(false, true, n, n, d, in.Q, in.K, 0, into)
	perKey := make([]T, n)
	for s := range n {
		for j, x := range in.K[s*d : (s+1)*d] {
			perKey[s] += T(x * shift[j])
		}
	}
	for t := range n {
		row := into[t*n : (t+1)*n]
		seen := visible(row, t, causal)
		add(seen, perKey[:len(seen)])
		softmaxRow(seen)
		clear(row[len(seen):])
	}
	return into
}
