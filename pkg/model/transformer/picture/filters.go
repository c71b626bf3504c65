package picture

import (
	"math"

	"github.com/nasim-sim/nasim/internal/portable"
)

// filter is a resampling kernel, zero outside ±support.
type filter struct {
	name    string
	support float64
	weight  func(float64) float64 // nil: the nearest pixel
}

// filters by the numbers of preprocessor_config.json, which are Pillow's.
var filters = [...]filter{
	0: {"nearest", 0, nil},
	1: {"lanczos", 3, lanczos},
	2: {"bilinear", 1, func(x float64) float64 { return max(0, 1-math.Abs(x)) }},
	3: {"bicubic", 2, cubic},
	4: {"box", 0.5, box},
	5: {"hamming", 1, hamming},
}

func box(x float64) float64 {
	if x > -0.5 && x <= 0.5 {
		return 1
	}
	return 0
}

// hamming is a sinc of one lobe under a Hamming window, whose constants Pillow has in single precision.
func hamming(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x == 0:
		return 1
	case x >= 1:
		return 0
	}
	x *= math.Pi
	return portable.Sin(x) / x * (float64(float32(0.54)) + float64(float64(float32(0.46))*portable.Cos(x)))
}

// cubic is Keys' cubic convolution kernel with a = −½ (IEEE Trans. ASSP 29, 1981).
func cubic(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	switch {
	case x < 1:
		return float64((float64((a+2)*x)-(a+3))*x*x) + 1
	case x < 2:
		return a * (float64((float64((x-5)*x)+8)*x) - 4)
	}
	return 0
}

// lanczos is a sinc of three lobes under the middle lobe of a wider one (Duchon 1979).
func lanczos(x float64) float64 {
	if x < -3 || x >= 3 {
		return 0
	}
	return sinc(x) * sinc(x/3)
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return portable.Sin(x) / x
}
