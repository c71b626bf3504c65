package features

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func gaussian(rng *rand.Rand, n int, scale float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = scale * rng.NormFloat64()
	}
	return x
}

// Nothing overflows at |x|² = 200, and far beyond.
func TestLongTokens(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	const n, d, m = 5, 64, 200
	for _, name := range Drawn() {
		for _, norm2 := range []float64{200, 2000} {
			x := gaussian(rng, n*d, math.Sqrt(norm2/d))
			fm, err := New(suited(t, Spec{Map: name, Rows: IID, Neurons: m}, x, x, d), d, rng)
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

// A token whose |x|² rounds by more than its features may be off is refused, where
// they hold e^{±½|x|²}: at 10⁸ and beyond they would be noise, or infinite. Up to the
// length that is named they are not, and a map without the factor knows no such length.
func TestTokensTooLong(t *testing.T) {
	const d, m = 4, 30
	rng := rand.New(rand.NewPCG(10, 10))
	most := math.Sqrt(mostRounding * 0x1p52)
	for _, name := range append(Drawn(), Ideal) {
		common := gaussian(rng, 3*d, 0.5)
		fm, err := New(suited(t, Spec{Map: name, Rows: IID, Neurons: m}, common, common, d), d, rng)
		if err != nil {
			t.Fatal(err)
		}
		for _, length := range []float64{0.999 * most, 1.001 * most, 1e8, 1e10, 1e150} {
			long, short := []float64{length / 2, -length / 2, length / 2, length / 2}, []float64{0.1, 0.2, -0.3, 0.4}
			for side, tokens := range map[string][2][]float64{"query": {long, short}, "key": {short, long}} {
				a, err := fm.Evaluate(tokens[0], tokens[1], 1, Gain{})
				if HasNormFactor(name) && length > most {
					if err == nil || !strings.Contains(err.Error(), side+" 0 has the length") {
						t.Errorf("%s: a %s of the length %g: %v", name, side, length, err)
					}
					continue
				}
				if err != nil {
					t.Fatalf("%s: a %s of the length %g: %v", name, side, length, err)
				}
				for _, x := range slices.Concat(a.Q, a.K, a.Gram) {
					if math.IsNaN(x) || math.IsInf(x, 0) || HasNormFactor(name) && x > 1+2*mostRounding {
						t.Fatalf("%s: a %s of the length %g has the feature %g", name, side, length, x)
					}
				}
			}
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
		if f.ideal || f.fitted {
			continue
		}
		spec := suited(t, Spec{Map: f.name, Rows: IID, Neurons: neurons}, q, k, d)
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

// What an activity is written over leaves no trace, whether there is room or not.
func TestEvaluateOver(t *testing.T) {
	const n, d = 3, 4
	rng := rand.New(rand.NewPCG(1, 2))
	q, k := gaussian(rng, n*d, 1), gaussian(rng, n*d, 1)
	old := func(size int) *Activity {
		a := &Activity{space: make([]float64, size), Shift: 7, LogGain: []float64{1, 2, 3}}
		for i := range size {
			a.space[i] = math.NaN()
		}
		a.K, a.Q = a.space[:size/2], a.space[size/2:]
		return a
	}
	for _, name := range append(Drawn(), Ideal) {
		m, err := New(suited(t, Spec{Map: name, Rows: IID, Neurons: 6}, q, k, d), d, rng)
		if err != nil {
			t.Fatal(err)
		}
		want, err := m.Evaluate(q, k, n, Gain{})
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{0, 5, 2 * n * (6 + d), 100} {
			if got, err := m.EvaluateOver(old(size), q, k, n, Gain{}); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s over %d numbers: %v, %v, want %v", name, size, got, err, want)
			}
		}
	}
}
