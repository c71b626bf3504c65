package integrator

var bs32 = mustRungeKutta(Tableau{
	Name:       "bs32",
	Source:     "P. Bogacki, L. F. Shampine, Applied Mathematics Letters 2 (1989) 321-325",
	Order:      3,
	C:          []float64{0, 1. / 2, 3. / 4},
	A:          [][]float64{{}, {1. / 2}, {0, 3. / 4}},
	B:          []float64{2. / 9, 1. / 3, 4. / 9},
	Error:      []float64{2./9 - 7./24, 1./3 - 1./4, 4./9 - 1./3, -1. / 8},
	ErrorOrder: 2,
	FSAL:       true,
})

// BS32 is the pair of Bogacki and Shampine: order 3, error estimate of order
// 2, four stages of which the last is the next step's first (FSAL), cubic
// Hermite dense output (order 3). Bogacki & Shampine, Appl. Math. Lett. 2
// (1989). For loose tolerances, 1e-2 to 1e-4.
func BS32() *RungeKutta { return bs32 }
