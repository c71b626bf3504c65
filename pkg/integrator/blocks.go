package integrator

import "slices"

// mostBlockEntries bounds what the factors of a Jacobian may take, in numbers
// of eight bytes: 128 MiB, those of 4096 components that all depend on each other.
const mostBlockEntries = 4096 * 4096

// blocks put a Jacobian J in block triangular form. Components that depend on
// each other, directly or through others (the strongly connected components of
// the graph of J), form a block, and blocks are taken in an order in which each
// depends only on those before: only the blocks are factorised (factors.go), and
// a network that feeds forward, however large, has blocks of one component. Within a
// block the order is such that what is not 0 lies in a band (narrow.go).
type blocks struct {
	matrix  *partials
	order   []int  // the components, block by block
	ends    []int  // of the blocks in order
	block   []int  // of each component
	within  []int  // place in its block, of each component
	bands   []band // of the blocks
	entries int    // numbers that they hold

	entriesBefore []int // of the matrix, by which components depend on blocks before their own
	endsBefore    []int // of each component's in entriesBefore, from the second on

	ordering      ordering
	from, columns []int // the matrix's for which all this has been found

	// Of the search (R. Tarjan, SIAM Journal on Computing 1 (1972) 146-160).
	index, low  []int
	stack, path []int
	edge        []int
}

func newBlocks(matrix *partials) *blocks {
	dim := matrix.dim
	ints := func() []int { return make([]int, 0, dim) }
	return &blocks{
		matrix: matrix, ordering: newOrdering(dim), from: ints(), endsBefore: make([]int, dim+1), order: ints(), ends: ints(), block: make([]int, dim), within: make([]int, dim),
		index: make([]int, dim), low: make([]int, dim), stack: ints(), path: ints(), edge: make([]int, dim),
	}
}

// arrange finds the blocks and returns how many numbers their matrices are.
func (b *blocks) arrange() (entries int) {
	from, columns := b.matrix.from, b.matrix.columns[:b.matrix.from[b.matrix.dim]]
	if slices.Equal(b.from, from) && slices.Equal(b.columns, columns) {
		return b.entries
	}
	b.from, b.columns = append(b.from[:0], from...), append(b.columns[:0], columns...)
	b.order, b.ends = b.order[:0], b.ends[:0]
	for i := range b.index {
		b.index[i], b.block[i] = -1, -1
	}
	found := 0
	for root := range b.index {
		if b.index[root] < 0 {
			found = b.search(root, found)
		}
	}
	b.divide()
	b.ordering.connect(b)
	b.bands, b.entries = b.bands[:0], 0
	start := 0
	for _, end := range b.ends {
		b.bands = append(b.bands, b.band(b.order[start:end]))
		b.entries += b.bands[len(b.bands)-1].entries()
		start = end
	}
	return b.entries
}

// divide finds the entries that lie outside all blocks.
func (b *blocks) divide() {
	b.entriesBefore = b.entriesBefore[:0]
	for i, own := range b.block {
		for entry := b.matrix.from[i]; entry < b.matrix.from[i+1]; entry++ {
			if b.block[b.matrix.columns[entry]] != own {
				b.entriesBefore = append(b.entriesBefore, entry)
			}
		}
		b.endsBefore[i+1] = len(b.entriesBefore)
	}
}

// outside are the entries of a component that do.
func (b *blocks) outside(i int) []int { return b.entriesBefore[b.endsBefore[i]:b.endsBefore[i+1]] }

// band puts the members of a block in order, and returns how wide that leaves it.
func (b *blocks) band(members []int) band {
	b.ordering.narrow(members)
	for place, i := range members {
		b.within[i] = place
	}
	found := band{size: len(members)}
	for place, i := range members {
		for _, j := range b.ordering.of(i) {
			found.half = max(found.half, place-b.within[j])
		}
	}
	return found
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
