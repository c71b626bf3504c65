package experiment

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// atOnce does count things in their order, some of them at a time, and returns the
// first error in time: it ends the context of those at work, and hardly one more is
// begun. Where ctx ends, that is the error.
func atOnce(ctx context.Context, threads, count int, do func(ctx context.Context, i int) error) error {
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(threads)
	for i := range count {
		if within.Err() != nil {
			break
		}
		group.Go(func() error { return do(within, i) })
	}
	if err := group.Wait(); ctx.Err() == nil {
		return err
	}
	return context.Cause(ctx) // what is at work then fails of it, or would have
}
