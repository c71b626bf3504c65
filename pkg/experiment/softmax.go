package experiment

import (
	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// softmaxRung is rung A0: the transformer's own answer.
type softmaxRung struct {
	attention  []float64 // [N×N]; nil unless asked for
	output     []float64 // [N×d_v]
	z          []float64 // Z_t = Σ_s exp(q_t·k_s); +Inf beyond float64
	deviations []float64 // of a score estimate, one for each query; nil for biased maps
}

// solveSoftmax computes a few rows of the attention matrix at a time and takes
// from them what is wanted, so that without attention no N×N array is formed.
func solveSoftmax(in *headInput, spec features.Spec, causal, attention bool) *softmaxRung {
	n, d, dv := in.n, in.d, in.dv
	a := &softmaxRung{output: make([]float64, n*dv)}
	if attention {
		a.attention = make([]float64, n*n)
	}
	deviation, unbiased := features.NewScoreDeviation(spec, in.k, d)
	logZ := transformer.SoftmaxRows(in.q, in.k, n, d, causal, func(first int, rows []float64) {
		count := len(rows) / n
		kernel.Gemm(false, false, count, dv, n, 1, rows, n, in.v, dv, 0, a.output[first*dv:], dv)
		if unbiased {
			a.deviations = append(a.deviations, deviation.Of(in.q[first*d:(first+count)*d], rows)...)
		}
		if attention {
			copy(a.attention[first*n:], rows)
		}
	})
	a.z = exponentials(logZ)
	return a
}

func exponentials(log []float64) []float64 {
	z := make([]float64, len(log))
	for i, l := range log {
		z[i] = portable.Exp(l)
	}
	return z
}
