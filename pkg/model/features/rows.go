package features

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Couplings of the rows ω of W. Each row alone is N(0, I_d) in either.
const (
	IID        = "iid"        // independent rows
	Orthogonal = "orthogonal" // exactly orthogonal within blocks of d rows
)

// drawRows returns n coupled rows of length d, row-major [n×d].
func drawRows(coupling string, n, d int, rng *rand.Rand) ([]float64, error) {
	switch coupling {
	case IID:
		w := make([]float64, n*d)
		for i := range w {
			w[i] = rng.NormFloat64()
		}
		return w, nil
	case Orthogonal:
		return orthogonalRows(n, d, rng), nil
	}
	return nil, fmt.Errorf("features: unknown row coupling %q; allowed: %s, %s", coupling, IID, Orthogonal)
}

// orthogonalRows stacks blocks of d rows, each a Haar-distributed rotation (QR
// of a Gaussian matrix, signs fixed by R's diagonal: Mezzadri 2007) with its
// rows stretched to independent χ(d) lengths, so that every row stays N(0, I).
func orthogonalRows(n, d int, rng *rand.Rand) []float64 {
	w := make([]float64, 0, n*d)
	gauss := make([]float64, d*d)
	var qr mat.QR
	var q, r mat.Dense
	for len(w) < n*d {
		for i := range gauss {
			gauss[i] = rng.NormFloat64()
		}
		qr.Factorize(mat.NewDense(d, d, gauss))
		qr.QTo(&q)
		qr.RTo(&r)
		for i := 0; i < d && len(w) < n*d; i++ {
			sign := math.Copysign(1, r.At(i, i))
			length := sign * chi(d, rng)
			for j := range d {
				// Column i of Q is row i of the block: Qᵀ is Haar as well.
				w = append(w, length*q.At(j, i))
			}
		}
		q.Reset()
		r.Reset()
	}
	return w
}

// chi draws the length of a d-dimensional standard normal vector.
func chi(d int, rng *rand.Rand) float64 {
	var s float64
	for range d {
		s += square(rng.NormFloat64())
	}
	return math.Sqrt(s)
}
