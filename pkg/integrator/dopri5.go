package integrator

// Weights of the quintic term of the interpolant (Hairer, Nørsett & Wanner,
// 2nd ed., II.6, and their program DOPRI5), for stages 1 to 6 and the end stage.
var dopri5Quartic = []float64{
	-12715105075. / 11282082432, 0, 87487479700. / 32700410799, -10690763975. / 1880347072,
	701980252875. / 199316789632, -1453857185. / 822651844, 69997945. / 29380423,
}

// dopri5Dense expands the nested form
//
//	y + θ (Δ + (1−θ) (r₁ + θ (r₂ + (1−θ) r₃)))
//	Δ = yNew − y, r₁ = h k₁ − Δ, r₂ = Δ − h k_end − r₁, r₃ = h Σ d_j k_j
//
// in powers of θ: Hermite's cubic plus θ²(1−θ)² r₃.
func dopri5Dense(weights []float64) [][]float64 {
	dense := make([][]float64, len(weights)+1)
	for stage := range dense {
		quartic := dopri5Quartic[stage]
		polynomial := []float64{0, quartic, float64(-2 * quartic), quartic}
		if stage < len(weights) {
			polynomial[1] += float64(3 * weights[stage])
			polynomial[2] -= float64(2 * weights[stage])
		} else {
			polynomial[1]--
			polynomial[2]++
		}
		if stage == 0 {
			polynomial[0]++
			polynomial[1] -= 2
			polynomial[2]++
		}
		dense[stage] = polynomial
	}
	return dense
}

var dopri5B = []float64{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}

var dopri5 = mustRungeKutta(Tableau{
	Name: "dopri5",
	Source: "J. R. Dormand, P. J. Prince, Journal of Computational and Applied Mathematics 6 (1980) 19-26; " +
		"dense output: E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed. (1993), II.6",
	Order: 5,
	C:     []float64{0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1},
	A: [][]float64{
		{},
		{1. / 5},
		{3. / 40, 9. / 40},
		{44. / 45, -56. / 15, 32. / 9},
		{19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
		{9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
	},
	B:          dopri5B,
	Error:      []float64{71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40},
	ErrorOrder: 4,
	FSAL:       true,
	Dense:      dopri5Dense(dopri5B),
	DenseOrder: 4,
	// 3.25 is Hairer and Wanner's choice for this method (IV.2).
	StiffPair: 5, StabilityLimit: 3.25,
})

// Dopri5 is the pair of Dormand and Prince: order 5, error estimate of order
// 4, seven stages of which the last is the next step's first (FSAL), its own
// dense output of order 4, stiffness test. Dormand & Prince, J. Comput. Appl.
// Math. 6 (1980); Hairer, Nørsett & Wanner, II.5-6. The method to begin with,
// for tolerances 1e-4 to 1e-8.
func Dopri5() *RungeKutta { return dopri5 }
