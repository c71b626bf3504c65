package family

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// poolings are the ways of making one vector of a text's, in the order in which several stand side by side, with the key by
// which older files ask for them.
var poolings = []struct {
	name, older string
	pool
}{
	{"cls", "pooling_mode_cls_token", firstToken},
	{"max", "pooling_mode_max_tokens", largest},
	{"mean", "pooling_mode_mean_tokens", mean},
	{"mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens", meanByRoot},
	{"weightedmean", "pooling_mode_weightedmean_tokens", meanByPosition},
	{"lasttoken", "pooling_mode_lasttoken", lastToken},
}

// Pool makes one vector of hidden states [N×width] by a pooling's name.
func Pool(name string, x []float64, width int) []float64 {
	return slices.Clone(poolOf(name).of(x, width))
}

// PoolBack takes the gradient by what Pool makes of x to that by x.
func PoolBack(name string, x, dy []float64, width int) []float64 {
	return poolOf(name).back(x, dy, width)
}

// readPools reads which poolings there are, of one key or of one for each.
func readPools(o *checkpoint.Object) (names []string) {
	switch raw := o.Raw("pooling_mode"); {
	case raw != nil && raw[0] == '"':
		names = []string{o.String("pooling_mode", "")}
	case raw != nil:
		names = o.Strings("pooling_mode")
	default:
		for _, p := range poolings {
			if o.Bool(p.older, false) {
				names = append(names, p.name)
			}
		}
	}
	if len(names) == 0 {
		return []string{"mean"}
	}
	for _, name := range names {
		if poolOf(name) == nil {
			o.Fail("pooling_mode is %q; supported are %s", name, poolNames())
		}
	}
	return names
}

func poolOf(name string) *pool {
	for i := range poolings {
		if poolings[i].name == name {
			return &poolings[i].pool
		}
	}
	return nil
}

func poolNames() string {
	var names []string
	for _, p := range poolings {
		names = append(names, p.name)
	}
	return checkpoint.Quoted(names)
}

// mean is the mean of all tokens.
var mean = weighted(func(int) float64 { return 1 }, func(n float64) float64 { return n })

// meanByRoot is their sum, divided by the root of their number.
var meanByRoot = weighted(func(int) float64 { return 1 }, math.Sqrt)

// meanByPosition weighs the first token by 1, the second by 2 and so on.
var meanByPosition = weighted(func(t int) float64 { return float64(t + 1) }, func(n float64) float64 { return n })

// weighted is the weighted sum of the tokens, over the divisor of the weights' sum.
func weighted(weight func(token int) float64, divisor func(total float64) float64) pool {
	sum := func(n int) float64 {
		total := 0.0
		for t := range n {
			total += weight(t)
		}
		return divisor(total)
	}
	return pool{
		of: func(x []float64, width int) []float64 {
			y, by := make([]float64, width), sum(len(x)/width)
			for t := range len(x) / width {
				w := weight(t)
				for i, v := range x[t*width : (t+1)*width] {
					y[i] += float64(w * v)
				}
			}
			for i := range y {
				y[i] /= by
			}
			return y
		},
		back: func(x, dy []float64, width int) []float64 {
			dx, by := make([]float64, len(x)), sum(len(x)/width)
			for i := range dx {
				dx[i] = weight(i/width) * dy[i%width] / by
			}
			return dx
		},
	}
}

// largest is the largest of every unit.
var largest = pool{
	of: func(x []float64, width int) []float64 {
		y := slices.Clone(x[:width])
		for i, v := range x {
			y[i%width] = max(y[i%width], v)
		}
		return y
	},
	back: func(x, dy []float64, width int) []float64 { // to the first that is the largest
		dx := make([]float64, len(x))
		for unit := range width {
			at := unit
			for i := unit; i < len(x); i += width {
				if x[i] > x[at] {
					at = i
				}
			}
			dx[at] = dy[unit]
		}
		return dx
	},
}
