package integrator

import "math"

// factors are those of D ⊗ 1 − 1 ⊗ J, block by block: of so many copies of the
// state side by side, which a small matrix D couples. Of one copy D is a number.
type factors struct {
	blocks *blocks
	copies int
	values []float64 // of one block after another
	pivots []int     // of each row, the place in its block of the row it was exchanged with
	right  []float64
}

func newFactors(blocks *blocks, copies int) *factors {
	rows := copies * blocks.matrix.dim
	return &factors{blocks: blocks, copies: copies, pivots: make([]int, rows), right: make([]float64, rows)}
}

// band is the shape of a block's copies.
func (f *factors) band(block int) band {
	one, copies := f.blocks.bands[block], f.copies
	return band{one.size * copies, max(one.half*copies, copies-1)}
}

// factorise makes the factors for a D by rows, of blocks that arrange has found.
// It is false where a block is singular or holds a NaN or ±Inf.
func (f *factors) factorise(diagonal []float64) bool {
	b, copies := f.blocks, f.copies
	from, start := 0, 0
	for block, end := range b.ends {
		band := f.band(block)
		size := band.entries()
		for len(f.values) < start+size {
			f.values = append(f.values, 0)
		}
		values := f.values[start : start+size]
		clear(values)
		for place, i := range b.order[from:end] {
			for k := range copies {
				row := band.row(place*copies + k)
				for other, x := range diagonal[k*copies : (k+1)*copies] {
					values[row+place*copies+other] = x
				}
				for entry := b.matrix.from[i]; entry < b.matrix.from[i+1]; entry++ {
					if j := b.matrix.columns[entry]; b.block[j] == block {
						values[row+b.within[j]*copies+k] -= b.matrix.values[entry]
					}
				}
			}
		}
		if !band.decompose(values, f.pivots[from*copies:end*copies]) {
			return false
		}
		from, start = end, start+size
	}
	return true
}

// solve overwrites the copies with the solution for them as right-hand side.
func (f *factors) solve(x ...[]float64) {
	b, copies := f.blocks, f.copies
	from, start := 0, 0
	for block, end := range b.ends {
		band := f.band(block)
		size, right := band.entries(), f.right[:band.size]
		for place, i := range b.order[from:end] {
			for k, x := range x {
				sum := x[i]
				for _, entry := range b.outside(i) {
					sum += float64(b.matrix.values[entry] * x[b.matrix.columns[entry]])
				}
				right[place*copies+k] = sum
			}
		}
		if size == 1 { // as most are of a network that feeds forward
			right[0] /= f.values[start]
		} else {
			band.substitute(f.values[start:start+size], f.pivots[from*copies:end*copies], right)
		}
		for place, i := range b.order[from:end] {
			for k, x := range x {
				x[i] = right[place*copies+k]
			}
		}
		from, start = end, start+size
	}
}

// panel is how many columns decompose works off at a time, as combineSome takes
// that many terms.
const panel = 6

// decompose overwrites a size × size matrix by rows with its factors L and U,
// PA = LU with partial pivoting; row k was exchanged with row pivots[k].
func decompose(a []float64, size int, pivots []int) bool {
	row := func(i int) []float64 { return a[i*size : (i+1)*size] }
	var rows [panel][]float64
	stages := [panel]int{0, 1, 2, 3, 4, 5}
	var weights [panel]float64
	for left := 0; left < size; left += panel {
		right := min(left+panel, size)
		for k := left; k < right; k++ {
			best := k
			for i := k + 1; i < size; i++ {
				if math.Abs(a[i*size+k]) > math.Abs(a[best*size+k]) {
					best = i
				}
			}
			pivots[k] = best
			if best != k {
				upper, lower := row(k), row(best)
				for j := range upper {
					upper[j], lower[j] = lower[j], upper[j]
				}
			}
			pivot := a[k*size+k]
			if pivot == 0 || pivot-pivot != 0 {
				return false
			}
			for i := k + 1; i < size; i++ {
				factor := a[i*size+k] / pivot
				a[i*size+k] = factor
				for j := k + 1; j < right && factor != 0; j++ {
					a[i*size+j] -= float64(factor * a[k*size+j])
				}
			}
		}
		if right == size {
			break
		}
		// The rows of the panel, and then all below, to the right of it.
		for i := left + 1; i < size; i++ {
			terms := min(i, right) - left
			for term := range terms {
				rows[term], weights[term] = row(left+term), -a[i*size+left+term]
			}
			combineSome(row(i), row(i), 1, weights[:terms], stages[:terms], rows[:], right, size)
		}
	}
	return true
}

// substitute overwrites x with the solution of the decomposed matrix for it.
func substitute(a []float64, size int, pivots []int, x []float64) {
	for k, other := range pivots {
		x[k], x[other] = x[other], x[k]
	}
	for i := range size {
		sum := x[i]
		for j, factor := range a[i*size : i*size+i] {
			sum -= float64(factor * x[j])
		}
		x[i] = sum
	}
	for i := size - 1; i >= 0; i-- {
		sum := x[i]
		for j := i + 1; j < size; j++ {
			sum -= float64(a[i*size+j] * x[j])
		}
		x[i] = sum / a[i*size+i]
	}
}
