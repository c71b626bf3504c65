package model

import (
	"math"
	"math/big"
	"testing"
)

// rational is a function of chords, and the same one of rational numbers.
var rational = []struct {
	name  string
	chord func(x chord) chord
	exact func(x *big.Rat) *big.Rat
}{
	{"plus, minus", func(x chord) chord { return x.plus(x.squared()).minus(x.scaled(3)).add(-2) }, func(x *big.Rat) *big.Rat {
		sum := new(big.Rat).Add(x, new(big.Rat).Mul(x, x))
		return sum.Sub(sum.Sub(sum, new(big.Rat).Mul(x, big.NewRat(3, 1))), big.NewRat(2, 1))
	}},
	{"times", func(x chord) chord { return x.times(x.add(1)).times(x) }, func(x *big.Rat) *big.Rat {
		next := new(big.Rat).Add(x, big.NewRat(1, 1))
		return next.Mul(next.Mul(next, x), x)
	}},
	{"over", func(x chord) chord { return x.add(2).over(x.squared()) }, func(x *big.Rat) *big.Rat {
		return new(big.Rat).Quo(new(big.Rat).Add(x, big.NewRat(2, 1)), new(big.Rat).Mul(x, x))
	}},
	{"half", func(x chord) chord { return x.squared().half(0.25) }, func(x *big.Rat) *big.Rat {
		square := new(big.Rat).Mul(x, x)
		return new(big.Rat).Quo(square, new(big.Rat).Add(square, big.NewRat(1, 4)))
	}},
}

// What a quantity changes by is that of exact arithmetic to a few roundings, however near
// the two values are, where the difference of the rounded numbers would be noise.
func TestChordsArePrecise(t *testing.T) {
	for _, c := range rational {
		for _, from := range []float64{0.07, 0.435, 5} {
			for _, step := range []float64{2, 0.125, -0.03125, 0x1p-20, -0x1p-44, 0x1p-50} {
				to := from + step
				step := to - from // as it is in float64
				start, end := new(big.Rat).SetFloat64(from), new(big.Rat).SetFloat64(to)
				want, _ := new(big.Rat).Sub(c.exact(end), c.exact(start)).Float64()
				is := c.chord(between(from, to))
				if have := is.slope * step; math.Abs(have-want) > 1e-14*math.Abs(want) {
					t.Errorf("%s from %g by %g: changes by %.17g, not %.17g", c.name, from, step, have, want)
				}
				for at, value := range map[*big.Rat]float64{start: is.from, end: is.to} {
					if want, _ := c.exact(at).Float64(); math.Abs(value-want) > 1e-14*(1+math.Abs(want)) {
						t.Errorf("%s: %.17g, not %.17g", c.name, value, want)
					}
				}
			}
		}
	}
	for _, from := range []float64{-8, -0.1, 1e-3, 27} {
		for _, to := range []float64{from, from * (1 + 0x1p-44), 1.5 * from} {
			root := between(from, to).cubeRoot()
			want := 1 / (math.Cbrt(from)*math.Cbrt(from) + math.Cbrt(from)*math.Cbrt(to) + math.Cbrt(to)*math.Cbrt(to))
			if math.Abs(root.slope-want) > 1e-14*want || math.Abs(root.to-math.Cbrt(to)) > 1e-15*math.Abs(root.to) {
				t.Errorf("∛ from %g to %g: %+v", from, to, root)
			}
		}
	}
}

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
				if p := cell.level(following, 0, state); math.Abs(p/(off*by)-1) > 1e-12+1e2*math.Abs(off) {
					t.Errorf("%T: %g above rest is read as %.15g, and not %.15g", cell, off, p, off*by)
				}
			}
		}
		for _, level := range []float64{1e-9, 1e-14} {
			cell.begin(level, state)
			if p := cell.level(following, 0, state); math.Abs(p-level) > 1e-14*level {
				t.Errorf("%T: %g is read as %g", cell, level, p)
			}
		}
	}
}
