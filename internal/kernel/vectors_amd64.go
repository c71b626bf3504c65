package kernel

// vectors chooses the vector kernels of a path. It does so by a switch and not
// by function values, so that the compiler sees that their slices do not
// escape.
type vectors int

const (
	vectorsGo vectors = iota
	vectorsAVX2
	vectorsAVX512
)

func (v vectors) dot(x, y []float64) float64 {
	switch v {
	case vectorsAVX512:
		return dotAVX512(x, y)
	case vectorsAVX2:
		return dotAVX2(x, y)
	}
	return dotGo(x, y)
}

func (v vectors) dots(x, rows []float64, stride int, sums []float64) {
	switch v {
	case vectorsAVX512:
		dotsAVX512(x, rows, stride, sums)
	case vectorsAVX2:
		dotsAVX2(x, rows, stride, sums)
	default:
		dotsGo(x, rows, stride, sums)
	}
}

func (v vectors) max(x []float64) float64 {
	switch v {
	case vectorsAVX512:
		return maxAVX512(x)
	case vectorsAVX2:
		return maxAVX2(x)
	}
	return maxGo(x)
}

func (v vectors) extremes(x []float64) (least, greatest float64) {
	switch v {
	case vectorsAVX512:
		return extremesAVX512(x)
	case vectorsAVX2:
		return extremesAVX2(x)
	}
	return extremesGo(x)
}

func (v vectors) axpy(alpha float64, x, y []float64) {
	switch v {
	case vectorsAVX512:
		axpyAVX512(alpha, x, y)
	case vectorsAVX2:
		axpyAVX2(alpha, x, y)
	default:
		axpyGo(alpha, x, y)
	}
}

func (v vectors) scale(alpha float64, x []float64) {
	switch v {
	case vectorsAVX512:
		scaleAVX512(alpha, x)
	case vectorsAVX2:
		scaleAVX2(alpha, x)
	default:
		scaleGo(alpha, x)
	}
}

func (v vectors) exp(dst, src []float64, shift float64) {
	switch v {
	case vectorsAVX512:
		expAVX512(dst, src, shift)
	case vectorsAVX2:
		expAVX2(dst, src, shift)
	default:
		expGo(dst, src, shift)
	}
}

func (v vectors) decayRank1(decay float64, x, y, a []float64) {
	switch v {
	case vectorsAVX512:
		decayRank1AVX512(decay, x, y, a)
	case vectorsAVX2:
		decayRank1AVX2(decay, x, y, a)
	default:
		decayRank1Go(decay, x, y, a)
	}
}

func (v vectors) quotients(a0, a1, a2, least float64, x, y, z, w, u []float64) (sumW, sumU float64) {
	switch v {
	case vectorsAVX512:
		return quotientsAVX512(a0, a1, a2, least, x, y, z, w, u)
	case vectorsAVX2:
		return quotientsAVX2(a0, a1, a2, least, x, y, z, w, u)
	}
	return quotientsGo(a0, a1, a2, least, x, y, z, w, u)
}

func (v vectors) carry(x, y, z []float64, b0, b1, c0, c1, c2 float64) (xx, xy, xz float64) {
	switch v {
	case vectorsAVX512:
		return carryAVX512(x, y, z, b0, b1, c0, c1, c2)
	case vectorsAVX2:
		return carryAVX2(x, y, z, b0, b1, c0, c1, c2)
	}
	return carryGo(x, y, z, b0, b1, c0, c1, c2)
}
