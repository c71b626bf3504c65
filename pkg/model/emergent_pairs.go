package model

import (
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// pairs returns how many of them tell all others to rounding: the polynomial through n of
// Chebyshev's points errs by 2 (H/2)ⁿ/n! of e^{εH} on [−1, 1], and there is a factor e^H
// between the largest and the smallest.
func (network *emergent) pairs() int {
	head, parameters := network.head, &network.parameters
	if parameters.TauSynapse == 0 || parameters.TauExchange == 0 {
		return 1
	}
	for _, phi := range [][]float64{head.PhiQ, head.PhiK} {
		if lowest(phi) < 0 {
			return head.Neurons // r may be anything
		}
	}
	most := kernel.Max(head.KernelSums(parameters.Causal))
	half := parameters.Division.Processes * most * parameters.TauExchange / (2 * float64(head.Values*head.Neurons) * parameters.TauSynapse)
	off := 2 * portable.Exp(min(half, 700))
	for n := 1; n < head.Neurons; n++ {
		if off *= half / 2 / float64(n); off < 1e-16 {
			return n
		}
	}
	return head.Neurons
}

// gather sets the pairs of a read and what each makes of f.
func (network *emergent) gather() {
	m, n, width := network.head.Neurons, len(network.ratios), network.width
	clear(network.spread)
	switch n {
	case 0: // every p and s is integrated
		return
	case m:
		copy(network.ratios, network.all)
		for neuron, rate := range network.query {
			network.spread[neuron*m+neuron] = rate / network.sum
		}
	default:
		points, factors := chebyshev(n, lowest(network.all), kernel.Max(network.all))
		copy(network.ratios, points)
		row := make([]float64, n)
		for neuron, rate := range network.query {
			lagrange(network.all[neuron], points, factors, row)
			for pair, share := range row {
				network.spread[pair*m+neuron] = share * rate / network.sum
			}
		}
	}
	kernel.Gemm(false, false, n, width, m, 1, network.spread, m, network.contents, width, 0, network.effects, width)
	for pair := range network.weights {
		row := network.effects[pair*width : pair*width+network.head.Values]
		network.weights[pair] = math.Sqrt(kernel.Dot(row, row))
	}
	network.offAtol = network.solver.Atol * math.Sqrt(kernel.Dot(network.weights, network.weights))
}

// chebyshev returns n of Chebyshev's points of the first kind on an interval, and their
// barycentric factors (Berrut & Trefethen 2004, SIAM Rev. 46:501).
func chebyshev(n int, from, to float64) (points, factors []float64) {
	for k := range n {
		angle := math.Pi * float64(2*k+1) / float64(2*n)
		sine, cosine := portable.Sin(angle), portable.Cos(angle)
		if points = append(points, float64((from+to)/2)+float64((to-from)/2*cosine)); k%2 == 1 {
			sine = -sine
		}
		factors = append(factors, sine)
	}
	return points, factors
}

// lagrange sets into to what each point's value counts at x for the polynomial through them.
func lagrange(x float64, points, factors, into []float64) {
	var sum float64
	for k, point := range points {
		if x == point {
			clear(into)
			into[k] = 1
			return
		}
		into[k] = factors[k] / (x - point)
		sum += into[k]
	}
	for k := range into {
		into[k] /= sum
	}
}
