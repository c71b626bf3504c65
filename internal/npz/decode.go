package npz

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"
	"unsafe"

	"github.com/nasim-sim/nasim/internal/memory"
)

// Float64 returns an array's elements in C order, as float64, and its shape.
// Floats of 2, 4 and 8 bytes and integers are accepted; an integer that no
// float64 equals is an error.
func (f *File) Float64(name string) (x []float64, shape []int, err error) {
	return decoded(f, name, "float16, float32, float64 or an integer type", floats)
}

// Int64 returns an array's elements in C order, as int64, and its shape.
// Integers of every size and bool are accepted; an unsigned one above the
// range of int64 is an error.
func (f *File) Int64(name string) (x []int64, shape []int, err error) {
	return decoded(f, name, "an integer type or bool", integers)
}

// Uint8 returns the elements of an array of type uint8 in C order, and its shape.
func (f *File) Uint8(name string) (x []uint8, shape []int, err error) {
	return decoded(f, name, "uint8", bytesOf)
}

// Bool returns the elements of an array of type bool in C order, and its shape.
func (f *File) Bool(name string) (x []bool, shape []int, err error) {
	return decoded(f, name, "bool", truths)
}

// Strings returns the elements of an array of type '<U' in C order, and its
// shape.
func (f *File) Strings(name string) (x []string, shape []int, err error) {
	return decoded(f, name, "'<U' (Unicode strings)", texts)
}

// element is the parsed name of an element type, "<f8".
type element struct {
	kind  byte // as in NumPy: f float, i integer, u unsigned, b bool, U string
	bytes int  // of one element
	big   bool // big-endian
}

// parseElement reads NumPy's name of an element type. The zero element stands
// for one that is not read here, such as complex numbers or times.
func parseElement(descr string) element {
	if len(descr) < 3 {
		return element{}
	}
	size, err := strconv.Atoi(descr[2:])
	if err != nil || size < 0 || size > 1<<28 {
		return element{}
	}
	e := element{kind: descr[1], bytes: size, big: descr[0] == '>'}
	switch order := descr[0]; {
	case order != '<' && order != '>' && !(order == '|' && (size == 1 || e.kind == 'U')):
		return element{}
	case e.kind == 'U':
		e.bytes = 4 * size
		return e
	case e.kind == 'b' && size == 1,
		e.kind == 'f' && (size == 2 || size == 4 || size == 8),
		(e.kind == 'i' || e.kind == 'u') && (size == 1 || size == 2 || size == 4 || size == 8):
		return e
	}
	return element{}
}

// decoder converts raw little-endian elements into dst, which has as many. It
// returns false if it does not take elements of that kind.
type decoder[T any] func(dst []T, raw []byte, e element) (bool, error)

// decoded reads a whole array through a decoder and puts it into C order.
func decoded[T any](f *File, name, allowed string, decode decoder[T]) (x []T, shape []int, err error) {
	err = f.visit(name, func(r io.Reader, h header, left int64) error {
		e := parseElement(h.descr)
		if ok, _ := decode(nil, nil, e); !ok {
			return fmt.Errorf("element type %q where %s is allowed", h.descr, allowed)
		}
		n, err := elements(h.shape)
		if err != nil {
			return err
		}
		if e.bytes > 0 && int64(n) != left/int64(e.bytes) || int64(n)*int64(e.bytes) != left {
			return fmt.Errorf("shape %s of %s needs %d elements of %d bytes, but %d bytes follow the header; the file is cut off or damaged",
				shapeText(h.shape), h.descr, n, e.bytes, left)
		}
		if e.bytes == 0 && n > maxHeader { // nothing on disk bounds their number
			return fmt.Errorf("%d strings of length 0; at most %d are allowed", n, maxHeader)
		}
		var one T
		need := float64(float64(n) * float64(unsafe.Sizeof(one)))
		if h.fortran {
			need *= 2 // it is copied into C order
		}
		if err := memory.Needed("shape "+shapeText(h.shape), need); err != nil {
			return err
		}
		x = make([]T, n)
		if err := fill(x, r, e, decode); err != nil {
			return err
		}
		if h.fortran && len(h.shape) > 1 {
			x = rowMajor(x, h.shape)
		}
		shape = slices.Clone(h.shape)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return x, shape, nil
}

// fill reads and converts len(x) elements, then the end of the stream, where
// the archive's check sum is compared.
func fill[T any](x []T, r io.Reader, e element, decode decoder[T]) error {
	if e.bytes > 0 {
		step := max(1, chunkBytes/e.bytes)
		buffer := make([]byte, min(step, len(x))*e.bytes)
		for at := 0; at < len(x); at += step {
			part := x[at:min(at+step, len(x))]
			raw := buffer[:len(part)*e.bytes]
			if _, err := io.ReadFull(r, raw); err != nil {
				return fmt.Errorf("cut off or damaged after element %d of %d: %w", at, len(x), truncated(err))
			}
			if e.big {
				swap(raw, e)
			}
			if _, err := decode(part, raw, e); err != nil {
				return err
			}
		}
	}
	if n, err := io.CopyN(io.Discard, r, 1); n != 0 || err != io.EOF {
		return fmt.Errorf("damaged at its end: %w", errOrMore(err))
	}
	return nil
}

func errOrMore(err error) error {
	if err == nil {
		return fmt.Errorf("more bytes than the header announces")
	}
	return err
}

// swap reverses the bytes of each element in place; of a string, of each
// character.
func swap(raw []byte, e element) {
	width := e.bytes
	if e.kind == 'U' {
		width = 4
	}
	for ; len(raw) > 0; raw = raw[width:] {
		slices.Reverse(raw[:width])
	}
}

// rowMajor turns Fortran order into C order.
func rowMajor[T any](x []T, shape []int) []T {
	out := make([]T, len(x))
	stride := make([]int, len(shape)) // in x, of each index
	for i, s := 0, 1; i < len(shape); i++ {
		stride[i], s = s, s*shape[i]
	}
	index := make([]int, len(shape))
	from := 0
	for to := range out {
		out[to] = x[from]
		for i := len(shape) - 1; i >= 0; i-- { // the next index in C order
			index[i]++
			from += stride[i]
			if index[i] < shape[i] {
				break
			}
			from -= index[i] * stride[i]
			index[i] = 0
		}
	}
	return out
}

// texts decodes '<U' elements.
func texts(dst []string, raw []byte, e element) (bool, error) {
	if e.kind != 'U' {
		return false, nil
	}
	var b []byte
	for i := range dst {
		b = b[:0]
		end := len(b)
		for _, r := range characters(raw[i*e.bytes : (i+1)*e.bytes]) {
			if !utf8.ValidRune(r) {
				return true, fmt.Errorf("string %d holds %#x, which is no Unicode character", i, uint32(r))
			}
			if b = utf8.AppendRune(b, r); r != 0 {
				end = len(b) // NULs at the end are padding
			}
		}
		dst[i] = string(b[:end])
	}
	return true, nil
}
