package kernel

import "sync"

// workspace holds the packed panels of one call, and whether there are any.
type workspace[T float] struct {
	a, b, tile         []T
	inPlaceA, inPlaceB bool
	once               bool // panels of B are read by one block of rows, so that few at a time do
	pool               *sync.Pool
}

var pool64, pool32 sync.Pool

// borrow takes a workspace large enough for the given blocks from the pool.
func borrow[T float](e *engine[T], mc, nc, kc int, once bool) *workspace[T] {
	pool := &pool64
	if _, single := any(T(0)).(float32); single {
		pool = &pool32
	}
	w, _ := pool.Get().(*workspace[T])
	if w == nil {
		w = &workspace[T]{pool: pool}
	}
	w.a = grown(w.a, mc*kc)
	if w.once = once; once {
		nc = min(nc, e.beside*e.nr)
	}
	w.b = grown(w.b, nc*kc)
	w.tile = grown(w.tile, e.mr*e.nr)
	return w
}

func (w *workspace[T]) release() { w.pool.Put(w) }

func grown[T float](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}

// part is op(X) from element (i, j) on.
func (m matrix[T]) part(i, j int) matrix[T] {
	return matrix[T]{m.x[i*m.row+j*m.column:], m.row, m.column}
}

func (m matrix[T]) transposed() matrix[T] { return matrix[T]{m.x, m.column, m.row} }

// nearby is how many numbers the first-level cache holds beside a panel of B.
const nearby = 8192

// inPlace decides which operands are read where they lie, save for panels that
// are not full. Few columns do not repay the packing of A, if the elements of a row
// lie side by side or all are nearby, and few rows not that of B, if all are
// nearby: steps of whole pages would share a few lines of the cache.
func (w *workspace[T]) inPlace(e *engine[T], opA, opB matrix[T], m, n, kc int) {
	w.inPlaceA = n <= e.few && (opA.column == 1 || kc*opA.column <= nearby)
	w.inPlaceB = m <= e.few && opB.column == 1 && kc*opB.row <= nearby
}

// columns is how many of those left the next panel of B has: nr, but of four vectors two,
// as one alone is too few sums for a processor to be busy with.
func (e *engine[T]) columns(left int) int {
	if e.vector < e.nr && left > e.nr && left <= e.nr+e.vector {
		return 2 * e.vector
	}
	return min(left, e.nr)
}

// width is that of a panel of so many columns: of whole vectors.
func (e *engine[T]) width(columns int) int { return (columns + e.vector - 1) / e.vector * e.vector }

// packB packs the first panel of the k×count matrix x, or so many as share lines, and
// returns how many columns these are. Columns missing from a panel are 0.
func (e *engine[T]) packB(dst []T, x matrix[T], count, k int) int {
	if together := e.beside * e.nr; x.column == 1 && e.gather != nil &&
		count >= together && e.columns(count-together+e.nr) == e.nr {
		e.gather(dst, e.nr, e.beside, x.x, x.row, k)
		return together
	}
	columns := e.columns(count)
	width := e.width(columns)
	e.pack(dst[:width*k], width, x.transposed(), columns, k)
	return columns
}

// packA packs the count×k matrix x, save for panels that are read in place, each to its
// place: panel after panel of mr rows, in each column after column. Rows missing from the
// last are 0.
func (e *engine[T]) packA(w *workspace[T], x matrix[T], count, k int) {
	whole, i := count/e.mr*e.mr, 0
	switch {
	case w.inPlaceA:
		i = whole
	case x.row == 1 && e.gather != nil && whole > 0:
		e.gather(w.a, e.mr, whole/e.mr, x.x, x.column, k)
		i = whole
	}
	for ; i < count; i += e.mr {
		e.pack(w.a[i*k:(i+e.mr)*k], e.mr, x.part(i, 0), min(e.mr, count-i), k)
	}
}

// pack packs a panel of so many rows of x.
func (e *engine[T]) pack(panel []T, width int, x matrix[T], rows, k int) {
	if rows < width {
		clear(panel)
	}
	if x.row == 1 {
		e.packColumns(panel, width, x.x, x.column, rows, k)
	} else {
		e.packRows(panel, width, x.x, x.row, rows, k)
	}
}

// packColumns packs a panel whose columns are contiguous, stride apart.
func (e *engine[T]) packColumns(panel []T, width int, x []T, stride, rows, k int) {
	if e.gather != nil && rows == width {
		e.gather(panel, width, 1, x, stride, k)
		return
	}
	for p := range k {
		copy(panel[p*width:p*width+rows], x[p*stride:])
	}
}

// packRows packs a panel whose rows are contiguous, stride apart.
func (e *engine[T]) packRows(panel []T, width int, x []T, stride, rows, k int) {
	r, turned := 0, 0
	if e.turn != nil {
		turned = k &^ 3
		for ; e.turn8 != nil && r+8 <= rows; r += 8 {
			e.turn8(panel[r:], width, x[r*stride:], stride, turned)
		}
		for ; r+4 <= rows; r += 4 {
			e.turn(panel[r:], width, x[r*stride:], stride, turned)
		}
		for s := range r {
			spread(panel[s:], width, x[s*stride:s*stride+k], turned)
		}
	}
	for ; r < rows; r++ {
		spread(panel[r:], width, x[r*stride:r*stride+k], 0)
	}
}

// spread writes row[p] to panel[p*width], from p = first on.
func spread[T float](panel []T, width int, row []T, first int) {
	for p := first; p < len(row); p++ {
		panel[p*width] = row[p]
	}
}
