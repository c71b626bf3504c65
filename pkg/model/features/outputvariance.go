package features

import (
	"context"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// An OutputVariance predicts, without drawing anything, how far the output of kernel
// attention with independent rows lies from that of softmax attention (science §3).
//
// With ε_ts the relative error of a score estimate, A softmax attention and f = A v its
// output, row t errs to first order by Σ_s A_ts ε_ts (v_s − f_t). All scores of a row share
// the same ω, so that its expected square is
//
//	Σ_ss′ u_s·u_s′ Cov(ε_ts, ε_ts′)      u_s = A_ts (v_s − f_t),  Σ_s u_s = 0
//	m Cov = c₊ e^z + c₋ e^{−z} − c       z = (q_t±k_s)·(q_t±k_s′)
//
// of which the constant drops out. The exponent parts into what is of s, what is of s′ and
// −½|k_s∓k_s′|², so that two Gram matrices of the keys serve all rows and all maps, and all
// maps cost eight products of N × N matrices.
type OutputVariance struct {
	logs map[string]float64 // of each map, ln c: the expected squared relative error is c/m
}

// Attention is one head: queries and keys [N×d], divided by d^{1/4}, and values [N×d_v].
type Attention struct {
	Q, K, V           []float64
	Tokens, Dim, Size int  // N, d, d_v
	Causal            bool // a query sees its own key and earlier ones
}

// NewOutputVariance computes the prediction for all maps of [Predicted]. Its error is that of
// ctx.
func NewOutputVariance(ctx context.Context, head Attention) (*OutputVariance, error) {
	h := newOutputForms(head)
	for first := 0; first < head.Tokens; first += outputRows {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		h.add(first, min(first+outputRows, head.Tokens))
	}
	v := &OutputVariance{logs: map[string]float64{}}
	for i, name := range Predicted() {
		v.logs[name] = math.NaN() // of an output of 0 there is no relative error
		if h.norm2 > 0 {
			v.logs[name] = h.total[i].over(h.norm2)
		}
	}
	return v, nil
}

// Error is the root of the expected ‖f̂ − f‖²/‖f‖² (Frobenius norms over all tokens) with so
// many hidden neurons; NaN for a map that has no prediction, and where the output is 0.
func (v *OutputVariance) Error(name string, neurons float64) float64 {
	log, known := v.logs[name]
	if !known {
		return math.NaN()
	}
	return portable.Exp(0.5 * (log - portable.Log(neurons)))
}

// Neurons is the least number of hidden neurons with which [OutputVariance.Error] is at most
// the given one, even for a pairwise map; +Inf beyond float64. Beyond 2⁵³ it is the nearest
// float64, which is whole.
func (v *OutputVariance) Neurons(name string, relative float64) float64 {
	log, known := v.logs[name]
	if !known || math.IsNaN(log) {
		return math.NaN()
	}
	m := max(1, math.Ceil(portable.Exp(log-float64(2*portable.Log(relative)))))
	if Pairwise(name) {
		m = 2 * math.Ceil(m/2)
	}
	return m
}

// Predicted lists the maps whose error can be predicted: unbiased ones that are drawn.
func Predicted() []string {
	var names []string
	for _, f := range families {
		if f.grows > 0 {
			names = append(names, f.name)
		}
	}
	return names
}

// outputRows is how many rows are held at a time.
const outputRows = 64

// outputForms gathers the quadratic forms of all rows of a head.
type outputForms struct {
	Attention
	q2, k2    []float64
	mean      []float64 // of v, [d_v]; V is less this
	longest   float64   // |v|²
	near, far keyGram
	total     []magnitude // of each predicted map
	norm2     float64     // ‖f‖²

	weights, sums, valued []float64 // space, [rows×N]
}

// keyGram holds e^{−½|k∓k′|²} of all keys, and that times v·v′: [N×N], symmetric.
type keyGram struct{ plain, valued []float64 }

func newOutputForms(head Attention) *outputForms {
	h := &outputForms{Attention: head, q2: squaredNorms(head.Q, head.Dim), k2: squaredNorms(head.K, head.Dim)}
	n, d := head.Tokens, head.Dim
	h.centre()
	products, values := make([]float64, n*n), make([]float64, n*n)
	kernel.Gemm(false, true, n, n, d, 1, h.K, d, h.K, d, 0, products, n)
	kernel.Gemm(false, true, n, n, h.Size, 1, h.V, h.Size, h.V, h.Size, 0, values, n)
	h.near, h.far = h.gram(products, values, 1), h.gram(products, values, -1)
	h.total = make([]magnitude, len(Predicted()))
	space := make([]float64, 3*min(outputRows, n)*n)
	third := len(space) / 3
	h.weights, h.sums, h.valued = space[:third], space[third:2*third], space[2*third:]
	return h
}

// centre takes the mean off the values: v_s − f_t stays as it is, and is rounded less.
func (h *outputForms) centre() {
	h.mean = make([]float64, h.Size)
	for s := range h.Tokens {
		kernel.Axpy(1/float64(h.Tokens), h.V[s*h.Size:(s+1)*h.Size], h.mean)
	}
	centred := make([]float64, len(h.V))
	for i, v := range h.V {
		centred[i] = v - h.mean[i%h.Size]
	}
	h.V = centred
	h.longest = slices.Max(squaredNorms(centred, h.Size))
}

// gram is that of |k−k′| for sign 1, and of |k+k′| for −1.
func (h *outputForms) gram(products, values []float64, sign float64) keyGram {
	n := h.Tokens
	g := keyGram{plain: make([]float64, n*n), valued: make([]float64, n*n)}
	for i := range n {
		row := g.plain[i*n : (i+1)*n]
		for j := range row {
			row[j] = min(0, float64(sign*products[i*n+j])-float64(0.5*(h.k2[i]+h.k2[j])))
		}
		kernel.Exp(row, row, 0)
		for j, e := range row {
			g.valued[i*n+j] = e * values[i*n+j]
		}
	}
	return g
}

// A magnitude is value·e^{log}, which float64 need not hold.
type magnitude struct{ value, log float64 }

func (x magnitude) plus(y magnitude) magnitude {
	switch {
	case y.value == 0:
		return x
	case x.value == 0:
		return y
	case y.log > x.log:
		x, y = y, x
	}
	x.value += float64(y.value * portable.Exp(y.log-x.log))
	return x
}

// over is the logarithm of x/y; −Inf where x is 0, or below it by rounding.
func (x magnitude) over(y float64) float64 {
	return x.log + portable.Log(max(x.value, 0)) - portable.Log(y)
}
