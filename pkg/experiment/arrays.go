package experiment

import (
	"math"
	"path/filepath"
	"slices"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model"
)

// Names of the array files in a run directory.
const (
	outputsFile    = "outputs.npz"
	featuresFile   = "features.npz"
	trajectoryFile = "trajectory.npz"
)

// stack is an array [S, shape…] gathered from the heads. Heads that lack it are
// an absence for all: selections are of one model or file, whose heads are alike.
func (r *Result) stack(w *npz.Writer, name string, shape []int, of func(*HeadResult) []float64) error {
	var all []float64
	for _, h := range r.heads {
		x := of(h)
		if x == nil {
			return nil
		}
		if all == nil {
			all = make([]float64, 0, len(r.heads)*len(x))
		}
		all = append(all, x...)
	}
	// A NaN from arithmetic has the sign that the processor gives it; a file has
	// the same bytes whatever that is.
	for i, v := range all {
		if math.IsNaN(v) {
			all[i] = math.NaN()
		}
	}
	return w.Float64(name, append([]int{len(r.heads)}, shape...), all)
}

func (r *Result) stackInt(w *npz.Writer, name string, of func(*HeadResult) int) error {
	all := make([]int64, len(r.heads))
	for i, h := range r.heads {
		all[i] = int64(of(h))
	}
	return w.Int64(name, []int{len(all)}, all)
}

// writeOutputs writes outputs.npz: what the heads were given and every rung's
// answer.
func (r *Result) writeOutputs(dir string) error {
	arrays := r.Prepared.Config.Record.Arrays
	if arrays == "none" {
		return nil
	}
	in := r.heads[0].circuit.in
	n, d, dv := in.n, in.d, in.dv
	return writeArrays(filepath.Join(dir, outputsFile), func(w *npz.Writer) error {
		if err := r.stackInt(w, "layer", func(h *HeadResult) int { return h.circuit.in.layer }); err != nil {
			return err
		}
		if err := r.stackInt(w, "head", func(h *HeadResult) int { return h.circuit.in.head }); err != nil {
			return err
		}
		for _, a := range []struct {
			name  string
			width int
			of    func(*headInput) []float64
		}{
			{"q", d, func(h *headInput) []float64 { return h.q }}, {"k", d, func(h *headInput) []float64 { return h.k }},
			{"v", dv, func(h *headInput) []float64 { return h.v }},
		} {
			if err := r.stack(w, a.name, []int{n, a.width}, func(h *HeadResult) []float64 { return a.of(h.circuit.in) }); err != nil {
				return err
			}
		}
		// γ_t, by which a query gain multiplies φ(q_t) and with it p_t.
		if err := r.stack(w, "query_gain", []int{n}, func(h *HeadResult) []float64 { return h.circuit.gain() }); err != nil {
			return err
		}
		for _, rung := range compare.RungNames() {
			if err := r.writeRung(w, rung, arrays == "all", n, dv); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Result) writeRung(w *npz.Writer, rung string, attention bool, n, dv int) error {
	find := func(of func(compare.Rung) []float64) func(*HeadResult) []float64 {
		return func(h *HeadResult) []float64 {
			i := slices.IndexFunc(h.rungs, func(x compare.Rung) bool { return x.Name == rung })
			if i < 0 {
				return nil
			}
			return of(h.rungs[i])
		}
	}
	if attention {
		if err := r.stack(w, "attention_"+rung, []int{n, n}, find(func(x compare.Rung) []float64 { return x.Attention })); err != nil {
			return err
		}
	}
	if err := r.stack(w, "output_"+rung, []int{n, dv}, find(func(x compare.Rung) []float64 { return x.Output })); err != nil {
		return err
	}
	return r.stack(w, "normalizer_"+rung, []int{n}, find(func(x compare.Rung) []float64 { return x.Normalizer }))
}

// writeFeatures writes features.npz: the hidden layers' tuning, from which
// every feature can be computed again, or the features that were given.
func (r *Result) writeFeatures(dir string) error {
	if !r.Prepared.Config.Record.Features {
		return nil
	}
	first := r.heads[0].circuit
	n, m, d := first.in.n, first.neurons, first.in.d
	return writeArrays(filepath.Join(dir, featuresFile), func(w *npz.Writer) error {
		if first.in.given() {
			if err := r.stack(w, "phi_q", []int{n, m}, func(h *HeadResult) []float64 { return h.circuit.in.phiQ }); err != nil {
				return err
			}
			return r.stack(w, "phi_k", []int{n, m}, func(h *HeadResult) []float64 { return h.circuit.in.phiK })
		}
		if err := r.stack(w, "W", []int{m, d}, func(h *HeadResult) []float64 { return h.circuit.tuning.Keys.W }); err != nil {
			return err
		}
		return r.stack(w, "b", []int{m}, func(h *HeadResult) []float64 { return h.circuit.tuning.Keys.B })
	})
}

// writeTrajectory writes trajectory.npz. Hidden activity and ‖H‖ carry the
// features' factor e^shift in the equations; it is undone here, as in calcium.
func (r *Result) writeTrajectory(dir string) error {
	first := r.heads[0].recorder
	if first == nil {
		return nil
	}
	return writeArrays(filepath.Join(dir, trajectoryFile), func(w *npz.Writer) error {
		tr := &first.Trajectory
		samples := len(tr.T)
		if err := w.Float64("t", []int{samples}, tr.T); err != nil {
			return err
		}
		for _, channel := range model.Channels() {
			if !slices.Contains(r.Prepared.Config.Record.Variables, channel.Name) {
				continue
			}
			width, shape := channel.Width(first), []int{samples, len(r.heads)}
			if channel.Of != model.Whole {
				shape = append(shape, width)
			}
			if err := w.Float64(channel.Name, shape, r.gather(channel, samples, width)); err != nil {
				return err
			}
		}
		for _, a := range []struct {
			name string
			x    []int64
		}{
			{"hidden_index", int64s(first.Hidden)}, {"output_index", int64s(first.Output)}, {"phase", tr.Phase}, {"token", tr.Token},
		} {
			if err := w.Int64(a.name, []int{len(a.x)}, a.x); err != nil {
				return err
			}
		}
		return nil
	})
}

// gather interleaves the heads: [T, S, width].
func (r *Result) gather(channel model.Channel, samples, width int) []float64 {
	all := make([]float64, samples*len(r.heads)*width)
	for s, h := range r.heads {
		x, factor := h.recorder.Trajectory.Values[channel.Name], h.circuit.unit(-channel.Power)
		for i := range samples {
			for j := range width {
				all[(i*len(r.heads)+s)*width+j] = factor * x[i*width+j]
			}
		}
	}
	return all
}

func int64s(x []int) []int64 {
	out := make([]int64, len(x))
	for i, v := range x {
		out[i] = int64(v)
	}
	return out
}
