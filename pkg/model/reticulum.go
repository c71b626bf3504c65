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

// gradient returns ρ (C_E − C), by which calcium flows into the cytosol, where that has so much of it.
func (of *reticulum) gradient(calcium float64) float64 {
	return of.total - float64((1+of.volumes)*calcium)
}

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

// rates returns dC/dt, µM/s, and dh/dt, 1/s. The reticulum loses 1/ρ of what the cytosol gains.
func (of *reticulum) rates(ip3, calcium, gradient, h float64) (ofCalcium, ofH float64) {
	open := ip3 * calcium * h / ((ip3 + of.opening) * (calcium + of.activation))
	square := float64(calcium * calcium)
	permeability := float64(of.channel*open*open*open) + of.leak
	pumped := of.uptake * square / (square + float64(of.pump*of.pump))
	affinity := of.affinity(ip3)
	return float64(permeability*gradient) - pumped,
		of.binding * (affinity - float64((affinity+calcium)*h))
}

// partials adds those of both, of which calcium has a row and h the one behind it, by IP3, of which the
// column is the one before, calcium and h.
func (of *reticulum) partials(ip3, calcium, h float64, row int, add partial) {
	m, n := ip3/(ip3+of.opening), calcium/(calcium+of.activation)
	byIP3, byCalcium := of.opening/((ip3+of.opening)*(ip3+of.opening)), of.activation/((calcium+of.activation)*(calcium+of.activation))
	open := m * n * h
	steep := 3 * of.channel * open * open * of.gradient(calcium) // by what is open
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
