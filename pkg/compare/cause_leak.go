package compare

import (
	"math"

	"github.com/nasim-sim/nasim/pkg/model"
)

// leak: the memories decay.
var leak = Cause{
	Part: Part{
		Name: "leak", Metric: "leak", Step: "τ_H, τ_g", Meaning: "the leaks τ_H and τ_g on", Inset: true,
	},
	Limit: func(p *model.Parameters) { p.TauHebbian, p.TauPresynaptic = math.Inf(1), math.Inf(1) },
	Remedies: [][]Knob{{
		{"τ_H", "network.synapses.tau_hebbian", true, func(p *model.Parameters) *float64 { return &p.TauHebbian }},
		{"τ_g", "network.synapses.tau_presynaptic", true, func(p *model.Parameters) *float64 { return &p.TauPresynaptic }},
	}},
}
