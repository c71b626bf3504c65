package compare

import "github.com/nasim-sim/nasim/pkg/model"

// coupling: with presynaptic plasticity blocked the processes do not collect g·h.
var coupling = Cause{
	Part: Part{
		Name: "coupling", Metric: "coupling", Step: "g at its mean", Meaning: "the couplings g at their mean", Inset: true,
	},
	Limit: func(p *model.Parameters) { p.FrozenCoupling = false },
	Cure:  &Change{Path: "network.astrocyte.coupling_plasticity", Text: "true"},
}
