package statistics

import (
	"math"
	"math/rand/v2"
	"testing"
)

// rounding bounds what a handful of operations on numbers of order 1 round.
const rounding = 1e-14

func TestQuantile(t *testing.T) {
	x := []float64{4, 1, 3, 2}
	// numpy.quantile([1, 2, 3, 4], q)
	for q, want := range map[float64]float64{0: 1, 0.25: 1.75, 0.5: 2.5, 0.75: 3.25, 0.95: 3.85, 1: 4} {
		if got := Quantile(x, q); math.Abs(got-want) > rounding {
			t.Errorf("quantile %v = %v, want %v", q, got, want)
		}
	}
	if x[0] != 4 {
		t.Error("Quantile sorted its argument")
	}
	if Finite(Quantile(nil, 0.5)) || Quantile([]float64{7}, 0.95) != 7 {
		t.Error("quantiles of none and of one value")
	}
}

func TestPearson(t *testing.T) {
	x := []float64{1, 2, 3, 4}
	for _, c := range []struct {
		y    []float64
		want float64
	}{
		{[]float64{2, 4, 6, 8}, 1}, {[]float64{-1, -2, -3, -4}, -1}, {[]float64{1, -1, -1, 1}, 0},
		// Values whose squares overflow.
		{[]float64{1e200, 2e200, 3e200, 4e200}, 1},
	} {
		if got := Pearson(x, c.y); math.Abs(got-c.want) > rounding {
			t.Errorf("r(%v) = %v, want %v", c.y, got, c.want)
		}
	}
	for _, y := range [][]float64{{5, 5, 5, 5}, {0, 0, 0, 0}, {1, 1 + 1e-15, 1, 1}} {
		if got := Pearson(x, y); Finite(got) {
			t.Errorf("r with the constant %v is %v, want null", y, got)
		}
	}
	if Finite(Pearson(x[:1], x[:1])) {
		t.Error("r of one point")
	}
}

// Exact two-sided p-values: 2/C(n+m, n) for complete separation, and SciPy's
// permutation distribution with ties.
func TestMannWhitney(t *testing.T) {
	for _, c := range []struct {
		x, y []float64
		want float64
	}{
		{[]float64{1, 2, 3}, []float64{4, 5, 6}, 2.0 / 20},
		{[]float64{1, 2, 3, 4}, []float64{5, 6, 7, 8}, 2.0 / 70},
		{[]float64{1, 3}, []float64{2, 4}, 4.0 / 6},
		{[]float64{1, 1, 1}, []float64{1, 1, 1}, 1},
		// scipy.stats.mannwhitneyu([1, 2, 2, 5], [2, 3, 6, 7, 8],
		// method=PermutationMethod(n_resamples=inf)).pvalue
		{[]float64{1, 2, 2, 5}, []float64{2, 3, 6, 7, 8}, 14.0 / 126},
	} {
		if got := MannWhitney(c.x, c.y); math.Abs(got-c.want) > rounding {
			t.Errorf("p(%v, %v) = %v, want %v", c.x, c.y, got, c.want)
		}
		if a, b := MannWhitney(c.x, c.y), MannWhitney(c.y, c.x); a != b {
			t.Errorf("p is not symmetric: %v, %v", a, b)
		}
	}
}

// The normal form that takes over at 61 values agrees with the exact one at 60
// to what the approximation is good for.
func TestMannWhitneyHandover(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	x, y := make([]float64, 30), make([]float64, 31)
	for i := range y {
		y[i] = rng.NormFloat64()
		if i < len(x) {
			x[i] = rng.NormFloat64() + 0.4
		}
	}
	exact, normal := MannWhitney(x, y[:30]), MannWhitney(x, y)
	if math.Abs(exact-normal) > 0.05 || exact == normal {
		t.Errorf("exact %v, normal with one value more %v", exact, normal)
	}
}

// Exact two-sided p-values: the choices of signs that are as extreme, counted one
// by one in Python, ties and zeros included.
func TestSignedRank(t *testing.T) {
	for _, c := range []struct {
		d    []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4, 5, 6}, 2.0 / 64},
		{[]float64{1, -2, 3, 4, 5, 6}, 6.0 / 64},
		{[]float64{1, 1, 2, -2, 3, 4, 4}, 12.0 / 128},
		{[]float64{0, 1, 2, 3, -1, 2, 5}, 6.0 / 64},
		{[]float64{-0.5, 0.25, 1, 2, -3, 4, 1.5, 2.5}, 64.0 / 256},
		{[]float64{0, 0}, 1}, {nil, 1},
	} {
		negated := make([]float64, len(c.d))
		for i, d := range c.d {
			negated[i] = -d
		}
		if got := SignedRank(c.d); math.Abs(got-c.want) > rounding || SignedRank(negated) != got {
			t.Errorf("p(%v) = %v, want %v; negated %v", c.d, got, c.want, SignedRank(negated))
		}
	}
	// The normal form takes over at 61 differences.
	rng := rand.New(rand.NewPCG(4, 5))
	d := make([]float64, 61)
	for i := range d {
		d[i] = rng.NormFloat64() + 0.2
	}
	exact, normal := SignedRank(d[:60]), SignedRank(d)
	if math.Abs(exact-normal) > 0.05 || exact == normal {
		t.Errorf("exact %v, normal with one value more %v", exact, normal)
	}
}
