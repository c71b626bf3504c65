package npz

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math"
)

// floats decodes numbers as float64.
func floats(dst []float64, raw []byte, e element) (bool, error) {
	le := binary.LittleEndian
	switch e.kind {
	case 'f':
		switch e.bytes {
		case 8:
			for i := range dst {
				dst[i] = math.Float64frombits(le.Uint64(raw[8*i:]))
			}
		case 4:
			for i := range dst {
				dst[i] = float64(math.Float32frombits(le.Uint32(raw[4*i:])))
			}
		case 2:
			for i := range dst {
				dst[i] = half(le.Uint16(raw[2*i:]))
			}
		}
	case 'i':
		for i := range dst {
			v := signed(raw[i*e.bytes:], e.bytes)
			dst[i] = float64(v)
			// 2⁶³ as a float64 does not convert back, hence the second test.
			if dst[i] >= 1<<63 || int64(dst[i]) != v {
				return true, fmt.Errorf("integer %d is not a float64", v)
			}
		}
	case 'u':
		for i := range dst {
			v := unsigned(raw[i*e.bytes:], e.bytes)
			dst[i] = float64(v)
			if dst[i] >= 1<<64 || uint64(dst[i]) != v {
				return true, fmt.Errorf("integer %d is not a float64", v)
			}
		}
	default:
		return false, nil
	}
	return true, nil
}

// integers decodes integers and truth values as int64.
func integers(dst []int64, raw []byte, e element) (bool, error) {
	switch e.kind {
	case 'i':
		for i := range dst {
			dst[i] = signed(raw[i*e.bytes:], e.bytes)
		}
	case 'u', 'b':
		for i := range dst {
			v := unsigned(raw[i*e.bytes:], e.bytes)
			if v > math.MaxInt64 {
				return true, fmt.Errorf("integer %d is above the range of int64", v)
			}
			dst[i] = int64(v)
		}
	default:
		return false, nil
	}
	return true, nil
}

// bytesOf decodes uint8.
func bytesOf(dst []uint8, raw []byte, e element) (bool, error) {
	if e.kind != 'u' || e.bytes != 1 {
		return false, nil
	}
	copy(dst, raw)
	return true, nil
}

// truths decodes bool.
func truths(dst []bool, raw []byte, e element) (bool, error) {
	if e.kind != 'b' {
		return false, nil
	}
	for i := range dst {
		dst[i] = raw[i] != 0
	}
	return true, nil
}

func unsigned(raw []byte, size int) uint64 {
	switch size {
	case 1:
		return uint64(raw[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(raw))
	case 4:
		return uint64(binary.LittleEndian.Uint32(raw))
	}
	return binary.LittleEndian.Uint64(raw)
}

func signed(raw []byte, size int) int64 {
	unused := 64 - 8*size
	return int64(unsigned(raw, size)<<unused) >> unused
}

// half converts an IEEE 754 half-precision number: 1 bit of sign, 5 of
// exponent, 10 of fraction. Every one is a float64.
func half(bits uint16) float64 {
	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)
	var v float64
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -24)
	case 0x1f:
		v = math.Inf(1)
		if fraction != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(1024+fraction, exponent-25)
	}
	if bits>>15 != 0 {
		v = -v
	}
	return v
}

// characters yields the UTF-32 characters of one string element.
func characters(raw []byte) iter.Seq2[int, rune] {
	return func(yield func(int, rune) bool) {
		for i := 0; i+4 <= len(raw); i += 4 {
			if !yield(i/4, rune(binary.LittleEndian.Uint32(raw[i:]))) {
				return
			}
		}
	}
}
