package main

import (
	"context"
	"fmt"
	"time"

	"github.com/nasim-sim/nasim/bench/internal/turn"
	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/model"
)

// Kinds of curve.
const (
	reduced = "nasim, reduced state"
	full    = "nasim, full state"
	peer    = "other libraries"
)

// curve is one method of one program, over tolerances or steps.
type curve struct {
	name, formula string // formula: the Runge–Kutta formula or family, which has a colour
	kind          string
	points        []*point
}

// point is one setting of a method.
type point struct {
	curve       *curve
	rtol, atol  float64
	step        float64 // s, of fixed-step methods
	run         func(p *point) (seconds float64, err error)
	wrong       float64 // relative error of the outputs
	evaluations int
	seconds     []float64 // of each round
}

// usualRatio is atol/rtol on the curves of nasim and its peers alike: 1e-9 to 1e-6.
const usualRatio = 1e-3

func (p *point) setting() string {
	switch {
	case p.step > 0:
		return fmt.Sprintf("step %.4g ms", 1e3*p.step)
	case p.rtol > 0:
		return "rtol " + tolerance(p.rtol)
	}
	return "–"
}

func (p *point) measure() (float64, error) { return p.run(p) }

// shortest is for how long a solution is repeated: those that take longer run once.
const shortest = 50 * time.Millisecond

// solution is one way in which nasim solves a head.
type solution func(h *model.Head) (model.Result, integrator.Stats, error)

// own makes the point of a solution.
func (p *problem) own(c *curve, solve solution) *point {
	return &point{curve: c, run: func(x *point) (float64, error) {
		var out []float64
		seconds, err := turn.Repeat(shortest, func() error {
			h, err := p.head()
			if err != nil {
				return err
			}
			r, stats, err := solve(h)
			out, x.evaluations = r.Output, stats.Evaluations
			return err
		})
		if err != nil {
			return 0, err
		}
		x.wrong, err = p.wrong(out)
		return seconds, err
	}}
}

func (p *problem) exact(h *model.Head) (model.Result, integrator.Stats, error) {
	r, err := h.Exact(context.Background(), p.parameters, model.Options{})
	return r, integrator.Stats{}, err
}

// integrate makes the point of a method, in either state.
func (p *problem) integrate(c *curve, method integrator.Method, rtol, atol, step float64) *point {
	s := model.Solver{Method: method, Rtol: rtol, Atol: atol, Step: step}
	x := p.own(c, func(h *model.Head) (model.Result, integrator.Stats, error) {
		if c.kind == full {
			return h.IntegrateFull(context.Background(), p.parameters, s, model.Options{})
		}
		return h.Integrate(context.Background(), p.parameters, s, model.Options{})
	})
	x.rtol, x.atol, x.step = rtol, atol, step
	return x
}

// Tolerances and steps of the curves.
var (
	tolerances      = []float64{1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10}
	coarseTolerance = []float64{1e-3, 1e-4, 1e-5, 1e-6, 1e-7}
	steps           = []float64{4e-3, 2e-3, 1e-3, 5e-4, 2.5e-4, 1.25e-4}
)

// ownCurves returns exact, every method of pkg/integrator with the reduced
// state, and two of them with the full one.
func ownCurves(p *problem) []*curve {
	exact := &curve{name: "exact", formula: "exact", kind: reduced}
	exact.points = []*point{p.own(exact, p.exact)}
	curves := []*curve{exact}
	add := func(kind string, method integrator.Method) {
		c := &curve{name: method.Name(), formula: method.Name(), kind: kind}
		if kind == full {
			c.name += ", full state"
		}
		switch {
		case method.ErrorOrder() == 0 || method.Order() == 2:
			for _, step := range steps {
				c.points = append(c.points, p.integrate(c, method, 0, 0, step))
			}
		case method.Order() == 3:
			for _, rtol := range coarseTolerance {
				c.points = append(c.points, p.integrate(c, method, rtol, usualRatio*rtol, 0))
			}
		default:
			for _, rtol := range tolerances {
				c.points = append(c.points, p.integrate(c, method, rtol, usualRatio*rtol, 0))
			}
		}
		curves = append(curves, c)
	}
	for _, method := range integrator.Methods() {
		add(reduced, method)
	}
	add(full, integrator.Dopri5())
	add(full, integrator.Dop853())
	return curves
}
