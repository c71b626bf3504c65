package model

import "context"

// A recital takes a network through its schedule that answers each query from rest, so that
// what a read leaves behind is nothing: rivals of the tripartite network (science §5, §7).
type recital struct {
	ctx        context.Context
	head       *Head
	parameters Parameters
	recorder   *Recorder
	result     Result
}

// A reciting network is what a recital asks.
type reciting interface {
	write(token int) // stores a token

	// read answers a query: f at the read's end, [d_v], and A_eff's row, of the tokens that it
	// sees. What is to be recorded on the way it records.
	read(seg Segment) (output, attention []float64, err error)

	// rest is the network while no query is presented, as a recorder sees it, with f as given.
	rest(seg Segment, output []float64) observed
}

func newRecital(ctx context.Context, head *Head, parameters Parameters, opt Options) *recital {
	opt.Recorder.reserve(parameters, head.Tokens)
	return &recital{ctx: ctx, head: head, parameters: parameters, recorder: opt.Recorder, result: head.newResult(opt.Attention)}
}

// run goes through the schedule. While a token is written f is its value, and in blanks 0.
func (recital *recital) run(of reciting, opt Options) (Result, error) {
	head, result := recital.head, &recital.result
	defer recital.recorder.release()
	silent := make([]float64, head.Values)
	for i, seg := range recital.parameters.Schedule(head.Tokens) {
		if err := recital.ctx.Err(); err != nil {
			return Result{}, err
		}
		shown := silent
		if seg.Phase == Writing && !seg.Blank {
			of.write(seg.Token)
			shown = head.V[seg.Token*head.Values : (seg.Token+1)*head.Values]
		}
		if seg.Phase == Reading && !seg.Blank {
			output, attention, err := of.read(seg)
			if err != nil {
				return Result{}, err
			}
			if !finite(output) {
				return Result{}, &OutputError{seg, 1, 0}
			}
			copy(result.Output[seg.Token*head.Values:], output)
			if opt.Attention {
				copy(result.Attention[seg.Token*head.Tokens:], attention)
			}
		} else if times := recital.recorder.times(seg); len(times) > 0 {
			state := of.rest(seg, shown)
			for _, at := range times {
				recital.recorder.sample(seg.Start+at, seg, state)
			}
		}
		if opt.Progress != nil {
			opt.Progress(i + 1)
		}
	}
	return *result, nil
}
