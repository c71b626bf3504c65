package model

import (
	"context"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/portable"
)

// Exact returns what the continuous network answers, its equations solved in
// closed form but for one quadrature (science §4).
func (h *Head) Exact(ctx context.Context, p Parameters, opt Options) (Result, error) {
	if err := p.Validate(); err != nil {
		return Result{}, err
	}
	if opt.Recorder != nil || opt.byTime {
		return h.propagate(ctx, p, newExactSolver(p), opt)
	}
	r := newPassage(ctx, h, p, opt)
	if p.Causal {
		return r.causal()
	}
	return r.bidirectional()
}

// exactSolver evaluates the closed forms of science §4. What in them depends on
// the time alone is tabulated: segments are of few lengths, and then a segment
// costs a few multiplications and no exponential.
type exactSolver struct {
	p                              Parameters
	hidden, output, calcium        float64 // β = 1/τ_h, 1/τ_f, κ = 1/τ_p
	hebbian, presynaptic, learning float64 // 1/τ_H, α = 1/τ_g, 1/T_w
	writing, reading               []*timetable
	sampled                        []float64 // calcium, while a read-out looks how much it changes
}

func newExactSolver(p Parameters) *exactSolver {
	return &exactSolver{
		p: p, hidden: rate(p.TauHidden), output: rate(p.TauOutput), calcium: rate(p.TauCalcium),
		hebbian: rate(p.TauHebbian), presynaptic: rate(p.TauPresynaptic), learning: 1 / p.Write,
	}
}

// timetable holds what depends on time alone, for the times in a segment at
// which its solution is wanted: those of a recorder, and its end.
type timetable struct {
	times     []float64
	instants  []instant
	stretches []*stretch // of a read: those that lead up to each time
}

// instant is what the closed forms hold at one time.
type instant struct {
	c     coefficients // but for calcium and read-out, which depend on the products
	start float64      // p = start·p(0) + gPhi·(g·φ) + …
	gPhi, gHidden, phiPhi, phiHidden,
	hiddenHidden float64
}

// keptTables is how many timetables of a phase are kept: a segment, a blank, and a
// few patterns of sample times.
const keptTables = 8

// table returns the timetable for the given times, making it where it is new.
func (s *exactSolver) table(kept *[]*timetable, at []float64, T float64, fill func(*timetable)) *timetable {
	for _, t := range *kept {
		if n := len(at); len(t.times) == n+1 && t.times[n] == T && slices.Equal(t.times[:n], at) {
			return t
		}
	}
	t := &timetable{times: append(slices.Clone(at), T)}
	fill(t)
	if len(*kept) == keptTables {
		*kept = (*kept)[1:]
	}
	*kept = append(*kept, t)
	return t
}

// form returns what the closed forms hold at the end of a segment.
func (s *exactSolver) form(seg Segment) *instant {
	t := s.timetable(seg, nil)
	return &t.instants[len(t.instants)-1]
}

// timetable returns the timetable of a segment.
func (s *exactSolver) timetable(seg Segment, at []float64) *timetable {
	if seg.Phase == Reading {
		return s.table(&s.reading, at, seg.Duration, s.fillReading)
	}
	return s.table(&s.writing, at, seg.Duration, s.fillWriting)
}

func (s *exactSolver) solve(seg Segment, x *products, at []float64, emit func(int, *coefficients)) (coefficients, error) {
	if seg.Phase == Reading {
		return s.read(seg, x, at, emit)
	}
	t := s.timetable(seg, at)
	var c coefficients
	for i := range t.instants {
		c = t.instants[i].c
		if c.calcium = t.instants[i].calcium(x); s.p.TauCalcium == 0 {
			c.calcium = x.calciumDrive(&c)
		}
		if i < len(at) {
			sample := c // of its own, so that c stays off the heap
			emit(i, &sample)
		}
	}
	return c, nil
}

func (n *instant) calcium(x *products) float64 {
	return float64(n.start*x.calcium) + float64(n.gPhi*x.gPhi) + float64(n.gHidden*x.gHidden) +
		float64(n.phiPhi*x.phiPhi) + float64(n.phiHidden*x.phiHidden) + float64(n.hiddenHidden*x.hiddenHidden)
}

// decay returns e^{−rt}, with the limit 0 at an infinite rate even at t = 0:
// a quasi-static process is settled from the segment's first instant.
func decay(rate, t float64) float64 {
	if math.IsInf(rate, 1) {
		return 0
	}
	return portable.Exp(-rate * t)
}

// rise returns 1 − e^{−rt}, 1 at an infinite rate.
func rise(rate, t float64) float64 {
	if math.IsInf(rate, 1) {
		return 1
	}
	return -portable.Expm1(-rate * t)
}

// fillWriting tabulates writing, and its blanks: there φ and v are zero. Science
// §4 has the coefficients of φ and Δh = h(0) − φ; those of φ and h(0) follow.
func (s *exactSolver) fillWriting(table *timetable) {
	a, b, k := s.presynaptic, s.hidden, s.calcium
	for _, T := range table.times {
		integral := func(r float64) float64 { return float64(s.learning * epsilon2(s.hebbian, r, T)) }
		n := instant{c: coefficients{
			phi: rise(b, T), hidden: decay(b, T), output: decay(s.output, T),
			hebbian: portable.Exp(-s.hebbian * T), coupling: portable.Exp(-a * T),
			valuePhi: integral(0) - integral(b), valueHidden: integral(b),
			carriedPhi: integral(s.output) - integral(b+s.output), carriedHidden: integral(b + s.output),
			couplingPhi: s.learning * (epsilon2(a, 0, T) - epsilon2(a, b, T)), couplingHidden: s.learning * epsilon2(a, b, T),
		}}
		if !math.IsInf(k, 1) {
			n.start, n.gPhi, n.gHidden = decay(k, T), filter2(k, a, T)-filter2(k, a+b, T), filter2(k, a+b, T)
			phiPhi := float64(s.learning * filter3(k, a, 0, T))
			phiDelta := float64(s.learning * (filter3(k, a+b, b, T) + filter3(k, a, b, T)))
			deltaDelta := float64(s.learning * filter3(k, a+b, 2*b, T))
			n.phiPhi, n.phiHidden, n.hiddenHidden = phiPhi-phiDelta+deltaDelta, phiDelta-float64(2*deltaDelta), deltaDelta
		}
		table.instants = append(table.instants, n)
	}
}

// fillReading tabulates reading, and its blanks: g and H only decay, so that
// the calcium's drive is a sum of two exponentials.
func (s *exactSolver) fillReading(table *timetable) {
	basis := s.basis(table.times)
	for i, T := range table.times {
		table.instants = append(table.instants, instant{
			c: coefficients{
				phi: rise(s.hidden, T), hidden: decay(s.hidden, T), output: decay(s.output, T),
				hebbian: portable.Exp(-s.hebbian * T), coupling: portable.Exp(-s.presynaptic * T),
			},
			start: basis.start[i], gPhi: basis.phi[i], gHidden: basis.hidden[i],
		})
	}
	s.fillStretches(table)
}

// read solves a read, or a blank of it.
func (s *exactSolver) read(seg Segment, x *products, at []float64, emit func(int, *coefficients)) (coefficients, error) {
	t := s.timetable(seg, at)
	out := readOut{s: s, x: x, lowest: math.Inf(1)}
	var c coefficients
	for i := range t.instants {
		c = t.instants[i].c
		c.calcium = t.instants[i].calcium(x)
		out.lowest = min(out.lowest, c.calcium)
		if st := t.stretches[i]; st != nil {
			if s.p.Division.StopAtFloor {
				out.pass(st)
			}
			if s.p.TauOutput > 0 {
				out.through(st)
			}
		}
		if s.p.TauOutput == 0 {
			out.settle(&c)
		}
		c.outputPhi, c.outputHidden = out.phi, out.hidden
		if seg.Blank {
			c.outputPhi = 0 // no φ is presented, and p may be 0
		}
		if err := s.p.Division.check(seg, out.lowest); err != nil {
			return c, err
		}
		if i < len(at) {
			sample := c // of its own, so that c stays off the heap
			emit(i, &sample)
		}
	}
	return c, nil
}
