package compare

import "github.com/nasim-sim/nasim/pkg/model"

// gathering: where enough compartments are active their calcium follows what the whole cell
// collects, and not what each collects itself. Without compartments it is nothing.
var gathering = Cause{
	Part: Part{
		Name: "threshold", Metric: "threshold", Step: "p_Θ", Meaning: "compartments gathering above the threshold p_Θ, beside their being apart", Inset: true,
	},
	Limit: func(p *model.Parameters) {
		if p.Division.Readout == model.Threshold {
			p.Division.Readout, p.Division.Threshold = model.Reciprocal, 0
		}
	},
	Beside: "compartments",
	Cure:   &Change{Path: "network.astrocyte.readout", Text: model.Reciprocal.String()},
}
