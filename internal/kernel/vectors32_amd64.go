package kernel

// The vector kernels of single.go, and divide, by path.

func (v vectors) expSum32(dst, src []float32, shift float32) float32 {
	switch v {
	case vectorsAVX512:
		return expSum32AVX512(dst, src, shift)
	case vectorsAVX2:
		return expSum32AVX2(dst, src, shift)
	}
	return expSum32Go(dst, src, shift)
}

func (v vectors) max32(x []float32) float32 {
	switch v {
	case vectorsAVX512:
		return max32AVX512(x)
	case vectorsAVX2:
		return max32AVX2(x)
	}
	return max32Go(x)
}

func (v vectors) scale32(x []float32, by float32) {
	switch v {
	case vectorsAVX512:
		scale32AVX512(x, by)
	case vectorsAVX2:
		scale32AVX2(x, by)
	default:
		scale32Go(x, by)
	}
}

func (v vectors) add32(dst, x []float32) {
	switch v {
	case vectorsAVX512:
		add32AVX512(dst, x)
	case vectorsAVX2:
		add32AVX2(dst, x)
	default:
		add32Go(dst, x)
	}
}

func (v vectors) multiply32(x, by, sum []float32) {
	switch v {
	case vectorsAVX512:
		multiply32AVX512(x, by, sum)
	case vectorsAVX2:
		multiply32AVX2(x, by, sum)
	default:
		multiply32Go(x, by, sum)
	}
}

func (v vectors) gelu32(x []float32) {
	switch v {
	case vectorsAVX512:
		gelu32AVX512(x)
	case vectorsAVX2:
		gelu32AVX2(x)
	default:
		gelu32Go(x)
	}
}

func (v vectors) sigmoidProduct32(x []float32, linear, cubic float32) {
	switch v {
	case vectorsAVX512:
		sigmoidProduct32AVX512(x, linear, cubic)
	case vectorsAVX2:
		sigmoidProduct32AVX2(x, linear, cubic)
	default:
		sigmoidProduct32Go(x, linear, cubic)
	}
}

func (v vectors) sum32(x []float32) float64 {
	switch v {
	case vectorsAVX512:
		return sum32AVX512(x)
	case vectorsAVX2:
		return sum32AVX2(x)
	}
	return sum32Go(x)
}

func (v vectors) squares32(x []float32, mean float64) float64 {
	switch v {
	case vectorsAVX512:
		return squares32AVX512(x, mean)
	case vectorsAVX2:
		return squares32AVX2(x, mean)
	}
	return squares32Go(x, mean)
}

func (v vectors) affine32(dst, x, scale, shift []float32, high, low, by float32) {
	switch v {
	case vectorsAVX512:
		affine32AVX512(dst, x, scale, shift, high, low, by)
	case vectorsAVX2:
		affine32AVX2(dst, x, scale, shift, high, low, by)
	default:
		affine32Go(dst, x, scale, shift, high, low, by)
	}
}

func (v vectors) divide(x []float64, by float64) {
	switch v {
	case vectorsAVX512:
		divideAVX512(x, by)
	case vectorsAVX2:
		divideAVX2(x, by)
	default:
		divideGo(x, by)
	}
}
