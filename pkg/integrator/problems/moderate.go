package problems

import "math"

// moderateSystems is class C of DETEST.
func moderateSystems() []Problem {
	return []Problem{
		detest("C1", "a decay chain with equal rates", first(10), func(_ float64, y, dy []float64) {
			dy[0] = -y[0]
			for i := 1; i < 9; i++ {
				dy[i] = y[i-1] - y[i]
			}
			dy[9] = y[8]
		}),
		detest("C2", "a decay chain with rates 1 to 9", first(10), func(_ float64, y, dy []float64) {
			flow := 0.0
			for i := range 9 {
				out := float64(i+1) * y[i]
				dy[i] = flow - out
				flow = out
			}
			dy[9] = flow
		}),
		detest("C3", "the heat equation by lines, 10 points", first(10), heat),
		detest("C4", "the heat equation by lines, 51 points", first(51), heat),
		detest("C5", "five outer planets", append([]float64(nil), outerPlanets[:]...), planets),
	}
}

// first is the unit vector (1, 0, …, 0) of that dimension.
func first(dimension int) []float64 {
	unit := make([]float64, dimension)
	unit[0] = 1
	return unit
}

// heat is the second difference, with 0 beyond both ends.
func heat(_ float64, y, dy []float64) {
	last := len(y) - 1
	dy[0], dy[last] = y[1]-2*y[0], y[last-1]-2*y[last]
	for i := 1; i < last; i++ {
		dy[i] = y[i-1] - 2*y[i] + y[i+1]
	}
}

// outerPlanets are the places of Jupiter, Saturn, Uranus, Neptune and Pluto
// relative to the Sun, in astronomical units, then their velocities, in these
// per 100 days.
var outerPlanets = [30]float64{
	3.42947415189, 3.35386959711, 1.35494901715,
	6.64145542550, 5.97156957878, 2.18231499728,
	11.2630437207, 14.6952576794, 6.27960525067,
	-30.1552268759, 1.65699966404, 1.43785752721,
	-21.1238353380, 28.4465098142, 15.3882659679,
	-0.557160570446, 0.505696783289, 0.230578543901,
	-0.415570776342, 0.365682722812, 0.169143213293,
	-0.325325669158, 0.189706021964, 0.0877265322780,
	-0.0240476254170, -0.287659532608, -0.117219543175,
	-0.176860753121, -0.216393453025, -0.0148647893090,
}

// planets is their motion: each is drawn by the Sun and the others, and the
// frame follows the Sun, which they draw. Masses are in units of the Sun's, to
// which those of the inner planets are added.
func planets(_ float64, y, dy []float64) {
	const gravity, sun = 2.95912208286, 1.00000597682
	mass := [5]float64{0.000954786104043, 0.000285583733151, 0.0000437273164546, 0.0000517759138449, 0.00000277777777778}
	var toSun [5][3]float64 // −y/|y|³ of each
	for planet := range toSun {
		place := y[3*planet : 3*planet+3]
		cubed := place[0]*place[0] + place[1]*place[1] + place[2]*place[2]
		cubed *= math.Sqrt(cubed)
		for i := range place {
			toSun[planet][i] = -place[i] / cubed
			dy[3*planet+i] = y[15+3*planet+i]
			dy[15+3*planet+i] = (sun + mass[planet]) * toSun[planet][i]
		}
	}
	for planet := range toSun {
		for other := range toSun {
			if other == planet {
				continue
			}
			var gap [3]float64
			for i := range gap {
				gap[i] = y[3*other+i] - y[3*planet+i]
			}
			cubed := gap[0]*gap[0] + gap[1]*gap[1] + gap[2]*gap[2]
			cubed *= math.Sqrt(cubed)
			for i := range gap {
				dy[15+3*planet+i] += mass[other] * (gap[i]/cubed + toSun[other][i])
			}
		}
	}
	for i := 15; i < 30; i++ {
		dy[i] *= gravity
	}
}
