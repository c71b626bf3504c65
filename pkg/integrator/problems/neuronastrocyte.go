package problems

import "gonum.org/v1/gonum/mat"

// NeuronAstrocyte is a linear feed-forward circuit of four hidden and three
// output neurons with one astrocyte, in seconds: y = (h₁..h₄, f₁..f₃, p),
//
//	τ_h dh/dt = −h + φ        τ_h = 10 ms
//	τ_f df/dt = −f + W h      τ_f = 20 ms
//	τ_p dp/dt = −p + g·h      τ_p = 50 ms
//
// over 0.1 s from h = f = 0, p = 1, with the tuning φ, weights W and couplings
// g of a fixed formula. Exact is the exponential of the system's matrix,
// extended by a constant component for φ.
func NeuronAstrocyte() Problem {
	const hidden, output, dim = 4, 3, 8
	const tauH, tauF, tauP = 0.010, 0.020, 0.050
	system := mat.NewDense(dim+1, dim+1, nil)
	for a := range hidden {
		system.Set(a, a, -1/tauH)
		system.Set(a, dim, (1+0.5*float64(a))/tauH)
		for i := range output {
			w := float64((3*i+2*a)%5) - 1.5
			system.Set(hidden+i, a, w/tauF)
		}
		system.Set(dim-1, a, 0.3*float64(a+1)/tauP)
	}
	for i := range output {
		system.Set(hidden+i, hidden+i, -1/tauF)
	}
	system.Set(dim-1, dim-1, -1/tauP)

	start := []float64{0, 0, 0, 0, 0, 0, 0, 1}
	return Problem{
		Name: "neuron-astrocyte", Source: "linearised from L. Kozachkov, K. V. Kastanenka, D. Krotov, PNAS 120 (2023) e2219150120",
		Derivative: func(_ float64, y, dy []float64) {
			for i := range dy {
				sum := system.At(i, dim)
				for j, x := range y {
					sum += system.At(i, j) * x
				}
				dy[i] = sum
			}
		},
		Y0: start, Span: [2]float64{0, 0.1},
		Exact: func(t float64, y []float64) {
			var scaled, e mat.Dense
			scaled.Scale(t, system)
			e.Exp(&scaled)
			for i := range y {
				y[i] = e.At(i, dim)
				for j, x := range start {
					y[i] += e.At(i, j) * x
				}
			}
		},
	}
}
