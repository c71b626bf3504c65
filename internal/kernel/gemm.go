package kernel

import "fmt"

// engine is how one path multiplies matrices of one precision: its micro-kernel
// and the blocks it is fed with.
type engine[T float] struct {
	mr, nr int // micro-tile of C
	mc, nc int // block of C; multiples of mr and nr
	kc     int // longest run of k between updates of C
	few    int // rows or columns for which the other operand is not packed

	// tile sets the mr×nr tile c = alpha a b + beta c: element (r, p) of a is
	// a[r*rowA + p*stepA], row p of b begins at b[p*stepB]. With beta = 0, c is
	// not read.
	tile func(k int, alpha T, a []T, rowA, stepA int, b []T, stepB int, beta T, c []T, ldc int)

	// edge is tile for what sticks out of C: only the first rows and columns of
	// the tile are read and written, but all of a and b is read. nil: by way of a
	// tile beside C.
	edge func(k int, alpha T, a []T, rowA, stepA int, b []T, stepB int, beta T, c []T, ldc, rows, columns int)

	// turn, turn8 and gather pack panels: of 4 or 8 rows each contiguous in k (a
	// multiple of 4), and of columns each contiguous. nil: in Go, or by turn.
	turn, turn8, gather func(panel []T, width int, x []T, stride, k int)
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
	w := borrow(e, mc, nc, kc)
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
			e.packFrom(w.firstB(nb, e.nr), w.b, right.transposed(), nb, kb, e.nr)
			for i := 0; i < m; i += mc {
				mb := min(mc, m-i)
				left := opA.part(i, p)
				e.packFrom(w.firstA(mb, e.mr), w.a, left, mb, kb, e.mr)
				e.block(w, left, right, mb, nb, kb, alpha, keep, c[i*ldc+j:], ldc)
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
// the same arithmetic, so that an element does not depend on where it lies.
func (e *engine[T]) block(w *workspace[T], left, right matrix[T], mb, nb, kb int, alpha, beta T, c []T, ldc int) {
	firstA, firstB := w.firstA(mb, e.mr), w.firstB(nb, e.nr)
	for j := 0; j < nb; j += e.nr {
		columns := min(e.nr, nb-j)
		b, stepB := w.b[j*kb:], e.nr
		if j < firstB {
			b, stepB = right.x[j:], right.row
		}
		for i := 0; i < mb; i += e.mr {
			rows := min(e.mr, mb-i)
			a, rowA, stepA := w.a[i*kb:], 1, e.mr
			if i < firstA {
				a, rowA, stepA = left.x[i*left.row:], left.row, left.column
			}
			to := c[i*ldc+j:]
			switch {
			case rows == e.mr && columns == e.nr:
				e.tile(kb, alpha, a, rowA, stepA, b, stepB, beta, to, ldc)
			case e.edge != nil:
				e.edge(kb, alpha, a, rowA, stepA, b, stepB, beta, to, ldc, rows, columns)
			default:
				e.tile(kb, alpha, a, rowA, stepA, b, stepB, 0, w.tile, e.nr)
				merge(w.tile, e.nr, beta, to, ldc, rows, columns)
			}
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
