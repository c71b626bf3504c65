package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func normal(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// vectorLengths are all small ones, and some around the blocks of 32.
func vectorLengths() []int {
	lengths := []int{127, 128, 129, 1000, 1023}
	for n := range 101 {
		lengths = append(lengths, n)
	}
	return lengths
}

func TestDot(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 7))
	for _, n := range vectorLengths() {
		x, y := normal(r, n), normal(r, n)
		var s twice
		size := 0.0
		for i := range x {
			s.add(x[i], y[i])
			size += math.Abs(x[i] * y[i])
		}
		bound := gamma[float64](float64(n)+1) * size
		sums := map[string]float64{}
		for _, p := range available() {
			sums[p.name] = p.dot(x, y)
			if !(math.Abs(sums[p.name]-(s.high+s.low)) <= bound) {
				t.Errorf("%s: dot of %d: %v, want %v within %.1e", p.name, n, sums[p.name], s.high+s.low, bound)
			}
		}
		if a, both := sums["avx512"]; both && a != sums["avx2"] {
			t.Errorf("dot of %d: avx512 gives %v, avx2 %v", n, a, sums["avx2"])
		}
	}
}

// TestAxpy and TestDecayRank1 compare with the sum in twice the precision:
// three roundings at most. A slice's neighbours must stay as they are.
func TestAxpy(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 8))
	for _, n := range vectorLengths() {
		x, y, alpha := normal(r, n), normal(r, n+1), r.NormFloat64()
		for _, p := range available() {
			got := slices.Clone(y)
			p.axpy(alpha, x, got[:n])
			for i := range x {
				s := twice{high: y[i]}
				s.add(alpha, x[i])
				bound := gamma[float64](3) * (math.Abs(alpha*x[i]) + math.Abs(y[i]))
				if !(math.Abs(got[i]-s.high-s.low) <= bound) {
					t.Fatalf("%s: axpy of %d: y[%d] = %v, want %v", p.name, n, i, got[i], s.high)
				}
			}
			if got[n] != y[n] {
				t.Fatalf("%s: axpy of %d wrote one more", p.name, n)
			}
		}
	}
}

func TestDecayRank1(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 9))
	for _, n := range vectorLengths() {
		m := r.IntN(7)
		x, y, a, decay := normal(r, m), normal(r, n), normal(r, m*n+1), r.Float64()
		for _, p := range available() {
			got := slices.Clone(a)
			p.decayRank1(decay, x, y, got[:m*n])
			for at := range m * n {
				i, j := at/n, at%n
				var s twice
				s.add(decay, a[at])
				s.add(x[i], y[j])
				bound := gamma[float64](3) * (math.Abs(decay*a[at]) + math.Abs(x[i]*y[j]))
				if !(math.Abs(got[at]-s.high-s.low) <= bound) {
					t.Fatalf("%s: rank-1 update of %d×%d: a[%d,%d] = %v, want %v", p.name, m, n, i, j, got[at], s.high)
				}
			}
			if got[m*n] != a[m*n] {
				t.Fatalf("%s: rank-1 update of %d×%d wrote one more", p.name, m, n)
			}
		}
	}
}

// TestVectorsAllocateNothing: also for slices on the stack.
func TestVectorsAllocateNothing(t *testing.T) {
	perRun := testing.AllocsPerRun(100, func() {
		var x, y [20]float64
		var a [400]float64
		Exp(y[:], x[:], 1)
		Axpy(Dot(x[:], y[:]), x[:], y[:])
		DecayRank1(0.5, x[:], y[:], a[:])
	})
	if perRun != 0 {
		t.Errorf("%v allocations a run", perRun)
	}
}
