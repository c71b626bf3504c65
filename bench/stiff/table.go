package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/nasim-sim/nasim/bench/internal/page"
)

// levels are the errors at which methods are compared.
var levels = []float64{1e-4, 1e-6, 1e-8}

// at interpolates a quantity at the given error, logarithms against logarithms;
// of several crossings the least counts. NaN where the curve does not span the error.
func (c *curve) at(wrong float64, quantity func(*point) float64) float64 {
	best := math.NaN()
	for i := 1; i < len(c.points); i++ {
		a, b := c.points[i-1], c.points[i]
		if (a.wrong-wrong)*(b.wrong-wrong) > 0 || a.wrong == b.wrong {
			continue
		}
		w := math.Log(wrong/a.wrong) / math.Log(b.wrong/a.wrong)
		q := math.Exp((1-w)*math.Log(quantity(a)) + w*math.Log(quantity(b)))
		if math.IsNaN(best) || q < best {
			best = q
		}
	}
	return best
}

func seconds(p *point) float64 { return p.seconds }
func steps(p *point) float64   { return float64(p.steps) }

// find returns the curve of that name, an empty one if there is none.
func (c *kase) find(name string) *curve {
	for _, s := range c.curves {
		if s.name == name {
			return s
		}
	}
	return &curve{name: name}
}

// equalTable compares rodas5p with CVODE at equal error, and says who is faster.
func equalTable(cases []*kase) string {
	var out strings.Builder
	out.WriteString("| problem | error | steps, rodas5p | steps, CVODE | time, rodas5p | × as fast as CVODE | × as fast, both by differences | × as fast as dopri5 |\n" +
		"|---|---|---|---|---|---|---|---|\n")
	for _, c := range cases {
		for _, wrong := range levels {
			of := func(name string, quantity func(*point) float64) float64 { return c.find(name).at(wrong, quantity) }
			time := "–"
			if own := of(rodasAnalytic, seconds); !math.IsNaN(own) {
				time = page.Seconds(own)
			}
			fmt.Fprintf(&out, "| %s, %d variables | %s | %s | %s | %s | %s | %s | %s |\n", c.problem.Name, len(c.problem.Y0), page.Scientific(wrong, 1),
				page.Decimal(of(rodasAnalytic, steps), 2), page.Decimal(of(cvodeAnalytic, steps), 2), time,
				page.Decimal(of(cvodeAnalytic, seconds)/of(rodasAnalytic, seconds), 2),
				page.Decimal(of(cvodeDifferences, seconds)/of(rodasDifferences, seconds), 2),
				page.Decimal(of(explicit, seconds)/of(rodasAnalytic, seconds), 2))
		}
	}
	for _, c := range cases {
		if len(c.failures) > 0 {
			fmt.Fprintf(&out, "\nOf %s it failed: %s.\n", c.problem.Name, strings.Join(c.failures, "; "))
		}
	}
	return out.String()
}

// ownLevels are the errors at which our methods are compared.
var ownLevels = []float64{1e-6, 1e-8, 1e-10}

// ownTable compares radau9 with rodas5p at equal error.
func ownTable(cases []*kase) string {
	var out strings.Builder
	out.WriteString("| problem | error | steps, rodas5p | steps, radau9 | time, radau9 | × as fast as rodas5p | × as fast, both by differences |\n|---|---|---|---|---|---|---|\n")
	for _, c := range cases {
		for _, wrong := range ownLevels {
			of := func(name string, quantity func(*point) float64) float64 { return c.find(name).at(wrong, quantity) }
			time := "–"
			if own := of(radauAnalytic, seconds); !math.IsNaN(own) {
				time = page.Seconds(own)
			}
			fmt.Fprintf(&out, "| %s, %d variables | %s | %s | %s | %s | %s | %s |\n", c.problem.Name, len(c.problem.Y0), page.Scientific(wrong, 1),
				page.Decimal(of(rodasAnalytic, steps), 2), page.Decimal(of(radauAnalytic, steps), 2), time,
				page.Decimal(of(rodasAnalytic, seconds)/of(radauAnalytic, seconds), 2),
				page.Decimal(of(rodasDifferences, seconds)/of(radauDifferences, seconds), 2))
		}
	}
	return out.String()
}

// pointTable holds every point.
func pointTable(cases []*kase) string {
	var out strings.Builder
	out.WriteString("| problem | method | rtol | error | steps | right-hand sides | shortest time |\n|---|---|---|---|---|---|---|\n")
	for _, c := range cases {
		for _, s := range c.curves {
			for _, p := range s.points {
				fmt.Fprintf(&out, "| %s | %s | %.0e | %s | %s | %s | %s |\n", c.problem.Name, s.name, p.rtol, page.Scientific(p.wrong, 2),
					page.Whole(p.steps), page.Whole(p.evaluations), page.Seconds(p.seconds))
			}
		}
	}
	return out.String()
}
