package model

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// What a linear calcium makes of a span of its drive: each of its states at a time is a
// combination, by coefficients that depend on the time since the span's start alone, of
//
//	the states there, g·φ, g·h(0)              where the drive is that of a read, in which g only decays
//	and besides of |φ|², φ·h(0) as φ is g's part and as h(0) is, |h(0)|²    where it is that of a write, in which g learns
//
// which are the terms, in that order. A drive of e^{−at} comes through filters of the
// rates κ_1 … κ_k as κ_1 ⋯ κ_k ε(κ_1, …, κ_k, a) (science §4).

// writingTerms and readingTerms are how many terms there are besides the states.
const (
	readingTerms = 2
	writingTerms = 6
)

// setTerms sets the terms of a span that begins where the astrocyte is.
func (exact *exactSolver) setTerms(drive *driving) {
	exact.terms = append(append(exact.terms[:0], exact.state[:exact.astrocyte.own]...),
		drive.gPhi, drive.gHidden, drive.phiPhi, drive.phiHidden, drive.hiddenPhi, drive.hiddenHidden)
}

// combined returns Σ coefficients·terms.
func combined(coefficients, terms []float64) float64 {
	sum := float64(coefficients[0] * terms[0])
	for i, coefficient := range coefficients[1:] {
		sum += float64(coefficient * terms[i+1])
	}
	return sum
}

// filtered returns what the first count filters let through of a drive that is the
// convolution of such decays, after time T.
func (exact *exactSolver) filtered(count int, T float64, drive ...float64) float64 {
	gain, rates := 1.0, exact.rates[:0]
	for _, kappa := range exact.filters[:count] {
		gain = float64(gain * kappa)
		rates = append(rates, kappa)
	}
	exact.rates = append(rates, drive...)
	return gain * epsilon(exact.rates, T)
}

// passed returns what is in filter to of what was in filter from at the start.
func (exact *exactSolver) passed(from, to int, T float64) float64 {
	if from == to {
		return decay(exact.filters[to], T)
	}
	gain := 1.0
	for _, kappa := range exact.filters[from+1 : to+1] {
		gain = float64(gain * kappa)
	}
	exact.rates = append(exact.rates[:0], exact.filters[from:to+1]...)
	return gain * epsilon(exact.rates, T)
}

// responses returns the coefficients of each state at some times of a segment, which
// lie in a span of that kind: of each time and state those of the terms.
func (exact *exactSolver) responses(kind spanKind, times []float64) [][][]float64 {
	responses := make([][][]float64, len(times))
	if exact.modes != nil { // which each have their own
		return responses
	}
	if kind.phase == Reading {
		columns := make([][][]float64, exact.astrocyte.own)
		for state := range columns {
			columns[state] = exact.readingResponses(state, kind.course, since(kind.from, times))
		}
		for i := range times {
			responses[i] = across(columns, i)
		}
		return responses
	}
	for i, time := range times {
		responses[i] = exact.writingResponses(kind.course, time-kind.from)
	}
	return responses
}

// since returns the times as they are from a start.
func since(start float64, times []float64) []float64 {
	if start == 0 {
		return times
	}
	since := make([]float64, len(times))
	for i, time := range times {
		since[i] = time - start
	}
	return since
}

// writingResponses returns the coefficients of each state under the drive of a write, or
// of the blank after it, after time T.
func (exact *exactSolver) writingResponses(course calciumCourse, T float64) [][]float64 {
	alpha, beta, own := exact.presynaptic, exact.hidden, len(exact.filters)
	if own == 0 {
		return exact.settledResponse(course, T)
	}
	rows := make([][]float64, own)
	for k := range rows {
		row := make([]float64, own+writingTerms)
		rows[k] = row
		if course == held {
			row[k] = 1
			continue
		}
		for j := range k + 1 {
			row[j] = exact.passed(j, k, T)
		}
		if course == falling {
			continue
		}
		through := func(drive ...float64) float64 { return exact.filtered(k+1, T, drive...) }
		row[own], row[own+1] = through(alpha)-through(alpha+beta), through(alpha+beta)
		// δ = e^{−βt}, of g's part and of h's: 1 − δ of φ, and δ of h(0).
		oneOne, deltaOne := float64(exact.coupling*through(alpha, 0)), float64(exact.coupling*through(alpha, beta))
		oneDelta, deltaDelta := float64(exact.coupling*through(alpha+beta, beta)), float64(exact.coupling*through(alpha+beta, 2*beta))
		row[own+2], row[own+3] = oneOne-(oneDelta+deltaOne)+deltaDelta, oneDelta-deltaDelta
		row[own+4], row[own+5] = deltaOne-deltaDelta, deltaDelta
	}
	return rows
}

// settledResponse returns the coefficients of p = S. They are nil where it is not late:
// then S is summed as it is.
func (exact *exactSolver) settledResponse(course calciumCourse, T float64) [][]float64 {
	if exact.parameters.Latency == 0 {
		return nil
	}
	row := make([]float64, 1+writingTerms)
	switch course {
	case held:
		row[0] = 1
	case following:
		reached := exact.drift(Writing, T)
		for term := range writingTerms {
			var one [writingTerms]float64
			one[term] = 1
			row[1+term] = (&driving{one[0], one[1], one[2], one[3], one[4], one[5]}).sum(&reached)
		}
	}
	return [][]float64{row}
}

// readingResponses returns the coefficients of a state at many times of a read, term by
// term.
func (exact *exactSolver) readingResponses(state int, course calciumCourse, times []float64) [][]float64 {
	own := exact.astrocyte.own
	columns := make([][]float64, own+readingTerms)
	if own > 1 || course == held || math.IsInf(exact.hidden, 1) || len(exact.filters) == 0 {
		none := make([]float64, len(times))
		for i := range columns {
			columns[i] = none
		}
	}
	alpha, beta := exact.presynaptic, exact.hidden
	phi, hidden := own, own+1
	switch {
	case course == held:
		columns[state] = slices.Repeat([]float64{1}, len(times))
		return columns
	case len(exact.filters) == 0: // p = g·h: where h begins at 0 it has to keep its digits
		columns[phi] = decays(alpha, times)
		if math.IsInf(beta, 1) {
			return columns
		}
		columns[hidden] = decays(alpha+beta, times)
		for i, risen := range rises(beta, times) {
			columns[phi][i] *= risen
		}
		return columns
	case state == 0:
		columns[0], columns[phi] = decays(exact.filters[0], times), filters(exact.filters[0], alpha, times)
		if !math.IsInf(beta, 1) {
			columns[hidden] = filters(exact.filters[0], alpha+beta, times)
			kernel.Axpy(-1, columns[hidden], columns[phi])
		}
		return columns
	}
	each := func(response func(T float64) float64) []float64 {
		column := make([]float64, len(times))
		for i, T := range times {
			column[i] = response(T)
		}
		return column
	}
	for j := range state + 1 {
		columns[j] = each(func(T float64) float64 { return exact.passed(j, state, T) })
	}
	columns[phi] = each(func(T float64) float64 { return exact.filtered(state+1, T, alpha) })
	if !math.IsInf(beta, 1) {
		columns[hidden] = each(func(T float64) float64 { return exact.filtered(state+1, T, alpha+beta) })
		kernel.Axpy(-1, columns[hidden], columns[phi])
	}
	return columns
}

// across returns, of each state's columns, what they hold at time i.
func across(columns [][][]float64, i int) [][]float64 {
	rows := make([][]float64, len(columns))
	for state, terms := range columns {
		row := make([]float64, len(terms))
		for term, column := range terms {
			row[term] = column[i]
		}
		rows[state] = row
	}
	return rows
}
