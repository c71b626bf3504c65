package model

import (
	"context"
	"math"
)

// Exact returns what the continuous network answers, its equations solved in
// closed form but for one quadrature (science §4).
func (h *Head) Exact(ctx context.Context, p Parameters, opt Options) (Result, error) {
	if err := p.Validate(); err != nil {
		return Result{}, err
	}
	return h.propagate(ctx, p, newExactSolver(p), opt)
}

// exactSolver evaluates the closed forms of science §4.
type exactSolver struct {
	p                              Parameters
	hidden, output, calcium        float64 // β = 1/τ_h, 1/τ_f, κ = 1/τ_p
	hebbian, presynaptic, learning float64 // 1/τ_H, α = 1/τ_g, 1/T_w
}

func newExactSolver(p Parameters) *exactSolver {
	return &exactSolver{
		p: p, hidden: rate(p.TauHidden), output: rate(p.TauOutput), calcium: rate(p.TauCalcium),
		hebbian: rate(p.TauHebbian), presynaptic: rate(p.TauPresynaptic), learning: 1 / p.Write,
	}
}

func (s *exactSolver) solve(seg Segment, x *products, at []float64, emit func(int, *coefficients)) (coefficients, error) {
	after := s.write
	if seg.Phase == Reading {
		after = s.read
	}
	for i, t := range at {
		c, err := after(seg, x, t)
		if err != nil {
			return coefficients{}, err
		}
		emit(i, &c)
	}
	return after(seg, x, seg.Duration)
}

// decay returns e^{−rt}, with the limit 0 at an infinite rate even at t = 0:
// a quasi-static process is settled from the segment's first instant.
func decay(rate, t float64) float64 {
	if math.IsInf(rate, 1) {
		return 0
	}
	return math.Exp(-rate * t)
}

// write returns the coefficients after writing, or a blank of it, for time T.
func (s *exactSolver) write(_ Segment, x *products, T float64) (coefficients, error) {
	a, b, k := s.presynaptic, s.hidden, s.calcium
	integral := func(r float64) float64 { return s.learning * epsilon2(s.hebbian, r, T) }
	c := coefficients{
		hidden: decay(b, T), output: decay(s.output, T),
		hebbian: math.Exp(-s.hebbian * T), coupling: math.Exp(-a * T),
		valuePhi: integral(0), valueDelta: integral(b), carriedPhi: integral(s.output), carriedDelta: integral(b + s.output),
		couplingPhi: s.learning * epsilon2(a, 0, T), couplingDelta: s.learning * epsilon2(a, b, T),
	}
	if math.IsInf(k, 1) {
		c.calcium = x.calciumDrive(&c)
		return c, nil
	}
	c.calcium = decay(k, T)*x.calcium +
		x.gPhi*filter2(k, a, T) + x.gDelta*filter2(k, a+b, T) +
		s.learning*(x.phiPhi*filter3(k, a, 0, T)+
			x.phiDelta*(filter3(k, a+b, b, T)+filter3(k, a, b, T))+
			x.deltaDelta*filter3(k, a+b, 2*b, T))
	return c, nil
}

// read returns the coefficients after reading, or a blank of it, for time T.
func (s *exactSolver) read(seg Segment, x *products, T float64) (coefficients, error) {
	c := coefficients{
		hidden: decay(s.hidden, T), output: decay(s.output, T),
		hebbian: math.Exp(-s.hebbian * T), coupling: math.Exp(-s.presynaptic * T),
	}
	c.calcium = s.readCalcium(x, T)
	var lowest float64
	c.outputPhi, c.outputDelta, lowest = s.readOut(x, T)
	if seg.Blank {
		c.outputPhi = 0 // no φ is presented, and p may be 0
	}
	if s.p.StopAtFloor && !seg.Blank && min(lowest, c.calcium) <= s.p.Floor {
		return c, &FloorError{Segment: seg, Calcium: min(lowest, c.calcium), Floor: s.p.Floor}
	}
	return c, nil
}

// readCalcium returns p after reading for time t: g only decays, so its drive
// is a sum of two exponentials.
func (s *exactSolver) readCalcium(x *products, t float64) float64 {
	a, b, k := s.presynaptic, s.hidden, s.calcium
	delta := 0.0
	if !math.IsInf(b, 1) {
		delta = x.gDelta * filter2(k, a+b, t)
	}
	return decay(k, t)*x.calcium + x.gPhi*filter2(k, a, t) + delta
}
