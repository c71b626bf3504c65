package experiment

import (
	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

func noKernel(r *Run, a *runArrays) string {
	switch h := a.heads[0]; {
	case r.Config.Input.Tensors != nil && h.normalizer[compare.Softmax] == nil && h.normalizer[compare.Kernel] != nil:
		return "features were given without q and k: there is no exp(q·k)"
	case !r.Config.Record.Attention:
		return "it needs record.attention: true"
	case h.attention[compare.Kernel] == nil || h.normalizer[compare.Kernel] == nil || h.q == nil:
		return "it needs record.arrays: all"
	}
	return ""
}

// kernel draws the scores of the network against those of softmax attention.
func (d *drawing) kernel(_ *sheet, i int) (*plotting.Figure, error) {
	in, err := d.kernelInput(i)
	if err != nil {
		return nil, err
	}
	return plotting.Kernel(in)
}

// kernelInput takes the scores from what a run stores of its kernel rung: a row of its attention times
// what it was divided by, whatever the map.
func (d *drawing) kernelInput(i int) (plotting.KernelInput, error) {
	r, a, h := d.runs[0], d.arrays[0], d.arrays[0].heads[i]
	n, name := a.tokens, r.Config.Network.Features.Map
	in := plotting.KernelInput{
		Width: d.set.Width, Subject: d.subject(i), Tokens: n, Map: name, Neurons: neuronsOf(r.Report.Heads[i]), Matched: !features.Unbiased(name),
		Exact: make([]float64, n*n), Score: make([]float64, n*n),
	}
	kernel.Gemm(false, true, n, n, a.dim, 1, h.q, a.dim, h.k, a.dim, 0, in.Exact, n)
	kernel.Exp(in.Exact, in.Exact, 0)
	sums := h.withoutGain(h.normalizer[compare.Kernel])
	if in.Matched {
		sums = h.normalizer[compare.Softmax]
	}
	for t := range n {
		for s, share := range h.attention[compare.Kernel][t*n : (t+1)*n] {
			in.Score[t*n+s] = share * sums[t]
		}
	}
	if r.Config.Network.Parameters().Causal {
		for t := range n {
			in.Keys = append(in.Keys, t+1)
		}
	}
	f := r.Config.Network.Features
	if in.Neurons == 0 || f.File != "" { // invariances of a map file are not read again
		return in, nil
	}
	tokens := features.Tokens{Q: h.q, K: h.k, N: n, Dim: a.dim, Causal: r.Config.Network.Parameters().Causal}
	spec := features.Spec{Map: name, Neurons: in.Neurons}
	var err error
	if spec.To, err = features.Adapt(spec, f.Invariances, nil, tokens); err != nil {
		return in, err
	}
	if deviation, known := features.NewScoreDeviation(spec, h.k, a.dim); known {
		in.Deviation = deviation.Each(h.q)
	}
	return in, nil
}
