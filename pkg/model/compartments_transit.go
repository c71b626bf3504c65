package model

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// What the compartments collect is turned into modes, and the modes' calcium into the compartments', for
// some segments at once: neither waits for what a read-out makes of calcium, and a matrix product of many
// columns costs less than many of a few.

// segmentsAtOnce are those that are under way together.
const segmentsAtOnce = 16

// A transit is a segment on its way through the modes.
type transit struct {
	seg   Segment
	first int // of its vectors of sums
	count int // of them
	table *timetable
	spans []modeSpan
}

// A modeSpan is a span of the calcium's drive, as the modes see it.
type modeSpan struct {
	terms [][]float64 // of each mode (response.go)
	ends  []float64   // p of all modes where legs end, the grid's but for the last, [legs×C]
	grid  *grid       // nil: there is none
	at    int         // column of the grid, and after its times of the ends
}

func (span *modeSpan) gridTimes() int {
	if span.grid == nil {
		return 0
	}
	return span.grid.times()
}

// spanned makes the transit one of so many spans.
func (way *transit) spanned(count int) {
	if missing := count - len(way.spans); missing > 0 {
		way.spans = append(way.spans, make([]modeSpan, missing)...)
	}
	way.spans = way.spans[:count]
	for s := range way.spans {
		span := &way.spans[s]
		span.ends, span.grid, span.at = span.ends[:0], nil, 0
	}
}

// solveAll solves segments one after another, of which inner sets the inner products.
func (exact *compartmentsExact) solveAll(segments []Segment, inner func(i int) []*products, each func(i int, reached []coefficients) error) error {
	if exact.steps != nil {
		for i, seg := range segments {
			reached, err := exact.steps.solve(seg, inner(i), nil, nil)
			if err == nil {
				err = each(i, reached)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	for from := 0; from < len(segments); from += segmentsAtOnce {
		some := segments[from:min(from+segmentsAtOnce, len(segments))]
		exact.start(len(some))
		for i, seg := range some {
			exact.collect(&exact.ways[i], seg, inner(from+i))
		}
		exact.pass(nil)
		for i := range some {
			reached, err := exact.arrive(&exact.ways[i], nil, nil)
			if err == nil {
				err = each(from+i, reached)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (exact *compartmentsExact) solve(seg Segment, inner []*products, at []float64, emit func(int, []coefficients)) ([]coefficients, error) {
	if exact.steps != nil {
		reached, err := exact.steps.solve(seg, inner, at, emit)
		for c := range exact.means {
			exact.means[c] = exact.steps.mean(c)
		}
		return reached, err
	}
	exact.start(1)
	exact.collect(&exact.ways[0], seg, inner)
	exact.pass(at)
	return exact.arrive(&exact.ways[0], at, emit)
}

// start makes ready for so many segments.
func (exact *compartmentsExact) start(count int) {
	exact.ways = slices.Grow(exact.ways, max(0, count-len(exact.ways)))[:count] // with what they had
	exact.sums = exact.sums[:0]
}

// collect takes up a segment with what its compartments collect.
func (exact *compartmentsExact) collect(way *transit, seg Segment, inner []*products) {
	way.seg, way.first, way.count = seg, len(exact.sums)/len(exact.pools), exact.termsOf(seg)
	if from, count := len(exact.sums), len(exact.pools); way.count > 0 {
		exact.sums = slices.Grow(exact.sums, way.count*count)[:from+way.count*count]
		for c, inner := range inner {
			drive := exact.frozen.drive(c, &seg, &inner.collected)
			terms := drive.terms()
			for term, sum := range terms[:way.count] {
				exact.sums[from+term*count+c] = sum
			}
		}
	}
	if exact.frozen != nil {
		reached := exact.base.drift(seg.Phase, seg.Duration)
		exact.frozen.advance(seg, &reached)
	}
}

// termsOf returns how many terms of a segment's drive may be felt, and differ.
func (exact *compartmentsExact) termsOf(seg Segment) int {
	late := exact.base.parameters.Latency > 0
	switch {
	case !late && exact.base.parameters.Drive.course(seg) != following:
		return 0
	case !late && seg.Phase == Reading:
		return readingTerms
	case exact.frozen == nil:
		return plasticTerms
	}
	return writingTerms
}

// plasticTerms are those that differ where each process has its own coupling: h(0) by φ is φ by h(0).
const plasticTerms = writingTerms - 1

// terms returns what a calcium is driven by: first that of a read, and last h(0) by φ.
func (drive *driving) terms() [writingTerms]float64 {
	return [writingTerms]float64{drive.gPhi, drive.gHidden, drive.phiPhi, drive.phiHidden, drive.hiddenHidden, drive.hiddenPhi}
}

// drivingBy returns what has these terms.
func drivingBy(terms *[writingTerms]float64) driving {
	return driving{gPhi: terms[0], gHidden: terms[1], phiPhi: terms[2], phiHidden: terms[3], hiddenHidden: terms[4], hiddenPhi: terms[5]}
}

// pass takes all modes through the segments under way, and finds the calcium of the compartments wherever
// it is looked at.
func (exact *compartmentsExact) pass(at []float64) {
	count := len(exact.pools)
	exact.within = slices.Grow(exact.within[:0], len(exact.sums))[:len(exact.sums)]
	exact.folded.analyse(len(exact.sums)/count, exact.sums, exact.within)
	columns := 0
	for i := range exact.ways {
		columns = exact.depart(&exact.ways[i], at, columns)
	}
	exact.byMode, exact.calcium = slices.Grow(exact.byMode[:0], count*columns)[:count*columns], slices.Grow(exact.calcium[:0], count*columns)[:count*columns]
	if columns == 0 {
		return
	}
	for i := range exact.ways {
		for s := range exact.ways[i].spans {
			exact.spread(&exact.ways[i].spans[s], columns)
		}
	}
	exact.folded.synthesize(columns, exact.byMode, exact.calcium)
}

// columns is how many columns the calcium of all segments under way has.
func (exact *compartmentsExact) columns() int { return len(exact.calcium) / len(exact.pools) }

// depart takes the modes through a segment. Its calcium is found at columns from first on; the next one
// after them is returned.
func (exact *compartmentsExact) depart(way *transit, at []float64, first int) int {
	seg, count := way.seg, len(exact.pools)
	if parameters := &exact.base.parameters; parameters.Latency == 0 && parameters.Drive.course(seg) == held {
		exact.spans[0] = append(exact.spans[0][:0], span{spanKind: spanKind{0, seg.Duration, seg.Phase, held}})
		way.table = exact.base.timetable(seg, exact.spans[0], at)
		way.spanned(1)
		return first
	}
	for k := range exact.spans {
		var terms [writingTerms]float64
		for term := range terms[:way.count] {
			terms[term] = exact.drives[k] * exact.within[(way.first+term)*count+k]
		}
		drive := drivingBy(&terms)
		if exact.frozen == nil {
			drive.hiddenPhi = drive.phiHidden
		}
		exact.spans[k] = exact.late[k].spans(seg, drive, exact.spans[k][:0])
	}
	way.table = exact.base.timetable(seg, exact.spans[0], at)
	way.spanned(len(way.table.kinds))
	for s := range way.spans {
		if way.table.kinds[s].course == held {
			continue
		}
		exact.begin(&way.spans[s], s)
		way.spans[s].at = first
		if way.spans[s].grid = exact.base.gridOf(way.table, s); way.spans[s].grid == nil {
			first = exact.follow(way, s, at, first)
			continue
		}
		exact.end(way, s, way.table.lastOf(s), exact.tables(seg, nil), s)
		first += way.spans[s].grid.times() + 1
	}
	return first
}

// follow takes the modes through a span without a grid, leg by leg.
func (exact *compartmentsExact) follow(way *transit, s int, at []float64, first int) int {
	tables := exact.tables(way.seg, at)
	for i := range way.table.legs {
		if leg := &way.table.legs[i]; leg.span == s {
			exact.end(way, s, leg, tables, i)
			first++
		}
	}
	return first
}

// tables returns the timetables of each class of modes.
func (exact *compartmentsExact) tables(seg Segment, at []float64) []*timetable {
	tables := exact.timetables[:0]
	for k, class := range exact.class {
		if class == len(tables) { // the first of it
			tables = append(tables, exact.modes[class].timetable(seg, exact.spans[k], at))
		}
	}
	exact.timetables = tables
	return tables
}

// lastOf returns the last leg of a span.
func (table *timetable) lastOf(span int) *leg {
	last := len(table.legs) - 1
	for table.legs[last].span != span {
		last--
	}
	return &table.legs[last]
}

// begin sets the terms of all modes where a span begins.
func (exact *compartmentsExact) begin(span *modeSpan, s int) {
	if span.terms == nil {
		span.terms = make([][]float64, len(exact.states))
	}
	for k, state := range exact.states {
		mode := exact.modes[exact.class[k]]
		copy(mode.state, state)
		mode.setTerms(&exact.spans[k][s].drive)
		span.terms[k] = append(span.terms[k][:0], mode.terms...)
	}
}

// end takes all modes to the end of a leg, which is leg i of the modes' own tables.
func (exact *compartmentsExact) end(way *transit, s int, leg *leg, tables []*timetable, i int) {
	own, span := exact.base.astrocyte.own, &way.spans[s]
	for k, state := range exact.states {
		responses := tables[exact.class[k]].legs[i].responses
		for at, response := range responses {
			state[at] = combined(response, span.terms[k])
		}
		if leg.instant >= 0 && responses == nil {
			copy(state, span.terms[k][:own])
			collected := exact.spans[k][s].drive.sum(&way.table.instants[leg.instant].reached)
			exact.base.astrocyte.calcium.settle(way.table.kinds[s].course, collected, state)
		}
		span.ends = append(span.ends, state[own-1])
	}
}

// spread sets the columns of a span in byMode, of so many columns.
func (exact *compartmentsExact) spread(span *modeSpan, columns int) {
	count, times := len(exact.pools), span.gridTimes()
	ends := len(span.ends) / count
	if times+ends == 0 {
		return
	}
	for k := range exact.states {
		row := exact.byMode[k*columns+span.at:][:times+ends]
		clear(row[:times])
		if span.grid != nil {
			felt := len(span.grid.basis) / len(exact.modes)
			for i, column := range span.grid.basis[exact.class[k]*felt:][:felt] {
				if term := span.terms[k][i]; term != 0 {
					kernel.Axpy(term, column, row[:times])
				}
			}
		}
		for end := range ends {
			row[times+end] = span.ends[end*count+k]
		}
	}
}

// arrive reads out the calcium of a segment that the modes have passed.
func (exact *compartmentsExact) arrive(way *transit, at []float64, emit func(int, []coefficients)) ([]coefficients, error) {
	for c := range exact.outs {
		exact.outs[c] = readOut{exact: exact.base, lowest: math.Inf(1), terms: exact.outs[c].terms[:0]}
	}
	seg, table, columns := way.seg, way.table, exact.columns()
	span, next := -1, 0
	var seen sight
	for i := range table.legs {
		leg := &table.legs[i]
		modes := &way.spans[leg.span]
		if leg.span != span {
			span, next = leg.span, modes.at+modes.gridTimes()
			exact.terms = modes.terms
			for c := range exact.outs {
				exact.outs[c].terms = exact.outs[c].terms[:0]
			}
			if modes.grid != nil {
				seen = exact.see(modes)
			}
		}
		if leg.stretch != nil {
			exact.through(leg.stretch, seen, leg.first)
		}
		switch {
		case table.kinds[span].course == held:
		case modes.grid == nil || leg == table.lastOf(span):
			for c := range exact.pools {
				exact.pools[c] = exact.calcium[c*columns+next]
			}
			next++
		default:
			for c := range exact.pools {
				exact.pools[c] = seen.calcium[c*seen.stride+leg.last]
			}
		}
		if leg.instant < 0 {
			continue
		}
		for c := range exact.reached {
			reached := &exact.reached[c]
			*reached = table.instants[leg.instant].reached
			reached.astrocyte = exact.base.state // of which no instantaneous read-out takes notice
			reached.calcium = exact.pools[c]
			if seg.Phase == Reading {
				out := &exact.outs[c]
				out.lowest = min(out.lowest, reached.calcium)
				out.answer(&seg, reached)
				if err := exact.base.parameters.Division.check(seg, out.lowest); err != nil {
					return nil, err
				}
			}
		}
		if leg.instant < len(at) {
			emit(leg.instant, exact.reached)
		}
	}
	for c := range exact.means {
		exact.means[c] = mean{exact.outs[c].phiMean, exact.outs[c].hiddenMean}
	}
	return exact.reached, nil
}
