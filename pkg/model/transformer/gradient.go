package transformer

import (
	"context"
	"fmt"

	"github.com/nasim-sim/nasim/pkg/model/transformer/family"
)

// A Substitute computes what stands in the place of a head, N × d, of its queries and keys, in the scaling in which q·k is the score,
// and its values; and how a gradient by that is taken to those by the three. It does not change what it is given, which it may
// keep. An output of nil leaves the head as it is.
type Substitute[T family.Real] func(layer, head int, q, k, v []T) (output []T, back HeadBack[T])

// HeadBack takes the gradient of a number by a head's output, N × d, to those by its queries, keys and values.
type HeadBack[T family.Real] func(output []T) (q, k, v []T)

// Gradients takes inputs through a model, with something else in the place of heads, and gradients of its answer back to what stands
// there. The weights are constants. It may be used by several goroutines at once; each pass is on one thread.
type Gradients[T family.Real] struct {
	m       *Model
	through *family.Pass[T]
}

// NewGradients prepares such passes; with keep the weights are held in memory once they are read.
func NewGradients[T family.Real](m *Model, keep bool) *Gradients[T] {
	return &Gradients[T]{m, family.NewPass[T](m.net, 1, keep)}
}

// A Differentiable is an answer of which gradients can be taken back.
type Differentiable[T family.Real] struct {
	Tokens     int
	Logits     []T // Rows × Columns; nil for a model without a head
	Rows, Cols int
	Embedding  []float64 // of a model that embeds

	of         *Gradients[T]
	layers     []tracedLayer[T]
	lowest     int // layer in which a head is replaced
	last       []T // hidden states, before the final norm
	final      []T
	logits     *family.LogitsTrace[T]
	substitute Substitute[T]
}

// tracedLayer is what the way back through a layer needs.
type tracedLayer[T family.Real] struct {
	trace *family.Trace[T]
	heads []HeadBack[T]
}

// Forward takes an input through the model; without a substitute all heads stay as they are. Errors are those of [Model.Forward].
func (g *Gradients[T]) Forward(ctx context.Context, in Input, substitute Substitute[T]) (*Differentiable[T], error) {
	m := g.m
	embedded, err := m.embed(in)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", m.Name(), err)
	}
	a := &Differentiable[T]{of: g, Tokens: len(embedded) / m.Width(), lowest: m.Layers(), substitute: substitute}
	x := family.In[T](embedded)
	for layer := range m.Layers() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var l tracedLayer[T]
		x, l.trace, err = g.through.Traced(layer, x, func(q, k, v []T) ([]T, error) {
			var heads []T
			heads, l.heads = a.attend(layer, q, k, v)
			return heads, nil
		})
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", m.Name(), err)
		}
		a.layers = append(a.layers, l)
	}
	a.last = x
	if a.final, err = g.through.Finish(x); err != nil {
		return nil, err
	}
	if a.Logits, a.Rows, a.Cols, a.logits, err = g.through.TracedLogits(a.final); err != nil {
		return nil, err
	}
	if m.Embeds() {
		a.Embedding, err = m.Embedding(family.In[float64](a.final))
	}
	return a, err
}

// attend computes all heads of a layer side by side, and how to come back through each.
func (a *Differentiable[T]) attend(layer int, q, k, v []T) ([]T, []HeadBack[T]) {
	m := a.of.m
	n, d, width, part := a.Tokens, m.HeadDim(), m.Width(), T(m.part(layer))
	joined, back := make([]T, n*width), make([]HeadBack[T], m.Heads())
	for h := range back {
		hq, hk, hv := scaled(ofHead(q, h, d, width), part), scaled(ofHead(k, h, d, width), part), ofHead(v, h, d, width)
		var output []T
		if a.substitute != nil {
			output, back[h] = a.substitute(layer, h, hq, hk, hv)
		}
		if output == nil {
			output, back[h] = softmaxHead(hq, hk, hv, n, d, m.Causal())
		} else {
			a.lowest = min(a.lowest, layer)
		}
		toHead(joined, output, h, d, width)
	}
	return joined, back
}

// softmaxHead is a head as it is, and the way back through it: with P = softmax(q kᵀ), dP = dO vᵀ and
// dS = P∘(dP − row sum of dP∘P), it is dq = dS k, dk = dSᵀ q and dv = Pᵀ dO.
func softmaxHead[T family.Real](q, k, v []T, n, d int, causal bool) ([]T, HeadBack[T]) {
	weights, _ := softmaxOf(q, k, n, d, causal)
	output := make([]T, n*d)
	multiply(false, false, n, d, n, weights, v, output)
	return output, func(dOutput []T) (dq, dk, dv []T) {
		scores := make([]T, n*n)
		dq, dk, dv = make([]T, n*d), make([]T, n*d), make([]T, n*d)
		multiply(false, true, n, n, d, dOutput, v, scores)
		for t := range n {
			row, p, along := scores[t*n:(t+1)*n], weights[t*n:(t+1)*n], T(0)
			for s, x := range row {
				along += T(x * p[s])
			}
			for s := range row {
				row[s] = p[s] * (row[s] - along)
			}
		}
		multiply(false, false, n, d, n, scores, k, dq)
		multiply(true, false, n, d, n, scores, q, dk)
		multiply(true, false, n, d, n, weights, dOutput, dv)
		return dq, dk, dv
	}
}

// Back takes the gradient of a number by the logits, or by the embedding, or by both, one without numbers being none, back to the heads that are
// replaced: the HeadBack of each is called, from the last layer to the first that has any. It is called once.
func (a *Differentiable[T]) Back(logits []T, embedding []float64) error {
	m, through := a.of.m, a.of.through
	dx := make([]T, len(a.final))
	if len(logits) > 0 {
		d, err := through.LogitsBack(a.logits, logits)
		if err != nil {
			return err
		}
		dx = d
	}
	if len(embedding) > 0 {
		d, err := m.embeddingBack(family.In[float64](a.final), embedding)
		if err != nil {
			return err
		}
		for i, v := range d {
			dx[i] += T(v)
		}
	}
	dx, err := through.FinishBack(a.last, dx)
	if err != nil {
		return err
	}
	for layer := m.Layers() - 1; layer >= a.lowest; layer-- {
		l := &a.layers[layer]
		dx, err = through.Back(layer, l.trace, dx, func(heads []T) (q, k, v []T, err error) {
			q, k, v = a.attendBack(layer, heads)
			return q, k, v, nil
		})
		if err != nil {
			return err
		}
		*l = tracedLayer[T]{} // whose memory the next may take
	}
	return nil
}

// attendBack takes the gradient by all heads' outputs back through them; before the lowest layer nobody asks for it.
func (a *Differentiable[T]) attendBack(layer int, heads []T) (q, k, v []T) {
	m := a.of.m
	d, width, part := m.HeadDim(), m.Width(), T(m.part(layer))
	q, k, v = make([]T, len(heads)), make([]T, len(heads)), make([]T, len(heads))
	for h, back := range a.layers[layer].heads {
		dq, dk, dv := back(ofHead(heads, h, d, width))
		toHead(q, scaled(dq, part), h, d, width)
		toHead(k, scaled(dk, part), h, d, width)
		toHead(v, dv, h, d, width)
	}
	if layer == a.lowest {
		return nil, nil, nil
	}
	return q, k, v
}
