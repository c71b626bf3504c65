package compare

import (
	"slices"

	"github.com/nasim-sim/nasim/pkg/model"
)

// floor: the least calcium that divides keeps silent queries from being answered.
// Where no query reads so little it does nothing, whatever the calcium is on its way.
var floor = Cause{
	Part: Part{
		Name: "floor", Metric: "floor", Step: "p_min", Meaning: "the floor p_min on, where a query reads less", Inset: true,
	},
	Limit: func(p *model.Parameters) {
		if p.Calcium == model.Pole { // else it is a part of biophysics
			p.Division.Floor = 0
		}
	},
	Idle: func(p model.Parameters, sums []float64) bool { return slices.Min(sums) > p.Division.Floor },
	Remedies: [][]Knob{{
		{"p_min", "network.astrocyte.floor", false, func(p *model.Parameters) *float64 { return &p.Division.Floor }},
	}},
}
