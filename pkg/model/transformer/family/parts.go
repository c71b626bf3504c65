package family

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// linear is y = x Wᵀ + b. Where several maps share a tensor, it has some of its rows.
type linear struct {
	in, out      int
	weight, bias *checkpoint.Tensor // [rows × in] and [rows]; no bias: nil
	transposed   bool               // weight is [in × rows], as GPT-2 stores it
	first        int                // of the rows
}

// norm is PyTorch's LayerNorm over the last axis: (x − mean)/√(variance + eps) · scale + shift, the
// variance that of all numbers (biased).
type norm struct {
	scale, shift *checkpoint.Tensor
	eps          float64
}

// A loader reads parts from disk, and keeps the first error, so that a list of parts
// reads as one.
type loader struct{ err error }

func (l *loader) numbers(t *checkpoint.Tensor) []float64 {
	if t == nil || l.err != nil {
		return nil
	}
	x, err := t.Float64s()
	l.err = err
	return x
}

// loaded is a part that maps rows of numbers to rows of numbers, in memory.
type loaded func(x []float64, rows int) []float64

func (l *loader) linear(part linear) loaded {
	weight, bias := l.numbers(part.weight), l.numbers(part.bias)
	if l.err != nil {
		return nil
	}
	if bias != nil {
		bias = bias[part.first : part.first+part.out]
	}
	return func(x []float64, rows int) []float64 {
		y := make([]float64, rows*part.out)
		if part.transposed {
			of := len(weight) / part.in
			kernel.Gemm(false, false, rows, part.out, part.in, 1, x, part.in, weight[part.first:], of, 0, y, part.out)
		} else {
			kernel.Gemm(false, true, rows, part.out, part.in, 1, x, part.in, weight[part.first*part.in:], part.in, 0, y, part.out)
		}
		for i := 0; i < len(y) && bias != nil; i += part.out {
			row := y[i : i+part.out]
			for j, b := range bias {
				row[j] += b
			}
		}
		return y
	}
}

func (l *loader) norm(part norm) loaded {
	scale, shift := l.numbers(part.scale), l.numbers(part.shift)
	if l.err != nil {
		return nil
	}
	width := len(scale)
	return func(x []float64, rows int) []float64 {
		y := make([]float64, len(x))
		for r := range rows {
			normalise(y[r*width:(r+1)*width], x[r*width:(r+1)*width], scale, shift, part.eps)
		}
		return y
	}
}

func normalise(y, x, scale, shift []float64, eps float64) {
	mean := 0.0
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	variance := 0.0
	for _, v := range x {
		variance += float64((v - mean) * (v - mean))
	}
	variance /= float64(len(x))
	f := 1 / math.Sqrt(variance+eps)
	for i, v := range x {
		y[i] = float64((v-mean)*f*scale[i]) + shift[i]
	}
}

// perUnit multiplies each unit by a number of its own (LayerScale; Touvron et al.,
// arXiv 2103.17239); without a tensor it does nothing.
func (l *loader) perUnit(t *checkpoint.Tensor) func(x []float64) {
	by := l.numbers(t)
	if by == nil {
		return func([]float64) {}
	}
	return func(x []float64) {
		for i := 0; i < len(x); i += len(by) {
			for j, b := range by {
				x[i+j] *= b
			}
		}
	}
}

// tensors names the tensors of one model, and keeps the first that is missing or does not
// fit, so that a list of parts reads as one.
type tensors struct {
	weights *checkpoint.Weights
	prefix  string // before every name that is not of the head
	*faults
}

// faults are what was wrong with the tensors of one model.
type faults struct {
	first   error
	further int // after the first
}

func (t *faults) fault(err error) {
	if t.first != nil {
		t.further++
		return
	}
	t.first = err
}

func (t *faults) err() error {
	if t.further > 0 {
		return fmt.Errorf("%w (and %d more tensors are missing or do not fit)", t.first, t.further)
	}
	return t.first
}

func (t *tensors) has(name string) bool { return t.weights.Has(t.prefix + name) }

func (t *tensors) tensor(name string, shape ...int) *checkpoint.Tensor {
	return t.whole(t.prefix+name, shape...)
}

// whole reads a tensor by its whole name.
func (t *tensors) whole(name string, shape ...int) *checkpoint.Tensor {
	x, err := t.weights.Tensor(name, shape...)
	if err != nil {
		t.fault(err)
	}
	return x
}

func (t *tensors) linear(name string, in, out int) linear {
	return linear{in: in, out: out, weight: t.tensor(name+".weight", out, in), bias: t.tensor(name+".bias", out)}
}

// without is a linear map without a bias.
func (t *tensors) without(name string, in, out int) linear {
	return linear{in: in, out: out, weight: t.tensor(name+".weight", out, in)}
}

// norm also takes gamma and beta, the names in checkpoints converted from TensorFlow.
func (t *tensors) norm(name string, width int, eps float64) norm {
	scale, shift := name+".weight", name+".bias"
	if !t.has(scale) && t.has(name+".gamma") {
		scale, shift = name+".gamma", name+".beta"
	}
	return norm{scale: t.tensor(scale, width), shift: t.tensor(shift, width), eps: eps}
}

// ofHead reads names as they are: a model's head stands beside it, not in it.
func (t *tensors) ofHead() *tensors { return &tensors{weights: t.weights, faults: t.faults} }
