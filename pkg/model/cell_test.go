package model

import (
	"math"
	"testing"
)

// Near rest, where a cell's p is a difference to it, p is as precise as where it is large:
// what divides is bounded at a billionth of that.
func TestCellsArePreciseNearRest(t *testing.T) {
	for _, p := range calciumParameters() {
		cell, slope := p.cellular(), make([]float64, 8)
		if cell == nil {
			continue
		}
		state := make([]float64, cell.states())
		cell.begin(0, state)
		cell.(smoothCalcium).slopes(following, state, slope)
		rest := append([]float64(nil), state...)
		for i, by := range slope[:len(state)] {
			if by == 0 {
				continue
			}
			for _, off := range []float64{1e-8, -1e-10, 1e-12, -1e-15, 1e-18} {
				copy(state, rest)
				state[i] += off
				// The curve's own curvature is what is left of it.
				if p := levelOf(cell, following, 0, state); math.Abs(p/(off*by)-1) > 1e-12+1e2*math.Abs(off) {
					t.Errorf("%T: %g above rest is read as %.15g, and not %.15g", cell, off, p, off*by)
				}
			}
		}
		for _, level := range []float64{1e-9, 1e-14} {
			cell.begin(level, state)
			if p := levelOf(cell, following, 0, state); math.Abs(p-level) > 1e-14*level {
				t.Errorf("%T: %g is read as %g", cell, level, p)
			}
		}
	}
}
