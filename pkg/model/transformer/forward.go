package transformer

import (
	"context"
	"fmt"
)

// Input is what a model's first layer takes: Tokens or Patches.
type Input interface {
	// Len is the number of tokens N, special ones and the class token included.
	Len() int
}

// Options of Forward; the zero value records queries, keys, values and hidden states only.
type Options struct {
	Layers    int      // stop after so many, and answer nothing: Final and Logits are nil; 0: all, and answer
	Attention bool     // also keep each head's attention matrix (N × N)
	Replace   HeadFunc // called for each head, in order of layer and head; nil for none
}

// HeadFunc may overwrite head.Output; whatever it leaves there goes on into the rest of the network, so that later layers see
// it. The other fields are for reading, and the slices must not be kept: copy what you need. An error ends the forward pass.
type HeadFunc func(head HeadState) error

// HeadState is one attention head at work.
type HeadState struct {
	Layer, Head int
	Tokens, Dim int       // N, d
	Q, K, V     []float64 // N × d, unscaled
	Part        float64   // by which q and k are multiplied so that q·k is the score: 1/d^¼ as a rule
	Attention   []float64 // N × N, softmax of the scores
	LogZ        []float64 // N, logarithm of each row's sum of exponentials
	Output      []float64 // N × d, attention · V on entry
}

// Activations are the numbers inside one forward pass, row-major, token after token.
type Activations struct {
	Tokens  int         // N
	Width   int         // D, the hidden size
	Heads   int         // H
	HeadDim int         // d = D/H
	Hidden  [][]float64 // [L+1][N×D]: Hidden[0] enters the first layer, Hidden[l+1] leaves layer l
	Layers  []Layer     // [L]
	Final   []float64   // N×D: what the read-out sees: Hidden[L], after the final layer norm where there is one (ViT)
	Logits  []float64   // LogitRows × LogitCols
	// LogitRows is N for a masked language model, 1 for a classifier; LogitCols the vocabulary's or the classes' number.
	LogitRows, LogitCols int
}

// Layer holds the heads of one layer: [H][N×d] for queries, keys and values after their biases and *before* the division by
// d^(1/4) (see ScaleHead), and for the heads' outputs; Attention is [H][N×N], or nil if it was not asked for.
type Layer struct {
	Q, K, V, Output, Attention [][]float64
}

// Forward runs the model on an input made by EncodeText or EncodeImage, in float64 arithmetic. Errors: an input that does not
// fit the model, a cancelled context (checked before each layer), a hidden state that is not finite, the error of
// Options.Replace, weights that cannot be read any more.
func (m *Model) Forward(ctx context.Context, in Input, options Options) (*Activations, error) {
	a := &Activations{Width: m.Width(), Heads: m.Heads(), HeadDim: m.HeadDim()}
	x, err := m.embed(in)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", m.Name(), err)
	}
	a.Tokens = len(x) / a.Width
	if err := m.record(a, x); err != nil {
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
		x, err = m.net.Block(layer, x, func(q, k, v []float64) ([]float64, error) { return m.attend(a, layer, q, k, v, options) })
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", m.Name(), err)
		}
		if err := m.record(a, x); err != nil {
			return nil, err
		}
	}
	if options.Layers > 0 {
		return a, nil
	}
	if a.Final, err = m.net.Finish(x); err == nil {
		a.Logits, a.LogitRows, a.LogitCols, err = m.net.Logits(a.Final)
	}
	return a, err
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

// record appends a hidden state, which must be finite.
func (m *Model) record(a *Activations, x []float64) error {
	for i, v := range x {
		if v-v != 0 {
			return fmt.Errorf("model %s: the hidden state after %d layers is %v at token %d, unit %d; the weights lead to numbers beyond float64",
				m.Name(), len(a.Hidden), v, i/a.Width, i%a.Width)
		}
	}
	a.Hidden = append(a.Hidden, x)
	return nil
}

// attend computes all heads of one layer, and records them.
func (m *Model) attend(a *Activations, layer int, q, k, v []float64, options Options) ([]float64, error) {
	n, d := a.Tokens, a.HeadDim
	part := m.part(layer)
	l := Layer{Q: a.split(q), K: a.split(k), V: a.split(v)}
	joined := make([]float64, n*a.Width)
	for h := range a.Heads {
		weights, logZ := Softmax(scaled(l.Q[h], part), scaled(l.K[h], part), n, d, m.Causal())
		output := make([]float64, n*d)
		matmul(false, false, n, d, n, weights, l.V[h], output)
		if options.Replace != nil {
			state := HeadState{Layer: layer, Head: h, Tokens: n, Dim: d, Part: part, Q: l.Q[h], K: l.K[h], V: l.V[h], Attention: weights, LogZ: logZ, Output: output}
			if err := options.Replace(state); err != nil {
				return nil, fmt.Errorf("layer %d, head %d: %w", layer, h, err)
			}
		}
		l.Output = append(l.Output, output)
		if options.Attention {
			l.Attention = append(l.Attention, weights)
		}
		for t := range n {
			copy(joined[t*a.Width+h*d:], output[t*d:(t+1)*d])
		}
	}
	a.Layers = append(a.Layers, l)
	return joined, nil
}

// split cuts N × D into H matrices N × d.
func (a *Activations) split(x []float64) [][]float64 {
	d := a.HeadDim
	heads := make([][]float64, a.Heads)
	for h := range heads {
		heads[h] = make([]float64, 0, a.Tokens*d)
		for t := range a.Tokens {
			row := x[t*a.Width+h*d:]
			heads[h] = append(heads[h], row[:d]...)
		}
	}
	return heads
}
