package kernel

import "math"

// What a transformer in float32 applies to rows: exp and softmax, GELU and its
// kin, layer normalisation, sums. The vector paths compute in float32; sums over
// a row run in 16 lanes on both, so that both give the same bits. Go computes
// an element in float64 and rounds it once.

// geluCoefficients are those of G, highest power first, which leaves Φ wrong by
// 5.3e-8 of itself (testdata/single_coefficients.py).
var geluCoefficients = [...]float32{
	-0x1.4d72a0p-13,
	-0x1.49dee4p-12,
	0x1.66a482p-11,
	0x1.4b32e4p-9,
	-0x1.a359eap-10,
	-0x1.0c7c70p-6,
	0x1.2ea10ep-7,
	0x1.0e4f3cp-3,
	-0x1.bc19c0p-2,
	0x1.69cee6p-1,
}

// GELU is max(x, 0) − a Φ(−a) with a = |x|, and Φ(−a) = exp(−a²/2) G(t)/(a + K) with
// t = 1 − 2K/(a + K). So it is right to the last few bits also where Φ is
// small. Beyond a = geluMost, a Φ(−a) is less than the smallest float32.
const (
	geluK    = 2.5
	geluMost = 15
)

// The hyperbolic tangent of GELU's approximation, ½ x (1 + tanh(√(2/π)(x + 0.044715x³))),
// is x σ(geluLinear x + geluCubic x³).
const (
	geluLinear = 2 * 0.797884560802865355879892119868763737
	geluCubic  = geluLinear * 0.044715
)

// sigmoidMost is where x σ(cx) is x or 0 to all bits, for c of 0.9 or more.
const sigmoidMost = 128

func expSum32Go(dst, src []float32, shift float32) float32 {
	sum := 0.0
	for i, v := range src {
		dst[i] = float32(exp1(float64(v + shift)))
		sum += float64(dst[i])
	}
	return float32(sum)
}

func max32Go(x []float32) float32 {
	most := float32(math.Inf(-1))
	for _, v := range x {
		if v > most {
			most = v
		}
	}
	return most
}

func scale32Go(x []float32, by float32) {
	for i := range x {
		x[i] *= by
	}
}

func add32Go(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] += x[i]
	}
}

func multiply32Go(x, by, sum []float32) {
	by, sum = by[:len(x)], sum[:len(x)]
	for i, v := range x {
		x[i] = float32(v * by[i])
		sum[i] += x[i]
	}
}

func gelu32Go(x []float32) {
	for i, v := range x {
		if v == 0 {
			continue
		}
		a := math.Min(math.Abs(float64(v)), geluMost)
		u := 1 / (a + geluK)
		t := 1 - float64(2*geluK*u)
		g := 0.0
		for _, c := range geluCoefficients {
			g = float64(g*t) + float64(c)
		}
		tail := float64(float64(float64(a*u)*g) * exp1(-0.5*float64(a*a)))
		if v > 0 {
			x[i] = float32(float64(v) - tail)
		} else {
			x[i] = float32(-tail)
		}
	}
}

// sigmoidProduct32Go replaces x by x σ(linear x + cubic x³).
func sigmoidProduct32Go(x []float32, linear, cubic float32) {
	for i, v := range x {
		y := float64(v)
		if y < -sigmoidMost { // which keeps −Inf · 0 out
			y = -sigmoidMost
		}
		bounded := math.Min(y, sigmoidMost)
		square := float64(bounded * bounded)
		slope := float64(linear) + float64(float64(cubic)*square)
		x[i] = float32(y / (1 + float64(exp1(-float64(bounded*slope)))))
	}
}

func sum32Go(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v)
	}
	return sum
}

func squares32Go(x []float32, mean float64) float64 {
	sum := 0.0
	for _, v := range x {
		d := float64(v) - mean
		sum += float64(d * d)
	}
	return sum
}

func affine32Go(dst, x, scale, shift []float32, high, low, by float32) {
	x, scale, shift = x[:len(dst)], scale[:len(dst)], shift[:len(dst)]
	for i := range dst {
		d := (x[i] - high) - low
		dst[i] = float32(float32(d*by)*scale[i]) + shift[i]
	}
}
