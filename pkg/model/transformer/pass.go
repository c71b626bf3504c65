package transformer

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/model/transformer/family"
)

// pass is one forward pass in the precision T.
type pass[T family.Real] struct {
	*Activations
	m       *Model
	threads int
	layers  int // gone through
	options Options
}

// runForward embeds the input, takes it through the layers, and reads the answer.
func runForward[T family.Real](ctx context.Context, r *Runner, through *family.Pass[T], in Input, options Options) (*Activations, error) {
	m := r.m
	embedded, err := m.embed(in)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", m.Name(), err)
	}
	a := &Activations{Width: m.Width(), Heads: m.Heads(), HeadDim: m.HeadDim(), Tokens: len(embedded) / m.Width()}
	p := &pass[T]{Activations: a, m: m, threads: max(r.settings.Threads, 1), options: options}
	x := family.In[T](embedded)
	if err := p.record(x); err != nil {
		return nil, err
	}
	last := m.Layers()
	if options.Layers > 0 {
		last = min(last, options.Layers)
	}
	for layer := range last {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x, err = through.Block(layer, x, func(q, k, v []T) ([]T, error) { return p.attend(layer, q, k, v) })
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", m.Name(), err)
		}
		p.layers++
		if err := p.record(x); err != nil {
			return nil, err
		}
	}
	if options.Layers > 0 {
		return a, nil
	}
	if x, err = through.Finish(x); err != nil {
		return nil, err
	}
	a.Final = family.In[float64](x)
	logits, rows, columns, err := through.Logits(x)
	a.Logits, a.LogitRows, a.LogitCols = family.In[float64](logits), rows, columns
	return a, err
}

func throughLayer[T family.Real](ctx context.Context, r *Runner, through *family.Pass[T], layer int, x []float64, replace HeadFunc) ([]float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m := r.m
	a := &Activations{Width: m.Width(), Heads: m.Heads(), HeadDim: m.HeadDim(), Tokens: len(x) / m.Width()}
	p := &pass[T]{Activations: a, m: m, threads: max(r.settings.Threads, 1), options: Options{Keep: KeepHidden, Replace: replace}, layers: layer + 1}
	y, err := through.Block(layer, family.In[T](x), func(q, k, v []T) ([]T, error) { return p.attend(layer, q, k, v) })
	if err == nil {
		err = p.record(y)
	}
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", m.Name(), err)
	}
	return a.Hidden[0], nil
}

// embed returns the hidden states that enter the first layer.
func (m *Model) embed(in Input) ([]float64, error) {
	switch in := in.(type) {
	case Tokens:
		if m.Kind() != KindText {
			break
		}
		if err := m.check(in); err != nil {
			return nil, err
		}
		return m.net.EmbedText(in.IDs, in.Types)
	case Patches:
		if m.Kind() != KindImage {
			break
		}
		if err := m.checkPatches(in); err != nil {
			return nil, err
		}
		return m.net.EmbedImage(in.columns(), in.Rows, in.Cols)
	}
	takes := map[string]string{KindText: "text (Tokens)", KindImage: "an image (Patches)"}
	return nil, fmt.Errorf("this model takes %s, not %T", takes[m.Kind()], in)
}

// record keeps a hidden state, which must be finite.
func (p *pass[T]) record(x []T) error {
	for i, v := range x {
		if v-v != 0 {
			return fmt.Errorf("model %s: the hidden state after %d layers is %v at token %d, unit %d; the weights lead to numbers beyond its precision",
				p.m.Name(), p.layers, v, i/p.Width, i%p.Width)
		}
	}
	if p.options.Keep != KeepAnswer {
		p.Hidden = append(p.Hidden, family.In[float64](x))
	}
	return nil
}

// attend computes all heads of one layer, and records them.
func (p *pass[T]) attend(layer int, q, k, v []T) ([]T, error) {
	joined := make([]T, p.Tokens*p.Width)
	l := Layer{Q: make([][]float64, p.Heads), K: make([][]float64, p.Heads), V: make([][]float64, p.Heads), Output: make([][]float64, p.Heads)}
	if p.options.Attention {
		l.Attention = make([][]float64, p.Heads)
	}
	var group errgroup.Group
	group.SetLimit(p.threads)
	for h := range p.Heads {
		if p.threads == 1 {
			if err := p.head(layer, h, q, k, v, joined, &l); err != nil {
				return nil, err
			}
			continue
		}
		group.Go(func() error { return p.head(layer, h, q, k, v, joined, &l) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if p.options.Keep == KeepAll {
		p.Layers = append(p.Layers, l)
	}
	return joined, nil
}

// head computes one head of a layer, puts its output in its place, and records it.
func (p *pass[T]) head(layer, h int, q, k, v, joined []T, l *Layer) error {
	n, d := p.Tokens, p.HeadDim
	part := T(p.m.part(layer))
	hq, hk, hv := ofHead(q, h, d, p.Width), ofHead(k, h, d, p.Width), ofHead(v, h, d, p.Width)
	weights, logZ := softmaxOf(scaled(hq, part), scaled(hk, part), n, d, p.m.Causal())
	output := make([]T, n*d)
	multiply(false, false, n, d, n, weights, hv, output)
	var state HeadState
	if p.options.Replace != nil || p.options.Keep == KeepAll {
		state = HeadState{Layer: layer, Head: h, Tokens: n, Dim: d, Part: p.m.part(layer), Q: family.In[float64](hq), K: family.In[float64](hk),
			V: family.In[float64](hv), Attention: family.In[float64](weights), LogZ: logZ, Output: family.In[float64](output)}
	}
	if p.options.Replace != nil {
		if err := p.options.Replace(state); err != nil {
			return fmt.Errorf("layer %d, head %d: %w", layer, h, err)
		}
		output = family.In[T](state.Output)
	}
	if p.options.Keep == KeepAll {
		l.Q[h], l.K[h], l.V[h], l.Output[h] = state.Q, state.K, state.V, state.Output
		if p.options.Attention {
			l.Attention[h] = state.Attention
		}
	}
	toHead(joined, output, h, d, p.Width)
	return nil
}

// ofHead cuts a head's N × d out of N × D.
func ofHead[T family.Real](x []T, h, d, width int) []T {
	y := make([]T, 0, len(x)/width*d)
	for at := h * d; at < len(x); at += width {
		y = append(y, x[at:at+d]...)
	}
	return y
}

// toHead puts a head's N × d in its place in N × D.
func toHead[T family.Real](x, y []T, h, d, width int) {
	for t := range len(y) / d {
		copy(x[t*width+h*d:], y[t*d:(t+1)*d])
	}
}

// multiply writes C = op(A) op(B), with C m × n and k the inner size, all without gaps.
func multiply[T family.Real](transA, transB bool, m, n, k int, a, b, c []T) {
	switch a := any(a).(type) {
	case []float64:
		matmul(transA, transB, m, n, k, a, any(b).([]float64), any(c).([]float64))
	case []float32:
		lda, ldb := k, n
		if transA {
			lda = m
		}
		if transB {
			ldb = k
		}
		kernel.Gemm32(transA, transB, m, n, k, 1, a, lda, any(b).([]float32), ldb, 0, any(c).([]float32), n)
	}
}
