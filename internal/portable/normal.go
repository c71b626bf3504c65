package portable

import (
	"math"
	"math/rand/v2"
)

// The density's right half is cut into layers of equal area (Marsaglia & Tsang,
// The ziggurat method for generating random variables, J. Stat. Softw. 5(8),
// 2000, whose names these are): a point of a random layer lies under the curve
// nearly always, and a draw costs one multiplication.
const (
	layers     = 128
	layersEdge = 3.442619855899      // where the bottom layer's tail begins
	layersArea = 9.91256303526217e-3 // of each
)

// ziggurat holds, by layer: below is the largest |j| that is under the curve for
// sure; width makes j, of 32 bits with sign, an abscissa; height is the curve's at
// the layer's edge. The last two are float32, as in package math/rand/v2,
// whose numbers these are.
type ziggurat struct {
	below         [layers]uint32
	width, height [layers]float32
}

var normalLayers = newZiggurat()

func newZiggurat() *ziggurat {
	const span = 1 << 31
	curve := func(x float64) float64 { return Exp(-0.5 * float64(x*x)) }
	z := &ziggurat{}
	x := layersEdge
	base := layersArea / curve(x) // the bottom layer's width, were its tail a rectangle
	z.below[0], z.below[1] = uint32(x/base*span), 0
	z.width[0], z.height[0] = float32(base/span), 1
	z.width[layers-1], z.height[layers-1] = float32(x/span), float32(curve(x))
	for i := layers - 2; i > 0; i-- {
		wider := x
		x = math.Sqrt(-2 * Log(layersArea/wider+curve(wider)))
		z.below[i+1] = uint32(x / wider * span)
		z.width[i], z.height[i] = float32(x/span), float32(curve(x))
	}
	return z
}

// Normal draws a standard normal number. It draws from rng what
// rng.NormFloat64 draws and returns the same number, but for the last bit of
// about one in a million, in the tail, and for what a later Go may change.
func Normal(rng *rand.Rand) float64 {
	z := normalLayers
	for {
		u := rng.Uint64()
		j, layer := int32(u), u>>32%layers
		x := float64(j) * float64(z.width[layer])
		size := uint32(j)
		if j < 0 {
			size = -size
		}
		if size < z.below[layer] {
			return x
		}
		if layer == 0 {
			return math.Copysign(layersEdge+normalTail(rng), float64(j))
		}
		low, high := z.height[layer], z.height[layer-1]
		if low+float32(float32(rng.Float64())*(high-low)) < float32(Exp(-0.5*float64(x*x))) {
			return x
		}
	}
}

// normalTail draws how far a normal number that is beyond layersEdge is beyond.
func normalTail(rng *rand.Rand) float64 {
	for {
		x := float64(-Log(rng.Float64()) * (1 / layersEdge))
		y := -Log(rng.Float64())
		if y+y >= float64(x*x) {
			return x
		}
	}
}
