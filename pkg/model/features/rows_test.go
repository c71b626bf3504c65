package features

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// TestOrthonormaliseNearlyParallel: the rows of Hilbert's matrix, of condition
// 1.5e10 at this size, which one pass would leave orthogonal to 1e-6 only. An
// entry of Q Qᵀ takes 2d roundings.
func TestOrthonormaliseNearlyParallel(t *testing.T) {
	const d, tolerance = 8, 2 * 8 * 0x1p-52
	hilbert := make([]float64, d*d)
	for i := range d {
		for j := range d {
			hilbert[i*d+j] = 1 / float64(i+j+1)
		}
	}
	q := append([]float64{}, hilbert...)
	orthonormalise(q, d)
	for i := range d {
		row := q[i*d : (i+1)*d]
		for j := range i + 1 {
			want := 0.0
			if i == j {
				want = 1
			}
			if got := kernel.Dot(row, q[j*d:(j+1)*d]); !(math.Abs(got-want) <= tolerance) {
				t.Errorf("rows %d and %d: %v, want %v", i, j, got, want)
			}
			// The triangular factor's entries right of its diagonal: none of a
			// row is along a later direction; on it: positive, which makes Q unique.
			along := kernel.Dot(hilbert[j*d:(j+1)*d], row)
			if i == j && !(along > 0) || i != j && !(math.Abs(along) <= tolerance) {
				t.Errorf("row %d has %v of direction %d", j, along, i)
			}
		}
	}
}

func TestOrthogonalRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const d, n = 7, 17 // two whole blocks and a part
	w := stacked(n, d, rng)
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
		w := stacked(1, d, rng)
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

// stacked returns n orthogonal rows, [n×d].
func stacked(n, d int, rng *rand.Rand) []float64 {
	w := make([]float64, n*d)
	orthogonalRows(d, rng)(w)
	return w
}
