package model

import (
	"context"
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/integrator"
)

// IntegrateFull integrates every h, f, g, p and H as one state of
// m + d_v + m + 1 + d_v·m variables, straight from science §1. It is the
// reference for [Head.Integrate] and what a general solver would do; with
// Options.Attention each value vector is joined by N coordinates, so that f and
// H grow to d_v + N rows. The local error is measured over h, f, g and p alike
// in both, so they take the same steps.
func (h *Head) IntegrateFull(ctx context.Context, p Parameters, s Solver, opt Options) (Result, integrator.Stats, error) {
	if err := p.Validate(); err != nil {
		return Result{}, integrator.Stats{}, err
	}
	x := newFullState(h, p, opt)
	settings := s.settings(p)
	tol := s.tolerances(h.Neurons, h.Values)
	settings.Norm = integrator.Groupwise{}
	root := func(n int) float64 { return math.Sqrt(float64(n)) }
	end := x.hebbian
	settings.Groups = []integrator.Group{
		{Name: "hidden", From: x.hidden, To: x.hidden + x.m, Atol: tol.hidden / root(x.m)},
		{Name: "coupling", From: x.coupling, To: x.coupling + x.m, Atol: tol.coupling / root(x.m)},
		{Name: "calcium", From: x.calcium, To: x.calcium + 1, Atol: tol.calcium},
		{Name: "output", From: x.output, To: x.output + h.Values, Atol: tol.output / root(h.Values)},
		{Name: "hebbian", From: x.output + h.Values, To: end + x.width*x.m, Atol: math.Inf(1)},
	}
	if p.Division.StopAtFloor {
		settings.Accepted = func(_, _ float64, y []float64) {
			calcium, _ := x.astrocyte(y)
			x.lowest = min(x.lowest, calcium)
		}
	}
	if opt.Recorder != nil {
		settings.Save = integrator.Save{At: opt.Recorder.schedule(p.Schedule(h.Tokens)), Function: x.sample}
	}
	return x.run(ctx, s.Method, settings)
}

// fullState is the circuit as one state vector.
type fullState struct {
	head                                       *Head
	p                                          Parameters
	opt                                        Options
	m, width                                   int
	hidden, coupling, calcium, output, hebbian int // offsets in the state
	phi, v                                     []float64
	noPhi, noV                                 []float64
	seg                                        Segment
	drive                                      []float64 // (H∘P)h, [width]
	lowest                                     float64   // calcium met in the segment, if asked for
}

func newFullState(h *Head, p Parameters, opt Options) *fullState {
	width := h.Values
	if opt.Attention {
		width += h.Tokens
	}
	m := h.Neurons
	return &fullState{
		head: h, p: p, opt: opt, m: m, width: width,
		hidden: 0, coupling: m, calcium: 2 * m, output: 2*m + 1, hebbian: 2*m + 1 + width,
		noPhi: make([]float64, m), noV: make([]float64, width), v: make([]float64, width), drive: make([]float64, width),
	}
}

func (x *fullState) run(ctx context.Context, method integrator.Method, settings integrator.Settings) (Result, integrator.Stats, error) {
	h := x.head
	dim := x.hebbian + x.width*x.m
	stepper, err := integrator.New(integrator.Problem{Derivative: x.derivative}, dim, method, settings)
	if err != nil {
		return Result{}, integrator.Stats{}, err
	}
	start := make([]float64, dim)
	start[x.calcium] = x.p.Baseline
	r := Result{Output: make([]float64, h.Tokens*h.Values), Normalizer: make([]float64, h.Tokens)}
	if x.opt.Attention {
		r.Attention = make([]float64, h.Tokens*h.Tokens)
	}
	for i, seg := range x.p.Schedule(h.Tokens) {
		x.begin(seg)
		if i == 0 {
			x.settle(start)
			stepper.Reset(0, start)
		} else {
			x.settle(stepper.State())
			stepper.Discontinuity()
		}
		if status := stepper.Advance(ctx, seg.Start+seg.Duration); status.Err() != nil {
			return Result{}, stepper.Stats(), solverError(ctx, seg, status)
		}
		if err := x.finish(stepper.State(), &r); err != nil {
			return Result{}, stepper.Stats(), err
		}
		if x.opt.Progress != nil {
			x.opt.Progress(i + 1)
		}
	}
	r.AtFloor = x.p.Division.atFloor(r.Normalizer)
	return r, stepper.Stats(), nil
}

// begin sets the drives of a segment.
func (x *fullState) begin(seg Segment) {
	h := x.head
	x.seg, x.phi, x.lowest = seg, x.noPhi, math.Inf(1)
	clear(x.v)
	if seg.Blank {
		return
	}
	source := h.PhiK
	if seg.Phase == Reading {
		source = h.PhiQ
	} else {
		copy(x.v, h.V[seg.Token*h.Values:(seg.Token+1)*h.Values])
		if x.opt.Attention {
			x.v[h.Values+seg.Token] = 1
		}
	}
	x.phi = source[seg.Token*x.m : (seg.Token+1)*x.m]
}

// settle sets the variables that have a time constant of 0 where nothing else
// changes them within the segment.
func (x *fullState) settle(y []float64) {
	if x.p.TauHidden == 0 {
		copy(y[x.hidden:x.hidden+x.m], x.phi)
	}
	if x.p.TauOutput == 0 && x.seg.Phase == Writing {
		copy(y[x.output:x.output+x.width], x.v)
	}
}

// astrocyte returns p and what drives it, g·h.
func (x *fullState) astrocyte(y []float64) (p, drive float64) {
	h, g := y[x.hidden:x.hidden+x.m], y[x.coupling:x.coupling+x.m]
	drive = kernel.Dot(g, h)
	p = y[x.calcium]
	if x.p.TauCalcium == 0 {
		p = drive
	}
	return p, drive
}

// read sets x.drive to (H∘P)h.
func (x *fullState) read(y []float64, p float64) {
	h := y[x.hidden : x.hidden+x.m]
	gain := x.p.Division.of(1, p)
	for i := range x.width {
		row := y[x.hebbian+i*x.m : x.hebbian+(i+1)*x.m]
		x.drive[i] = 0
		if hh := kernel.Dot(row, h); hh != 0 {
			x.drive[i] = gain * hh
		}
	}
}

// derivative is science §1.
func (x *fullState) derivative(_ float64, y, dy []float64) {
	m, q := x.m, &x.p
	h, dh := y[x.hidden:x.hidden+m], dy[x.hidden:x.hidden+m]
	g, dg := y[x.coupling:x.coupling+m], dy[x.coupling:x.coupling+m]
	f, df := y[x.output:x.output+x.width], dy[x.output:x.output+x.width]
	p, drive := x.astrocyte(y)

	clear(dy[:x.hebbian])
	if q.TauHidden > 0 {
		r := 1 / q.TauHidden
		for i, phi := range x.phi {
			dh[i] = r * (phi - h[i])
		}
	}
	if q.TauCalcium > 0 {
		dy[x.calcium] = (drive - y[x.calcium]) / q.TauCalcium
	}
	if x.seg.Phase == Reading {
		x.decay(g, dg, q.TauPresynaptic)
		x.decay(y[x.hebbian:], dy[x.hebbian:], q.TauHebbian)
		if q.TauOutput > 0 {
			x.read(y, p)
			for i := range f {
				df[i] = (x.drive[i] - f[i]) / q.TauOutput
			}
		}
		return
	}
	if q.TauOutput > 0 {
		for i := range f {
			df[i] = (x.v[i] - f[i]) / q.TauOutput
		}
	}
	learn, leak := 1/q.Write, 1/q.TauPresynaptic
	for i := range dg {
		dg[i] = float64(learn*h[i]) - float64(leak*g[i])
	}
	for i, fi := range f {
		x.drive[i] = learn * fi
	}
	copy(dy[x.hebbian:], y[x.hebbian:])
	kernel.DecayRank1(-1/q.TauHebbian, x.drive, h, dy[x.hebbian:])
}

func (x *fullState) decay(y, dy []float64, tau float64) {
	clear(dy)
	if leak := -1 / tau; leak != 0 {
		kernel.Axpy(leak, y, dy)
	}
}

// finish reads off the results at the end of a segment.
func (x *fullState) finish(y []float64, r *Result) error {
	p, _ := x.astrocyte(y)
	f := y[x.output : x.output+x.width]
	if x.seg.Phase == Writing {
		return nil
	}
	if x.p.TauOutput == 0 {
		x.read(y, p)
		copy(f, x.drive)
	}
	if x.seg.Blank {
		return nil
	}
	if err := x.p.Division.check(x.seg, min(x.lowest, p)); err != nil {
		return err
	}
	h := x.head
	copy(r.Output[x.seg.Token*h.Values:], f[:h.Values])
	if x.opt.Attention {
		copy(r.Attention[x.seg.Token*h.Tokens:], f[h.Values:])
	}
	r.Normalizer[x.seg.Token] = p
	return nil
}

// sample records a state.
func (x *fullState) sample(t float64, y, _ []float64) {
	calcium, _ := x.astrocyte(y)
	f := y[x.output : x.output+x.width]
	if x.p.TauOutput == 0 && x.seg.Phase == Reading {
		x.read(y, calcium)
		f = x.drive
	}
	hebbian := y[x.hebbian : x.hebbian+x.head.Values*x.m]
	x.opt.Recorder.sample(t, x.seg, &observedState{x.opt.Recorder, y[x.hidden : x.hidden+x.m], f, hebbian, calcium})
}

// observedState is a state of which every variable is held.
type observedState struct {
	recorder                *Recorder
	hidden, output, hebbian []float64 // h, f, H
	calcium                 float64   // p
}

func (s *observedState) hiddenRate(column int) float64 { return s.hidden[s.recorder.Hidden[column]] }
func (s *observedState) outputRate(column int) float64 { return s.output[s.recorder.Output[column]] }
func (s *observedState) calciumNow() float64           { return s.calcium }
func (s *observedState) hebbianNorm() float64          { return math.Sqrt(kernel.Dot(s.hebbian, s.hebbian)) }
