package kernel

import "sync"

// workspace holds the packed panels of one call.
type workspace[T float] struct {
	a, b, tile []T
	pool       *sync.Pool
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
		for ; r+4 <= rows; r += 4 {
			e.turn(panel[r:], width, x[r*stride:], stride, turned)
			for s := r; s < r+4; s++ {
				spread(panel[s:], width, x[s*stride:s*stride+k], turned)
			}
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
