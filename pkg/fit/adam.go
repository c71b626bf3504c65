package fit

import "math"

// Adam (Kingma & Ba, arXiv 1412.6980) without weight decay, as the recipe of science §12 has it.
const (
	beta1, beta2 = 0.9, 0.99
	adamEpsilon  = 1e-12
)

// adam holds the running means of gradients and of their squares.
type adam[T Real] struct {
	first, second *Parameters[T]
	steps         int
}

func newAdam[T Real](f Form) *adam[T] {
	return &adam[T]{first: NewParameters[T](f), second: NewParameters[T](f)}
}

// step moves the parameters against the gradient at a rate.
func (a *adam[T]) step(p, g *Parameters[T], rate float64) {
	a.steps++
	n := float64(a.steps)
	unbias1, unbias2 := 1-math.Pow(beta1, n), 1-math.Pow(beta2, n)
	size, root := T(rate/unbias1), T(1/math.Sqrt(unbias2))
	first, second, gradients := a.first.arrays(), a.second.arrays(), g.arrays()
	for i, x := range p.arrays() {
		m, v, g := first[i], second[i], gradients[i]
		for j := range x {
			m[j] = T(beta1*m[j]) + T((1-beta1)*g[j])
			v[j] = T(beta2*v[j]) + T((1-beta2)*g[j]*g[j])
			x[j] -= T(size * m[j] / (T(T(math.Sqrt(float64(v[j])))*root) + adamEpsilon))
		}
	}
}

// Schedule of the rate: it rises over the first steps, and falls as a cosine to a fiftieth.
const (
	warmUp   = 50
	lastRate = 0.02
)

// rateAt is the rate of a step, from 0, of so many, relative to the largest.
func rateAt(step, steps int) float64 {
	f := float64(step) / float64(steps)
	rise := min(1, float64(step+1)/warmUp)
	return rise * (lastRate + float64((1-lastRate)*0.5*(1+math.Cos(math.Pi*f))))
}
