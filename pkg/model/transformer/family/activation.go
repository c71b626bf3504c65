package family

import (
	"maps"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// activation is one of the point-wise non-linearities of config.json: of a number, and, where there is a fast one, of many in float32.
type activation struct {
	of    func(float64) float64
	slope func(float64) float64 // its derivative
	many  func(x []float32)
}

// activations lists the supported ones by the names that config.json has for them.
var activations = map[string]activation{
	"gelu": {gelu, geluSlope, kernel.Gelu32}, "gelu_python": {gelu, geluSlope, kernel.Gelu32},
	"gelu_new": {geluTanh, geluTanhSlope, kernel.GeluTanh32}, "gelu_pytorch_tanh": {geluTanh, geluTanhSlope, kernel.GeluTanh32},
	"gelu_fast": {geluTanh, geluTanhSlope, kernel.GeluTanh32}, "gelu_accurate": {geluTanh, geluTanhSlope, kernel.GeluTanh32},
	"quick_gelu": {func(x float64) float64 { return x * sigmoid(1.702*x) }, func(x float64) float64 { return gatedSlope(x, sigmoid(1.702*x), 1.702) }, kernel.QuickGelu32},
	"relu":       {of: func(x float64) float64 { return max(x, 0) }, slope: reluSlope},
	"silu":       {silu, siluSlope, kernel.Silu32}, "swish": {silu, siluSlope, kernel.Silu32},
	"tanh": {of: portable.Tanh, slope: tanhSlope},
}

// gelu is x Φ(x) with Φ the normal distribution function (Hendrycks & Gimpel, arXiv 1606.08415).
func gelu(x float64) float64 { return 0.5 * x * (1 + portable.Erf(x/math.Sqrt2)) }

// geluTanh is the same paper's approximation by a hyperbolic tangent.
func geluTanh(x float64) float64 {
	return 0.5 * x * (1 + portable.Tanh(math.Sqrt(2/math.Pi)*(x+float64(0.044715*x*x*x))))
}

func sigmoid(x float64) float64 { return 1 / (1 + portable.Exp(-x)) }

func silu(x float64) float64 { return x * sigmoid(x) }

// geluSlope is the derivative of gelu, as the others below are of theirs.
func geluSlope(x float64) float64 {
	return float64(0.5*(1+portable.Erf(x/math.Sqrt2))) + float64(x*portable.Exp(-x*x/2)/math.Sqrt(2*math.Pi))
}

func geluTanhSlope(x float64) float64 {
	const c = 2 * 0.79788456080286535587989211986876 // ½ (1 + tanh y) is σ(2y)
	return gatedSlope(x, sigmoid(c*(x+float64(0.044715*x*x*x))), c*(1+float64(3*0.044715*x*x)))
}

// gatedSlope is the derivative of x σ(u(x)), with σ's value and u's derivative at x.
func gatedSlope(x, gate, du float64) float64 { return gate + float64(x*gate*(1-gate)*du) }

func siluSlope(x float64) float64 { return gatedSlope(x, sigmoid(x), 1) }

// reluSlope is 0 at 0, where there is no derivative, as PyTorch takes it.
func reluSlope(x float64) float64 {
	if x > 0 {
		return 1
	}
	return 0
}

func tanhSlope(x float64) float64 {
	y := portable.Tanh(x)
	return 1 - float64(y*y)
}

// activationOf reads the name of one from config.json.
func activationOf(config *checkpoint.Object, key, otherwise string) activation {
	name := config.String(key, otherwise)
	act, ok := activations[name]
	if !ok {
		config.Fail("%s is %q; supported are %s", key, name, checkpoint.Quoted(slices.Sorted(maps.Keys(activations))))
	}
	return act
}

func activate[T Real](f activation, x []T) {
	if single, ok := any(x).([]float32); ok && f.many != nil {
		f.many(single)
		return
	}
	for i, v := range x {
		x[i] = T(f.of(float64(v)))
	}
}

// activateBack multiplies the gradient by what the activation gives by its slope at x, what it was given: the gradient by x.
func activateBack[T Real](f activation, x, gradient []T) {
	for i, v := range x {
		gradient[i] *= T(f.slope(float64(v)))
	}
}
