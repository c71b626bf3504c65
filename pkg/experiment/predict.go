package experiment

import (
	"context"
	"slices"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// predictable reports whether a head's kernel part is predicted: its map is drawn and unbiased, and
// its N × N matrices are wanted at all.
func predictable(cfg *config.Config, in *headInput) bool {
	return !in.given() && cfg.Record.Attention && slices.Contains(features.Predicted(), cfg.Network.Features.Map)
}

// predict tells the kernel part of a head's error before its hidden layer is drawn; nothing is known
// where it cannot be told. Its error is that of ctx.
func predict(ctx context.Context, cfg *config.Config, in *headInput) (compare.Prediction, error) {
	if !predictable(cfg, in) {
		return compare.Prediction{}, nil
	}
	name, m := cfg.Network.Features.Map, float64(neurons(cfg, in))
	head := features.Attention{Q: in.q, K: in.k, V: in.v, Tokens: in.n, Dim: in.d, Size: in.dv, Causal: cfg.Network.Parameters().Causal}
	spec, err := in.spec(cfg)
	if err != nil {
		return compare.Prediction{}, err
	}
	if spec.To != nil {
		head.Invariances = spec.To.Invariances
	}
	v, err := features.NewOutputVariance(ctx, head, name)
	if err != nil {
		return compare.Prediction{}, err
	}
	return compare.Prediction{Error: v.Error(name, m), Deviation: v.Deviation(name, m), Drawn: v.Drawn(name, m), Bound: v.Bound(name)}, nil
}

// HeadPrediction is that of one head.
type HeadPrediction struct {
	Layer, Head int
	compare.Prediction
}

// Predict tells the kernel part of every selected head's error, of a set's heads on its first input, from
// queries, keys and values: nothing is drawn. Where it cannot, why says so, or is "" where the heads
// have not been loaded. Its error is that of ctx.
func (p *Prepared) Predict(ctx context.Context) (heads []HeadPrediction, why string, err error) {
	name := p.Config.Network.Features.Map
	for i := range p.first.heads {
		switch h := &p.first.heads[i]; {
		case h.given():
			return nil, "features are given, without queries and keys", nil
		case p.Config.Network.Parameters().Replicated():
			return nil, "a replicator settles at softmax, without a kernel error", nil
		case name == features.Ideal:
			return nil, "infinitely many hidden neurons have no kernel error", nil
		case name == features.Learned:
			return nil, "the map learned is not drawn; nasim fit tells its held-out error", nil
		case !slices.Contains(features.Predicted(), name):
			return nil, "the map " + name + " is biased", nil
		case !p.Config.Record.Attention:
			return nil, "record.attention: false", nil
		case h.q == nil:
			return nil, "", nil
		default:
			predicted, err := predict(ctx, p.Config, h)
			if err != nil {
				return nil, "", err
			}
			heads = append(heads, HeadPrediction{h.layer, h.head, predicted})
		}
	}
	return heads, "", nil
}
