package compare

import "github.com/nasim-sim/nasim/pkg/model"

// compartments: the synapses are divided by what calcium is in their own part of the
// astrocyte, which exchange has made alike as far as it goes in τ_p.
var compartments = Cause{
	Part: Part{
		Name: "compartments", Metric: "compartments", Step: "C, τ_p D", Meaning: "the C calcium compartments on, settled", Inset: true,
	},
	Limit: func(p *model.Parameters) { p.Compartments = model.Compartments{} },
	Cure:  &Change{Path: "network.astrocyte.compartments", Text: "1"},
	Remedies: [][]Knob{
		{{"D", "network.astrocyte.exchange", true, func(p *model.Parameters) *float64 { return &p.Compartments.Exchange }}},
	},
}
