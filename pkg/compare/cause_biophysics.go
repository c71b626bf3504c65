package compare

import "github.com/nasim-sim/nasim/pkg/model"

// biophysics: the calcium is a cell's, which takes seconds to settle and not on a straight
// way, which nothing holds between reads, and which may fall below where it rests, so that
// the floor divides. Drive and floor are a part of it, and no causes of their own beside
// it; in the table they come after it.
var biophysics = Cause{
	Part: Part{
		Name: "biophysics", Metric: "biophysics", Step: "Ca", Meaning: "the cell's calcium on, with its drive and floor", Inset: true,
	},
	Limit: func(p *model.Parameters) {
		if p.Calcium != model.Pole {
			p.Drive = model.Hold
		}
		p.SettleCell()
	},
	Cure: &Change{Path: "network.astrocyte.calcium", Text: model.Pole.String()},
	With: []Change{{Path: "network.astrocyte.drive", Text: model.Hold.String()}},
	Remedies: [][]Knob{
		{{"T_r", "network.schedule.read", true, func(p *model.Parameters) *float64 { return &p.Read }}},
	},
}
