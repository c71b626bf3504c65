package fit

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// singles are n numbers that float32 holds.
func singles(n int, rng *rand.Rand) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(float32(rng.NormFloat64()))
	}
	return x
}

func someMaps(dendrites int) *Maps {
	rng := rand.New(rand.NewPCG(9, uint64(dendrites)))
	const d = 3
	m := &Maps{Provenance: Provenance{Model: "abc", Data: map[string]string{"a.txt": "def"}, Nasim: "0.1.0"}}
	for i, neurons := range []int{5, 2} {
		side := func() features.LearnedSide {
			s := features.LearnedSide{W: singles(neurons*(d+dendrites), rng), B: singles(neurons, rng)}
			if dendrites > 0 {
				s.D, s.C = singles(dendrites*d, rng), singles(dendrites, rng)
			}
			return s
		}
		l := &features.LearnedMap{Dim: d, MeanQ: singles(d, rng), MeanK: singles(d, rng), Balance: singles(d*d, rng), Query: side(), Key: side(), Square: singles(d, rng), Gain: singles(neurons, rng)}
		var err error
		if l.Inverse, err = features.Inverse(l.Balance, d); err != nil {
			panic(err)
		}
		m.Heads = append(m.Heads, HeadMap{i, 2 * i, l, 0.1, 0.09, math.Pi, math.E})
		m.History = append(m.History, HeadLook{i, 2 * i, Look{0, 0.4}}, HeadLook{i, 2 * i, Look{100, 0.11}})
		m.Trials = append(m.Trials, HeadTrial{i, 2 * i, Trial{neurons, 100, 60 + i, 0.4, 0.09, 0.11, 0.1}})
	}
	return m
}

func TestMapFile(t *testing.T) {
	for _, dendrites := range []int{0, 4} {
		m := someMaps(dendrites)
		var file bytes.Buffer
		if err := m.Write(&file); err != nil {
			t.Fatal(err)
		}
		f, err := npz.Read("m.npz", file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadMaps(f)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(m, again) {
			t.Errorf("%+v\nis read as\n%+v", m, again)
		}
		for _, h := range again.Heads {
			if _, err := features.NewLearned(h.LearnedMap); err != nil {
				t.Error(err)
			}
		}
		if again.Of(1, 2) != &again.Heads[1] || again.Of(1, 1) != nil {
			t.Error("heads are not found")
		}
		// A neuron that only fills up is silent.
		b, _, err := f.Float64("b_q")
		if err != nil || !math.IsInf(b[len(b)-1], -1) {
			t.Errorf("%v (%v)", b, err)
		}
	}
}

// Arrays that are missing or do not fit are told by name.
func TestMapFileRefused(t *testing.T) {
	for want, write := range map[string]func(w *npz.Writer){
		"layer":                          func(w *npz.Writer) { w.Int64("head", []int{1}, []int64{0}) },
		"layer, head and neurons have 2": func(w *npz.Writer) { ints(w, 2, 1) },
		"mean_q has the shape": func(w *npz.Writer) {
			ints(w, 1, 1)
			w.Float64("mean_q", []int{2}, []float64{1, 2})
		},
		"b_q": func(w *npz.Writer) {
			ints(w, 1, 1)
			w.Float64("mean_q", []int{1, 2}, []float64{1, 2})
		},
	} {
		var file bytes.Buffer
		w := npz.NewWriter(&file)
		write(w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		f, err := npz.Read("m.npz", file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadMaps(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %q", err, want)
		}
	}
}

func ints(w *npz.Writer, heads, others int) {
	w.Int64("layer", []int{heads}, make([]int64, heads))
	w.Int64("head", []int{others}, make([]int64, others))
	w.Int64("neurons", []int{others}, make([]int64, others))
}
