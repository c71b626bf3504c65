package features

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// reference is testdata/features_reference.json: the table of science §3
// evaluated formula by formula in Python.
type reference struct {
	Dim, Neurons int
	Rows         []float64
	Phases       []float64
	Inputs       []float64
	Maps         map[string][]float64
	Pair         struct {
		Query, Key       []float64
		RelativeVariance map[string]float64 `json:"relative_variance"`
		Neurons          int
	}
}

func loadReference(t *testing.T) reference {
	raw, err := os.ReadFile("testdata/features_reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// withRows is the map with given rows instead of random ones.
func withRows(t testing.TB, name string, neurons, dim int, rows, phases []float64) *Map {
	m, err := New(Spec{Map: name, Rows: IID, Neurons: neurons}, dim, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	drawn := &Tuning{W: rows}
	switch {
	case m.family.pairwise:
		drawn = m.family.pair(rows[:neurons/2*dim], dim)
	case m.family.phase:
		drawn.B = phases
	}
	m.Queries, m.Keys = drawn, drawn
	return m
}

// Rounding of exponents of up to 100 (|x|² = 200) costs 1e-14 each in the
// reference and here, that of projections of up to 40 in an exponent as much.
const formulaTolerance = 2e-13

func TestMapsAreTheirFormulas(t *testing.T) {
	r := loadReference(t)
	n := len(r.Inputs) / r.Dim
	for _, name := range Drawn() {
		if r.Maps[name] == nil && name != toy {
			t.Errorf("the reference lacks %s", name)
		}
	}
	for name, want := range r.Maps {
		m := withRows(t, name, r.Neurons, r.Dim, r.Rows, r.Phases)
		a, err := m.Evaluate(r.Inputs, r.Inputs, n, Gain{})
		if err != nil {
			t.Fatal(err)
		}
		unit := math.Exp(-a.Shift)
		for i := range want {
			for _, have := range []float64{unit * a.Q[i], unit * a.K[i]} {
				if math.Abs(have-want[i]) > formulaTolerance*max(1, math.Abs(want[i])) {
					t.Fatalf("%s: entry %d is %.17g, not %.17g", name, i, have, want[i])
				}
			}
		}
	}
}

func gaussian(rng *rand.Rand, n int, scale float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = scale * rng.NormFloat64()
	}
	return x
}

// Unbiased maps estimate exp(q·k) with the stated variance: the mean over many
// neurons lies within five standard errors, and the sampled variance near the
// analytic one, where its own spread is known to be small (science §3: s ≤ 1.5).
func TestUnbiasedMapsHaveTheStatedMeanAndVariance(t *testing.T) {
	const d, m, draws = 6, 64, 4000
	rng := rand.New(rand.NewPCG(7, 7))
	q, k := gaussian(rng, d, 0.3), gaussian(rng, d, 0.3)
	want := 0.0
	for i := range q {
		want += q[i] * k[i]
	}
	want = math.Exp(want)
	for _, name := range Drawn() {
		if !Unbiased(name) {
			continue
		}
		spec := Spec{Map: name, Rows: IID, Neurons: m}
		relative, known := scoreVariance(spec, q, k)
		if !known {
			t.Fatalf("%s is unbiased but has no variance", name)
		}
		var sum, squares float64
		for range draws {
			fm, err := New(spec, d, rng)
			if err != nil {
				t.Fatal(err)
			}
			a, err := fm.Evaluate(q, k, 1, Gain{})
			if err != nil {
				t.Fatal(err)
			}
			var score float64
			for i := range a.Q {
				score += a.Q[i] * a.K[i]
			}
			score *= math.Exp(-2 * a.Shift)
			sum += score / want
			squares += square(score/want - 1)
		}
		mean, variance := sum/draws, squares/draws
		if z := (mean - 1) / math.Sqrt(relative/draws); math.Abs(z) > 5 {
			t.Errorf("%s: mean is %.4f of exp(q·k), %.1f standard errors off", name, mean, z)
		}
		// The sampled variance of a mean of 64 scores spreads by about √(2/4000).
		if ratio := variance / relative; math.Abs(ratio-1) > 0.15 {
			t.Errorf("%s: variance is %.3f of the stated one", name, ratio)
		}
	}
}

func TestBiasedMapsHaveNoVariance(t *testing.T) {
	for _, name := range Drawn() {
		_, known := scoreVariance(Spec{Map: name, Neurons: 4}, []float64{1}, []float64{1})
		if known != Unbiased(name) {
			t.Errorf("%s: unbiased %v, variance known %v", name, Unbiased(name), known)
		}
	}
}

func TestPositiveMapsAreNonNegative(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	const n, d, m = 50, 5, 40
	for _, name := range Drawn() {
		fm, err := New(Spec{Map: name, Rows: IID, Neurons: m}, d, rng)
		if err != nil {
			t.Fatal(err)
		}
		a, err := fm.Evaluate(gaussian(rng, n*d, 1.5), gaussian(rng, n*d, 1.5), n, Gain{})
		if err != nil {
			t.Fatal(err)
		}
		negative := slices.Min(a.Q) < 0 || slices.Min(a.K) < 0
		if negative == Positive(name) {
			t.Errorf("%s: positive %v, smallest feature %g", name, Positive(name), slices.Min(a.Q))
		}
	}
}

func TestOrthogonalRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const d, n = 7, 17 // two whole blocks and a part
	w := orthogonalRows(n, d, rng)
	if len(w) != n*d {
		t.Fatalf("%d entries", len(w))
	}
	row := func(i int) []float64 { return w[i*d : (i+1)*d] }
	inner := func(a, b []float64) (s float64) {
		for i := range a {
			s += a[i] * b[i]
		}
		return s
	}
	for i := range n {
		for j := range i {
			scale := math.Sqrt(inner(row(i), row(i)) * inner(row(j), row(j)))
			if c := inner(row(i), row(j)) / scale; i/d == j/d && math.Abs(c) > 1e-13 {
				t.Errorf("rows %d and %d have the cosine %g", i, j, c)
			}
		}
	}
	// Each row alone is N(0, I): E|ω|² = d, and every direction is as likely.
	const draws = 4000
	var norm2, first float64
	for range draws {
		w := orthogonalRows(1, d, rng)
		norm2 += inner(w, w) / draws
		first += w[0] / draws
	}
	if math.Abs(norm2-d) > 5*math.Sqrt(2.0*d/draws) {
		t.Errorf("mean |ω|² is %.3f, not %d", norm2, d)
	}
	if math.Abs(first) > 5/math.Sqrt(draws) {
		t.Errorf("mean first entry is %.3f, not 0", first)
	}
}

// Nothing overflows at |x|² = 200, and far beyond.
func TestLongTokens(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	const n, d, m = 5, 64, 200
	for _, name := range Drawn() {
		for _, norm2 := range []float64{200, 2000} {
			x := gaussian(rng, n*d, math.Sqrt(norm2/d))
			fm, err := New(Spec{Map: name, Rows: IID, Neurons: m}, d, rng)
			if err != nil {
				t.Fatal(err)
			}
			for _, gain := range []string{GainNone, GainNorm, GainRate, GainEqualised} {
				a, err := fm.Evaluate(x, x, n, Gain{Kind: gain})
				if gain == GainEqualised && norm2 > 200 {
					continue // the read-outs it divides by lie decades of decades apart: refused as not finite
				}
				if (gain == GainNorm && !HasNormFactor(name)) || (gain != GainNorm && gain != GainNone && !Positive(name)) {
					continue // refused: TestGainsWithoutMeaning
				}
				if err != nil {
					t.Errorf("%s at |x|² = %g with gain %s: %v", name, norm2, gain, err)
				} else if peak := max(slices.Max(a.Q), slices.Max(a.K)); gain == GainNone && (peak == 0 || HasNormFactor(name) && peak > 1+1e-9) {
					t.Errorf("%s at |x|² = %g: the largest feature is %g", name, norm2, peak)
				}
			}
		}
	}
}

// A gain multiplies each query's features by its factor and nothing else.
func TestGains(t *testing.T) {
	const n, d, m = 6, 4, 30
	rng := rand.New(rand.NewPCG(2, 2))
	q, k := gaussian(rng, n*d, 0.7), gaussian(rng, n*d, 0.7)
	for _, name := range []string{"positive", "hyperbolic", "elu1", "truncated_positive", "positive_cosine"} {
		fm, err := New(Spec{Map: name, Rows: IID, Neurons: m}, d, rng)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := fm.Evaluate(q, k, n, Gain{})
		if err != nil {
			t.Fatal(err)
		}
		for _, causal := range []bool{false, true} {
			for _, kind := range []string{GainNorm, GainRate, GainEqualised} {
				if kind == GainNorm && !HasNormFactor(name) {
					continue
				}
				checkGain(t, fm, plain, q, k, n, Gain{kind, causal})
			}
		}
	}
}

func checkGain(t *testing.T, fm *Map, plain *Activity, q, k []float64, n int, gain Gain) {
	t.Helper()
	a, err := fm.Evaluate(q, k, n, gain)
	if err != nil {
		t.Fatal(err)
	}
	m := fm.Neurons
	unit, plainUnit := math.Exp(-a.Shift), math.Exp(-plain.Shift)
	g := make([]float64, m)
	for s := range n * m {
		if !gain.Causal {
			g[s%m] += plainUnit * plain.K[s]
		}
		if math.Abs(unit*a.K[s]-plainUnit*plain.K[s]) > 1e-13*math.Abs(plainUnit*plain.K[s]) {
			t.Fatalf("%s %v: the gain changed a key", fm.Map, gain)
		}
	}
	for i := range n {
		var rate, read, x2 float64
		for j := range m {
			if gain.Causal {
				g[j] += plainUnit * plain.K[i*m+j]
			}
			rate += plainUnit * plain.Q[i*m+j]
			read += g[j] * plainUnit * plain.Q[i*m+j]
		}
		for _, v := range q[i*fm.Dim : (i+1)*fm.Dim] {
			x2 += v * v
		}
		want := map[string]float64{GainNorm: math.Exp(-fm.family.normFactor * x2), GainRate: 1 / rate, GainEqualised: 1 / read}[gain.Kind]
		if math.Abs(math.Exp(a.LogGain[i])/want-1) > 1e-12 {
			t.Fatalf("%s %v: query %d has the gain %g, not %g", fm.Map, gain, i, math.Exp(a.LogGain[i]), want)
		}
		for j := range m {
			have, plain := unit*a.Q[i*m+j], want*plainUnit*plain.Q[i*m+j]
			if math.Abs(have-plain) > 1e-12*math.Abs(plain) {
				t.Fatalf("%s %v: feature %d of query %d is %g, not %g", fm.Map, gain, j, i, have, plain)
			}
		}
	}
}

func TestGainsWithoutMeaning(t *testing.T) {
	for _, c := range []struct{ name, gain string }{
		{"elu1", GainNorm}, {"linear", GainNorm}, {"linear", GainRate}, {"cosine", GainEqualised}, {"trig", GainRate}, {"positive", "loud"},
	} {
		fm, err := New(Spec{Map: c.name, Rows: IID, Neurons: 4}, 2, rand.New(rand.NewPCG(1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fm.Evaluate([]float64{1, 1}, []float64{1, 1}, 1, Gain{Kind: c.gain}); err == nil {
			t.Errorf("%s with gain %s: no error", c.name, c.gain)
		}
	}
}

func TestSpecErrors(t *testing.T) {
	for _, s := range []Spec{
		{Map: "performer", Rows: IID, Neurons: 4}, {Map: "positive", Rows: "cubic", Neurons: 4},
		{Map: "positive", Rows: IID}, {Map: "trig", Rows: IID, Neurons: 3},
	} {
		if _, err := New(s, 2, rand.New(rand.NewPCG(1, 1))); err == nil {
			t.Errorf("%+v: no error", s)
		}
	}
	fm, err := New(Spec{Map: "positive", Rows: IID, Neurons: 2}, 1, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fm.Evaluate([]float64{math.NaN()}, []float64{1}, 1, Gain{}); err == nil {
		t.Error("a NaN query passes")
	}
}

// The rows come first from the stream, so that two maps of the same shape drawn
// from the same stream share them.
func TestSameStreamSameRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		draw := func(name string) *Map {
			m, err := New(Spec{Map: name, Rows: Orthogonal, Neurons: 6}, 3, rand.New(rand.NewPCG(seed, 0)))
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		if !slices.Equal(draw("positive").Keys.W, draw("cosine").Keys.W) {
			t.Fatal("rows differ")
		}
	})
}

func ExampleMap_Evaluate() {
	m, err := New(Spec{Map: "hyperbolic", Rows: IID, Neurons: 20000}, 2, rand.New(rand.NewPCG(16, 16)))
	if err != nil {
		fmt.Println(err)
		return
	}
	q, k := []float64{0.5, 0.2}, []float64{0.3, -0.4}
	a, err := m.Evaluate(q, k, 1, Gain{Kind: GainNone})
	if err != nil {
		fmt.Println(err)
		return
	}
	var score float64
	for i := range a.Q {
		score += a.Q[i] * a.K[i]
	}
	fmt.Printf("estimate %.2f, exp(q·k) %.2f\n", score*math.Exp(-2*a.Shift), math.Exp(0.5*0.3-0.2*0.4))
	// Output: estimate 1.08, exp(q·k) 1.07
}

// Queries and keys may each have a tuning of their own: then each side is what a
// map that shares that tuning makes of it.
func TestQueriesAndKeysTunedApart(t *testing.T) {
	const n, d, neurons = 5, 4, 12
	rng := rand.New(rand.NewPCG(8, 8))
	q, k := gaussian(rng, n*d, 0.6), gaussian(rng, n*d, 0.6)
	for _, f := range families {
		if f.ideal {
			continue
		}
		spec := Spec{Map: f.name, Rows: IID, Neurons: neurons}
		ofQueries, err := New(spec, d, rng)
		if err != nil {
			t.Fatal(err)
		}
		ofKeys, err := New(spec, d, rng)
		if err != nil {
			t.Fatal(err)
		}
		apart := *ofQueries
		apart.Keys = ofKeys.Keys
		have := evaluated(t, &apart, q, k, n)
		// Each side of a shared map, in the units of no shift.
		for i, want := range [][]float64{evaluated(t, ofQueries, q, q, n)[0], evaluated(t, ofKeys, k, k, n)[1]} {
			for j, x := range want {
				if math.Abs(have[i][j]-x) > 1e-13*math.Abs(x) {
					t.Fatalf("%s: side %d, entry %d is %g, want %g", f.name, i, j, have[i][j], x)
				}
			}
		}
	}
}

// evaluated returns φ(q) and φ(k) with the common factor undone.
func evaluated(t *testing.T, fm *Map, q, k []float64, n int) [2][]float64 {
	t.Helper()
	a, err := fm.Evaluate(q, k, n, Gain{})
	if err != nil {
		t.Fatal(err)
	}
	for _, side := range [][]float64{a.Q, a.K} {
		for i := range side {
			side[i] *= math.Exp(-a.Shift)
		}
	}
	return [2][]float64{a.Q, a.K}
}
