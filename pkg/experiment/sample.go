package experiment

import (
	"context"
	"fmt"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// A source is what a configuration is run on: samples that are made one after
// another as they are asked for, so that a million cost the memory of one.
type source struct {
	files      []InputFile
	model      *transformer.Model                  // nil where heads are given or drawn
	count      int                                 // of samples
	learned    map[layerHead]*features.Map         // hidden layers that have been fitted; nil: they are drawn
	calibrated map[layerHead]*features.Invariances // of a map file, for maps that are drawn; nil: those of the tokens at hand
	maps       string                              // where the run keeps their file
	chosen     []layerHead                         // heads of the model; nil where there is none
	sizes      []headInput                         // the heads of a sample, without their arrays: what memory they will take
	questions  *questions                          // of a set, the first of which is the sample; nil: there is no set
	held       float64                             // bytes of the files and of a sample's arrays
	at         func(ctx context.Context, index int) (*sample, error)
}

// given are the files that hold the input: all but that of learned maps, which comes last.
func (from *source) given() []InputFile {
	if from.maps == "" {
		return from.files
	}
	return from.files[:len(from.files)-1]
}

// one is a source of a single sample, of heads of these sizes.
func one(files []InputFile, model *transformer.Model, chosen []layerHead, sizes []headInput, make func(context.Context) (*sample, error)) *source {
	held := numberBytes(sizes)
	for _, f := range files {
		held += float64(len(f.bytes))
	}
	return &source{
		files: files, model: model, count: 1, chosen: chosen, sizes: sizes, held: held,
		at: func(ctx context.Context, _ int) (*sample, error) { return make(ctx) },
	}
}

// numberBytes is what the heads' queries and keys, or features, and values take.
func numberBytes(heads []headInput) float64 {
	total := 0.0
	for _, h := range heads {
		width := float64(max(h.d, h.m))
		total += float64(8 * float64(h.n) * (width + width + float64(h.dv)))
	}
	return total
}

// A sample is one input, turned into the selected heads' queries, keys and values.
type sample struct {
	heads    []headInput
	tokens   *transformer.Tokens  // of a text
	patches  *transformer.Patches // of an image
	whole    *answer              // of the transformer; nil where it is not asked for
	input    transformer.Input    // of the transformer; nil where there is none
	name     string               // of the input, for tables
	warnings []compare.Warning    // that the input may mean something else than it is taken for
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

	drawn       *features.Map         // the hidden layer's tuning where it has been drawn already; nil: it is drawn
	invariances *features.Invariances // of a map file; nil: those of the tokens at hand
	adapted     *adapted              // what the map takes from the tokens, once that is known

	over *features.Activity // to be written over when the hidden layer is evaluated; nil is none
}

func (h *headInput) given() bool { return h.phiQ != nil }

func (h *headInput) label() string { return fmt.Sprintf("layer %d, head %d", h.layer, h.head) }
