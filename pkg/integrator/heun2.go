package integrator

var heun2 = mustRungeKutta(Tableau{
	Name:       "heun2",
	Source:     "K. Heun, Zeitschrift für Mathematik und Physik 45 (1900) 23-38",
	Order:      2,
	C:          []float64{0, 1},
	A:          [][]float64{{}, {1}},
	B:          []float64{1. / 2, 1. / 2},
	Error:      []float64{-1. / 2, 1. / 2},
	ErrorOrder: 1,
})

// Heun2 is Heun's trapezoidal method: order 2, two stages, error estimate of
// order 1 by comparison with Euler's method, not FSAL, cubic Hermite dense
// output (of order 2). Heun, Z. Math. Phys. 45 (1900).
func Heun2() *RungeKutta { return heun2 }
