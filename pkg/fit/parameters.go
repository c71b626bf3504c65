package fit

import "slices"

// Real is the precision that a map is trained in.
type Real interface{ float32 | float64 }

// Form is the shape of a map.
type Form struct {
	Dim       int // d, of a query or key
	Neurons   int // m
	Dendrites int // n, units between the token and the hidden layer; 0: none
}

// Inputs is how many numbers a neuron is tuned to: d + n.
func (f Form) Inputs() int { return f.Dim + f.Dendrites }

// Side is the tuning of the hidden layer to queries, or to keys.
type Side[T Real] struct {
	W []T // [m×(d+n)]
	B []T // [m]
	D []T // [n×d], dendrites
	C []T // [n]
}

// Parameters are all numbers of a map that are learned; and, as another, their gradient.
type Parameters[T Real] struct {
	Form
	Query, Key Side[T]
	Square     []T // u, [d]: the exponent of a key's factor, Σ_j u_j k'_j²
}

// NewParameters are those of a form, all 0.
func NewParameters[T Real](f Form) *Parameters[T] {
	side := func() Side[T] {
		return Side[T]{make([]T, f.Neurons*f.Inputs()), make([]T, f.Neurons), make([]T, f.Dendrites*f.Dim), make([]T, f.Dendrites)}
	}
	return &Parameters[T]{Form: f, Query: side(), Key: side(), Square: make([]T, f.Dim)}
}

// arrays lists all that is learned.
func (p *Parameters[T]) arrays() [][]T {
	return [][]T{p.Query.W, p.Query.B, p.Query.D, p.Query.C, p.Key.W, p.Key.B, p.Key.D, p.Key.C, p.Square}
}

// clone is a copy of its own.
func (p *Parameters[T]) clone() *Parameters[T] {
	return converted[T](p)
}

// converted is a copy in another precision.
func converted[To, From Real](p *Parameters[From]) *Parameters[To] {
	q := NewParameters[To](p.Form)
	for i, to := range q.arrays() {
		for j, x := range p.arrays()[i] {
			to[j] = To(x)
		}
	}
	return q
}

// zero sets all to 0.
func (p *Parameters[T]) zero() {
	for _, x := range p.arrays() {
		clear(x)
	}
}

// finite reports whether no number is NaN or infinite.
func (p *Parameters[T]) finite() bool {
	return !slices.ContainsFunc(p.arrays(), func(x []T) bool {
		return slices.ContainsFunc(x, func(v T) bool { return v-v != 0 })
	})
}
