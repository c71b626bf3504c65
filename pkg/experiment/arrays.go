package experiment

import (
	"context"
	"io"
	"iter"
	"math"
	"path/filepath"
	"slices"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// Names of the array files in a run directory.
const (
	outputsFile    = "outputs.npz"
	featuresFile   = "features.npz"
	trajectoryFile = "trajectory.npz"
)

// arrays writes one array file of a run; its first error is that of finish.
type arrays struct {
	*npz.Writer
	heads []*HeadResult
}

// writeArrays writes an array file; add calls the writer's methods, whose errors
// Close repeats.
func (r *Result) writeArrays(ctx context.Context, dir, name string, add func(arrays)) error {
	return rundir.WriteFile(filepath.Join(dir, name), func(to io.Writer) error {
		w := arrays{npz.NewWriter(until{ctx, to}), r.heads}
		add(w)
		return w.Close()
	})
}

// until is a writer that fails when its context ends.
type until struct {
	ctx context.Context
	to  io.Writer
}

func (u until) Write(bytes []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, context.Cause(u.ctx)
	}
	return u.to.Write(bytes)
}

// partNumbers is how many numbers of an array are looked through, or put together,
// at a time.
const partNumbers = 1 << 15

// stack writes an array [S, shape…] gathered from the heads. Heads that lack it are
// an absence for all: selections are of one model or file, whose heads are alike.
func (w arrays) stack(name string, shape []int, of func(*HeadResult) []float64) {
	var all [][]float64
	for _, h := range w.heads {
		x := of(h)
		if x == nil {
			return
		}
		all = append(all, x)
	}
	w.parts(name, append([]int{len(w.heads)}, shape...), func(yield func([]float64) bool) {
		for _, x := range all {
			for part := range slices.Chunk(x, partNumbers) {
				if !yield(part) {
					return
				}
			}
		}
	})
}

// parts writes an array that comes part after part. A NaN from arithmetic has the
// sign that the processor gives it; a file has the same bytes whatever that is.
func (w arrays) parts(name string, shape []int, parts iter.Seq[[]float64]) {
	w.Float64Parts(name, shape, func(yield func([]float64) bool) {
		for part := range parts {
			if slices.ContainsFunc(part, math.IsNaN) {
				part = slices.Clone(part)
				for i, v := range part {
					if math.IsNaN(v) {
						part[i] = math.NaN()
					}
				}
			}
			if !yield(part) {
				return
			}
		}
	})
}

// ints writes an array of whole numbers.
func (w arrays) ints(name string, x []int) {
	all := make([]int64, len(x))
	for i, v := range x {
		all[i] = int64(v)
	}
	w.Int64(name, []int{len(all)}, all)
}

// writeOutputs writes outputs.npz: what the heads were given and every rung's
// answer.
func (r *Result) writeOutputs(ctx context.Context, dir string) error {
	kept, answers := r.Prepared.Config.Record.Arrays, r.answers()
	if kept == "none" {
		if !r.Prepared.Config.Record.Model {
			return nil
		}
		return r.writeArrays(ctx, dir, outputsFile, func(w arrays) { w.writeAnswers(answers) })
	}
	var layers, heads []int
	for _, h := range r.heads {
		layers, heads = append(layers, h.circuit.in.layer), append(heads, h.circuit.in.head)
	}
	in := r.heads[0].circuit.in
	n, d, dv := in.n, in.d, in.dv
	var failed error
	err := r.writeArrays(ctx, dir, outputsFile, func(w arrays) {
		w.ints("layer", layers)
		w.ints("head", heads)
		w.stack("q", []int{n, d}, func(h *HeadResult) []float64 { return h.circuit.in.q })
		w.stack("k", []int{n, d}, func(h *HeadResult) []float64 { return h.circuit.in.k })
		w.stack("v", []int{n, dv}, func(h *HeadResult) []float64 { return h.circuit.in.v })
		// γ_t, by which a query gain, or what invariances take from its scores, multiplies φ(q_t) and with it p_t.
		w.stack("query_gain", []int{n}, func(h *HeadResult) []float64 { return h.circuit.gain() })
		for _, name := range compare.RungNames() {
			rung := func(of func(compare.Rung) []float64) func(*HeadResult) []float64 {
				return func(h *HeadResult) []float64 { return of(h.rung(name)) }
			}
			if kept == "all" {
				w.stack("attention_"+name, []int{n, n}, rung(func(x compare.Rung) []float64 { return x.Attention }))
			}
			w.stack("output_"+name, []int{n, dv}, rung(func(x compare.Rung) []float64 { return x.Output }))
			w.stack("normalizer_"+name, []int{n}, rung(func(x compare.Rung) []float64 { return x.Normalizer }))
			if count := r.Prepared.Config.Network.Astrocyte.Compartments; count > 1 {
				w.stack("calcium_"+name, []int{n, count}, func(h *HeadResult) []float64 { return h.pools[name] })
			}
		}
		switch {
		case r.Prepared.source.questions == nil:
			w.writeAnswers(answers)
		case kept == "all":
			failed = r.writeSet(w)
		}
	})
	if err == nil {
		err = failed
	}
	return err
}

// rung returns the rung of that name, or one without arrays.
func (r *HeadResult) rung(name string) compare.Rung {
	for _, rung := range r.rungs {
		if rung.Name == name {
			return rung
		}
	}
	return compare.Rung{}
}

// writeFeatures writes features.npz: the hidden layers' tuning, from which
// every feature can be computed again, or the features that were given.
func (r *Result) writeFeatures(ctx context.Context, dir string) error {
	first := r.heads[0].circuit
	if !r.Prepared.Config.Record.Features || first.neurons == 0 || learns(r.Prepared.Config) {
		return nil // of infinitely many neurons there is none to write
	}
	n, m, d := first.in.n, first.neurons, first.in.d
	return r.writeArrays(ctx, dir, featuresFile, func(w arrays) {
		if first.in.given() {
			w.stack("phi_q", []int{n, m}, func(h *HeadResult) []float64 { return h.circuit.in.phiQ })
			w.stack("phi_k", []int{n, m}, func(h *HeadResult) []float64 { return h.circuit.in.phiK })
			return
		}
		for _, side := range tunings(first.tuning) {
			w.tuning("W"+side.suffix, []int{m, d}, func(queries, keys *features.Tuning) []float64 { return side.of(queries, keys).W })
			w.tuning("b"+side.suffix, []int{m}, func(queries, keys *features.Tuning) []float64 { return side.of(queries, keys).B })
		}
		if to := first.tuning.To; to != nil && to.Invariances != nil {
			of := func(h *HeadResult) *features.Invariances { return h.circuit.tuning.To.Invariances }
			w.stack("mean_q", []int{d}, func(h *HeadResult) []float64 { return of(h).MeanQ })
			w.stack("mean_k", []int{d}, func(h *HeadResult) []float64 { return of(h).MeanK })
			w.stack("balance", []int{d, d}, func(h *HeadResult) []float64 { return of(h).Balance })
		}
	})
}

// tuning writes an array of the heads' tunings, some neurons at a time.
func (w arrays) tuning(name string, shape []int, of func(queries, keys *features.Tuning) []float64) {
	for queries, keys := range w.heads[0].circuit.tuning.Tiles() {
		if of(queries, keys) == nil {
			return
		}
		break
	}
	w.parts(name, append([]int{len(w.heads)}, shape...), func(yield func([]float64) bool) {
		for _, h := range w.heads {
			for queries, keys := range h.circuit.tuning.Tiles() {
				if !yield(of(queries, keys)) {
					return
				}
			}
		}
	})
}

// A tuningSide is a tuning that a file of features has, with what ends its arrays' names.
type tuningSide struct {
	suffix string
	of     func(queries, keys *features.Tuning) *features.Tuning
}

// tunings are those of a map: one where queries and keys share it, as all drawn maps do.
func tunings(m *features.Map) []tuningSide {
	ofQueries := func(queries, _ *features.Tuning) *features.Tuning { return queries }
	ofKeys := func(_, keys *features.Tuning) *features.Tuning { return keys }
	if m.Queries == m.Keys {
		return []tuningSide{{"", ofKeys}}
	}
	return []tuningSide{{"_q", ofQueries}, {"_k", ofKeys}}
}

// writeTrajectory writes trajectory.npz. Some channels carry the features' factor
// e^shift in the equations; it is undone here, as in calcium.
func (r *Result) writeTrajectory(ctx context.Context, dir string) error {
	first := r.heads[0].recorder
	if first == nil {
		return nil
	}
	return r.writeArrays(ctx, dir, trajectoryFile, func(w arrays) {
		tr := &first.Trajectory
		samples := len(tr.T)
		w.Float64("t", []int{samples}, tr.T)
		for _, channel := range model.Channels() {
			if !slices.Contains(r.Prepared.Config.Record.Variables, channel.Name) {
				continue
			}
			width, shape := channel.Width(first), []int{samples, len(r.heads)}
			if channel.Of != model.Whole {
				shape = append(shape, width)
			}
			w.Float64Parts(channel.Name, shape, r.interleaved(channel, samples, width))
		}
		w.ints("hidden_index", first.Hidden)
		w.ints("output_index", first.Output)
		if first.Tokens != nil {
			w.ints("g_a_index", first.Tokens)
		}
		w.Int64("phase", []int{samples}, tr.Phase)
		w.Int64("token", []int{samples}, tr.Token)
	})
}

// interleaved is a channel of all heads, [T, S, width], some samples at a time.
func (r *Result) interleaved(channel model.Channel, samples, width int) iter.Seq[[]float64] {
	return func(yield func([]float64) bool) {
		row := len(r.heads) * width
		each := max(1, partNumbers/max(1, row))
		part := make([]float64, min(each, samples)*row)
		for first := 0; first < samples; first += each {
			count := min(each, samples-first)
			for s, h := range r.heads {
				x, factor := h.recorder.Trajectory.Of(channel.Name), h.circuit.unit(-channel.Power)
				for i := range count {
					for j := range width {
						part[i*row+s*width+j] = factor * x[(first+i)*width+j]
					}
				}
			}
			if !yield(part[:count*row]) {
				return
			}
		}
	}
}
