// Package inspect measures every head of a transformer on one input, so that a user can choose
// heads before anything is simulated: how long its queries and keys are, how sharp its attention
// is, how far its normaliser spreads, and how many hidden neurons of a drawn feature map it would
// take.
//
//	model, err := transformer.Open("tiny-text")
//	in, err := inspect.Ours(model)
//	report, err := inspect.Run(ctx, model, in, 2)
//	err = report.Write(os.Stdout, "csv", 0)
//
// # Contract
//
// One forward pass is made; heads are measured beside it, and what is N × N is held for those
// that are being measured alone. Queries and keys are those of a run: each multiplied by the root
// of the model's scale, 1/d^{1/4} as a rule. In a causal model a query sees its own key and
// earlier ones, and all means are over pairs that are seen.
//
// The same model, input and kernels give the same numbers, however many heads are measured at a
// time. A number that cannot be had, or that float64 does not hold, is null in JSON and empty in
// CSV.
package inspect

import (
	"context"
	"fmt"
	"math"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/nasim-sim/nasim/internal/memory"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// What predictions are for.
const (
	Neurons = 1000 // m of sd_…
	Error   = 0.05 // relative output error of m05_…
)

// Report is what [Run] finds.
type Report struct {
	Model, Kind, SHA256 string // the model's name, what it reads, its weights
	Layers, Heads       int
	Input               Input
	Causal              bool
	Maps                []string // of which there are predictions
	Rows                []Head   // of the report, in the order of [Report.Sort]
}

// Head is what is known of one head.
type Head struct {
	Layer, Head, Dim, Tokens int
	Norm2                    float64 // mean |q+k|²
	Entropy                  float64 // of attention, nats, mean over rows
	Decades                  float64 // log₁₀ of the largest Z over the least
	Predicted                []Prediction
}

// Prediction is what is known of a head with one map.
type Prediction struct {
	Deviation float64 // relative standard deviation of a score, at Neurons hidden neurons
	Neurons   float64 // m with which the expected relative error of the output is Error
	Sum       float64 // relative standard deviation of a row's normaliser with as many
	Drawn     float64 // share of the square of that error which so many neurons reach
}

// headBytes is what the measurement of a head of n tokens holds: the Gram matrices of its keys, and
// space to make them.
func headBytes(n int) float64 { return 8 * 6 * float64(n) * float64(n) }

// Run runs the model on an input and measures all heads, so many at a time, or fewer where there is
// not the memory. An input so long that there is none for one head is an [experiment.Refusal];
// other errors are those of the forward pass and of ctx.
func Run(ctx context.Context, model *transformer.Model, in Input, threads int) (*Report, error) {
	r := &Report{Model: model.Name(), Kind: model.Kind(), SHA256: model.SHA256(), Layers: model.Layers(), Heads: model.Heads(),
		Input: in, Causal: model.Causal(), Maps: features.Predicted()}
	n := in.Tokens()
	for threads = max(1, threads); threads > 1 && memory.Needed("", float64(float64(threads)*headBytes(n))+model.Memory(n)) != nil; {
		threads--
	}
	if err := memory.Needed(fmt.Sprintf("measuring a head of %d tokens", n), headBytes(n)+model.Memory(n)); err != nil {
		return nil, experiment.Refusal{Err: fmt.Errorf("%w; take a shorter input", err)}
	}
	r.Rows = make([]Head, r.Layers*r.Heads)
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(threads)
	take := func(s transformer.HeadState) error {
		q, k := s.Scaled()
		h := head{Attention: features.Attention{Q: q, K: k, V: slices.Clone(s.V), Tokens: s.Tokens, Dim: s.Dim, Size: s.Dim, Causal: model.Causal()},
			logZ: slices.Clone(s.LogZ), layer: s.Layer, head: s.Head}
		group.Go(func() (err error) { // waits where all are at work, so that no more are held
			r.Rows[h.layer*r.Heads+h.head], err = h.measure(within)
			return err
		})
		return within.Err()
	}
	_, passed := model.Forward(ctx, in.encoded, transformer.Options{Layers: r.Layers, Replace: take})
	measured := group.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if passed == nil || within.Err() != nil && measured != nil {
		passed = measured
	}
	if passed != nil {
		return nil, passed
	}
	return r, r.Sort(Easy)
}

// Warnings are doubts of the input.
func (r *Report) Warnings() []compare.Warning { return r.Input.warnings }

// head is one head at work.
type head struct {
	features.Attention
	logZ        []float64
	layer, head int
}

// measure measures a head.
func (h *head) measure(ctx context.Context) (Head, error) {
	out := Head{Layer: h.layer, Head: h.head, Dim: h.Dim, Tokens: h.Tokens, Norm2: h.norm2(),
		Decades: (slices.Max(h.logZ) - slices.Min(h.logZ)) / math.Ln10}
	entropy, err := h.entropy(ctx)
	if err != nil {
		return out, err
	}
	out.Entropy = entropy
	errors, err := features.NewOutputVariance(ctx, h.Attention)
	if err != nil {
		return out, err
	}
	for _, name := range features.Predicted() {
		m := errors.Neurons(name, Error)
		out.Predicted = append(out.Predicted, Prediction{Deviation: errors.MedianDeviation(name, Neurons), Neurons: m,
			Sum: errors.Normaliser(name, m), Drawn: errors.Drawn(name, m)})
	}
	return out, nil
}

// entropy is the mean over the rows of the attention matrix.
func (h *head) entropy(ctx context.Context) (mean float64, err error) {
	transformer.SoftmaxRows(h.Q, h.K, h.Tokens, h.Dim, h.Causal, func(_ int, rows []float64) {
		if ctx.Err() == nil {
			mean += entropyOf(rows) / float64(h.Tokens)
		}
	})
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	return mean, nil
}
