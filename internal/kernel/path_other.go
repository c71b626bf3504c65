//go:build !amd64

package kernel

// available lists the paths that this processor can run, the fastest first.
func available() []*path { return []*path{pathGo} }

// vectors are the vector kernels of a path: here, those in Go.
type vectors struct{}

func (vectors) dot(x, y []float64) float64                         { return dotGo(x, y) }
func (vectors) max(x []float64) float64                            { return maxGo(x) }
func (vectors) extremes(x []float64) (float64, float64)            { return extremesGo(x) }
func (vectors) dots(x, rows []float64, stride int, sums []float64) { dotsGo(x, rows, stride, sums) }
func (vectors) axpy(alpha float64, x, y []float64)                 { axpyGo(alpha, x, y) }
func (vectors) scale(alpha float64, x []float64)                   { scaleGo(alpha, x) }
func (vectors) exp(dst, src []float64, shift float64)              { expGo(dst, src, shift) }
func (vectors) decayRank1(decay float64, x, y, a []float64)        { decayRank1Go(decay, x, y, a) }
func (vectors) quotients(a0, a1, a2, least float64, x, y, z, w, u []float64) (sumW, sumU float64) {
	return quotientsGo(a0, a1, a2, least, x, y, z, w, u)
}

func (vectors) carry(x, y, z []float64, b0, b1, c0, c1, c2 float64) (xx, xy, xz float64) {
	return carryGo(x, y, z, b0, b1, c0, c1, c2)
}

func (vectors) expSum32(dst, src []float32, shift float32) float32 {
	return expSum32Go(dst, src, shift)
}
func (vectors) max32(x []float32) float32       { return max32Go(x) }
func (vectors) scale32(x []float32, by float32) { scale32Go(x, by) }
func (vectors) add32(dst, x []float32)          { add32Go(dst, x) }
func (vectors) multiply32(x, by, sum []float32) { multiply32Go(x, by, sum) }
func (vectors) gelu32(x []float32)              { gelu32Go(x) }
func (vectors) sigmoidProduct32(x []float32, linear, cubic float32) {
	sigmoidProduct32Go(x, linear, cubic)
}
func (vectors) sum32(x []float32) float64                   { return sum32Go(x) }
func (vectors) squares32(x []float32, mean float64) float64 { return squares32Go(x, mean) }
func (vectors) affine32(dst, x, scale, shift []float32, high, low, by float32) {
	affine32Go(dst, x, scale, shift, high, low, by)
}
func (vectors) divide(x []float64, by float64) { divideGo(x, by) }
