package features

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The ideal map's inner products are exp(x·y), gains and common factor included,
// whatever the lengths.
func TestIdealProducts(t *testing.T) {
	const n, d = 6, 5
	rng := rand.New(rand.NewPCG(6, 6))
	for _, norm := range []float64{0.5, 2, 14} {
		q, k := gaussian(rng, n*d, norm/math.Sqrt(d)), gaussian(rng, n*d, norm/math.Sqrt(d))
		token := func(i int) []float64 {
			if i < n {
				return k[i*d : (i+1)*d]
			}
			return q[(i-n)*d : (i-n+1)*d]
		}
		inner := func(i, j int) (sum float64) {
			for l, x := range token(i) {
				sum += x * token(j)[l]
			}
			return sum
		}
		for _, gain := range []Gain{{}, {Kind: GainNorm}, {Kind: GainEqualised}, {Kind: GainEqualised, Causal: true}} {
			m, err := New(Spec{Map: Ideal}, d, nil)
			if err != nil {
				t.Fatal(err)
			}
			a, err := m.Evaluate(q, k, n, gain)
			if err != nil {
				t.Fatal(err)
			}
			largest := 0.0
			for i := range 2 * n {
				for j := range 2 * n {
					want := math.Exp(inner(i, j) + a.logGain(i) + a.logGain(j) + 2*a.Shift)
					have := a.Gram[i*2*n+j]
					// Exponents of up to 200, and their sum, round by as many units.
					if math.Abs(have-want) > 1e-12*want {
						t.Fatalf("norm %g, gain %v: product %d, %d is %g, want %g", norm, gain, i, j, have, want)
					}
					if i == j {
						largest = max(largest, have)
					}
				}
			}
			if math.Abs(largest-1) > 1e-12 {
				t.Errorf("norm %g, gain %v: the longest feature has the length² %g", norm, gain, largest)
			}
			for query := range n {
				var sum float64 // what the calcium reads, in units without the factor
				last := n
				if gain.Causal {
					last = query + 1
				}
				for key := range last {
					sum += a.Gram[(n+query)*2*n+key] * math.Exp(-2*a.Shift)
				}
				var want float64
				switch gain.Kind {
				case GainNorm:
					want = 0.5 * inner(n+query, n+query)
				case GainEqualised:
					want = a.LogGain[query]
					if math.Abs(sum-1) > 1e-11 {
						t.Errorf("norm %g, gain %v: query %d reads %g", norm, gain, query, sum)
					}
				}
				if math.Abs(a.LogGain[query]-want) > 1e-12*math.Abs(want) {
					t.Errorf("norm %g, gain %v: the logarithm of query %d's gain is %g, want %g", norm, gain, query, a.LogGain[query], want)
				}
			}
		}
		if _, err := (&Map{family: family{ideal: true, positive: true}, Dim: d}).Evaluate(q, k, n, Gain{Kind: GainRate}); err == nil {
			t.Error("a pooled rate of infinitely many neurons is taken")
		}
	}
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
