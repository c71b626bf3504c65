package compare

import (
	"github.com/nasim-sim/nasim/pkg/model"
)

// carryOver: a token's activity outlasts its dwell, by the membranes' inertia.
var carryOver = Cause{
	Part: Part{
		Name: "carry-over", Metric: "carry_over", Step: "τ_h, τ_f", Meaning: "τ_h and τ_f on", Inset: true,
	},
	Limit: func(p *model.Parameters) { p.TauHidden, p.TauOutput = 0, 0 },
	Remedies: [][]Knob{
		{
			{"τ_h", "network.neurons.tau_hidden", false, func(p *model.Parameters) *float64 { return &p.TauHidden }},
			{"τ_f", "network.neurons.tau_output", false, func(p *model.Parameters) *float64 { return &p.TauOutput }},
		},
		{
			{"T_gap", "network.schedule.gap", true, func(p *model.Parameters) *float64 { return &p.Gap }},
		},
		{
			{"T_w", "network.schedule.write", true, func(p *model.Parameters) *float64 { return &p.Write }},
			{"T_r", "network.schedule.read", true, func(p *model.Parameters) *float64 { return &p.Read }},
		},
	},
}
