package features

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// outputCase is a head of testdata/output_error.json.
type outputCase struct {
	Tokens, Dim, Values int
	Causal              bool
	Q, K, V             []float64
	Maps                map[string]struct {
		C        float64
		Few      float64 // of pairs, with few neurons
		Measured []struct {
			Neurons int
			RMS     float64
		}
	}
}

func (c *outputCase) head() Attention {
	return Attention{Q: c.Q, K: c.K, V: c.V, Tokens: c.Tokens, Dim: c.Dim, Size: c.Values, Causal: c.Causal}
}

// suited is the spec with what its map takes from the head's tokens.
func (c *outputCase) suited(t testing.TB, spec Spec) Spec {
	t.Helper()
	if spec.To != nil {
		return spec
	}
	var err error
	if spec.To, err = Adapt(spec, NoInvariance, nil, Tokens{Q: c.Q, K: c.K, N: c.Tokens, Dim: c.Dim, Causal: c.Causal}); err != nil {
		t.Fatal(err)
	}
	return spec
}

func outputCases(t *testing.T) map[string]*outputCase {
	raw, err := os.ReadFile("testdata/output_error.json")
	cases := map[string]*outputCase{}
	if err = errors.Join(err, json.Unmarshal(raw, &cases)); err != nil || len(cases) < 5 {
		t.Fatal(err, len(cases))
	}
	return cases
}

func outputVariance(t testing.TB, head Attention) *OutputVariance {
	t.Helper()
	v, err := NewOutputVariance(context.Background(), head)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The prediction is the sum over all pairs of keys that NumPy makes term by term, for long
// queries and keys, too, and where attention is all on one token.
func TestOutputVarianceIsItsDefinition(t *testing.T) {
	for name, c := range outputCases(t) {
		v := outputVariance(t, c.head())
		for _, m := range Predicted() {
			want := c.Maps[m].C
			expect := func(neurons, want, tolerance float64) {
				if have := neurons * square(v.Error(m, neurons)); !(math.Abs(have/want-1) < tolerance) {
					t.Errorf("%s, %s, %v neurons: c = %v, want %v", name, m, neurons, have, want)
				}
			}
			if m != Pairs {
				expect(1, want, 1e-9)
				continue
			}
			// Integrated over draws here and there, which on a head that attends to one token differ seldom.
			tolerance := 0.1
			if name == "sharp" {
				tolerance = 0.3
			}
			expect(mostStrata, want, tolerance)
			expect(fewStrata, c.Maps[m].Few, tolerance)
			for _, error := range []float64{1e-3, 0.01, 0.03, 0.3} {
				if met := v.Error(m, v.Neurons(m, error)); met > error*(1+1e-9) || v.Neurons(m, error) > 1 && v.Error(m, v.Neurons(m, error)-1) < error*(1-1e-9) {
					t.Errorf("%s: with %v neurons it errs by %v, not %v", name, v.Neurons(m, error), met, error)
				}
			}
		}
	}
}

// Every map that is unbiased and drawn is predicted; its covariance of a score with itself is
// its relative variance.
func TestPredicted(t *testing.T) {
	predicted := fmt.Sprint(Predicted())
	var want []string
	for _, name := range Drawn() {
		if Unbiased(name) {
			want = append(want, name)
		}
	}
	if predicted != fmt.Sprint(want) {
		t.Errorf("predicted are %s, unbiased and drawn %s", predicted, want)
	}
	for _, name := range want {
		f, _ := lookup(name)
		if f.adapt != nil {
			continue // as its tokens have it: TestOutputVarianceIsItsDefinition
		}
		growth := func(z float64) float64 { return f.grows*math.Exp(z) + f.falls*math.Exp(-z) }
		of := func(z float64) float64 { return f.relativeVariance(math.Expm1(z), 1) }
		for _, z := range []float64{0.1, 1, 5} {
			if have, want := growth(z)-growth(3), of(z)-of(3); math.Abs(have-want) > 1e-13*growth(5) {
				t.Errorf("%s: from z = 3 to %g the covariance grows by %v, the variance by %v", name, z, have, want)
			}
		}
	}
}

// Where a score estimate's own deviation is small, kernel attention with the maps as they are
// drawn errs as predicted, to 20 % in the root mean square over 128 draws.
func TestOutputVarianceIsMet(t *testing.T) {
	for name, c := range outputCases(t) {
		for _, m := range Predicted() {
			v := outputVariance(t, c.head())
			for _, aim := range []float64{0.04, 0.02} {
				if v.Neurons(m, aim) > 8000 {
					continue
				}
				neurons := int(v.Neurons(m, aim))
				if sd := medianDeviation(t, c, m, neurons); sd > 0.3 {
					continue
				}
				met := measuredError(t, c, Spec{Map: m, Rows: IID, Neurons: neurons}, 128)
				if ratio := met / v.Error(m, float64(neurons)); math.Abs(ratio-1) > 0.2 {
					t.Errorf("%s, %s, %d neurons: measured %.4f is %.2f of what is predicted", name, m, neurons, met, ratio)
				}
			}
		}
	}
}

// In the coordinates of invariances, too, it errs as predicted.
func TestOutputVarianceOfInvariancesIsMet(t *testing.T) {
	for _, name := range []string{"ordinary", "causal"} {
		c := outputCases(t)[name]
		for i := range c.K { // off the centre, or there would be no gains
			c.K[i] = 0.7*c.K[i] + 0.3
			c.Q[i] = 0.7*c.Q[i] + 0.1*float64(i%c.Dim)
		}
		for _, m := range Predicted() {
			to, err := Adapt(Spec{Map: m}, Both, nil, Tokens{Q: c.Q, K: c.K, N: c.Tokens, Dim: c.Dim, Causal: c.Causal})
			if err != nil {
				t.Fatal(err)
			}
			head := c.head()
			plain := outputVariance(t, head)
			head.Invariances = to.Invariances
			v := outputVariance(t, head)
			neurons := int(v.Neurons(m, 0.02))
			met := measuredError(t, c, Spec{Map: m, Rows: IID, Neurons: neurons, To: to}, 128)
			if ratio := met / v.Error(m, float64(neurons)); math.Abs(ratio-1) > 0.2 {
				t.Errorf("%s, %s, %d neurons: measured %.4f is %.2f of what is predicted", name, m, neurons, met, ratio)
			}
			if m == "positive" && !(plain.Neurons(m, 0.02) > 2*float64(neurons)) {
				t.Errorf("%s: %v neurons without invariances, %d with them: the test says little", name, plain.Neurons(m, 0.02), neurons)
			}
		}
	}
}

// medianDeviation is the deviation of score estimates as a run prints it.
func medianDeviation(t *testing.T, c *outputCase, name string, neurons int) float64 {
	of, _ := NewScoreDeviation(c.suited(t, Spec{Map: name, Rows: IID, Neurons: neurons}), c.K, c.Dim)
	return MedianDeviation(of.Of(c.Q, softmaxOf(c)))
}

// softmaxOf is the attention [N×N] of a head.
func softmaxOf(c *outputCase) []float64 {
	n := c.Tokens
	a := make([]float64, n*n)
	for t := range n {
		for s := range n {
			if s <= t || !c.Causal {
				a[t*n+s] = portable.Exp(kernel.Dot(c.Q[t*c.Dim:(t+1)*c.Dim], c.K[s*c.Dim:(s+1)*c.Dim]))
			}
		}
		normalise(a[t*n : (t+1)*n])
	}
	return a
}

func normalise(row []float64) {
	sum := 0.0
	for _, x := range row {
		sum += x
	}
	for s := range row {
		row[s] /= sum
	}
}

// measuredError is the root mean square over draws of the output's relative error.
func measuredError(t *testing.T, c *outputCase, spec Spec, draws int) float64 {
	n, rng, squares := c.Tokens, rand.New(rand.NewPCG(5, 11)), 0.0
	spec = c.suited(t, spec)
	want := times(softmaxOf(c), c.V, n, c.Values)
	for range draws {
		m, err := New(spec, c.Dim, rng)
		if err != nil {
			t.Fatal(err)
		}
		a, err := m.Evaluate(c.Q, c.K, n, Gain{})
		if err != nil {
			t.Fatal(err)
		}
		weights := make([]float64, n*n)
		for i := range n {
			for s := range n {
				if s <= i || !c.Causal {
					weights[i*n+s] = kernel.Dot(a.Q[i*spec.Neurons:(i+1)*spec.Neurons], a.K[s*spec.Neurons:(s+1)*spec.Neurons])
				}
			}
			normalise(weights[i*n : (i+1)*n])
		}
		difference, size := 0.0, 0.0
		for i, f := range times(weights, c.V, n, c.Values) {
			difference += square(f - want[i])
			size += square(want[i])
		}
		squares += difference / size
	}
	return math.Sqrt(squares / float64(draws))
}

func times(a, v []float64, n, size int) []float64 {
	f := make([]float64, n*size)
	kernel.Gemm(false, false, n, size, n, 1, a, n, v, size, 0, f, size)
	return f
}

// A number of neurons is whole, even for a map whose neurons are in pairs, at least as many as
// it takes, and +Inf beyond float64; of an output of 0 there is none.
func TestNeuronsAreWhole(t *testing.T) {
	c := outputCases(t)["ordinary"]
	v := outputVariance(t, c.head())
	for _, name := range Predicted() {
		for _, aim := range []float64{0.3, 0.05, 0.01} {
			m := v.Neurons(name, aim)
			step := 1.0
			if Pairwise(name) {
				step = 2
			}
			if m != math.Trunc(m/step)*step || v.Error(name, m) > aim*(1+1e-12) || v.Error(name, m-step) <= aim*(1-1e-12) {
				t.Errorf("%s: %v neurons for %v", name, m, aim)
			}
		}
	}
	alone := Attention{Q: c.Q[:6], K: c.K[:6], V: c.V[:5], Tokens: 1, Dim: 6, Size: 5}
	if m := outputVariance(t, alone).Neurons("trig", 0.05); m != 2 {
		t.Errorf("%v neurons for a single token, whose attention is 1", m)
	}
	far := c.head()
	far.Q, far.K = scaledBy(40, c.Q), scaledBy(40, c.K)
	if m := outputVariance(t, far).Neurons("positive", 0.05); !math.IsInf(m, 1) {
		t.Errorf("%v neurons for endless queries and keys", m)
	}
	none := c.head()
	none.V = make([]float64, len(c.V))
	if m := outputVariance(t, none).Neurons("positive", 0.05); !math.IsNaN(m) {
		t.Errorf("%v neurons for an output of 0", m)
	}
	if m := v.Neurons("linear", 0.05); !math.IsNaN(m) {
		t.Errorf("%v neurons of a biased map", m)
	}
}

func scaledBy(by float64, x []float64) []float64 {
	y := make([]float64, len(x))
	kernel.Axpy(by, x, y)
	return y
}

// The normaliser's deviation is that of Σ_s A_ts ε_ts, pair by pair, rows weighted by what they add
// to the output's error.
func TestNormaliserIsItsDefinition(t *testing.T) {
	const m = 50
	c := outputCases(t)["ordinary"]
	suited := func(name string) Spec { return c.suited(t, Spec{Map: name}) }
	n, d, a := c.Tokens, c.Dim, softmaxOf(c)
	f := times(a, c.V, n, c.Values)
	for _, name := range Predicted() {
		of, _ := lookup(name)
		if name == Pairs {
			continue // which has no covariance in closed form
		}
		sign := 1.0
		if of.ofDifference {
			sign = -1
		}
		weighted, scores, all := 0.0, 0.0, 0.0
		for t := range n {
			sum, score, output := 0.0, 0.0, 0.0
			for s := range n {
				for u := range n {
					z, apart := 0.0, 0.0
					for i := range d {
						z += (c.Q[t*d+i] + sign*c.K[s*d+i]) * (c.Q[t*d+i] + sign*c.K[u*d+i])
					}
					for j := range c.Values {
						at := f[t*c.Values+j]
						apart += (c.V[s*c.Values+j] - at) * (c.V[u*c.Values+j] - at)
					}
					grown := of.grows*math.Expm1(z) + of.falls*math.Expm1(-z) + of.relativeVariance(0, 1)
					if Adapts(name) {
						grown = math.Expm1(jointMoment(suited(name), c.Q[t*d:(t+1)*d], c.K[s*d:(s+1)*d], c.K[u*d:(u+1)*d]))
					}
					covariance := a[t*n+s] * a[t*n+u] * grown
					sum += covariance
					if u == s {
						score += covariance / a[t*n+s]
					}
					output += covariance * apart
				}
			}
			weighted, scores, all = weighted+output*sum, scores+output*score, all+output
		}
		if have, want := outputVariance(t, c.head()).Normaliser(name, m), math.Sqrt(weighted/all/m); !(math.Abs(have/want-1) < 1e-9) {
			t.Errorf("%s: %v, want %v", name, have, want)
		}
		if have, want := outputVariance(t, c.head()).Deviation(name, m), math.Sqrt(scores/all/m); !(math.Abs(have/want-1) < 1e-9) {
			t.Errorf("%s: scores deviate by %v, want %v", name, have, want)
		}
	}
}

// No draw of a positive map, even of a single neuron or a pair, errs by more than the values that queries
// see are away from their outputs. A signed map has no bound.
func TestBound(t *testing.T) {
	for name, c := range outputCases(t) {
		v, n, f := outputVariance(t, c.head()), c.Tokens, times(softmaxOf(c), c.V, c.Tokens, c.Values)
		most, norm2 := 0.0, 0.0
		for i := range n {
			farthest := 0.0
			for s := range n {
				apart := 0.0
				for j := range c.Values {
					apart += square(c.V[s*c.Values+j] - f[i*c.Values+j])
				}
				if s <= i || !c.Causal {
					farthest = max(farthest, apart)
				}
			}
			most += farthest
		}
		for _, x := range f {
			norm2 += x * x
		}
		for _, m := range Predicted() {
			bound := v.Bound(m)
			if !Positive(m) {
				if !math.IsInf(bound, 1) {
					t.Errorf("%s, %s: a bound of %v", name, m, bound)
				}
				continue
			}
			if want := math.Sqrt(most / norm2); !(math.Abs(bound/want-1) < 1e-9) {
				t.Errorf("%s, %s: the bound is %v, want %v", name, m, bound, want)
			}
			if met := measuredError(t, c, Spec{Map: m, Rows: IID, Neurons: 2}, 64); name != "sharp" && !(met <= bound) {
				t.Errorf("%s, %s: two neurons err by %v, above %v", name, m, met, bound)
			}
		}
	}
	none := outputCases(t)["ordinary"].head()
	none.V = make([]float64, len(none.V))
	if bound := outputVariance(t, none).Bound("positive"); !math.IsNaN(bound) {
		t.Errorf("a bound of %v for an output of 0", bound)
	}
}

// For one map alone the prediction is the same to the last bit as among all.
func TestOneMapAlone(t *testing.T) {
	c := outputCases(t)["causal"]
	all := outputVariance(t, c.head())
	for _, m := range Predicted() {
		alone, err := NewOutputVariance(context.Background(), c.head(), m)
		if err != nil || alone.Error(m, 7) != all.Error(m, 7) || alone.Deviation(m, 7) != all.Deviation(m, 7) || alone.Drawn(m, 7) != all.Drawn(m, 7) || alone.Bound(m) != all.Bound(m) {
			t.Errorf("%s: %v", m, err)
		}
	}
}

// jointMoment is the exponent of [secondMoments], term by term.
func jointMoment(spec Spec, q, k, other []float64) float64 {
	m := spec.To.proposal.(*normalRows).secondMoments()
	d, sum, apart := len(q), make([]float64, len(q)), 0.0
	for i := range q {
		sum[i] = 2*q[i] + k[i] + other[i]
		apart += square(k[i] - other[i])
	}
	x := m.c - apart/4 + kernel.Dot(m.b, sum)
	for i := range d {
		x += sum[i] * kernel.Dot(m.s[i*d:(i+1)*d], sum) / 4
	}
	return x
}

// Of a bounded map all of the error is within reach; of an exponential one nearly all of short
// queries and keys, nearly none of long ones, and the more the more neurons there are.
func TestDrawn(t *testing.T) {
	cases := outputCases(t)
	short, long := outputVariance(t, cases["short"].head()), outputVariance(t, cases["sharp"].head())
	for _, name := range Predicted() {
		few, many := short.Drawn(name, 10), short.Drawn(name, 1e7)
		if Bounded(name) != (few == 1) || few > many || many < 0.9 {
			t.Errorf("%s: %v of the error is drawn with 10 neurons, %v with ten million", name, few, many)
		}
		if Adapts(name) {
			continue // its rows reach as far as these tokens call for
		}
		if x := long.Drawn(name, 1e5); !Bounded(name) && !(x < 1e-6) || Bounded(name) && x != 1 {
			t.Errorf("%s: %v of the error is drawn of long tokens", name, x)
		}
	}
}
