package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/bench/internal/turn"
)

// seconds3 writes a time to three digits.
func seconds3(s float64) string {
	if s < 0.1 {
		return fmt.Sprintf("%.3g ms", 1e3*s)
	}
	return fmt.Sprintf("%.3g s", s)
}

func printTable(curves []*curve) {
	fmt.Println("| method | setting | relative error | right-hand sides | median time |")
	fmt.Println("|---|---|---|---|---|")
	for _, c := range curves {
		for i, p := range c.points {
			name, evaluations := c.name, fmt.Sprint(p.evaluations)
			if i > 0 {
				name = ""
			}
			if p.evaluations == 0 {
				evaluations = "–"
			}
			fmt.Printf("| %s | %s | %.1e | %s | %s |\n", name, p.setting(), p.wrong, evaluations, seconds3(turn.Median(p.seconds)))
		}
	}
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

// printRatios compares all curves with Boost.Odeint at equal error, interpolated.
func printRatios(curves []*curve, boost *curve) {
	if boost == nil {
		return
	}
	levels := []float64{1e-4, 1e-6, 1e-8, 1e-10}
	fmt.Print("\nTimes as fast as Boost.Odeint at the same error, by interpolation, atol = rtol/1000; – where the method was not taken there.\n\n| method |")
	for _, wrong := range levels {
		fmt.Printf(" error %.0e |", wrong)
	}
	fmt.Println("\n|---|" + "---|---|---|---|")
	for _, c := range curves {
		if c == boost {
			continue
		}
		name := c.name
		if len(c.points) == 1 {
			name += fmt.Sprintf(", error %.0e throughout", c.points[0].wrong)
		}
		fmt.Printf("| %s |", name)
		for _, wrong := range levels {
			ratio := turn.Ratio(boost.timesAt(wrong), c.timesAt(wrong))
			if math.IsNaN(ratio.Median) {
				fmt.Print(" – |")
			} else {
				fmt.Printf(" %.3g |", ratio.Median)
			}
		}
		fmt.Println()
	}
}

// Goals: how many times as fast as Boost.Odeint, and exact's error.
const (
	fullGoal, structuredGoal, exactGoal = 1, 30, 2000
	exactErrorGoal                      = 1e-11
)

// printGoals prints the ratios at equal error and whether they meet the goals
// at Boost's rtol 1e-6.
func printGoals(curves []*curve, tuned []*match, boost *curve) bool {
	exact := curves[slices.IndexFunc(curves, func(c *curve) bool { return c.name == "exact" })].points[0]
	met := exact.wrong <= exactErrorGoal
	fmt.Printf("\nexact: error %.1e, goal ≤ %.0e\n", exact.wrong, exactErrorGoal)
	if boost == nil {
		fmt.Println("Boost.Odeint is not built: no ratios")
		return false
	}
	fmt.Print("\nTimes as fast as Boost.Odeint, median [quartiles] over rounds. Both have rtol and atol tuned for the fewest right-hand\n" +
		"sides at the same error, within 20 %; Boost as usual (atol = rtol/1000) is beside it.\n\n")
	fmt.Println("| | relative error | rtol | atol | right-hand sides | times as fast as Boost, tuned | as Boost, usual |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, m := range tuned {
		for _, row := range []struct {
			name string
			*point
		}{
			{"**Boost, usual**", m.usual}, {"Boost, tuned", m.boost}, {"dopri5, full state", m.full},
			{"dopri5, reduced state", m.structured}, {"exact", m.exact},
		} {
			fmt.Printf("| %s | %.2e | %s | %s | %s | %s | %s |\n", row.name, row.wrong, number(row.rtol), number(row.atol),
				number(float64(row.evaluations)), turn.Ratio(m.boost.seconds, row.seconds), turn.Ratio(m.usual.seconds, row.seconds))
		}
		if m.usual.rtol == 1e-6 {
			met = met && turn.Ratio(m.boost.seconds, m.full.seconds).Median >= fullGoal &&
				turn.Ratio(m.boost.seconds, m.structured.seconds).Median >= structuredGoal &&
				turn.Ratio(m.usual.seconds, m.exact.seconds).Median >= exactGoal
		}
	}
	fmt.Printf("goals at the error of Boost's rtol 1e-6: full ≥ %d and reduced ≥ %d × Boost, tuned; exact ≥ %d × Boost at rtol 1e-6\n",
		fullGoal, structuredGoal, exactGoal)
	return met
}

// number writes a positive number, or a dash.
func number(x float64) string {
	if x == 0 {
		return "–"
	}
	return fmt.Sprintf("%.6g", x)
}
