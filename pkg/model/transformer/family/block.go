package family

import "github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"

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

// throughBlock takes n tokens through the block.
func throughBlock[T Real](p *Pass[T], b *block, x []T, n int, attend Attend[T]) ([]T, error) {
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
	x = added
	if !b.before {
		x = first(x, n)
	}
	return throughNetwork(p, b, x, n)
}

// throughNetwork is the block's second half.
func throughNetwork[T Real](p *Pass[T], b *block, x []T, n int) ([]T, error) {
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
	if b.gated {
		inner = gate(inner, b.up.out)
	} else {
		split(p.threads, n, func(first, last int) { activate(b.act, inner[first*b.up.out:last*b.up.out]) })
	}
	added := down(inner, n)
	scale(added)
	addTo(added, x)
	if x = added; !b.before {
		x = second(x, n)
	}
	return x, nil
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
