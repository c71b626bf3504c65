package model

import "github.com/nasim-sim/nasim/internal/kernel"

// A recall is what is recalled for all queries' scaled features, tile by tile.
type recall struct {
	width  int
	sets   int       // of features of a query: for f and, if there are three, for what it would settle at and the same times the divisors
	rows   []float64 // of some queries, [queries×sets×neurons]
	scores []float64 // φ(k)·x of those for f, for A_eff, [N×N]; nil: H x
	found  []float64 // H x of all others, [N×sets×d_v]
}

// of returns H x of one of a query's sets.
func (recall *recall) of(token, set, dv int) []float64 {
	return recall.found[(token*recall.sets+set)*dv:][:dv]
}

// recall asks H for every query, a tile of neurons at a time, and answers. It begins with f as it is
// given or, where A_eff is asked for, as it is over the values.
func (together *togetherPassage) recall(output []float64, settled bool) (Result, error) {
	whole, head := together.whole, together.whole.head
	n, m, dv := head.Tokens, head.Neurons, head.Values
	recall := &recall{sets: 1}
	if settled {
		recall.sets = 3
	}
	if whole.opt.Attention {
		recall.scores = make([]float64, n*n)
	}
	recall.found = make([]float64, n*recall.sets*dv)
	space := spareTiles.borrow(queriesAtOnce * recall.sets * together.tile())
	defer spareTiles.put(space)
	recall.rows = *space
	for from := 0; from < m; from += together.tile() {
		recall.width = min(together.tile(), m-from)
		for token := 0; token < n; token += queriesAtOnce {
			if err := whole.ctx.Err(); err != nil {
				return Result{}, err
			}
			together.ask(recall, token, min(queriesAtOnce, n-token), from)
		}
	}
	return together.answer(recall, output)
}

// ask asks a tile for some queries.
func (together *togetherPassage) ask(recall *recall, token, count, from int) {
	head := together.whole.head
	m, dv, width, sets := head.Neurons, head.Values, recall.width, recall.sets
	hidden, synapses := together.hidden[from:from+width], together.memory[from*(dv+1):]
	for i := range count {
		rows := recall.rows[i*sets*width:][:sets*width]
		var settled, divided []float64
		if sets == 3 {
			settled, divided = rows[width:2*width], rows[2*width:]
		}
		together.scaled(token+i, from/together.size, head.PhiQ[(token+i)*m+from:][:width], hidden, rows[:width], settled, divided)
	}
	found := recall.found[token*sets*dv:]
	if recall.scores == nil {
		kernel.Gemm(false, true, count*sets, dv, width, 1, recall.rows, width, synapses, width, 1, found, dv)
		return
	}
	kernel.Gemm(false, true, count, head.Tokens, width, 1, recall.rows, sets*width, head.PhiK[from:], m, 1, recall.scores[token*head.Tokens:], head.Tokens)
	for set := 1; set < sets; set++ {
		kernel.Gemm(false, true, count, dv, width, 1, recall.rows[set*width:], sets*width, synapses, width, 1, found[set*dv:], sets*dv)
	}
}

// answer answers all queries with what is recalled for them.
func (together *togetherPassage) answer(recall *recall, output []float64) (Result, error) {
	whole, n, dv := together.whole, together.whole.head.Tokens, together.whole.head.Values
	answers := recall.scores
	var taps []tap
	var carried []float64
	if answers != nil {
		writes := len(together.written[0]) / together.count
		output, taps, carried = make([]float64, n), whole.taps(writes), make([]float64, writes)
		settle(taps, output)
	} else {
		answers = make([]float64, n*dv)
	}
	width := len(output)
	for token := range n {
		if recall.sets == 3 {
			whole.result.Normalizer[token] = together.divisor(token, recall.of(token, 1, dv), recall.of(token, 2, dv))
		}
		row := answers[token*width:][:width]
		if taps != nil {
			distribute(taps, row, carried)
		} else {
			copy(row, recall.of(token, 0, dv))
		}
		kernel.Axpy(together.answers[token].output, output, row)
		output = row
	}
	return whole.finish(answers)
}

// scaled sets rows to a tile of a query's features, and of h, as the compartments' factors of a read
// have them, those for what f would settle at if they are there, and takes h through the read.
func (together *togetherPassage) scaled(token, c int, phi, hidden, output, settled, divided []float64) {
	u, b := together.answers[token].phi, together.answers[token].hidden
	for from := 0; from < len(output); from, c = from+together.size, c+1 {
		factors := together.of(token, c)
		phi := phi[from:][:together.size]
		hidden, output := hidden[from:][:len(phi)], output[from:][:len(phi)]
		a, d := factors[ofPhi], factors[ofHidden]
		if settled == nil {
			for i, x := range phi {
				y := hidden[i]
				output[i] = float64(a*x) + float64(d*y)
				hidden[i] = float64(u*x) + float64(b*y)
			}
			continue
		}
		settled, divided := settled[from:][:len(phi)], divided[from:][:len(phi)]
		s, r, p := factors[settledPhi], factors[settledHidden], factors[divides]
		for i, x := range phi {
			y := hidden[i]
			output[i] = float64(a*x) + float64(d*y)
			z := float64(s*x) + float64(r*y)
			settled[i], divided[i] = z, float64(p*z)
			hidden[i] = float64(u*x) + float64(b*y)
		}
	}
}

// divisor is [effectiveDivisor] of a read, of y = Σ_c y_c and Σ_c d_c y_c.
func (together *togetherPassage) divisor(token int, settled, divided []float64) float64 {
	if square := kernel.Dot(settled, settled); square > 0 {
		return kernel.Dot(divided, settled) / square
	}
	var sum float64 // of an answer that is 0
	for c := range together.count {
		sum += together.of(token, c)[divides]
	}
	return sum / float64(together.count)
}
