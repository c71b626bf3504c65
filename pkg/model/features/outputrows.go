package features

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// outputBlock is some rows of softmax attention, T of them from first on.
type outputBlock struct {
	first, rows int
	scores      []float64 // q·k and the key's gain [T×N]
	logZ        []float64 // [T]
	output      []float64 // f, less the mean of v [T×d_v]
	along       []float64 // v_s·f_t [T×N]
}

// seen is how many keys row i sees.
func (h *outputForms) seen(b *outputBlock, i int) int {
	if h.Causal {
		return b.first + i + 1
	}
	return h.Tokens
}

// block computes the attention of some rows and what comes of it.
func (h *outputForms) block(first, last int) *outputBlock {
	n, d, size, rows := h.Tokens, h.Dim, h.Size, last-first
	b := &outputBlock{first: first, rows: rows, scores: make([]float64, rows*n), logZ: make([]float64, rows),
		output: make([]float64, rows*size), along: make([]float64, rows*n)}
	kernel.Gemm(false, true, rows, n, d, 1, h.Q[first*d:last*d], d, h.K, d, 0, b.scores, n)
	for i := range rows {
		kernel.Axpy(1, h.gain, b.scores[i*n:(i+1)*n])
	}
	attention := h.weights[:rows*n]
	clear(attention)
	for i := range rows {
		row := b.scores[i*n : i*n+h.seen(b, i)]
		b.logZ[i] = logSum(row)
		kernel.Exp(attention[i*n:i*n+len(row)], row, -b.logZ[i])
	}
	kernel.Gemm(false, false, rows, size, n, 1, attention, n, h.V, size, 0, b.output, size)
	kernel.Gemm(false, true, rows, n, size, 1, b.output, size, h.V, size, 0, b.along, n)
	for i, f := range b.output {
		whole := f + h.mean[i%size]
		h.norm2 += float64(whole * whole)
	}
	return b
}

// add adds some rows to every map's total.
func (h *outputForms) add(first, last int) {
	b := h.block(first, last)
	h.reach(b)
	h.outputs = append(h.outputs, b.output...)
	forms := map[[2]bool][]rowForm{} // of differences of q and k or of sums, of e^{−z} or of e^z: of those that a map needs
	for i, name := range h.maps {
		f, _ := lookup(name)
		variances := h.scoreVariances(b, i)
		h.variances[i] = append(h.variances[i], variances...)
		if f.stratified { // not by its form: addPairs
			continue
		}
		form := func(falls bool) []rowForm {
			which := [2]bool{f.ofDifference, falls}
			if forms[which] == nil {
				by := growth{gram: h.near, sign: 1, steep: f.ofDifference == falls}
				if falls {
					by.gram, by.sign = h.far, -1
				}
				forms[which] = h.form(b, &by)
			}
			return forms[which]
		}
		var grow []rowForm
		if g := &h.grown[i]; g.rows != nil {
			f.grows = 1
			grow = h.form(b, g)
		} else {
			grow = form(false)
		}
		fall := make([]rowForm, b.rows)
		if f.falls > 0 {
			fall = form(true)
		}
		for t := range b.rows {
			row := grow[t].output.times(f.grows).plus(fall[t].output.times(f.falls))
			row.value = max(row.value, 0)
			constant := f.grows + f.falls - f.relativeVariance(0, 1)
			sum := grow[t].sum.times(f.grows).plus(fall[t].sum.times(f.falls)).plus(magnitude{-constant, 0})
			h.sums[i].add(row, sum, variances[t])
			if !f.bounded {
				h.tails[i] = append(h.tails[i], tail{row, h.leading(b, t, &h.grown[i])})
			}
		}
	}
}

// scoreVariances are, of each row, Σ_s A_ts times the relative variance of a score estimate with one
// neuron of the i-th map.
func (h *outputForms) scoreVariances(b *outputBlock, i int) []float64 {
	n, d := h.Tokens, h.Dim
	attention := make([]float64, b.rows*n)
	for t := range b.rows {
		row := b.scores[t*n : t*n+h.seen(b, t)]
		kernel.Exp(attention[t*n:t*n+len(row)], row, -b.logZ[t])
	}
	variances := h.deviations[i].Of(h.Q[b.first*d:(b.first+b.rows)*d], attention)
	for t, x := range variances {
		variances[t] = min(float64(x*x)*h.deviations[i].neurons, math.MaxFloat64)
	}
	return variances
}

// reach adds up how far the values that each query sees lie from its output, at most.
func (h *outputForms) reach(b *outputBlock) {
	n := h.Tokens
	for t := range b.rows {
		f := b.output[t*h.Size : (t+1)*h.Size]
		f2, most := kernel.Dot(f, f), 0.0
		for s := range h.seen(b, t) {
			most = max(most, h.v2[s]+f2-float64(2*b.along[t*n+s]))
		}
		h.farthest += most
	}
}

// rowForm is what e^{±z} makes of a row.
type rowForm struct {
	output magnitude // Σ_ss′ u_s·u_s′ e^{±z}
	sum    magnitude // Σ_ss′ A_ts A_ts′ e^{±z}
}

// addPairs adds all rows to the totals of the map pairs: of few neurons, and of many.
func (h *outputForms) addPairs() {
	i := slices.Index(h.maps, Pairs)
	if h.pairs == nil || i < 0 {
		return
	}
	for count, to := range map[int]*sums{fewStrata: &h.sums[i], mostStrata: &h.many} {
		errors, normalisers := h.pairs.outputs(h.V, h.outputs, h.Size, count)
		for t, e := range errors {
			to.add(magnitude{e, 0}, magnitude{normalisers[t], 0}, h.variances[i][t])
		}
	}
}

// form returns both forms of e^{±z} for each row, or of what grows in its place. As u_s = A_ts (v_s − f_t),
//
//	e^{±z} = e^{±|q|²} e^{±q·k_s} e^{±q·k_s′} e^{½|k_s|²} e^{½|k_s′|²} e^{−½|k_s∓k_s′|²}
//
// the form is that of the weights w_s = A_ts e^{±q·k_s + ½|k_s|² ± ½|q|²} with the Gram matrix G
// times (v_s − f)·(v_s′ − f) = v_s·v_s′ − v_s·f − v_s′·f + |f|².
func (h *outputForms) form(b *outputBlock, by *growth) []rowForm {
	g, steep := by.gram, by.steep
	n := h.Tokens
	weights, sums, valued := h.weights[:b.rows*n], h.gathered[:b.rows*n], h.valued[:b.rows*n]
	shifts := h.weigh(b, weights, by)
	kernel.Gemm(false, false, b.rows, n, n, 1, weights, n, g.plain, n, 0, sums, n)
	kernel.Gemm(false, false, b.rows, n, n, 1, weights, n, g.valued, n, 0, valued, n)
	forms := make([]rowForm, b.rows)
	for i := range forms {
		w, along, f := weights[i*n:(i+1)*n], b.along[i*n:(i+1)*n], b.output[i*h.Size:(i+1)*h.Size]
		f2, total, value := kernel.Dot(f, f), 0.0, 0.0
		for s, sum := range sums[i*n : (i+1)*n] {
			total += float64(w[s] * sum)
			value += float64(w[s] * (valued[i*n+s] + float64(sum*(f2-float64(2*along[s])))))
		}
		if math.Abs(value) <= mostCancelled*h.longest*total {
			forms[i].output = h.single(b, i, w, g, steep)
		} else {
			forms[i].output.value = value
		}
		forms[i].output.log += float64(2 * shifts[i])
		forms[i].sum = magnitude{total, 2 * shifts[i]}
	}
	return forms
}

// leading is |q_t + k_s|² of the key that adds most to the variance of row t with an exponential
// map: that with the largest A_ts² |v_s − f|² e^{|q_t+k_s|²}; of rows from another Gaussian, what takes the place of both, where
// half of the draw that makes the mean square, in units of the draws, takes that of |q+k|.
func (h *outputForms) leading(b *outputBlock, t int, by *growth) float64 {
	if by.rows != nil {
		return h.leadingOf(b, t, by)
	}
	n, f := h.Tokens, b.output[t*h.Size:(t+1)*h.Size]
	f2, most, size := kernel.Dot(f, f), math.Inf(-1), 0.0
	for s, score := range b.scores[t*n : t*n+h.seen(b, t)] {
		apart := h.v2[s] + f2 - float64(2*b.along[t*n+s])
		x2 := h.q2[b.first+t] + h.k2[s] + float64(2*(score-h.gain[s]))
		if part := float64(2*score) + x2 + portable.Log(max(apart, 0)); part > most {
			most, size = part, x2
		}
	}
	return max(size, 0)
}

func (h *outputForms) leadingOf(b *outputBlock, t int, by *growth) float64 {
	f, d := b.output[t*h.Size:(t+1)*h.Size], h.Dim
	f2, most, leading := kernel.Dot(f, f), math.Inf(-1), 0
	linear := by.linear[(b.first+t)*d : (b.first+t+1)*d]
	for s, score := range b.scores[t*h.Tokens : t*h.Tokens+h.seen(b, t)] {
		apart := h.v2[s] + f2 - float64(2*b.along[t*h.Tokens+s])
		grown := float64(2 * (kernel.Dot(linear, h.K[s*d:(s+1)*d]) + by.key[s]))
		if part := float64(2*score) + grown + portable.Log(max(apart, 0)); part > most {
			most, leading = part, s
		}
	}
	z := make([]float64, d)
	kernel.Axpy(1, h.Q[(b.first+t)*d:(b.first+t+1)*d], z)
	kernel.Axpy(1, h.K[leading*d:(leading+1)*d], z)
	return by.rows.farthest(z) / 4
}

// mostCancelled is how small a form may be beside its terms, some 10⁶ roundings of them, before
// it is summed again in a way that lets nothing cancel: where attention is nearly all on one
// token, v_s − f is nearly 0 there.
const mostCancelled = 1e-10

// single is the form of one row of a block, from u as it is, which may be all that is left of a
// row that attends to one token * alone: N² d_v steps. With x_s = v_s − v_*, u_s is
// w_s (x_s − Σ A_s x_s), and where the weights are steep, the sum's size e^ρ, that of the next
// token's attention, is divided out.
func (h *outputForms) single(b *outputBlock, i int, w []float64, g keyGram, steep bool) magnitude {
	n, size := h.Tokens, h.Size
	scores := b.scores[i*n : i*n+h.seen(b, i)]
	most, next := slices.Index(scores, slices.Max(scores)), math.Inf(-1)
	for s, score := range scores {
		if s != most {
			next = max(next, score)
		}
	}
	if math.IsInf(next, -1) {
		return magnitude{} // it sees one token
	}
	offset, rho := make([]float64, size), next-b.logZ[i]
	u, sums := make([]float64, n*size), make([]float64, n*size)
	for s, score := range scores {
		share := portable.Exp(min(score-next, 0)) // of *, whose x is 0, it is of no account
		for j := range offset {
			u[s*size+j] = h.V[s*size+j] - h.V[most*size+j]
			offset[j] += float64(share * u[s*size+j])
		}
	}
	outer, inner := 1.0, portable.Exp(rho) // what x and the sum are multiplied by
	if !steep {
		rho = 0
	} else {
		outer, inner = portable.Exp(-rho), 1
	}
	for s := range scores {
		for j, o := range offset {
			x := -float64(inner * o)
			if w[s] > 0 && u[s*size+j] != 0 { // else outer may be infinite, and nothing of it felt
				x += float64(outer * u[s*size+j])
			}
			u[s*size+j] = w[s] * x
		}
	}
	kernel.Gemm(false, false, n, size, n, 1, g.plain, n, u, size, 0, sums, size)
	return magnitude{kernel.Dot(u, sums), 2 * rho}
}

// weigh sets the weights of each row, the largest 1, and returns the logarithms of what they
// were divided by.
func (h *outputForms) weigh(b *outputBlock, weights []float64, by *growth) []float64 {
	n, d, shifts := h.Tokens, h.Dim, make([]float64, b.rows)
	clear(weights)
	if by.rows != nil {
		kernel.Gemm(false, true, b.rows, n, d, 1, by.linear[b.first*d:], d, h.K, d, 0, weights, n)
	}
	for i := range shifts {
		seen := h.seen(b, i)
		row, query := weights[i*n:i*n+seen], float64(by.sign*0.5*h.q2[b.first+i])
		clear(weights[i*n+seen : (i+1)*n])
		for s := range row {
			switch {
			case by.rows != nil:
				row[s] += b.scores[i*n+s] + by.key[s]
			case by.steep:
				row[s] = float64(0.5*h.k2[s]) + float64(2*b.scores[i*n+s]) - h.gain[s]
			default:
				row[s] = float64(0.5*h.k2[s]) + h.gain[s]
			}
		}
		if by.rows != nil {
			query = by.query[b.first+i]
		}
		largest := slices.Max(row)
		kernel.Exp(row, row, -largest)
		shifts[i] = largest - b.logZ[i] + query
	}
	return shifts
}
