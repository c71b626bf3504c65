package integrator

// mostBlockEntries bounds what the factors of a Jacobian may take, in numbers
// of eight bytes: 128 MiB, those of 4096 components that all depend on each other.
const mostBlockEntries = 4096 * 4096

// blocks put a Jacobian J in block triangular form. Components that depend on
// each other, directly or through others (the strongly connected components of
// the graph of J), form a block, and blocks are taken in an order in which each
// depends only on those before: only the blocks are factorised (factors.go), and
// a network that feeds forward, however large, has blocks of one component.
type blocks struct {
	matrix *partials
	order  []int // the components, block by block
	ends   []int // of the blocks in order
	block  []int // of each component
	within []int // place in its block, of each component

	// Of the search (R. Tarjan, SIAM Journal on Computing 1 (1972) 146-160).
	index, low  []int
	stack, path []int
	edge        []int
}

func newBlocks(matrix *partials) *blocks {
	dim := matrix.dim
	ints := func() []int { return make([]int, 0, dim) }
	return &blocks{
		matrix: matrix, order: ints(), ends: ints(), block: make([]int, dim), within: make([]int, dim),
		index: make([]int, dim), low: make([]int, dim), stack: ints(), path: ints(), edge: make([]int, dim),
	}
}

// arrange finds the blocks and returns how many numbers their matrices are.
func (b *blocks) arrange() (entries int) {
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
	from := 0
	for _, end := range b.ends {
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
