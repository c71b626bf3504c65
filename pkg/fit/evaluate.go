package fit

import (
	"context"
	"math"
)

// A Source is inputs of one head, as they come from its transformer: queries and keys in the scaling in which q·k is the score.
// It may be read by several goroutines at once.
type Source interface {
	Len() int
	Read(i int) (*Tokens[float64], error)
}

// Divergence is how far a map's attention is from a head's, over inputs.
type Divergence struct {
	Error float64 // ‖output − reference‖_F/‖reference‖_F, over all inputs together
	KL    float64 // mean over queries of KL(softmax‖network), nats
}

// Evaluate measures a map on inputs.
func Evaluate(ctx context.Context, p *Parameters[float32], v *Invariances, of Source, causal bool) (Divergence, error) {
	e := newExaminer(p.Form, v, causal)
	e.telling = true
	if err := e.all(ctx, p, of); err != nil {
		return Divergence{}, err
	}
	return Divergence{e.error(), e.kl / e.queries}, nil
}

// evaluateError is [Divergence.Error] alone.
func evaluateError(ctx context.Context, p *Parameters[float32], v *Invariances, of Source, causal bool) (float64, error) {
	e := newExaminer(p.Form, v, causal)
	err := e.all(ctx, p, of)
	return e.error(), err
}

// all adds up what a map is off by on all inputs.
func (e *examiner) all(ctx context.Context, p *Parameters[float32], of Source) error {
	for i := range of.Len() {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		in, err := of.Read(i)
		if err != nil {
			return err
		}
		e.add(p, in)
	}
	return nil
}

// examiner adds up what a map is off by.
type examiner struct {
	v      *Invariances
	shift  []float32
	causal bool

	telling         bool // the divergence too, whose logarithms cost as much as the rest
	work            workspace[float32]
	weights         []float32
	off, size       float64
	kl, queries     float64
	mine, reference []float32
}

func newExaminer(f Form, v *Invariances, causal bool) *examiner {
	return &examiner{v: v, shift: inSingle(v.Shift), causal: causal}
}

func inSingle(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// prepared are tokens in the coordinates of the fit, in float32.
func prepared(in *Tokens[float64], v *Invariances) *Tokens[float32] {
	return &Tokens[float32]{in.N, inSingle(v.Queries(in.Q, in.N)), inSingle(v.Keys(in.K, in.N)), inSingle(in.V)}
}

func (e *examiner) add(p *Parameters[float32], raw *Tokens[float64]) {
	in := prepared(raw, e.v)
	n, dv := in.N, len(in.V)/in.N
	e.weights = Attend(in, e.shift, e.causal, e.weights)
	e.work.features(p, in)
	network := e.work.network(in, e.causal)
	fitTo(&e.mine, n*dv)
	fitTo(&e.reference, n*dv)
	gemm(false, false, n, dv, n, network, in.V, 0, e.mine)
	gemm(false, false, n, dv, n, e.weights, in.V, 0, e.reference)
	for i, x := range e.reference {
		d := float64(e.mine[i]) - float64(x)
		e.off += float64(d * d)
		e.size += float64(float64(x) * float64(x))
	}
	if e.telling {
		e.kl += divergenceOf(e.weights, network)
		e.queries += float64(n)
	}
}

func (e *examiner) error() float64 { return math.Sqrt(e.off / e.size) }
