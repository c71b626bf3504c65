package features

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// LearnedMap is a hidden layer that has been fitted to a head, its neurons tuned to queries and to keys apart (science §12):
//
//	φ_q(q) = exp(W_q x_q + b_q)                       x = [y, relu(D y + c)]
//	φ_k(k) = exp(W_k x_k + b_k + Σ_j u_j k'_j²)       y: q' = A⁻ᵀ(q − q̄), k' = A(k − k̄)
//
// The neurons are exponential units whose weights from the input plasticity has shaped; y is the input with its mean taken away and its
// units balanced, as adaptation and normalisation upstream would leave it; u is an inhibition that grows with the input's size; and
// relu(D y + c) are dendrites, which sum some of the input before the soma does.
type LearnedMap struct {
	Dim          int
	MeanQ, MeanK []float64 // q̄, k̄, [d]
	Balance      []float64 // A, [d×d]
	Inverse      []float64 // A⁻¹, [d×d]
	Query, Key   LearnedSide
	Square       []float64 // u, [d]
	Gain         []float64 // ḡ, the mean sum of the keys' features over what it was fitted to, [m]; nil: not known
}

// LearnedSide is the tuning to queries or to keys.
type LearnedSide struct {
	W []float64 // [m×(d+n)]
	B []float64 // [m]
	D []float64 // [n×d]
	C []float64 // [n]
}

// NewLearned returns the map of a fitted hidden layer. The sizes of all arrays must agree, and every number be finite.
func NewLearned(l *LearnedMap) (*Map, error) {
	d, m, dendrites := l.Dim, len(l.Query.B), len(l.Query.C)
	inputs := d + dendrites
	for _, array := range []struct {
		name string
		x    []float64
		size int
	}{
		{"mean_q", l.MeanQ, d}, {"mean_k", l.MeanK, d}, {"balance", l.Balance, d * d}, {"the inverse of balance", l.Inverse, d * d}, {"square_k", l.Square, d},
		{"W_q", l.Query.W, m * inputs}, {"b_q", l.Query.B, m}, {"D_q", l.Query.D, dendrites * d}, {"c_q", l.Query.C, dendrites},
		{"W_k", l.Key.W, m * inputs}, {"b_k", l.Key.B, m}, {"D_k", l.Key.D, dendrites * d}, {"c_k", l.Key.C, dendrites}, {"gain", l.Gain, m},
	} {
		if array.name == "gain" && array.x == nil {
			continue
		}
		if len(array.x) != array.size {
			return nil, fmt.Errorf("features: a learned map of %d neurons, tokens of length %d and %d dendrites has %d numbers in %s, not %d", m, d, dendrites, array.size, array.name, len(array.x))
		}
		if !finite(array.x) {
			return nil, fmt.Errorf("features: a learned map's %s holds a number that is not finite", array.name)
		}
	}
	if d < 1 || m < 1 {
		return nil, fmt.Errorf("features: a learned map of %d neurons and tokens of length %d; at least 1 of each is needed", m, d)
	}
	f, _ := lookup(Learned)
	return &Map{
		Spec: Spec{Map: Learned, Neurons: m}, Dim: d, family: f, learned: l,
		Queries: &Tuning{W: l.Query.W, B: l.Query.B}, Keys: &Tuning{W: l.Key.W, B: l.Key.B},
	}, nil
}

// Inverse is A⁻¹ of a matrix [d×d], by elimination with the largest pivots first: rounded alike on every processor.
func Inverse(a []float64, d int) ([]float64, error) {
	a = slices.Clone(a)
	inverse := make([]float64, d*d)
	for i := range d {
		inverse[i*d+i] = 1
	}
	row := func(x []float64, i int) []float64 { return x[i*d : (i+1)*d] }
	for column := range d {
		pivot := column
		for i := column; i < d; i++ {
			if math.Abs(a[i*d+column]) > math.Abs(a[pivot*d+column]) {
				pivot = i
			}
		}
		by := a[pivot*d+column]
		if by == 0 || by-by != 0 {
			return nil, errors.New("features: a matrix has no inverse")
		}
		for j := range d {
			a[column*d+j], a[pivot*d+j] = a[pivot*d+j], a[column*d+j]
			inverse[column*d+j], inverse[pivot*d+j] = inverse[pivot*d+j], inverse[column*d+j]
		}
		for j := range d {
			a[column*d+j] /= by
			inverse[column*d+j] /= by
		}
		for i := range d {
			if factor := a[i*d+column]; i != column && factor != 0 {
				kernel.Axpy(-factor, row(a, column), row(a, i))
				kernel.Axpy(-factor, row(inverse, column), row(inverse, i))
			}
		}
	}
	return inverse, nil
}

// Inputs is how many numbers a neuron is tuned to: the token's, and of a learned map those of its dendrites.
func (m *Map) Inputs() int {
	if m.learned == nil {
		return m.Dim
	}
	return m.Dim + len(m.learned.Query.C)
}

// own is n keys and then n queries in the map's own coordinates; amplitude takes the logarithms of theirs.
func (l *LearnedMap) own(x []float64, n int, amplitude []float64) []float64 {
	d := l.Dim
	keys, queries := turned(x, l.MeanK, l.Balance, true, n), turned(x[n*d:], l.MeanQ, l.Inverse, false, n)
	for t := range n {
		for j, k := range keys[t*d : (t+1)*d] {
			amplitude[t] += float64(l.Square[j] * float64(k*k))
		}
	}
	return append(l.Key.summed(keys, n, d), l.Query.summed(queries, n, d)...)
}

// summed is [y, relu(D y + c)].
func (s *LearnedSide) summed(y []float64, n, d int) []float64 {
	dendrites := len(s.C)
	if dendrites == 0 {
		return y
	}
	branch := make([]float64, n*dendrites)
	kernel.Gemm(false, true, n, dendrites, d, 1, y, d, s.D, d, 0, branch, dendrites)
	x := make([]float64, 0, n*(d+dendrites))
	for t := range n {
		x = append(x, y[t*d:(t+1)*d]...)
		for i, u := range branch[t*dendrites : (t+1)*dendrites] {
			x = append(x, max(u+s.C[i], 0))
		}
	}
	return x
}
