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
// Of many neurons [Stream] and [Map.Inner] hold neither rows nor features, but the
// features' inner products.
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
	Neurons int         // m, hidden neurons; even for pairwise maps
	To      *Adaptation // what it has taken from the tokens ([Adapt]); nil: nothing
}

// A Map is a feature map with its rows. It is immutable.
type Map struct {
	Spec
	Dim           int     // d, length of a query or key
	Queries, Keys *Tuning // of a drawn map the same; nil of the ideal one, and of one that is drawn as it goes

	family  family
	learned *LearnedMap       // of a map that is learned
	again   func() *rand.Rand // of a map that is drawn as it goes: its stream from the start
	chances []float64         // and its uniform random numbers, [m]; nil for maps without
}

// Tuning is what the hidden neurons answer to: each to the projection of a token
// on its own row.
type Tuning struct {
	W []float64 // [m×d], neuron α's row; neurons 2i and 2i+1 of a pairwise map share ±ω (hyperbolic) or ω (trig)
	B []float64 // [m], neuron α's phase (trig: 0 and −π/2, so that its pairs are cos and sin), or of a map that knows the data its excitability ½ ln w; nil for maps without
}

// New draws a map's rows (and then its phases) for tokens of length dim.
func New(spec Spec, dim int, rng *rand.Rand) (*Map, error) {
	m, err := undrawn(spec, dim)
	if err != nil || m.family.ideal {
		return m, err
	}
	rows := make([]float64, m.rowsOf(m.Neurons)*dim)
	coupling(m.Rows).draw(dim, rng)(rows)
	m.Queries = m.tuned(rows, 0, m.drawChances(rng))
	m.Keys = m.Queries
	return m, nil
}

// undrawn is a map that can be drawn.
func undrawn(spec Spec, dim int) (*Map, error) {
	f, ok := lookup(spec.Map)
	switch {
	case !ok:
		return nil, fmt.Errorf("features: unknown map %q; allowed: %v", spec.Map, Names())
	case spec.Neurons < 1 && !f.ideal:
		return nil, fmt.Errorf("features: %d neurons; at least 1 is needed", spec.Neurons)
	case f.pairwise && spec.Neurons%2 != 0:
		return nil, fmt.Errorf("features: map %q has its neurons in pairs, so %d of them cannot be; use an even number", spec.Map, spec.Neurons)
	case f.fitted:
		return nil, fmt.Errorf("features: the map %s is not drawn; it is read from where it was fitted", spec.Map)
	case f.adapt != nil && (spec.To == nil || spec.To.proposal == nil):
		return nil, fmt.Errorf("features: the map %s is drawn as tokens call for, and it has seen none", spec.Map)
	case dim < 1:
		return nil, fmt.Errorf("features: tokens of length %d; at least 1 is needed", dim)
	case !f.ideal && coupling(spec.Rows).draw == nil:
		return nil, fmt.Errorf("features: unknown row coupling %q; allowed: %s", spec.Rows, strings.Join(Couplings(), ", "))
	}
	return &Map{Spec: spec, Dim: dim, family: f}, nil
}

// rowsOf is how many random rows so many neurons have.
func (m *Map) rowsOf(neurons int) int {
	if m.family.pairwise {
		return neurons / 2
	}
	return neurons
}

// drawChances draws what is random of all neurons besides their rows, uniform in [0, 1); nil for maps without.
func (m *Map) drawChances(rng *rand.Rand) []float64 {
	if !m.family.chances() {
		return nil
	}
	chances := make([]float64, m.Neurons)
	for i := range chances {
		chances[i] = rng.Float64()
	}
	return chances
}

// tuned is the tuning of the neurons from first on that have these random rows, which it may write over.
func (m *Map) tuned(rows []float64, first int, chances []float64) *Tuning {
	switch {
	case m.family.pairwise:
		return m.family.pair(rows, m.Dim)
	case m.family.adapt != nil:
		b := m.To.proposal.place(rows, first, m.Neurons, chances)
		return &Tuning{W: rows, B: b}
	case m.family.phase:
		phases := make([]float64, len(chances))
		for i, u := range chances {
			phases[i] = 2 * math.Pi * u
		}
		return &Tuning{W: rows, B: phases}
	}
	return &Tuning{W: rows}
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
	// Gram holds, of the ideal map and of [Map.Inner], the inner products of all
	// features in place of the features: [2n×2n], keys first.
	Gram []float64
	Q, K []float64 // φ(q_t)·γ_t·e^{Shift} and φ(k_t)·e^{Shift}, [n×m], γ the gain of the query
	// Shift is the logarithm a of the common factor: it brings the largest
	// feature to 1, or, of maps with a bounded tuning curve, the amplitude.
	Shift float64
	// LogGain is the logarithm of each query's gain, [n], with what invariances take
	// from its scores: φ(q)·φ(k) estimates exp(q·k) times it.
	LogGain []float64

	space []float64 // of K, then Q, and then the tokens; nil where they are given
}

// Drop lets go of features and inner products; shift and gains stay.
func (a *Activity) Drop() { a.Q, a.K, a.Gram, a.space = nil, nil, nil, nil }

// Evaluate returns the activity for n queries and n keys, each [n×d] and
// already divided by d^{1/4}. It fails where the gain has no meaning for the
// map, where a token is so long that its features are not known, and where a
// feature is not finite.
func (m *Map) Evaluate(q, k []float64, n int, gain Gain) (*Activity, error) {
	return m.EvaluateOver(nil, q, k, n, gain)
}

// EvaluateOver is Evaluate that may write over the features of an activity that is
// needed no more; nil is none.
func (m *Map) EvaluateOver(old *Activity, q, k []float64, n int, gain Gain) (*Activity, error) {
	if err := gain.check(m); err != nil {
		return nil, err
	}
	in := m.To.seen(Tokens{Q: q, K: k, N: n, Dim: m.Dim})
	if m.family.ideal {
		return m.evaluateIdeal(in, gain)
	}
	a := &Activity{LogGain: make([]float64, n)}
	if size := 2 * n * (m.Neurons + m.Dim); old != nil && cap(old.space) >= size {
		a.space = old.space[:size]
	} else {
		a.space = make([]float64, size)
	}
	all := m.tokens(in, a.space)
	if err := m.known(all.norm2); err != nil {
		return nil, err
	}
	all.project(m.Queries, m.Keys)
	rowsK, rowsQ := all.part(0, n), all.part(n, 2*n)
	gain.exponents(m, rowsQ, rowsK, a.LogGain)
	if err := silent(a.LogGain, gain, m); err != nil {
		return nil, err
	}
	for t := range n {
		rowsQ.amplitude[t] += a.LogGain[t]
	}
	peak := max(rowsQ.peak(m.family), rowsK.peak(m.family))
	if m.scaled() {
		if math.IsInf(peak, 0) || math.IsNaN(peak) {
			return nil, m.tooLong()
		}
		a.Shift = -peak
	}
	a.Q, a.K = rowsQ.apply(m, a.Shift), rowsK.apply(m, a.Shift)
	gain.equalise(m, a, n)
	if err := silent(a.LogGain, gain, m); err != nil {
		return nil, err
	}
	// An exponential map's features are at most 1 where |x|² is finite; only a gain
	// that comes afterwards may change that.
	bounded := m.family.exponential && gain.Kind != GainEqualised
	if !finite(all.norm2) || !bounded && !(finite(a.Q) && finite(a.K)) {
		return nil, m.tooLong()
	}
	in.lose(a.LogGain)
	return a, nil
}

// scaled reports whether features carry a factor of their token, which the common factor brings to 1.
func (m *Map) scaled() bool { return m.family.logAmplitude != nil || m.scaledKeys() }

// scaledKeys reports whether keys have gains, which invariances give them.
func (m *Map) scaledKeys() bool { return m.To != nil && m.To.Invariances != nil }

// mostRounding is the largest error of an exponent ±½|x|² that is taken: features
// are off by the same, relative to themselves.
const mostRounding = 1e-6

// known reports the first token whose |x|² is so large that its rounding alone, a
// unit in the last place, is felt in features that hold e^{±½|x|²}: at a length of
// 10⁸ it is 2, and what are called features would be noise, or infinite. It takes
// the squares of all keys and then all queries.
func (m *Map) known(norms []float64) error {
	if m.family.normFactor == 0 {
		return nil
	}
	n := len(norms) / 2
	for _, side := range []struct {
		name  string
		norms []float64
	}{{"query", norms[n:]}, {"key", norms[:n]}} {
		for t, norm2 := range side.norms {
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

// projection holds u = Wx + b of some neurons at a time, and the logarithm of the
// amplitude, for n tokens.
type projection struct {
	x         []float64 // [n×d]
	u         []float64 // [n×m]
	norm2     []float64 // |x|², [n]
	amplitude []float64 // [n], log; 0 where the map has none
	highest   []float64 // the largest u of each token, [n]
	answered  bool      // u holds what the tuning curves make of it, less the amplitude
	m, dim    int       // neurons at hand, and d
}

// tokens is the projection of n keys and then n queries in the space given, that of their
// features and of themselves.
func (m *Map) tokens(in *seen, space []float64) *projection {
	n, d := in.n, m.Dim
	room := len(space) - 2*n*d
	x := append(append(space[room:room], in.k[:n*d]...), in.q[:n*d]...)
	p := &projection{x: x, u: space[:room], norm2: squaredNorms(x, d), amplitude: make([]float64, 2*n), highest: make([]float64, 2*n), dim: d}
	switch {
	case m.learned != nil:
		p.x, p.dim = m.learned.own(x, n, p.amplitude), m.Inputs()
	case m.family.logAmplitude != nil:
		for t, norm2 := range p.norm2 {
			p.amplitude[t] = m.family.logAmplitude(norm2, float64(m.Neurons))
		}
	}
	kernel.Axpy(1, in.gain, p.amplitude[:n])
	return p
}

// project projects keys and queries on the neurons of their tunings, at once where they share one.
func (p *projection) project(queries, keys *Tuning) {
	tokens := len(p.norm2)
	p.m, p.answered = len(keys.W)/p.dim, false
	p.u = p.u[:tokens*p.m]
	if queries == keys {
		p.projectOn(keys, 0, tokens)
		return
	}
	p.projectOn(keys, 0, tokens/2)
	p.projectOn(queries, tokens/2, tokens)
}

// projectOn projects the tokens first … last−1.
func (p *projection) projectOn(on *Tuning, first, last int) {
	for t := first; t < last; t++ {
		p.highest[t] = math.Inf(-1)
	}
	kernel.GemmBlocks(false, true, last-first, p.m, p.dim, 1, p.x[first*p.dim:], p.dim, on.W, p.dim, 0, p.u[first*p.m:], p.m, func(i, j, rows, columns int) {
		for t := first + i; t < first+i+rows; t++ {
			u := p.row(t)[j : j+columns]
			if on.B != nil {
				kernel.Axpy(1, on.B[j:j+columns], u)
			}
			p.highest[t] = max(p.highest[t], kernel.Max(u))
		}
	})
}

// part is the tokens first … last−1.
func (p *projection) part(first, last int) *projection {
	return &projection{
		x: p.x[first*p.dim : last*p.dim], u: p.u[first*p.m : last*p.m], norm2: p.norm2[first:last],
		amplitude: p.amplitude[first:last], highest: p.highest[first:last], answered: p.answered, m: p.m, dim: p.dim,
	}
}

func (p *projection) row(t int) []float64 { return p.u[t*p.m : (t+1)*p.m] }

// peak returns the largest exponent that apply will meet with no shift.
func (p *projection) peak(f family) float64 {
	peak := math.Inf(-1)
	for t, a := range p.amplitude {
		if f.exponential && !p.answered {
			a += min(p.highest[t], f.ceiling)
		}
		peak = max(peak, a)
	}
	return peak
}

// excite puts a token through the tuning curves, in place, of an exponential map with a factor e^exponent.
func (p *projection) excite(m *Map, t int, exponent float64) {
	f, row := m.family, p.row(t)
	if !f.exponential {
		for i, u := range row {
			row[i] = f.tuning(u, p.norm2[t], float64(m.Neurons))
		}
		return
	}
	if p.highest[t] > f.ceiling {
		for i, u := range row {
			row[i] = min(u, f.ceiling)
		}
	}
	kernel.Exp(row, row, exponent)
}

// answer puts all tokens through the tuning curves, in place, each relative to the largest of its own features, which the
// amplitude takes. It returns the logarithms of what measure finds in the features.
func (p *projection) answer(m *Map, measure func(phi []float64) float64) []float64 {
	logs := make([]float64, len(p.amplitude))
	for t := range logs {
		highest := 0.0
		if m.family.exponential {
			highest = min(p.highest[t], m.family.ceiling)
		}
		p.excite(m, t, -highest)
		p.amplitude[t] += highest
		logs[t] = p.amplitude[t] + portable.Log(measure(p.row(t)))
	}
	p.answered = true
	return logs
}

// apply turns the projections into shifted features, in place.
func (p *projection) apply(m *Map, shift float64) []float64 {
	for t, a := range p.amplitude {
		if m.family.exponential && !p.answered {
			p.excite(m, t, a+shift)
			continue
		}
		if !p.answered {
			p.excite(m, t, 0)
		}
		// Without an amplitude the shift is zero, but a query's gain is not.
		kernel.Scale(portable.Exp(a+shift), p.row(t))
	}
	return p.u
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
