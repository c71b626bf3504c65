package model

import (
	"context"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// A dividedPassage is a [passage] with compartments: one for each, which have their closed
// forms, and what is written, in common. Calcium is solved for all of them together, and f is the
// sum of what each adds to it.
type dividedPassage struct {
	whole  *passage // of all hidden neurons, for what does not part them
	parts  []*passage
	pool   *pool
	solver *compartmentsExact
	inner  []*products // of the segment at hand, of each
	reads  []dividedRead
	dwell  *dividedDwell
	space  *[]products

	present func(i int) // sets inner to segment i's

	rows, values []float64 // of what f is a combination of in a read
}

// A dividedRead is what a compartment has come to at the end of a read.
type dividedRead struct {
	phi, hidden float64 // what f would settle at there, of Hφ and Hh(0)
	divisor     float64
	mean        mean // if it is asked for
}

func (head *Head) passCompartments(ctx context.Context, parameters Parameters, opt Options) (Result, error) {
	var parts []*Head
	count, together := parameters.Compartments.Count, head.together(&parameters, opt)
	if !together {
		var err error
		if parts, err = head.parts(count); err != nil {
			return Result{}, err
		}
	}
	alone := opt
	alone.Dwell, alone.Progress = false, nil
	first, err := newPassage(ctx, head, parameters.withoutAstrocyte(), alone)
	if err != nil {
		return Result{}, err
	}
	defer first.release()
	segments := len(first.segments)
	solver := borrowCompartments(ctx, parameters, opt.Other, opt.Dwell)
	defer solver.release()
	if err := solver.of(head); err != nil {
		return Result{}, err
	}
	divided := &dividedPassage{
		whole: first, pool: parameters.pool(), solver: solver, inner: make([]*products, count),
		reads: make([]dividedRead, head.Tokens*count), space: spareProducts.borrow(segments * len(parts)),
	}
	defer spareProducts.put(divided.space)
	clear(*divided.space)
	divided.present = divided.presentParts
	for c, part := range parts {
		own := *first
		own.head, own.products = part, (*divided.space)[c*segments:(c+1)*segments]
		divided.parts = append(divided.parts, &own)
	}
	first.opt.Progress = opt.Progress
	first.result = Result{
		Calcium: make([]float64, head.Tokens), Normalizer: parameters.normalizers(head.Tokens), Pools: make([]float64, head.Tokens*count),
	}
	if opt.Dwell {
		if divided.dwell, err = newDividedDwell(ctx, head, parameters, opt); err != nil {
			return Result{}, err
		}
		defer divided.dwell.sampled.release()
		first.result.Dwell = &divided.dwell.found
	}
	var result Result
	switch {
	case together:
		passage := &togetherPassage{dividedPassage: divided, count: count, size: head.Neurons / count}
		if parameters.Causal {
			result, err = passage.answerCausally()
		} else {
			result, err = passage.answerQueries()
		}
	case parameters.Causal:
		result, err = divided.causal()
	default:
		result, err = divided.bidirectional()
	}
	result.AtFloor, result.Steps = parameters.Division.dividedAtFloor(result.Pools, count), solver.integrated()
	return result, err
}

// withoutAstrocyte returns the parameters of the network alone.
func (parameters Parameters) withoutAstrocyte() Parameters {
	parameters.Compartments, parameters.Circuit, parameters.TauCalcium, parameters.TauRise, parameters.Latency = Compartments{}, NoAstrocyte, 0, 0, 0
	parameters.Calcium, parameters.FrozenCoupling, parameters.Division = Pole, false, Division{Level: 1, Floor: parameters.Division.Floor}
	return parameters
}

// dividedAtFloor counts the reads in which any of the compartments is at the floor or below.
func (division *Division) dividedAtFloor(pools []float64, count int) (reads int) {
	for at := range slices.Chunk(pools, count) {
		reads += min(1, division.atFloor(at))
	}
	return reads
}

// solve solves the calcium of segment i.
func (divided *dividedPassage) solve(i int) ([]coefficients, error) {
	divided.present(i)
	reached, err := divided.solver.solve(divided.whole.segments[i], divided.inner, nil, nil)
	if err != nil {
		return nil, err
	}
	return reached, divided.noted(i, reached)
}

// noted takes note of what has been reached in segment i.
func (divided *dividedPassage) noted(i int, reached []coefficients) error {
	whole := divided.whole
	if seg := &whole.segments[i]; seg.Phase == Reading && !seg.Blank {
		divided.note(seg.Token, reached)
	}
	if whole.opt.Progress != nil {
		whole.opt.Progress(i + 1)
	}
	return whole.ctx.Err()
}

// presentParts is present by the parts' inner products, and hands those of h and g on from the segment before.
func (divided *dividedPassage) presentParts(i int) {
	for c, part := range divided.parts {
		inner := &part.products[i]
		if i > 0 {
			before, at := &part.products[i-1], &divided.whole.forms[i-1].reached
			inner.gHidden, inner.hiddenHidden = before.sum(at), before.hiddenSquare(at)
		}
		divided.inner[c] = inner
	}
}

func (divided *dividedPassage) note(token int, reached []coefficients) {
	count, result, astrocyte := len(reached), &divided.whole.result, divided.pool.astrocyte
	for c := range reached {
		at := &reached[c]
		result.Pools[token*count+c] = at.calcium
		result.Calcium[token] += at.calcium / float64(count)
		divided.reads[token*count+c] = newDividedRead(astrocyte, at)
	}
	for c, mean := range divided.solver.means {
		divided.reads[token*count+c].mean = mean
	}
}

func newDividedRead(astrocyte *astrocyte, at *coefficients) dividedRead {
	phi, hidden := settled(at, astrocyte.divisor(at.calcium, at.astrocyte), false)
	return dividedRead{phi: phi, hidden: hidden, divisor: astrocyte.normalizer(at.calcium, at.astrocyte)}
}

// look tells what divides in a read, and follows f through it, where f starts from output and each
// compartment recalls left·phi(c) for the query and left·hidden(c) for h(0).
func (divided *dividedPassage) look(i int, output []float64, phi, hidden func(c int) []float64, left float64) error {
	whole, width, count := divided.whole, len(output), len(divided.inner)
	overValues := divided.parts != nil && whole.opt.Attention // as coordinates
	head, token := whole.head, whole.segments[i].Token
	if divided.dwell == nil && whole.result.Normalizer == nil {
		return nil
	}
	if overValues || divided.dwell != nil {
		rows := append(divided.rows[:0], output...)
		for c := range count {
			rows = append(append(rows, phi(c)[:width]...), hidden(c)[:width]...)
		}
		divided.rows = rows
		scale(rows[width:], left)
		if overValues {
			divided.values = slices.Grow(divided.values[:0], (1+2*count)*head.Values)[:(1+2*count)*head.Values]
			rows, width = divided.values, head.Values
			kernel.Gemm(false, false, 1+2*count, head.Values, head.Tokens, 1, divided.rows, head.Tokens, head.V, head.Values, 0, rows, head.Values)
		}
		phi = func(c int) []float64 { return rows[(1+2*c)*width : (2+2*c)*width] }
		hidden = func(c int) []float64 { return rows[(2+2*c)*width : (3+2*c)*width] }
		if err := divided.dwell.follow(whole.segments[i], divided.inner, rows, divided.reads[token*count:(token+1)*count]); err != nil {
			return err
		}
	}
	if whole.result.Normalizer != nil {
		whole.result.Normalizer[token] = effectiveDivisor(divided.reads[token*count:(token+1)*count], phi, hidden, head.Values)
	}
	return nil
}

// effectiveDivisor is the mean of the compartments' divisors by how much each adds to what f
// settles at, y = Σ_c y_c: Σ_c ⟨y_c, y⟩/⟨y, y⟩ d_c, so that y times it is nearest to what H
// holds for the query. What each recalls for φ and for h(0) is of d_v entries, in any common unit.
func effectiveDivisor(reads []dividedRead, phi, hidden func(c int) []float64, dv int) float64 {
	sum := make([]float64, dv)
	for c := range reads {
		kernel.Axpy(reads[c].phi, phi(c), sum)
		kernel.Axpy(reads[c].hidden, hidden(c), sum)
	}
	square, divisor := kernel.Dot(sum, sum), 0.0
	for c := range reads {
		share := 1 / float64(len(reads)) // of an answer that is 0
		if square > 0 {
			share = (float64(reads[c].phi*kernel.Dot(phi(c), sum)) + float64(reads[c].hidden*kernel.Dot(hidden(c), sum))) / square
		}
		divisor += float64(share * reads[c].divisor)
	}
	return divisor
}

// bidirectional goes as the passage of that name does.
func (divided *dividedPassage) bidirectional() (Result, error) {
	whole := divided.whole
	writes := slices.IndexFunc(whole.segments, func(segment Segment) bool { return segment.Phase == Reading })
	memory, begun := whole.write(writes, make([]float64, writes*whole.head.Values))
	found := make([]recalled, len(divided.parts))
	size := (whole.head.Tokens + 1) * whole.head.Values
	room := spareMemories.borrow(size * len(divided.parts))
	defer spareMemories.put(room)
	for c, part := range divided.parts {
		part.memory, part.begun, part.room = memory, begun, (*room)[c*size:(c+1)*size]
		var err error
		if found[c], err = part.recall(writes); err != nil {
			return Result{}, err
		}
	}
	coupling := 1.0
	for i := range whole.segments {
		if i < writes {
			if err := divided.passWrite(i); err != nil {
				return Result{}, err
			}
			continue
		}
		if seg := &whole.segments[i]; !seg.Blank {
			for c, part := range divided.parts {
				part.products[i].gPhi = coupling * found[c].coupling[seg.Token]
			}
		}
		coupling *= whole.forms[i].reached.coupling
	}
	answers, err := divided.read(writes, found, func(int, []coefficients) {})
	if err != nil {
		return Result{}, err
	}
	return whole.finish(answers)
}

// passWrite goes through segment i, a write.
func (divided *dividedPassage) passWrite(i int) error {
	if _, err := divided.solve(i); err != nil {
		return err
	}
	return divided.dwell.passBy(divided, i)
}

// read answers the queries one after another. Of each compartment's found, Hφ and Hh(0) are its own. What
// has been reached in each segment is shown.
func (divided *dividedPassage) read(writes int, found []recalled, show func(i int, reached []coefficients)) ([]float64, error) {
	whole, n, width := divided.whole, divided.whole.head.Tokens, found[0].width
	output, answers := found[0].output, make([]float64, n*width)
	trace := func(c int) []float64 { return found[c].synapses[n*width:][:width] }
	hebbian := 1.0
	for i := writes; i < len(whole.segments); i++ {
		seg, at := whole.segments[i], &whole.forms[i].reached
		row := func(c int) []float64 { return found[c].synapses[seg.Token*width:][:width] }
		reached, err := divided.solve(i)
		if err != nil {
			return nil, err
		}
		show(i, reached)
		if seg.Blank {
			if err := divided.dwell.passBy(divided, i); err != nil {
				return nil, err
			}
		} else if err := divided.look(i, output, row, trace, hebbian); err != nil {
			return nil, err
		}
		scale(output, at.output)
		for c := range reached {
			kernel.Axpy(hebbian*reached[c].outputHidden, trace(c), output)
			if seg.Blank {
				scale(trace(c), at.hidden)
				continue
			}
			kernel.Axpy(hebbian*reached[c].outputPhi, row(c), output)
			kernel.DecayRank1(at.hidden, []float64{at.phi}, row(c), trace(c))
		}
		if !seg.Blank {
			copy(answers[seg.Token*width:], output)
		}
		hebbian *= at.hebbian
	}
	return answers, nil
}

// causal goes as the passage of that name does. The values of each compartment hold the same f as
// a read begins and, as f is linear in what each recalls, at its end the first one's part of it
// with what there was, and the others' parts.
func (divided *dividedPassage) causal() (Result, error) {
	whole := divided.whole
	values, memories := make([]*causalValues, len(divided.parts)), make([]pastMemory, len(divided.parts))
	for c, part := range divided.parts {
		if part.head.byGram() {
			part.passGram(len(part.segments))
		} else if err := part.passHidden(len(part.segments), func(int, int, int, int) {}, func(int, int, []float64, []float64) {}); err != nil {
			return Result{}, err
		}
		values[c] = newCausalValues(part)
		memories[c] = values[c].pastMemory()
	}
	for i := range whole.segments {
		reached, err := divided.solve(i)
		if err != nil {
			return Result{}, err
		}
		for c := range reached {
			values[c].readOuts[i] = [2]float64{reached[c].outputPhi, reached[c].outputHidden}
		}
	}
	n := whole.head.Tokens
	for from := 0; from < n; from = values[0].to {
		if err := whole.ctx.Err(); err != nil {
			return Result{}, err
		}
		for c, values := range values {
			values.from, values.to = from, min(from+blockTokens, n)
			memories[c].recall()
		}
		for token := from; token < values[0].to; token++ {
			if err := divided.token(token, values); err != nil {
				return Result{}, err
			}
		}
		for c, values := range values {
			values.settle()
			memories[c].learn()
		}
	}
	answers := values[0].answers
	for _, other := range values[1:] {
		kernel.Axpy(1, other.answers, answers)
	}
	return whole.finish(answers)
}

// token writes and reads one token in all compartments.
func (divided *dividedPassage) token(token int, values []*causalValues) error {
	first := values[0]
	for _, values := range values {
		values.write(token)
	}
	begin, reading := first.first(token, Writing), first.first(token, Reading)
	for i := begin; i < reading; i++ {
		divided.present(i)
		if err := divided.dwell.passBy(divided, i); err != nil {
			return err
		}
	}
	for _, values := range values {
		values.recall(token, Reading)
	}
	of := func(c int) []float64 { return values[c].found }
	divided.present(reading)
	if err := divided.look(reading, first.f, of, func(c int) []float64 { return values[c].trace }, 1); err != nil {
		return err
	}
	for c, values := range values {
		if c > 0 {
			clear(values.f)
		}
		values.answer(token)
		if c > 0 {
			kernel.Axpy(1, values.f, first.f)
		}
	}
	for _, other := range values[1:] {
		copy(other.f, first.f)
	}
	for i := reading + 1; i < begin+first.each; i++ {
		divided.present(i)
		if err := divided.dwell.passBy(divided, i); err != nil {
			return err
		}
	}
	return nil
}
