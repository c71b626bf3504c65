package family

import (
	"slices"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// block is one layer: attention, and a network applied to each token, each added to what
// it was given.
//
//	before:  x += s₁ A(norm₁ x),  x += s₂ F(norm₂ x)      (pre-layer-norm: GPT-2, ViT)
//	after:   x = norm₁(x + A x),  x = norm₂(x + F x)      (post-layer-norm: BERT)
type block struct {
	before                 bool // the norms come before the sublayers
	attentionNorm, mlpNorm norm
	query, key, value, out linear
	up, down               linear
	gated                  bool // up has two halves a, b; down takes silu(a)·b (SwiGLU; Shazeer, arXiv 2002.05202)
	act                    activation

	attentionScale, mlpScale *checkpoint.Tensor // LayerScale, one number a unit; nil: 1
}

// Trace is what a layer's way back needs of its way forth, each [N×D] but inner.
type Trace[T Real] struct {
	in       []T // what the layer was given
	attended []T // what attention has been added to, before a norm
	inner    []T // before the activation, [N×inner]
	out      []T // what the network has been added to, before a norm; nil where none follows
}

// throughBlock takes n tokens through the block, and notes in a trace what the way back needs; nil: there is none.
func throughBlock[T Real](p *Pass[T], b *block, x []T, n int, attend Attend[T], trace *Trace[T]) ([]T, error) {
	l := p.loader()
	first, query, key, value, out := l.norm(b.attentionNorm), l.linear(b.query), l.linear(b.key), l.linear(b.value), l.linear(b.out)
	scale := l.perUnit(b.attentionScale)
	if l.err != nil {
		return nil, l.err
	}
	seen := x
	if b.before {
		seen = first(x, n)
	}
	heads, err := attend(query(seen, n), key(seen, n), value(seen, n))
	if err != nil {
		return nil, err
	}
	added := out(heads, n)
	scale(added)
	addTo(added, x)
	if trace != nil {
		trace.in, trace.attended = x, added
	}
	x = added
	if !b.before {
		x = first(x, n)
	}
	return throughNetwork(p, b, x, n, trace)
}

// throughNetwork is the block's second half.
func throughNetwork[T Real](p *Pass[T], b *block, x []T, n int, trace *Trace[T]) ([]T, error) {
	l := p.loader()
	second, up, down := l.norm(b.mlpNorm), l.linear(b.up), l.linear(b.down)
	scale := l.perUnit(b.mlpScale)
	if l.err != nil {
		return nil, l.err
	}
	seen := x
	if b.before {
		seen = second(x, n)
	}
	inner := up(seen, n)
	if trace != nil {
		trace.inner = inner
		if !b.gated {
			trace.inner = slices.Clone(inner)
		}
	}
	if b.gated {
		inner = gate(inner, b.up.out)
	} else {
		split(p.threads, n, func(first, last int) { activate(b.act, inner[first*b.up.out:last*b.up.out]) })
	}
	added := down(inner, n)
	scale(added)
	addTo(added, x)
	if x = added; !b.before {
		if trace != nil {
			trace.out = x
		}
		x = second(x, n)
	}
	return x, nil
}

// backThroughBlock takes the gradient by what the block gives, dy, back to that by what it was given:
//
//	before:  dx₁ = dy + norm₂'(F'(s₂ dy)),  dx = dx₁ + norm₁'(A'(s₁ dx₁))
//	after:   e = norm₂' dy,  dx₁ = norm₁'(e + F' e),  dx = dx₁ + A' dx₁
//
// a prime being a part's way back. It is nil where attention has no gradient by what it was given.
func backThroughBlock[T Real](p *Pass[T], b *block, trace *Trace[T], dy []T, n int, attend AttendBack[T]) ([]T, error) {
	dx, err := backThroughNetwork(p, b, trace, dy, n)
	if err != nil {
		return nil, err
	}
	l := p.loader()
	first, query, key, value, out := l.normBack(b.attentionNorm), l.linearBack(b.query), l.linearBack(b.key), l.linearBack(b.value), l.linearBack(b.out)
	scale := l.perUnit(b.attentionScale)
	if l.err != nil {
		return nil, l.err
	}
	if !b.before {
		dx = first(trace.attended, dx, n)
	}
	added := slices.Clone(dx)
	scale(added)
	dq, dk, dv, err := attend(out(added, n))
	if err != nil || dq == nil {
		return nil, err
	}
	seen := query(dq, n)
	addTo(seen, key(dk, n))
	addTo(seen, value(dv, n))
	if b.before {
		seen = first(trace.in, seen, n)
	}
	addTo(dx, seen)
	return dx, nil
}

// backThroughNetwork is the way back through the block's second half.
func backThroughNetwork[T Real](p *Pass[T], b *block, trace *Trace[T], dy []T, n int) ([]T, error) {
	l := p.loader()
	second, up, down := l.normBack(b.mlpNorm), l.linearBack(b.up), l.linearBack(b.down)
	scale := l.perUnit(b.mlpScale)
	if l.err != nil {
		return nil, l.err
	}
	dx := slices.Clone(dy)
	if !b.before {
		dx = second(trace.out, dy, n)
	}
	added := slices.Clone(dx)
	scale(added)
	inner := down(added, n)
	if b.gated {
		inner = gateBack(trace.inner, inner, b.up.out)
	} else {
		split(p.threads, n, func(first, last int) {
			activateBack(b.act, trace.inner[first*b.up.out:last*b.up.out], inner[first*b.up.out:last*b.up.out])
		})
	}
	seen := up(inner, n)
	if b.before {
		seen = second(trace.attended, seen, n)
	}
	addTo(dx, seen)
	return dx, nil
}

// gate returns silu(a)·b of rows [a, b] of the given width.
func gate[T Real](x []T, width int) []T {
	half := width / 2
	y := make([]T, 0, len(x)/2)
	for r := 0; r < len(x); r += width {
		for i := range half {
			y = append(y, T(silu(float64(x[r+i]))*float64(x[r+half+i])))
		}
	}
	return y
}

// gateBack takes the gradient by silu(a)·b to that by the rows [a, b], x.
func gateBack[T Real](x, dy []T, width int) []T {
	half := width / 2
	dx := make([]T, len(x))
	for r := 0; r < len(x); r += width {
		for i := range half {
			a, b, d := float64(x[r+i]), float64(x[r+half+i]), float64(dy[r/2+i])
			dx[r+i], dx[r+half+i] = T(d*b*siluSlope(a)), T(d*silu(a))
		}
	}
	return dx
}
