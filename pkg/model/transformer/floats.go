package transformer

import (
	"encoding/binary"
	"math"
)

// decoders widen the stored bytes (little-endian) of a floating-point type to float32, exactly.
var decoders = map[string]func([]byte) []float32{
	"F32": func(b []byte) []float32 {
		return decode(b, 4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) })
	},
	"F16": func(b []byte) []float32 {
		return decode(b, 2, func(b []byte) float32 { return halfToFloat(binary.LittleEndian.Uint16(b)) })
	},
	"BF16": func(b []byte) []float32 { // the upper half of a float32
		return decode(b, 2, func(b []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16) })
	},
}

func decode(b []byte, size int, one func([]byte) float32) []float32 {
	x := make([]float32, len(b)/size)
	for i := range x {
		x[i] = one(b[i*size:])
	}
	return x
}

// halfToFloat widens an IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits.
func halfToFloat(h uint16) float32 {
	sign := 1.0
	if h>>15 != 0 {
		sign = -1
	}
	exponent, fraction := int(h>>10&31), float64(h&1023)
	switch exponent {
	case 0: // subnormal
		return float32(sign * math.Ldexp(fraction, -24))
	case 31:
		if fraction != 0 {
			return float32(math.NaN())
		}
		return float32(math.Inf(int(sign)))
	}
	return float32(sign * math.Ldexp(1024+fraction, exponent-25))
}
