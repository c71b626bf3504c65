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
	stack := func(name string, shape []int, filler float64, of func(*features.LearnedMap) []float64) {
		size := 1
		for _, s := range shape {
			size *= s
		}
		all := make([]float32, 0, heads*size)
		for _, h := range m.Heads {
			x := of(h.LearnedMap)
			for i := range size {
				if i < len(x) {
					all = append(all, float32(x[i]))
				} else {
					all = append(all, float32(filler))
				}
			}
		}
		w.Float32(name, append([]int{heads}, shape...), all)
	}
	silent := math.Inf(-1)
	for _, side := range []struct {
		name string
		of   func(*features.LearnedMap) *features.LearnedSide
	}{
		{"q", func(l *features.LearnedMap) *features.LearnedSide { return &l.Query }},
		{"k", func(l *features.LearnedMap) *features.LearnedSide { return &l.Key }},
	} {
		stack("W_"+side.name, []int{most, d + dendrites}, 0, func(l *features.LearnedMap) []float64 { return side.of(l).W })
		stack("b_"+side.name, []int{most}, silent, func(l *features.LearnedMap) []float64 { return side.of(l).B })
		if dendrites > 0 {
			stack("D_"+side.name, []int{dendrites, d}, 0, func(l *features.LearnedMap) []float64 { return side.of(l).D })
			stack("c_"+side.name, []int{dendrites}, 0, func(l *features.LearnedMap) []float64 { return side.of(l).C })
		}
	}
	stack("square_k", []int{d}, 0, func(l *features.LearnedMap) []float64 { return l.Square })
	if first.Gain != nil {
		stack("gain", []int{most}, 0, func(l *features.LearnedMap) []float64 { return l.Gain })
	}
	// In float64: what is free of charge must be so to the last digit.
	double := func(name string, shape []int, of func(*features.LearnedMap) []float64) {
		var all []float64
		for _, h := range m.Heads {
			all = append(all, of(h.LearnedMap)...)
		}
		w.Float64(name, append([]int{heads}, shape...), all)
	}
	double("mean_q", []int{d}, func(l *features.LearnedMap) []float64 { return l.MeanQ })
	double("mean_k", []int{d}, func(l *features.LearnedMap) []float64 { return l.MeanK })
	double("balance", []int{d, d}, func(l *features.LearnedMap) []float64 { return l.Balance })
	numbers := func(name string, of func(HeadMap) float64) {
		var all []float64
		for _, h := range m.Heads {
			all = append(all, of(h))
		}
		w.Float64(name, []int{heads}, all)
	}
	numbers("held_out_error", func(h HeadMap) float64 { return h.HeldOutError })
	numbers("train_error", func(h HeadMap) float64 { return h.TrainError })
	numbers("floor", func(h HeadMap) float64 { return h.Floor })
	numbers("floor_held_out", func(h HeadMap) float64 { return h.FloorHeldOut })
	m.writeTrials(w)
	m.writeHistory(w)
	raw, err := json.Marshal(m.Provenance)
	if err != nil {
		return err
	}
	w.Uint8("provenance", []int{len(raw)}, raw)
	return w.Close()
}

// ReadMaps reads a map file.
func ReadMaps(f *npz.File) (*Maps, error) {
	r := &reader{file: f}
	layers, indices, neurons := r.ints("layer"), r.ints("head"), r.ints("neurons")
	heads := len(layers)
	if r.err == nil && (heads == 0 || len(indices) != heads || len(neurons) != heads) {
		return nil, fmt.Errorf("layer, head and neurons have %d, %d and %d entries", heads, len(indices), len(neurons))
	}
	meanQ, shape := r.floats("mean_q")
	if r.err != nil {
		return nil, r.err
	}
	if len(shape) != 2 || shape[0] != heads {
		return nil, fmt.Errorf("mean_q has the shape %v; wanted is [%d, d]", shape, heads)
	}
	d := shape[1]
	dendrites := 0
	if slices.Contains(f.Names(), "c_q") {
		_, shape := r.floats("c_q")
		if r.err == nil && len(shape) == 2 {
			dendrites = shape[1]
		}
	}
	most := 0
	if _, shape := r.floats("b_q"); r.err == nil && len(shape) == 2 {
		most = shape[1]
	}
	sized := func(name string, size int) []float64 {
		x, shape := r.floats(name)
		if r.err == nil && len(x) != heads*size {
			r.err = fmt.Errorf("%s has the shape %v, which is not that of %d heads, %d neurons, tokens of length %d and %d dendrites", name, shape, heads, most, d, dendrites)
		}
		return x
	}
	type arrays struct{ w, b, d, c []float64 }
	side := func(name string) arrays {
		a := arrays{w: sized("W_"+name, most*(d+dendrites)), b: sized("b_"+name, most)}
		if dendrites > 0 {
			a.d, a.c = sized("D_"+name, dendrites*d), sized("c_"+name, dendrites)
		}
		return a
	}
	query, key := side("q"), side("k")
	meanK, balance, square := sized("mean_k", d), sized("balance", d*d), sized("square_k", d)
	var gain []float64
	if slices.Contains(f.Names(), "gain") {
		gain = sized("gain", most)
	}
	heldOut, train, floor := sized("held_out_error", 1), sized("train_error", 1), sized("floor", 1)
	var floorHeldOut []float64
	if slices.Contains(f.Names(), "floor_held_out") {
		floorHeldOut = sized("floor_held_out", 1)
	} else { // of an older version, which knew of no floor
		floorHeldOut = slices.Repeat([]float64{math.NaN()}, heads)
	}
	m := &Maps{}
	m.readTrials(r)
	m.readHistory(r)
	raw, _, err := f.Uint8("provenance")
	if err := errors.Join(r.err, err); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &m.Provenance); err != nil {
		return nil, fmt.Errorf("provenance is not the JSON that nasim fit writes: %w", err)
	}
	for i := range heads {
		n := int(neurons[i])
		if n < 1 || n > most {
			return nil, fmt.Errorf("neurons[%d] is %d; the arrays hold %d", i, n, most)
		}
		cut := func(x []float64, size, kept int) []float64 { return x[i*size : i*size+kept] }
		of := func(a arrays) features.LearnedSide {
			s := features.LearnedSide{W: cut(a.w, most*(d+dendrites), n*(d+dendrites)), B: cut(a.b, most, n)}
			if dendrites > 0 {
				s.D, s.C = cut(a.d, dendrites*d, dendrites*d), cut(a.c, dendrites, dendrites)
			}
			return s
		}
		l := &features.LearnedMap{
			Dim: d, MeanQ: cut(meanQ, d, d), MeanK: cut(meanK, d, d), Balance: cut(balance, d*d, d*d),
			Query: of(query), Key: of(key), Square: cut(square, d, d),
		}
		if gain != nil {
			l.Gain = cut(gain, most, n)
		}
		if l.Inverse, err = features.Inverse(l.Balance, d); err != nil {
			return nil, fmt.Errorf("head %d:%d: %w", layers[i], indices[i], err)
		}
		m.Heads = append(m.Heads, HeadMap{int(layers[i]), int(indices[i]), l, heldOut[i], train[i], floor[i], floorHeldOut[i]})
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
