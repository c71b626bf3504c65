package model

import "github.com/nasim-sim/nasim/internal/kernel"

// causalTogether is a causal passage that takes the hidden neurons of all compartments together. In it
// H is asked for each query's features, scaled by the compartments' factors, as in [togetherPassage]; of a
// block's tokens, which H does not hold yet, it is what they left (causal.go) by inner products with these.
type causalTogether struct {
	*togetherPassage
	values *causalValues
	blank  []float64 // of each token and compartment, how Hh(0) enters f in the blank after its read
	asked  int       // rows of a token: for f, in the blank, and for what f would settle at and the same times the divisors

	past  []float64 // H but for the block at hand, tile after tile, each [d_v×neurons]
	keys  []float64 // of the block, likewise: its keys, and h as each is presented, [2·count×neurons]
	rows  []float64 // for a tile: of the block what is asked, token by token, [count·asked×neurons]
	found []float64 // by the past, [count·asked×d_v]
	met   []float64 // rows by keys, [count·asked×2·count]
	rests []float64 // what f would settle at
}

// answerCausally is the whole passage.
func (together *togetherPassage) answerCausally() (Result, error) {
	whole, head, count := together.whole, together.whole.head, together.count
	n, m, segments := head.Tokens, head.Neurons, len(whole.segments)
	for i := range together.written {
		together.written[i] = make([]float64, segments*count)
	}
	together.hidden, together.factors = make([]float64, m), make([]float64, n*count*factorsOfRead)
	together.scratch, together.answers = make([]products, count), make([]answer, n)
	for c := range together.scratch {
		together.inner[c] = &together.scratch[c]
	}
	if err := together.passAll(); err != nil {
		return Result{}, err
	}
	causal := &causalTogether{togetherPassage: together, values: newCausalValues(whole), blank: make([]float64, n*count), asked: 1}
	if causal.values.each == 4 {
		causal.asked++
	}
	if whole.result.Normalizer != nil {
		causal.asked += 2
	}
	err := together.solver.solveAll(whole.segments, together.presents(), func(i int, reached []coefficients) error {
		err := together.noted(i, reached)
		causal.take(i, reached)
		return err
	})
	if err != nil {
		return Result{}, err
	}
	clear(together.hidden)
	return causal.passBlocks()
}

// passAll takes h and g through all segments, with their inner products of each compartment.
func (together *togetherPassage) passAll() error {
	m := together.whole.head.Neurons
	presynaptic := make([]float64, min(together.tile(), m))
	for from := 0; from < m; from += together.tile() {
		if err := together.whole.ctx.Err(); err != nil {
			return err
		}
		to := min(from+together.tile(), m)
		clear(presynaptic)
		for i := range together.whole.segments {
			together.pass(i, from, together.hidden[from:to], presynaptic[:to-from])
		}
	}
	return nil
}

// take sets the factors of a segment.
func (causal *causalTogether) take(i int, reached []coefficients) {
	seg := &causal.whole.segments[i]
	if seg.Phase == Writing {
		return
	}
	for c := range reached {
		at := seg.Token*causal.count + c
		if seg.Blank {
			causal.blank[at] = reached[c].outputHidden
			continue
		}
		factors, read := causal.of(seg.Token, c), &causal.reads[at]
		factors[ofPhi], factors[ofHidden] = reached[c].outputPhi, reached[c].outputHidden
		factors[settledPhi], factors[settledHidden], factors[divides] = read.phi, read.hidden, read.divisor
	}
	if !seg.Blank {
		form := &causal.whole.forms[i].reached
		causal.answers[seg.Token] = answer{form.output, form.phi, form.hidden}
	}
}

// passBlocks goes through the tokens block by block.
func (causal *causalTogether) passBlocks() (Result, error) {
	head := causal.whole.head
	m, dv := head.Neurons, head.Values
	tile := min(causal.tile(), m)
	causal.past, causal.keys = make([]float64, dv*m), make([]float64, 2*blockTokens*m)
	causal.rows = make([]float64, causal.asked*blockTokens*tile)
	causal.found, causal.met = make([]float64, causal.asked*blockTokens*dv), make([]float64, causal.asked*2*blockTokens*blockTokens)
	for causal.values.from = 0; causal.values.from < head.Tokens; causal.values.from = causal.values.to {
		if err := causal.whole.ctx.Err(); err != nil {
			return Result{}, err
		}
		causal.values.to = min(causal.values.from+blockTokens, head.Tokens)
		count := causal.values.count()
		clear(causal.found)
		clear(causal.met)
		for from := 0; from < m; from += tile {
			width := min(tile, m-from)
			keys, past := causal.keys[2*count*from:][:2*count*width], causal.past[dv*from:][:dv*width]
			causal.trail(from, causal.hidden[from:from+width], keys)
			kernel.Gemm(false, true, causal.asked*count, 2*count, width, 1, causal.rows, width, keys, width, 1, causal.met, 2*count)
			kernel.Gemm(false, true, causal.asked*count, dv, width, 1, causal.rows, width, past, width, 1, causal.found, dv)
		}
		for token := causal.values.from; token < causal.values.to; token++ {
			causal.token(token)
		}
		causal.values.settle()
		for from := 0; from < m; from += tile {
			width := min(tile, m-from)
			kernel.Gemm(true, false, dv, width, 2*count, 1, causal.values.left, dv, causal.keys[2*count*from:], width, causal.values.passed[count], causal.past[dv*from:], width)
		}
	}
	return causal.whole.finish(causal.values.answers)
}

// trail takes a tile's h through the block, and sets keys and what is asked.
func (causal *causalTogether) trail(from int, hidden, keys []float64) {
	m, width, count := causal.whole.head.Neurons, len(hidden), causal.values.count()
	row := func(kind, i int) []float64 { return causal.rows[(i*causal.asked+kind)*width:][:width] }
	for i := range count {
		token := causal.values.from + i
		first := token * causal.values.each
		phi := causal.whole.head.PhiK[token*m+from:][:width]
		copy(keys[i*width:], phi)
		copy(keys[(count+i)*width:], hidden)
		write := &causal.whole.forms[first].reached
		kernel.DecayRank1(write.hidden, []float64{write.phi}, phi, hidden)
		if causal.values.each == 4 {
			scale(hidden, causal.whole.forms[first+1].reached.hidden)
		}
		var settled, divided []float64
		if causal.whole.result.Normalizer != nil {
			settled, divided = row(causal.asked-2, i), row(causal.asked-1, i)
		}
		causal.scaled(token, from/causal.size, causal.whole.head.PhiQ[token*m+from:][:width], hidden, row(0, i), settled, divided)
		if causal.values.each == 4 { // h(0) is what the read has left
			blank := row(1, i)
			for c, at := from/causal.size, 0; at < width; c, at = c+1, at+causal.size {
				factor := causal.blank[token*causal.count+c]
				for j, h := range hidden[at : at+causal.size] {
					blank[at+j] = factor * h
				}
			}
			scale(hidden, causal.whole.forms[first+3].reached.hidden)
		}
	}
}

// token writes and reads one token.
func (causal *causalTogether) token(token int) {
	values := causal.values
	values.bind(token)
	if values.each == 4 {
		values.fade(token)
	}
	read := values.first(token, Reading)
	causal.recall(token, 0, 1)
	kernel.DecayRank1(causal.whole.forms[read].reached.output, []float64{1}, values.found, values.f)
	copy(values.answers[token*values.width:], values.f)
	if normalizer := causal.whole.result.Normalizer; normalizer != nil {
		causal.recall(token, causal.asked-2, 1)
		causal.rests = append(causal.rests[:0], values.found...)
		causal.recall(token, causal.asked-1, 1)
		normalizer[token] = causal.divisor(token, causal.rests, values.found)
	}
	if values.each == 4 {
		causal.recall(token, 1, causal.whole.forms[read].reached.hebbian)
		kernel.DecayRank1(causal.whole.forms[read+1].reached.output, []float64{1}, values.found, values.f)
	}
}

// recall sets found to what H, of which so much is left since the read began, recalls for one of a token's rows.
func (causal *causalTogether) recall(token, kind int, left float64) {
	values, count := causal.values, causal.values.count()
	before, at := token-values.from, (token-values.from)*causal.asked+kind
	copy(values.found, causal.found[at*values.width:])
	scale(values.found, left*values.passed[before]*values.leaks[Writing])
	met := causal.met[at*2*count:]
	for l := range before + 1 {
		kept := left * values.passed[before-l]
		kernel.Axpy(kept*met[l], values.onPhi(l), values.found)
		kernel.Axpy(kept*met[count+l], values.onHidden(l), values.found)
	}
}
