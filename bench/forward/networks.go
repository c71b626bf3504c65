package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// networks are those that stand in the place of a model's heads, with the defaults of a run.
type networks struct {
	drawn map[[2]int]*features.Map
	spare sync.Pool
}

func newNetworks(m *transformer.Model) (*networks, error) {
	n := &networks{drawn: map[[2]int]*features.Map{}}
	for layer := range m.Layers() {
		for head := range m.Heads() {
			phi, err := features.New(features.Spec{Map: "positive", Rows: features.IID, Neurons: neurons}, m.HeadDim(), rand.New(rand.NewPCG(uint64(layer), uint64(head))))
			if err != nil {
				return nil, err
			}
			n.drawn[[2]int{layer, head}] = phi
		}
	}
	return n, nil
}

// replace does what a run with swap does of a head: features, kernel sums, the exact solution.
func (n *networks) replace(h transformer.HeadState) error {
	q, k := h.Scaled()
	old, _ := n.spare.Get().(*features.Activity)
	a, err := n.drawn[[2]int{h.Layer, h.Head}].EvaluateOver(old, q, k, h.Tokens, features.Gain{Kind: features.GainNone})
	if err != nil {
		return err
	}
	defer n.spare.Put(a)
	head, err := model.NewHead(a.Q, a.K, h.V, h.Tokens, neurons, h.Dim)
	if err != nil {
		return err
	}
	unit := math.Exp(2 * a.Shift)
	sums := head.KernelSums(false)
	x, err := head.Exact(context.Background(), model.Parameters{
		TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: 0.25, Read: 0.25,
		Baseline: unit, Division: model.Division{Floor: 1e-9 * statistics.Quantile(sums, 0.5)},
	}, model.Options{})
	if err != nil {
		return err
	}
	copy(h.Output, x.Output)
	return nil
}

// given reads what PyTorch was given, and the last hidden states that it made of it.
func given(m *transformer.Model, file, name string) (transformer.Input, []float64, error) {
	f, err := npz.Open(file)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	want, _, err := f.Float64(name)
	if err != nil {
		return nil, nil, err
	}
	if m.Kind() == transformer.KindText {
		ids, _, err := f.Int64("ids")
		tokens := transformer.Tokens{}
		for _, id := range ids {
			tokens.IDs = append(tokens.IDs, int(id))
		}
		return tokens, want, err
	}
	pixels, shape, err := f.Float64("pixels")
	if err != nil || len(shape) != 3 {
		return nil, nil, fmt.Errorf("pixels of shape %v: %w", shape, err)
	}
	return transformer.Patches{Pixels: pixels, Channels: shape[0], Height: shape[1], Width: shape[2], Rows: shape[1] / 16, Cols: shape[2] / 16, Size: 16, Front: 1}, want, nil
}

// difference is ‖x − y‖/‖y‖.
func difference(x, y []float64) float64 {
	if len(x) != len(y) {
		return math.NaN()
	}
	off, size := 0.0, 0.0
	for i := range x {
		off += float64((x[i] - y[i]) * (x[i] - y[i]))
		size += float64(y[i] * y[i])
	}
	return math.Sqrt(off / size)
}
