package kernel

import "sync"

// workspace holds the packed panels of one call, and whether there are any.
type workspace[T float] struct {
	a, b, tile         []T
	inPlaceA, inPlaceB bool
	pool               *sync.Pool
}

var pool64, pool32 sync.Pool

// borrow takes a workspace large enough for the given blocks from the pool.
func borrow[T float](e *engine[T], mc, nc, kc int) *workspace[T] {
	pool := &pool64
	if _, single := any(T(0)).(float32); single {
		pool = &pool32
	}
	w, _ := pool.Get().(*workspace[T])
	if w == nil {
		w = &workspace[T]{pool: pool}
	}
	w.a = grown(w.a, mc*kc)
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

// firstA and firstB are the first row of A and column of B, of a block with so
// many, that are packed.
func (w *workspace[T]) firstA(mb, mr int) int { return first(w.inPlaceA, mb, mr) }
func (w *workspace[T]) firstB(nb, nr int) int { return first(w.inPlaceB, nb, nr) }

func first(inPlace bool, count, width int) int {
	if inPlace {
		return count / width * width
	}
	return 0
}

// packFrom packs x from the panel on that begins with row i, each to its place.
func (e *engine[T]) packFrom(i int, dst []T, x matrix[T], count, k, width int) {
	if i < count {
		e.pack(dst[i*k:], x.part(i, 0), count-i, k, width)
	}
}

// pack copies the count×k matrix x into panels of width rows: panel after
// panel, in each column after column. Rows missing from the last panel are 0.
func (e *engine[T]) pack(dst []T, x matrix[T], count, k, width int) {
	for i := 0; i < count; i += width {
		rows := min(width, count-i)
		panel := dst[i*k : (i+width)*k]
		if rows < width {
			clear(panel)
		}
		if x.row == 1 {
			e.packColumns(panel, width, x.x[i:], x.column, rows, k)
		} else {
			e.packRows(panel, width, x.x[i*x.row:], x.row, rows, k)
		}
	}
}

// packColumns packs a panel whose columns are contiguous, stride apart.
func (e *engine[T]) packColumns(panel []T, width int, x []T, stride, rows, k int) {
	if e.gather != nil && rows == width {
		e.gather(panel, width, x, stride, k)
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
