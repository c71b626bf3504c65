package integrator

// tsit5Quartic expands scale·θ²(θ² + p θ + q) in powers of θ from the first on.
func tsit5Quartic(scale, p, q float64) []float64 {
	return []float64{0, scale * q, scale * p, scale}
}

// tsit5Roots is tsit5Quartic with the roots of the square bracket.
func tsit5Roots(scale, r1, r2 float64) []float64 { return tsit5Quartic(scale, -(r1 + r2), r1*r2) }

// tsit5First is the polynomial of the first stage,
// s θ (θ − r)(θ² + p θ + q), the only one with a linear term.
func tsit5First() []float64 {
	const s, r, p, q = -1.0530884977290216, 1.3299890189751412, -1.4364028541716351, 0.7139816917074209
	return []float64{-s * r * q, s * (q - r*p), s * (p - r), s}
}

var tsit5 = mustRungeKutta(Tableau{
	Name:   "tsit5",
	Source: "Ch. Tsitouras, Computers & Mathematics with Applications 62 (2011) 770-775",
	Order:  5,
	C:      []float64{0, 0.161, 0.327, 0.9, 0.9800255409045097, 1},
	A: [][]float64{
		{},
		{0.161},
		{-0.008480655492356989, 0.335480655492357},
		{2.8971530571054935, -6.359448489975075, 4.3622954328695815},
		{5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525},
		{5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383},
	},
	B: []float64{0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774},
	Error: []float64{
		-0.00178001105222577714, -0.0008164344596567469, 0.007880878010261995, -0.1447110071732629,
		0.5823571654525552, -0.45808210592918697, 1. / 66,
	},
	ErrorOrder: 4,
	FSAL:       true,
	Dense: [][]float64{
		tsit5First(),
		tsit5Quartic(0.1017, -2.1966568338249754, 1.2949852507374631),
		tsit5Quartic(2.490627285651252793, -2.38535645472061657, 1.57803468208092486),
		tsit5Roots(-16.54810288924490272, 1.21712927295533244, 0.61620406037800089),
		tsit5Roots(47.37952196281928122, 1.203071208372362603, 0.658047292653547382),
		tsit5Roots(-34.87065786149660974, 1.2, 0.666666666666666667),
		tsit5Roots(2.5, 1, 0.6),
	},
	DenseOrder: 4,
	// The real interval of stability ends at 3.5068; see TestStabilityLimit.
	StiffPair: 5, StabilityLimit: 3.5,
})

// Tsit5 is the pair of Tsitouras: order 5, error estimate of order 4, seven
// stages of which the last is the next step's first (FSAL), its own dense
// output of order 4, stiffness test. Tsitouras, Comput. Math. Appl. 62 (2011).
// Close to Dopri5 in cost, and on smooth problems usually the smaller error.
func Tsit5() *RungeKutta { return tsit5 }
