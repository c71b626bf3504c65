package plotting

import "math"

// envelope thins samples y at ascending times t to the least and the largest of
// each of `bins` equal stretches of time, in their order, so that a line through
// them looks as a line through all. A stretch with a value that is not finite
// keeps one, so that the line is interrupted there. Short traces stay as they are.
func envelope(t, y []float64, bins int) (et, ey []float64) {
	if len(t) <= 2*bins || !(t[len(t)-1] > t[0]) {
		return t, y
	}
	per := (t[len(t)-1] - t[0]) / float64(bins)
	bin := func(i int) int { return min(int((t[i]-t[0])/per), bins-1) }
	for from := 0; from < len(t); {
		to, least, most, gap := from, -1, -1, -1
		for ; to < len(t) && bin(to) == bin(from); to++ {
			switch v := y[to]; {
			case math.IsNaN(v) || math.IsInf(v, 0):
				gap = to
			case least < 0:
				least, most = to, to
			case v < y[least]:
				least = to
			case v > y[most]:
				most = to
			}
		}
		for _, i := range ascending(least, most, gap) {
			et, ey = append(et, t[i]), append(ey, y[i])
		}
		from = to
	}
	return et, ey
}

// ascending orders the indices that are set, without repeats.
func ascending(indices ...int) []int {
	var out []int
	for last := -1; ; {
		next := math.MaxInt
		for _, i := range indices {
			if i > last && i < next {
				next = i
			}
		}
		if next == math.MaxInt {
			return out
		}
		out = append(out, next)
		last = next
	}
}
