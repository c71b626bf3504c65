package model

import (
	"context"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/portable"
)

// Exact returns what the continuous network answers, its equations solved in
// closed form but for one quadrature (science §4).
func (head *Head) Exact(ctx context.Context, parameters Parameters, opt Options) (Result, error) {
	if err := parameters.Validate(); err != nil {
		return Result{}, err
	}
	if opt.Recorder != nil || opt.byTime {
		return head.propagate(ctx, parameters, newExactSolver(parameters), opt)
	}
	passage := newPassage(ctx, head, parameters, opt)
	if parameters.Causal {
		return passage.causal()
	}
	return passage.bidirectional()
}

// exactSolver evaluates the closed forms of science §4. What in them depends on
// the time alone is tabulated: segments are of few lengths, and then a segment
// costs a few multiplications and no exponential.
type exactSolver struct {
	parameters           Parameters
	astrocyte            *astrocyte
	hidden, output       float64   // β = 1/τ_h, 1/τ_f
	filters              []float64 // κ of the calcium's filters, 1/s
	hebbian, presynaptic float64   // 1/τ_H, α = 1/τ_g
	learning, coupling   float64   // η/T_w, 1/T_w
	writing, reading     []*timetable

	rates   []float64 // of filters and a drive, while a response is computed
	terms   []float64 // of the segment at hand (response.go)
	state   []float64 // of the astrocyte, as far as the segment is solved
	sampled []float64 // calcium, while a read-out looks how much it changes

	// averages makes f of a read its average over the read, [0, T], in place of f(T).
	averages bool
}

func newExactSolver(parameters Parameters) *exactSolver {
	exact := &exactSolver{
		parameters: parameters, astrocyte: parameters.astrocyte(), hidden: rate(parameters.TauHidden), output: rate(parameters.TauOutput),
		hebbian: rate(parameters.TauHebbian), presynaptic: rate(parameters.TauPresynaptic),
		learning: parameters.Learning() / parameters.Write, coupling: 1 / parameters.Write,
	}
	for _, tau := range exact.astrocyte.filters {
		exact.filters = append(exact.filters, rate(tau))
	}
	exact.state = make([]float64, exact.astrocyte.states)
	return exact
}

// timetable holds what depends on time alone, for the times in a segment at
// which its solution is wanted: those of a recorder, and its end.
type timetable struct {
	course    calciumCourse
	times     []float64
	instants  []instant
	stretches []*stretch // of a read: those that lead up to each time
}

// instant is what the closed forms hold at one time.
type instant struct {
	reached   coefficients // but for the astrocyte and its read-out, which depend on the products
	responses [][]float64  // of each state of the calcium, by its terms; nil while writing where p = S
}

// keptTables is how many timetables of a phase are kept: a segment, a blank, and a
// few patterns of sample times.
const keptTables = 8

// table returns the timetable for the given times, making it where it is new.
func (exact *exactSolver) table(kept *[]*timetable, at []float64, T float64, course calciumCourse, fill func(*timetable)) *timetable {
	for _, table := range *kept {
		if samples := len(at); table.course == course && len(table.times) == samples+1 && table.times[samples] == T && slices.Equal(table.times[:samples], at) {
			return table
		}
	}
	table := &timetable{course: course, times: append(slices.Clone(at), T)}
	fill(table)
	if len(*kept) == keptTables {
		*kept = (*kept)[1:]
	}
	*kept = append(*kept, table)
	return table
}

// form returns what the closed forms hold at the end of a segment.
func (exact *exactSolver) form(seg Segment) *instant {
	table := exact.timetable(seg, nil)
	return &table.instants[len(table.instants)-1]
}

// timetable returns the timetable of a segment.
func (exact *exactSolver) timetable(seg Segment, at []float64) *timetable {
	course := exact.parameters.Drive.course(seg)
	if seg.Phase == Reading {
		return exact.table(&exact.reading, at, seg.Duration, course, exact.fillReading)
	}
	return exact.table(&exact.writing, at, seg.Duration, course, exact.fillWriting)
}

func (exact *exactSolver) solve(seg Segment, inner *products, at []float64, emit func(int, *coefficients)) (coefficients, error) {
	if seg.Phase == Reading {
		return exact.read(seg, inner, at, emit)
	}
	table := exact.timetable(seg, at)
	exact.setTerms(inner)
	var reached coefficients
	for i := range table.instants {
		reached = table.instants[i].reached
		exact.astrocyteAt(&table.instants[i], table.course, inner, &reached)
		if i < len(at) {
			sample := reached // of its own, so that reached stays off the heap
			emit(i, &sample)
		}
	}
	return reached, nil
}

// astrocyteAt sets the astrocyte's state and calcium at an instant.
func (exact *exactSolver) astrocyteAt(instant *instant, course calciumCourse, inner *products, reached *coefficients) {
	for i, response := range instant.responses {
		exact.state[i] = combined(response, exact.terms)
	}
	if len(instant.responses) == 0 {
		copy(exact.state, inner.astrocyte)
		exact.astrocyte.calcium.settle(course, inner.drive.sum(reached), exact.state[:exact.astrocyte.own])
	}
	reached.astrocyte = exact.state
	reached.calcium = exact.state[exact.astrocyte.own-1]
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

// fillWriting tabulates writing, and its blanks: there φ and v are zero. Science
// §4 has the coefficients of φ and Δh = h(0) − φ; those of φ and h(0) follow.
func (exact *exactSolver) fillWriting(table *timetable) {
	alpha, beta := exact.presynaptic, exact.hidden
	for _, T := range table.times {
		integral := func(rate float64) float64 { return float64(exact.learning * epsilon2(exact.hebbian, rate, T)) }
		at := instant{reached: coefficients{
			phi: rise(beta, T), hidden: decay(beta, T), output: decay(exact.output, T),
			hebbian: portable.Exp(-exact.hebbian * T), coupling: portable.Exp(-alpha * T),
			valuePhi: integral(0) - integral(beta), valueHidden: integral(beta),
			carriedPhi: integral(exact.output) - integral(beta+exact.output), carriedHidden: integral(beta + exact.output),
			couplingPhi: exact.coupling * (epsilon2(alpha, 0, T) - epsilon2(alpha, beta, T)), couplingHidden: exact.coupling * epsilon2(alpha, beta, T),
		}}
		at.responses = exact.writingResponses(table.course, T)
		table.instants = append(table.instants, at)
	}
}

// fillReading tabulates reading, and its blanks: g and H only decay, so that
// the calcium's drive is a sum of two exponentials.
func (exact *exactSolver) fillReading(table *timetable) {
	columns := make([][][]float64, exact.astrocyte.own)
	for state := range columns {
		columns[state] = exact.readingResponses(state, table.course, table.times)
	}
	for i, T := range table.times {
		table.instants = append(table.instants, instant{
			reached: coefficients{
				phi: rise(exact.hidden, T), hidden: decay(exact.hidden, T), output: decay(exact.output, T),
				hebbian: portable.Exp(-exact.hebbian * T), coupling: portable.Exp(-exact.presynaptic * T),
			},
			responses: across(columns, i),
		})
		if exact.averages { // (1/T) ∫₀ᵀ e^{−t/τ_f} dt
			table.instants[i].reached.output = rise(exact.output, T) / (T * exact.output)
		}
	}
	exact.fillStretches(table)
}

// read solves a read, or a blank of it.
func (exact *exactSolver) read(seg Segment, inner *products, at []float64, emit func(int, *coefficients)) (coefficients, error) {
	table := exact.timetable(seg, at)
	exact.setTerms(inner)
	out := readOut{exact: exact, terms: exact.terms, lowest: math.Inf(1)}
	var reached coefficients
	for i := range table.instants {
		reached = table.instants[i].reached
		exact.astrocyteAt(&table.instants[i], table.course, inner, &reached)
		out.lowest = min(out.lowest, reached.calcium)
		if stretch := table.stretches[i]; stretch != nil {
			if exact.parameters.Division.StopAtFloor {
				out.pass(stretch)
			}
			if exact.parameters.TauOutput > 0 || exact.averages {
				out.through(stretch)
			}
		}
		if exact.parameters.TauOutput == 0 && !exact.averages {
			out.phi, out.hidden = settled(&reached, exact.astrocyte.divisor(reached.calcium, reached.astrocyte), seg.Blank)
		}
		reached.outputPhi, reached.outputHidden = out.phi, out.hidden
		if seg.Blank {
			reached.outputPhi = 0 // no φ is presented, and p may be 0
		}
		if err := exact.parameters.Division.check(seg, out.lowest); err != nil {
			return reached, err
		}
		if i < len(at) {
			sample := reached // of its own, so that reached stays off the heap
			emit(i, &sample)
		}
	}
	return reached, nil
}
