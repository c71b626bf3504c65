package model

import (
	"context"
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/integrator"
)

// Options say what a solution is asked for besides the outputs.
type Options struct {
	Attention bool           // the effective attention matrix
	Dwell     bool           // of [Head.Exact] without a recorder: the answers throughout the reads
	Recorder  *Recorder      // a trajectory; nil for none
	Progress  func(done int) // called after each segment with the number done; nil for none

	// Other is a method by which [Head.Exact] integrates the astrocyte where that has no closed
	// form: an explicit one in the place of DOP853 or, for what is stiff, an implicit one in the
	// place of radau9; another one than the solution is compared with. Nil: neither.
	Other integrator.Method

	blockSize int  // features in a block; 0: chosen by cost
	byTime    bool // segment by segment, even where all at once is possible
	by        form // H or inner products; 0: chosen by cost
}

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
	astrocyte []float64 // the astrocyte's state
	model     *astrocyte
	half      float64 // p_h
	late      *lateness
	mean      *meanCoupling
	spans     []span // of the segment at hand

	// H = kept·(H₀ + Σ_u M_u uᵀ): H₀ from earlier blocks, one value vector M_u
	// for each vector u of the basis, and what the leak has left of both.
	kept     float64
	memory   []float64 // M, [basis×width]
	recalled []float64 // (H₀ + folded M)·u for each u of the basis, [basis×width]; nil: none
	folded   bool      // M is in recalled
	hebbian2 float64   // ‖H‖²_F; kept up only for a recorder

	// Of the segment at hand: v, Δf, Hh(0) and Hφ, as value vectors.
	value, carried, readHidden, readPhi []float64

	read []float64 // readHidden and then readPhi, [2×width]
	met  []float64 // h(0)·u and then φ·u for every vector u of the basis, [2×basis]
}

func newNetwork(head *Head, parameters Parameters, opt Options) (*network, error) {
	width := head.Values
	if opt.Attention {
		width += head.Tokens
	}
	read := make([]float64, 2*width)
	network := &network{
		head: head, causal: parameters.Causal, record: opt.Recorder != nil, width: width, kept: 1,
		calcium: parameters.Baseline, model: parameters.astrocyte(), half: parameters.Division.HalfEffect,
		output: make([]float64, width), value: make([]float64, width), carried: make([]float64, width),
		readHidden: read[:width], readPhi: read[width:], read: read,
	}
	network.astrocyte = network.model.begin(parameters.Baseline)
	network.block.plan(head, width, opt)
	network.late = newLateness(&parameters, newExactSolver(context.Background(), parameters, nil))
	var err error
	network.mean, err = newMeanCoupling(head, &parameters)
	return network, err
}

// propagate takes the head through its schedule, segment by segment.
func (head *Head) propagate(ctx context.Context, parameters Parameters, solver segmentSolver, opt Options) (Result, error) {
	if opt.Recorder != nil && !head.holds(opt.Recorder.Hidden) {
		return Result{}, errIdeal
	}
	opt.Recorder.reserve(parameters, head.Tokens)
	defer opt.Recorder.release()
	network, err := newNetwork(head, parameters, opt)
	if err != nil {
		return Result{}, err
	}
	result := head.newResult(opt.Attention)
	result.Normalizer = parameters.normalizers(head.Tokens)
	for i, seg := range parameters.Schedule(head.Tokens) {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		if err := network.segment(seg, solver, opt.Recorder); err != nil {
			return Result{}, err
		}
		if seg.Phase == Reading && !seg.Blank {
			if !finite(network.output[:head.Values]) {
				return Result{}, &OutputError{seg, network.calcium, parameters.Division.Floor}
			}
			copy(result.Output[seg.Token*head.Values:], network.output[:head.Values])
			if opt.Attention {
				copy(result.Attention[seg.Token*head.Tokens:], network.output[head.Values:])
			}
			result.take(network.model, seg.Token, &coefficients{calcium: network.calcium, astrocyte: network.astrocyte})
		}
		if opt.Progress != nil {
			opt.Progress(i + 1)
		}
	}
	result.AtFloor = parameters.Division.atFloor(result.Calcium)
	return result, nil
}

// segment advances the network through one segment.
func (network *network) segment(seg Segment, solver segmentSolver, rec *Recorder) error {
	drive := -1 // the vector of the basis that is presented
	if !seg.Blank {
		drive = network.present()
	}
	inner := network.products(seg, drive)
	reached, err := solver.solve(seg, &inner, rec.times(seg), func(i int, reached *coefficients) {
		rec.record(network, seg, drive, &inner, i, reached)
	})
	if err != nil {
		return err
	}
	network.advance(seg, drive, &inner, &reached)
	return nil
}

// products forms the segment's value vectors and inner products.
func (network *network) products(seg Segment, drive int) products {
	inner := products{astrocyte: network.astrocyte, gg: network.coupling2}
	network.hiddenProducts(&inner, drive)
	network.spans = network.late.spans(seg, network.mean.drive(network.head, &seg, inner.collected), network.spans[:0])
	inner.spans = network.spans
	clear(network.value)
	if seg.Phase == Writing && !seg.Blank {
		values := network.head.Values
		copy(network.value, network.head.V[seg.Token*values:(seg.Token+1)*values])
		if network.width > values {
			network.value[values+seg.Token] = 1
		}
	}
	for i, output := range network.output {
		network.carried[i] = output - network.value[i]
	}
	// While writing, Hφ is not felt: only a recorder's ‖H‖ asks for it.
	if seg.Phase == Reading || network.record {
		network.recall(seg, drive)
	}
	span := [3][]float64{network.value, network.carried, nil}
	if seg.Phase == Reading {
		span = [3][]float64{network.output, network.readPhi, network.readHidden}
	}
	for i, first := range span {
		for j, second := range span[:i+1] {
			if first == nil || second == nil {
				continue
			}
			inner.out[i][j] = kernel.Dot(first[:network.head.Values], second[:network.head.Values])
			inner.out[j][i] = inner.out[i][j]
		}
	}
	return inner
}

// hiddenProducts forms the inner products of the hidden layer by the Gram
// matrix.
func (network *network) hiddenProducts(inner *products, drive int) {
	shown := network.block.shown
	inner.gHidden, inner.hiddenHidden = kernel.Dot(network.coupling[:shown], network.hiddenDot[:shown]), network.hidden2
	if drive >= 0 {
		row := network.block.gramRow(drive)
		inner.phiPhi, inner.phiHidden, inner.gPhi = row[drive], network.hiddenDot[drive], kernel.Dot(network.coupling[:shown], row[:shown])
	}
}

// recall sets Hφ and Hh(0). While tokens are read one after another H
// only decays: then M is folded into what is recalled, for all reads at once.
func (network *network) recall(seg Segment, drive int) {
	clear(network.read)
	if seg.Phase == Reading && !network.causal && !network.folded {
		network.fold()
	}
	shown, width, felt := network.block.shown, network.width, network.felt(seg)
	for i := network.oldest; i < shown && network.recalled != nil; i++ {
		kernel.Axpy(network.hidden[i], network.recalled[i*width:i*width+felt], network.readHidden[:felt])
	}
	if drive >= 0 && network.recalled != nil {
		copy(network.readPhi, network.recalled[drive*width:drive*width+felt])
	}
	if !network.folded {
		rows := 1
		network.met = append(network.met[:0], network.hiddenDot[:shown]...)
		if drive >= 0 {
			rows, network.met = 2, append(network.met, network.block.gramRow(drive)[:shown]...)
		}
		kernel.Gemm(false, false, rows, felt, shown, 1, network.met, shown, network.memory, width, 1, network.read, width)
	}
	scale(network.read, network.kept)
}

// felt is how many entries of a value vector can differ from 0, or are asked for:
// while writing, only ‖H‖ asks, which knows of no coordinates over the values; later
// those of tokens that are not written yet are 0.
func (network *network) felt(seg Segment) int {
	switch {
	case seg.Phase == Writing:
		return network.head.Values
	case network.causal && network.width > network.head.Values:
		return network.head.Values + seg.Token + 1
	}
	return network.width
}

// advance applies a segment's coefficients to the vectors.
func (network *network) advance(seg Segment, drive int, inner *products, reached *coefficients) {
	if network.record {
		network.hebbian2 = network.hebbianNorm2(seg, inner, reached)
	}
	network.coupling2 = quadratic(inner.couplingGram(), reached.coupling, reached.couplingPhi, reached.couplingHidden)
	network.calcium = reached.calcium
	copy(network.astrocyte, reached.astrocyte)
	network.mean.advance(network.head, &seg, reached)

	network.couple(drive, reached)
	if seg.Phase == Writing {
		network.learn(drive, reached)
		for i, value := range network.value {
			network.output[i] = value + float64(reached.output*network.carried[i])
		}
	} else {
		for i, output := range network.output {
			network.output[i] = float64(reached.output*output) +
				float64(reached.outputPhi*network.readPhi[i]) + float64(reached.outputHidden*network.readHidden[i])
		}
		network.leak(reached.hebbian)
	}
	network.relaxHidden(drive, inner, reached)
}

// couple sets g to c g(0) + c₁φ + c₂h(0).
func (network *network) couple(drive int, reached *coefficients) {
	shown := network.block.shown
	scale(network.coupling[:shown], reached.coupling)
	if reached.couplingHidden != 0 {
		kernel.Axpy(reached.couplingHidden, network.hidden[:shown], network.coupling[:shown])
	}
	if drive >= 0 {
		network.coupling[drive] += reached.couplingPhi
	}
}

// exhausted is where the common factor of a leaking H is multiplied out, far
// from the smallest number.
const exhausted = 1e-100

// leak lets H decay.
func (network *network) leak(by float64) {
	if network.kept *= by; network.kept < exhausted {
		scale(network.memory, network.kept)
		scale(network.recalled, network.kept)
		scale(network.block.past, network.kept)
		network.kept = 1
	}
}

// learn adds v(e₁φ + e₂h(0))ᵀ + Δf(e₃φ + e₄h(0))ᵀ to what is left of H.
func (network *network) learn(drive int, reached *coefficients) {
	network.leak(reached.hebbian)
	unit := 1 / network.kept
	add := func(i int, value, carried float64) {
		row := network.memory[i*network.width : (i+1)*network.width]
		kernel.Axpy(unit*value, network.value, row)
		kernel.Axpy(unit*carried, network.carried, row)
	}
	for i := network.oldest; i < network.block.shown; i++ {
		if hidden := network.hidden[i]; hidden != 0 {
			add(i, reached.valueHidden*hidden, reached.carriedHidden*hidden)
		}
	}
	if drive >= 0 {
		add(drive, reached.valuePhi, reached.carriedPhi)
	}
	network.block.learned = true
}

// negligible is where a coordinate of h, relative to its feature, is dropped:
// far below rounding, and before it becomes a slow subnormal number.
const negligible = 1e-100

// relaxHidden sets h to uφ + b h(0), its products with it.
func (network *network) relaxHidden(drive int, inner *products, reached *coefficients) {
	u, b := reached.phi, reached.hidden
	network.hidden2 = inner.hiddenSquare(reached)
	for i := network.oldest; i < network.block.shown; i++ {
		network.hidden[i] *= b
		if math.Abs(network.hidden[i]) < negligible {
			network.hidden[i] = 0
		}
	}
	if drive >= 0 {
		network.hidden[drive] += u
	}
	for network.oldest < network.block.shown && network.hidden[network.oldest] == 0 {
		network.oldest++
	}
	scale(network.hiddenDot, b)
	if drive >= 0 {
		kernel.Axpy(u, network.block.gramRow(drive), network.hiddenDot)
	}
}

// hebbianNorm2 returns ‖H‖²_F after the coefficients reached: with H = eH(0) + v aᵀ + Δf bᵀ,
// a = e₁φ + e₂h(0) and b = e₃φ + e₄h(0).
func (network *network) hebbianNorm2(seg Segment, inner *products, reached *coefficients) float64 {
	if seg.Phase == Reading {
		return reached.hebbian * reached.hebbian * network.hebbian2
	}
	values := network.head.Values
	along := func(value []float64, phi, hidden float64) float64 { // ⟨H(0), value (…)ᵀ⟩
		return float64(phi*kernel.Dot(value[:values], network.readPhi[:values])) + float64(hidden*kernel.Dot(value[:values], network.readHidden[:values]))
	}
	overlap := func(p1, h1, p2, h2 float64) float64 {
		return float64(p1*p2*inner.phiPhi) + float64((float64(p1*h2)+float64(h1*p2))*inner.phiHidden) + float64(h1*h2*inner.hiddenHidden)
	}
	cross := along(network.value, reached.valuePhi, reached.valueHidden) + along(network.carried, reached.carriedPhi, reached.carriedHidden)
	sum := float64(reached.hebbian*reached.hebbian*network.hebbian2) + float64(2*reached.hebbian*cross) +
		float64(inner.out[0][0]*overlap(reached.valuePhi, reached.valueHidden, reached.valuePhi, reached.valueHidden)) +
		float64(2*inner.out[0][1]*overlap(reached.valuePhi, reached.valueHidden, reached.carriedPhi, reached.carriedHidden)) +
		float64(inner.out[1][1]*overlap(reached.carriedPhi, reached.carriedHidden, reached.carriedPhi, reached.carriedHidden))
	return max(sum, 0)
}

// finite reports whether no entry is NaN or infinite.
func finite(numbers []float64) bool {
	var sum float64
	for _, number := range numbers {
		sum += number - number // 0, or NaN
	}
	return sum == 0
}

func scale(vector []float64, by float64) {
	if by == 1 {
		return
	}
	for i := range vector {
		vector[i] *= by
	}
}
