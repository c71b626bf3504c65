package plotting

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// rounding bounds the error of sums of a few hundred terms of size one.
const rounding = 1e-12

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= rounding*max(1, math.Abs(want))) {
		t.Errorf("%s = %.17g, want %.17g", what, got, want)
	}
}

func TestPearson(t *testing.T) {
	// Worked by hand: Σuv = 6, Σu² = 10, Σv² = 6.
	near(t, "r", pearson([]float64{1, 2, 3, 4, 5}, []float64{2, 4, 5, 4, 5}, false), 6/math.Sqrt(60))
	x := []float64{1, 10, 100, 1000}
	near(t, "r of a line", pearson(x, []float64{-1, -10, -100, -1000}, false), -1)
	near(t, "r of a power law's logarithms", pearson(x, []float64{3, 300, 3e4, 3e6}, true), 1)
	near(t, "r beside NaN, ∞ and ≤ 0", pearson(append(x, math.NaN(), 1, -1), []float64{3, 300, 3e4, 3e6, 1, math.Inf(1), 5}, true), 1)
	near(t, "r of large numbers", pearson([]float64{1e300, 2e300, 3e300}, []float64{1e-300, 2e-300, 3e-300}, false), 1)
	for _, y := range [][]float64{{1}, {2, 2}, {math.NaN(), 1}} {
		if r := pearson(y, y, false); !math.IsNaN(r) {
			t.Errorf("r of %v = %g", y, r)
		}
	}
}

func TestMedianError(t *testing.T) {
	near(t, "odd", medianError([]float64{1.1, 2, 0}, []float64{1, 1, 1}), 1)
	near(t, "even", medianError([]float64{1.5, 3}, []float64{1, 2}), 0.5)
	near(t, "with gaps", medianError([]float64{1.5, math.NaN(), 4, 1}, []float64{1, 1, 2, 0}), 0.75)
	if e := medianError(nil, nil); !math.IsNaN(e) {
		t.Errorf("median of nothing = %g", e)
	}
}

func TestAgree(t *testing.T) {
	h := OutputHead{Values: 2, Transformer: []float64{3, 4, 1, 0, 0, 0}, Network: []float64{3, 4, 0, 1, 5, 5}}
	a := agree(h)
	near(t, "error", a.err, math.Sqrt((1+1+25+25)/26.0))
	near(t, "mean cosine", a.mean, 0.5) // the third token has no direction
	near(t, "worst cosine", a.worst, 0)
	scaledHead := OutputHead{Values: 2}
	for i := range h.Transformer {
		scaledHead.Transformer = append(scaledHead.Transformer, 1e200*h.Transformer[i])
		scaledHead.Network = append(scaledHead.Network, 1e200*h.Network[i])
	}
	near(t, "error of scaled outputs", agree(scaledHead).err, a.err)
}

// The envelope of a trace keeps its largest and least value and its order, in
// few points.
func TestEnvelope(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := rapid.SliceOfN(rapid.Float64Range(-1e9, 1e9), 2, 400).Draw(t, "y")
		bins := rapid.IntRange(1, 40).Draw(t, "bins")
		x := index(len(y))
		ex, ey := envelope(x, y, bins)
		if a, b := spanOf(y), spanOf(ey); a.lo != b.lo || a.hi != b.hi {
			t.Fatalf("extremes %g, %g became %g, %g", a.lo, a.hi, b.lo, b.hi)
		}
		if len(ey) > max(2*bins, 1) && len(y) > 2*bins {
			t.Fatalf("%d points in %d bins", len(ey), bins)
		}
		for i, v := range ex {
			if y[int(v)] != ey[i] || i > 0 && v <= ex[i-1] {
				t.Fatalf("point %d is (%g, %g)", i, v, ey[i])
			}
		}
	})
	y := all(100, 1)
	y[50] = math.NaN()
	_, ey := envelope(index(100), y, 10)
	if spanOf(ey).missing != 1 {
		t.Error("a gap is bridged")
	}
}

// The zoom shows the last three written and the first three read tokens.
func TestWindow(t *testing.T) {
	lo, hi, zoom := window(tracesInput(20, false))
	if !zoom {
		t.Fatal("40 presentations are not zoomed")
	}
	near(t, "from", lo, 17*0.25)
	near(t, "to", hi, 23*0.25)
	in := tracesInput(20, true)
	if lo, hi, zoom = window(in); !zoom || hi-lo < 6*0.25-rounding || hi-lo > 6*0.25+rounding {
		t.Errorf("causal: %g to %g", lo, hi)
	}
	in.Whole = true
	if _, _, zoom = window(in); zoom {
		t.Error("the whole run is zoomed")
	}
}
