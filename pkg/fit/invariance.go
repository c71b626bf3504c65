package fit

import "github.com/nasim-sim/nasim/pkg/model/features"

// What a head's attention does not see, and what is gathered for it: of a fit as of a map that is drawn.
type (
	Invariances = features.Invariances
	Moments     = features.Moments
)
