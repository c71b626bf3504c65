package features

import (
	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// secondMoments is how the products of two score estimates of one neuron grow, whose row is drawn from N(μ, Σ): with z = q + k,
// z' = q + k′ and the estimates relative to exp(q·k) and exp(q·k′), their mean product is
//
//	exp(¼ (z+z')ᵀ S (z+z') − ¼ |k−k′|² + b·(z+z') + c)      S = (2Σ−1)⁻¹   b = −(1+S) ν   ν = ½ Σ⁻¹μ
//	c = ½ ln|Σ| − ½ ln|2−Σ⁻¹| + νᵀSν + |ν|² + μ·ν
//
// which for N(0, I) is exp(z·z'), and with k = k′ the relative variance and 1.
type secondMoments struct {
	d int
	s []float64 // [d×d]
	b []float64
	c float64
}

func (g *normalRows) secondMoments() *secondMoments {
	d := len(g.mean)
	m := &secondMoments{d: d, s: make([]float64, d*d), b: make([]float64, d)}
	for i, sigma := range g.sigma {
		u := g.vectors[i*d : (i+1)*d]
		s, mu := 1/(float64(2*sigma)-1), kernel.Dot(u, g.mean)
		nu := mu / (2 * sigma)
		m.c += portable.Log(sigma) - float64(0.5*portable.Log(float64(2*sigma)-1)) + float64((s+1)*square(nu)) + float64(mu*nu)
		for j := range d {
			m.b[j] -= float64(float64((1+s)*nu) * u[j])
			kernel.Axpy(float64(s*u[j]), u, m.s[j*d:(j+1)*d])
		}
	}
	return m
}

// parts are the exponent of a query q alone, qᵀSq + 2b·q + c, and with a key k the linear form S q + b in k, of n queries.
func (m *secondMoments) parts(q []float64, n int) (alone, linear []float64) {
	alone, linear = make([]float64, n), make([]float64, n*m.d)
	kernel.Gemm(false, false, n, m.d, m.d, 1, q, m.d, m.s, m.d, 0, linear, m.d)
	for t := range n {
		x, y := q[t*m.d:(t+1)*m.d], linear[t*m.d:(t+1)*m.d]
		alone[t] = kernel.Dot(x, y) + float64(2*kernel.Dot(m.b, x)) + m.c
		kernel.Axpy(1, m.b, y)
	}
	return alone, linear
}

// sizes are kᵀSk of n keys.
func (m *secondMoments) sizes(k []float64, n int) []float64 {
	sizes, turned := make([]float64, n), make([]float64, n*m.d)
	kernel.Gemm(false, false, n, m.d, m.d, 1, k, m.d, m.s, m.d, 0, turned, m.d)
	for t := range n {
		sizes[t] = kernel.Dot(k[t*m.d:(t+1)*m.d], turned[t*m.d:(t+1)*m.d])
	}
	return sizes
}

// farthest is the square of the draw, in units of the draws' standard deviation, about which the mean square of a score lies
// that has z = q + k: that of N(0, I) is 2z.
func (g *normalRows) farthest(z []float64) (far float64) {
	d := len(g.mean)
	for i, sigma := range g.sigma {
		u := g.vectors[i*d : (i+1)*d]
		mu := kernel.Dot(u, g.mean)
		along := kernel.Dot(u, z) - mu/(2*sigma)
		far += square(float64(along*2*sigma/(float64(2*sigma)-1))-mu) / sigma
	}
	return far
}
