package kernel

import (
	"bufio"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// readExp reads testdata/exp.csv: arguments and their exp, correctly rounded.
func readExp(t *testing.T) (x, y []float64) {
	f, err := os.Open("testdata/exp.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		left, right, _ := strings.Cut(s.Text(), ",")
		u, errU := strconv.ParseFloat(left, 64)
		v, errV := strconv.ParseFloat(right, 64)
		if errU != nil || errV != nil {
			t.Fatalf("line %q", s.Text())
		}
		x, y = append(x, u), append(y, v)
	}
	return x, y
}

// TestExpAgainstReference: the documented bounds, in units in the last place.
// Without fused steps, the reduction costs half a unit more.
func TestExpAgainstReference(t *testing.T) {
	bounds := map[string]float64{"generic": 2, "avx2": 1, "avx512": 1}
	x, want := readExp(t)
	for _, p := range available() {
		got := make([]float64, len(x))
		p.exp(got, x, 0)
		worst := 0.0
		for i := range x {
			unit := math.Nextafter(want[i], math.Inf(1)) - want[i]
			if math.IsInf(unit, 0) {
				unit = want[i] - math.Nextafter(want[i], 0)
			}
			off := math.Abs(got[i]-want[i]) / unit
			worst = max(worst, off)
			if !(off <= bounds[p.name]) {
				t.Errorf("%s: exp(%v) = %v, want %v: %v units off", p.name, x[i], got[i], want[i], off)
			}
		}
		t.Logf("%s: at most %.2f units off", p.name, worst)
	}
}

func TestExpSpecial(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	x := []float64{nan, math.Copysign(nan, -1), inf, -inf, 0, math.Copysign(0, -1), 709.782712893384, 709.7827128933841, 710, 1e308, -745.1332191019411, -745.1332191019413, -746, -1e308}
	want := []float64{nan, nan, inf, 0, 1, 1, 0x1.fffffffffff2ap+1023, inf, inf, inf, 5e-324, 0, 0, 0}
	for _, p := range available() {
		got := make([]float64, len(x))
		p.exp(got, x, 0)
		for i := range x {
			if got[i] != want[i] && !(math.IsNaN(want[i]) && math.IsNaN(got[i])) {
				t.Errorf("%s: exp(%v) = %v, want %v", p.name, x[i], got[i], want[i])
			}
		}
		// The sum of argument and shift may be no number.
		p.exp(got[:1], []float64{inf}, -inf)
		if !math.IsNaN(got[0]) {
			t.Errorf("%s: exp(Inf − Inf) = %v", p.name, got[0])
		}
	}
}

// TestExpElement: an element's exp does not depend on its place or the length
// of its slice, nor does it matter where the result goes; avx2 and avx512 agree.
func TestExpElement(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 10))
	x := make([]float64, 101)
	for i := range x {
		x[i] = 300 * r.NormFloat64()
	}
	shift := r.NormFloat64()
	var fused []float64
	for _, p := range available() {
		whole := make([]float64, len(x))
		p.exp(whole, x, shift)
		for n := range 50 {
			from := r.IntN(len(x) - n)
			part := slices.Clone(x)
			p.exp(part[from:from+n], part[from:from+n], shift)
			if !sameBits(part[from:from+n], whole[from:from+n]) {
				t.Fatalf("%s: %d elements from %d on differ", p.name, n, from)
			}
			if !sameBits(part[:from], x[:from]) || !sameBits(part[from+n:], x[from+n:]) {
				t.Fatalf("%s: wrote beside %d elements from %d on", p.name, n, from)
			}
		}
		switch {
		case p == pathGo:
		case fused == nil:
			fused = whole
		case !sameBits(fused, whole):
			t.Errorf("%s and the path before it differ in bits", p.name)
		}
	}
}

// TestExpShift: the shift is added to the argument, with one rounding.
func TestExpShift(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 11))
	x, shift := normal(r, 77), -3.7
	moved := make([]float64, len(x))
	for i := range x {
		moved[i] = x[i] + shift
	}
	for _, p := range available() {
		got, want := make([]float64, len(x)), make([]float64, len(x))
		p.exp(got, x, shift)
		p.exp(want, moved, 0)
		if !sameBits(got, want) {
			t.Errorf("%s: exp(x + shift) is not exp of the sum", p.name)
		}
	}
}

// TestExpAmongOthers: what is far from 0, or no number, does not change with what
// stands beside it, nor changes that, wherever it stands in a slice that is taken
// several vectors at a time.
func TestExpAmongOthers(t *testing.T) {
	far := []float64{
		math.NaN(), math.Inf(1), math.Inf(-1), 1e308, -1e308,
		354.5, 354.6, 355, -354.5, -354.9, -355.3, -356, 708.3, 709, 709.5, 709.7, 710, -708, -708.5, -709, -744, -746,
		363408.4, 363408.9, -363408.4, -363408.9, 726816.9, 726817.6, -726816.9, -726817.6, 1e9, -1e9,
	}
	// Where the bits of n + 3·2⁵¹, or n + 3·2⁴⁸, look like those of a small n.
	for _, rounded := range []float64{0, 1, 512, 1 << 10, 1 << 20, 1 << 51, 1<<51 + 512, 1 << 52, 1<<52 + 512, 1<<52 + 1023, 1<<52 + 1<<20, 1 << 53, 3 << 52, 3 << 53} {
		for _, offset := range []float64{0, 512, 1023, 1 << 20} {
			for _, whole := range []float64{toWhole, toEighths} {
				x := (rounded - whole - offset) / log2e
				far = append(far, x, math.Nextafter(x, 0), math.Nextafter(x, math.Inf(-1)))
			}
		}
	}
	// Where x log₂e 2⁻⁴⁸ + 2 + 2⁻³⁹ has few bits, or those of 2 and others.
	for _, rounded := range []float64{-4, -2, -1, -0x1p-39, 0, 0x1p-1000, 0x1p-39, 0.5, 1, 2 - 0x1p-39, 2, 2 + 0x1p-38, 2 + 0x1p-37, 3, 4, 6, 8, 1 << 10} {
		x := (rounded - (2 + 0x1p-39)) / (log2e * 0x1p-48)
		far = append(far, x, math.Nextafter(x, math.Inf(1)), math.Nextafter(x, math.Inf(-1)))
	}
	r := rand.New(rand.NewPCG(16, 12))
	plain := normal(r, 75)
	for _, p := range available() {
		alone := func(x float64) []float64 {
			y := []float64{x}
			p.exp(y, y, 0)
			return y
		}
		want := make([]float64, len(plain))
		for i, x := range plain {
			want[i] = alone(x)[0]
		}
		for _, x := range far {
			y := alone(x)[0]
			for at := range plain {
				got := slices.Clone(plain)
				got[at] = x
				p.exp(got, got, 0)
				kept := want[at]
				want[at] = y
				if !sameBits(got, want) {
					t.Fatalf("%s: exp(%v) at %d of %d: %v, alone %v", p.name, x, at, len(plain), got[at], y)
				}
				want[at] = kept
			}
			if y != 0 && x < -746 || !math.IsInf(y, 1) && x > 710 || math.IsNaN(x) != math.IsNaN(y) {
				t.Errorf("%s: exp(%v) = %v", p.name, x, y)
			}
		}
	}
}
