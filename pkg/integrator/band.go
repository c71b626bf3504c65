package integrator

import "math"

// A band is a square matrix whose entries more than half beside the diagonal are 0. Where it is
// narrow it holds of each row only those within, and as many more to the right as exchanges of
// rows can fill (as LAPACK's dgbtrf); otherwise all, by rows.
type band struct{ size, half int }

// width is how many numbers of a row a narrow one holds.
func (b band) width() int { return 3*b.half + 1 }

// narrow reports whether there is a band to speak of: in a wider one the factors of the whole
// matrix, in which several rows are worked off at a time, take no longer.
func (b band) narrow() bool { return 2*b.width() <= b.size }

// entries is how many numbers it holds.
func (b band) entries() int {
	if b.narrow() {
		return b.size * b.width()
	}
	return b.size * b.size
}

// row is where the entry of a row in column 0 is, or would be.
func (b band) row(i int) int {
	if b.narrow() {
		return i*(b.width()-1) + b.half
	}
	return i * b.size
}

// decompose overwrites the matrix with its factors, by partial pivoting: row k was exchanged with
// row pivots[k]. It is false where it is singular or holds a NaN or ±Inf.
func (b band) decompose(a []float64, pivots []int) bool {
	if !b.narrow() {
		return decompose(a, b.size, pivots)
	}
	for k := range pivots {
		below, right := min(k+b.half, b.size-1), min(k+2*b.half, b.size-1)
		rest := func(i int) []float64 { return a[b.row(i)+k : b.row(i)+right+1] }
		best := k
		for i := k + 1; i <= below; i++ {
			if math.Abs(rest(i)[0]) > math.Abs(rest(best)[0]) {
				best = i
			}
		}
		pivots[k] = best
		top := rest(k)
		if best != k {
			for j, x := range rest(best) {
				top[j], rest(best)[j] = x, top[j]
			}
		}
		if top[0] == 0 || top[0]-top[0] != 0 {
			return false
		}
		for i := k + 1; i <= below; i++ {
			row := rest(i)
			factor := row[0] / top[0]
			if row[0] = factor; factor == 0 {
				continue
			}
			for j, x := range top[1:] {
				row[j+1] -= float64(factor * x)
			}
		}
	}
	return true
}

// substitute overwrites x with the solution of the decomposed matrix for it.
func (b band) substitute(a []float64, pivots []int, x []float64) {
	if !b.narrow() {
		substitute(a, b.size, pivots, x)
		return
	}
	for k, other := range pivots { // factors stay in the rows in which they were found
		x[k], x[other] = x[other], x[k]
		for i := k + 1; i <= min(k+b.half, b.size-1); i++ {
			x[i] -= float64(a[b.row(i)+k] * x[k])
		}
	}
	for i := b.size - 1; i >= 0; i-- {
		right := min(i+2*b.half, b.size-1)
		sum, row := x[i], a[b.row(i)+i:b.row(i)+right+1]
		for j, factor := range row[1:] {
			sum -= float64(factor * x[i+1+j])
		}
		x[i] = sum / row[0]
	}
}
