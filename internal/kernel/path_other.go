//go:build !amd64

package kernel

// available lists the paths that this processor can run, the fastest first.
func available() []*path { return []*path{pathGo} }

// vectors are the vector kernels of a path: here, those in Go.
type vectors struct{}

func (vectors) dot(x, y []float64) float64                  { return dotGo(x, y) }
func (vectors) max(x []float64) float64                     { return maxGo(x) }
func (vectors) axpy(alpha float64, x, y []float64)          { axpyGo(alpha, x, y) }
func (vectors) exp(dst, src []float64, shift float64)       { expGo(dst, src, shift) }
func (vectors) decayRank1(decay float64, x, y, a []float64) { decayRank1Go(decay, x, y, a) }
func (vectors) quotients(a0, a1, a2, least float64, x, y, z, w, u []float64) (sumW, sumU float64) {
	return quotientsGo(a0, a1, a2, least, x, y, z, w, u)
}

func (vectors) carry(x, y, z []float64, b0, b1, c0, c1, c2 float64) (xx, xy, xz float64) {
	return carryGo(x, y, z, b0, b1, c0, c1, c2)
}
