package compare

import "github.com/nasim-sim/nasim/pkg/model"

// latency: the calcium comes late.
var latency = Cause{
	Part: Part{
		Name: "latency", Metric: "latency", Step: "Δ", Meaning: "the calcium's latency Δ on", Inset: true,
	},
	Limit: func(p *model.Parameters) { p.Latency = 0 },
	Remedies: [][]Knob{
		{{"Δ", "network.astrocyte.latency", false, func(p *model.Parameters) *float64 { return &p.Latency }}},
		{{"T_r", "network.schedule.read", true, func(p *model.Parameters) *float64 { return &p.Read }}},
	},
}
