package compare

import "github.com/nasim-sim/nasim/pkg/model"

// readOut: the synapses do not feel the calcium as a division by it.
var readOut = Cause{
	Part: Part{
		Name: "read-out", Metric: "readout", Step: "P", Meaning: "the read-out P of the calcium on, with τ_Γ", Inset: true,
	},
	Limit: func(p *model.Parameters) {
		if p.Division.Readout == model.Threshold { // which is a cause of its own
			return
		}
		p.Division.Readout, p.Division.HalfEffect, p.Division.TauReceptor, p.Division.Threshold = model.Reciprocal, 0, 0, 0
	},
	Cure: &Change{Path: "network.astrocyte.readout", Text: model.Reciprocal.String()},
	Remedies: [][]Knob{{ // with which slow receptors settle faster, too
		{"p_h", "network.astrocyte.half_effect", false, func(p *model.Parameters) *float64 {
			if p.Division.Readout == model.Event {
				return nil // it is a common gain of all that is released
			}
			return &p.Division.HalfEffect
		}},
	}},
}
