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

// Attend takes all heads' queries, keys and values side by side (N × D) and returns their
// outputs likewise.
type Attend func(q, k, v []float64) ([]float64, error)

// apply takes n tokens through the block.
func (b *block) apply(x []float64, n int, attend Attend) ([]float64, error) {
	l := &loader{}
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
	x = add(x, added)
	if !b.before {
		x = first(x, n)
	}
	return b.network(x, n)
}

// network is the block's second half.
func (b *block) network(x []float64, n int) ([]float64, error) {
	l := &loader{}
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
		b.act.apply(inner)
	}
	added := down(inner, n)
	scale(added)
	x = add(x, added)
	if !b.before {
		x = second(x, n)
	}
	return x, nil
}

// gate returns silu(a)·b of rows [a, b] of the given width.
func gate(x []float64, width int) []float64 {
	half := width / 2
	y := make([]float64, 0, len(x)/2)
	for r := 0; r < len(x); r += width {
		for i := range half {
			y = append(y, silu(x[r+i])*x[r+half+i])
		}
	}
	return y
}

func add(x, y []float64) []float64 {
	z := make([]float64, len(x))
	for i := range x {
		z[i] = x[i] + y[i]
	}
	return z
}
