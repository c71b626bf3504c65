package transformer

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

func gaussian(rng *rand.Rand, n int, spread float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = spread * rng.NormFloat64()
	}
	return x
}

// The definition, term by term, where nothing overflows.
func TestSoftmaxIsItsDefinition(t *testing.T) {
	const n, d = 7, 5
	rng := rand.New(rand.NewPCG(1, 2))
	q, k := gaussian(rng, n*d, 1), gaussian(rng, n*d, 1)
	for _, causal := range []bool{false, true} {
		attention, logZ := Softmax(q, k, n, d, causal)
		for row := range n {
			e := make([]float64, n)
			z := 0.0
			for s := range n {
				score := 0.0
				for i := range d {
					score += q[row*d+i] * k[s*d+i]
				}
				if s <= row || !causal {
					e[s] = math.Exp(score)
				}
				z += e[s]
			}
			if math.Abs(math.Exp(logZ[row])/z-1) > 1e-14 {
				t.Errorf("causal %t: Z of row %d is %v; wanted %v", causal, row, math.Exp(logZ[row]), z)
			}
			for s := range n {
				if math.Abs(attention[row*n+s]-e[s]/z) > 1e-15 {
					t.Errorf("causal %t: entry %d,%d is %v; wanted %v", causal, row, s, attention[row*n+s], e[s]/z)
				}
			}
		}
	}
}

// Scores of ±10⁴, where exp overflows: rows still sum to one, and ln Z is the largest score plus ln of the number of ties.
func TestSoftmaxOfLargeScores(t *testing.T) {
	q, k := []float64{100, -100}, []float64{100, 100}
	attention, logZ := Softmax(q, k, 2, 1, false)
	for i, want := range []float64{0.5, 0.5, 0.5, 0.5} {
		if attention[i] != want {
			t.Errorf("entry %d is %v", i, attention[i])
		}
	}
	if logZ[0] != 1e4+math.Ln2 || logZ[1] != -1e4+math.Ln2 {
		t.Errorf("ln Z = %v", logZ)
	}
}

// Adding the same vector to all keys multiplies each row by a constant, which the softmax divides out: attention stays, and
// ln Z moves by q·shift.
func TestSoftmaxIgnoresAShiftOfKeys(t *testing.T) {
	const n, d = 20, 8
	rng := rand.New(rand.NewPCG(3, 4))
	q, k, shift := gaussian(rng, n*d, 1), gaussian(rng, n*d, 1), gaussian(rng, d, 1)
	moved := make([]float64, n*d)
	for i := range moved {
		moved[i] = k[i] + shift[i%d]
	}
	a, logZ := Softmax(q, k, n, d, false)
	b, logZMoved := Softmax(q, moved, n, d, false)
	near(t, "attention", b, a, 1e-13) // scores up to 20 with a rounding of 1e-15 each
	for row := range n {
		dot := 0.0
		for i := range d {
			dot += q[row*d+i] * shift[i]
		}
		if math.Abs(logZMoved[row]-logZ[row]-dot) > 1e-13 {
			t.Errorf("row %d: ln Z moved by %v; wanted %v", row, logZMoved[row]-logZ[row], dot)
		}
	}
}

// The matrix some rows at a time is the matrix at once, to the bit, in order and whole.
func TestSoftmaxRowsAreTheMatrix(t *testing.T) {
	const d = 5
	rng := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{1, rowsAtOnce - 1, rowsAtOnce, rowsAtOnce + 1, 2*rowsAtOnce + 9} {
		q, k := gaussian(rng, n*d, 2), gaussian(rng, n*d, 2)
		for _, causal := range []bool{false, true} {
			want, wantLogZ := Softmax(q, k, n, d, causal)
			var got []float64
			logZ := SoftmaxRows(q, k, n, d, causal, func(first int, attention []float64) {
				if first*n != len(got) {
					t.Errorf("n = %d: row %d comes after %d numbers", n, first, len(got))
				}
				got = append(got, attention...)
			})
			if !slices.Equal(got, want) || !slices.Equal(logZ, wantLogZ) {
				t.Errorf("n = %d, causal %t: the rows are not the matrix", n, causal)
			}
		}
	}
}

// Twice the tokens take twice the memory.
func TestSoftmaxRowsInLinearMemory(t *testing.T) {
	const d = 2
	bytes := func(n int) float64 {
		q := make([]float64, n*d)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		SoftmaxRows(q, q, n, d, false, func(int, []float64) {})
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	bytes(1024) // the kernels' own space
	const n = 1024
	if ratio := bytes(2*n) / bytes(n); ratio > 2.2 {
		t.Errorf("memory grows %.2f-fold from %d tokens to twice as many", ratio, n)
	}
}
