package model

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/pkg/integrator"
)

// Exact returns what the continuous network answers, its equations solved in
// closed form but for one quadrature (science §4).
func (head *Head) Exact(ctx context.Context, parameters Parameters, opt Options) (Result, error) {
	if err := parameters.Validate(); err != nil {
		return Result{}, err
	}
	if parameters.Emergent() {
		result, _, err := head.divide(ctx, parameters, Solver{Method: opt.Other, Rtol: exactTolerance, Atol: 1e-3 * exactTolerance, exactly: true}, opt)
		return result, err
	}
	if parameters.Replicated() {
		return head.replicate(ctx, parameters, opt)
	}
	if parameters.Divided() {
		if opt.Recorder != nil || opt.byTime || opt.blockSize > 0 {
			solver := newCompartmentsExact(ctx, parameters, opt.Other, false)
			if err := solver.of(head); err != nil {
				return Result{}, err
			}
			result, err := head.propagateCompartments(ctx, parameters, solver, opt)
			result.Steps = solver.integrated()
			return result, err
		}
		return head.passCompartments(ctx, parameters, opt)
	}
	if opt.Recorder != nil || opt.byTime {
		solver := newExactSolver(ctx, parameters, opt.Other)
		result, err := head.propagate(ctx, parameters, solver, opt)
		result.Steps = solver.steps()
		return result, err
	}
	passage, err := newPassage(ctx, head, parameters, opt)
	if err != nil {
		return Result{}, err
	}
	defer passage.release()
	answer := passage.bidirectional
	if parameters.Causal {
		answer = passage.causal
	}
	result, err := answer()
	result.Steps = passage.solver.steps()
	return result, err
}

// exactSolver evaluates the closed forms of science §4. What in them depends on
// the time alone is tabulated: segments are of few lengths, and then a segment
// costs a few multiplications and no exponential.
type exactSolver struct {
	ctx                  context.Context
	method               integrator.Method
	parameters           Parameters
	astrocyte            *astrocyte
	hidden, output       float64   // β = 1/τ_h, 1/τ_f
	filters              []float64 // κ of the calcium's filters, 1/s
	hebbian, presynaptic float64   // 1/τ_H, α = 1/τ_g
	learning, coupling   float64   // η/T_w, 1/T_w
	writing, reading     []*timetable
	segments             []Segment  // of the tokens that were presented last
	forms                []*instant // what each segment's closed forms hold at its end

	rates   []float64    // of filters and a drive, while a response is computed
	terms   []float64    // of the segment at hand (response.go)
	state   []float64    // of the astrocyte, as far as the segment is solved
	apart   *apart       // of an astrocyte without a closed form
	sampled []float64    // calcium, while a read-out looks how much it changes
	reached coefficients // in the segment that was solved last

	drifting *drifting // nil: of nothing yet

	// modes are of an astrocyte of compartments, whose calcium is a sum of theirs.
	modes []*exactSolver

	// averages makes f of a read its average over the read, [0, T], in place of f(T).
	averages bool

	// means has the read-outs of compartments find that average, too.
	means bool

	// sameTimes tells that a solution is wanted at the same times in each read, for which the
	// calcium of compartments is worth a skeleton; else it is where no times are asked for.
	sameTimes bool
}

// newExactSolver makes a solver; method is [Options.Other].
func newExactSolver(ctx context.Context, parameters Parameters, method integrator.Method) *exactSolver {
	exact := &exactSolver{
		ctx: ctx, method: method, parameters: parameters, astrocyte: parameters.astrocyte(), hidden: rate(parameters.TauHidden), output: rate(parameters.TauOutput),
		hebbian: rate(parameters.TauHebbian), presynaptic: rate(parameters.TauPresynaptic),
		learning: parameters.Learning() / parameters.Write, coupling: 1 / parameters.Write,
	}
	for _, tau := range exact.astrocyte.filters {
		exact.filters = append(exact.filters, rate(tau))
	}
	exact.state = make([]float64, exact.astrocyte.states)
	return exact
}

// spareSolvers keeps solvers with their tables from head to head: heads have their
// parameters in common, but for what is in units of their features, which no table holds.
var spareSolvers sync.Pool

func borrowSolver(ctx context.Context, parameters Parameters, method integrator.Method) *exactSolver {
	if exact, ok := spareSolvers.Get().(*exactSolver); ok && exact.takes(ctx, parameters, method) {
		return exact
	}
	return newExactSolver(ctx, parameters, method)
}

// takes reports whether the solver's tables are those of other parameters and, if so, makes it theirs.
func (exact *exactSolver) takes(ctx context.Context, parameters Parameters, method integrator.Method) bool {
	kept, division := &exact.parameters, parameters.Division
	kept.Baseline, kept.LargestSum = parameters.Baseline, parameters.LargestSum
	kept.Division.Floor, kept.Division.HalfEffect, kept.Division.Level, kept.Division.Threshold = division.Floor, division.HalfEffect, division.Level, division.Threshold
	if exact.method != method || *kept != parameters {
		return false
	}
	exact.ctx, exact.astrocyte, exact.apart = ctx, parameters.astrocyte(), nil
	return true
}

// timetable holds what depends on time alone, for the times in a segment at
// which its solution is wanted: those of a recorder, and its end.
type timetable struct {
	kinds    []spanKind
	times    []float64
	instants []instant
	legs     []leg
	grids    []*grid // of compartments, of each span, made when first needed
}

// instant is what the closed forms hold at one time.
type instant struct {
	reached coefficients // but for the astrocyte and its read-out, which depend on the products
}

// A leg leads from one of a timetable's times, or from where a span of the astrocyte's
// drive ends, to the next.
type leg struct {
	span      int         // in which it lies
	end       float64     // s
	responses [][]float64 // of each state of the calcium at its end, by the terms of the span; nil where p = S and writes are not late
	stretch   *stretch    // of a read
	instant   int         // at its end; −1: none
	first     int         // column of its span's grid where its stretch begins
	last      int         // column of its end
}

// keptTables is how many timetables of a phase are kept: a segment, a blank, and a
// few patterns of sample times. Of late calcium there are more.
const (
	keptTables     = 8
	keptLateTables = 64
	keptPoolTables = 2
)

// table returns the timetable for the given times, making it where it is new.
func (exact *exactSolver) table(kept *[]*timetable, at []float64, T float64, spans []span, fill func(*timetable)) *timetable {
	for _, table := range *kept {
		if samples := len(at); table.alike(spans) && len(table.times) == samples+1 && table.times[samples] == T && slices.Equal(table.times[:samples], at) {
			return table
		}
	}
	table := &timetable{times: append(slices.Clone(at), T)}
	for _, span := range spans {
		table.kinds = append(table.kinds, span.spanKind)
	}
	fill(table)
	most := keptTables
	switch {
	case exact.modes != nil && len(at) > 0: // large, and another one for each segment as sample times round
		most = keptPoolTables
	case exact.parameters.Latency > 0:
		most = keptLateTables
	}
	if len(*kept) >= most {
		*kept = slices.Delete(*kept, 0, len(*kept)-most+1)
	}
	*kept = append(*kept, table)
	return table
}

// alike reports whether the spans are of the table's kinds, but for how the clock rounds.
func (table *timetable) alike(spans []span) bool {
	return slices.EqualFunc(table.kinds, spans, func(kind spanKind, span span) bool {
		slack := float64(simultaneous * kind.to)
		return kind.phase == span.phase && kind.course == span.course && math.Abs(kind.from-span.from) <= slack && math.Abs(kind.to-span.to) <= slack
	})
}

// form returns what the closed forms hold at the end of a segment.
func (exact *exactSolver) form(seg Segment) *instant {
	table := exact.timetable(seg, []span{{spanKind: spanKind{0, seg.Duration, seg.Phase, exact.parameters.Drive.course(seg)}}}, nil)
	return &table.instants[len(table.instants)-1]
}

// present returns the segments of so many tokens, and what each one's closed forms hold at
// its end; they are kept, as heads have their tokens in common.
func (exact *exactSolver) present(tokens int) ([]Segment, []*instant) {
	if count := exact.parameters.Segments(tokens); len(exact.segments) != count {
		exact.segments, exact.forms = exact.parameters.Schedule(tokens), make([]*instant, count)
		for i, seg := range exact.segments {
			exact.forms[i] = exact.form(seg)
		}
	}
	return exact.segments, exact.forms
}

// timetable returns the timetable of a segment.
func (exact *exactSolver) timetable(seg Segment, spans []span, at []float64) *timetable {
	if seg.Phase == Reading {
		return exact.table(&exact.reading, at, seg.Duration, spans, exact.fillReading)
	}
	return exact.table(&exact.writing, at, seg.Duration, spans, exact.fillWriting)
}

// solve takes the astrocyte and its read-out through a segment.
func (exact *exactSolver) solve(seg Segment, inner *products, at []float64, emit func(int, *coefficients)) (coefficients, error) {
	err := exact.reach(&seg, inner, at, emit)
	return exact.reached, err
}

// reach is solve that leaves in reached what it returns, which is large.
func (exact *exactSolver) reach(seg *Segment, inner *products, at []float64, emit func(int, *coefficients)) (err error) {
	if !exact.astrocyte.closed() {
		exact.reached, err = exact.integrate(*seg, inner, at, emit)
		return err
	}
	table, reached := exact.timetable(*seg, inner.spans, at), &exact.reached
	out := readOut{exact: exact, lowest: math.Inf(1)}
	copy(exact.state, inner.astrocyte)
	span := -1
	for i := range table.legs {
		leg := &table.legs[i]
		if leg.span != span {
			span = leg.span
			exact.setTerms(&inner.spans[span].drive)
			out.terms = exact.terms
		}
		if leg.stretch != nil {
			if exact.parameters.Division.StopAtFloor {
				out.pass(leg.stretch)
			}
			if exact.parameters.TauOutput > 0 || exact.averages {
				out.through(leg.stretch)
			}
		}
		for state, response := range leg.responses {
			exact.state[state] = combined(response, exact.terms)
		}
		if leg.instant < 0 {
			continue
		}
		*reached = table.instants[leg.instant].reached
		if leg.responses == nil {
			copy(exact.state, exact.terms[:exact.astrocyte.own])
			exact.astrocyte.calcium.settle(table.kinds[span].course, inner.spans[span].drive.sum(reached), exact.state)
		}
		reached.astrocyte, reached.calcium = exact.state, exact.state[exact.astrocyte.own-1]
		if seg.Phase == Reading {
			out.lowest = min(out.lowest, reached.calcium)
			out.answer(seg, reached)
			if err := exact.parameters.Division.check(*seg, out.lowest); err != nil {
				return err
			}
		}
		if leg.instant < len(at) {
			emit(leg.instant, reached)
		}
	}
	return nil
}

// answer sets the coordinates of f.
func (readOut *readOut) answer(seg *Segment, reached *coefficients) {
	exact := readOut.exact
	if exact.parameters.TauOutput == 0 && !exact.averages {
		readOut.phi, readOut.hidden = settled(reached, exact.astrocyte.divisor(reached.calcium, reached.astrocyte), seg.Blank)
	}
	reached.outputPhi, reached.outputHidden = readOut.phi, readOut.hidden
	if seg.Blank {
		reached.outputPhi = 0 // no φ is presented, and p may be 0
	}
}

// decay returns e^{−rt}, with the limit 0 at an infinite rate even at t = 0:
// a quasi-static process is settled from the segment's first instant.
func decay(rate, time float64) float64 {
	if math.IsInf(rate, 1) {
		return 0
	}
	return portable.Exp(-rate * time)
}

// rise returns 1 − e^{−rt}, 1 at an infinite rate.
func rise(rate, time float64) float64 {
	if math.IsInf(rate, 1) {
		return 1
	}
	return -portable.Expm1(-rate * time)
}

// drift returns the coordinates of h and g after time T. Science §4 has the coefficients
// of φ and Δh = h(0) − φ; those of φ and h(0) follow.
func (exact *exactSolver) drift(phase Phase, T float64) coefficients {
	alpha, beta := exact.presynaptic, exact.hidden
	reached := coefficients{phi: rise(beta, T), hidden: decay(beta, T), coupling: portable.Exp(-alpha * T)}
	if phase == Writing {
		reached.couplingPhi = exact.coupling * (epsilon2(alpha, 0, T) - epsilon2(alpha, beta, T))
		reached.couplingHidden = exact.coupling * epsilon2(alpha, beta, T)
	}
	return reached
}

// A drifting is what drift has last been asked for.
type drifting struct {
	phase   Phase
	after   float64
	reached coefficients
}

// drifted is drift for what is asked again and again, as by one compartment after another.
func (exact *exactSolver) drifted(phase Phase, T float64) *coefficients {
	if last := exact.drifting; last == nil || last.after != T || last.phase != phase {
		exact.drifting = &drifting{phase, T, exact.drift(phase, T)}
	}
	return &exact.drifting.reached
}

// fillWriting tabulates writing, and its blanks: there φ and v are zero.
func (exact *exactSolver) fillWriting(table *timetable) {
	beta := exact.hidden
	for _, T := range table.times {
		integral := func(rate float64) float64 { return float64(exact.learning * epsilon2(exact.hebbian, rate, T)) }
		reached := exact.drift(Writing, T)
		reached.output, reached.hebbian = decay(exact.output, T), portable.Exp(-exact.hebbian*T)
		reached.valuePhi, reached.valueHidden = integral(0)-integral(beta), integral(beta)
		reached.carriedPhi, reached.carriedHidden = integral(exact.output)-integral(beta+exact.output), integral(beta+exact.output)
		table.instants = append(table.instants, instant{reached})
	}
	exact.fillLegs(table)
}

// fillReading tabulates reading, and its blanks: g and H only decay, so that
// the calcium's drive is a sum of two exponentials.
func (exact *exactSolver) fillReading(table *timetable) {
	for _, T := range table.times {
		reached := exact.drift(Reading, T)
		reached.output, reached.hebbian = decay(exact.output, T), portable.Exp(-exact.hebbian*T)
		if exact.averages {
			reached.output = exact.averageDecay(T)
		}
		table.instants = append(table.instants, instant{reached})
	}
	exact.fillLegs(table)
	exact.fillStretches(table)
}

// averageDecay is (1/T) ∫₀ᵀ e^{−t/τ_f} dt.
func (exact *exactSolver) averageDecay(T float64) float64 {
	return rise(exact.output, T) / (T * exact.output)
}

// fillLegs lays the legs that lead to each of a timetable's times and spans' ends.
func (exact *exactSolver) fillLegs(table *timetable) {
	next := 0
	for i, kind := range table.kinds {
		last := i == len(table.kinds)-1
		var ends []float64
		for ; next < len(table.times) && (table.times[next] <= kind.to || last); next++ {
			ends = append(ends, table.times[next])
			table.legs = append(table.legs, leg{span: i, instant: next})
		}
		if count := len(ends); !last && (count == 0 || ends[count-1] < kind.to) {
			ends = append(ends, kind.to)
			table.legs = append(table.legs, leg{span: i, instant: -1})
		}
		legs := table.legs[len(table.legs)-len(ends):]
		for j, end := range ends {
			legs[j].end = end
		}
		if !exact.astrocyte.closed() {
			continue
		}
		for j, responses := range exact.responses(kind, ends) {
			legs[j].responses = responses
		}
	}
}
