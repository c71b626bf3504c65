package features

import (
	"errors"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// Kinds of invariances.
const (
	NoInvariance = "none"
	Center       = "center"  // the means of queries and keys are taken away
	Balance      = "balance" // queries and keys get the same, diagonal, second moments
	Both         = "both"    // centred, and their covariances balanced
)

// InvarianceKinds lists the kinds.
func InvarianceKinds() []string { return []string{NoInvariance, Center, Balance, Both} }

// Moments gathers what the invariances need of a head's tokens, as they come. Its zero value is empty.
type Moments struct {
	dim        int
	count      float64
	sumQ, sumK []float64
	outerQ     []float64 // Σ q qᵀ, [d×d]
	outerK     []float64
}

// Add adds n tokens of size d.
func (m *Moments) Add(q, k []float64, n, d int) {
	if m.dim == 0 {
		m.dim = d
		m.sumQ, m.sumK = make([]float64, d), make([]float64, d)
		m.outerQ, m.outerK = make([]float64, d*d), make([]float64, d*d)
	}
	for t := range n {
		kernel.Axpy(1, q[t*d:(t+1)*d], m.sumQ)
		kernel.Axpy(1, k[t*d:(t+1)*d], m.sumK)
	}
	kernel.Gemm(true, false, d, d, n, 1, q, d, q, d, 1, m.outerQ, d)
	kernel.Gemm(true, false, d, d, n, 1, k, d, k, d, 1, m.outerK, d)
	m.count += float64(n)
}

// Invariances are changes of a head's queries and keys that its attention does not see (science §3):
//
//	q' = A⁻ᵀ(q − q̄)    k' = A(k − k̄)    q·k = q'·k' + (A⁻ᵀq̄)·k' + what depends on the query alone
//
// A brings the two covariances to the same diagonal matrix, so that |q'+k'|², on which the variance of every unbiased map depends,
// is small. The term (A⁻ᵀq̄)·k' is the exponent of a gain on each key's features.
//
// In the biology: a hidden neuron that adapts subtracts the mean of what it is given, and synaptic scaling upstream balances the
// units; the key's gain is an excitability that grows with the key's projection on one direction.
type Invariances struct {
	Dim          int
	MeanQ, MeanK []float64 // q̄, k̄, [d]
	Balance      []float64 // A, [d×d]
	Inverse      []float64 // A⁻¹
	Shift        []float64 // A⁻ᵀ q̄, [d]: the exponent of a key's gain is Shift·k'
}

// Unchanged are the invariances that leave queries and keys as they are.
func Unchanged(dim int) *Invariances {
	return &Invariances{Dim: dim, MeanQ: make([]float64, dim), MeanK: make([]float64, dim), Balance: identity(dim), Inverse: identity(dim), Shift: make([]float64, dim)}
}

// Invariances are those that the map was fitted with.
func (l *LearnedMap) Invariances() *Invariances {
	v := &Invariances{Dim: l.Dim, MeanQ: l.MeanQ, MeanK: l.MeanK, Balance: l.Balance, Inverse: l.Inverse, Shift: make([]float64, l.Dim)}
	v.shift()
	return v
}

// ridge is what is added to a covariance, of its mean variance, so that it can be inverted.
const ridge = 1e-4

// Invariances returns those of a kind that the tokens call for.
func (m *Moments) Invariances(kind string) (*Invariances, error) {
	if m.count < 1 {
		return nil, errors.New("features: no tokens are given for the invariances")
	}
	d := m.dim
	v := Unchanged(d)
	if kind == Center || kind == Both {
		for i := range d {
			v.MeanQ[i], v.MeanK[i] = m.sumQ[i]/m.count, m.sumK[i]/m.count
		}
	}
	if kind == Balance || kind == Both {
		var ok bool
		v.Balance, v.Inverse, ok = balancing(m.covariance(m.outerQ, v.MeanQ), m.covariance(m.outerK, v.MeanK), d)
		if !ok {
			return nil, errors.New("features: the covariances of queries and keys cannot be balanced; are the tokens finite?")
		}
	}
	v.shift()
	return v, nil
}

// shift sets A⁻ᵀq̄.
func (v *Invariances) shift() {
	kernel.Gemm(true, false, v.Dim, 1, v.Dim, 1, v.Inverse, v.Dim, v.MeanQ, 1, 0, v.Shift, 1)
}

// Of returns those of a kind that are a part of these, which are centred and balanced.
func (v *Invariances) Of(kind string) *Invariances {
	u := Unchanged(v.Dim)
	if kind == Center || kind == Both {
		u.MeanQ, u.MeanK = v.MeanQ, v.MeanK
	}
	if kind == Balance || kind == Both {
		u.Balance, u.Inverse = v.Balance, v.Inverse
	}
	u.shift()
	return u
}

// covariance is about the mean, with the ridge.
func (m *Moments) covariance(outer, mean []float64) []float64 {
	d, trace := m.dim, 0.0
	s := make([]float64, d*d)
	for i := range d {
		for j := range i + 1 {
			s[i*d+j] = outer[i*d+j]/m.count - float64(mean[i]*mean[j])
			s[j*d+i] = s[i*d+j]
		}
		trace += s[i*d+i]
	}
	for i := range d {
		s[i*d+i] += float64(ridge * trace / float64(d))
	}
	return s
}

// balancing returns A with A S_k Aᵀ = A⁻ᵀ S_q A⁻¹, diagonal, largest first, and A⁻¹: with S_k = L Lᵀ and Lᵀ S_q L = V Λ Vᵀ,
//
//	A = Λ^¼ Vᵀ L⁻¹    A⁻¹ = L V Λ^−¼    A S_k Aᵀ = Λ^½
//
// Where queries or keys are all alike there is nothing to balance.
func balancing(sq, sk []float64, d int) (a, inverse []float64, ok bool) {
	if trace(sq, d) == 0 || trace(sk, d) == 0 {
		return identity(d), identity(d), true
	}
	l, ok := cholesky(sk, d)
	if !ok {
		return nil, nil, false
	}
	half, inner := make([]float64, d*d), make([]float64, d*d)
	kernel.Gemm(true, false, d, d, d, 1, l, d, sq, d, 0, half, d)
	kernel.Gemm(false, false, d, d, d, 1, half, d, l, d, 0, inner, d)
	values, vectors := eigen(inner, d)
	for i, x := range values {
		if !(x > 0) || math.IsInf(x, 1) {
			return nil, nil, false
		}
		root := math.Sqrt(math.Sqrt(x))
		for j := range d {
			vectors[i*d+j] /= root
		}
	}
	inverse = make([]float64, d*d)
	kernel.Gemm(false, true, d, d, d, 1, l, d, vectors, d, 0, inverse, d)
	a, err := Inverse(inverse, d)
	return a, inverse, err == nil
}

func trace(s []float64, d int) (sum float64) {
	for i := range d {
		sum += s[i*d+i]
	}
	return sum
}

// Queries returns q' = A⁻ᵀ(q − q̄) of n queries.
func (v *Invariances) Queries(q []float64, n int) []float64 {
	return turned(q, v.MeanQ, v.Inverse, false, n)
}

// Keys returns k' = A(k − k̄) of n keys.
func (v *Invariances) Keys(k []float64, n int) []float64 {
	return turned(k, v.MeanK, v.Balance, true, n)
}

// LogGains are the exponents of the gains of n keys k'.
func (v *Invariances) LogGains(k []float64, n int) []float64 {
	gains := make([]float64, n)
	kernel.Gemm(false, false, n, 1, v.Dim, 1, k, v.Dim, v.Shift, 1, 0, gains, 1)
	return gains
}

// turned is (x − mean) times B, or Bᵀ.
func turned(x, mean, by []float64, transposed bool, n int) []float64 {
	d := len(mean)
	y := make([]float64, n*d)
	kernel.Gemm(false, transposed, n, d, d, 1, centred(x, mean, n), d, by, d, 0, y, d)
	return y
}

// centred is x less its mean.
func centred(x, mean []float64, n int) []float64 {
	y := slices.Clone(x[:n*len(mean)])
	for t := range n {
		kernel.Axpy(-1, mean, y[t*len(mean):(t+1)*len(mean)])
	}
	return y
}
