package compare

import "github.com/nasim-sim/nasim/pkg/model"

// settling: where division emerges, processes have to agree on their calcium and synapses
// to follow it.
var settling = Cause{
	Part: Part{
		Name: "settling", Metric: "settling", Step: "τ_s, τ_x", Meaning: "τ_s and τ_x of emergent division on", Inset: true,
	},
	Limit: func(p *model.Parameters) { p.TauSynapse, p.TauExchange = 0, 0 },
	Remedies: [][]Knob{
		{{"τ_s", "network.emergent_division.tau_synapse", false, func(p *model.Parameters) *float64 { return &p.TauSynapse }}},
		{{"T_r", "network.schedule.read", true, func(p *model.Parameters) *float64 { return &p.Read }}},
	},
}
