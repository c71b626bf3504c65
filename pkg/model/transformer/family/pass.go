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

// Block takes n hidden states through a layer.
func (p *Pass[T]) Block(layer int, x []T, attend Attend[T]) ([]T, error) {
	return throughBlock(p, &p.m.block[layer], x, len(x)/p.m.Width, attend)
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
