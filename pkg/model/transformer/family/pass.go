package family

import (
	"sync"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// A Pass takes hidden states through a model in the precision T. It may be used again, and by several goroutines at once.
type Pass[T Real] struct {
	m       *Model
	threads int
	keep    bool // weights stay in memory once they have been read

	mu   sync.Mutex
	kept map[*checkpoint.Tensor][]T
}

// NewPass prepares passes through a model, each on so many threads; what comes out does not depend on their number. With keep the
// weights are read and widened once, and held for the passes after the first.
func NewPass[T Real](m *Model, threads int, keep bool) *Pass[T] {
	return &Pass[T]{m: m, threads: max(threads, 1), keep: keep, kept: map[*checkpoint.Tensor][]T{}}
}

// Attend takes all heads' queries, keys and values side by side (N × D) and returns their
// outputs likewise.
type Attend[T Real] func(q, k, v []T) ([]T, error)

// AttendBack takes the gradient by all heads' outputs (N × D) to those by their queries, keys and values. Where nothing before this
// layer is asked for, they may be nil.
type AttendBack[T Real] func(outputs []T) (q, k, v []T, err error)

// Block takes n hidden states through a layer.
func (p *Pass[T]) Block(layer int, x []T, attend Attend[T]) ([]T, error) {
	return throughBlock(p, &p.m.block[layer], x, len(x)/p.m.Width, attend, nil)
}

// Traced is Block, with what Back needs of it. Neither x nor what it gives may be changed until then.
func (p *Pass[T]) Traced(layer int, x []T, attend Attend[T]) ([]T, *Trace[T], error) {
	trace := new(Trace[T])
	y, err := throughBlock(p, &p.m.block[layer], x, len(x)/p.m.Width, attend, trace)
	return y, trace, err
}

// Back takes the gradient of a number by the hidden states that leave a layer, dy, to that by those that enter it; the weights are
// constants. It is nil where attend gives none.
func (p *Pass[T]) Back(layer int, trace *Trace[T], dy []T, attend AttendBack[T]) ([]T, error) {
	return backThroughBlock(p, &p.m.block[layer], trace, dy, len(dy)/p.m.Width, attend)
}

// Finish applies the final norm, where the family has one.
func (p *Pass[T]) Finish(x []T) ([]T, error) {
	if p.m.final == nil {
		return x, nil
	}
	l := p.loader()
	norm := l.norm(*p.m.final)
	if l.err != nil {
		return nil, l.err
	}
	return norm(x, len(x)/p.m.Width), nil
}

// FinishBack takes the gradient by what Finish gives to that by what it was given, x.
func (p *Pass[T]) FinishBack(x, dy []T) ([]T, error) {
	if p.m.final == nil {
		return dy, nil
	}
	l := p.loader()
	norm := l.normBack(*p.m.final)
	if l.err != nil {
		return nil, l.err
	}
	return norm(x, dy, len(x)/p.m.Width), nil
}

// A loader reads parts from disk, and keeps the first error, so that a list of parts
// reads as one.
type loader[T Real] struct {
	*Pass[T]
	err error
}

func (p *Pass[T]) loader() *loader[T] { return &loader[T]{Pass: p} }

// once is a loader that keeps nothing.
func once() *loader[float64] { return NewPass[float64](nil, 1, false).loader() }

func (l *loader[T]) numbers(t *checkpoint.Tensor) []T {
	if t == nil || l.err != nil {
		return nil
	}
	if !l.keep {
		x, err := checkpoint.Numbers[T](t)
		l.err = err
		return x
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	x, ok := l.kept[t]
	if !ok {
		if x, l.err = checkpoint.Numbers[T](t); l.err == nil {
			l.kept[t] = x
		}
	}
	return x
}
