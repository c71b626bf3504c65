package fit

import (
	"context"

	"github.com/nasim-sim/nasim/pkg/model/features"
)

// What a head's attention does not see, and what is gathered for it: of a fit as of a map that is drawn.
type (
	Invariances = features.Invariances
	Moments     = features.Moments
)

// InvariancesOf returns the invariances that inputs of a head of size d call for, centred and balanced.
func InvariancesOf(ctx context.Context, of Source, d int) (*Invariances, error) {
	var moments Moments
	for i := range of.Len() {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		tokens, err := of.Read(i)
		if err != nil {
			return nil, err
		}
		moments.Add(tokens.Q, tokens.K, tokens.N, d)
	}
	return moments.Invariances(features.Both)
}
