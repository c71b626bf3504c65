package experiment

import (
	"math/rand/v2"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// randomProjections reports whether the selected heads are not to have the model's maps.
func randomProjections(cfg *config.Config) bool { return cfg.Transformer.Projections == "random" }

// freshHeads are the selected heads with freshly initialised maps, each with a draw of its
// own. The hidden states that they see are those of the trained model, so that one head
// does not depend on which others are selected.
func freshHeads(cfg *config.Config, m *transformer.Model, chosen []layerHead, a *transformer.Activations) ([]headInput, error) {
	draws := func(layer, head int) *rand.Rand { return stream(cfg.Seed, streamProjections, layer, head) }
	var heads []headInput
	for _, c := range chosen {
		s, err := m.Fresh(a, c.layer, c.head, draws)
		if err != nil {
			return nil, problem(cfg, "transformer.projections", err.Error(), "", "correct the model's configuration, or take transformer.projections: trained")
		}
		q, k := s.Scaled()
		heads = append(heads, headInput{layer: c.layer, head: c.head, n: s.Tokens, d: s.Dim, dv: s.Dim, q: q, k: k, v: s.V})
	}
	return heads, nil
}

// doubtProjections says that the numbers are not of the model.
func doubtProjections(cfg *config.Config, m *transformer.Model) []compare.Warning {
	var d doubts
	if randomProjections(cfg) {
		d.add("projections-random", "queries, keys and values come of freshly initialised maps (transformer.projections: random), drawn from the seed: the numbers are not of the trained model %s", m.Name())
	}
	return d
}
