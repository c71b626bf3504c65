package transformer

import (
	"context"

	"github.com/nasim-sim/nasim/pkg/model/transformer/family"
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
	Keep      Kept     // of the numbers inside
	Replace   HeadFunc // called for each head; nil for none
}

// Kept says which of the numbers inside a pass are kept: [Activations].Hidden and Layers, Hidden, or neither.
type Kept int

// What may be kept beside the answer.
const (
	KeepAll Kept = iota
	KeepHidden
	KeepAnswer
)

// HeadFunc may overwrite head.Output; whatever it leaves there goes on into the rest of the network, so that later layers see
// it. The other fields are for reading, and the slices must not be kept: copy what you need. An error ends the forward pass.
// Heads come in the order of layer and head; a Runner of several threads calls it for several heads of a layer at once.
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

// Forward runs the model on an input made by EncodeText or EncodeImage, in float64 arithmetic on one thread, its weights read as
// they are needed. Errors: an input that does not fit the model, a cancelled context (checked before each layer), a hidden state
// that is not finite, the error of Options.Replace, weights that cannot be read any more.
func (m *Model) Forward(ctx context.Context, in Input, options Options) (*Activations, error) {
	return m.Runner(Settings{}).Forward(ctx, in, options)
}

// Settings of a Runner; the zero value is float64 arithmetic on one thread, and weights that are read again in each pass.
type Settings struct {
	Single  bool // float32 arithmetic
	Threads int  // on which a pass is done; its numbers do not depend on them
	Keep    bool // hold the weights in memory once they are read
}

// A Runner runs a model, again and again if need be, and for several goroutines at once.
type Runner struct {
	m        *Model
	settings Settings
	double   *family.Pass[float64] // one of the two
	single   *family.Pass[float32]
}

// Runner prepares forward passes.
func (m *Model) Runner(s Settings) *Runner {
	r := &Runner{m: m, settings: s}
	if s.Single {
		r.single = family.NewPass[float32](m.net, s.Threads, s.Keep)
	} else {
		r.double = family.NewPass[float64](m.net, s.Threads, s.Keep)
	}
	return r
}

// Forward is [Model.Forward] with the runner's settings.
func (r *Runner) Forward(ctx context.Context, in Input, options Options) (*Activations, error) {
	if r.single != nil {
		return runForward(ctx, r, r.single, in, options)
	}
	return runForward(ctx, r, r.double, in, options)
}

// Layer takes the hidden states that enter one layer, N × D, through it, with its heads replaced as in Forward.
func (r *Runner) Layer(ctx context.Context, layer int, x []float64, replace HeadFunc) ([]float64, error) {
	if r.single != nil {
		return throughLayer(ctx, r, r.single, layer, x, replace)
	}
	return throughLayer(ctx, r, r.double, layer, x, replace)
}
