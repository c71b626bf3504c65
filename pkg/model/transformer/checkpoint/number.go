package checkpoint

import (
	"encoding/binary"
	"math"
)

// A number format is how a floating-point type is stored, little-endian.
type numberFormat struct {
	size   int
	widen  func(dst []float64, src []byte) // exactly
	finite func(src []byte) int            // index of the first number that is not; −1 for none
}

// formats are the types whose numbers are read.
var formats = map[string]numberFormat{
	"F64": {8, func(dst []float64, src []byte) {
		for i := range dst {
			dst[i] = math.Float64frombits(binary.LittleEndian.Uint64(src[8*i:]))
		}
	}, func(src []byte) int {
		for i := 0; i+8 <= len(src); i += 8 {
			if binary.LittleEndian.Uint64(src[i:])>>52&0x7ff == 0x7ff {
				return i / 8
			}
		}
		return -1
	}},
	"F32": {4, func(dst []float64, src []byte) {
		for i := range dst {
			dst[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:])))
		}
	}, func(src []byte) int {
		for i := 0; i+4 <= len(src); i += 4 {
			if binary.LittleEndian.Uint32(src[i:])>>23&0xff == 0xff {
				return i / 4
			}
		}
		return -1
	}},
	"F16": {2, func(dst []float64, src []byte) {
		for i := range dst {
			dst[i] = half(binary.LittleEndian.Uint16(src[2*i:]))
		}
	}, func(src []byte) int {
		for i := 0; i+2 <= len(src); i += 2 {
			if binary.LittleEndian.Uint16(src[i:])>>10&0x1f == 0x1f {
				return i / 2
			}
		}
		return -1
	}},
	"BF16": {2, func(dst []float64, src []byte) { // the upper half of a float32
		for i := range dst {
			dst[i] = float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16))
		}
	}, func(src []byte) int {
		for i := 0; i+2 <= len(src); i += 2 {
			if binary.LittleEndian.Uint16(src[i:])>>7&0xff == 0xff {
				return i / 2
			}
		}
		return -1
	}},
}

// half widens an IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits.
func half(h uint16) float64 {
	sign := 1.0
	if h>>15 != 0 {
		sign = -1
	}
	exponent, fraction := int(h>>10&31), float64(h&1023)
	switch exponent {
	case 0: // subnormal
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}
