package features

import (
	"iter"
	"math/rand/v2"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// The variance of the map pairs has no closed form, and is integrated over draws.
const (
	passRows     = 1024    // about so many at a time, from all over the attention, and
	leastDraws   = 2048    // so many at least
	fewStrata    = 64      // of the variance within strata that few neurons have, and
	mostStrata   = 8192    // that many have, at least
	scorePairs   = 1 << 19 // rows times tokens of the variance of scores
	outputPairs  = 1 << 21 // and at most of that of outputs,
	drawnClosely = 0.03    // which is known when its standard error is so small beside it
)

// twice are rows that are drawn twice in the same strata, with ½ ln w of each.
type twice struct {
	rows, half [2][]float64
	count      int
	last       bool // of a pass
}

// draws are rows twice in the strata of so many neurons, from a stream of their own, pass after pass: one stratum of every few that
// lie beside each other. Half the mean square of the difference that the two make is the variance within strata, and neurons that
// are stratified have no other.
func (p *pairs) draws(neurons int) iter.Seq[twice] {
	const tile = 256
	neurons = max(1, min(neurons, mostStrata))
	few := (neurons + passRows - 1) / passRows
	pass := (neurons + few - 1) / few
	return func(yield func(twice) bool) {
		rng := rand.New(rand.NewPCG(16, 16))
		for {
			for first := 0; first < pass; first += tile {
				drawn := twice{count: min(tile, pass-first), last: first+tile >= pass}
				which := make([]float64, drawn.count)
				for j := range which {
					which[j] = float64(rng.IntN(few))
				}
				for i := range drawn.rows {
					w, chances := make([]float64, drawn.count*p.d), make([]float64, drawn.count)
					for j := range w {
						w[j] = portable.Normal(rng)
					}
					for j := range chances {
						chances[j] = (which[j] + rng.Float64()) / float64(few)
					}
					drawn.half[i] = p.place(w, first, pass, chances)
					drawn.rows[i] = w
				}
				if !yield(drawn) {
					return
				}
			}
		}
	}
}

// forScores are the draws that the deviation of scores is integrated over.
func (p *pairs) forScores(neurons int) (all []twice) {
	least, rows := max(leastDraws, min(mostStrata, scorePairs/p.n)), 0
	for drawn := range p.draws(neurons) {
		all = append(all, drawn)
		if rows += drawn.count; drawn.last && rows >= least {
			break
		}
	}
	return all
}

// deviations are m Σ_s a_ts var_ts of queries q' [T×d]: the relative variances of score estimates, of one neuron, with weights [T×N].
func (p *pairs) deviations(q, weights []float64, over []twice) []float64 {
	n, d := p.n, p.d
	count := len(q) / d
	q2, k2 := squaredNorms(q, d), squaredNorms(p.k, d)
	for _, norms := range [][]float64{q2, k2} {
		for i := range norms {
			norms[i] *= -0.5
		}
	}
	// A score's square is relative to e^{2q·k}: the weights take it, each row relative to its largest.
	relative, shifts := make([]float64, count*n), make([]float64, count)
	kernel.Gemm(false, true, count, n, d, -2, q, d, p.k, d, 0, relative, n)
	for t := range count {
		row := relative[t*n : (t+1)*n]
		for s, a := range weights[t*n : (t+1)*n] {
			row[s] += portable.Log(a)
		}
		shifts[t] = kernel.Max(row)
		kernel.Exp(row, row, -shifts[t])
	}
	sums, draws := make([]float64, count), 0
	for _, drawn := range over {
		rows, half, size := drawn.rows, drawn.half, drawn.count
		draws += size
		var queries, keys [2][]float64
		for i := range rows {
			queries[i], keys[i] = excitedBy(rows[i], q, q2, half[i], d), excitedBy(rows[i], p.k, k2, half[i], d)
			for r := range size { // each row's largest key goes to the queries
				row := keys[i][r*n : (r+1)*n]
				most := kernel.Max(row)
				kernel.Exp(row, row, -most)
				for t := range count {
					queries[i][r*count+t] += most
				}
			}
		}
		products, gathered := make([]float64, size*n), make([]float64, count*size)
		for _, pair := range []struct {
			i, j   int
			factor float64
		}{{0, 0, 0.5}, {1, 1, 0.5}, {0, 1, -1}} {
			for j, x := range keys[pair.i] {
				products[j] = x * keys[pair.j][j]
			}
			kernel.Gemm(false, true, count, size, n, 1, relative, n, products, n, 0, gathered, size)
			for t := range count {
				for r := range size {
					log := queries[pair.i][r*count+t] + queries[pair.j][r*count+t] + shifts[t]
					sums[t] += float64(pair.factor * float64(portable.Exp(log)*gathered[t*size+r]))
				}
			}
		}
	}
	for t := range sums {
		sums[t] = max(sums[t]/float64(draws), 0)
	}
	return sums
}

// excitedBy is ω·x + log + half of all rows and tokens, [rows×n].
func excitedBy(rows, x, log, half []float64, d int) []float64 {
	count, n := len(rows)/d, len(x)/d
	u := make([]float64, count*n)
	kernel.Gemm(false, true, count, n, d, 1, rows, d, x, d, 0, u, n)
	for i := range count {
		kernel.Axpy(1, log, u[i*n:(i+1)*n])
		for j := range n {
			u[i*n+j] += half[i]
		}
	}
	return u
}

// outputs are, of one neuron's contributions, the variances |Σ_s u_s ε_ts|² of the rows of the output f [N×d_v] for values
// v [N×d_v], and those of their normalisers, in the strata of so many neurons: drawn until the sum of the first is known closely.
func (p *pairs) outputs(v, f []float64, size, neurons int) (errors, sums []float64) {
	n, draws := p.n, 0
	errors, sums = make([]float64, n), make([]float64, n)
	v, f = apartFrom(v, v, size), apartFrom(f, v, size) // which changes nothing but the digits that cancel
	norms := squaredNorms(f, size)
	var all, squares float64 // of what single draws add to all rows
	for drawn := range p.draws(neurons) {
		rows, half, count := drawn.rows, drawn.half, drawn.count
		draws += count
		var queries, keys, answers, totals [2][]float64
		for i := range rows {
			queries[i], keys[i] = excitedBy(rows[i], p.q, p.logQ, half[i], p.d), excitedBy(rows[i], p.k, p.logK, half[i], p.d)
			kernel.Exp(queries[i], queries[i], 0)
			kernel.Exp(keys[i], keys[i], 0)
			answers[i], totals[i] = make([]float64, count*size), make([]float64, count)
			if !p.causal {
				kernel.Gemm(false, false, count, size, n, 1, keys[i], n, v, size, 0, answers[i], size)
				for r := range count {
					for _, x := range keys[i][r*n : (r+1)*n] {
						totals[i][r] += x
					}
				}
			}
		}
		// Of the answers that f leaves, D = Σ_i ±φ_i(q_t) (Σ_s φ_i(k_s) v_s − f_t Σ_s φ_i(k_s)), the square comes of products of
		// answers with each other and with f, one number each, where they are the same for all queries.
		var at [2][]float64
		if !p.causal {
			for i := range at {
				at[i] = make([]float64, count*n)
				kernel.Gemm(false, true, count, n, size, 1, answers[i], size, f, size, 0, at[i], n)
			}
		}
		for r := range count {
			var own [3]float64 // of the answers: |first|², |second|², first · second
			if !p.causal {
				first, second := answers[0][r*size:(r+1)*size], answers[1][r*size:(r+1)*size]
				own = [3]float64{kernel.Dot(first, first), kernel.Dot(second, second), kernel.Dot(first, second)}
			}
			added := 0.0
			for t := range n {
				var by [2]float64 // φ(q_t)/Z_t
				for i := range by {
					by[i] = queries[i][r*n+t]
					if p.causal {
						key := keys[i][r*n+t]
						totals[i][r] += key
						kernel.Axpy(key, v[t*size:(t+1)*size], answers[i][r*size:(r+1)*size])
					}
				}
				over := float64(by[0]*totals[0][r]) - float64(by[1]*totals[1][r])
				sums[t] += float64(0.5 * square(over))
				apart := 0.0
				if p.causal {
					for j, mean := range f[t*size : (t+1)*size] {
						x := float64(by[0] * (answers[0][r*size+j] - float64(totals[0][r]*mean)))
						y := float64(by[1] * (answers[1][r*size+j] - float64(totals[1][r]*mean)))
						apart += square(x - y)
					}
				} else {
					apart = float64(square(by[0])*own[0]) + float64(square(by[1])*own[1]) - float64(2*float64(by[0]*by[1])*own[2])
					apart -= float64(2 * over * (float64(by[0]*at[0][r*n+t]) - float64(by[1]*at[1][r*n+t])))
					apart = max(apart+float64(square(over)*norms[t]), 0)
				}
				errors[t] += float64(0.5 * apart)
				added += float64(0.5 * apart)
			}
			all, squares = all+added, squares+square(added)
		}
		if drawn.last && draws >= leastDraws && (draws >= outputPairs/n || squares <= square(drawnClosely*all)) {
			break
		}
	}
	for t := range errors {
		errors[t] /= float64(draws)
		sums[t] /= float64(draws)
	}
	return errors, sums
}

// apartFrom is x less the mean of v, rows of the given size both.
func apartFrom(x, v []float64, size int) []float64 {
	mean := make([]float64, size)
	for t := range len(v) / size {
		kernel.Axpy(1/float64(len(v)/size), v[t*size:(t+1)*size], mean)
	}
	return centred(x, mean, len(x)/size)
}
