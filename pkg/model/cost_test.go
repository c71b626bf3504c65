package model

import (
	"context"
	"math"
	"testing"
)

// A choice is a solution for which one of the two forms of H is chosen, with what
// each costs in multiplications, as the comments of form.go, pastmemory.go and
// block.go count them.
type choice struct {
	name               string
	solve              func(*Head) error
	products, synapses func(n, m, dv float64) float64
	inner              func(*Head) bool // whether the head's inner products are there afterwards: they were chosen
	clearly            float64          // factor between the costs from which the choice must be the cheaper
	always             bool             // no size makes H the cheaper
}

func choices() []choice {
	const tokensOfBlock, featuresOfBlock = 32, 64
	exact := func(causal bool, opt Options) func(*Head) error {
		return func(h *Head) error {
			_, err := h.Exact(context.Background(), Parameters{
				TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: 0.1, Read: 0.1,
				Baseline: 1, Division: Division{Floor: 1e-9}, Causal: causal,
			}, opt)
			return err
		}
	}
	scores, gram := func(h *Head) bool { return h.scores != nil }, func(h *Head) bool { return h.gram != nil }
	byScores, bySynapses := func(n, m, dv float64) float64 { return n * n * (m + dv) }, func(n, m, dv float64) float64 { return 2 * n * m * dv }
	byGram := func(n, m, dv float64) float64 { return 3 * n * n * m }
	return []choice{
		{"discrete", func(h *Head) error { h.Discrete(false, Division{}, Options{}); return nil }, byScores, bySynapses, scores, 1.01, false},
		{"bidirectional", exact(false, Options{}), byScores, bySynapses, scores, 1.01, false},
		{"causal", exact(true, Options{}), byGram, func(n, m, dv float64) float64 { return n * m * (4*dv + 4*tokensOfBlock) }, gram, 1.05, false},
		{"by time", exact(false, Options{byTime: true}), byGram, func(n, m, dv float64) float64 { return 2 * n * (featuresOfBlock + 2*dv) * m }, gram, 1.6, false},
		// A_eff has N more value vectors, which H would have to hold.
		{"attention by time", exact(false, Options{byTime: true, Attention: true}), byGram,
			func(n, m, dv float64) float64 { return 2 * n * (featuresOfBlock + 2*(dv+n)) * m }, gram, 1.01, true},
	}
}

// Of the two forms of H the one is chosen that takes fewer multiplications. Where the
// two cost about the same either will do.
func TestWhatCostsLessIsChosen(t *testing.T) {
	for _, c := range choices() {
		t.Run(c.name, func(t *testing.T) {
			chosen := map[bool]int{}
			for _, n := range []int{1, 4, 9, 20, 33, 50, 70, 120} {
				for _, m := range []int{2, 10, 40} {
					for _, dv := range []int{1, 3, 8, 30} {
						chosen[c.chooses(t, n, m, dv)]++
					}
				}
			}
			if chosen[false] < 10 && !c.always || chosen[true] < 10 {
				t.Errorf("%v: the test says little", chosen)
			}
		})
	}
}

// chooses solves a head of the given size and holds the choice to its costs; it
// reports whether inner products were chosen.
func (c *choice) chooses(t *testing.T, n, m, dv int) (products bool) {
	t.Helper()
	h, err := NewHead(ones(n*m), ones(n*m), ones(n*dv), n, m, dv)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.solve(h); err != nil {
		t.Fatal(err)
	}
	products = c.inner(h)
	ratio := c.products(float64(n), float64(m), float64(dv)) / c.synapses(float64(n), float64(m), float64(dv))
	if ratio > c.clearly && products || ratio < 1/c.clearly && !products {
		t.Errorf("N %d, m %d, d_v %d: inner products cost %.2f of synapses; chosen: %v", n, m, dv, ratio, products)
	}
	return products
}

func ones(n int) []float64 { return repeated([]float64{1}, n) }

// What depends on time alone is tabulated once: for a segment, its blank and a
// few patterns of samples. The oldest makes room, so that a long recording does
// not fill the memory.
func TestTimetablesAreKept(t *testing.T) {
	p := distinct()
	for _, phase := range []Phase{Writing, Reading} {
		s := newExactSolver(context.Background(), p, nil)
		dwell, blank := Segment{Phase: phase, Duration: 0.1}, Segment{Phase: phase, Duration: 0.03, Blank: true}
		patterns := [][]float64{nil, {0.01}, {0.02}, {0.01, 0.02}, {0.03}}
		of := func(seg Segment, at []float64) *timetable {
			return s.timetable(seg, newLateness(&p, s).spans(seg, driving{}, nil), at)
		}
		tables := map[*timetable]bool{}
		for range 3 {
			for _, at := range patterns {
				tables[of(dwell, at)] = true
			}
			tables[of(blank, nil)] = true
		}
		if len(tables) != len(patterns)+1 {
			t.Errorf("%s: %d tables of %d patterns", phase, len(tables), len(patterns)+1)
		}
		first := of(dwell, nil)
		for i := range 3 * keptTables {
			of(dwell, []float64{0.001 * float64(i+1)})
			if n := max(len(s.writing), len(s.reading)); n > keptTables {
				t.Fatalf("%d tables are kept, not %d", n, keptTables)
			}
		}
		if of(dwell, nil) == first {
			t.Errorf("%s: the oldest table is still there", phase)
		}
	}
}
