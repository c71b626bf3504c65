package features

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// idealCase is the ideal map's answer to tokens of about one length, with one gain.
type idealCase struct {
	gain   Gain
	n, d   int
	tokens []float64 // keys, then queries
	*Activity
}

// inner is the inner product of tokens, summed here.
func (c *idealCase) inner(i, j int) (sum float64) {
	for l := range c.d {
		sum += c.tokens[i*c.d+l] * c.tokens[j*c.d+l]
	}
	return sum
}

// everyIdealCase runs a test for short and long tokens with every gain that the map takes.
func everyIdealCase(t *testing.T, test func(*testing.T, *idealCase)) {
	const n, d = 6, 5
	rng := rand.New(rand.NewPCG(6, 6))
	m, err := New(Spec{Map: Ideal}, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, norm := range []float64{0.5, 2, 14} {
		q, k := gaussian(rng, n*d, norm/math.Sqrt(d)), gaussian(rng, n*d, norm/math.Sqrt(d))
		for _, gain := range []Gain{{}, {Kind: GainNorm}, {Kind: GainEqualised}, {Kind: GainEqualised, Causal: true}} {
			t.Run(fmt.Sprintf("norm %g, gain %v", norm, gain), func(t *testing.T) {
				a, err := m.Evaluate(q, k, n, gain)
				if err != nil {
					t.Fatal(err)
				}
				test(t, &idealCase{gain, n, d, slices.Concat(k, q), a})
			})
		}
	}
}

// The ideal map's inner products are exp(x·y), gains and common factor included,
// whatever the lengths, and the factor brings the longest feature to length 1.
func TestIdealProducts(t *testing.T) {
	everyIdealCase(t, func(t *testing.T, c *idealCase) {
		largest, size := 0.0, 2*c.n
		for i := range size {
			for j := range size {
				want, have := math.Exp(c.inner(i, j)+c.logGain(i)+c.logGain(j)+2*c.Shift), c.Gram[i*size+j]
				// Exponents of up to 200, and their sum, round by as many units.
				if math.Abs(have-want) > 1e-12*want {
					t.Fatalf("product %d, %d is %g, want %g", i, j, have, want)
				}
			}
			largest = max(largest, c.Gram[i*size+i])
		}
		if math.Abs(largest-1) > 1e-12 {
			t.Errorf("the longest feature has the length² %g", largest)
		}
	})
}

// Gains are what they are called: norm takes e^{−½|q|²} away, equalised makes each
// query read 1 of the keys written by then.
func TestIdealGains(t *testing.T) {
	everyIdealCase(t, func(t *testing.T, c *idealCase) {
		for query := range c.n {
			row, want := c.n+query, 0.0
			switch c.gain.Kind {
			case GainNorm:
				want = 0.5 * c.inner(row, row)
			case GainEqualised:
				want = c.LogGain[query]
				if sum := c.read(query); math.Abs(sum-1) > 1e-11 {
					t.Errorf("query %d reads %g", query, sum)
				}
			}
			if math.Abs(c.LogGain[query]-want) > 1e-12*math.Abs(want) {
				t.Errorf("the logarithm of query %d's gain is %g, want %g", query, c.LogGain[query], want)
			}
		}
	})
	ideal := &Map{family: family{ideal: true, positive: true}, Dim: 1}
	if _, err := ideal.Evaluate([]float64{1}, []float64{1}, 1, Gain{Kind: GainRate}); err == nil {
		t.Error("a pooled rate of infinitely many neurons is taken")
	}
}

// read is what the calcium of a query settles at, in units without the common factor.
func (c *idealCase) read(query int) (sum float64) {
	last := c.n
	if c.gain.Causal {
		last = query + 1
	}
	for key := range last {
		sum += c.Gram[(c.n+query)*2*c.n+key] * math.Exp(-2*c.Shift)
	}
	return sum
}

// It is what drawn maps tend to: the mean of their inner products over many
// neurons differs by the stated deviation.
func TestIdealIsTheLimit(t *testing.T) {
	const n, d, m = 3, 3, 200000
	rng := rand.New(rand.NewPCG(7, 8))
	q, k := gaussian(rng, n*d, 0.4), gaussian(rng, n*d, 0.4)
	ideal, err := (&Map{Dim: d, family: family{ideal: true}}).Evaluate(q, k, n, Gain{})
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := New(Spec{Map: "hyperbolic", Rows: IID, Neurons: m}, d, rng)
	if err != nil {
		t.Fatal(err)
	}
	phi := evaluated(t, drawn, q, k, n)
	for i := range n {
		for j := range n {
			var have float64
			for l := range m {
				have += phi[0][i*m+l] * phi[1][j*m+l]
			}
			want := ideal.Gram[(n+i)*2*n+j] * math.Exp(-2*ideal.Shift)
			variance, _ := scoreVariance(Spec{Map: "hyperbolic", Neurons: m}, q[i*d:(i+1)*d], k[j*d:(j+1)*d])
			if math.Abs(have/want-1) > 5*math.Sqrt(variance) {
				t.Errorf("score %d, %d is %g by %d neurons, %g by infinitely many", i, j, have, m, want)
			}
		}
	}
}
