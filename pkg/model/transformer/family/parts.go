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

// loaded is a part that maps rows of numbers to rows of numbers, in memory.
type loaded[T Real] func(x []T, rows int) []T

func (l *loader[T]) linear(part linear) loaded[T] {
	weight, bias := l.numbers(part.weight), l.numbers(part.bias)
	if l.err != nil {
		return nil
	}
	if bias != nil {
		bias = bias[part.first : part.first+part.out]
	}
	return func(x []T, rows int) []T {
		y := make([]T, rows*part.out)
		// Columns are divided up, not rows: of the weights each thread then reads its own alone.
		split(l.threads, part.out, func(first, last int) {
			if part.transposed {
				of := len(weight) / part.in
				gemm(false, rows, last-first, part.in, x, part.in, weight[part.first+first:], of, y[first:], part.out)
			} else {
				gemm(true, rows, last-first, part.in, x, part.in, weight[(part.first+first)*part.in:], part.in, y[first:], part.out)
			}
			if bias == nil {
				return
			}
			for i := 0; i < len(y); i += part.out {
				addTo(y[i+first:i+last], bias[first:last])
			}
		})
		return y
	}
}

// linearBack takes the gradient by what a linear map gives, [rows×out], to that by what it was given: dx = dy W.
func (l *loader[T]) linearBack(part linear) loaded[T] {
	weight := l.numbers(part.weight)
	if l.err != nil {
		return nil
	}
	return func(dy []T, rows int) []T {
		dx := make([]T, rows*part.in)
		split(l.threads, part.in, func(first, last int) {
			if part.transposed {
				of := len(weight) / part.in
				gemm(true, rows, last-first, part.out, dy, part.out, weight[first*of+part.first:], of, dx[first:], part.in)
			} else {
				gemm(false, rows, last-first, part.out, dy, part.out, weight[part.first*part.in+first:], part.in, dx[first:], part.in)
			}
		})
		return dx
	}
}

// addTo adds x to y.
func addTo[T Real](y, x []T) {
	if single, ok := any(y).([]float32); ok {
		kernel.Add32(single, any(x).([]float32)[:len(y)])
		return
	}
	x = x[:len(y)]
	for i := range y {
		y[i] += x[i]
	}
}

func (l *loader[T]) norm(part norm) loaded[T] {
	scale, shift := l.numbers(part.scale), l.numbers(part.shift)
	if l.err != nil {
		return nil
	}
	width := len(scale)
	return func(x []T, rows int) []T {
		y := make([]T, len(x))
		split(l.threads, rows, func(first, last int) {
			for r := first; r < last; r++ {
				normalise(y[r*width:(r+1)*width], x[r*width:(r+1)*width], scale, shift, part.eps)
			}
		})
		return y
	}
}

func normalise[T Real](y, x, scale, shift []T, eps float64) {
	if single, ok := any(y).([]float32); ok {
		kernel.LayerNorm32(single, any(x).([]float32), any(scale).([]float32), any(shift).([]float32), float32(eps))
		return
	}
	mean := 0.0
	for _, v := range x {
		mean += float64(v)
	}
	mean /= float64(len(x))
	variance := 0.0
	for _, v := range x {
		variance += float64((float64(v) - mean) * (float64(v) - mean))
	}
	variance /= float64(len(x))
	f := 1 / math.Sqrt(variance+eps)
	for i, v := range x {
		y[i] = T(float64((float64(v)-mean)*f*float64(scale[i])) + float64(shift[i]))
	}
}

// normBack takes the gradient by what a norm gives to that by what it was given, x. With x̂ the normalised row, f = 1/√(variance + eps)
// and g = dy∘scale, it is dx = f (g − mean g − x̂ mean(g∘x̂)).
func (l *loader[T]) normBack(part norm) func(x, dy []T, rows int) []T {
	scale := l.numbers(part.scale)
	if l.err != nil {
		return nil
	}
	width := len(scale)
	return func(x, dy []T, rows int) []T {
		dx := make([]T, len(x))
		split(l.threads, rows, func(first, last int) {
			for r := first; r < last; r++ {
				normaliseBack(dx[r*width:(r+1)*width], x[r*width:(r+1)*width], dy[r*width:(r+1)*width], scale, part.eps)
			}
		})
		return dx
	}
}

func normaliseBack[T Real](dx, x, dy, scale []T, eps float64) {
	count, mean, variance := float64(len(x)), 0.0, 0.0
	for _, v := range x {
		mean += float64(v)
	}
	mean /= count
	for _, v := range x {
		variance += float64((float64(v) - mean) * (float64(v) - mean))
	}
	f := 1 / math.Sqrt(variance/count+eps)
	sum, along := 0.0, 0.0 // of g, and of g∘x̂
	for i, v := range x {
		g := float64(float64(dy[i]) * float64(scale[i]))
		sum += g
		along += float64(g * (float64(v) - mean) * f)
	}
	for i, v := range x {
		g := float64(float64(dy[i]) * float64(scale[i]))
		dx[i] = T(f * (g - sum/count - float64((float64(v)-mean)*f*along/count)))
	}
}

// perUnit multiplies each unit by a number of its own (LayerScale; Touvron et al.,
// arXiv 2103.17239); without a tensor it does nothing. It is its own way back.
func (l *loader[T]) perUnit(t *checkpoint.Tensor) func(x []T) {
	by := l.numbers(t)
	if by == nil {
		return func([]T) {}
	}
	return func(x []T) {
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
