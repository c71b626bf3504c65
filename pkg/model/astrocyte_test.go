package model

import (
	"fmt"
	"math"
	"testing"
)

// levelOf and derivativeOf ask a calcium model for one pool alone.
func levelOf(model calciumModel, course calciumCourse, collected float64, state []float64) float64 {
	var p [1]float64
	model.levels(course, []float64{collected}, state, len(state), p[:])
	return p[0]
}

func derivativeOf(model calciumModel, course calciumCourse, collected float64, state, rates []float64) {
	model.derivatives(course, []float64{collected}, state, len(state), rates)
}

// rows of the tables that the suite goes through: each model at constants that make it
// what it is.
func calciumParameters() []Parameters {
	var all []Parameters
	for kind := range calciumModels {
		p := distinct()
		p.Calcium, p.IP3Max, p.LargestSum = Calcium(kind), 0.3, 5
		rising, instant := p, p
		rising.TauRise = 0.02
		instant.TauCalcium, instant.TauRise = 0, 0
		all = append(all, p, rising, instant)
	}
	return all
}

func readoutParameters() []Parameters {
	all := []Parameters{{Circuit: NoAstrocyte, Division: Division{Level: 3, Floor: 1e-3}}}
	for kind := range readouts {
		division := Division{Readout: Readout(kind), Floor: 1e-3, HalfEffect: 0.2, Threshold: 1.5}
		slow := division
		slow.TauReceptor = 0.3
		all = append(all, Parameters{Division: division}, Parameters{Division: slow})
	}
	return all
}

// Every calcium model keeps to what one is: this runs over the table, and a row that is
// added is held to it.
func TestCalciumModels(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range Calciums() {
		if name == "" || seen[name] {
			t.Errorf("calcium model %q", name)
		}
		seen[name] = true
	}
	for _, p := range calciumParameters() {
		model := p.calcium()
		t.Run(fmt.Sprintf("%s, τ_p %g, τ_r %g", p.Calcium, p.TauCalcium, p.TauRise), func(t *testing.T) {
			const level = 1.7
			state, rates := make([]float64, model.states()), make([]float64, model.states())
			rate := func(course calciumCourse, collected float64) float64 {
				clear(rates)
				derivativeOf(model, course, collected, state, rates)
				var worst float64
				for _, r := range rates {
					worst = max(worst, math.Abs(r))
				}
				return worst
			}
			model.begin(level, state)
			if p := levelOf(model, held, 5, state); math.Abs(p-level) > 1e-12*level {
				t.Errorf("begins at %g, not %g", p, level)
			}
			if r := rate(held, 5); r != 0 {
				t.Errorf("moves by %g/s where it is held", r)
			}
			// A drive of p holds p where it is.
			if r := rate(following, level); r > 1e-12 {
				t.Errorf("moves by %g/s where it has settled", r)
			}
			model.settle(following, level, state)
			if p := levelOf(model, following, level, state); math.Abs(p-level) > 1e-12*level {
				t.Errorf("settles at %g under a drive of %g", p, level)
			}
			if model.follows() {
				model.settle(held, 9, state)
				if p := levelOf(model, held, 5, state); p != level {
					t.Errorf("is held at %g, not at %g", p, level)
				}
				if p := levelOf(model, following, 5, state); p != 5 {
					t.Errorf("follows 5 by %g", p)
				}
				if p := levelOf(model, falling, 5, state); p != 0 {
					t.Errorf("falls to %g", p)
				}
				return
			}
			// It goes to where its drive is, and to 0 without one, whatever is collected.
			for course, target := range map[calciumCourse]float64{following: 3, falling: 0} {
				model.begin(level, state)
				step := 1e-4
				if cell, ok := model.(cellularCalcium); ok { // which takes longer
					step = cell.shortest() / 10
				}
				for range 100_000 {
					clear(rates)
					derivativeOf(model, course, 3, state, rates)
					for i := range state {
						state[i] += step * rates[i]
					}
				}
				if p := levelOf(model, course, 3, state); math.Abs(p-target) > 1e-6 {
					t.Errorf("course %d tends to %g, not %g", course, p, target)
				}
			}
		})
	}
}

// So does every read-out.
func TestReadouts(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range Readouts() {
		if name == "" || seen[name] {
			t.Errorf("read-out %q", name)
		}
		seen[name] = true
	}
	for _, p := range readoutParameters() {
		astrocyte, floor := p.astrocyte(), p.Division.Floor
		t.Run(fmt.Sprintf("%+v", p.Division), func(t *testing.T) {
			before := 0.0
			for _, p := range []float64{-1, 0, floor / 2, floor, 0.01, 0.5, 1, 7, 1e4} {
				state := astrocyte.begin(p)
				divisor := astrocyte.divisor(p, state)
				if !(divisor > 0) || math.IsInf(divisor, 1) || divisor < before*(1-1e-12) {
					t.Errorf("p = %g: the divisor is %g, and of less calcium %g", p, divisor, before)
				}
				before = divisor
				if p < floor {
					if at := astrocyte.divisor(floor, astrocyte.begin(floor)); divisor != at {
						t.Errorf("p = %g below the floor: the divisor is %g, not %g as at the floor", p, divisor, at)
					}
				} else if of := astrocyte.normalizer(p, state); of != divisor {
					t.Errorf("p = %g: the divisor is %g, the normaliser %g", p, divisor, of)
				}
				rates := make([]float64, astrocyte.states)
				astrocyte.derivative(held, 5, p, state, rates)
				for i, r := range rates {
					if math.Abs(r) > 1e-9*(1+math.Abs(state[i])) {
						t.Errorf("p = %g: moves by %g/s where it has settled", p, r)
					}
				}
			}
		})
	}
}
