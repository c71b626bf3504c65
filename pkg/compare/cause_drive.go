package compare

import (
	"github.com/nasim-sim/nasim/pkg/model"
)

// drive: the calcium follows what the astrocyte's processes collect while no query is
// read, and so is far from what it is to divide by when one is (science §1b).
var drive = Cause{
	Part: Part{
		Name: "drive", Metric: "drive", Step: "calcium's drive", Meaning: "the calcium moving between reads, beside its lag", Inset: true,
	},
	Limit: func(p *model.Parameters) {
		if p.Calcium == model.Pole { // else it is a part of biophysics
			p.Drive = model.Hold
		}
	},
	Beside: "calcium lag",
	Cure:   &Change{Path: "network.astrocyte.drive", Text: model.Hold.String()},
}
