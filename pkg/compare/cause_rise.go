package compare

import "github.com/nasim-sim/nasim/pkg/model"

// rise: the calcium takes time to rise before it decays.
var rise = Cause{
	Part: Part{
		Name: "rise", Metric: "rise", Step: "τ_r", Meaning: "the calcium's rise time τ_r on", Inset: true,
	},
	Limit: func(p *model.Parameters) { p.TauRise = 0 },
	Remedies: [][]Knob{
		{{"τ_r", "network.astrocyte.tau_rise", false, func(p *model.Parameters) *float64 { return &p.TauRise }}},
		{{"T_r", "network.schedule.read", true, func(p *model.Parameters) *float64 { return &p.Read }}},
	},
}
