package features

import (
	"math"
	"math/rand/v2"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// Couplings of the rows ω of W. Each row alone is N(0, I_d) in either.
const (
	IID        = "iid"        // independent rows
	Orthogonal = "orthogonal" // exactly orthogonal within blocks of d rows
	Simplex    = "simplex"    // as far from each other as d directions can be, within blocks of d rows
)

// A rowCoupling is a row of the table of couplings.
type rowCoupling struct {
	name    string
	sources []string                                      // keys of what to cite
	draw    func(d int, rng *rand.Rand) func(w []float64) // that fills w with the rows that come next
}

var couplings = []rowCoupling{
	{IID, nil, independentRows},
	{Orthogonal, []string{"yu2016", "mezzadri2007"}, orthogonalRows},
	{Simplex, []string{"reid2023", "mezzadri2007"}, simplexRows},
}

// Couplings lists the names of the couplings.
func Couplings() []string {
	var names []string
	for _, c := range couplings {
		names = append(names, c.name)
	}
	return names
}

// coupling returns that of the given name; without draw where there is none.
func coupling(name string) rowCoupling {
	for _, c := range couplings {
		if c.name == name {
			return c
		}
	}
	return rowCoupling{}
}

func independentRows(_ int, rng *rand.Rand) func(w []float64) {
	return func(w []float64) {
		for i := range w {
			w[i] = portable.Normal(rng)
		}
	}
}

// orthogonalRows stacks blocks of d rows, each a Haar-distributed rotation (the
// orthogonal factor of a Gaussian matrix, its triangular one positive on the
// diagonal: Mezzadri 2007) with its rows stretched to independent χ(d) lengths,
// so that every row stays N(0, I).
func orthogonalRows(d int, rng *rand.Rand) func(w []float64) {
	return rotatedRows(d, rng, func([]float64, int) {})
}

// simplexRows are like orthogonalRows, but the directions of a block point from the centre of a regular simplex to its corners, each
// at the cosine −1/(d−1) from every other (Reid et al. 2023, arXiv 2301.13856): r_i less their mean, stretched to length 1. A single
// direction has no other to be far from.
func simplexRows(d int, rng *rand.Rand) func(w []float64) {
	if d == 1 {
		return orthogonalRows(d, rng)
	}
	return rotatedRows(d, rng, func(rotation []float64, d int) {
		mean := make([]float64, d)
		for i := range d {
			kernel.Axpy(1/float64(d), rotation[i*d:(i+1)*d], mean)
		}
		scale := math.Sqrt(float64(d) / float64(d-1))
		for i, x := range rotation {
			rotation[i] = float64(scale * (x - mean[i%d]))
		}
	})
}

// rotatedRows stacks blocks of d directions, a rotation and what is then made of it, stretched to independent χ(d) lengths.
func rotatedRows(d int, rng *rand.Rand, then func(rotation []float64, d int)) func(w []float64) {
	rotation, used := make([]float64, d*d), d // of its rows
	return func(w []float64) {
		for ; len(w) > 0; w = w[d:] {
			if used == d {
				// Column i of the Gaussian matrix, drawn row by row, is row i here.
				for j := range d {
					for i := range d {
						rotation[i*d+j] = portable.Normal(rng)
					}
				}
				orthonormalise(rotation, d)
				then(rotation, d)
				used = 0
			}
			length := chi(d, rng)
			for j, v := range rotation[used*d : (used+1)*d] {
				w[j] = length * v
			}
			used++
		}
	}
}

// orthonormalise makes the rows of x [d×d] orthonormal, each by what it adds to
// those before it (Gram–Schmidt). It takes the others' shares away twice, which
// leaves the rows orthogonal to a few roundings, however close they were (Giraud,
// Langou, Rozložník & van den Eshof, Numer. Math. 101, 2005).
func orthonormalise(x []float64, d int) {
	for i := range d {
		row := x[i*d : (i+1)*d]
		for range 2 {
			for before := range i {
				other := x[before*d : (before+1)*d]
				kernel.Axpy(-kernel.Dot(other, row), other, row)
			}
		}
		scale := 1 / math.Sqrt(kernel.Dot(row, row))
		for j := range row {
			row[j] *= scale
		}
	}
}

// chi draws the length of a d-dimensional standard normal vector.
func chi(d int, rng *rand.Rand) float64 {
	var s float64
	for range d {
		s += square(portable.Normal(rng))
	}
	return math.Sqrt(s)
}
