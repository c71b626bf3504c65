package npz

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Writer writes the arrays of one .npz file. After an error the file is of no
// use, and every later call returns that error again.
type Writer struct {
	archive *zip.Writer
	names   map[string]bool
	buffer  []byte
	err     error
}

// NewWriter returns a Writer on w. Close it to complete the file; w itself is
// left open.
func NewWriter(w io.Writer) *Writer {
	return &Writer{archive: zip.NewWriter(w), names: map[string]bool{}, buffer: make([]byte, chunkBytes)}
}

// Float64 writes x, in C order, as array name of the given shape; shape may be
// empty for a scalar. It is an error if x has not as many elements as shape,
// or if name is empty or taken.
func (w *Writer) Float64(name string, shape []int, x []float64) error {
	return w.Float64Parts(name, shape, whole(x))
}

// Float64Parts is [Writer.Float64] for an array that is handed over part after
// part, so that it need not be in memory at once. A part may be changed when the
// next one is asked for.
func (w *Writer) Float64Parts(name string, shape []int, parts iter.Seq[[]float64]) error {
	return write(w, name, "<f8", 8, shape, parts, func(b []byte, x []float64) {
		for i, v := range x {
			binary.LittleEndian.PutUint64(b[8*i:], math.Float64bits(v))
		}
	})
}

// Float32 is [Writer.Float64] for single precision.
func (w *Writer) Float32(name string, shape []int, x []float32) error {
	return write(w, name, "<f4", 4, shape, whole(x), func(b []byte, x []float32) {
		for i, v := range x {
			binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(v))
		}
	})
}

// Int64 is [Writer.Float64] for integers.
func (w *Writer) Int64(name string, shape []int, x []int64) error {
	return write(w, name, "<i8", 8, shape, whole(x), func(b []byte, x []int64) {
		for i, v := range x {
			binary.LittleEndian.PutUint64(b[8*i:], uint64(v))
		}
	})
}

// Uint8 is [Writer.Float64] for bytes.
func (w *Writer) Uint8(name string, shape []int, x []uint8) error {
	return write(w, name, "|u1", 1, shape, whole(x), func(b, x []byte) { copy(b, x) })
}

// Bool is [Writer.Float64] for truth values.
func (w *Writer) Bool(name string, shape []int, x []bool) error {
	return write(w, name, "|b1", 1, shape, whole(x), func(b []byte, x []bool) {
		for i, v := range x {
			b[i] = 0
			if v {
				b[i] = 1
			}
		}
	})
}

// Strings is [Writer.Float64] for strings, as NumPy's type '<U' of the longest
// one's length. Strings must be valid UTF-8 and not end in a NUL, which NumPy
// takes for padding.
func (w *Writer) Strings(name string, shape []int, x []string) error {
	width := 1
	for i, s := range x {
		if !utf8.ValidString(s) || strings.HasSuffix(s, "\x00") {
			return w.fail(name, fmt.Errorf("string %d, %q, is not valid UTF-8 or ends in a NUL; NumPy can hold neither", i, s))
		}
		width = max(width, utf8.RuneCountInString(s))
	}
	return write(w, name, fmt.Sprintf("<U%d", width), 4*width, shape, whole(x), func(b []byte, x []string) {
		clear(b)
		for i, s := range x {
			at := 4 * width * i
			for _, r := range s {
				binary.LittleEndian.PutUint32(b[at:], uint32(r))
				at += 4
			}
		}
	})
}

// Close writes the archive's directory.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	if err := w.archive.Close(); err != nil {
		return w.fail("", err)
	}
	w.err = fmt.Errorf("npz: write after Close")
	return nil
}

func (w *Writer) fail(name string, err error) error {
	if w.err == nil {
		w.err = fmt.Errorf("npz: writing array %q: %w", name, err)
		if name == "" {
			w.err = fmt.Errorf("npz: writing: %w", err)
		}
	}
	return w.err
}

// whole is an array in a single part.
func whole[T any](x []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) { yield(x) }
}

// write writes one member: its header, then its parts, converted by put a buffer at
// a time.
func write[T any](w *Writer, name, descr string, size int, shape []int, parts iter.Seq[[]T], put func([]byte, []T)) error {
	if w.err != nil {
		return w.err
	}
	n, err := elements(shape)
	switch {
	case err != nil:
		return w.fail(name, err)
	case name == "" || !utf8.ValidString(name):
		return w.fail(name, fmt.Errorf("an array's name must be non-empty UTF-8"))
	case w.names[name]:
		return w.fail(name, fmt.Errorf("the name is taken by an earlier array"))
	}
	w.names[name] = true
	// No times: two runs of the same configuration must give the same bytes.
	member, err := w.archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err != nil {
		return w.fail(name, err)
	}
	if _, err := member.Write(header{descr: descr, shape: shape}.encode()); err != nil {
		return w.fail(name, err)
	}
	if size > len(w.buffer) {
		w.buffer = make([]byte, size)
	}
	given := 0
	for x := range parts {
		given += len(x)
		for part := range slices.Chunk(x, len(w.buffer)/size) {
			b := w.buffer[:len(part)*size]
			put(b, part)
			if _, err := member.Write(b); err != nil {
				return w.fail(name, err)
			}
		}
	}
	if given != n {
		return w.fail(name, fmt.Errorf("shape %s has %d elements, %d were given", shapeText(shape), n, given))
	}
	return nil
}
