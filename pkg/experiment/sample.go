package experiment

import (
	"context"
	"fmt"

	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// A source is what a configuration is run on: samples that are made one after
// another as they are asked for, so that a million cost the memory of one.
type source struct {
	files []InputFile
	model *transformer.Model // nil where heads are given or drawn
	count int                // of samples
	sizes []headInput        // the heads of a sample, without their arrays: what memory they will take
	at    func(ctx context.Context, index int) (*sample, error)
}

// one is a source of a single sample, of heads of these sizes.
func one(files []InputFile, model *transformer.Model, sizes []headInput, make func(context.Context) (*sample, error)) *source {
	return &source{files, model, 1, sizes, func(ctx context.Context, _ int) (*sample, error) { return make(ctx) }}
}

// A sample is one input, turned into the selected heads' queries, keys and values.
type sample struct {
	heads   []headInput
	tokens  *transformer.Tokens  // of a text
	patches *transformer.Patches // of an image
}

// headInput is one attention head as the circuit gets it.
type headInput struct {
	layer, head int
	n, d, dv    int
	q, k        []float64    // [N×d], divided by d^{1/4}; nil where only features are given
	v           []float64    // [N×d_v]
	softmax     *softmaxRung // where the transformer has computed it on its way

	m          int       // with features given
	phiQ, phiK []float64 // [N×m]
}

func (h *headInput) given() bool { return h.phiQ != nil }

func (h *headInput) label() string { return fmt.Sprintf("layer %d, head %d", h.layer, h.head) }
