package model

import (
	"context"
	"math"
	"slices"
	"testing"
)

// What follows from a skeleton is what there is: of the modes of many compartments, whatever their
// terms, at every node relative to the largest value of each function in its part of the stretch.
func TestSkeletonHoldsTheBasis(t *testing.T) {
	for _, exchange := range []float64{0.1, 10, 1e4} {
		p := compartmentsProblems(t)[0].parameters()
		p.Compartments = Compartments{Count: 64, Exchange: exchange}
		p.TauHidden, p.TauOutput, p.TauCalcium, p.Read = 0.01, 0.01, 0.05, 0.5
		exact := newCompartmentsExact(context.Background(), p, nil, false)
		table := exact.base.timetable(Segment{Phase: Reading, Duration: p.Read}, []span{{spanKind: spanKind{0, p.Read, Reading, following}}}, nil)
		over, bare := table.legs[0].stretch, exact.base.gridOf(table, 0)
		if bare.parts == nil {
			t.Fatalf("exchange of %g/s: no skeleton", exchange)
		}
		if nodes := len(over.phiWeight); 3*len(bare.basis[0]) > nodes {
			t.Errorf("exchange of %g/s: %d of %d nodes", exchange, len(bare.basis[0]), nodes)
		}
		for f, function := range over.nodes {
			function = append(slices.Clone(function), over.samples[f][len(over.samples[f])-1])
			for _, part := range bare.parts {
				var most float64
				for _, value := range function[part.from:part.to] {
					most = max(most, math.Abs(value))
				}
				size := part.to - part.from
				for i := range size {
					var sum float64
					for j := range part.n {
						sum += bare.basis[f][part.first+j] * part.weights[j*size+i]
					}
					if d := math.Abs(sum - function[part.from+i]); !(d <= 1e-13*most) {
						t.Fatalf("exchange of %g/s: function %d, node %d: differs by %.2g of its largest value", exchange, f, part.from+i, d/most)
					}
				}
			}
		}
	}
}

// By the passage and by time compartments answer alike, with few and with so many that their calcium
// is interpolated, over decades of it.
func TestCompartmentsPassAsTimeDoes(t *testing.T) {
	for _, causal := range []bool{false, true} {
		for _, of := range []struct {
			count, neurons int
			topology       Topology
		}{{2, 64, Ring}, {8, 64, Line}, {32, 64, Ring}, {64, 64, All}, {25, 75, Ring}, {31, 31, Ring}, {31, 62, Line}, {75, 75, Line}, {25, 50, All}} {
			for _, decades := range []float64{0, 3} {
				head := drawnHead(t, 12, of.neurons, 3, decades)
				p := Parameters{
					TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.05, TauHebbian: 4, TauPresynaptic: 5, Drive: Hold,
					Write: 0.25, Read: 0.3, Gap: 0.1, Baseline: 1, Causal: causal, Division: Division{Floor: 1e-9},
					Compartments: Compartments{Count: of.count, Exchange: 30, Topology: of.topology},
				}
				for _, opt := range []Options{{}, {Attention: true}, {Dwell: true}} {
					got, err := head.Exact(context.Background(), p, opt)
					if err != nil {
						t.Fatal(err)
					}
					opt.byTime = true
					want, err := head.Exact(context.Background(), p, opt)
					if err != nil {
						t.Fatal(err)
					}
					for name, pair := range map[string][2][]float64{
						"output": {got.Output, want.Output}, "attention": {got.Attention, want.Attention},
						"pools": {got.Pools, want.Pools}, "divisor": {got.Normalizer, want.Normalizer}, "calcium": {got.Calcium, want.Calcium},
					} {
						if d := difference(pair[0], pair[1]); d > 1e-12 {
							t.Errorf("causal %v, %d compartments, %s, %g decades, %+v: %s differs by %.2g", causal, of.count, of.topology, decades, opt, name, d)
						}
					}
				}
			}
		}
	}
}

// drawnHead has features that spread over so many decades.
func drawnHead(t *testing.T, n, m, dv int, decades float64) *Head {
	t.Helper()
	seed := uint64(1)
	next := func() float64 { // in (0, 1)
		seed = seed*6364136223846793005 + 1442695040888963407
		return (float64(seed>>11) + 0.5) / (1 << 53)
	}
	draw := func(count int, of func() float64) []float64 {
		x := make([]float64, count)
		for i := range x {
			x[i] = of()
		}
		return x
	}
	positive := func() float64 { return math.Pow(10, decades*(next()-0.5)) / math.Sqrt(float64(m)) }
	head, err := NewHead(draw(n*m, positive), draw(n*m, positive), draw(n*dv, func() float64 { return next() - 0.5 }), n, m, dv)
	if err != nil {
		t.Fatal(err)
	}
	return head
}

// The weights of chosen times are 0 and 1 at these.
func TestInterpolativeKeepsChosenTimes(t *testing.T) {
	var basis calciumBasis
	for power := range 5 {
		column := make([]float64, 40)
		for i := range column {
			column[i] = math.Pow(float64(i)/40, float64(power))
		}
		basis = append(basis, column)
	}
	chosen, weights := interpolative(basis, 3, 38)
	if len(chosen) != 5 || slices.Max(chosen) >= 38 || slices.Min(chosen) < 3 {
		t.Fatalf("of the times of polynomials of degree 4 there are chosen %v", chosen)
	}
	for j := range chosen {
		for k, at := range chosen {
			want := 0.0
			if j == k {
				want = 1
			}
			if got := weights[j*35+at-3]; math.Abs(got-want) > 1e-12 {
				t.Errorf("weight of time %d at time %d is %g", chosen[j], at, got)
			}
		}
	}
}

// The read-outs of all compartments at once are those of each by itself, where calcium rises and
// falls by decades, and falls to the floor.
func TestReadOutsAreThoseOfEach(t *testing.T) {
	for _, count := range []int{4, 64} {
		for _, division := range []Division{{Floor: 1e-9}, {Floor: 0.2}, {Floor: 1e-9, Readout: Receptor, HalfEffect: 0.3}} {
			p := Parameters{
				TauHidden: 0.01, TauOutput: 0.1, TauCalcium: 0.05, TauHebbian: 4, TauPresynaptic: 5, Drive: Hold,
				Write: 0.25, Read: 0.4, Baseline: 1, Division: division, Compartments: Compartments{Count: count, Exchange: 3},
			}
			exact := newCompartmentsExact(context.Background(), p, nil, false)
			inner := make([]*products, count)
			for read := range 6 {
				for c := range inner {
					size := math.Pow(10, float64((c*7+read*5)%13)/3-2) / float64(count)
					inner[c] = &products{collected: collected{gPhi: size, gHidden: 0.3 * size}}
				}
				if _, err := exact.solve(Segment{Phase: Reading, Duration: p.Read}, inner, nil, nil); err != nil {
					t.Fatal(err)
				}
				stretch := exact.base.timetable(Segment{Phase: Reading, Duration: p.Read}, exact.spans[0], nil).legs[0].stretch
				for c := range inner {
					own := readOut{exact: exact.base, terms: exact.one(c, Reading).terms, lowest: math.Inf(1)}
					own.through(stretch)
					out := &exact.outs[c]
					if d := max(math.Abs(out.phi/own.phi-1), math.Abs(out.hidden/own.hidden-1)); !(d < 3e-12) {
						t.Errorf("%d compartments, %+v: read %d of %d: differs by %.2g", count, division, read, c, d)
					}
				}
			}
		}
	}
}
