// Package npz reads and writes NumPy's array files: .npy, one array, and
// .npz, a zip archive of .npy members.
//
// # Contract
//
// A [Writer] writes one .npz: members are stored (not deflated) and carry no
// times, so the same arrays in the same order give the same bytes. Arrays are
// little-endian and in C order (row-major): float64 ('<f8'), float32 ('<f4'),
// int64 ('<i8'), bool ('|b1') and strings ('<U', UTF-32). Each member is byte
// for byte what numpy.save writes for the same array.
//
// [Open] reads .npz (stored or deflated members) and a single .npy. It accepts
// format versions 1.0 to 3.0, floats of 2, 4 and 8 bytes, integers of 1 to 8
// bytes, bool and '<U' strings, of either byte order, in C or Fortran order,
// of 0 to 64 dimensions, and returns C order. A conversion that would change a
// number (an integer that no float64 holds, say) is an error. So is a damaged
// file: the reader never panics and never allocates more than the archive can
// hold, nor more than there is memory.
//
// # Example
//
//	w := npz.NewWriter(file)
//	err := w.Float64("q", []int{heads, tokens, dim}, q)
//	…
//	err = w.Close()
//
//	f, err := npz.Open("heads.npz")
//	defer f.Close()
//	q, shape, err := f.Float64("q")
//
// # Reference
//
// NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays"
// (R. Kern, 2007), with the alignment to 64 bytes of NumPy 1.14 and the space
// for growth of NumPy 1.25; PKWARE, APPNOTE.TXT, section 4 (zip).
package npz

import (
	"fmt"
	"math"
)

// maxDims is the largest number of dimensions NumPy 2 can hold.
const maxDims = 64

// chunkBytes is the size of the buffer through which elements are converted:
// large against the cost of a call, small against the second-level cache. It
// is a multiple of every element size but that of strings.
const chunkBytes = 256 << 10

// elements returns the product of shape, the number of elements.
func elements(shape []int) (int, error) {
	if len(shape) > maxDims {
		return 0, fmt.Errorf("%d dimensions; at most %d are allowed", len(shape), maxDims)
	}
	n, empty := 1, false
	for i, s := range shape {
		switch {
		case s < 0:
			return 0, fmt.Errorf("length %d of dimension %d is negative", s, i)
		case s == 0:
			empty = true
		case n > math.MaxInt/s:
			return 0, fmt.Errorf("shape %s has more elements than memory can address", shapeText(shape))
		default:
			n *= s
		}
	}
	if empty {
		return 0, nil
	}
	return n, nil
}
