package integrator

import "slices"

// A block's components are put in an order in which those that depend on each other are near
// (E. Cuthill, J. McKee, Proc. 24th ACM National Conference, 1969, 157-172): breadth first, by
// whatever dependence, from one that is as far as possible from others. A chain comes to a band of
// one entry beside the diagonal, a ring to one of two.

// An ordering is what finds it.
type ordering struct {
	from, others []int // component i depends on, or is depended on by, others[from[i]:from[i+1]] of its block
	seen         []int // the last search that has come to a component
	searches     int
}

func newOrdering(dim int) ordering {
	return ordering{from: make([]int, dim+2), seen: make([]int, dim)}
}

// connect notes which components of each block depend on each other.
func (o *ordering) connect(b *blocks) {
	visit := func(each func(i, j int)) {
		for i := range b.block {
			for _, j := range b.matrix.columns[b.matrix.from[i]:b.matrix.from[i+1]] {
				if i != j && b.block[i] == b.block[j] {
					each(i, j)
					each(j, i)
				}
			}
		}
	}
	clear(o.from)
	visit(func(i, _ int) { o.from[i+2]++ })
	for i := range b.block {
		o.from[i+2] += o.from[i+1]
	}
	o.others = slices.Grow(o.others[:0], o.from[len(o.from)-1])[:o.from[len(o.from)-1]]
	visit(func(i, j int) { // from[i+1] moves from where those of i begin to where they end
		o.others[o.from[i+1]] = j
		o.from[i+1]++
	})
}

// of are those that depend on a component, or it on them.
func (o *ordering) of(i int) []int { return o.others[o.from[i]:o.from[i+1]] }

// narrow puts the members of a block in order.
func (o *ordering) narrow(members []int) {
	for range 2 { // each time the last is no nearer to the others than the first
		o.search(members, members[0])
		slices.Reverse(members)
	}
	o.search(members, members[0])
}

// search sets members to all that are connected with the first, nearer ones first.
func (o *ordering) search(members []int, first int) {
	o.searches++
	o.seen[first] = o.searches
	found := append(members[:0], first)
	for next := 0; next < len(found); next++ {
		near := len(found)
		for _, other := range o.of(found[next]) {
			if o.seen[other] != o.searches {
				o.seen[other] = o.searches
				found = append(found, other)
			}
		}
		slices.SortStableFunc(found[near:], func(i, j int) int { return len(o.of(i)) - len(o.of(j)) })
	}
}
