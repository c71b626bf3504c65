package main

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// match is one tolerance of Boost.Odeint, with nasim's dopri5 at the tolerance
// at which its measured error is the same, or up to 20 % smaller.
type match struct {
	boost, structured, full, exact *point
}

// Bounds of equality: nasim's error over Boost's.
const leastError, mostError = 0.8, 1.0

// tune finds the tolerances, for three of Boost's. Reduced and full state take
// the same steps and so share them.
func tune(p *problem, boost *curve) ([]*match, error) {
	if boost == nil {
		return nil, nil
	}
	var all []*match
	for _, rtol := range []float64{1e-5, 1e-6, 1e-8} {
		b := at(boost, rtol)
		if _, err := b.measure(); err != nil {
			return nil, err
		}
		same, err := p.tolerance(b.wrong)
		if err != nil {
			return nil, err
		}
		again := *b // timed anew beside the other three
		m := &match{boost: &again}
		point := func(name, kind string, solve solution, rtol float64) *point {
			return p.own(&curve{name: name, formula: "dopri5", kind: kind}, rtol, 0, solve)
		}
		dopri5 := integrator.Dopri5()
		m.structured = point("dopri5", reduced, p.integrate(reduced, dopri5, same, 0), same)
		m.full = point("dopri5, full", full, p.integrate(full, dopri5, same, 0), same)
		m.exact = point("exact", reduced, p.exact, 0)
		all = append(all, m)
	}
	return all, nil
}

func at(c *curve, rtol float64) *point {
	for _, p := range c.points {
		if p.rtol == rtol {
			return p
		}
	}
	return nil
}

// tolerance returns an rtol at which dopri5's error lies within the bounds of
// equality with the given one: from loose to tight in small steps, because the
// error is not monotonous in the tolerance.
func (p *problem) tolerance(wanted float64) (float64, error) {
	const loosest, tightest, perDecade = 1e-2, 1e-13, 100
	for i := 0; ; i++ {
		rtol := loosest * math.Pow(10, -float64(i)/perDecade)
		if rtol < tightest {
			return 0, fmt.Errorf("no tolerance of dopri5 gives an error of %.2g", wanted)
		}
		h, err := p.head()
		if err != nil {
			return 0, err
		}
		r, _, err := p.integrate(reduced, integrator.Dopri5(), rtol, 0)(h)
		if err != nil {
			return 0, err
		}
		wrong, err := p.wrong(r.Output)
		if err != nil {
			return 0, err
		}
		if wrong >= leastError*wanted && wrong <= mostError*wanted {
			return rtol, nil
		}
	}
}
