package integrator

import "math"

// mostBlockEntries bounds what the factors of a Jacobian may take, in numbers
// of eight bytes: 128 MiB, those of 4096 components that all depend on each other.
const mostBlockEntries = 4096 * 4096

// blocks are the factors of D − J, D a multiple of the unit matrix. Components
// that depend on each other, directly or through others (the strongly connected
// components of the graph of J), form a block, and blocks are taken in an order
// in which each depends only on those before: only the blocks are factorised,
// and a network that feeds forward, however large, has blocks of one
// component.
type blocks struct {
	matrix  *partials
	order   []int // the components, block by block
	ends    []int // of the blocks in order
	starts  []int // of the blocks' factors
	factors []float64
	pivots  []int // of each place in order, the place of the row it was exchanged with
	block   []int // of each component
	within  []int // place in its block, of each component
	right   []float64

	// Of the search (R. Tarjan, SIAM Journal on Computing 1 (1972) 146-160).
	index, low  []int
	stack, path []int
	edge        []int
}

func newBlocks(matrix *partials) *blocks {
	dim := matrix.dim
	ints := func() []int { return make([]int, 0, dim) }
	return &blocks{
		matrix: matrix, order: ints(), ends: ints(), starts: ints(), pivots: make([]int, dim), block: make([]int, dim), within: make([]int, dim),
		right: make([]float64, dim), index: make([]int, dim), low: make([]int, dim), stack: ints(), path: ints(), edge: make([]int, dim),
	}
}

// arrange finds the blocks and returns how many numbers their factors are.
func (b *blocks) arrange() (entries int) {
	b.order, b.ends, b.starts = b.order[:0], b.ends[:0], b.starts[:0]
	for i := range b.index {
		b.index[i], b.block[i] = -1, -1
	}
	found := 0
	for root := range b.index {
		if b.index[root] < 0 {
			found = b.search(root, found)
		}
	}
	from := 0
	for _, end := range b.ends {
		b.starts = append(b.starts, entries)
		entries += (end - from) * (end - from)
		for place, i := range b.order[from:end] {
			b.within[i] = place
		}
		from = end
	}
	return entries
}

// search visits what can be reached from root; found counts the components seen.
func (b *blocks) search(root, found int) int {
	matrix := b.matrix
	enter := func(i int) {
		b.index[i], b.low[i], b.edge[i] = found, found, matrix.from[i]
		found++
		b.stack, b.path = append(b.stack, i), append(b.path, i)
	}
	enter(root)
	for len(b.path) > 0 {
		i := b.path[len(b.path)-1]
		if b.edge[i] < matrix.from[i+1] {
			j := matrix.columns[b.edge[i]]
			b.edge[i]++
			switch {
			case b.index[j] < 0:
				enter(j)
			case b.block[j] < 0: // on the stack
				b.low[i] = min(b.low[i], b.index[j])
			}
			continue
		}
		b.path = b.path[:len(b.path)-1]
		if len(b.path) > 0 {
			above := b.path[len(b.path)-1]
			b.low[above] = min(b.low[above], b.low[i])
		}
		if b.low[i] != b.index[i] {
			continue
		}
		for member := -1; member != i; { // what depends on the block comes later
			member = b.stack[len(b.stack)-1]
			b.stack = b.stack[:len(b.stack)-1]
			b.block[member] = len(b.ends)
			b.order = append(b.order, member)
		}
		b.ends = append(b.ends, len(b.order))
	}
	return found
}

// factorise makes the factors of diagonal·1 − J, whose blocks arrange has found.
// It is false where a block is singular or holds a NaN or ±Inf.
func (b *blocks) factorise(diagonal float64, entries int) bool {
	for len(b.factors) < entries {
		b.factors = append(b.factors, 0)
	}
	clear(b.factors[:entries])
	matrix, from := b.matrix, 0
	for block, end := range b.ends {
		size := end - from
		factors := b.factors[b.starts[block] : b.starts[block]+size*size]
		for place, i := range b.order[from:end] {
			row := factors[place*size : (place+1)*size]
			row[place] = diagonal
			for entry := matrix.from[i]; entry < matrix.from[i+1]; entry++ {
				if j := matrix.columns[entry]; b.block[j] == block {
					row[b.within[j]] -= matrix.values[entry]
				}
			}
		}
		if !decompose(factors, size, b.pivots[from:end]) {
			return false
		}
		from = end
	}
	return true
}

// solve overwrites x with the solution for it as right-hand side.
func (b *blocks) solve(x []float64) {
	matrix, from := b.matrix, 0
	for block, end := range b.ends {
		size := end - from
		right := b.right[:size]
		for place, i := range b.order[from:end] {
			sum := x[i]
			for entry := matrix.from[i]; entry < matrix.from[i+1]; entry++ {
				if j := matrix.columns[entry]; b.block[j] != block {
					sum += float64(matrix.values[entry] * x[j])
				}
			}
			right[place] = sum
		}
		factors := b.factors[b.starts[block] : b.starts[block]+size*size]
		substitute(factors, size, b.pivots[from:end], right)
		for place, i := range b.order[from:end] {
			x[i] = right[place]
		}
		from = end
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
