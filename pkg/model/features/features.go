// Package features is the hidden layer's tuning: maps φ from queries and keys
// to the activity of m neurons, such that φ(q)·φ(k) approximates exp(q·k)
// (science §3; Kozachkov, Kastanenka & Krotov, PNAS 2023; Choromanski et al.,
// arXiv 2009.14794).
//
// A [Map] is drawn once for a head and evaluated on its queries and keys
// together, in log space: [Map.Evaluate] chooses one shift a for all of them,
// so that nothing overflows however long the tokens are, and reports it. The
// network's answers do not depend on it as long as the astrocyte's baseline and
// floor are multiplied by e^{2a}.
//
//	m, err := features.New(features.Spec{Map: "positive", Rows: "iid", Neurons: 1000}, d, rng)
//	phi, err := m.Evaluate(q, k, n, features.Gain{Kind: "none"})
//	// phi.Q, phi.K: [n×1000]; phi.Shift: a
//
// Queries and keys have each a [Tuning] of their own; drawn maps share one.
package features

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// Spec describes a feature map; see [Names] for Map and [IID], [Orthogonal]
// for Rows.
type Spec struct {
	Map     string
	Rows    string
	Neurons int // m, hidden neurons; even for pairwise maps
}

// A Map is a feature map with its rows. It is immutable.
type Map struct {
	Spec
	Dim           int     // d, length of a query or key
	Queries, Keys *Tuning // of a drawn map the same; nil of the ideal one

	family family
}

// Tuning is what the hidden neurons answer to: each to the projection of a token
// on its own row.
type Tuning struct {
	W []float64 // [m×d], neuron α's row; neurons 2i and 2i+1 of a pairwise map share ±ω (hyperbolic) or ω (trig)
	B []float64 // [m], neuron α's phase; nil for maps without (trig: 0 and −π/2, so that its pairs are cos and sin)
}

// New draws a map's rows (and then its phases) for tokens of length dim.
func New(spec Spec, dim int, rng *rand.Rand) (*Map, error) {
	f, ok := lookup(spec.Map)
	switch {
	case !ok:
		return nil, fmt.Errorf("features: unknown map %q; allowed: %v", spec.Map, Names())
	case spec.Neurons < 1 && !f.ideal:
		return nil, fmt.Errorf("features: %d neurons; at least 1 is needed", spec.Neurons)
	case f.pairwise && spec.Neurons%2 != 0:
		return nil, fmt.Errorf("features: map %q has its neurons in pairs, so %d of them cannot be; use an even number", spec.Map, spec.Neurons)
	case dim < 1:
		return nil, fmt.Errorf("features: tokens of length %d; at least 1 is needed", dim)
	}
	if f.ideal {
		return &Map{Spec: spec, Dim: dim, family: f}, nil
	}
	n := spec.Neurons
	if f.pairwise {
		n /= 2
	}
	rows, err := drawRows(spec.Rows, n, dim, rng)
	if err != nil {
		return nil, err
	}
	drawn := &Tuning{W: rows}
	switch {
	case f.pairwise:
		drawn = f.pair(rows, dim)
	case f.phase:
		drawn.B = make([]float64, spec.Neurons)
		for i := range drawn.B {
			drawn.B[i] = 2 * math.Pi * rng.Float64()
		}
	}
	return &Map{Spec: spec, Dim: dim, Queries: drawn, Keys: drawn, family: f}, nil
}

// pair gives each of the m/2 rows of length d to two neurons: ±ω for hyperbolic, ω
// with phases 0 and −π/2 for trig.
func (f *family) pair(rows []float64, d int) *Tuning {
	neurons, second := 2*len(rows)/d, 1.0
	drawn := &Tuning{W: make([]float64, neurons*d)}
	if f.exponential {
		second = -1
	} else {
		drawn.B = make([]float64, neurons)
	}
	for i := 0; i < neurons; i += 2 {
		for j, w := range rows[i/2*d : (i/2+1)*d] {
			drawn.W[i*d+j] = w
			drawn.W[(i+1)*d+j] = second * w
		}
		if drawn.B != nil {
			drawn.B[i+1] = -math.Pi / 2
		}
	}
	return drawn
}

// Activity is the hidden layer's tuned response to a head's tokens.
type Activity struct {
	// Gram holds, of the ideal map alone, the inner products of all features in place
	// of the features: [2n×2n], keys first.
	Gram []float64
	Q, K []float64 // φ(q_t)·e^{LogGain[t]}·e^{Shift} and φ(k_t)·e^{Shift}, [n×m]
	// Shift is the logarithm a of the common factor: it brings the largest
	// feature to 1, or, of maps with a bounded tuning curve, the amplitude.
	Shift float64
	// LogGain is the logarithm of each query's gain, [n].
	LogGain []float64
}

// Evaluate returns the activity for n queries and n keys, each [n×d] and
// already divided by d^{1/4}. It fails where the gain has no meaning for the
// map, where a token is so long that its features are not known, and where a
// feature is not finite.
func (m *Map) Evaluate(q, k []float64, n int, gain Gain) (*Activity, error) {
	if err := gain.check(m.family); err != nil {
		return nil, err
	}
	if err := m.known(q, k); err != nil {
		return nil, err
	}
	if m.family.ideal {
		return m.evaluateIdeal(q, k, n, gain)
	}
	queries, keys := m.projection(m.Queries, q, n, m.Neurons), m.projection(m.Keys, k, n, m.Neurons)
	queries.to(0, m.Neurons)
	keys.to(0, m.Neurons)
	queries.survey(gain)
	keys.survey(Gain{})
	a := &Activity{LogGain: make([]float64, n)}
	if err := a.scale(m, queries, keys, gain); err != nil {
		return nil, err
	}
	a.Q, a.K = queries.apply(a.Shift), keys.apply(a.Shift)
	gain.equalise(m, a, n)
	if err := silent(a.LogGain, gain, m); err != nil {
		return nil, err
	}
	// An exponential map's features are at most 1 where |x|² is finite; only a gain
	// that comes afterwards may change that.
	bounded := m.family.exponential && gain.Kind != GainEqualised
	if !finite(queries.norm2) || !finite(keys.norm2) || !bounded && !(finite(a.Q) && finite(a.K)) {
		return nil, m.tooLong()
	}
	return a, nil
}

// mostRounding is the largest error of an exponent ±½|x|² that is taken: features
// are off by the same, relative to themselves.
const mostRounding = 1e-6

// known reports the first token whose |x|² is so large that its rounding alone, a
// unit in the last place, is felt in features that hold e^{±½|x|²}: at a length of
// 10⁸ it is 2, and what are called features would be noise, or infinite.
func (m *Map) known(q, k []float64) error {
	if m.family.normFactor == 0 {
		return nil
	}
	for _, side := range []struct {
		name   string
		tokens []float64
	}{{"query", q}, {"key", k}} {
		for t, norm2 := range squaredNorms(side.tokens, m.Dim) {
			if rounding := norm2 * 0x1p-52; rounding > mostRounding && !math.IsInf(norm2, 1) {
				return fmt.Errorf("features: %s %d has the length %.3g, and at most %.3g is taken: the exponent ½|x|² of the map %s would be known to no more than ±%.1g; scale queries and keys down, or use a map without that factor (%s)",
					side.name, t, math.Sqrt(norm2), math.Sqrt(mostRounding*0x1p52), m.family.name, rounding, strings.Join(Level(), ", "))
			}
		}
	}
	return nil
}

// tooLong reports tokens whose features are not finite.
func (m *Map) tooLong() error {
	return fmt.Errorf("features: the queries or keys are too long for the map %s, whose hidden rates are not finite; take shorter ones", m.Spec.Map)
}

// scale sets the gains that depend on the query alone, and the common factor.
func (a *Activity) scale(m *Map, queries, keys *projection, gain Gain) error {
	gain.exponents(m, queries, a.LogGain)
	if err := silent(a.LogGain, gain, m); err != nil {
		return err
	}
	for t, gain := range a.LogGain {
		queries.amplitude[t] += gain
	}
	if m.family.logAmplitude == nil {
		return nil
	}
	peak := max(queries.peak(), keys.peak())
	if math.IsInf(peak, 0) || math.IsNaN(peak) {
		return m.tooLong()
	}
	a.Shift = -peak
	return nil
}

// projection holds the logarithm of the amplitude for n tokens and, for as many
// neurons at a time as it has room for, u = Wx + b.
type projection struct {
	on        *Tuning
	family    family
	dim       int
	neurons   int       // m
	x         []float64 // [n×d]
	norm2     []float64 // |x|², [n]
	amplitude []float64 // [n], log; 0 where the map has none
	u         []float64 // [n×width]
	width     int       // neurons at hand

	// Of all neurons surveyed:
	most []float64 // the largest tuning exponent, [n]; 0 of maps without
	rate []float64 // the logarithm of the pooled rate Σ_α φ_α, [n], if the gain asks for it
}

func (m *Map) projection(on *Tuning, x []float64, n, room int) *projection {
	p := &projection{
		on: on, family: m.family, dim: m.Dim, neurons: m.Neurons, x: x,
		norm2: squaredNorms(x[:n*m.Dim], m.Dim), amplitude: make([]float64, n), u: make([]float64, n*room),
		most: make([]float64, n), rate: make([]float64, n),
	}
	for t := range n {
		p.rate[t] = math.Inf(-1)
		if m.family.exponential {
			p.most[t] = math.Inf(-1)
		}
		if m.family.logAmplitude != nil {
			p.amplitude[t] = m.family.logAmplitude(p.norm2[t], float64(m.Neurons))
		}
	}
	return p
}

// to takes the projection to the neurons from … to−1.
func (p *projection) to(from, to int) {
	p.width = to - from
	kernel.Gemm(false, true, len(p.norm2), p.width, p.dim, 1, p.x, p.dim, p.on.W[from*p.dim:], p.dim, 0, p.u, p.width)
	for t := range p.norm2 {
		if p.on.B != nil {
			kernel.Axpy(1, p.on.B[from:to], p.row(t))
		}
	}
}

func (p *projection) row(t int) []float64 { return p.u[t*p.width : (t+1)*p.width] }

// survey takes note of what the gain and the common factor depend on.
func (p *projection) survey(gain Gain) {
	for t := range p.norm2 {
		if p.family.exponential {
			p.most[t] = max(p.most[t], min(kernel.Max(p.row(t)), p.family.ceiling))
		}
		if gain.Kind == GainRate {
			p.rate[t] = logAdd(p.rate[t], p.logRate(t))
		}
	}
}

// peak returns the largest exponent that apply will meet with no shift.
func (p *projection) peak() float64 {
	peak := math.Inf(-1)
	for t, a := range p.amplitude {
		peak = max(peak, a+p.most[t])
	}
	return peak
}

// apply turns the projections into shifted features, in place.
func (p *projection) apply(shift float64) []float64 {
	f := p.family
	for t, a := range p.amplitude {
		row := p.row(t)
		if f.exponential {
			if !math.IsInf(f.ceiling, 1) {
				for i, u := range row {
					row[i] = min(u, f.ceiling)
				}
			}
			kernel.Exp(row, row, a+shift)
			continue
		}
		// Without an amplitude the shift is zero, but a query's gain is not.
		scale := portable.Exp(a + shift)
		for i, u := range row {
			row[i] = scale * f.tuning(u, p.norm2[t], float64(p.neurons))
		}
	}
	return p.u[:len(p.norm2)*p.width]
}

// finite reports whether no entry is NaN or infinite: such an entry, and only
// such a one, makes the sum of x − x so.
func finite(x []float64) bool {
	var sum float64
	for _, v := range x {
		sum += v - v
	}
	return sum == 0
}
