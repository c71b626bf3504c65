package model

import (
	"context"
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// Options say what a solution is asked for besides the outputs.
type Options struct {
	Attention bool           // the effective attention matrix
	Recorder  *Recorder      // a trajectory; nil for none
	Progress  func(done int) // called after each segment with the number done; nil for none

	blockSize int  // features in a block; 0: chosen by cost
	byTime    bool // segment by segment, even where all at once is possible
	by        form // H or inner products; 0: chosen by cost
}

// A form of H is what it is recalled from.
type form int

const (
	bySynapses form = iota + 1 // H itself
	byProducts                 // inner products of features
)

// network is the circuit's state between segments. Hidden vectors are held as
// coordinates over the basis of the block at hand (see block.go), value vectors
// as d_v entries followed, where attention is asked for, by N coordinates over
// the values.
type network struct {
	head   *Head
	causal bool
	record bool // a recorder asks for ‖H‖
	width  int  // d_v or d_v + N
	block  block

	hidden    []float64 // h
	oldest    int       // of its coordinates, the first that is not zero
	hiddenDot []float64 // h·u for every vector u of the basis
	hidden2   float64   // |h|²
	coupling  []float64 // g
	coupling2 float64   // |g|²
	output    []float64 // f, [width]
	calcium   float64   // p

	// H = kept·(H₀ + Σ_u M_u uᵀ): H₀ from earlier blocks, one value vector M_u
	// for each vector u of the basis, and what the leak has left of both.
	kept     float64
	memory   []float64 // M, [basis×width]
	recalled []float64 // (H₀ + folded M)·u for each u of the basis, [basis×width]; nil: none
	folded   bool      // M is in recalled
	hebbian2 float64   // ‖H‖²_F; kept up only for a recorder

	// Of the segment at hand: v, Δf, Hφ and Hh(0), as value vectors.
	value, carried, readPhi, readHidden []float64
}

func newNetwork(h *Head, p Parameters, opt Options) *network {
	width := h.Values
	if opt.Attention {
		width += h.Tokens
	}
	w := &network{
		head: h, causal: p.Causal, record: opt.Recorder != nil, width: width, calcium: p.Baseline, kept: 1,
		output: make([]float64, width), value: make([]float64, width), carried: make([]float64, width),
		readPhi: make([]float64, width), readHidden: make([]float64, width),
	}
	w.block.plan(h, width, opt)
	return w
}

// propagate takes the head through its schedule, segment by segment.
func (h *Head) propagate(ctx context.Context, p Parameters, solver segmentSolver, opt Options) (Result, error) {
	w := newNetwork(h, p, opt)
	r := Result{Output: make([]float64, h.Tokens*h.Values), Normalizer: make([]float64, h.Tokens)}
	if opt.Attention {
		r.Attention = make([]float64, h.Tokens*h.Tokens)
	}
	for i, seg := range p.Schedule(h.Tokens) {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		if err := w.segment(seg, solver, opt.Recorder); err != nil {
			return Result{}, err
		}
		if seg.Phase == Reading && !seg.Blank {
			if !finite(w.output[:h.Values]) {
				return Result{}, outputError(seg)
			}
			copy(r.Output[seg.Token*h.Values:], w.output[:h.Values])
			if opt.Attention {
				copy(r.Attention[seg.Token*h.Tokens:], w.output[h.Values:])
			}
			r.Normalizer[seg.Token] = w.calcium
		}
		if opt.Progress != nil {
			opt.Progress(i + 1)
		}
	}
	r.AtFloor = p.Division.atFloor(r.Normalizer)
	return r, nil
}

// segment advances the network through one segment.
func (w *network) segment(seg Segment, solver segmentSolver, rec *Recorder) error {
	drive := -1 // the vector of the basis that is presented
	if !seg.Blank {
		drive = w.present()
	}
	x := w.products(seg, drive)
	c, err := solver.solve(seg, &x, rec.times(seg), func(i int, c *coefficients) { rec.record(w, seg, drive, &x, i, c) })
	if err != nil {
		return err
	}
	w.advance(seg, drive, &x, &c)
	return nil
}

// products forms the segment's value vectors and inner products.
func (w *network) products(seg Segment, drive int) products {
	x := products{calcium: w.calcium, gg: w.coupling2}
	w.hiddenProducts(&x, drive)
	clear(w.value)
	if seg.Phase == Writing && !seg.Blank {
		v := w.head.Values
		copy(w.value, w.head.V[seg.Token*v:(seg.Token+1)*v])
		if w.width > v {
			w.value[v+seg.Token] = 1
		}
	}
	for i, f := range w.output {
		w.carried[i] = f - w.value[i]
	}
	// While writing, Hφ is not felt: only a recorder's ‖H‖ asks for it.
	if seg.Phase == Reading || w.record {
		w.recall(seg, drive)
	}
	span := [3][]float64{w.value, w.carried, nil}
	if seg.Phase == Reading {
		span = [3][]float64{w.output, w.readPhi, w.readHidden}
	}
	for i, a := range span {
		for j, b := range span[:i+1] {
			if a == nil || b == nil {
				continue
			}
			x.out[i][j] = kernel.Dot(a[:w.head.Values], b[:w.head.Values])
			x.out[j][i] = x.out[i][j]
		}
	}
	return x
}

// hiddenProducts forms the inner products of the hidden layer by the Gram
// matrix.
func (w *network) hiddenProducts(x *products, drive int) {
	shown := w.block.shown
	x.gHidden, x.hiddenHidden = kernel.Dot(w.coupling[:shown], w.hiddenDot[:shown]), w.hidden2
	if drive >= 0 {
		u := w.block.gramRow(drive)
		x.phiPhi, x.phiHidden, x.gPhi = u[drive], w.hiddenDot[drive], kernel.Dot(w.coupling[:shown], u[:shown])
	}
}

// recall sets Hφ and Hh(0). While tokens are read one after another H
// only decays: then M is folded into what is recalled, for all reads at once.
func (w *network) recall(seg Segment, drive int) {
	clear(w.readPhi)
	clear(w.readHidden)
	if seg.Phase == Reading && !w.causal && !w.folded {
		w.fold()
	}
	shown, width := w.block.shown, w.width
	for i := w.oldest; i < shown && w.recalled != nil; i++ {
		kernel.Axpy(w.hidden[i], w.recalled[i*width:(i+1)*width], w.readHidden)
	}
	if drive >= 0 && w.recalled != nil {
		copy(w.readPhi, w.recalled[drive*width:(drive+1)*width])
	}
	if !w.folded {
		memory := w.memory[:shown*width]
		kernel.Gemm(false, false, 1, width, shown, 1, w.hiddenDot, shown, memory, width, 1, w.readHidden, width)
		if drive >= 0 {
			kernel.Gemm(false, false, 1, width, shown, 1, w.block.gramRow(drive), shown, memory, width, 1, w.readPhi, width)
		}
	}
	scale(w.readPhi, w.kept)
	scale(w.readHidden, w.kept)
}

// advance applies a segment's coefficients to the vectors.
func (w *network) advance(seg Segment, drive int, x *products, c *coefficients) {
	if w.record {
		w.hebbian2 = w.hebbianNorm2(seg, x, c)
	}
	w.coupling2 = quadratic(&[3][3]float64{
		{x.gg, x.gPhi, x.gHidden}, {x.gPhi, x.phiPhi, x.phiHidden}, {x.gHidden, x.phiHidden, x.hiddenHidden},
	}, c.coupling, c.couplingPhi, c.couplingHidden)
	w.calcium = c.calcium

	w.couple(drive, c)
	if seg.Phase == Writing {
		w.learn(drive, c)
		for i, v := range w.value {
			w.output[i] = v + float64(c.output*w.carried[i])
		}
	} else {
		for i, f := range w.output {
			w.output[i] = float64(c.output*f) + float64(c.outputPhi*w.readPhi[i]) + float64(c.outputHidden*w.readHidden[i])
		}
		w.leak(c.hebbian)
	}
	w.relaxHidden(drive, x, c)
}

// couple sets g to c g(0) + c₁φ + c₂h(0).
func (w *network) couple(drive int, c *coefficients) {
	shown := w.block.shown
	scale(w.coupling[:shown], c.coupling)
	if c.couplingHidden != 0 {
		kernel.Axpy(c.couplingHidden, w.hidden[:shown], w.coupling[:shown])
	}
	if drive >= 0 {
		w.coupling[drive] += c.couplingPhi
	}
}

// exhausted is where the common factor of a leaking H is multiplied out, far
// from the smallest number.
const exhausted = 1e-100

// leak lets H decay.
func (w *network) leak(by float64) {
	if w.kept *= by; w.kept < exhausted {
		scale(w.memory, w.kept)
		scale(w.recalled, w.kept)
		scale(w.block.past, w.kept)
		w.kept = 1
	}
}

// learn adds v(e₁φ + e₂h(0))ᵀ + Δf(e₃φ + e₄h(0))ᵀ to what is left of H.
func (w *network) learn(drive int, c *coefficients) {
	w.leak(c.hebbian)
	unit := 1 / w.kept
	add := func(i int, value, carried float64) {
		row := w.memory[i*w.width : (i+1)*w.width]
		kernel.Axpy(unit*value, w.value, row)
		kernel.Axpy(unit*carried, w.carried, row)
	}
	for i := w.oldest; i < w.block.shown; i++ {
		if h := w.hidden[i]; h != 0 {
			add(i, c.valueHidden*h, c.carriedHidden*h)
		}
	}
	if drive >= 0 {
		add(drive, c.valuePhi, c.carriedPhi)
	}
	w.block.learned = true
}

// negligible is where a coordinate of h, relative to its feature, is dropped:
// far below rounding, and before it becomes a slow subnormal number.
const negligible = 1e-100

// relaxHidden sets h to uφ + b h(0), its products with it.
func (w *network) relaxHidden(drive int, x *products, c *coefficients) {
	u, b := c.phi, c.hidden
	w.hidden2 = float64(u*u*x.phiPhi) + float64(2*u*b*x.phiHidden) + float64(b*b*x.hiddenHidden)
	for i := w.oldest; i < w.block.shown; i++ {
		w.hidden[i] *= b
		if math.Abs(w.hidden[i]) < negligible {
			w.hidden[i] = 0
		}
	}
	if drive >= 0 {
		w.hidden[drive] += u
	}
	for w.oldest < w.block.shown && w.hidden[w.oldest] == 0 {
		w.oldest++
	}
	scale(w.hiddenDot, b)
	if drive >= 0 {
		kernel.Axpy(u, w.block.gramRow(drive), w.hiddenDot)
	}
}

// hebbianNorm2 returns ‖H‖²_F after coefficients c: with H = eH(0) + v aᵀ + Δf bᵀ,
// a = e₁φ + e₂h(0) and b = e₃φ + e₄h(0).
func (w *network) hebbianNorm2(seg Segment, x *products, c *coefficients) float64 {
	if seg.Phase == Reading {
		return c.hebbian * c.hebbian * w.hebbian2
	}
	v := w.head.Values
	along := func(value []float64, phi, hidden float64) float64 { // ⟨H(0), value (…)ᵀ⟩
		return float64(phi*kernel.Dot(value[:v], w.readPhi[:v])) + float64(hidden*kernel.Dot(value[:v], w.readHidden[:v]))
	}
	inner := func(p1, h1, p2, h2 float64) float64 {
		return float64(p1*p2*x.phiPhi) + float64((float64(p1*h2)+float64(h1*p2))*x.phiHidden) + float64(h1*h2*x.hiddenHidden)
	}
	cross := along(w.value, c.valuePhi, c.valueHidden) + along(w.carried, c.carriedPhi, c.carriedHidden)
	sum := float64(c.hebbian*c.hebbian*w.hebbian2) + float64(2*c.hebbian*cross) +
		float64(x.out[0][0]*inner(c.valuePhi, c.valueHidden, c.valuePhi, c.valueHidden)) +
		float64(2*x.out[0][1]*inner(c.valuePhi, c.valueHidden, c.carriedPhi, c.carriedHidden)) +
		float64(x.out[1][1]*inner(c.carriedPhi, c.carriedHidden, c.carriedPhi, c.carriedHidden))
	return max(sum, 0)
}

// finite reports whether no entry is NaN or infinite.
func finite(x []float64) bool {
	var sum float64
	for _, v := range x {
		sum += v - v // 0, or NaN
	}
	return sum == 0
}

func scale(x []float64, by float64) {
	if by == 1 {
		return
	}
	for i := range x {
		x[i] *= by
	}
}
