package features

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// Tokens are queries and keys of a head, each [N×d] and divided by d^{1/4}.
type Tokens struct {
	Q, K   []float64
	N, Dim int
	Causal bool // a query sees its own key and earlier ones
}

// An Adaptation is what a map takes from a head's tokens before any row is drawn: the coordinates in which it sees them, and of a
// map that knows the data, where its rows lie. It is immutable.
type Adaptation struct {
	Invariances *Invariances // nil: none
	proposal    proposal     // of the rows; nil: N(0, I)
}

// A proposal is a distribution from which rows are drawn in place of N(0, I). An estimate stays unbiased where each neuron's
// product φ(q)·φ(k) carries the importance weight w(ω) = N(ω; 0, I)/p(ω); each side carries its root.
//
// In the biology: neurons are tuned to what occurs, not to everything alike, and an intrinsic excitability of each, which
// homeostatic plasticity can set as it depends on the neuron's own tuning and mean activity alone, makes up for its being one of many.
type proposal interface {
	// place turns rows drawn from N(0, I), which are those of the neurons from first on out of all, into rows of the
	// proposal, and returns ½ log w of each. chances are uniform numbers, one a row, where the proposal needs them.
	place(rows []float64, first, all int, chances []float64) []float64
}

// Adapts reports whether the rows of the named map are drawn as the tokens call for.
func Adapts(name string) bool { f, _ := lookup(name); return f.adapt != nil }

// Adapt returns what the map of a spec takes from the tokens; nil where that is nothing. Invariances that are given take the place
// of those that the tokens at hand call for.
func Adapt(spec Spec, kind string, given *Invariances, to Tokens) (*Adaptation, error) {
	f, ok := lookup(spec.Map)
	if !ok {
		return nil, fmt.Errorf("features: unknown map %q; allowed: %v", spec.Map, Names())
	}
	if !slices.Contains(InvarianceKinds(), kind) {
		return nil, fmt.Errorf("features: unknown invariances %q; allowed: %v", kind, InvarianceKinds())
	}
	if kind == NoInvariance && f.adapt == nil {
		return nil, nil
	}
	if !finite(to.Q) || !finite(to.K) {
		return nil, errors.New("features: the queries or keys hold values that are not finite")
	}
	a := new(Adaptation)
	switch {
	case kind == NoInvariance:
	case given != nil:
		a.Invariances = given.Of(kind)
	default:
		var m Moments
		m.Add(to.Q, to.K, to.N, to.Dim)
		var err error
		if a.Invariances, err = m.Invariances(kind); err != nil {
			return nil, err
		}
	}
	if f.adapt == nil {
		return a, nil
	}
	var err error
	a.proposal, err = f.adapt(a.seen(to))
	return a, err
}

// seen are tokens in a map's coordinates.
type seen struct {
	q, k   []float64 // q', k' [n×d]
	gain   []float64 // log, of the keys, [n]
	lost   []float64 // q·k̄, which is lost of every score of a query, [n]; nil: nothing
	n, d   int
	causal bool
}

func (a *Adaptation) seen(t Tokens) *seen {
	s := &seen{q: t.Q, k: t.K, gain: make([]float64, t.N), n: t.N, d: t.Dim, causal: t.Causal}
	if a != nil && a.Invariances != nil {
		s.q, s.k = a.Invariances.Queries(t.Q, t.N), a.Invariances.Keys(t.K, t.N)
		s.gain = a.Invariances.LogGains(s.k, t.N)
		s.lost = make([]float64, t.N)
		kernel.Gemm(false, false, t.N, 1, t.Dim, 1, t.Q, t.Dim, a.Invariances.MeanK, 1, 0, s.lost, 1)
	}
	return s
}

// lose takes from the logarithms of the queries' gains what their scores have lost, so that without them φ(q)·φ(k) is exp(q·k) still.
func (s *seen) lose(logGain []float64) {
	if s.lost != nil {
		kernel.Axpy(-1, s.lost, logGain)
	}
}

// visible is how many keys query t sees.
func (s *seen) visible(t int) int {
	if s.causal {
		return t + 1
	}
	return s.n
}

// attend calls with each query's softmax attention over the keys that it sees, and with ln Z; the rows are written over.
func (s *seen) attend(first, last int, with func(t int, row []float64, logZ float64)) {
	const most = 64
	scores := make([]float64, min(most, max(last-first, 0))*s.n)
	for ; first < last; first += most {
		rows := min(most, last-first)
		kernel.Gemm(false, true, rows, s.n, s.d, 1, s.q[first*s.d:], s.d, s.k, s.d, 0, scores, s.n)
		for i := range rows {
			row := scores[i*s.n : i*s.n+s.visible(first+i)]
			kernel.Axpy(1, s.gain[:len(row)], row)
			with(first+i, row, softmax(row))
		}
	}
}

// softmax makes x e^x over their sum, and returns the logarithm of that.
func softmax(x []float64) float64 {
	largest, sum := kernel.Max(x), 0.0
	kernel.Exp(x, x, -largest)
	for _, e := range x {
		sum += e
	}
	inverse := 1 / sum
	for i := range x {
		x[i] *= inverse
	}
	return largest + portable.Log(sum)
}

// normalRows is the proposal N(μ, Uᵀ diag(σ) U): a row is μ + Uᵀ (√σ ∘ ω).
type normalRows struct {
	mean    []float64
	sigma   []float64 // all above ½, or the variance of a score is infinite
	vectors []float64 // U, [d×d]
}

func (g *normalRows) place(rows []float64, _, _ int, _ []float64) []float64 {
	d := len(g.mean)
	n := len(rows) / d
	stretched, constant := slices.Clone(rows), 0.0
	for j, sigma := range g.sigma {
		constant += float64(portable.Log(sigma) / 4)
		root := math.Sqrt(sigma)
		for i := range n {
			stretched[i*d+j] *= root
		}
	}
	// ln w = ½|ω|² − ½|row|² + ½ Σ ln σ
	drawn := squaredNorms(rows, d)
	kernel.Gemm(false, false, n, d, d, 1, stretched, d, g.vectors, d, 0, rows, d)
	for i := range n {
		kernel.Axpy(1, g.mean, rows[i*d:(i+1)*d])
	}
	logs := squaredNorms(rows, d)
	for i, norm2 := range logs {
		logs[i] = float64((drawn[i]-norm2)/4) + constant
	}
	return logs
}

// optimal is the variance that a row should have along a direction in which q + k has the mean square λ: 1 − 4A, where A minimises
// the mean logarithm of the score's second moment, ln(1−4A) − ½ ln(1−8A) + λ/(1−8A).
func optimal(lambda float64) float64 {
	a := (1 - float64(2*lambda) - math.Sqrt(square(float64(2*lambda)+1)+float64(8*lambda))) / 16
	return 1 - float64(4*a)
}

// isotropic is the proposal of optimal positive random features: rows as long as |q + k| calls for, over all pairs of tokens
// (Likhosherstov et al. 2022, arXiv 2205.15317, FAVOR++):
//
//	φ(x) = (1−4A)^{d/4} exp(A|ω|² + √(1−4A) ω·x − ½|x|²)/√m
//
// In the biology: one gain of the whole layer, which sets how sharply its neurons are tuned by how strong the input is.
func isotropic(s *seen) (proposal, error) {
	second := s.secondMoment()
	sigma := optimal(trace(second, s.d) / float64(s.d))
	g := &normalRows{mean: make([]float64, s.d), sigma: make([]float64, s.d), vectors: identity(s.d)}
	for i := range g.sigma {
		g.sigma[i] = sigma
	}
	return g, nil
}

// dense is the proposal of dense-exponential random features, with an A of every principal direction of q + k (Likhosherstov et
// al. 2023, arXiv 2302.00787, FAVOR#, the symmetric form):
//
//	φ(x) = det(1−4A)^¼ exp(ωᵀAω + ω·(1−4A)^½ U x − ½|x|²)/√m
//
// In the biology: neurons are tuned more sharply in the directions in which the input varies more, as by Hebbian learning of its
// principal components.
func dense(s *seen) (proposal, error) {
	g := &normalRows{mean: make([]float64, s.d)}
	g.sigma, g.vectors = eigen(s.secondMoment(), s.d)
	for i, lambda := range g.sigma {
		g.sigma[i] = optimal(max(lambda, 0))
	}
	return g, g.check()
}

// attended is the proposal N(E[q+k], Cov[q+k] + 1) of pairs that attend each other: q any query, k as it attends.
//
// In the biology: neurons are tuned about what occurs together, as Hebbian plasticity makes them, with a spread of their own.
func attended(s *seen) (proposal, error) { return attendedIn([]*seen{s}) }

// attendedIn is that of several inputs, every query of which counts alike.
func attendedIn(inputs []*seen) (proposal, error) {
	d, queries := inputs[0].d, 0
	mean, second := make([]float64, d), make([]float64, d*d)
	for _, s := range inputs {
		queries += s.n
		answered, weighed := make([]float64, s.n*d), slices.Clone(s.k) // Σ_s a_ts k_s, and keys times what each is attended
		weights := make([]float64, s.n)
		s.attend(0, s.n, func(t int, row []float64, _ float64) {
			kernel.Gemm(false, false, 1, d, len(row), 1, row, len(row), s.k, d, 0, answered[t*d:], d)
			kernel.Axpy(1, row, weights[:len(row)])
		})
		for i, w := range weights {
			for j := range d {
				weighed[i*d+j] *= w
			}
		}
		// Σ (q+k)(q+k)ᵀ: q and its mean answer together, and k alone.
		for _, pair := range [][2][]float64{{s.q, s.q}, {s.q, answered}, {answered, s.q}, {weighed, s.k}} {
			kernel.Gemm(true, false, d, d, s.n, 1, pair[0], d, pair[1], d, 1, second, d)
		}
		for t := range s.n {
			kernel.Axpy(1, s.q[t*d:(t+1)*d], mean)
			kernel.Axpy(1, answered[t*d:(t+1)*d], mean)
		}
	}
	for i := range d {
		mean[i] /= float64(queries)
	}
	for i := range d {
		for j := range d {
			second[i*d+j] = second[i*d+j]/float64(queries) - float64(mean[i]*mean[j])
		}
	}
	g := &normalRows{mean: mean}
	g.sigma, g.vectors = eigen(symmetric(second, d), d)
	for i, lambda := range g.sigma {
		g.sigma[i] = 1 + max(lambda, 0)
	}
	return g, g.check()
}

func (g *normalRows) check() error {
	if !finite(g.sigma) || !finite(g.vectors) || !finite(g.mean) {
		return errors.New("features: the moments of the queries and keys are not finite; are they too long?")
	}
	return nil
}

// secondMoment is the mean of (q+k)(q+k)ᵀ over all pairs of a query and a key, [d×d].
func (s *seen) secondMoment() []float64 {
	d, one := s.d, 1/float64(s.n)
	second, mean := make([]float64, d*d), [2][]float64{make([]float64, d), make([]float64, d)}
	for i, x := range [][]float64{s.q, s.k} {
		kernel.Gemm(true, false, d, d, s.n, one, x, d, x, d, 1, second, d)
		for t := range s.n {
			kernel.Axpy(one, x[t*d:(t+1)*d], mean[i])
		}
	}
	for i := range d {
		for j := range d {
			second[i*d+j] += float64(mean[0][i]*mean[1][j]) + float64(mean[1][i]*mean[0][j])
		}
	}
	return symmetric(second, d)
}

// symmetric rounds both halves of a symmetric matrix alike.
func symmetric(s []float64, d int) []float64 {
	for i := range d {
		for j := range i {
			s[j*d+i] = s[i*d+j]
		}
	}
	return s
}
