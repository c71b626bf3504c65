package features

import (
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// The variance of the map pairs has no closed form, and is integrated over draws.
const (
	passRows     = 1024    // about so many at a time, from all over the attention, and
	leastDraws   = 2048    // so many at least
	scoreStrata  = 1000    // of the variance of scores in a prediction (so many neurons are what inspect tells of); and
	fewStrata    = 64      // of the variance within strata that few neurons have, and
	mostStrata   = 8192    // that many have, at least
	scorePairs   = 1 << 19 // rows times tokens of the variance of scores
	outputPairs  = 1 << 21 // and at most of that of outputs,
	drawnClosely = 0.03    // which is known when its standard error is so small beside it
)

// twice are rows that are drawn twice in the same strata, with what they excite.
type twice struct {
	rows  [2][]float64
	of    [2]excitement
	count int
	last  bool // of a pass through all strata
}

// draws are rows twice in the strata of so many neurons, from a stream of their own, pass after pass: one stratum of every few that
// lie beside each other, or each stratum several times where there are few. Half the mean square of the difference that the two make
// is the variance within strata, and neurons that are stratified have no other. What is drawn is good until the next.
func (p *pairs) draws(neurons int) iter.Seq[*twice] {
	const tile = 256
	neurons = max(1, min(neurons, mostStrata))
	apart, times := (neurons+passRows-1)/passRows, max(1, tile/neurons)
	pass := (neurons + apart - 1) / apart * times
	return func(yield func(*twice) bool) {
		rng := rand.New(rand.NewPCG(16, 16))
		drawn := new(twice)
		which, chances := make([]float64, min(tile, pass)), make([]float64, min(tile, pass))
		for {
			for first := 0; first < pass; first += tile {
				count := min(tile, pass-first)
				drawn.count, drawn.last = count, first+tile >= pass
				for j := range count {
					which[j] = float64(rng.IntN(apart))
				}
				for i := range drawn.rows {
					w := resized(&drawn.rows[i], count*p.d)
					for j := range w {
						w[j] = portable.Normal(rng)
					}
					for j := range count {
						stratum := float64((first+j)/times*apart) + which[j]
						chances[j] = (stratum + float64(rng.Float64())) / float64(pass/times*apart) * float64(p.n)
					}
					slices.Sort(chances[:count]) // those of a stratum that is drawn several times: as they go by,
					p.centre(w, chances[:count])
					for j := range count / times { // and then in no order
						rng.Shuffle(times, func(a, b int) { swapRows(w[j*times*p.d:], a, b, p.d) })
					}
					p.excite(w, &drawn.of[i])
				}
				if !yield(drawn) {
					return
				}
			}
		}
	}
}

func swapRows(x []float64, a, b, d int) {
	for i := range d {
		x[a*d+i], x[b*d+i] = x[b*d+i], x[a*d+i]
	}
}

// keyed is what the deviation of scores takes of rows that are drawn twice: it serves all queries.
type keyed struct {
	rows     [2][]float64
	half     [2][]float64 // ½ ln w, and the largest ϕ(k) of each row
	products [3][]float64 // of what the keys excite in both, the first with itself, the second, and both [rows×N]
	count    int
}

// forScores are the draws that the deviation of scores is integrated over.
func (p *pairs) forScores(neurons int) (all []keyed) {
	least, rows := max(leastDraws, min(mostStrata, scorePairs/p.n)), 0
	k2 := p.halved(p.k)
	var keys [2][]float64
	for drawn := range p.draws(neurons) {
		k := keyed{count: drawn.count}
		for i := range k.rows {
			k.rows[i] = slices.Clone(drawn.rows[i])
			k.half[i] = halfWeights(slices.Clone(drawn.of[i].logs), p.n)
			p.excitedBy(k.rows[i], p.k, k2, &keys[i])
			for r := range k.count { // each row's largest key goes to the queries
				row := keys[i][r*p.n : (r+1)*p.n]
				most := kernel.Max(row)
				kernel.Exp(row, row, -most)
				k.half[i][r] = float64(2*k.half[i][r]) + most
			}
		}
		for i, of := range sides {
			k.products[i] = make([]float64, k.count*p.n)
			for j, x := range keys[of[0]] {
				k.products[i][j] = x * keys[of[1]][j]
			}
		}
		all = append(all, k)
		if rows += drawn.count; drawn.last && rows >= least {
			break
		}
	}
	return all
}

// sides are those of the squares and of the product in ½(a − b)² = ½a² + ½b² − ab, and factors theirs.
var (
	sides   = [3][2]int{{0, 0}, {1, 1}, {0, 1}}
	factors = [3]float64{0.5, 0.5, -1}
)

// halved are −½|x|² of rows.
func (p *pairs) halved(x []float64) []float64 {
	norms := squaredNorms(x, p.d)
	for i := range norms {
		norms[i] *= -0.5
	}
	return norms
}

// deviations are m Σ_s a_ts var_ts of queries q' [T×d]: the relative variances of score estimates, of one neuron, with weights [T×N].
func (p *pairs) deviations(q, weights []float64, over []keyed) []float64 {
	n, d := p.n, p.d
	count := len(q) / d
	q2 := p.halved(q)
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
	var queries [2][]float64
	var gathered, logs []float64
	for _, drawn := range over {
		size := drawn.count
		draws += size
		for i, rows := range drawn.rows {
			kernel.Gemm(false, true, count, size, d, 1, q, d, rows, d, 0, resized(&queries[i], count*size), size)
			for t := range count {
				kernel.Axpy(1, drawn.half[i], queries[i][t*size:(t+1)*size])
			}
		}
		resized(&gathered, count*size)
		resized(&logs, size)
		for i, of := range sides {
			kernel.Gemm(false, true, count, size, n, 1, relative, n, drawn.products[i], n, 0, gathered, size)
			for t := range count {
				copy(logs, queries[of[0]][t*size:(t+1)*size])
				kernel.Axpy(1, queries[of[1]][t*size:(t+1)*size], logs)
				kernel.Exp(logs, logs, shifts[t]+float64(2*q2[t]))
				sums[t] += float64(factors[i] * kernel.Dot(logs, gathered[t*size:(t+1)*size]))
			}
		}
	}
	for t := range sums {
		sums[t] = max(sums[t]/float64(draws), 0)
	}
	return sums
}

// outputs are, of one neuron's contributions, the variances |Σ_s u_s ε_ts|² of the rows of the output f [N×d_v] for values
// v [N×d_v], and those of their normalisers, in the strata of so many neurons: drawn until the sum of the first is known closely.
func (p *pairs) outputs(v, f []float64, size, neurons int) (errors, sums []float64) {
	n, draws := p.n, 0
	errors, sums = make([]float64, n), make([]float64, n)
	v, f = apartFrom(v, v, size), apartFrom(f, v, size) // which changes nothing but the digits that cancel
	norms := squaredNorms(f, size)
	var all, squares float64 // of what single draws add to all rows
	var answers, totals, at [2][]float64
	for drawn := range p.draws(neurons) {
		count := drawn.count
		draws += count
		for i := range drawn.of {
			clear(resized(&answers[i], count*size))
			clear(resized(&totals[i], count))
			if p.causal {
				continue
			}
			keys := drawn.of[i].keys
			kernel.Gemm(false, false, count, size, n, 1, keys, n, v, size, 0, answers[i], size)
			for r := range count {
				for _, x := range keys[r*n : (r+1)*n] {
					totals[i][r] += x
				}
			}
			// Of the answers that f leaves, D = Σ_i ±φ_i(q_t) (Σ_s φ_i(k_s) v_s − f_t Σ_s φ_i(k_s)), the square comes of products of
			// answers with each other and with f, one number each, where they are the same for all queries.
			kernel.Gemm(false, true, count, n, size, 1, answers[i], size, f, size, 0, resized(&at[i], count*n), n)
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
					by[i] = drawn.of[i].queries[r*n+t]
					if p.causal {
						key := drawn.of[i].keys[r*n+t]
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
