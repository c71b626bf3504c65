package kernel

import "fmt"

// engine is how one path multiplies matrices of one precision: its micro-kernel
// and the blocks it is fed with.
type engine[T float] struct {
	mr, nr int // micro-tile of C
	vector int // columns in a vector, of which panels of B are made
	beside int // panels of B that share lines of the cache
	mc, nc int // block of C; multiples of mr and nr
	kc     int // longest run of k between updates of C
	few    int // rows or columns for which the other operand is not packed

	// tile sets rows×nr of C, a multiple of mr rows, to alpha a b + beta C: of each mr rows,
	// element (r, p) of a is a[r*rowA + p*stepA], and the next begin panelA after it; row p
	// of b begins at b[p*stepB]. With beta = 0, C is not read.
	tile func(k int, alpha T, a []T, rowA, stepA, panelA int, b []T, stepB int, beta T, c []T, ldc, rows int)

	// edge is tile for what sticks out of C: only so many rows and columns are read and
	// written, but all of a and whole vectors of b are read. nil: by way of a tile beside C.
	edge func(k int, alpha T, a []T, rowA, stepA, panelA int, b []T, stepB int, beta T, c []T, ldc, rows, columns int)

	// turn and turn8 pack panels of 4 or 8 rows, each contiguous in k (a multiple of 4).
	// nil: in Go, or by turn.
	turn, turn8 func(panel []T, width int, x []T, stride, k int)

	// gather packs panels whose columns are contiguous, neighbours at once. nil: in Go.
	gather func(panels []T, width, neighbours int, x []T, stride, k int)
}

// kcMost is the longest run of k that is summed before C is updated. It is the
// same for all paths that fuse, so that they give the same bits.
const kcMost = 256

// matrix is op(X): element (i, j) at x[i*row + j*column].
type matrix[T float] struct {
	x           []T
	row, column int
}

func operand[T float](trans bool, x []T, stride int) matrix[T] {
	if trans {
		return matrix[T]{x, 1, stride}
	}
	return matrix[T]{x, stride, 1}
}

func gemm[T float](e *engine[T], transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	gemmBlocks(e, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, nil)
}

// gemmBlocks is gemm that shows each block of C once it is final; nil: nobody looks.
func gemmBlocks[T float](e *engine[T], transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int,
	show func(i, j, rows, columns int)) {
	if m < 0 || n < 0 || k < 0 {
		panic("kernel: Gemm: negative size")
	}
	checkMatrix("Gemm: C", len(c), m, n, ldc, false)
	checkMatrix("Gemm: A", len(a), m, k, lda, transA)
	checkMatrix("Gemm: B", len(b), k, n, ldb, transB)
	if m == 0 || n == 0 {
		return
	}
	if k == 0 || alpha == 0 {
		scale(m, n, beta, c, ldc)
		if show != nil {
			show(0, 0, m, n)
		}
		return
	}
	opA, opB := operand(transA, a, lda), operand(transB, b, ldb)
	kc := evenly(k, e.kc, 4)
	mc, nc := evenly(m, e.mc, e.mr), evenly(n, e.nc, e.nr)
	w := borrow(e, mc, nc, kc, m <= mc)
	defer w.release()
	w.inPlace(e, opA, opB, m, n, kc)
	for j := 0; j < n; j += nc {
		nb := min(nc, n-j)
		for p := 0; p < k; p += kc {
			kb := min(kc, k-p)
			keep := beta // the share of C that stays: all of it after the first run of k
			if p > 0 {
				keep = 1
			}
			right := opB.part(p, j)
			for i := 0; i < m; i += mc {
				mb := min(mc, m-i)
				left := opA.part(i, p)
				e.packA(w, left, mb, kb)
				e.block(w, left, right, i == 0, mb, nb, kb, alpha, keep, c[i*ldc+j:], ldc)
				if show != nil && p+kb == k {
					show(i, j, mb, nb)
				}
			}
		}
	}
}

// checkMatrix panics unless a slice holds op(X) of the given size.
func checkMatrix(name string, length, rows, columns, stride int, trans bool) {
	if trans {
		rows, columns = columns, rows
	}
	if rows == 0 || columns == 0 {
		return
	}
	if stride < columns || length < (rows-1)*stride+columns {
		panic(fmt.Sprintf("kernel: %s of %d×%d with stride %d in a slice of %d", name, rows, columns, stride, length))
	}
}

// evenly returns the length of block, a multiple of unit, that cuts n into as few
// blocks of at most most as possible, all of about the same length.
func evenly(n, most, unit int) int {
	blocks := (n + most - 1) / most
	each := (n + blocks - 1) / blocks
	return (each + unit - 1) / unit * unit
}

// scale sets C = beta C, without reading C if beta is 0.
func scale[T float](m, n int, beta T, c []T, ldc int) {
	for i := range m {
		row := c[i*ldc : i*ldc+n]
		if beta == 0 {
			clear(row)
			continue
		}
		for j := range row {
			row[j] *= beta
		}
	}
}

// block updates an mb×nb block of C. Tiles that stick out of C are computed with
// the same arithmetic, so that an element does not depend on where it lies. The first block
// of rows packs panels of B just before it reads them.
func (e *engine[T]) block(w *workspace[T], left, right matrix[T], first bool, mb, nb, kb int, alpha, beta T, c []T, ldc int) {
	whole := mb / e.mr * e.mr
	a, rowA, stepA, panelA := w.a, 1, e.mr, e.mr*kb
	if w.inPlaceA {
		a, rowA, stepA, panelA = left.x, left.row, left.column, e.mr*left.row
	}
	start, packed := 0, nb // the columns of B in w.b, from start on
	if first {
		packed = 0
	}
	for j := 0; j < nb; {
		columns := e.columns(nb - j)
		b, stepB := right.part(0, j).x, right.row
		if width := e.width(columns); !w.inPlaceB || columns < width {
			if j >= packed {
				if w.once {
					start = j
				}
				packed = j + e.packB(w.b[(j-start)*kb:], right.part(0, j), nb-j, kb)
			}
			b, stepB = w.b[(j-start)*kb:], width
		}
		if whole > 0 {
			e.strip(w, kb, alpha, a, rowA, stepA, panelA, b, stepB, beta, c[j:], ldc, whole, columns)
		}
		if whole < mb {
			e.strip(w, kb, alpha, w.a[whole*kb:], 1, e.mr, 0, b, stepB, beta, c[whole*ldc+j:], ldc, mb-whole, columns)
		}
		j += columns
	}
}

// strip updates so many rows and columns of C, those of one panel of B.
func (e *engine[T]) strip(w *workspace[T], k int, alpha T, a []T, rowA, stepA, panelA int, b []T, stepB int, beta T, c []T, ldc, rows, columns int) {
	switch {
	case columns == e.nr && rows >= e.mr:
		e.tile(k, alpha, a, rowA, stepA, panelA, b, stepB, beta, c, ldc, rows)
	case e.edge != nil:
		e.edge(k, alpha, a, rowA, stepA, panelA, b, stepB, beta, c, ldc, rows, columns)
	default:
		for i := 0; i < rows; i += e.mr {
			e.tile(k, alpha, a[i/e.mr*panelA:], rowA, stepA, 0, b, stepB, 0, w.tile, e.nr, e.mr)
			merge(w.tile, e.nr, beta, c[i*ldc:], ldc, min(e.mr, rows-i), columns)
		}
	}
}

// merge sets C = tile + beta C, without reading C if beta is 0.
func merge[T float](tile []T, width int, beta T, c []T, ldc, rows, columns int) {
	for r := range rows {
		from, to := tile[r*width:], c[r*ldc:r*ldc+columns]
		for s := range to {
			if beta == 0 {
				to[s] = from[s]
			} else {
				to[s] = from[s] + T(beta*to[s])
			}
		}
	}
}
