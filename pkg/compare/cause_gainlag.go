package compare

import "github.com/nasim-sim/nasim/pkg/model"

// gainLag: a replicator's gains settle slowly.
var gainLag = Cause{
	Part: Part{
		Name: "gain lag", Metric: "gain_lag", Step: "τ_a", Meaning: "the time constant τ_a of a replicator's gains on", Inset: true,
	},
	Limit: func(p *model.Parameters) { p.TauGain = 0 },
	Remedies: [][]Knob{
		{{"τ_a", "network.replicator.tau_gain", false, func(p *model.Parameters) *float64 { return &p.TauGain }}},
		{{"T_r", "network.schedule.read", true, func(p *model.Parameters) *float64 { return &p.Read }}},
	},
}
