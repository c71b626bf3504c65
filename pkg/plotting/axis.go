package plotting

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// axis maps values to the unit interval along one side of a panel.
type axis struct {
	lo, hi float64
	log    bool
	label  string // with the unit in brackets
	ticks  []tick
	turned bool // tick labels of a horizontal axis stand upright
	silent bool // ticks without labels, no axis label: another panel has them
}

// at returns the fraction of the axis at which x lies: below 0 or above 1
// outside the range, NaN where x has no place (NaN; x ≤ 0 on a log axis).
func (a *axis) at(x float64) float64 {
	if !a.log {
		return (x - a.lo) / (a.hi - a.lo)
	}
	if !(x > 0) {
		return math.NaN()
	}
	return (math.Log(x) - math.Log(a.lo)) / (math.Log(a.hi) - math.Log(a.lo))
}

// mark sets ticks that suit the range.
func (a *axis) mark(wanted int) {
	if a.log {
		a.ticks = logTicks(a.lo, a.hi, wanted)
	} else {
		a.ticks = linearTicks(a.lo, a.hi, wanted)
	}
}

// labels lists the tick labels.
func (a *axis) labels() []string {
	var out []string
	for _, t := range a.ticks {
		out = append(out, t.label)
	}
	return out
}

// span is the range of the finite values of several arrays.
type span struct {
	lo, hi     float64
	positiveLo float64 // least value above 0
	count      int     // finite values
}

func spanOf(arrays ...[]float64) span {
	s := span{lo: math.Inf(1), hi: math.Inf(-1), positiveLo: math.Inf(1)}
	for _, a := range arrays {
		for _, x := range a {
			if !finite(x) {
				continue
			}
			s.count++
			s.lo, s.hi = min(s.lo, x), max(s.hi, x)
			if x > 0 {
				s.positiveLo = min(s.positiveLo, x)
			}
		}
	}
	return s
}

func finite(x float64) bool { return statistics.Finite(x) }

// finiteOf keeps the finite values.
func finiteOf(x []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(x), func(v float64) bool { return !finite(v) })
}

// linear returns an axis over the span with a margin on both sides, given as a
// fraction of it. A span of one value is widened.
func (s span) linear(margin float64) axis {
	// What exceeds an eighth of a float64's range lies off the axis, so that its
	// width is finite.
	lo, hi := min(max(s.lo, -math.MaxFloat64/8), math.MaxFloat64/8), max(min(s.hi, math.MaxFloat64/8), -math.MaxFloat64/8)
	if s.count == 0 {
		lo, hi = 0, 1
	}
	if width := hi - lo; width <= 1e-12*max(math.Abs(lo), math.Abs(hi)) || width == 0 {
		pad := 0.05 * max(math.Abs(lo), math.Abs(hi))
		if pad == 0 {
			pad = 1
		}
		lo, hi = lo-pad, hi+pad
	} else {
		lo, hi = lo-margin*width, hi+margin*width
	}
	return axis{lo: lo, hi: hi}
}

// logarithmic returns a log axis over the positive part of the span, with a
// margin on both sides given as a fraction of its logarithm. ok is false, and
// the axis runs from 0.1 to 10, where nothing is positive.
func (s span) logarithmic(margin float64) (a axis, ok bool) {
	const least, most = 1e-270, 1e270 // so that the margins stay within a float64
	hi := min(s.hi, most)
	lo := max(min(s.positiveLo, hi), least)
	if !(hi > 0) {
		return axis{lo: 0.1, hi: 10, log: true}, false
	}
	grow := math.Exp((math.Log(hi) - math.Log(lo)) * margin)
	if hi/lo < 1.2 {
		grow = 1.1
	}
	return axis{lo: lo / grow, hi: max(hi, lo) * grow, log: true}, true
}
