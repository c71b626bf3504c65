package problems

import "math"

// DETEST returns the 25 problems by which nonstiff solvers have been compared
// since 1972, A1 to E5: single equations, small and moderate systems, orbits,
// equations of higher order, each over [0, 20]. Exact knows both ends of the
// span, from a computation with 50 digits (testdata/detest.py) that starts from
// the same float64 numbers. Hull et al. (1972), as restated by W. H. Enright and
// J. D. Pryce, ACM Trans. Math. Softw. 13 (1987) 1-27.
func DETEST() []Problem {
	all := append(singleEquations(), smallSystems()...)
	all = append(all, moderateSystems()...)
	all = append(all, orbits()...)
	return append(all, higherOrder()...)
}

// detest is one of the set.
func detest(name, about string, y0 []float64, derivative func(t float64, y, dy []float64)) Problem {
	return ended(name, "Hull et al. (1972), problem "+name+": "+about, y0, 20, derivative)
}

// ended is a problem from 0 whose solution is known at both ends of the span.
func ended(name, source string, y0 []float64, end float64, derivative func(t float64, y, dy []float64)) Problem {
	return Problem{
		Name: name, Source: source, Derivative: derivative, Y0: y0, Span: [2]float64{0, end},
		Exact: func(t float64, y []float64) {
			switch t {
			case 0:
				copy(y, y0)
			case end:
				copy(y, ends[name])
			default:
				unknown(y)
			}
		},
		Known: []float64{0, end},
	}
}

// singleEquations is class A.
func singleEquations() []Problem {
	return []Problem{
		detest("A1", "decay", []float64{1}, Decay().Derivative),
		detest("A2", "a special Riccati equation", []float64{1}, func(_ float64, y, dy []float64) {
			dy[0] = -y[0] * y[0] * y[0] / 2
		}),
		detest("A3", "an oscillating rate", []float64{1}, func(t float64, y, dy []float64) {
			dy[0] = y[0] * math.Cos(t)
		}),
		detest("A4", "logistic growth", []float64{1}, Logistic().Derivative),
		detest("A5", "a spiral", []float64{4}, func(t float64, y, dy []float64) {
			dy[0] = (y[0] - t) / (y[0] + t)
		}),
	}
}

// smallSystems is class B.
func smallSystems() []Problem {
	return []Problem{
		detest("B1", "two populations in conflict", []float64{1, 3}, func(_ float64, y, dy []float64) {
			dy[0], dy[1] = 2*(y[0]-y[0]*y[1]), -(y[1] - y[0]*y[1])
		}),
		detest("B2", "a linear reaction", []float64{2, 0, 1}, func(_ float64, y, dy []float64) {
			dy[0], dy[1], dy[2] = -y[0]+y[1], y[0]-2*y[1]+y[2], y[1]-y[2]
		}),
		detest("B3", "a nonlinear reaction", []float64{1, 0, 0}, func(_ float64, y, dy []float64) {
			dy[0], dy[1], dy[2] = -y[0], y[0]-y[1]*y[1], y[1]*y[1]
		}),
		detest("B4", "a curve on a torus", []float64{3, 0, 0}, func(_ float64, y, dy []float64) {
			radius := math.Hypot(y[0], y[1])
			dy[0], dy[1], dy[2] = -y[1]-y[0]*y[2]/radius, y[0]-y[1]*y[2]/radius, y[0]/radius
		}),
		detest("B5", "a rigid body without forces", []float64{0, 1, 1}, func(_ float64, y, dy []float64) {
			dy[0], dy[1], dy[2] = y[1]*y[2], -y[0]*y[2], -0.51*y[0]*y[1]
		}),
	}
}

// orbits is class D: the Kepler problem with eccentricities 0.1 to 0.9, over a
// little more than three periods.
func orbits() []Problem {
	var all []Problem
	for number, eccentricity := range []float64{0.1, 0.3, 0.5, 0.7, 0.9} {
		kepler := Kepler(eccentricity)
		all = append(all, detest("D"+string(rune('1'+number)), "two bodies", kepler.Y0, kepler.Derivative))
	}
	return all
}

// higherOrder is class E, equations of second order for y[0].
func higherOrder() []Problem {
	amplitude := math.Sqrt(2 / math.Pi)
	sin, cos := math.Sincos(1)
	return []Problem{
		detest("E1", "Bessel's equation of order 1/2", []float64{amplitude * sin, amplitude * (cos - sin/2)}, func(t float64, y, dy []float64) {
			shifted := t + 1
			dy[0], dy[1] = y[1], -(y[1]/shifted + (1-0.25/(shifted*shifted))*y[0])
		}),
		detest("E2", "van der Pol's equation", []float64{2, 0}, func(_ float64, y, dy []float64) {
			dy[0], dy[1] = y[1], (1-y[0]*y[0])*y[1]-y[0]
		}),
		detest("E3", "Duffing's equation", []float64{0, 0}, func(t float64, y, dy []float64) {
			dy[0], dy[1] = y[1], y[0]*y[0]*y[0]/6-y[0]+2*math.Sin(2.78535*t)
		}),
		detest("E4", "a fall with drag", []float64{30, 0}, func(_ float64, y, dy []float64) {
			dy[0], dy[1] = y[1], 0.032-0.4*y[1]*y[1]
		}),
		detest("E5", "a curve of pursuit", []float64{0, 0}, func(t float64, y, dy []float64) {
			dy[0], dy[1] = y[1], math.Sqrt(1+y[1]*y[1])/(25-t)
		}),
	}
}
