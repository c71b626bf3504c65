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
	for neuron := range hidden {
		system.Set(neuron, neuron, -1/tauH)
		system.Set(neuron, dim, (1+0.5*float64(neuron))/tauH)
		for target := range output {
			weight := float64((3*target+2*neuron)%5) - 1.5
			system.Set(hidden+target, neuron, weight/tauF)
		}
		system.Set(dim-1, neuron, 0.3*float64(neuron+1)/tauP)
	}
	for target := range output {
		system.Set(hidden+target, hidden+target, -1/tauF)
	}
	system.Set(dim-1, dim-1, -1/tauP)

	start := []float64{0, 0, 0, 0, 0, 0, 0, 1}
	return Problem{
		Name: "neuron-astrocyte", Source: "linearised from L. Kozachkov, K. V. Kastanenka, D. Krotov, PNAS 120 (2023) e2219150120",
		Derivative: func(_ float64, y, dy []float64) {
			for i := range dy {
				sum := system.At(i, dim)
				for j, value := range y {
					sum += system.At(i, j) * value
				}
				dy[i] = sum
			}
		},
		Jacobian: func(_ float64, _ []float64, add func(row, column int, partial float64)) {
			for i := range dim {
				for j := range dim {
					add(i, j, system.At(i, j))
				}
			}
		},
		Y0: start, Span: [2]float64{0, 0.1},
		Exact: func(t float64, y []float64) {
			var scaled, exponential mat.Dense
			scaled.Scale(t, system)
			exponential.Exp(&scaled)
			for i := range y {
				y[i] = exponential.At(i, dim)
				for j, value := range start {
					y[i] += exponential.At(i, j) * value
				}
			}
		},
	}
}
