package model

// coefficients are the scalars that a segment has reached after some time, in
// the coordinates of the package comment. In a blank φ, v and Δ are as there
// with φ = 0 and v = 0.
type coefficients struct {
	hidden float64 // b: h = φ + b Δh

	// Writing: f = v + output·Δf. Reading: f = output·f(0) + outputPhi·Hφ + outputDelta·HΔh.
	output, outputPhi, outputDelta float64

	hebbian                                        float64 // e: what is left of H(0)
	valuePhi, valueDelta, carriedPhi, carriedDelta float64 // e₁ … e₄, of vφᵀ, vΔhᵀ, Δfφᵀ, ΔfΔhᵀ
	coupling, couplingPhi, couplingDelta           float64 // c, c₁, c₂: g = c g(0) + c₁φ + c₂Δh

	calcium float64 // p
}

// products are the inner products of a segment's vectors. Everything that the
// calcium sees of the hidden layer, and all that an error norm needs, is here.
type products struct {
	phiPhi, phiDelta, deltaDelta float64 // |φ|², φ·Δh, |Δh|²
	gPhi, gDelta, gg             float64 // g(0)·φ, g(0)·Δh, |g(0)|²
	calcium                      float64 // p(0)

	// Gram matrix of the vectors that span f: writing v, Δf; reading f(0), Hφ, HΔh.
	out [3][3]float64
}

// calciumDrive returns S = g·h for the given coordinates.
func (x *products) calciumDrive(c *coefficients) float64 {
	b := c.hidden
	return c.coupling*(x.gPhi+b*x.gDelta) +
		c.couplingPhi*(x.phiPhi+b*x.phiDelta) +
		c.couplingDelta*(x.phiDelta+b*x.deltaDelta)
}

// quadratic returns |c₀u₀ + c₁u₁ + c₂u₂|² for vectors with the Gram matrix m.
func quadratic(m *[3][3]float64, c0, c1, c2 float64) float64 {
	c := [3]float64{c0, c1, c2}
	var sum float64
	for i := range c {
		for j := range c {
			sum += c[i] * c[j] * m[i][j]
		}
	}
	return max(sum, 0)
}

// A segmentSolver solves one segment in these coordinates. It calls emit for
// each of the ascending times at (within the segment, s), unless it fails.
type segmentSolver interface {
	solve(seg Segment, x *products, at []float64, emit func(i int, c *coefficients)) (coefficients, error)
}
