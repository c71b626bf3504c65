package model

import "math"

// coefficients are the scalars that a segment has reached after some time, in
// the coordinates of the package comment. In a blank φ = 0 and v = 0.
type coefficients struct {
	phi, hidden float64 // u, b: h = uφ + b h(0)

	// Writing: f = v + output·Δf. Reading: f = output·f(0) + outputPhi·Hφ + outputHidden·Hh(0).
	output, outputPhi, outputHidden float64

	hebbian                                          float64 // e: what is left of H(0)
	valuePhi, valueHidden, carriedPhi, carriedHidden float64 // e₁ … e₄, of vφᵀ, v h(0)ᵀ, Δf φᵀ, Δf h(0)ᵀ
	coupling, couplingPhi, couplingHidden            float64 // c, c₁, c₂: g = c g(0) + c₁φ + c₂h(0)

	calcium   float64   // p
	astrocyte []float64 // its state, until the solver is used again
}

// products are the inner products of a segment's vectors. Everything that the
// astrocyte sees of the hidden layer, and all that an error norm needs, is here.
type products struct {
	collected
	gg float64 // |g(0)|²

	spans     []span    // of what the astrocyte's processes collect
	astrocyte []float64 // its state at the start

	// Gram matrix of the vectors that span f: writing v, Δf; reading f(0), Hφ, Hh(0).
	out [3][3]float64
}

// couplingGram is the Gram matrix of the vectors that span g: g(0), φ and h(0).
func (inner *products) couplingGram() *[3][3]float64 {
	return &[3][3]float64{
		{inner.gg, inner.gPhi, inner.gHidden}, {inner.gPhi, inner.phiPhi, inner.phiHidden}, {inner.gHidden, inner.phiHidden, inner.hiddenHidden},
	}
}

// resolution is the relative rounding of an entry of a Gram matrix: below it a
// squared length that is formed from the entries cannot be told from 0.
const resolution = 1e-15

// quadratic returns |c₀u₀ + c₁u₁ + c₂u₂|² for vectors with that Gram matrix,
// or, where they cancel, the least that it can be told from 0: parallel vectors
// must not pass off a large error as none.
func quadratic(gram *[3][3]float64, c0, c1, c2 float64) float64 {
	c := [3]float64{c0, c1, c2}
	var sum, terms float64
	for i := range c {
		for j := range c {
			term := float64(c[i] * c[j] * gram[i][j])
			sum += term
			terms += math.Abs(term)
		}
	}
	return max(sum, resolution*terms)
}

// A pairGram is the Gram matrix of two vectors, without what is there twice.
type pairGram struct{ first, both, second float64 }

// quadratic is that of c₀u₀ + c₁u₁.
func (gram *pairGram) quadratic(c0, c1 float64) float64 {
	first, both, second := float64(c0*c0*gram.first), float64(2*c0*c1*gram.both), float64(c1*c1*gram.second)
	return max(first+both+second, resolution*(first+math.Abs(both)+second))
}

// A segmentSolver solves one segment in these coordinates. It calls emit for
// each of the ascending times at (within the segment, s), unless it fails.
type segmentSolver interface {
	solve(seg Segment, inner *products, at []float64, emit func(i int, reached *coefficients)) (coefficients, error)
}
