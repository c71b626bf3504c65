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

// timesAt returns the interpolated times of all rounds.
func (c *curve) timesAt(wrong float64) []float64 {
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
	fmt.Print("\nTimes as fast as Boost.Odeint at the same error, by interpolation; – where the method was not taken there.\n\n| method |")
	for _, wrong := range levels {
		fmt.Printf(" error %.0e |", wrong)
	}
	fmt.Println("\n|---|" + "---|---|---|---|")
	for _, c := range curves {
		if c == boost || len(c.points) < 2 {
			continue
		}
		fmt.Printf("| %s |", c.name)
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
	fmt.Print("\nTimes as fast as Boost.Odeint: median [quartiles] over rounds. dopri5 is tuned to Boost's error or up to 20 % less.\n\n")
	fmt.Println("| Boost rtol | Boost error | dopri5 rtol | dopri5 error | dopri5, full state | dopri5, reduced state | exact |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, m := range tuned {
		ratio := func(p *point) turn.Spread { return turn.Ratio(m.boost.seconds, p.seconds) }
		fmt.Printf("| %.0e | %.2e | %.3g | %.2e | %s | %s | %s |\n", m.boost.rtol, m.boost.wrong, m.full.rtol, m.full.wrong,
			ratio(m.full), ratio(m.structured), ratio(m.exact))
		if m.boost.rtol == 1e-6 {
			met = met && ratio(m.full).Median >= fullGoal && ratio(m.structured).Median >= structuredGoal && ratio(m.exact).Median >= exactGoal
		}
	}
	fmt.Printf("goals at Boost's rtol 1e-6: ≥ %d, ≥ %d, ≥ %d\n", fullGoal, structuredGoal, exactGoal)
	return met
}
