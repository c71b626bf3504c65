package model

import "math"

// A reticulum is a cell's endoplasmic reticulum. IP3 lets calcium out of it into the cytosol, through
// receptors that calcium opens and, later, inactivates, and a pump takes it back (Li & Rinzel 1994),
//
//	dC/dt = (Ω_C (mnh)³ + Ω_L) ρ (C_E − C) − O_P C²/(C² + K_P²)     m = I/(I + d_1)     n = C/(C + d_5)
//	dh/dt = O_2 (Q_2 (1 − h) − C h)                                 Q_2 = d_2 (I + d_1)/(I + d_3)
//
// for a cell in which calcium is neither lost nor gained, C + ρ C_E = C_T. In µM and s.
type reticulum struct {
	total        float64 // C_T, of cytosol and reticulum, for a volume of the cytosol
	volumes      float64 // ρ, of reticulum over cytosol
	channel      float64 // Ω_C, of the IP3 receptors' channel, 1/s
	leak         float64 // Ω_L, 1/s
	uptake       float64 // O_P, the pump's largest rate, µM/s
	pump         float64 // K_P, of the pump
	opening      float64 // d_1, of IP3, at which it opens half of its receptors
	inactivation float64 // d_2, of calcium
	inhibition   float64 // d_3, of IP3 in their inactivation by calcium
	activation   float64 // d_5, of calcium
	binding      float64 // O_2, of calcium to the inactivating site, 1/(µM s)
}

// stored returns C_E where the cytosol has the rest.
func (of *reticulum) stored(calcium float64) float64 { return (of.total - calcium) / of.volumes }

// most is the calcium with which the cytosol has as much as the reticulum.
func (of *reticulum) most() float64 { return of.total / (1 + of.volumes) }

// affinity is Q_2.
func (of *reticulum) affinity(ip3 float64) float64 {
	return of.inactivation * (ip3 + of.opening) / (ip3 + of.inhibition)
}

// uninactivated is what h rests at.
func (of *reticulum) uninactivated(ip3, calcium float64) float64 {
	affinity := of.affinity(ip3)
	return affinity / (affinity + calcium)
}

// rates returns dC/dt, µM/s, and dh/dt, 1/s. Of what the cytosol gains 1/ρ is what the reticulum, of
// which stored is C_E, loses.
func (of *reticulum) rates(ip3, calcium, stored, h float64) (ofCalcium, ofH float64) {
	open := ip3 * calcium * h / ((ip3 + of.opening) * (calcium + of.activation))
	square := float64(calcium * calcium)
	permeability := float64(of.channel*open*open*open) + of.leak
	pumped := of.uptake * square / (square + float64(of.pump*of.pump))
	affinity := of.affinity(ip3)
	return float64(permeability*of.volumes*(stored-calcium)) - pumped,
		of.binding * (affinity - float64((affinity+calcium)*h))
}

// partials adds those of both, of which calcium has a row and h the one behind it, by IP3, of which the
// column is the one before, calcium and h.
func (of *reticulum) partials(ip3, calcium, h float64, row int, add partial) {
	m, n := ip3/(ip3+of.opening), calcium/(calcium+of.activation)
	byIP3, byCalcium := of.opening/((ip3+of.opening)*(ip3+of.opening)), of.activation/((calcium+of.activation)*(calcium+of.activation))
	open, gradient := m*n*h, of.total-float64((1+of.volumes)*calcium)
	steep := 3 * of.channel * open * open * gradient // by what opens
	pump := float64(of.pump * of.pump)
	half := float64(calcium*calcium) + pump
	add(row, row-1, steep*byIP3*n*h)
	add(row, row, float64(steep*m*byCalcium*h)-float64((float64(of.channel*open*open*open)+of.leak)*(1+of.volumes))-2*of.uptake*calcium*pump/(half*half))
	add(row, row+1, steep*m*n)
	add(row+1, row-1, of.binding*of.inactivation*(of.inhibition-of.opening)/((ip3+of.inhibition)*(ip3+of.inhibition))*(1-h))
	add(row+1, row, -of.binding*h)
	add(row+1, row+1, -of.binding*(of.affinity(ip3)+calcium))
}

// shortest is by bounds of what calcium's own change depends on calcium by, s: what flows through channel
// and leak, and the pump's steepest slope, 3√3/8 O_P/K_P.
func (of *reticulum) shortest() float64 {
	return 1 / (float64((of.channel+of.leak)*(1+of.volumes)) + 3*math.Sqrt(3)/8*of.uptake/of.pump)
}

// A settledReticulum is one that rests at a level of calcium, with all that leads to the IP3 which that
// takes: what flows in is what is pumped, and as h = Q_2/(Q_2 + C), mh = d_2 I/(d_2 (I + d_1) + C (I + d_3)).
type settledReticulum struct {
	calcium, square float64 // C and C²
	half            float64 // C² + K_P²
	gradient        float64 // ρ (C_E − C)
	permeability    float64 // Ω_C (mnh)³ + Ω_L
	open            float64 // mnh
	weight          float64 // mh C
	found           float64 // 1 over what I is multiplied by; above 0 if there is such IP3
	ip3             float64
}

// settle sets where it rests at a level of calcium.
func (at *settledReticulum) settle(of *reticulum, calcium float64) {
	at.calcium, at.square = calcium, float64(calcium*calcium)
	at.half = at.square + float64(of.pump*of.pump)
	at.gradient = of.total - float64((1+of.volumes)*calcium)
	pumped := at.half * at.gradient
	cube := (float64(of.uptake*at.square) - float64(of.leak*pumped)) / (of.channel * pumped)
	at.permeability = float64(of.channel*cube) + of.leak
	at.open = cubeRoot(cube)
	at.weight = float64(at.open * (calcium + of.activation))
	at.found = 1 / (float64(of.inactivation*calcium) - float64(at.weight*(calcium+of.inactivation)))
	at.ip3 = at.weight * (float64(of.inhibition*calcium) + float64(of.inactivation*of.opening)) * at.found
}

// slope returns how much the IP3 of two levels of calcium differs, relative to these. The difference of
// each step follows from those before, so that none is taken of two numbers that are nearly alike: it is
// precise however near they are. Of one level and the same it is the derivative.
func (of *reticulum) slope(from, to *settledReticulum) float64 {
	square := from.calcium + to.calcium
	pumped := float64(square*to.gradient) - float64(from.half*(1+of.volumes))
	cubes := float64(from.open*from.open) + float64(from.open*to.open) + float64(to.open*to.open)
	open := (float64(of.uptake*square) - float64(from.permeability*pumped)) / (of.channel * to.half * to.gradient * cubes)
	weight := float64(open*(to.calcium+of.activation)) + from.open
	left := of.inactivation - float64(weight*(to.calcium+of.inactivation)) - from.weight
	right := float64(weight*(float64(of.inhibition*to.calcium)+float64(of.inactivation*of.opening))) + float64(from.weight*of.inhibition)
	return (right - float64(from.ip3*left)) * to.found
}
