package fit

import "math"

// A search tries sizes that double, from a share of the most, and then between the last that fell short and the first that did not.
const (
	searchFrom   = 32  // the first size is so small a part of the largest
	closeEnough  = 1.1 // between these two sizes no other is tried
	mostBetween  = 3   // nor more than so many
	leastBetween = 0.1 // a size between two is so far from either at least, of the logarithm of their ratio
)

// Smallest looks for the fewest neurons, at most so many, with which a fit's validation error is no more than a target. try fits with
// a number of neurons, and returns that error. Sizes double from a 32nd of the largest, so that what they cost together is about
// twice what the last does; then the interval that the target lies in is narrowed, by what a power law between its ends says, to a
// tenth. The errors of fits are no smooth function of their size: what is found is the smallest of those that were tried.
//
// Where none is good enough, reached is false, and neurons is the size whose error was least.
func Smallest(most int, target float64, try func(neurons int) (float64, error)) (neurons int, reached bool, err error) {
	below, belowError := 0, math.Inf(1) // the largest that fell short, below the smallest that did not
	best, least := 0, math.Inf(1)
	look := func(m int) (float64, error) {
		e, err := try(m)
		if err == nil && (best == 0 || e < least) {
			best, least = m, e
		}
		return e, err
	}
	m := max(1, most/searchFrom)
	e, err := look(m)
	if err != nil {
		return 0, false, err
	}
	for !(e <= target) {
		if m == most {
			return best, false, nil
		}
		below, belowError = m, e
		m = min(2*m, most)
		if 3*m > 2*most { // hardly more than this one is the last
			m = most
		}
		if e, err = look(m); err != nil {
			return 0, false, err
		}
	}
	for below == 0 && m > 1 { // the first was good enough: downwards
		next, err := look(m / 2)
		if err != nil {
			return 0, false, err
		}
		if !(next <= target) {
			below, belowError = m/2, next
			break
		}
		m, e = m/2, next
	}
	for range mostBetween {
		next := between(below, m, belowError, e, target)
		if next == 0 {
			break
		}
		at, err := look(next)
		if err != nil {
			return 0, false, err
		}
		if at <= target {
			m, e = next, at
		} else {
			below, belowError = next, at
		}
	}
	return m, true, nil
}

// between is a size between two, at which a power law through their errors has the target; 0 where the two are close enough.
func between(below, above int, belowError, aboveError, target float64) int {
	if below == 0 || float64(above) <= closeEnough*float64(below) || above-below < 2 {
		return 0
	}
	part := 0.5
	if x := math.Log(belowError/target) / math.Log(belowError/aboveError); x-x == 0 {
		part = min(max(x, leastBetween), 1-leastBetween)
	}
	next := int(math.Round(float64(below) * math.Pow(float64(above)/float64(below), part)))
	return min(max(next, below+1), above-1)
}
