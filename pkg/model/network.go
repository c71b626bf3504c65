package model

import (
	"context"
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// Options say what a solution is asked for besides the outputs.
type Options struct {
	Attention bool           // the effective attention matrix
	Recorder  *Recorder      // a trajectory; nil for none
	Progress  func(done int) // called after each segment with the number done; nil for none
}

// FloorError reports a read whose calcium fell to the floor.
type FloorError struct {
	Segment        Segment
	Calcium, Floor float64
}

func (e *FloorError) Error() string {
	return fmt.Sprintf("model: reading token %d at %.4g s: calcium p = %.3g is not above its floor %.3g, so dividing by it means nothing; "+
		"this feature map is signed: use a positive map (positive, hyperbolic, elu1), more neurons, or solver method none",
		e.Segment.Token, e.Segment.Start, e.Calcium, e.Floor)
}

// network is the circuit's state between segments. Hidden vectors are held as
// coordinates over the 2N features in the order of presentation, value vectors
// as d_v entries followed, where attention is asked for, by N coordinates over
// the values.
type network struct {
	head   *Head
	gram   []float64 // Gram matrix with its rows and columns in order of presentation
	n      int       // 2N
	causal bool
	width  int // d_v or d_v + N
	shown  int // drives presented so far; later coordinates are zero

	hidden    []float64 // h
	hiddenDot []float64 // h·u for every feature u
	hidden2   float64   // |h|²
	coupling  []float64 // g
	coupling2 float64   // |g|²
	output    []float64 // f, [width]
	hebbian   []float64 // H: one value vector for each feature, [2N×width]
	hebbian2  float64   // ‖H‖²_F; kept up only for a recorder
	calcium   float64   // p

	// Of the segment at hand: v or Δf, Hφ and HΔh, as value vectors.
	value, carried, readPhi, readDelta []float64
}

func newNetwork(h *Head, p Parameters, opt Options) *network {
	n := 2 * h.Tokens
	width := h.Values
	if opt.Attention {
		width += h.Tokens
	}
	w := &network{
		head: h, n: n, causal: p.Causal, width: width, calcium: p.Baseline,
		hidden: make([]float64, n), hiddenDot: make([]float64, n), coupling: make([]float64, n),
		output: make([]float64, width), hebbian: make([]float64, n*width),
		value: make([]float64, width), carried: make([]float64, width),
		readPhi: make([]float64, width), readDelta: make([]float64, width),
	}
	w.gram = h.presentationGram(p.Causal)
	return w
}

// presentationGram returns the Gram matrix in order of presentation: keys then
// queries, or, causal, each token's key and then its query.
func (h *Head) presentationGram(causal bool) []float64 {
	k := h.Gram()
	if !causal {
		return k
	}
	n := 2 * h.Tokens
	out := make([]float64, n*n)
	source := func(i int) int {
		if i%2 == 0 {
			return h.keyIndex(i / 2)
		}
		return h.queryIndex(i / 2)
	}
	for i := range n {
		row := k[source(i)*n : (source(i)+1)*n]
		for j := range n {
			out[i*n+j] = row[source(j)]
		}
	}
	return out
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
			copy(r.Output[seg.Token*h.Values:], w.output[:h.Values])
			if opt.Attention {
				copy(r.Attention[seg.Token*h.Tokens:], w.output[h.Values:])
			}
			r.Normalizer[seg.Token] = w.calcium
			if w.calcium <= p.Floor {
				r.AtFloor++
			}
		}
		if opt.Progress != nil {
			opt.Progress(i + 1)
		}
	}
	return r, nil
}

// segment advances the network through one segment.
func (w *network) segment(seg Segment, solver segmentSolver, rec *Recorder) error {
	drive := -1 // the feature presented
	if !seg.Blank {
		drive = w.shown
		w.shown++
	}
	x := w.products(seg, drive, rec != nil)
	c, err := solver.solve(seg, &x, rec.times(seg), func(i int, c *coefficients) { rec.record(w, seg, drive, &x, i, c) })
	if err != nil {
		return err
	}
	w.advance(seg, drive, &x, &c, rec != nil)
	return nil
}

// products forms the segment's value vectors and inner products.
func (w *network) products(seg Segment, drive int, record bool) products {
	x := products{calcium: w.calcium, gg: w.coupling2}
	var gh, hPhi float64
	for i := range w.shown {
		gh += w.coupling[i] * w.hiddenDot[i]
	}
	if drive >= 0 {
		u := w.gram[drive*w.n : drive*w.n+w.shown]
		x.phiPhi = u[drive]
		x.gPhi = kernel.Dot(w.coupling[:w.shown], u)
		hPhi = w.hiddenDot[drive]
	}
	x.phiDelta = hPhi - x.phiPhi
	x.deltaDelta = max(w.hidden2-2*hPhi+x.phiPhi, 0)
	x.gDelta = gh - x.gPhi

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
	if seg.Phase == Reading || record {
		w.recall(drive)
	}
	span := [3][]float64{w.value, w.carried, nil}
	if seg.Phase == Reading {
		span = [3][]float64{w.output, w.readPhi, w.readDelta}
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

// recall sets Hφ and HΔh = Hh − Hφ.
func (w *network) recall(drive int) {
	clear(w.readPhi)
	clear(w.readDelta)
	for i := range w.shown {
		row := w.hebbian[i*w.width : (i+1)*w.width]
		if drive >= 0 {
			kernel.Axpy(w.gram[drive*w.n+i], row, w.readPhi)
		}
		kernel.Axpy(w.hiddenDot[i], row, w.readDelta)
	}
	kernel.Axpy(-1, w.readPhi, w.readDelta)
}

// advance applies a segment's coefficients to the vectors.
func (w *network) advance(seg Segment, drive int, x *products, c *coefficients, record bool) {
	if record {
		w.hebbian2 = w.hebbianNorm2(seg, x, c)
	}
	w.coupling2 = quadratic(&[3][3]float64{
		{x.gg, x.gPhi, x.gDelta}, {x.gPhi, x.phiPhi, x.phiDelta}, {x.gDelta, x.phiDelta, x.deltaDelta},
	}, c.coupling, c.couplingPhi, c.couplingDelta)
	w.calcium = c.calcium

	scale(w.coupling[:w.shown], c.coupling)
	kernel.Axpy(c.couplingDelta, w.hidden[:w.shown], w.coupling[:w.shown])
	if drive >= 0 {
		w.coupling[drive] += c.couplingPhi - c.couplingDelta
	}
	if seg.Phase == Writing {
		w.learn(drive, c)
		for i, v := range w.value {
			w.output[i] = v + c.output*w.carried[i]
		}
	} else {
		for i, f := range w.output {
			w.output[i] = c.output*f + c.outputPhi*w.readPhi[i] + c.outputDelta*w.readDelta[i]
		}
		scale(w.hebbian[:w.shown*w.width], c.hebbian)
	}
	w.relaxHidden(drive, x, c.hidden)
}

// learn adds v(e₁φ + e₂Δh)ᵀ + Δf(e₃φ + e₄Δh)ᵀ to what is left of H.
func (w *network) learn(drive int, c *coefficients) {
	scale(w.hebbian[:w.shown*w.width], c.hebbian)
	for i := range w.shown {
		if h := w.hidden[i]; h != 0 {
			row := w.hebbian[i*w.width : (i+1)*w.width]
			kernel.Axpy(c.valueDelta*h, w.value, row)
			kernel.Axpy(c.carriedDelta*h, w.carried, row)
		}
	}
	if drive >= 0 {
		row := w.hebbian[drive*w.width : (drive+1)*w.width]
		kernel.Axpy(c.valuePhi-c.valueDelta, w.value, row)
		kernel.Axpy(c.carriedPhi-c.carriedDelta, w.carried, row)
	}
}

// negligible is where a coordinate of h, relative to its feature, is dropped:
// far below rounding, and before it becomes a slow subnormal number.
const negligible = 1e-200

// relaxHidden sets h to φ + bΔh, its products with it.
func (w *network) relaxHidden(drive int, x *products, b float64) {
	w.hidden2 = x.phiPhi + 2*b*x.phiDelta + b*b*x.deltaDelta
	for i := range w.shown {
		w.hidden[i] *= b
		if math.Abs(w.hidden[i]) < negligible {
			w.hidden[i] = 0
		}
	}
	scale(w.hiddenDot, b)
	if drive >= 0 {
		w.hidden[drive] += 1 - b
		kernel.Axpy(1-b, w.gram[drive*w.n:(drive+1)*w.n], w.hiddenDot)
	}
}

// hebbianNorm2 returns ‖H‖²_F after coefficients c: with H = eH₀ + v aᵀ + Δf bᵀ,
// a = e₁φ + e₂Δh and b = e₃φ + e₄Δh.
func (w *network) hebbianNorm2(seg Segment, x *products, c *coefficients) float64 {
	if seg.Phase == Reading {
		return c.hebbian * c.hebbian * w.hebbian2
	}
	v := w.head.Values
	along := func(value []float64, phi, delta float64) float64 { // ⟨H₀, value (…)ᵀ⟩
		return phi*kernel.Dot(value[:v], w.readPhi[:v]) + delta*kernel.Dot(value[:v], w.readDelta[:v])
	}
	inner := func(p1, d1, p2, d2 float64) float64 {
		return p1*p2*x.phiPhi + (p1*d2+d1*p2)*x.phiDelta + d1*d2*x.deltaDelta
	}
	cross := along(w.value, c.valuePhi, c.valueDelta) + along(w.carried, c.carriedPhi, c.carriedDelta)
	sum := c.hebbian*c.hebbian*w.hebbian2 + 2*c.hebbian*cross +
		x.out[0][0]*inner(c.valuePhi, c.valueDelta, c.valuePhi, c.valueDelta) +
		2*x.out[0][1]*inner(c.valuePhi, c.valueDelta, c.carriedPhi, c.carriedDelta) +
		x.out[1][1]*inner(c.carriedPhi, c.carriedDelta, c.carriedPhi, c.carriedDelta)
	return max(sum, 0)
}

func scale(x []float64, by float64) {
	if by == 1 {
		return
	}
	for i := range x {
		x[i] *= by
	}
}
