// Package problems is a table of initial-value problems with known answers,
// for testing and comparing solvers of ordinary differential equations.
//
// Each Problem carries its right-hand side, start, span and source, and the
// exact solution: at every time where a formula exists, otherwise at the times
// of a table. All components are dimensionless unless said.
//
//	for _, p := range problems.All() {
//		y := make([]float64, len(p.Y0))
//		p.Exact(p.Span[1], y)
//	}
//
// All is for measuring orders, which takes the solution at many times; DETEST,
// Brusselator and Pleiades are for comparing errors and work at the end.
//
// References: E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary
// Differential Equations I, 2nd ed., Springer (1993); T. E. Hull, W. H.
// Enright, B. M. Fellen, A. E. Sedgwick, SIAM J. Numer. Anal. 9 (1972) 603-637.
package problems

import "math"

// Problem is an initial-value problem dy/dt = f(t, y), y(Span[0]) = Y0.
type Problem struct {
	Name       string                           // short, lower-case but for the names of DETEST
	Source     string                           // where the problem was published
	Derivative func(t float64, y, dy []float64) // sets dy = f(t, y)
	// Jacobian, where it is known, calls add(i, j, ∂f_i/∂y_j) for what is not 0,
	// and add(i, len(y), ∂f_i/∂t).
	Jacobian func(t float64, y []float64, add func(row, column int, partial float64))
	Y0       []float64  // the state at Span[0]
	Span     [2]float64 // start and end
	// Exact writes the solution at t to y, to about 1e-14 of its size.
	Exact func(t float64, y []float64)
	// Known are the times at which Exact knows the solution; nil: all, of
	// ArenstorfArc all in the span. At other times it writes NaN.
	Known []float64
}

// All returns the table on which the orders of methods are measured, made anew.
func All() []Problem {
	return []Problem{Decay(), Oscillator(), Logistic(), Kepler(0.3), Arenstorf(), ArenstorfArc(), NeuronAstrocyte()}
}

// Decay is dy/dt = −y from 1, over [0, 20]: y = e^{−t}.
func Decay() Problem {
	return Problem{
		Name: "decay", Source: "Hull et al. (1972), problem A1",
		Derivative: func(_ float64, y, dy []float64) { dy[0] = -y[0] },
		Jacobian:   func(_ float64, _ []float64, add func(row, column int, partial float64)) { add(0, 0, -1) },
		Y0:         []float64{1}, Span: [2]float64{0, 20},
		Exact: func(t float64, y []float64) { y[0] = math.Exp(-t) },
	}
}

// Oscillator is the harmonic oscillator d²x/dt² = −x, y = (x, dx/dt), from
// (0, 1) over [0, 5]: y = (sin t, cos t).
func Oscillator() Problem {
	return Problem{
		Name: "oscillator", Source: "harmonic oscillator",
		Derivative: func(_ float64, y, dy []float64) { dy[0], dy[1] = y[1], -y[0] },
		Jacobian: func(_ float64, _ []float64, add func(row, column int, partial float64)) {
			add(0, 1, 1)
			add(1, 0, -1)
		},
		Y0: []float64{0, 1}, Span: [2]float64{0, 5},
		Exact: func(t float64, y []float64) { y[0], y[1] = math.Sin(t), math.Cos(t) },
	}
}

// Logistic is logistic growth dy/dt = (y/4)(1 − y/20) from 1, over [0, 20]:
// y = 20/(1 + 19 e^{−t/4}).
func Logistic() Problem {
	return Problem{
		Name: "logistic", Source: "Hull et al. (1972), problem A4",
		Derivative: func(_ float64, y, dy []float64) { dy[0] = y[0] / 4 * (1 - y[0]/20) },
		Jacobian:   func(_ float64, y []float64, add func(row, column int, partial float64)) { add(0, 0, 0.25-y[0]/40) },
		Y0:         []float64{1}, Span: [2]float64{0, 20},
		Exact: func(t float64, y []float64) { y[0] = 20 / (1 + 19*math.Exp(-t/4)) },
	}
}

// Kepler is the two-body problem in the plane with eccentricity e in [0, 1),
// y = (x, z, dx/dt, dz/dt), from the pericentre over one period 2π; Exact
// solves Kepler's equation E − e sin E = t.
func Kepler(e float64) Problem {
	return Problem{
		Name: "kepler", Source: "Hull et al. (1972), problems D1 to D5",
		Derivative: func(_ float64, y, dy []float64) {
			r2 := y[0]*y[0] + y[1]*y[1]
			r3 := r2 * math.Sqrt(r2)
			dy[0], dy[1], dy[2], dy[3] = y[2], y[3], -y[0]/r3, -y[1]/r3
		},
		Jacobian: func(_ float64, y []float64, add func(row, column int, partial float64)) {
			add(0, 2, 1)
			add(1, 3, 1)
			attraction(y[0], y[1], 1, 2, add)
		},
		Y0: []float64{1 - e, 0, 0, math.Sqrt((1 + e) / (1 - e))}, Span: [2]float64{0, 2 * math.Pi},
		Exact: func(t float64, y []float64) {
			anomaly := t
			for range 100 { // Newton's method, from a convergent start for e ≤ 0.9
				change := (anomaly - e*math.Sin(anomaly) - t) / (1 - e*math.Cos(anomaly))
				anomaly -= change
				if math.Abs(change) < 1e-16*(1+math.Abs(anomaly)) {
					break
				}
			}
			sin, cos := math.Sincos(anomaly)
			minor, radius := math.Sqrt(1-e*e), 1-e*cos
			y[0], y[1], y[2], y[3] = cos-e, minor*sin, -sin/radius, minor*cos/radius
		},
	}
}

// attraction adds the partial derivatives of −m (x, z)/r³ to two rows.
func attraction(x, z, mass float64, row int, add func(row, column int, partial float64)) {
	r2 := x*x + z*z
	r3 := r2 * math.Sqrt(r2)
	add(row, 0, mass*(3*x*x/r2-1)/r3)
	add(row, 1, mass*3*x*z/(r2*r3))
	add(row+1, 0, mass*3*x*z/(r2*r3))
	add(row+1, 1, mass*(3*z*z/r2-1)/r3)
}
