package features

import (
	"errors"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// evaluateIdeal returns the inner products exp(x·y) of all keys and queries, the
// queries' gains and a common factor included: it brings the longest feature to
// length 1, and as no inner product is larger than both features' lengths, none
// overflows.
func (m *Map) evaluateIdeal(in *seen, gain Gain) (*Activity, error) {
	n := in.n
	tokens := append(slices.Clone(in.k[:n*m.Dim]), in.q[:n*m.Dim]...)
	if err := m.known(squaredNorms(tokens, m.Dim)); err != nil {
		return nil, err
	}
	if !finite(tokens) {
		return nil, errors.New("features: the queries or keys hold values that are not finite")
	}
	size := 2 * n
	a := &Activity{LogGain: make([]float64, n), Gram: make([]float64, size*size)}
	kernel.Gemm(false, true, size, size, m.Dim, 1, tokens, m.Dim, tokens, m.Dim, 0, a.Gram, size)
	for i := 0; i < size && m.scaledKeys(); i++ { // the gains of the keys are in all products with them
		kernel.Axpy(1, in.gain, a.Gram[i*size:i*size+n])
		for j := range a.Gram[i*size : (i+1)*size] {
			if i < n {
				a.Gram[i*size+j] += in.gain[i]
			}
		}
	}
	switch gain.Kind {
	case GainNorm:
		for t := range n {
			a.LogGain[t] = float64(-m.family.normFactor * a.Gram[(n+t)*size+n+t])
		}
	case GainEqualised:
		for t := range n {
			last := n
			if gain.Causal {
				last = t + 1
			}
			a.LogGain[t] = -logSum(a.Gram[(n+t)*size : (n+t)*size+last])
		}
	}
	if gain.Kind == GainBalanced {
		lengths := make([]float64, size)
		for i := range size {
			lengths[i] = a.Gram[i*size+i] / 2
		}
		gain.balance(lengths[n:], lengths[:n], a.LogGain)
	}
	longest := math.Inf(-1) // ln |φ|²
	for i := range size {
		longest = max(longest, a.Gram[i*size+i]+float64(2*a.logGain(i)))
	}
	a.Shift = -longest / 2
	for i := range size {
		row := a.Gram[i*size : (i+1)*size]
		for j := range n {
			row[n+j] += a.LogGain[j]
		}
		kernel.Exp(row, row, a.logGain(i)+float64(2*a.Shift))
	}
	if !finite(a.Gram) {
		return nil, errors.New("features: an inner product of features is not finite: the queries or keys are too long, or lie too many decades apart for the gain")
	}
	in.lose(a.LogGain)
	return a, nil
}

// logGain is that of the i-th of keys and queries.
func (a *Activity) logGain(i int) float64 {
	if n := len(a.LogGain); i >= n {
		return a.LogGain[i-n]
	}
	return 0
}

// logSum returns ln Σ e^x.
func logSum(x []float64) float64 {
	largest, sum := slices.Max(x), 0.0
	for _, v := range x {
		sum += portable.Exp(v - largest)
	}
	return largest + portable.Log(sum)
}
