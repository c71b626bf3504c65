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
	of   func(float64) float64
	many func(x []float32)
}

// activations lists the supported ones by the names that config.json has for them.
var activations = map[string]activation{
	"gelu": {gelu, kernel.Gelu32}, "gelu_python": {gelu, kernel.Gelu32},
	"gelu_new": {geluTanh, kernel.GeluTanh32}, "gelu_pytorch_tanh": {geluTanh, kernel.GeluTanh32},
	"gelu_fast": {geluTanh, kernel.GeluTanh32}, "gelu_accurate": {geluTanh, kernel.GeluTanh32},
	"quick_gelu": {func(x float64) float64 { return x * sigmoid(1.702*x) }, kernel.QuickGelu32},
	"relu":       {of: func(x float64) float64 { return max(x, 0) }},
	"silu":       {silu, kernel.Silu32}, "swish": {silu, kernel.Silu32},
	"tanh": {of: portable.Tanh},
}

// gelu is x Φ(x) with Φ the normal distribution function (Hendrycks & Gimpel, arXiv 1606.08415).
func gelu(x float64) float64 { return 0.5 * x * (1 + portable.Erf(x/math.Sqrt2)) }

// geluTanh is the same paper's approximation by a hyperbolic tangent.
func geluTanh(x float64) float64 {
	return 0.5 * x * (1 + portable.Tanh(math.Sqrt(2/math.Pi)*(x+float64(0.044715*x*x*x))))
}

func sigmoid(x float64) float64 { return 1 / (1 + portable.Exp(-x)) }

func silu(x float64) float64 { return x * sigmoid(x) }

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
