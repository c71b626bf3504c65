package inspect

import "github.com/nasim-sim/nasim/pkg/model/features"

// Marks of a prediction that is not what one draw of the neurons shows (docs/inspect.md).
const (
	markTail  = "~" // the tail that makes the mean square is hardly ever drawn
	markLarge = "!" // the normaliser deviates so much that first order does not do
)

func (p Prediction) mark() string {
	switch {
	case p.Drawn < features.LeastDrawn:
		return markTail
	case p.Sum > features.MostDeviation:
		return markLarge
	}
	return ""
}
