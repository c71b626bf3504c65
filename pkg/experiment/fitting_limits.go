package experiment

import (
	"strings"

	"github.com/nasim-sim/nasim/pkg/compare"
)

// Where a fit's error on the inputs that it was fitted to is by so much better than on those held out, it has learned them by heart.
const byHeart = 0.85

// Limits says what keeps a head from a target that it has not reached, and what would help, as far as the fit's figures tell.
func (h *FittedHead) Limits(target float64) string {
	var limits []string
	if h.Train < byHeart*h.HeldOut {
		limits = append(limits, "limited by data (train "+compare.Significant(h.Train)+"): give more texts or pictures")
	}
	if h.BestStep == h.Steps && h.Steps > 0 {
		limits = append(limits, "still falling at its last step: raise fit.steps")
	}
	if h.Floor.InSample > target {
		limits = append(limits, "limited by its number of neurons, whose floor is above the target: raise --synapses")
	} else if h.Neurons == h.most {
		limits = append(limits, "all synapses that it may have are used: raise --synapses")
	}
	if limits == nil {
		return "more neurons made it no better: other inputs, fit.dendrites or fit.rate may"
	}
	return strings.Join(limits, "; ")
}
