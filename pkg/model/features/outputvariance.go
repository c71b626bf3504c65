package features

import (
	"context"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// An OutputVariance predicts, without drawing anything, how far the output of kernel
// attention with independent rows lies from that of softmax attention (science §3).
//
// With ε_ts the relative error of a score estimate, A softmax attention and f = A v its
// output, row t errs to first order by Σ_s A_ts ε_ts (v_s − f_t). All scores of a row share
// the same ω, so that its expected square is
//
//	Σ_ss′ u_s·u_s′ Cov(ε_ts, ε_ts′)      u_s = A_ts (v_s − f_t),  Σ_s u_s = 0
//	m Cov = c₊ e^z + c₋ e^{−z} − c       z = (q_t±k_s)·(q_t±k_s′)
//
// of which the constant drops out. The exponent parts into what is of s, what is of s′ and
// −½|k_s∓k_s′|², so that two Gram matrices of the keys serve all rows and all maps, and all
// maps cost eight products of N × N matrices.
type OutputVariance struct {
	logs  map[string]strata    // of each map, ln c: the expected squared relative error is c/m
	sums  map[string]strata    // of each map, ln of the normaliser's relative variance times m
	score map[string]strata    // likewise of a score
	rows  map[string][]float64 // of each map, the variances of the scores of each row times m
	tails map[string][]tail    // of each map that is not bounded, its rows
	hull  float64              // ‖f̂ − f‖/‖f‖ at most, if each f̂ is a weighted mean of values
}

// tail is a row's variance, and |q+k|² of the key that adds most to it.
type tail struct {
	variance magnitude
	size     float64
}

// Attention is one head: queries and keys [N×d], divided by d^{1/4}, and values [N×d_v].
type Attention struct {
	Q, K, V           []float64
	Tokens, Dim, Size int          // N, d, d_v
	Causal            bool         // a query sees its own key and earlier ones
	Invariances       *Invariances // in which the maps see queries and keys; nil: none
}

// NewOutputVariance computes the prediction for these maps of [Predicted], or for all where none is
// named. Its error is that of ctx, or that a map takes nothing from such tokens.
func NewOutputVariance(ctx context.Context, head Attention, maps ...string) (*OutputVariance, error) {
	if len(maps) == 0 {
		maps = Predicted()
	}
	h, err := newOutputForms(head, maps)
	if err != nil {
		return nil, err
	}
	for first := 0; first < head.Tokens; first += outputRows {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		h.add(first, min(first+outputRows, head.Tokens))
	}
	if ctx.Err() == nil {
		h.addPairs()
	}
	v := &OutputVariance{logs: map[string]strata{}, sums: map[string]strata{}, score: map[string]strata{}, rows: map[string][]float64{}, tails: map[string][]tail{}, hull: math.Sqrt(h.farthest / h.norm2)}
	for i, name := range maps {
		few, many := &h.sums[i], &h.sums[i]
		if name == Pairs {
			many = &h.many
		}
		v.logs[name] = strata{few.error(h.norm2), many.error(h.norm2)}
		v.sums[name] = strata{few.part(few.normalisers), many.part(many.normalisers)}
		v.score[name] = strata{few.part(few.scores), many.part(many.scores)}
		v.rows[name] = h.variances[i]
		v.tails[name] = h.tails[i]
	}
	return v, nil
}

// Error is the root of the expected ‖f̂ − f‖²/‖f‖² (Frobenius norms over all tokens) with so
// many hidden neurons; NaN for a map that has no prediction, and where the output is 0.
func (v *OutputVariance) Error(name string, neurons float64) float64 {
	return relativeDeviation(v.logs, name, neurons)
}

// relativeDeviation is √(V/m), from the logarithm of a map's V; NaN for a map that has none.
func relativeDeviation(logs map[string]strata, name string, neurons float64) float64 {
	of, known := logs[name]
	if !known {
		return math.NaN()
	}
	return portable.Exp(0.5 * (of.at(neurons) - portable.Log(neurons)))
}

// Neurons is the least number of hidden neurons with which [OutputVariance.Error] is at most
// the given one, even for a pairwise map; +Inf beyond float64. Beyond 2⁵³ it is the nearest
// float64, which is whole.
func (v *OutputVariance) Neurons(name string, relative float64) float64 {
	of, known := v.logs[name]
	if !known || math.IsNaN(of.few) {
		return math.NaN()
	}
	m := max(1, math.Ceil(portable.Exp(of.reaching(2*portable.Log(relative)))))
	if Pairwise(name) {
		m = 2 * math.Ceil(m/2)
	}
	return m
}

// Normaliser is the relative standard deviation of a row's sum of score estimates with so many
// hidden neurons: its root mean square, rows weighted by what they add to the output's error. The
// output divides by that sum, so [OutputVariance.Error] holds where this is small.
func (v *OutputVariance) Normaliser(name string, neurons float64) float64 {
	return relativeDeviation(v.sums, name, neurons)
}

// Deviation is the relative standard deviation of a score estimate with so many hidden neurons, of
// the scores of a row weighted by attention: its root mean square, rows weighted by what they add
// to the output's error. It is at least that of [OutputVariance.Normaliser].
func (v *OutputVariance) Deviation(name string, neurons float64) float64 {
	return relativeDeviation(v.score, name, neurons)
}

// MedianDeviation is the median over rows of the relative standard deviation of a score estimate with so many hidden neurons, the
// scores of a row weighted by attention: the mean would be that of the worst row. Of pairs it is that of 1 000 neurons by 1/√m.
func (v *OutputVariance) MedianDeviation(name string, neurons float64) float64 {
	deviations := make([]float64, len(v.rows[name]))
	for t, variance := range v.rows[name] {
		deviations[t] = math.Sqrt(variance / neurons)
	}
	return MedianDeviation(deviations)
}

// Drawn is about the share of the expected squared error that lies where so many neurons reach;
// 1 for a map whose scores are bounded. In an exponential map e^{ω·x}, x = q + k, has its mean
// square from draws ω that lie 2|x| along x, and the largest of m is about √(2 ln m). Where the
// share is small the expectation is made by draws that hardly ever come: of most draws the error
// is less than [OutputVariance.Error], by far where |x| is large.
func (v *OutputVariance) Drawn(name string, neurons float64) float64 {
	if len(v.tails[name]) == 0 {
		return 1
	}
	var all, reached magnitude
	far := math.Sqrt(2 * portable.Log(max(1, neurons)))
	for _, row := range v.tails[name] {
		all = all.plus(row.variance)
		share := 0.5 * portable.Erfc((float64(2*math.Sqrt(row.size))-far)/math.Sqrt2)
		reached = reached.plus(row.variance.times(share))
	}
	if all.value == 0 {
		return 1
	}
	return portable.Exp(reached.over(1) - all.over(1))
}

// Limits within which [OutputVariance.Error] is what is measured, to 20 % in the root mean square over
// draws (science §3, "Prediction").
const (
	MostDeviation = 0.3 // of [OutputVariance.Deviation]: beyond, the first order does not do
	LeastDrawn    = 0.7 // of [OutputVariance.Drawn]: below, most draws err less
)

// Holds reports whether the error is within those limits with so many hidden neurons.
func (v *OutputVariance) Holds(name string, neurons float64) bool {
	return v.Deviation(name, neurons) <= MostDeviation && v.Drawn(name, neurons) >= LeastDrawn
}

// Bound is what the relative error of no draw exceeds, however few the neurons: with a positive map
// each output is a weighted mean of values v_s, and lies no farther from f_t than the farthest of
// those that its query sees. +Inf for a signed map, whose normaliser may vanish; NaN where the
// output is 0.
func (v *OutputVariance) Bound(name string) float64 {
	if math.IsNaN(v.hull) || math.IsInf(v.hull, 0) {
		return math.NaN()
	}
	if !Positive(name) {
		return math.Inf(1)
	}
	return v.hull
}

// Predicted lists the maps whose error can be predicted: unbiased ones that are drawn.
func Predicted() []string {
	var names []string
	for _, f := range families {
		if f.grows > 0 || f.adapt != nil {
			names = append(names, f.name)
		}
	}
	return names
}

// outputRows is how many rows are held at a time.
const outputRows = 64

// outputForms gathers the quadratic forms of all rows of a head.
type outputForms struct {
	Attention
	maps       []string
	gain       []float64 // log, of the keys, [N]: of attention, not of what its estimates grow with
	q2, k2     []float64
	mean       []float64 // of v, [d_v]; V is less this
	v2         []float64 // |v|² [N], and
	longest    float64   // the largest
	near, far  keyGram
	grown      []growth          // of maps whose rows are drawn from another Gaussian; others have none
	pairs      *pairs            // of the map of that name
	deviations []*ScoreDeviation // of scores, of each map, and
	variances  [][]float64       // their squares times m of each row, [N]
	outputs    []float64         // f, less the mean of v, [N×d_v]
	farthest   float64           // Σ_t max_s |v_s − f_t|²
	sums       []sums            // of each map
	many       sums              // of pairs with many neurons, where those have few
	tails      [][]tail          // likewise, [N]
	norm2      float64           // ‖f‖²

	weights, gathered, valued []float64 // space, [rows×N]
}

// keyGram holds e^{−½|k∓k′|²} of all keys, and that times v·v′: [N×N], symmetric.
type keyGram struct{ plain, valued []float64 }

func newOutputForms(head Attention, named []string) (*outputForms, error) {
	n, d := head.Tokens, head.Dim
	in := (&Adaptation{Invariances: head.Invariances}).seen(Tokens{Q: head.Q, K: head.K, N: n, Dim: d, Causal: head.Causal})
	head.Q, head.K = in.q, in.k
	h := &outputForms{Attention: head, maps: named, gain: in.gain, q2: squaredNorms(in.q, d), k2: squaredNorms(in.k, d)}
	h.centre()
	products, values := make([]float64, n*n), make([]float64, n*n)
	kernel.Gemm(false, true, n, n, d, 1, h.K, d, h.K, d, 0, products, n)
	kernel.Gemm(false, true, n, n, h.Size, 1, h.V, h.Size, h.V, h.Size, 0, values, n)
	h.near, h.far = h.gram(products, values, 1), h.gram(products, values, -1)
	maps := len(named)
	h.grown, h.deviations, h.outputs = make([]growth, maps), make([]*ScoreDeviation, maps), make([]float64, 0, n*h.Size)
	for i, name := range named {
		f, _ := lookup(name)
		spec := Spec{Map: name, Neurons: scoreStrata, To: new(Adaptation)} // in these coordinates
		if f.adapt != nil {
			var err error
			if spec.To.proposal, err = f.adapt(in); err != nil {
				return nil, err
			}
		}
		h.deviations[i], _ = NewScoreDeviation(spec, h.K, d)
		switch p := spec.To.proposal.(type) {
		case *normalRows:
			h.grown[i] = h.growthOf(p, values)
		case *pairs:
			h.pairs = p
		}
	}
	h.sums, h.tails, h.variances = make([]sums, maps), make([][]tail, maps), make([][]float64, maps)
	space := make([]float64, 3*min(outputRows, n)*n)
	third := len(space) / 3
	h.weights, h.gathered, h.valued = space[:third], space[third:2*third], space[2*third:]
	return h, nil
}

// centre takes the mean off the values: v_s − f_t stays as it is, and is rounded less.
func (h *outputForms) centre() {
	h.mean = make([]float64, h.Size)
	for s := range h.Tokens {
		kernel.Axpy(1/float64(h.Tokens), h.V[s*h.Size:(s+1)*h.Size], h.mean)
	}
	centred := make([]float64, len(h.V))
	for i, v := range h.V {
		centred[i] = v - h.mean[i%h.Size]
	}
	h.V = centred
	h.v2 = squaredNorms(centred, h.Size)
	h.longest = slices.Max(h.v2)
}

// gram is that of |k−k′| for sign 1, and of |k+k′| for −1.
func (h *outputForms) gram(products, values []float64, sign float64) keyGram {
	n := h.Tokens
	g := keyGram{plain: make([]float64, n*n), valued: make([]float64, n*n)}
	for i := range n {
		row := g.plain[i*n : (i+1)*n]
		for j := range row {
			row[j] = min(0, float64(sign*products[i*n+j])-float64(0.5*(h.k2[i]+h.k2[j])))
		}
	}
	g.exponentials(values, n)
	return g
}

// exponentials takes the exponents in g.plain to e's, and multiplies them by the values' products.
func (g keyGram) exponentials(values []float64, n int) {
	kernel.Exp(g.plain, g.plain, 0)
	for i, e := range g.plain[:n*n] {
		g.valued[i] = e * values[i]
	}
}

// growth is how the covariance of two scores of a query grows with its keys, and their Gram matrix.
type growth struct {
	rows    *normalRows // of a map whose rows are drawn from this; nil: from N(0, I)
	moments *secondMoments
	gram    keyGram
	sign    float64   // of ½|q|² and of k·k′ in the exponent, where the rows are from N(0, I), and
	steep   bool      // whether q·k_s has the same sign in it as in the score
	linear  []float64 // otherwise S q + b, [N×d],
	query   []float64 // ½(qᵀSq + 2b·q + c), [N], and
	key     []float64 // ½kᵀSk, [N]
}

// growthOf is that of rows from a Gaussian: ¼(z+z')ᵀS(z+z') − ¼|k−k'|² parts into what is of s, what is of s' and
// −¼(k−k')ᵀ(S+1)(k−k').
func (h *outputForms) growthOf(rows *normalRows, values []float64) growth {
	n, d := h.Tokens, h.Dim
	g := growth{rows: rows, moments: rows.secondMoments(), steep: true, gram: keyGram{plain: make([]float64, n*n), valued: make([]float64, n*n)}}
	g.query, g.linear = g.moments.parts(h.Q, n)
	g.key = g.moments.sizes(h.K, n)
	wide := slices.Clone(g.moments.s)
	for i := range d {
		wide[i*d+i]++
	}
	turned, sizes := make([]float64, n*d), make([]float64, n)
	kernel.Gemm(false, false, n, d, d, 1, h.K, d, wide, d, 0, turned, d)
	kernel.Gemm(false, true, n, n, d, 0.5, turned, d, h.K, d, 0, g.gram.plain, n)
	for i := range n {
		sizes[i] = g.gram.plain[i*n+i]
		g.query[i] *= 0.5
		g.key[i] *= 0.5
	}
	for i := range n {
		for j := range n {
			g.gram.plain[i*n+j] = min(0, g.gram.plain[i*n+j]-float64(0.5*(sizes[i]+sizes[j])))
		}
	}
	g.gram.exponentials(values, n)
	return g
}

// strata are the logarithms of a variance times the number of neurons m: with few of them, and with many, where it is less for a map
// whose neurons are stratified; in between it goes as a power of m.
type strata struct{ few, many float64 }

// slope is the power.
func (s strata) slope() float64 {
	if s.few == s.many || math.IsInf(s.few, 0) || math.IsInf(s.many, 0) {
		return 0
	}
	return (s.many - s.few) / (portable.Log(mostStrata) - portable.Log(fewStrata))
}

func (s strata) at(neurons float64) float64 {
	m := max(fewStrata, min(neurons, mostStrata))
	return s.few + float64(s.slope()*(portable.Log(m)-portable.Log(fewStrata)))
}

// reaching is the logarithm of the m at which the variance has the given one.
func (s strata) reaching(log float64) float64 {
	if m := s.few - log; m <= portable.Log(fewStrata) || s.slope() == 0 {
		return m
	}
	if m := s.many - log; m >= portable.Log(mostStrata) {
		return m
	}
	return (s.few - log - float64(s.slope()*portable.Log(fewStrata))) / (1 - s.slope())
}

// sums are what all rows of a map add up to: their errors' variances, and weighed by those the variances of normalisers and scores.
type sums struct{ total, normalisers, scores magnitude }

// add adds a row's.
func (s *sums) add(row, normaliser magnitude, score float64) {
	s.total = s.total.plus(row)
	s.normalisers = s.normalisers.plus(magnitude{row.value * max(normaliser.value, 0), row.log + normaliser.log})
	if row.value > 0 {
		s.scores = s.scores.plus(row.times(score))
	}
}

// error is the logarithm of the total relative to the output's square; of an output of 0 there is none.
func (s *sums) error(norm2 float64) float64 {
	if !(norm2 > 0) {
		return math.NaN()
	}
	return s.total.over(norm2)
}

// part is the logarithm of a weighed mean.
func (s *sums) part(of magnitude) float64 {
	if !(s.total.value > 0) {
		return math.Inf(-1)
	}
	return of.over(1) - s.total.over(1)
}

// A magnitude is value·e^{log}, which float64 need not hold.
type magnitude struct{ value, log float64 }

func (x magnitude) times(c float64) magnitude { return magnitude{c * x.value, x.log} }

func (x magnitude) plus(y magnitude) magnitude {
	switch {
	case y.value == 0:
		return x
	case x.value == 0:
		return y
	case y.log > x.log:
		x, y = y, x
	}
	x.value += float64(y.value * portable.Exp(y.log-x.log))
	return x
}

// over is the logarithm of x/y; −Inf where x is 0, or below it by rounding.
func (x magnitude) over(y float64) float64 {
	return x.log + portable.Log(max(x.value, 0)) - portable.Log(y)
}
