package compare

import "github.com/nasim-sim/nasim/pkg/model"

// noAstrocyte: what divides is a number, the same for all queries.
var noAstrocyte = Cause{
	Part: Part{
		Name: "no astrocyte", Metric: "no_astrocyte", Step: "P = 1/median", Meaning: "a number in the place of the astrocyte", Inset: true,
	},
	Limit: func(p *model.Parameters) {
		if p.Circuit == model.NoAstrocyte {
			p.Circuit = model.Tripartite
		}
	},
	Cure: &Change{Path: "network.circuit", Text: model.Tripartite.String()},
}
