package model

// collected is what decides, of a segment, what the astrocyte's processes collect,
// S = g·h: inner products of the vectors that g and h are combinations of. With a
// positive map none is negative and no coordinate is, so that nothing cancels, though
// S may span many decades.
type collected struct {
	phiPhi, phiHidden, hiddenHidden float64 // |φ|², φ·h(0), |h(0)|²
	gPhi, gHidden                   float64 // g(0)·φ, g(0)·h(0)
}

// sum returns S for the given coordinates.
func (inner *collected) sum(reached *coefficients) float64 {
	u, b := reached.phi, reached.hidden
	return float64(reached.coupling*(float64(u*inner.gPhi)+float64(b*inner.gHidden))) +
		float64(reached.couplingPhi*(float64(u*inner.phiPhi)+float64(b*inner.phiHidden))) +
		float64(reached.couplingHidden*(float64(u*inner.phiHidden)+float64(b*inner.hiddenHidden)))
}

// hiddenSquare returns |h|² = |uφ + b h(0)|².
func (inner *collected) hiddenSquare(reached *coefficients) float64 {
	u, b := reached.phi, reached.hidden
	return float64(u*u*inner.phiPhi) + float64(2*u*b*inner.phiHidden) + float64(b*b*inner.hiddenHidden)
}

// advance takes the inner products to where the coordinates have got.
func (inner *collected) advance(reached *coefficients) {
	u, b := reached.phi, reached.hidden
	*inner = collected{
		phiPhi: inner.phiPhi, phiHidden: float64(u*inner.phiPhi) + float64(b*inner.phiHidden), hiddenHidden: inner.hiddenSquare(reached),
		gPhi:    float64(reached.coupling*inner.gPhi) + float64(reached.couplingPhi*inner.phiPhi) + float64(reached.couplingHidden*inner.phiHidden),
		gHidden: inner.sum(reached),
	}
}
