package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/bench/internal/turn"
)

// pointTable holds every point of every curve.
func pointTable(curves []*curve) string {
	var out strings.Builder
	out.WriteString("| method | setting | relative error | right-hand sides | median time |\n|---|---|---|---|---|\n")
	for _, c := range curves {
		for _, p := range c.points {
			fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", c.name, p.setting(), page.Scientific(p.wrong, 2), whole(p.evaluations),
				page.Seconds(turn.Median(p.seconds)))
		}
	}
	return out.String()
}

// timeAt interpolates the time of a round at the given error, log time against
// log error; of several crossings the cheapest counts. NaN where the curve does
// not span the error.
func (c *curve) timeAt(wrong float64, round int) float64 {
	best := math.NaN()
	for i := 1; i < len(c.points); i++ {
		a, b := c.points[i-1], c.points[i]
		if (a.wrong-wrong)*(b.wrong-wrong) > 0 || a.wrong == b.wrong {
			continue
		}
		w := math.Log(wrong/a.wrong) / math.Log(b.wrong/a.wrong)
		s := math.Exp((1-w)*math.Log(a.seconds[round]) + w*math.Log(b.seconds[round]))
		if math.IsNaN(best) || s < best {
			best = s
		}
	}
	return best
}

// timesAt returns the interpolated times of all rounds; those of a single point
// wherever it is accurate enough.
func (c *curve) timesAt(wrong float64) []float64 {
	if len(c.points) == 1 && c.points[0].wrong <= wrong {
		return c.points[0].seconds
	}
	var out []float64
	for round := range c.points[0].seconds {
		out = append(out, c.timeAt(wrong, round))
	}
	return out
}

// notBuilt stands in the place of what Boost.Odeint is compared with.
const notBuilt = "Boost.Odeint was not built, so there is nothing to compare with.\n"

// ratioTable compares all curves that reach some error with Boost.Odeint there,
// interpolated.
func ratioTable(curves []*curve, boost *curve) string {
	if boost == nil {
		return notBuilt
	}
	levels := []float64{1e-4, 1e-6, 1e-8, 1e-10}
	var out strings.Builder
	out.WriteString("| × as fast as Boost.Odeint at error |")
	for _, wrong := range levels {
		fmt.Fprintf(&out, " %s |", page.Scientific(wrong, 1))
	}
	out.WriteString("\n|---|" + strings.Repeat("---|", len(levels)) + "\n")
	for _, c := range curves {
		name, cells, reached := c.name, "", false
		switch {
		case len(c.points) == 1:
			name += fmt.Sprintf(", error %s throughout", page.Scientific(c.points[0].wrong, 1))
		case c.points[0].step > 0:
			name += " (fixed steps)"
		}
		for _, wrong := range levels {
			ratio := turn.Ratio(boost.timesAt(wrong), c.timesAt(wrong)).Median
			cells += " " + page.Decimal(ratio, 3) + " |"
			reached = reached || !math.IsNaN(ratio)
		}
		if c != boost && reached {
			fmt.Fprintf(&out, "| %s |%s\n", name, cells)
		}
	}
	return out.String()
}

// equalTable compares nasim with Boost.Odeint at equal measured error.
func equalTable(tuned []*match) string {
	if tuned == nil {
		return notBuilt
	}
	var out strings.Builder
	out.WriteString("| | relative error | rtol | atol | right-hand sides | × as fast as Boost, tuned | × as fast as Boost, usual |\n" +
		"|---|---|---|---|---|---|---|\n")
	for _, m := range tuned {
		for _, row := range []struct {
			name string
			*point
		}{
			{"Boost.Odeint dopri5, usual", m.usual}, {"Boost.Odeint dopri5, tuned", m.boost}, {"nasim dopri5, full state", m.full},
			{"nasim dopri5, reduced state", m.structured}, {"nasim exact", m.exact},
		} {
			fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s | %s |\n", row.name, page.Scientific(row.wrong, 3), tolerance(row.rtol),
				tolerance(row.atol), whole(row.evaluations), turn.Ratio(m.boost.seconds, row.seconds), turn.Ratio(m.usual.seconds, row.seconds))
		}
	}
	return out.String()
}

// Goals: how many times as fast as Boost.Odeint, and exact's error.
const (
	fullGoal, structuredGoal, exactGoal = 1, 30, 2000
	exactErrorGoal                      = 1e-11
)

// printGoals prints what the ratios should be, and returns whether they are.
func printGoals(curves []*curve, tuned []*match) bool {
	exact := curves[slices.IndexFunc(curves, func(c *curve) bool { return c.name == "exact" })].points[0]
	met := exact.wrong <= exactErrorGoal && tuned != nil
	for _, m := range tuned {
		if m.usual.rtol == 1e-6 {
			met = met && turn.Ratio(m.boost.seconds, m.full.seconds).Median >= fullGoal &&
				turn.Ratio(m.boost.seconds, m.structured.seconds).Median >= structuredGoal &&
				turn.Ratio(m.usual.seconds, m.exact.seconds).Median >= exactGoal
		}
	}
	fmt.Printf("goals: exact's error ≤ %.0e; at the error of Boost's rtol 1e-6, full ≥ %d and reduced ≥ %d × Boost, tuned, exact ≥ %d × Boost, usual\n",
		exactErrorGoal, fullGoal, structuredGoal, exactGoal)
	return met
}

// whole writes a count, or a dash for none.
func whole(n int) string {
	if n == 0 {
		return "–"
	}
	return page.Whole(n)
}

// tolerance writes one to two digits, powers of ten as such; a dash for none.
func tolerance(x float64) string {
	if x == 0 {
		return "–"
	}
	return strings.Replace(page.Scientific(x, 2), ".0e", "e", 1)
}
