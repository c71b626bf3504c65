package integrator

var euler = mustRungeKutta(Tableau{
	Name:   "euler",
	Source: "L. Euler, Institutionum calculi integralis, vol. 1 (1768), ch. VII",
	Order:  1,
	C:      []float64{0},
	A:      [][]float64{{}},
	B:      []float64{1},
})

// Euler is the explicit Euler method: order 1, one stage, no error estimate
// (fixed steps only), not FSAL, cubic Hermite dense output (of order 1, the
// order of the values it joins). Euler, Institutionum calculi integralis
// (1768). For teaching and for tests.
func Euler() *RungeKutta { return euler }
