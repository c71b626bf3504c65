package npz

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	magic = "\x93NUMPY"

	// headerAlign is the multiple that NumPy (1.14 and later) pads the whole
	// header to, so that the elements can be mapped into memory.
	headerAlign = 64

	// growthDigits: NumPy (1.25 and later) leaves room for the length of the
	// first dimension to grow to this many digits in place.
	growthDigits = 21

	// maxHeader bounds what a reader takes for a header. NumPy itself refuses
	// more than 10 000 bytes unless told otherwise; no array type allowed here
	// needs as much.
	maxHeader = 1 << 16
)

// header is what precedes the elements in a .npy file.
type header struct {
	descr   string // NumPy's name of the element type, "<f8"
	fortran bool   // the first index varies fastest
	shape   []int
	bytes   int // length of the whole header, magic included; set by readHeader
}

// shapeText is shape as Python writes a tuple: (), (3,), (3, 4).
func shapeText(shape []int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i, s := range shape {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(s))
	}
	if len(shape) == 1 {
		b.WriteByte(',')
	}
	b.WriteByte(')')
	return b.String()
}

// encode returns the header's bytes, equal to NumPy's: version 1.0, or 2.0
// where the text is too long for a length of two bytes.
func (h header) encode() []byte {
	order := "False"
	if h.fortran {
		order = "True"
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", h.descr, order, shapeText(h.shape))
	if len(h.shape) > 0 {
		text += strings.Repeat(" ", max(0, growthDigits-len(strconv.Itoa(h.shape[0]))))
	}
	version, lengthBytes := byte(1), 2
	pad := func() int {
		fixed := len(magic) + 2 + lengthBytes + len(text) + 1
		return (headerAlign - fixed%headerAlign) % headerAlign
	}
	if len(text)+pad()+1 > 0xffff {
		version, lengthBytes = 2, 4
	}
	text += strings.Repeat(" ", pad()) + "\n"

	out := append([]byte(magic), version, 0)
	if version == 1 {
		out = binary.LittleEndian.AppendUint16(out, uint16(len(text)))
	} else {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(text)))
	}
	return append(out, text...)
}

// readHeader reads a header from the start of a .npy stream.
func readHeader(r io.Reader) (header, error) {
	var start [len(magic) + 2]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return header{}, fmt.Errorf("too short for a .npy header: %w", truncated(err))
	}
	if string(start[:len(magic)]) != magic {
		return header{}, fmt.Errorf("starts with %q; a .npy array starts with %q", start[:len(magic)], magic)
	}
	version := start[len(magic)]
	if version < 1 || version > 3 {
		return header{}, fmt.Errorf("format version %d.%d; 1.0, 2.0 and 3.0 are known", version, start[len(magic)+1])
	}
	lengthBytes := 2
	if version > 1 {
		lengthBytes = 4
	}
	var length [4]byte
	if _, err := io.ReadFull(r, length[:lengthBytes]); err != nil {
		return header{}, fmt.Errorf("cut off within the header: %w", truncated(err))
	}
	n := int64(binary.LittleEndian.Uint32(length[:]))
	if n > maxHeader {
		return header{}, fmt.Errorf("header of %d bytes; at most %d are allowed", n, maxHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, fmt.Errorf("cut off within the header: %w", truncated(err))
	}
	h, err := parseHeader(string(text))
	h.bytes = len(start) + lengthBytes + len(text)
	return h, err
}

// truncated turns the end of a file where more was due into one error value.
func truncated(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
