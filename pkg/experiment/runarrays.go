package experiment

import (
	"errors"
	"fmt"
	"slices"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// runArrays are the arrays of a run that figures are drawn from.
type runArrays struct {
	tokens, values int
	dim            int // d; 0 where there are no queries and keys
	heads          []headArrays
	trajectory     *trajectoryArrays // nil where none was recorded
}

// headArrays are one head's rungs by name; a missing array is nil.
type headArrays struct {
	layer, head                   int
	attention, output, normalizer map[string][]float64
	gain                          []float64 // γ_t; nil: 1
	q, k                          []float64 // [N×d]; nil where they are not stored
}

// withoutGain returns p_t/γ_t: the calcium in the units of Z.
func (h headArrays) withoutGain(p []float64) []float64 {
	if h.gain == nil {
		return p
	}
	out := make([]float64, len(p))
	for i := range p {
		out[i] = p[i] / h.gain[i]
	}
	return out
}

// load reads outputs.npz and trajectory.npz. Without outputs.npz the heads have
// their names alone.
func (r *Run) load() (*runArrays, error) {
	a := &runArrays{}
	for _, h := range r.Report.Heads {
		a.tokens, a.values = h.Tokens, h.ValueDim
		a.heads = append(a.heads, headArrays{
			layer: h.Layer, head: h.Head,
			attention: map[string][]float64{}, output: map[string][]float64{}, normalizer: map[string][]float64{},
		})
	}
	f, err := r.arrays(outputsFile)
	if err != nil {
		return nil, err
	}
	if f != nil {
		defer f.Close()
		if err := a.readOutputs(f); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Dir, err)
		}
	}
	a.trajectory, err = r.loadTrajectory()
	return a, err
}

func (a *runArrays) readOutputs(f *npz.File) error {
	n := a.tokens
	for _, rung := range compare.RungNames() {
		for _, kind := range []struct {
			name string
			size int
			into func(h *headArrays) map[string][]float64
		}{
			{"attention_", n * n, func(h *headArrays) map[string][]float64 { return h.attention }},
			{"output_", n * a.values, func(h *headArrays) map[string][]float64 { return h.output }},
			{"normalizer_", n, func(h *headArrays) map[string][]float64 { return h.normalizer }},
		} {
			if err := a.each(f, kind.name+rung, kind.size, func(h *headArrays, x []float64) { kind.into(h)[rung] = x }); err != nil {
				return err
			}
		}
	}
	if contains(f, "q") {
		_, shape, err := f.Float64("q")
		if err != nil || len(shape) != 3 {
			return fmt.Errorf("q has the shape %v, want heads, tokens and length: %w", shape, err)
		}
		a.dim = shape[2]
		err = errors.Join(a.each(f, "q", n*a.dim, func(h *headArrays, x []float64) { h.q = x }), a.each(f, "k", n*a.dim, func(h *headArrays, x []float64) { h.k = x }))
		if err != nil {
			return err
		}
	}
	return a.each(f, "query_gain", n, func(h *headArrays, x []float64) { h.gain = x })
}

// each hands every head its part of an array [S, …], if the file has it.
func (a *runArrays) each(f *npz.File, name string, size int, take func(*headArrays, []float64)) error {
	if !contains(f, name) {
		return nil
	}
	x, shape, err := f.Float64(name)
	if err != nil {
		return err
	}
	if len(x) != len(a.heads)*size {
		return fmt.Errorf("%s has the shape %v, which does not fit %d heads", name, shape, len(a.heads))
	}
	for i := range a.heads {
		take(&a.heads[i], x[i*size:(i+1)*size])
	}
	return nil
}

func contains(f *npz.File, name string) bool {
	return slices.Contains(f.Names(), name)
}

// trajectoryArrays are trajectory.npz.
type trajectoryArrays struct {
	t              []float64
	hidden, output []int // neuron indices
	gains          []int // token indices
	heads          int
	variables      map[string][]float64 // [T, S, width]
}

func (r *Run) loadTrajectory() (*trajectoryArrays, error) {
	f, err := r.arrays(trajectoryFile)
	if f == nil || err != nil {
		return nil, err
	}
	defer f.Close()
	tr := &trajectoryArrays{heads: len(r.Report.Heads), variables: map[string][]float64{}}
	if tr.t, _, err = f.Float64("t"); err != nil {
		return nil, err
	}
	for name, into := range map[string]*[]int{"hidden_index": &tr.hidden, "output_index": &tr.output, "g_a_index": &tr.gains} {
		if name == "g_a_index" && !contains(f, name) {
			continue // only a replicator has gains
		}
		index, _, err := f.Int64(name)
		if err != nil {
			return nil, err
		}
		for _, i := range index {
			*into = append(*into, int(i))
		}
	}
	for _, channel := range model.Channels() {
		if !contains(f, channel.Name) {
			continue
		}
		if tr.variables[channel.Name], _, err = f.Float64(channel.Name); err != nil {
			return nil, err
		}
	}
	return tr, nil
}

// of returns a variable of the s-th head, [T, width]; nil where not recorded.
func (tr *trajectoryArrays) of(name string, s int) []float64 {
	all := tr.variables[name]
	if len(all) == 0 {
		return nil
	}
	width := len(all) / (len(tr.t) * tr.heads)
	x := make([]float64, 0, len(tr.t)*width)
	for i := range tr.t {
		from := (i*tr.heads + s) * width
		x = append(x, all[from:from+width]...)
	}
	return x
}

// schedule returns the presentations of n tokens.
func schedule(p model.Parameters, n int) []plotting.Segment {
	var out []plotting.Segment
	for _, seg := range p.Schedule(n) {
		out = append(out, plotting.Segment{
			Start: seg.Start, End: seg.Start + seg.Duration, Token: seg.Token, Reading: seg.Phase == model.Reading, Blank: seg.Blank,
		})
	}
	return out
}
