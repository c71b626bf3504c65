package problems

import "math"

// Stiff returns the problems by which stiff solvers are compared: chemical
// reactions, a relaxation oscillator, a plant's response to light, and division
// that emerges in an astrocyte. Exact knows both ends of the span, from SciPy's
// Radau at a relative tolerance of 1e-12 (testdata/stiff.py).
func Stiff() []Problem {
	return []Problem{Robertson(), VanDerPol(), HIRES(), Orego(), EmergentDivision()}
}

// stiff is a problem from 0 whose end is in stiffEnds.
func stiff(name, source string, y0 []float64, end float64) Problem {
	p := ended(name, source, y0, end, nil)
	start := p.Exact
	p.Exact = func(t float64, y []float64) {
		if start(t, y); t == end {
			copy(y, stiffEnds[name])
		}
	}
	return p
}

// Robertson is an autocatalytic reaction whose rates span nine decades, over
// [0, 1e11].
func Robertson() Problem {
	p := stiff("robertson", "H. H. Robertson (1966); Hairer & Wanner, IV.10", []float64{1, 0, 0}, 1e11)
	p.Derivative = func(_ float64, y, dy []float64) {
		a, b, c := 0.04*y[0], 1e4*y[1]*y[2], 3e7*y[1]*y[1]
		dy[0], dy[1], dy[2] = -a+b, a-b-c, c
	}
	p.Jacobian = func(_ float64, y []float64, add func(row, column int, partial float64)) {
		add(0, 0, -0.04)
		add(0, 1, 1e4*y[2])
		add(0, 2, 1e4*y[1])
		add(1, 0, 0.04)
		add(1, 1, -1e4*y[2]-6e7*y[1])
		add(1, 2, -1e4*y[1])
		add(2, 1, 6e7*y[1])
	}
	return p
}

// VanDerPol is van der Pol's oscillator with μ = 1000, in the time t/μ, over [0, 2]:
// slow but for two jumps.
func VanDerPol() Problem {
	const mu = 1e3
	p := stiff("van der pol", "Hairer & Wanner, IV.10", []float64{2, 0}, 2)
	p.Derivative = func(_ float64, y, dy []float64) {
		dy[0], dy[1] = y[1], mu*mu*((1-y[0]*y[0])*y[1]-y[0])
	}
	p.Jacobian = func(_ float64, y []float64, add func(row, column int, partial float64)) {
		add(0, 1, 1)
		add(1, 0, mu*mu*(-2*y[0]*y[1]-1))
		add(1, 1, mu*mu*(1-y[0]*y[0]))
	}
	return p
}

// HIRES is the "high irradiance response" of a plant, eight reacting substances, over
// [0, 321.8122].
func HIRES() Problem {
	p := stiff("hires", "E. Schäfer (1975); Hairer & Wanner, IV.10", []float64{1, 0, 0, 0, 0, 0, 0, 0.0057}, 321.8122)
	p.Derivative = func(_ float64, y, dy []float64) {
		bound := 280 * y[5] * y[7]
		dy[0] = -1.71*y[0] + 0.43*y[1] + 8.32*y[2] + 0.0007
		dy[1] = 1.71*y[0] - 8.75*y[1]
		dy[2] = -10.03*y[2] + 0.43*y[3] + 0.035*y[4]
		dy[3] = 8.32*y[1] + 1.71*y[2] - 1.12*y[3]
		dy[4] = -1.745*y[4] + 0.43*y[5] + 0.43*y[6]
		dy[5] = -bound + 0.69*y[3] + 1.71*y[4] - 0.43*y[5] + 0.69*y[6]
		dy[6] = bound - 1.81*y[6]
		dy[7] = -dy[6]
	}
	p.Jacobian = func(_ float64, y []float64, add func(row, column int, partial float64)) {
		for _, entry := range []struct {
			row, column int
			partial     float64
		}{
			{0, 0, -1.71}, {0, 1, 0.43}, {0, 2, 8.32}, {1, 0, 1.71}, {1, 1, -8.75}, {2, 2, -10.03}, {2, 3, 0.43}, {2, 4, 0.035},
			{3, 1, 8.32}, {3, 2, 1.71}, {3, 3, -1.12}, {4, 4, -1.745}, {4, 5, 0.43}, {4, 6, 0.43},
			{5, 3, 0.69}, {5, 4, 1.71}, {5, 5, -0.43}, {5, 6, 0.69}, {6, 6, -1.81}, {7, 6, 1.81},
		} {
			add(entry.row, entry.column, entry.partial)
		}
		for row, sign := range [8]float64{5: -1, 6: 1, 7: -1} {
			add(row, 5, sign*280*y[7])
			add(row, 7, sign*280*y[5])
		}
	}
	return p
}

// Orego is the Oregonator, a reaction that oscillates, over [0, 360].
func Orego() Problem {
	const a, b, c = 77.27, 8.375e-6, 0.161
	p := stiff("orego", "R. J. Field, R. M. Noyes (1974); Hairer & Wanner, IV.10", []float64{1, 2, 3}, 360)
	p.Derivative = func(_ float64, y, dy []float64) {
		dy[0] = a * (y[1] + y[0]*(1-b*y[0]-y[1]))
		dy[1] = (y[2] - (1+y[0])*y[1]) / a
		dy[2] = c * (y[0] - y[2])
	}
	p.Jacobian = func(_ float64, y []float64, add func(row, column int, partial float64)) {
		add(0, 0, a*(1-2*b*y[0]-y[1]))
		add(0, 1, a*(1-y[0]))
		add(1, 0, -y[1]/a)
		add(1, 1, -(1+y[0])/a)
		add(1, 2, 1/a)
		add(2, 0, c)
		add(2, 2, -c)
	}
	return p
}

// Of EmergentDivision.
const (
	divisionNeurons, divisionValues = 40, 16
	divisionTauP                    = 0.05 // s
	divisionTauS, divisionTauN      = 0.01, 0.01
)

// EmergentDivision is one read of the network in which division emerges, in
// seconds, y = (p₁..p₄₀, s₁..s₄₀, f₁..f₁₆) with s in units of c,
//
//	τ_p dp_α/dt = d_v Σ_β (p_β − p_α)      τ_p = 50 ms, d_v = 16
//	τ_s ds_α/dt = 1 − p_α s_α              τ_s = 10 ms
//	τ_n df_i/dt = Σ_α c_iα h_α s_α − f_i   τ_n = 10 ms
//
// over 50 ms from s = f = 0, with h, c and p(0) of a fixed formula. Calcium relaxes
// with τ_p/(d_v m) = 78 μs to its mean, which is conserved; the rest takes a
// hundred times as long.
func EmergentDivision() Problem {
	const m, dv = divisionNeurons, divisionValues
	var hidden [m]float64
	var weights [dv][m]float64
	start := make([]float64, 2*m+dv)
	for alpha := range m {
		hidden[alpha] = 0.5 + float64(7*alpha%11)/10
		start[alpha] = hidden[alpha] * (0.2 + float64(3*alpha%7)/4)
		for i := range dv {
			weights[i][alpha] = float64((3*i+5*alpha)%13-6) / m
		}
	}
	p := stiff("emergent division", "L. Kozachkov, J.-J. Slotine, D. Krotov, Neuron–astrocyte associative memory, appendix C", start, 0.05)
	p.Derivative = func(_ float64, y, dy []float64) {
		sum := 0.0
		for _, calcium := range y[:m] {
			sum += calcium
		}
		for alpha := range m {
			dy[alpha] = dv * (sum - m*y[alpha]) / divisionTauP
			dy[m+alpha] = (1 - y[alpha]*y[m+alpha]) / divisionTauS
		}
		for i := range dv {
			sum := -y[2*m+i]
			for alpha := range m {
				sum += weights[i][alpha] * hidden[alpha] * y[m+alpha]
			}
			dy[2*m+i] = sum / divisionTauN
		}
	}
	p.Jacobian = func(_ float64, y []float64, add func(row, column int, partial float64)) {
		for alpha := range m {
			for beta := range m {
				add(alpha, beta, dv/divisionTauP)
			}
			add(alpha, alpha, -dv*m/divisionTauP)
			add(m+alpha, alpha, -y[m+alpha]/divisionTauS)
			add(m+alpha, m+alpha, -y[alpha]/divisionTauS)
			for i := range dv {
				add(2*m+i, m+alpha, weights[i][alpha]*hidden[alpha]/divisionTauN)
			}
		}
		for i := range dv {
			add(2*m+i, 2*m+i, -1/divisionTauN)
		}
	}
	return p
}

// ProtheroRobinson is dy/dt = λ (y − cos t) − sin t from 1, over [0, 10]: y = cos t,
// however large λ is.
func ProtheroRobinson(lambda float64) Problem {
	return Problem{
		Name: "prothero-robinson", Source: "A. Prothero, A. Robinson (1974); Hairer & Wanner, IV.15",
		Derivative: func(t float64, y, dy []float64) { dy[0] = lambda*(y[0]-math.Cos(t)) - math.Sin(t) },
		Jacobian: func(t float64, _ []float64, add func(row, column int, partial float64)) {
			add(0, 0, lambda)
			add(0, 1, lambda*math.Sin(t)-math.Cos(t))
		},
		Y0: []float64{1}, Span: [2]float64{0, 10},
		Exact: func(t float64, y []float64) { y[0] = math.Cos(t) },
	}
}
