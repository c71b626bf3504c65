package features

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// mostSweeps is far more than the handful in which Jacobi's method converges.
const mostSweeps = 50

// eigen returns the eigenvalues of a symmetric matrix [d×d], largest first, and its eigenvectors, the rows of a matrix, of each
// the entry largest in size positive: by Jacobi's
// rotations (Golub & Van Loan, Matrix Computations, 8.5), rounded alike on every processor.
func eigen(s []float64, d int) (values, vectors []float64) {
	a, v := slices.Clone(s), identity(d)
	for range mostSweeps {
		off, all := 0.0, 0.0
		for i := range d {
			for j := range d {
				if x := square(a[i*d+j]); i == j {
					all += x
				} else {
					off += x
				}
			}
		}
		if !(off > 1e-32*all) { // or it is not finite
			break
		}
		for p := range d {
			for q := p + 1; q < d; q++ {
				rotate(a, v, d, p, q)
			}
		}
	}
	order := make([]int, d)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		if a[i*d+i] > a[j*d+j] {
			return -1
		}
		return 1
	})
	for _, i := range order {
		values = append(values, a[i*d+i])
		vectors = append(vectors, oriented(v[i*d:(i+1)*d])...)
	}
	return values, vectors
}

// oriented turns a vector so that its entry largest in size is positive.
func oriented(x []float64) []float64 {
	most := 0
	for i, v := range x {
		if math.Abs(v) > math.Abs(x[most]) {
			most = i
		}
	}
	if x[most] < 0 {
		for i := range x {
			x[i] = -x[i]
		}
	}
	return x
}

// rotate takes the entry p, q of a to 0.
func rotate(a, v []float64, d, p, q int) {
	if a[p*d+q] == 0 {
		return
	}
	theta := (a[q*d+q] - a[p*d+p]) / (2 * a[p*d+q])
	t := 1 / (math.Abs(theta) + math.Sqrt(square(theta)+1))
	if theta < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(square(t)+1)
	s := t * c
	for k := range d {
		x, y := a[k*d+p], a[k*d+q]
		a[k*d+p], a[k*d+q] = float64(c*x)-float64(s*y), float64(s*x)+float64(c*y)
	}
	turn := func(x, y []float64) {
		for k := range d {
			x[k], y[k] = float64(c*x[k])-float64(s*y[k]), float64(s*x[k])+float64(c*y[k])
		}
	}
	turn(a[p*d:(p+1)*d], a[q*d:(q+1)*d])
	turn(v[p*d:(p+1)*d], v[q*d:(q+1)*d])
	a[p*d+q], a[q*d+p] = 0, 0
}

// cholesky returns L with L Lᵀ = s, a symmetric positive definite matrix [d×d]; false where it is not positive definite.
func cholesky(s []float64, d int) (lower []float64, ok bool) {
	l := make([]float64, d*d)
	for i := range d {
		for j := range i + 1 {
			rest := s[i*d+j] - kernel.Dot(l[i*d:i*d+j], l[j*d:j*d+j])
			if i != j {
				l[i*d+j] = rest / l[j*d+j]
				continue
			}
			if !(rest > 0) || math.IsInf(rest, 1) {
				return nil, false
			}
			l[i*d+i] = math.Sqrt(rest)
		}
	}
	return l, true
}

func identity(d int) []float64 {
	x := make([]float64, d*d)
	for i := range d {
		x[i*d+i] = 1
	}
	return x
}
