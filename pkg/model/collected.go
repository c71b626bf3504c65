package model

// collected is what decides, of a segment, what the astrocyte's processes collect where each
// has its own coupling, S = g·h: inner products of the vectors that g and h are combinations
// of. With a positive map none is negative and no coordinate is, so that nothing cancels,
// though S may span many decades.
type collected struct {
	phiPhi, phiHidden, hiddenHidden float64 // |φ|², φ·h(0), |h(0)|²
	gPhi, gHidden                   float64 // g(0)·φ, g(0)·h(0)
}

// sum returns S for the given coordinates.
func (inner *collected) sum(reached *coefficients) float64 {
	return reached.sum(inner.gPhi, inner.gHidden, inner.phiPhi, inner.phiHidden, inner.phiHidden, inner.hiddenHidden)
}

// drives is what is collected as it drives the calcium.
func (inner *collected) drives() driving {
	return driving{
		gPhi: inner.gPhi, gHidden: inner.gHidden,
		phiPhi: inner.phiPhi, phiHidden: inner.phiHidden, hiddenPhi: inner.phiHidden, hiddenHidden: inner.hiddenHidden,
	}
}

// hiddenSquare returns |h|² = |uφ + b h(0)|².
func (inner *collected) hiddenSquare(reached *coefficients) float64 {
	u, b := reached.phi, reached.hidden
	return float64(u*u*inner.phiPhi) + float64(2*u*b*inner.phiHidden) + float64(b*b*inner.hiddenHidden)
}

// driving is what drives a calcium: what g is a combination of, g(0), φ and h(0), by what h is,
// φ and h(0). Where the processes that collect have not the couplings that are taken (coupling.go)
// φ by h(0) is not h(0) by φ.
type driving struct {
	gPhi, gHidden, phiPhi, phiHidden, hiddenPhi, hiddenHidden float64
}

// sum returns S for the given coordinates.
func (drive *driving) sum(reached *coefficients) float64 {
	return reached.sum(drive.gPhi, drive.gHidden, drive.phiPhi, drive.phiHidden, drive.hiddenPhi, drive.hiddenHidden)
}

// sum returns the product of what the coordinates make of g and of h, of the products of their parts.
func (reached *coefficients) sum(gPhi, gHidden, phiPhi, phiHidden, hiddenPhi, hiddenHidden float64) float64 {
	u, b := reached.phi, reached.hidden
	return float64(reached.coupling*(float64(u*gPhi)+float64(b*gHidden))) +
		float64(reached.couplingPhi*(float64(u*phiPhi)+float64(b*phiHidden))) +
		float64(reached.couplingHidden*(float64(u*hiddenPhi)+float64(b*hiddenHidden)))
}

// advance takes the products to where the coordinates have got.
func (drive *driving) advance(reached *coefficients) {
	u, b := reached.phi, reached.hidden
	*drive = driving{
		gPhi:    float64(reached.coupling*drive.gPhi) + float64(reached.couplingPhi*drive.phiPhi) + float64(reached.couplingHidden*drive.hiddenPhi),
		gHidden: drive.sum(reached),
		phiPhi:  drive.phiPhi, phiHidden: float64(u*drive.phiPhi) + float64(b*drive.phiHidden), hiddenPhi: float64(u*drive.phiPhi) + float64(b*drive.hiddenPhi),
		hiddenHidden: float64(u*u*drive.phiPhi) + float64(u*b*(drive.phiHidden+drive.hiddenPhi)) + float64(b*b*drive.hiddenHidden),
	}
}

// add adds another's inner products.
func (inner *collected) add(other *collected) {
	inner.phiPhi += other.phiPhi
	inner.phiHidden += other.phiHidden
	inner.hiddenHidden += other.hiddenHidden
	inner.gPhi += other.gPhi
	inner.gHidden += other.gHidden
}
