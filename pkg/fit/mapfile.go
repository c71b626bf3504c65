package fit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// Maps are the fitted maps of heads of one model, as a map file holds them.
type Maps struct {
	Heads      []HeadMap
	Trials     []HeadTrial // of every fit that was made on the way, those of Heads too
	History    []HeadLook  // the looks at the validation inputs on the way of the fits of Heads
	Provenance Provenance
}

// HeadMap is that of one head, with its relative errors.
type HeadMap struct {
	Layer, Head int
	*features.LearnedMap
	HeldOutError, TrainError float64
	Floor, FloorHeldOut      float64 // of [Floor]; NaN: not known
}

// Provenance says what maps were made of, and by what.
type Provenance struct {
	Model  string            `json:"model_sha256"` // of the weights, in hex
	Data   map[string]string `json:"data_sha256"`  // of each file that was read
	Config map[string]string `json:"config"`       // flattened
	Nasim  string            `json:"nasim"`        // version
}

// Of returns a head's map; nil where there is none.
func (m *Maps) Of(layer, head int) *HeadMap {
	i := slices.IndexFunc(m.Heads, func(h HeadMap) bool { return h.Layer == layer && h.Head == head })
	if i < 0 {
		return nil
	}
	return &m.Heads[i]
}

// Write writes a map file: an .npz with the arrays of docs/run-directory.md, "A map file". Of several heads S each array is as long as
// that of the largest: neurons beyond a head's own have W = 0 and b = −∞, and are silent.
func (m *Maps) Write(to io.Writer) error {
	if len(m.Heads) == 0 {
		return errors.New("no head has been fitted")
	}
	w := npz.NewWriter(to)
	heads := len(m.Heads)
	first := m.Heads[0].LearnedMap
	d, dendrites, most := first.Dim, len(first.Query.C), 0
	var layers, indices, neurons []int64
	for _, h := range m.Heads {
		if h.Dim != d || len(h.Query.C) != dendrites {
			return fmt.Errorf("the maps of heads %d:%d and %d:%d are of unlike sizes", m.Heads[0].Layer, m.Heads[0].Head, h.Layer, h.Head)
		}
		layers, indices, neurons = append(layers, int64(h.Layer)), append(indices, int64(h.Head)), append(neurons, int64(len(h.Query.B)))
		most = max(most, len(h.Query.B))
	}
	w.Int64("layer", []int{heads}, layers)
	w.Int64("head", []int{heads}, indices)
	w.Int64("neurons", []int{heads}, neurons)
	for _, a := range arraysOf(d, dendrites, most, first.Gain != nil) {
		shape, size := append([]int{heads}, a.shape...), a.size()
		all := make([]float64, 0, heads*size)
		for _, h := range m.Heads {
			x := *a.of(h.LearnedMap)
			all = append(all, x...)
			all = append(all, slices.Repeat([]float64{a.filler}, size-len(x))...)
		}
		if a.double {
			w.Float64(a.name, shape, all)
		} else {
			w.Float32(a.name, shape, inSingle(all))
		}
	}
	for _, f := range figuresOfHeads {
		var all []float64
		for i := range m.Heads {
			all = append(all, *f.of(&m.Heads[i]))
		}
		w.Float64(f.name, []int{heads}, all)
	}
	m.writeTrials(w)
	m.writeHistory(w)
	raw, err := json.Marshal(m.Provenance)
	if err != nil {
		return err
	}
	w.Uint8("provenance", []int{len(raw)}, raw)
	return w.Close()
}

// array is one of a map file: of all heads, each padded with the filler to the length of the largest.
type array struct {
	name   string
	shape  []int // of a head's; the first is that of the neurons where it is perNeuron
	of     func(*features.LearnedMap) *[]float64
	filler float64

	perNeuron bool
	double    bool // in float64: what is free of charge must be so to the last digit
}

func (a array) size() int {
	size := 1
	for _, s := range a.shape {
		size *= s
	}
	return size
}

// arraysOf are those of maps of tokens of length d with so many dendrites and, the largest, so many neurons.
func arraysOf(d, dendrites, most int, gain bool) []array {
	var all []array
	for _, side := range []struct {
		name string
		of   func(*features.LearnedMap) *features.LearnedSide
	}{
		{"q", func(l *features.LearnedMap) *features.LearnedSide { return &l.Query }},
		{"k", func(l *features.LearnedMap) *features.LearnedSide { return &l.Key }},
	} {
		all = append(all,
			array{name: "W_" + side.name, shape: []int{most, d + dendrites}, of: func(l *features.LearnedMap) *[]float64 { return &side.of(l).W }, perNeuron: true},
			array{name: "b_" + side.name, shape: []int{most}, of: func(l *features.LearnedMap) *[]float64 { return &side.of(l).B }, perNeuron: true, filler: math.Inf(-1)})
		if dendrites > 0 {
			all = append(all,
				array{name: "D_" + side.name, shape: []int{dendrites, d}, of: func(l *features.LearnedMap) *[]float64 { return &side.of(l).D }},
				array{name: "c_" + side.name, shape: []int{dendrites}, of: func(l *features.LearnedMap) *[]float64 { return &side.of(l).C }})
		}
	}
	all = append(all, array{name: "square_k", shape: []int{d}, of: func(l *features.LearnedMap) *[]float64 { return &l.Square }})
	if gain {
		all = append(all, array{name: "gain", shape: []int{most}, of: func(l *features.LearnedMap) *[]float64 { return &l.Gain }, perNeuron: true})
	}
	return append(all,
		array{name: "mean_q", shape: []int{d}, of: func(l *features.LearnedMap) *[]float64 { return &l.MeanQ }, double: true},
		array{name: "mean_k", shape: []int{d}, of: func(l *features.LearnedMap) *[]float64 { return &l.MeanK }, double: true},
		array{name: "balance", shape: []int{d, d}, of: func(l *features.LearnedMap) *[]float64 { return &l.Balance }, double: true})
}

// figuresOfHeads are a number for each head.
var figuresOfHeads = []struct {
	name  string
	of    func(*HeadMap) *float64
	later bool // older versions did not know it
}{
	{"held_out_error", func(h *HeadMap) *float64 { return &h.HeldOutError }, false},
	{"train_error", func(h *HeadMap) *float64 { return &h.TrainError }, false},
	{"floor", func(h *HeadMap) *float64 { return &h.Floor }, false},
	{"floor_held_out", func(h *HeadMap) *float64 { return &h.FloorHeldOut }, true},
}

// ReadMaps reads a map file.
func ReadMaps(f *npz.File) (*Maps, error) {
	r := &reader{file: f}
	layers, indices, neurons := r.ints("layer"), r.ints("head"), r.ints("neurons")
	heads := len(layers)
	if r.err == nil && (heads == 0 || len(indices) != heads || len(neurons) != heads) {
		return nil, fmt.Errorf("layer, head and neurons have %d, %d and %d entries", heads, len(indices), len(neurons))
	}
	_, shape := r.floats("mean_q")
	if r.err != nil {
		return nil, r.err
	}
	if len(shape) != 2 || shape[0] != heads {
		return nil, fmt.Errorf("mean_q has the shape %v; wanted is [%d, d]", shape, heads)
	}
	d, dendrites := shape[1], 0
	if slices.Contains(f.Names(), "c_q") {
		dendrites = r.width("c_q")
	}
	most := r.width("b_q")
	sized := func(name string, size int) []float64 {
		x, shape := r.floats(name)
		if r.err == nil && len(x) != heads*size {
			r.err = fmt.Errorf("%s has the shape %v, which is not that of %d heads, %d neurons, tokens of length %d and %d dendrites", name, shape, heads, most, d, dendrites)
		}
		return x
	}
	arrays := arraysOf(d, dendrites, most, slices.Contains(f.Names(), "gain"))
	values := make([][]float64, len(arrays))
	for i, a := range arrays {
		values[i] = sized(a.name, a.size())
	}
	m := &Maps{Heads: make([]HeadMap, heads)}
	for _, figure := range figuresOfHeads {
		known := !figure.later || slices.Contains(f.Names(), figure.name)
		var x []float64
		if known {
			x = sized(figure.name, 1)
		}
		for i := range m.Heads {
			if *figure.of(&m.Heads[i]) = math.NaN(); known && r.err == nil {
				*figure.of(&m.Heads[i]) = x[i]
			}
		}
	}
	m.readTrials(r)
	m.readHistory(r)
	raw, _, err := f.Uint8("provenance")
	if err := errors.Join(r.err, err); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &m.Provenance); err != nil {
		return nil, fmt.Errorf("provenance is not the JSON that nasim fit writes: %w", err)
	}
	for i := range m.Heads {
		h := &m.Heads[i]
		if neurons[i] < 1 || neurons[i] > int64(most) {
			return nil, fmt.Errorf("neurons[%d] is %d; the arrays hold %d", i, neurons[i], most)
		}
		h.Layer, h.Head, h.LearnedMap = int(layers[i]), int(indices[i]), &features.LearnedMap{Dim: d}
		for j, a := range arrays {
			size := a.size()
			kept := size
			if a.perNeuron {
				kept = size / most * int(neurons[i])
			}
			*a.of(h.LearnedMap) = values[j][i*size : i*size+kept]
		}
		if h.Inverse, err = features.Inverse(h.Balance, d); err != nil {
			return nil, fmt.Errorf("head %d:%d: %w", h.Layer, h.Head, err)
		}
	}
	return m, nil
}

// reader reads arrays, and keeps the first error.
type reader struct {
	file *npz.File
	err  error
}

func (r *reader) ints(name string) []int64 {
	if r.err != nil {
		return nil
	}
	x, _, err := r.file.Int64(name)
	r.err = err
	return x
}

func (r *reader) floats(name string) ([]float64, []int) {
	if r.err != nil {
		return nil, nil
	}
	x, shape, err := r.file.Float64(name)
	r.err = err
	return x, shape
}

// width is the second axis of a matrix; 0 of anything else.
func (r *reader) width(name string) int {
	if _, shape := r.floats(name); r.err == nil && len(shape) == 2 {
		return shape[1]
	}
	return 0
}

// Learned is what a fit has led to as a hidden layer, without the mean sum of the keys' features.
func (f *Fitted) Learned() (*features.LearnedMap, error) {
	wide := func(s Side[float32]) features.LearnedSide {
		return features.LearnedSide{W: inDouble(s.W), B: inDouble(s.B), D: inDouble(s.D), C: inDouble(s.C)}
	}
	v := f.Invariances
	inverse, err := features.Inverse(v.Balance, f.Dim)
	return &features.LearnedMap{
		Dim: f.Dim, MeanQ: v.MeanQ, MeanK: v.MeanK, Balance: v.Balance, Inverse: inverse,
		Query: wide(f.Query), Key: wide(f.Key), Square: inDouble(f.Square),
	}, err
}

func inDouble(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
