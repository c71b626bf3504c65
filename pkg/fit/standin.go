package fit

import "github.com/nasim-sim/nasim/pkg/model/features"

// A StandIn is a map in the place of its head: the network's answer by its sums, in the precision T, of queries and keys as they are.
// It may be used by several goroutines at once, each with a [Pass] of its own.
type StandIn[T Real] struct {
	*Parameters[T]
	Causal bool

	learned          *features.LearnedMap
	meanQ, meanK     []T
	balance, inverse []T // A and A⁻¹
}

// NewStandIn takes a map as it has been fitted.
func NewStandIn[T Real](l *features.LearnedMap, causal bool) *StandIn[T] {
	p := NewParameters[T](Form{Dim: l.Dim, Neurons: len(l.Query.B), Dendrites: len(l.Query.C)})
	for i, x := range [][]float64{l.Query.W, l.Query.B, l.Query.D, l.Query.C, l.Key.W, l.Key.B, l.Key.D, l.Key.C, l.Square} {
		copy(p.arrays()[i], in[T](x))
	}
	return &StandIn[T]{Parameters: p, Causal: causal, learned: l, meanQ: in[T](l.MeanQ), meanK: in[T](l.MeanK), balance: in[T](l.Balance), inverse: in[T](l.Inverse)}
}

// Learned is the map with the parameters as they are now, without the mean sum of the keys' features.
func (s *StandIn[T]) Learned() *features.LearnedMap {
	l := *s.learned
	l.Gain = nil
	p := converted[float64](s.Parameters)
	l.Query, l.Key, l.Square = features.LearnedSide(p.Query), features.LearnedSide(p.Key), p.Square
	return &l
}

// Invariances are the map's, as [Evaluate] takes them.
func (s *StandIn[T]) Invariances() *Invariances {
	l := s.learned
	v := &Invariances{Dim: l.Dim, MeanQ: l.MeanQ, MeanK: l.MeanK, Balance: l.Balance, Inverse: l.Inverse, Shift: make([]float64, l.Dim)}
	gemm(false, false, 1, l.Dim, l.Dim, l.MeanQ, l.Inverse, 0, v.Shift) // A⁻ᵀ q̄
	return v
}

// in is x in a precision.
func in[To, From Real](x []From) []To {
	y := make([]To, len(x))
	for i, v := range x {
		y[i] = To(v)
	}
	return y
}

// A Pass is one input on its way through a stand-in, and what the way back needs of it. Its zero value is ready; it may be used for
// one input after another.
type Pass[T Real] struct {
	of      *StandIn[T]
	tokens  Tokens[T] // q', k' and v
	work    workspace[T]
	sums    []T // of each query's features with all keys', [N]
	weights []T // P̂, [N×N]
	through []T // gradient by what the neurons are tuned to, [N×(d+n)]
}

// Attend computes the network's answer, [N×d_v], to n tokens: queries and keys in the scaling in which q·k is the score, and values,
// which are kept for the way back.
//
//	P̂ = K/row sum,  K = φ_q φ_kᵀ;  the answer is P̂ v
func (w *Pass[T]) Attend(s *StandIn[T], q, k, v []T, n int) []T {
	w.of = s
	w.tokens = Tokens[T]{n, turned(q, s.meanQ, s.inverse, false, n), turned(k, s.meanK, s.balance, true, n), v}
	w.work.features(s.Parameters, &w.tokens)
	fitTo(&w.sums, n)
	for t := range n {
		sum := T(0)
		for _, k := range visible(w.work.kernel[t*n:(t+1)*n], t, s.Causal) {
			sum += k + leastSum
		}
		w.sums[t] = sum
	}
	fitTo(&w.weights, n*n)
	copy(w.weights, w.work.network(&w.tokens, s.Causal))
	dv := len(v) / n
	output := make([]T, n*dv)
	gemm(false, false, n, dv, n, w.weights, v, 0, output)
	return output
}

// Back takes the gradient of a number by the answer, dO, to that by the parameters, which it adds to g, and to those by queries, keys
// and values. With dP = dO vᵀ, G = (dP − row sum of dP∘P̂)/row sum of K, and dA as in [workspace.Gradient],
//
//	dv = P̂ᵀ dO,  dq' = dA_q W_q,  dk' = dA_k W_k + 2 u∘k' (row sum of dA_k),  dq = dq' A⁻ᵀ,  dk = dk' A
func (w *Pass[T]) Back(output []T, g *Parameters[T]) (dq, dk, dv []T) {
	s, n, d, m := w.of, w.tokens.N, w.of.Dim, w.of.Neurons
	width := len(w.tokens.V) / n
	gradient := w.work.kernel
	gemm(false, true, n, n, width, output, w.tokens.V, 0, gradient)
	for t := range n {
		row, p, along := gradient[t*n:(t+1)*n], w.weights[t*n:(t+1)*n], T(0)
		for i, x := range row {
			along += T(x * p[i])
		}
		seen := visible(row, t, s.Causal)
		for i, x := range seen {
			// Where a sum is next to nothing it has no gradient that a number holds.
			if by := (x - along) / w.sums[t]; by-by == 0 {
				seen[i] = by
			} else {
				seen[i] = 0
			}
		}
		clear(row[len(seen):])
	}
	dv = make([]T, n*width)
	gemm(true, false, n, width, n, w.weights, output, 0, dv)
	w.work.backToParameters(s.Parameters, g, &w.tokens)
	// The rest is what later layers' gradients need of earlier ones.
	dq = w.toTokens(&w.work.query, &s.Query)
	dk = w.toTokens(&w.work.key, &s.Key)
	for t := range n {
		sum := T(0)
		for _, v := range w.work.key.gradient[t*m : (t+1)*m] {
			sum += v
		}
		for j, k := range w.tokens.K[t*d : (t+1)*d] {
			dk[t*d+j] += T(2 * s.Square[j] * k * sum)
		}
	}
	back := func(x, by []T, transposed bool) []T {
		y := make([]T, n*d)
		gemm(false, transposed, n, d, d, x, by, 0, y)
		return y
	}
	return back(dq, s.inverse, true), back(dk, s.balance, false), dv
}

// toTokens takes the gradient by the exponents of a side to that by its tokens, through the neurons and the dendrites.
func (w *Pass[T]) toTokens(h *hidden[T], side *Side[T]) []T {
	f, n := w.of.Form, w.tokens.N
	d, inputs := f.Dim, f.Inputs()
	fitTo(&w.through, n*inputs)
	gemm(false, false, n, inputs, f.Neurons, h.gradient, side.W, 0, w.through)
	dx := make([]T, n*d)
	if f.Dendrites > 0 { // h.dendrite is the gradient by what they sum
		gemm(false, false, n, d, f.Dendrites, h.dendrite, side.D, 0, dx)
	}
	for t := range n {
		add(dx[t*d:(t+1)*d], w.through[t*inputs:t*inputs+d])
	}
	return dx
}

// turned is (x − mean) times B, or Bᵀ, of n tokens.
func turned[T Real](x, mean, by []T, transposed bool, n int) []T {
	d := len(mean)
	centred, out := make([]T, n*d), make([]T, n*d)
	for t := range n {
		for j, m := range mean {
			centred[t*d+j] = x[t*d+j] - m
		}
	}
	gemm(false, transposed, n, d, d, centred, by, 0, out)
	return out
}
