package problems

import "math"

// Pleiades is the plane motion of seven stars of masses 1 to 7 with close
// encounters, y = (x₁..x₇, z₁..z₇, dx/dt.., dz/dt..), over [0, 3]. Perturbations
// grow about 1e3-fold. Exact knows both ends, as for DETEST.
func Pleiades() Problem {
	y0 := []float64{3, 3, -1, -3, 2, -2, 2, 3, -3, 2, 0, 0, -4, 4, 0, 0, 0, 0, 0, 1.75, -1.5, 0, 0, 0, -1.25, 1, 0, 0}
	return ended("pleiades", "Hairer, Nørsett & Wanner, II.10", y0, 3, func(_ float64, y, dy []float64) {
		copy(dy[:14], y[14:])
		for star := range 7 {
			dy[14+star], dy[21+star] = 0, 0
			for other := range 7 {
				if star == other {
					continue
				}
				dx, dz := y[other]-y[star], y[7+other]-y[7+star]
				r3 := math.Pow(dx*dx+dz*dz, 1.5)
				dy[14+star] += float64(other+1) * dx / r3
				dy[21+star] += float64(other+1) * dz / r3
			}
		}
	})
}
