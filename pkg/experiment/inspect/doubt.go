package inspect

// Marks of a prediction that is not what one draw of the neurons shows (docs/inspect.md).
const (
	markTail  = "~" // the tail that makes the mean square is hardly ever drawn
	markLarge = "!" // the normaliser deviates so much that first order does not do
)

// leastDrawn is the share of the expected squared error that must be within reach: from there on
// the error that is measured is 0.8 of what is predicted, or more.
const leastDrawn = 0.3

// mostDeviation is how large the relative deviation of a row's normaliser may be for the error to
// be predicted to first order.
const mostDeviation = 0.3

func (p Prediction) mark() string {
	switch {
	case p.Drawn < leastDrawn:
		return markTail
	case p.Sum > mostDeviation:
		return markLarge
	}
	return ""
}
