package integrator

// Coefficients as in Hairer, Nørsett & Wanner's program DOP853 (Solving
// Ordinary Differential Equations I, 2nd ed., II.5 and II.10), rounded to
// float64; the tests derive nothing from them but check every order condition.

var dop853C = []float64{
	0.0, 0.05260015195876773, 0.0789002279381516, 0.1183503419072274, 0.2816496580927726,
	0.3333333333333333, 0.25, 0.3076923076923077, 0.6512820512820513, 0.6,
	0.8571428571428571, 1.0,
}

var dop853A = [][]float64{
	{},
	{0.05260015195876773},
	{0.0197250569845379, 0.0591751709536137},
	{0.02958758547680685, 0.0, 0.08876275643042054},
	{0.2413651341592667, 0.0, -0.8845494793282861, 0.924834003261792},
	{0.037037037037037035, 0.0, 0.0, 0.17082860872947386, 0.12546768756682242},
	{
		0.037109375, 0.0, 0.0, 0.17025221101954405, 0.06021653898045596,
		-0.017578125,
	},
	{
		0.03709200011850479, 0.0, 0.0, 0.17038392571223998, 0.10726203044637328,
		-0.015319437748624402, 0.008273789163814023,
	},
	{
		0.6241109587160757, 0.0, 0.0, -3.3608926294469414, -0.868219346841726,
		27.59209969944671, 20.154067550477894, -43.48988418106996,
	},
	{
		0.47766253643826434, 0.0, 0.0, -2.4881146199716677, -0.590290826836843,
		21.230051448181193, 15.279233632882423, -33.28821096898486, -0.020331201708508627,
	},
	{
		-0.9371424300859873, 0.0, 0.0, 5.186372428844064, 1.0914373489967295,
		-8.149787010746927, -18.52006565999696, 22.739487099350505, 2.4936055526796523, -3.0467644718982196,
	},
	{
		2.273310147516538, 0.0, 0.0, -10.53449546673725, -2.0008720582248625,
		-17.9589318631188, 27.94888452941996, -2.8589982771350235, -8.87285693353063, 12.360567175794303,
		0.6433927460157636,
	},
}

var dop853B = []float64{
	0.054293734116568765, 0.0, 0.0, 0.0, 0.0,
	4.450312892752409, 1.8915178993145003, -5.801203960010585, 0.3111643669578199, -0.1521609496625161,
	0.20136540080403034, 0.04471061572777259,
}

// B minus the 5th order comparison.
var dop853Error5 = []float64{
	0.01312004499419488, 0.0, 0.0, 0.0, 0.0,
	-1.2251564463762044, -0.4957589496572502, 1.6643771824549864, -0.35032884874997366, 0.3341791187130175,
	0.08192320648511571, -0.022355307863886294,
}

// B minus the 3rd order comparison.
var dop853Error3 = []float64{
	-0.18980075407240762, 0.0, 0.0, 0.0, 0.0,
	4.450312892752409, 1.8915178993145003, -5.801203960010585, -0.4226823213237919, -0.1521609496625161,
	0.20136540080403034, 0.02265179219836082,
}

// Stages 14 to 16, for the interpolant only; stage 13 is the end stage.
var dop853ExtraC = []float64{0.1, 0.2, 0.7777777777777778}

var dop853Extra = [][]float64{
	{
		0.056167502283047954, 0.0, 0.0, 0.0, 0.0,
		0.0, 0.25350021021662483, -0.2462390374708025, -0.12419142326381637, 0.15329179827876568,
		0.00820105229563469, 0.007567897660545699, -0.008298,
	},
	{
		0.03183464816350214, 0.0, 0.0, 0.0, 0.0,
		0.028300909672366776, 0.053541988307438566, -0.05492374857139099, 0.0, 0.0,
		-0.00010834732869724932, 0.0003825710908356584, -0.00034046500868740456, 0.1413124436746325,
	},
	{
		-0.42889630158379194, 0.0, 0.0, 0.0, 0.0,
		-4.697621415361164, 7.683421196062599, 4.06898981839711, 0.3567271874552811, 0.0,
		0.0, 0.0, -0.0013990241651590145, 2.9475147891527724, -9.15095847217987,
	},
}

// Weights of the four highest terms of the interpolant, over all 16 stages.
var dop853Nested = [4][]float64{
	{
		-8.428938276109013, 0.0, 0.0, 0.0, 0.0,
		0.5667149535193777, -3.0689499459498917, 2.38466765651207, 2.117034582445028, -0.871391583777973,
		2.2404374302607883, 0.6315787787694688, -0.08899033645133331, 18.148505520854727, -9.194632392478356,
		-4.436036387594894,
	},
	{
		10.427508642579134, 0.0, 0.0, 0.0, 0.0,
		242.28349177525817, 165.20045171727028, -374.5467547226902, -22.113666853125306, 7.733432668472264,
		-30.674084731089398, -9.332130526430229, 15.697238121770845, -31.139403219565178, -9.35292435884448,
		35.81684148639408,
	},
	{
		19.985053242002433, 0.0, 0.0, 0.0, 0.0,
		-387.0373087493518, -189.17813819516758, 527.8081592054236, -11.57390253995963, 6.8812326946963,
		-1.0006050966910838, 0.7777137798053443, -2.778205752353508, -60.19669523126412, 84.32040550667716,
		11.99229113618279,
	},
	{
		-25.69393346270375, 0.0, 0.0, 0.0, 0.0,
		-154.18974869023643, -231.5293791760455, 357.6391179106141, 93.40532418362432, -37.45832313645163,
		104.0996495089623, 29.8402934266605, -43.53345659001114, 96.32455395918828, -39.17726167561544,
		-149.72683625798564,
	},
}

// dop853Dense expands, for each stage, the nested form
//
//	θ (F₀ + (1−θ) (F₁ + θ (F₂ + (1−θ) (F₃ + θ (F₄ + (1−θ) (F₅ + θ F₆))))))
//	F₀ = Δ, F₁ = h k₁ − Δ, F₂ = 2Δ − h (k₁ + k_end), F₃.. = h Σ d_j k_j
//
// in powers of θ, Δ = yNew − y.
func dop853Dense() [][]float64 {
	end := len(dop853B)
	dense := make([][]float64, end+1+len(dop853Extra))
	for stage := range dense {
		var nested [7]float64
		if stage < end {
			nested[0], nested[1], nested[2] = dop853B[stage], -dop853B[stage], 2*dop853B[stage]
		}
		if stage == 0 {
			nested[1]++
			nested[2]--
		}
		if stage == end {
			nested[2]--
		}
		for term, weights := range dop853Nested {
			if stage < len(weights) {
				nested[3+term] = weights[stage]
			}
		}
		// Unfold from the innermost bracket: P ← F_n + (θ or 1−θ) P.
		polynomial := nested[6:]
		for term := 5; term >= 0; term-- {
			unfolded := make([]float64, len(polynomial)+1)
			for i, coefficient := range polynomial {
				if term%2 == 0 { // (1−θ) P
					unfolded[i] += coefficient
					unfolded[i+1] -= coefficient
				} else { // θ P
					unfolded[i+1] += coefficient
				}
			}
			unfolded[0] += nested[term]
			polynomial = unfolded
		}
		dense[stage] = polynomial
	}
	return dense
}

var dop853 = mustRungeKutta(Tableau{
	Name:       "dop853",
	Source:     "E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed. (1993), II.5, II.6, II.10; after P. J. Prince, J. R. Dormand, Journal of Computational and Applied Mathematics 7 (1981) 67-75",
	Order:      8,
	C:          dop853C,
	A:          dop853A,
	B:          dop853B,
	Error:      dop853Error5,
	ErrorOrder: 7,
	Damping:    dop853Error3,
	FSAL:       true,
	Dense:      dop853Dense(),
	DenseOrder: 7,
	Extra:      dop853Extra,
	ExtraC:     dop853ExtraC,
	// 6.1 is Hairer and Wanner's choice for this method (IV.2).
	StiffPair: 11, StabilityLimit: 6.1,
})

// Dop853 is Hairer, Nørsett and Wanner's method after Prince and Dormand:
// order 8, error estimate from embedded solutions of orders 5 and 3 that
// behaves as one of order 7, thirteen stages of which the last is the next
// step's first (FSAL), its own dense output of order 7 (three further
// evaluations, only in steps that are looked into), stiffness test. Hairer,
// Nørsett & Wanner, II.5, II.6, II.10. For tolerances of 1e-8 and smaller.
func Dop853() *RungeKutta { return dop853 }
