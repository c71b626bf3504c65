package integrator

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// combine equals the plain sum for every number of terms and across blocks,
// to the rounding of a sum of at most 16 terms of size 1.
func TestCombine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 7, combineBlock - 1, combineBlock, 2*combineBlock + 3}).Draw(t, "length")
		terms := rapid.IntRange(0, 16).Draw(t, "terms")
		inPlace := rapid.Bool().Draw(t, "in place")
		coefficients := make([]float64, 16)
		k := make([][]float64, 16)
		for j := range k {
			k[j] = make([]float64, n)
			for i := range k[j] {
				k[j][i] = math.Sin(float64(1 + i*17 + j))
			}
			if j < terms {
				coefficients[15-j] = math.Cos(float64(j))
			}
		}
		y, dst := make([]float64, n), make([]float64, n)
		for i := range y {
			y[i] = float64(i % 3)
		}
		want := make([]float64, n)
		for i := range want {
			want[i] = y[i]
			for j, c := range coefficients {
				want[i] += 0.5 * c * k[j][i]
			}
		}
		if inPlace {
			dst = y
		}
		combine(dst, y, 0.5, sparse(coefficients), k)
		if d := largestDifference(dst, want); d > 1e-14 {
			t.Fatalf("%d terms of length %d: off by %.2g", terms, n, d)
		}
	})
}

// The vector form gives the scalar form's bits.
func TestVectorFormIsTheScalarForm(t *testing.T) {
	if !vectors {
		return // this machine has the scalar form only
	}
	for terms := 1; terms <= 6; terms++ {
		for _, n := range []int{lanes, 5 * lanes} {
			var a [6]float64
			var v [6][]float64
			y, want, got := make([]float64, n), make([]float64, n), make([]float64, n)
			for i := range y {
				y[i] = math.Tan(float64(i))
			}
			for j := range v {
				a[j] = math.Sqrt(float64(2 + j))
				v[j] = make([]float64, n)
				for i := range v[j] {
					v[j][i] = math.Exp(math.Sin(float64(i*7 + j)))
				}
			}
			combineScalar(want, y, a, v, terms)
			combineVector(got, y, &a, &v, terms)
			if largestDifference(got, want) != 0 {
				t.Errorf("%d terms: %v, want %v", terms, got, want)
			}
		}
	}
}

func BenchmarkCombine(b *testing.B) {
	k := make([][]float64, 6)
	for j := range k {
		k[j] = make([]float64, 1024)
	}
	y, dst := make([]float64, 1024), make([]float64, 1024)
	r := sparse([]float64{1, 2, 3, 4, 5})
	for b.Loop() {
		combine(dst, y, 0.1, r, k)
	}
}
