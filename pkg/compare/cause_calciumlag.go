package compare

import (
	"github.com/nasim-sim/nasim/pkg/model"
)

// calciumLag: the astrocyte sums slowly.
var calciumLag = Cause{
	Part: Part{
		Name: "calcium lag", Metric: "calcium_lag", Step: "τ_p", Meaning: "τ_p on", Inset: true,
	},
	Limit: (*model.Parameters).SettleCalcium,
	Remedies: [][]Knob{
		{{"τ_p", "network.astrocyte.tau_calcium", false, func(p *model.Parameters) *float64 { return &p.TauCalcium }}},
		{{"T_r", "network.schedule.read", true, func(p *model.Parameters) *float64 { return &p.Read }}},
	},
}
