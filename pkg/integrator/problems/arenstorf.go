package problems

import "math"

// Arenstorf is the restricted three-body problem Earth, Moon, spacecraft in
// the rotating frame, y = (x, z, dx/dt, dz/dt), on a closed orbit: after the
// period it is back where it started. Perturbations grow about 1e5-fold on the
// way: rounding start, period and masses to float64 opens the orbit by 5e-11.
// Exact knows the sixteenths of the period, from a computation with 50 digits
// that starts from the same float64 numbers (testdata/arenstorf.py).
func Arenstorf() Problem {
	known := arenstorfTimes()
	return Problem{
		Name: "arenstorf", Source: "Hairer, Nørsett & Wanner, II.0",
		Derivative: threeBodies, Jacobian: threeBodiesJacobian,
		Y0: append([]float64(nil), arenstorfOrbit[0][:]...), Span: [2]float64{0, known[16]},
		Exact: func(t float64, y []float64) {
			unknown(y)
			for part, at := range known {
				if t == at {
					copy(y, arenstorfOrbit[part][:])
				}
			}
		},
		Known: known,
	}
}

// ArenstorfArc is Arenstorf's orbit from the fifth sixteenth of the period to
// the seventh, the first passage by the Earth, where equal steps do. Exact is a
// Chebyshev series, NaN outside the arc.
func ArenstorfArc() Problem {
	known := arenstorfTimes()
	from, to := known[5], known[7]
	return Problem{
		Name: "arenstorf arc", Source: "Hairer, Nørsett & Wanner, II.0",
		Derivative: threeBodies, Jacobian: threeBodiesJacobian,
		Y0: append([]float64(nil), arenstorfOrbit[5][:]...), Span: [2]float64{from, to},
		Exact: func(t float64, y []float64) {
			unknown(y)
			if t < from || t > to {
				return
			}
			for i, series := range arenstorfArc {
				y[i] = chebyshev(series, ((t-from)-(to-t))/(to-from))
			}
		},
	}
}

// arenstorfTimes are the sixteenths of the period.
func arenstorfTimes() []float64 {
	const period = 17.0652165601579625588917206249
	times := make([]float64, len(arenstorfOrbit))
	for part := range times {
		times[part] = period * float64(part) / 16
	}
	return times
}

// threeBodies is the spacecraft's motion between the Earth at −μ and the Moon
// at 1 − μ, which turn with the frame.
func threeBodies(_ float64, y, dy []float64) {
	const mu = 0.012277471
	fromEarth, fromMoon := y[0]+mu, y[0]-(1-mu)
	d1, d2 := fromEarth*fromEarth+y[1]*y[1], fromMoon*fromMoon+y[1]*y[1]
	d1 *= math.Sqrt(d1)
	d2 *= math.Sqrt(d2)
	dy[0], dy[1] = y[2], y[3]
	dy[2] = y[0] + 2*y[3] - (1-mu)*fromEarth/d1 - mu*fromMoon/d2
	dy[3] = y[1] - 2*y[2] - (1-mu)*y[1]/d1 - mu*y[1]/d2
}

// threeBodiesJacobian is that of threeBodies.
func threeBodiesJacobian(_ float64, y []float64, add func(row, column int, partial float64)) {
	const mu = 0.012277471
	add(0, 2, 1)
	add(1, 3, 1)
	add(2, 0, 1)
	add(2, 3, 2)
	add(3, 1, 1)
	add(3, 2, -2)
	attraction(y[0]+mu, y[1], 1-mu, 2, add)
	attraction(y[0]-(1-mu), y[1], mu, 2, add)
}

// chebyshev is Σ_n series[n] T_n(x), by Clenshaw's recurrence.
func chebyshev(series []float64, x float64) float64 {
	var sum, last float64
	for degree := len(series) - 1; degree > 0; degree-- {
		sum, last = 2*x*sum-last+series[degree], sum
	}
	return x*sum - last + series[0]
}

// unknown fills y with NaN.
func unknown(y []float64) {
	for i := range y {
		y[i] = math.NaN()
	}
}
