package fit

import "math"

// Tokens are one input of a head: its queries and keys in the coordinates of the fit, q' and k', and its values.
type Tokens[T Real] struct {
	N       int
	Q, K, V []T // [N×d], [N×d], [N×d_v]
}

// Attention is what the head makes of its tokens.
type Attention[T Real] struct {
	Weights []T // softmax, [N×N]
	Causal  bool
}

// leastSum is what is added to a sum of features, so that a query that reads nothing has a logarithm.
const leastSum = 1e-30

// workspace holds what a step computes on its way, so that no step allocates.
type workspace[T Real] struct {
	query, key hidden[T]
	kernel     []T // K = φ_q φ_kᵀ, then its gradient, [N×N]
	square     []T // k'², [N×d]
	perKey     []T // [N]
}

// hidden is the hidden layer at work on one side.
type hidden[T Real] struct {
	x        []T // what neurons are tuned to, [N×(d+n)]
	phi      []T // features, [N×m]
	gradient []T // of the loss by the exponents, [N×m]
	dendrite []T // its gradient, [N×n]
}

// room makes room for n tokens.
func (w *workspace[T]) room(f Form, n int) {
	for _, h := range []*hidden[T]{&w.query, &w.key} {
		fitTo(&h.x, n*f.Inputs())
		fitTo(&h.phi, n*f.Neurons)
		fitTo(&h.gradient, n*f.Neurons)
		fitTo(&h.dendrite, n*f.Dendrites)
	}
	fitTo(&w.kernel, n*n)
	fitTo(&w.square, n*f.Dim)
	fitTo(&w.perKey, n)
}

func fitTo[T any](x *[]T, n int) {
	if cap(*x) < n {
		*x = make([]T, n)
	}
	*x = (*x)[:n]
}

// tune computes what the neurons are tuned to, and their exponents W x + b.
func (h *hidden[T]) tune(f Form, side *Side[T], tokens []T, n int) {
	d, inputs := f.Dim, f.Inputs()
	if f.Dendrites == 0 {
		h.x = tokens
	} else {
		gemm(false, true, n, f.Dendrites, d, tokens, side.D, 0, h.dendrite)
		for t := range n {
			row := h.x[t*inputs : (t+1)*inputs]
			copy(row, tokens[t*d:(t+1)*d])
			for i, u := range h.dendrite[t*f.Dendrites : (t+1)*f.Dendrites] {
				row[d+i] = max(u+side.C[i], 0)
			}
		}
	}
	gemm(false, true, n, f.Neurons, inputs, h.x, side.W, 0, h.phi)
	for t := range n {
		add(h.phi[t*f.Neurons:(t+1)*f.Neurons], side.B)
	}
}

// features computes φ_q and φ_k, each query's largest 1, and the largest of all keys': factors that attention does not see.
func (w *workspace[T]) features(p *Parameters[T], in *Tokens[T]) {
	n, m, d := in.N, p.Neurons, p.Dim
	w.room(p.Form, n)
	w.query.tune(p.Form, &p.Query, in.Q, n)
	for t := range n {
		row := w.query.phi[t*m : (t+1)*m]
		exp(row, -largest(row))
	}
	w.key.tune(p.Form, &p.Key, in.K, n)
	most := T(math.Inf(-1))
	for t := range n {
		sum := T(0)
		for j, k := range in.K[t*d : (t+1)*d] {
			w.square[t*d+j] = k * k
			sum += T(p.Square[j] * w.square[t*d+j])
		}
		w.perKey[t] = sum
		most = max(most, largest(w.key.phi[t*m:(t+1)*m])+sum)
	}
	for t := range n {
		exp(w.key.phi[t*m:(t+1)*m], w.perKey[t]-most)
	}
	gemm(false, true, n, n, m, w.query.phi, w.key.phi, 0, w.kernel)
}

// network turns the sums of features into the network's attention, row by row, and returns it.
func (w *workspace[T]) network(in *Tokens[T], causal bool) []T {
	n := in.N
	for t := range n {
		row := w.kernel[t*n : (t+1)*n]
		seen := visible(row, t, causal)
		sum := T(0)
		for s := range seen {
			seen[s] += leastSum
			sum += seen[s]
		}
		for s := range seen {
			seen[s] /= sum
		}
		clear(row[len(seen):])
	}
	return w.kernel
}

// visible is the part of a query's row that it sees.
func visible[T Real](row []T, t int, causal bool) []T {
	if causal {
		return row[:t+1]
	}
	return row
}

// Loss is the sum over the input's queries of KL(softmax‖network), in nats.
func (w *workspace[T]) Loss(p *Parameters[T], in *Tokens[T], of *Attention[T]) float64 {
	w.features(p, in)
	return divergenceOf(of.Weights, w.network(in, of.Causal))
}

// divergenceOf is the sum over queries of KL(softmax‖network), in nats.
func divergenceOf[T Real](softmax, network []T) float64 {
	sum := 0.0
	for i, a := range softmax {
		if a > 0 {
			sum += float64(float64(a) * math.Log(float64(a)/max(float64(network[i]), leastShare)))
		}
	}
	return sum
}

// Gradient adds to g the gradient of weight times [workspace.Loss]. With K = φ_q φ_kᵀ and P̂ = K/row sum,
//
//	G = (P̂ − P)/K,  dA_q = (G φ_k)∘φ_q,  dA_k = (Gᵀ φ_q)∘φ_k,  dW = dAᵀ x,  db = column sums,  du = Σ_keys (row sum of dA_k) k'²
//
// where dA are the gradients by the exponents.
func (w *workspace[T]) Gradient(p, g *Parameters[T], in *Tokens[T], of *Attention[T], weight T) {
	n := in.N
	w.features(p, in)
	for t := range n {
		row := w.kernel[t*n : (t+1)*n]
		seen := visible(row, t, of.Causal)
		sum := T(0)
		for s := range seen {
			seen[s] += leastSum
			sum += seen[s]
		}
		share := 1 / sum
		attention := of.Weights[t*n : t*n+len(seen)]
		for s, k := range seen {
			// (P̂ − P)/K, where a sum that is next to nothing has no gradient that a number holds.
			by := (share - attention[s]/k) * weight
			if by-by != 0 {
				by = 0
			}
			seen[s] = by
		}
		clear(row[len(seen):])
	}
	w.backToParameters(p, g, in)
}

// backToParameters takes the gradient by the sums K, which stands in their place, to the parameters.
func (w *workspace[T]) backToParameters(p, g *Parameters[T], in *Tokens[T]) {
	n, m := in.N, p.Neurons
	gemm(false, false, n, m, n, w.kernel, w.key.phi, 0, w.query.gradient)
	gemm(true, false, n, m, n, w.kernel, w.query.phi, 0, w.key.gradient)
	w.query.back(p.Form, &p.Query, &g.Query, in.Q, n)
	w.key.back(p.Form, &p.Key, &g.Key, in.K, n)
	for t := range n {
		sum := total(w.key.gradient[t*m : (t+1)*m])
		for j, k2 := range w.square[t*p.Dim : (t+1)*p.Dim] {
			g.Square[j] += T(sum * k2)
		}
	}
}

// leastShare is the least of the network's weights that a divergence sees.
const leastShare = 1e-20

// back takes the gradient by the features to the parameters.
func (h *hidden[T]) back(f Form, side, g *Side[T], tokens []T, n int) {
	m, d, inputs := f.Neurons, f.Dim, f.Inputs()
	for t := range n {
		multiply(h.gradient[t*m:(t+1)*m], h.phi[t*m:(t+1)*m], g.B)
	}
	gemm(true, false, m, inputs, n, h.gradient, h.x, 1, g.W)
	if f.Dendrites == 0 {
		return
	}
	// Through relu(D y + c), where it is open.
	through := make([]T, n*inputs)
	gemm(false, false, n, inputs, m, h.gradient, side.W, 0, through)
	for t := range n {
		for i := range f.Dendrites {
			open := h.x[t*inputs+d+i] > 0
			v := T(0)
			if open {
				v = through[t*inputs+d+i]
			}
			h.dendrite[t*f.Dendrites+i] = v
		}
		add(g.C, h.dendrite[t*f.Dendrites:(t+1)*f.Dendrites])
	}
	gemm(true, false, f.Dendrites, d, n, h.dendrite, tokens, 1, g.D)
}
