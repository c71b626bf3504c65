package integrator

import (
	"math"

	"github.com/nasim-sim/nasim/internal/portable"
)

// firstStep guesses a step size from the sizes of y, f and the change of f
// over a small Euler step, such that an explicit Euler step would be wrong by
// about a hundredth of the tolerance (Hairer, Nørsett & Wanner, II.4).
func (it *Integrator) firstStep(slope []float64, bound, dir float64) float64 {
	norm, groups := it.settings.Norm, it.settings.Groups
	left := min(math.Abs(bound-it.t), it.settings.MaxStep)
	const tiny = 1e-5 // below this many tolerances a size says nothing
	d0 := norm.Measure(it.t, 0, it.y, it.y, it.y, groups)
	d1 := norm.Measure(it.t, 0, it.y, it.y, slope, groups)
	h := 1e-6
	if d0 >= tiny && d1 >= tiny {
		h = 0.01 * d0 / d1
	}
	h = min(h, left)
	for i, rate := range slope {
		it.new[i] = it.y[i] + float64(dir*h*rate)
	}
	it.ev.probe(dir * h)
	it.ev.derivative(it.t+float64(dir*h), it.new, it.out)
	if !finite(it.out) {
		return h / 100
	}
	for i, rate := range slope {
		it.out[i] = (it.out[i] - rate) / h
	}
	d2 := norm.Measure(it.t, h, it.y, it.new, it.out, groups)
	second := max(1e-6, h*1e-3)
	if most := max(d1, d2); most > 1e-15 {
		second = portable.Pow(0.01/most, 1/it.order)
	}
	return min(100*h, second, left)
}
