package features

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// pairs is the proposal of sums of pairs that attend each other: a neuron's row is q_t + k_s and noise, N(0, I), t any query and s
// as it attends (ours). The density of such rows parts into what the queries and what the keys excite:
//
//	p(ω) = (1/N) Σ_t Σ_s A_ts N(ω; q_t+k_s, I)
//	p(ω)/N(ω; 0, I) = (1/N) Σ_t (ϕ(q_t)/Z_t) Σ_s ϕ(k_s)      ϕ(x) = exp(ω·x − ½|x|²)
//
// because A_ts = e^{q·k}/Z_t: so the exact weight costs as much as the features. With it the estimate is unbiased, and for the
// tokens that the rows are drawn for no neuron adds more than N Z_t to a sum p_t, N times what it should be: there are no
// heavy tails, however long the tokens are.
//
// The pairs are stratified: of m neurons the i-th takes its pair from the i-th m-th of all attention.
//
// In the biology: a neuron that fires for a query and a key together, as Hebbian plasticity at its inputs would make it, and is
// divided by its own mean activity: p(ω) is the rate to queries, each normalised, times the rate to keys, mean over what it saw.
type pairs struct {
	*seen
	logQ []float64 // −½|q|² − ln Z, [n]
	logK []float64 // −½|k|² + the key's gain, [n]
}

func pairwise(s *seen) (proposal, error) {
	p := &pairs{seen: s, logQ: squaredNorms(s.q, s.d), logK: squaredNorms(s.k, s.d)}
	s.attend(0, s.n, func(t int, _ []float64, logZ float64) { p.logQ[t] = float64(-0.5*p.logQ[t]) - logZ })
	for i, gain := range s.gain {
		p.logK[i] = gain - float64(0.5*p.logK[i])
	}
	if !finite(p.logQ) || !finite(p.logK) {
		return nil, errors.New("features: the attention of the queries and keys is not finite; are they too long?")
	}
	return p, nil
}

func (p *pairs) place(rows []float64, first, all int, chances []float64) []float64 {
	of := make([]float64, len(chances))
	for i, chance := range chances {
		of[i] = (float64(first+i) + chance) / float64(all) * float64(p.n)
	}
	p.centre(rows, of)
	var e excitement
	p.excite(rows, &e)
	return halfWeights(e.logs, p.n)
}

// centre adds to each row the sum of its pair: t is the whole part of its number, and the rest says which s.
func (p *pairs) centre(rows, of []float64) {
	d := p.d
	at := func(i int) (t int, rest float64) {
		t = min(int(of[i]), p.n-1)
		return t, of[i] - float64(t)
	}
	from, _ := at(0)
	to, _ := at(len(of) - 1)
	i := 0
	p.attend(from, to+1, func(t int, attention []float64, _ float64) {
		for ; i < len(of); i++ {
			query, chance := at(i)
			if query != t {
				return
			}
			s := 0
			for chance -= attention[0]; chance > 0 && s+1 < len(attention); chance -= attention[s] {
				s++
			}
			kernel.Axpy(1, p.q[t*d:(t+1)*d], rows[i*d:(i+1)*d])
			kernel.Axpy(1, p.k[s*d:(s+1)*d], rows[i*d:(i+1)*d])
		}
	})
}

// halfWeights is ½ ln w, given ln N p(ω)/N(ω; 0, I).
func halfWeights(logs []float64, n int) []float64 {
	for i, log := range logs {
		logs[i] = float64(0.5 * (portable.Log(float64(n)) - log))
	}
	return logs
}

// excitement is what rows ω excite in tokens: queries and keys [rows×N], whose products, N times in the mean over rows from p,
// make what attention sees (for a causal row, of keys s ≤ t): w ϕ(q_t)/Z_t ϕ(k_s) with w = N(ω; 0, I)/p(ω).
type excitement struct {
	queries, keys []float64
	logs          []float64 // ln N p(ω)/N(ω; 0, I), [rows]
}

// excite sets it to that of rows.
func (p *pairs) excite(rows []float64, e *excitement) {
	n := p.n
	p.excitedBy(rows, p.q, p.logQ, &e.queries)
	p.excitedBy(rows, p.k, p.logK, &e.keys)
	most, sums := make([]float64, n), make([]float64, n)
	for i := range resized(&e.logs, len(rows)/p.d) {
		q, k := e.queries[i*n:(i+1)*n], e.keys[i*n:(i+1)*n]
		if !p.causal { // the density is a product, and so is what is divided by it
			e.logs[i] = softmax(q) + softmax(k)
			for t := range q {
				q[t] *= float64(n)
			}
			continue
		}
		running(k, most, sums)
		kernel.Axpy(1, q, most)
		largest := kernel.Max(most)
		kernel.Exp(most, most, -largest)
		e.logs[i] = largest + portable.Log(kernel.Dot(most, sums))
		half := 0.5 * (portable.Log(float64(n)) - e.logs[i])
		kernel.Exp(q, q, half)
		kernel.Exp(k, k, half)
	}
}

// running are, of Σ_{s≤t} e^{x_s}, the largest x so far and the sum over e to its power.
func running(x, most, sums []float64) {
	sum := 0.0
	for from, to := 0, 0; from < len(x); from = to {
		if from > 0 {
			sum *= portable.Exp(most[from-1] - x[from])
		}
		most[from] = x[from]
		for to = from + 1; to < len(x) && x[to] <= x[from]; to++ {
			most[to] = x[from]
		}
		kernel.Exp(sums[from:to], x[from:to], -x[from])
		for t := from; t < to; t++ {
			sum += sums[t]
			sums[t] = sum
		}
	}
}

// excitedBy sets u to ω·x + log of all rows and tokens, [rows×n].
func (p *pairs) excitedBy(rows, x, log []float64, u *[]float64) {
	count, n := len(rows)/p.d, len(x)/p.d
	kernel.Gemm(false, true, count, n, p.d, 1, rows, p.d, x, p.d, 0, resized(u, count*n), n)
	for i := range count {
		kernel.Axpy(1, log, (*u)[i*n:(i+1)*n])
	}
}

// resized is *space with so many elements, of no certain values.
func resized(space *[]float64, count int) []float64 {
	*space = slices.Grow((*space)[:0], count)[:count]
	return *space
}

// pool is the proposal of pairs of several inputs, each of which a query attends within its own.
type pool struct {
	of   []*pairs
	ends []int // of their queries, counted over all
}

func pooled(inputs []*seen) (proposal, error) {
	all, total := new(pool), 0
	for _, s := range inputs {
		p, err := pairwise(s)
		if err != nil {
			return nil, err
		}
		total += s.n
		all.of, all.ends = append(all.of, p.(*pairs)), append(all.ends, total)
	}
	return all, nil
}

func (p *pool) place(rows []float64, first, all int, chances []float64) []float64 {
	d, total := p.of[0].d, p.ends[len(p.ends)-1]
	of, numbers := make([][]int, len(p.of)), make([]float64, len(chances)) // the rows of each input, and their numbers
	for i, chance := range chances {
		u := float64((float64(first+i) + chance) / float64(all) * float64(total))
		input := min(sort.SearchInts(p.ends, min(int(u), total-1)+1), len(p.of)-1)
		of[input] = append(of[input], i)
		numbers[i] = u - float64(p.ends[input]-p.of[input].n)
	}
	for input, mine := range of {
		if mine != nil { // which follow each other
			from, to := mine[0], mine[len(mine)-1]+1
			p.of[input].centre(rows[from*d:to*d], numbers[from:to])
		}
	}
	logs := make([]float64, len(chances))
	for i := range logs {
		logs[i] = math.Inf(-1)
	}
	var e excitement
	for _, input := range p.of {
		input.excite(rows, &e)
		for i, log := range e.logs {
			logs[i] = logSum([]float64{logs[i], log})
		}
	}
	return halfWeights(logs, total)
}

// Rows draws rows of the map gauss or pairs for several inputs at once, whose queries and keys are in the map's own coordinates, in
// which shift·k is the logarithm of a key's gain; and ½ ln w of each. It is where the fit of a hidden layer starts.
func Rows(name string, inputs []Tokens, shift []float64, count int, rng *rand.Rand) (rows, half []float64, err error) {
	adapt := map[string]func([]*seen) (proposal, error){Pairs: pooled, Gauss: attendedIn}[name]
	if adapt == nil || len(inputs) == 0 || count < 1 {
		return nil, nil, fmt.Errorf("features: %d rows of the map %q for %d inputs cannot be drawn", count, name, len(inputs))
	}
	var all []*seen
	for _, t := range inputs {
		s := &seen{q: t.Q, k: t.K, gain: make([]float64, t.N), n: t.N, d: t.Dim, causal: t.Causal}
		kernel.Gemm(false, false, t.N, 1, t.Dim, 1, t.K, t.Dim, shift, 1, 0, s.gain, 1)
		all = append(all, s)
	}
	p, err := adapt(all)
	if err != nil {
		return nil, nil, err
	}
	rows, chances := make([]float64, count*len(shift)), make([]float64, count)
	independentRows(len(shift), rng)(rows)
	for i := range chances {
		chances[i] = rng.Float64()
	}
	return rows, p.place(rows, 0, count, chances), nil
}
