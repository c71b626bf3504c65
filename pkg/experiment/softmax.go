package experiment

import (
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
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

// spec is the feature map that a configuration asks for, without what it takes from tokens.
func spec(cfg *config.Config) features.Spec {
	f := cfg.Network.Features
	return features.Spec{Map: f.Map, Rows: f.Rows, Neurons: f.Neurons}
}

// spec is the same with what the map takes from the head's tokens.
func (h *headInput) spec(cfg *config.Config) (features.Spec, error) {
	s, kind := spec(cfg), cfg.Network.Features.Invariances
	if h.adapted == nil || h.adapted.name != s.Map || h.adapted.kind != kind {
		to, err := features.Adapt(s, kind, h.invariances, features.Tokens{Q: h.q, K: h.k, N: h.n, Dim: h.d, Causal: cfg.Network.Schedule.Order == "causal"})
		if err != nil {
			return s, err
		}
		h.adapted = &adapted{s.Map, kind, to}
	}
	s.To = h.adapted.to
	return s, nil
}

// adapted is what a map has taken from a head's tokens.
type adapted struct {
	name, kind string
	to         *features.Adaptation
}

// scoreDeviation is that of a head's scores; false where the map has none, or takes nothing from such tokens.
func scoreDeviation(in *headInput, cfg *config.Config) (*features.ScoreDeviation, bool) {
	s, err := in.spec(cfg)
	if err != nil {
		return nil, false // drawing the hidden layer says why
	}
	return features.NewScoreDeviation(s, in.k, in.d)
}

// solveSoftmax computes a few rows of the attention matrix at a time and takes
// from them what is wanted, so that without attention no N×N array is formed.
func solveSoftmax(in *headInput, cfg *config.Config, causal bool) *softmaxRung {
	n, d, dv := in.n, in.d, in.dv
	a := &softmaxRung{output: make([]float64, n*dv)}
	if cfg.Record.Attention {
		a.attention = make([]float64, n*n)
	}
	deviation, unbiased := scoreDeviation(in, cfg)
	logZ := transformer.SoftmaxRows(in.q, in.k, n, d, causal, func(first int, rows []float64) {
		count := len(rows) / n
		kernel.Gemm(false, false, count, dv, n, 1, rows, n, in.v, dv, 0, a.output[first*dv:], dv)
		if unbiased {
			a.deviations = append(a.deviations, deviation.Of(in.q[first*d:(first+count)*d], rows)...)
		}
		if cfg.Record.Attention {
			copy(a.attention[first*n:], rows)
		}
	})
	a.z = exponentials(logZ)
	return a
}

// softmaxOf takes the same from a head that the transformer has computed.
func softmaxOf(in *headInput, cfg *config.Config, s transformer.HeadState) *softmaxRung {
	a := &softmaxRung{output: slices.Clone(s.Output), z: exponentials(s.LogZ)}
	if deviation, unbiased := scoreDeviation(in, cfg); unbiased {
		a.deviations = deviation.Of(in.q, s.Attention)
	}
	if cfg.Record.Attention {
		a.attention = slices.Clone(s.Attention)
	}
	return a
}

func exponentials(log []float64) []float64 {
	z := make([]float64, len(log))
	for i, l := range log {
		z[i] = portable.Exp(l)
	}
	return z
}
