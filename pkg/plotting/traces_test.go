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
	if len(ey)-spanOf(ey).count != 1 {
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
