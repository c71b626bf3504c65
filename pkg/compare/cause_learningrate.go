package compare

import (
	"github.com/nasim-sim/nasim/pkg/model"
)

// learningRate: what a token leaves in the synapses is not v φᵀ, but that times a factor.
var learningRate = Cause{
	Part: Part{
		Name: "learning rate", Metric: "learning_rate", Step: "η", Meaning: "the learning rate η on, beside carry-over", Inset: true,
	},
	Limit: func(p *model.Parameters) {
		if p.Learning() != p.CalibratedLearning() {
			p.LearningRate = 0
		}
	},
	Beside: "carry-over",
	Cure:   &Change{Path: "network.synapses.learning_rate", Text: "calibrated"},
}
