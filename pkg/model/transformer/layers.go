package transformer

import (
	"math"

	"github.com/nasim-sim/nasim/internal/portable"
)

// linear is y = x Wᵀ + b as PyTorch stores it: weight out × in, bias out (nil for none). Weights stay in the checkpoint's
// float32; a product widens them, so that the arithmetic is float64 throughout.
type linear struct {
	in, out int
	weight  []float32
	bias    []float32
}

// apply maps n rows of in numbers to n rows of out numbers.
func (l linear) apply(x []float64, n int) []float64 {
	y := make([]float64, n*l.out)
	matmul(false, true, n, l.out, l.in, x, widen(l.weight), y)
	if l.bias != nil {
		addToRows(y, l.bias)
	}
	return y
}

// layerNorm is PyTorch's LayerNorm over the last axis: (x − mean)/√(variance + eps) · scale + shift, variance over all
// numbers (biased).
type layerNorm struct {
	scale, shift []float32
	eps          float64
}

func (l layerNorm) apply(x []float64) []float64 {
	width := len(l.scale)
	y := make([]float64, len(x))
	for r := 0; r < len(x); r += width {
		l.row(y[r:r+width], x[r:r+width])
	}
	return y
}

func (l layerNorm) row(y, x []float64) {
	mean := 0.0
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	variance := 0.0
	for _, v := range x {
		variance += float64((v - mean) * (v - mean))
	}
	variance /= float64(len(x))
	f := 1 / math.Sqrt(variance+l.eps)
	for i, v := range x {
		y[i] = float64((v-mean)*f*float64(l.scale[i])) + float64(l.shift[i])
	}
}

// activation is one of the point-wise non-linearities of config.json's hidden_act.
type activation func(float64) float64

// activations lists the supported values of hidden_act.
var activations = map[string]activation{
	"gelu":              gelu,
	"gelu_new":          geluTanh,
	"gelu_pytorch_tanh": geluTanh,
	"relu":              func(x float64) float64 { return max(x, 0) },
}

// gelu is x Φ(x) with Φ the normal distribution function (Hendrycks & Gimpel, arXiv 1606.08415).
func gelu(x float64) float64 { return 0.5 * x * (1 + portable.Erf(x/math.Sqrt2)) }

// geluTanh is the same paper's approximation by a hyperbolic tangent, used by ALBERT and GPT-2.
func geluTanh(x float64) float64 {
	return 0.5 * x * (1 + portable.Tanh(math.Sqrt(2/math.Pi)*(x+float64(0.044715*x*x*x))))
}

func (f activation) apply(x []float64) {
	for i, v := range x {
		x[i] = f(v)
	}
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// addToRows adds b to every row of x.
func addToRows(x []float64, b []float32) {
	for r := 0; r < len(x); r += len(b) {
		row := x[r : r+len(b)]
		for i, v := range b {
			row[i] += float64(v)
		}
	}
}

func add(x, y []float64) []float64 {
	z := make([]float64, len(x))
	for i := range x {
		z[i] = x[i] + y[i]
	}
	return z
}
