package integrator

var rk4 = mustRungeKutta(Tableau{
	Name:   "rk4",
	Source: "W. Kutta, Zeitschrift für Mathematik und Physik 46 (1901) 435-453",
	Order:  4,
	C:      []float64{0, 1. / 2, 1. / 2, 1},
	A:      [][]float64{{}, {1. / 2}, {0, 1. / 2}, {0, 0, 1}},
	B:      []float64{1. / 6, 1. / 3, 1. / 3, 1. / 6},
})

// RK4 is the classical Runge–Kutta method: order 4, four stages, no error
// estimate (fixed steps only), not FSAL, cubic Hermite dense output (order 3).
// Kutta, Z. Math. Phys. 46 (1901).
func RK4() *RungeKutta { return rk4 }
