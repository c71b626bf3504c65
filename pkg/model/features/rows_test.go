package features

import (
	"math"
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
