package family

import (
	"maps"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// activation is one of the point-wise non-linearities of config.json.
type activation func(float64) float64

// activations lists the supported ones by the names that config.json has for them.
var activations = map[string]activation{
	"gelu": gelu, "gelu_python": gelu,
	"gelu_new": geluTanh, "gelu_pytorch_tanh": geluTanh, "gelu_fast": geluTanh, "gelu_accurate": geluTanh,
	"quick_gelu": func(x float64) float64 { return x * sigmoid(1.702*x) },
	"relu":       func(x float64) float64 { return max(x, 0) },
	"silu":       silu, "swish": silu,
	"tanh": portable.Tanh,
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
	for i, v := range x {
		x[i] = T(f(float64(v)))
	}
}
