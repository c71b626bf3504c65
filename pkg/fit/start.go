package fit

import (
	"errors"
	"math"
	"math/rand/v2"

	"github.com/nasim-sim/nasim/pkg/model/features"
)

// Starts of a fit: maps that know the data (science §3), drawn for inputs that the map is fitted to.
const (
	StartPairs = features.Pairs // rows are sums of pairs that attend each other
	StartGauss = features.Gauss // rows are Gaussian, of the moments of such sums
)

// mostStartInputs is how many inputs are read for a start.
const mostStartInputs = 512

// mostStartTokens is from how many tokens, about, the rows are drawn.
const mostStartTokens = 8192

// Start tunes a map to the tokens without training: its rows and their weights w are those of the maps pairs or gauss, of all inputs
// together,
//
//	W_q = ω,  W_k = ω + A⁻ᵀq̄,  b_q = b_k = ½ log w,  u = −½
//
// A presynaptic neuron is thus tuned to what occurs, and the coupling corrects for what occurs too often.
func Start(f Form, kind string, inputs []*Tokens[float64], v *Invariances, causal bool, rng *rand.Rand) (*Parameters[float64], error) {
	if len(inputs) == 0 {
		return nil, errors.New("there are no inputs to start from")
	}
	d, m, tokens := f.Dim, f.Neurons, 0
	var from []features.Tokens
	for _, in := range inputs {
		if tokens += in.N; tokens > mostStartTokens && from != nil {
			break
		}
		from = append(from, features.Tokens{Q: in.Q, K: in.K, N: in.N, Dim: d, Causal: causal})
	}
	rows, half, err := features.Rows(kind, from, v.Shift, m, rng)
	if err != nil {
		return nil, err
	}
	p := NewParameters[float64](f)
	for i := range m {
		p.Query.B[i], p.Key.B[i] = half[i], half[i]
		for j, x := range rows[i*d : (i+1)*d] {
			p.Query.W[i*f.Inputs()+j] = x
			p.Key.W[i*f.Inputs()+j] = x + v.Shift[j]
		}
	}
	for j := range p.Square {
		p.Square[j] = -0.5
	}
	for _, side := range []*Side[float64]{&p.Query, &p.Key} {
		for i := range side.D {
			side.D[i] = rng.NormFloat64() / math.Sqrt(float64(d))
		}
		for i := range side.C {
			side.C[i] = rng.Float64()
		}
	}
	return p, nil
}
