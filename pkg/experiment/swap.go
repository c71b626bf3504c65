package experiment

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// swapped is a transformer with the network, and what it is held against, in the place of
// the selected heads. It may be asked by several goroutines at once.
type swapped struct {
	cfg        *config.Config
	model      *transformer.Model
	runner     *transformer.Runner
	chosen     map[layerHead]bool
	drawn      drawnMaps
	learned    map[layerHead]*features.Map         // hidden layers that have been fitted; nil: they are drawn
	calibrated map[layerHead]*features.Invariances // of a map file, for maps that are drawn; nil: those of the tokens at hand
	spare      sync.Pool                           // of *features.Activity, whose arrays the next head writes over
}

// swaps reports whether a run asks for the whole model's answers.
func swaps(cfg *config.Config) bool {
	return cfg.Swap.Mode == teacherForced || cfg.Swap.Mode == freeRunning
}

const (
	teacherForced = "teacher-forced"
	freeRunning   = "free-running"
)

// mostWeights is how many of a model's numbers are held from one pass to the next: 1 GiB of them in float64.
const mostWeights = 1 << 27

// single reports whether the transformer's arithmetic is in float32.
func single(cfg *config.Config) bool { return cfg.Transformer.Precision == "float32" }

func newSwapped(cfg *config.Config, m *transformer.Model, chosen []layerHead, threads int) *swapped {
	s := &swapped{cfg: cfg, model: m, chosen: map[layerHead]bool{}, runner: m.Runner(transformer.Settings{
		Single: single(cfg), Threads: threads, Keep: m.Weights() <= mostWeights,
	})}
	for _, c := range chosen {
		s.chosen[c] = true
	}
	return s
}

// A standIn computes what stands in the place of a head's output, [N×d_v].
type standIn func(ctx context.Context, in *headInput) ([]float64, error)

// standIns are what may stand in the place of heads, by who then answers.
func (s *swapped) standIns() map[string]standIn {
	network := *s.cfg
	network.Record.Arrays, network.Record.Features = "none", false // nothing is recorded
	if s.cfg.Swap.Mode == freeRunning {
		network.Record.Attention = false
	}
	random := network
	random.Record.Attention = false
	random.Network.Features = config.Features{Map: "positive", Rows: features.IID, Neurons: randomNeurons(s.cfg), Invariances: "none", QueryGain: features.GainNone}
	asMany := s.byRung(&random, compare.Kernel)
	all := map[string]standIn{
		compare.Network: s.byRung(&network, s.cfg.Swap.Rung),
		compare.Random: func(ctx context.Context, in *headInput) ([]float64, error) {
			fitted := s.learned[layerHead{in.layer, in.head}]
			if fitted == nil {
				return asMany(ctx, in)
			}
			cfg := random
			cfg.Network.Features.Neurons = fitted.Neurons
			return s.byRung(&cfg, compare.Kernel)(ctx, in)
		},
		compare.Uniform: func(_ context.Context, in *headInput) ([]float64, error) {
			return uniformly(in, s.cfg.Network.Schedule.Order == "causal"), nil
		},
	}
	for _, who := range compare.Replaced()[1:] {
		if !slices.Contains(s.cfg.Swap.Controls, who) {
			delete(all, who)
		}
	}
	return all
}

// randomNeurons is how many random features the network is held against: as many as it has
// neurons.
func randomNeurons(cfg *config.Config) int {
	if m := cfg.Network.Features.Neurons; m > 0 {
		return m
	}
	return 1000 // for a map without single neurons
}

// byRung solves the network on a rung of the ladder.
func (s *swapped) byRung(cfg *config.Config, rung string) standIn {
	return func(ctx context.Context, in *headInput) ([]float64, error) {
		var err error
		in.invariances = s.calibrated[layerHead{in.layer, in.head}]
		if learns(cfg) {
			in.drawn = s.learned[layerHead{in.layer, in.head}]
		} else if in.drawn, err = s.drawn.of(cfg, in); err != nil {
			return nil, err
		}
		in.over, _ = s.spare.Get().(*features.Activity)
		c, err := buildCircuit(ctx, cfg, in)
		if err != nil {
			return nil, err
		}
		defer s.spare.Put(c.activity)
		var x model.Result
		opt := model.Options{Attention: cfg.Record.Attention}
		switch {
		case rung == compare.Kernel:
			x = c.head.Discrete(c.params.Causal, c.params.Division, opt)
		case rung == compare.Exact || cfg.Solver.Method == "exact":
			opt.Dwell = cfg.Record.Attention // as the ladder has it
			x, err = c.head.Exact(ctx, c.params, opt)
		default:
			x, _, err = c.integrate(ctx, cfg, opt)
		}
		if err != nil {
			return nil, c.inConfigurationTerms(err, cfg, rung)
		}
		return x.Output, nil
	}
}

// uniformly is attention that weighs all tokens that are seen alike.
func uniformly(in *headInput, causal bool) []float64 {
	out, sum := make([]float64, in.n*in.dv), make([]float64, in.dv)
	for t := range in.n {
		kernel.Axpy(1, in.v[t*in.dv:(t+1)*in.dv], sum)
		if causal {
			kernel.Axpy(1/float64(t+1), sum, out[t*in.dv:(t+1)*in.dv])
		}
	}
	for t := 0; t < in.n && !causal; t++ {
		kernel.Axpy(1/float64(in.n), sum, out[t*in.dv:(t+1)*in.dv])
	}
	return out
}

// replace puts a stand-in in the place of the chosen heads; measured is told how far it is
// from the head, from one goroutine at a time.
func (s *swapped) replace(ctx context.Context, by standIn, measured func(compare.ReplacedHead)) transformer.HeadFunc {
	var mu sync.Mutex
	return func(h transformer.HeadState) error {
		if !s.chosen[layerHead{h.Layer, h.Head}] {
			return nil
		}
		q, k := h.Scaled()
		in := &headInput{layer: h.Layer, head: h.Head, n: h.Tokens, d: h.Dim, dv: h.Dim, q: q, k: k, v: h.V, softmax: &softmaxRung{}}
		out, err := by(ctx, in)
		if err != nil {
			return err
		}
		distance := compare.OutputDistance(out, h.Output)
		copy(h.Output, out)
		if measured != nil {
			mu.Lock()
			defer mu.Unlock()
			measured(compare.ReplacedHead{Layer: h.Layer, Head: h.Head, RelativeError: distance})
		}
		return nil
	}
}

// freely is the answer of the model whose chosen heads are replaced all at once.
func (s *swapped) freely(ctx context.Context, in transformer.Input, by standIn, keep transformer.Kept, measured func(compare.ReplacedHead)) (*transformer.Activations, error) {
	return s.runner.Forward(ctx, in, transformer.Options{Keep: keep, Replace: s.replace(ctx, by, measured)})
}

// layerByLayer returns the hidden states [L+1][N×D] that leave each layer with its heads
// replaced and the intact model's states going in.
func (s *swapped) layerByLayer(ctx context.Context, intact [][]float64, by standIn, measured func(compare.ReplacedHead)) ([][]float64, error) {
	hidden := slices.Clone(intact)
	for layer := range s.model.Layers() {
		if !s.replacesIn(layer) {
			continue
		}
		var err error
		if hidden[layer+1], err = s.runner.Layer(ctx, layer, intact[layer], s.replace(ctx, by, measured)); err != nil {
			return nil, err
		}
	}
	return hidden, nil
}

func (s *swapped) replacesIn(layer int) bool {
	for c := range s.chosen {
		if c.layer == layer {
			return true
		}
	}
	return false
}

// drawnMaps are hidden layers that have been drawn, for as long as their rows are few.
type drawnMaps struct {
	mu   sync.Mutex
	kept map[drawnKey]*features.Map
	size int // of the rows, in numbers
}

type drawnKey struct {
	features.Spec
	layer, head int
}

// mostDrawn is how many numbers of rows are held: 256 MiB.
const mostDrawn = 1 << 25

// of returns a head's hidden layer; nil where it is to be drawn as it goes, or not to be held.
func (t *drawnMaps) of(cfg *config.Config, in *headInput) (*features.Map, error) {
	if cfg.Network.Features.Invariances != features.NoInvariance || features.Adapts(cfg.Network.Features.Map) {
		return nil, nil // every input calls for another
	}
	key := drawnKey{spec(cfg), in.layer, in.head}
	size := key.Neurons * in.d
	if !holdsFeatures(cfg, in) {
		return nil, nil
	}
	t.mu.Lock()
	kept, ok := t.kept[key]
	full := t.size+size > mostDrawn
	t.mu.Unlock()
	if ok || full {
		return kept, nil
	}
	drawn, err := features.New(key.Spec, in.d, stream(cfg.Seed, streamFeatures, in.layer, in.head))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.label(), err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept == nil {
		t.kept = map[drawnKey]*features.Map{}
	}
	t.kept[key] = drawn
	t.size += size
	return drawn, nil
}
