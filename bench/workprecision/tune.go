package main

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// match is nasim and Boost.Odeint at the same measured error, that of Boost at a
// usual tolerance, each with the tolerances at which it evaluates the fewest
// right-hand sides.
type match struct {
	usual             *point // Boost at the usual tolerance
	boost, structured *point // tuned
	full, exact       *point
}

// Bounds of equality: the tuned error over the one aimed at.
const leastError, mostError = 0.8, 1.0

// tune finds the tolerances, at three of Boost's errors. Reduced and full state
// take the same steps and so share them.
func tune(p *problem, peers *foreign) ([]*match, error) {
	if peers.boost == nil {
		return nil, nil
	}
	dopri5 := &curve{name: "dopri5", formula: "dopri5", kind: reduced}
	dopri5Full := &curve{name: "dopri5, full state", formula: "dopri5", kind: full}
	exact := &curve{name: "exact", formula: "exact", kind: reduced}
	own := func(rtol, atol float64) *point { return p.integrate(dopri5, integrator.Dopri5(), rtol, atol, 0) }
	var all []*match
	for _, rtol := range []float64{1e-5, 1e-6, 1e-8} {
		m := &match{usual: peers.boostAt(rtol, usualRatio*rtol), exact: p.own(exact, p.exact)}
		if _, err := m.usual.measure(); err != nil {
			return nil, err
		}
		var err error
		if m.boost, err = fewest(m.usual.wrong, peers.boostAt); err != nil {
			return nil, err
		}
		if m.structured, err = fewest(m.usual.wrong, own); err != nil {
			return nil, err
		}
		m.full = p.integrate(dopri5Full, integrator.Dopri5(), m.structured.rtol, m.structured.atol, 0)
		all = append(all, m)
	}
	return all, nil
}

// fewest returns, of the points whose error is within the bounds of equality
// with the wanted one, that with the fewest right-hand sides, over atol/rtol
// from 1e-3 to 100.
func fewest(wanted float64, at func(rtol, atol float64) *point) (*point, error) {
	var best *point
	for _, ratio := range []float64{usualRatio, 1e-2, 1e-1, 1, 10, 100} {
		p, err := equal(wanted, ratio, at)
		if err != nil {
			return nil, err
		}
		if p != nil && (best == nil || p.evaluations < best.evaluations) {
			best = p
		}
	}
	if best == nil {
		return nil, fmt.Errorf("no tolerance gives an error of %.2g", wanted)
	}
	return best, nil
}

// equal looks for an rtol at which the error is equal, taking it to be nearly
// proportional to the tolerance; nil if there is none near.
func equal(wanted, ratio float64, at func(rtol, atol float64) *point) (*point, error) {
	const tries = 15
	rtol := wanted / max(1, ratio)
	for range tries {
		p := at(rtol, ratio*rtol)
		if _, err := p.measure(); err != nil {
			return nil, err
		}
		if p.wrong >= leastError*wanted && p.wrong <= mostError*wanted {
			return p, nil
		}
		middle := (leastError + mostError) / 2 * wanted
		rtol *= math.Pow(middle/p.wrong, 0.7)
	}
	return nil, nil
}
