package model

import (
	"context"
	"math"
	"testing"
)

// Of the two forms of H the one is chosen that takes fewer multiplications, as
// the comments of bidirectional.go, pastmemory.go and block.go count them: shown
// by whether the head's inner products are there afterwards. Where the two cost
// about the same either will do.
func TestWhatCostsLessIsChosen(t *testing.T) {
	p := Parameters{
		TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: 0.1, Read: 0.1,
		Baseline: 1, Division: Division{Floor: 1e-9},
	}
	exact := func(causal, byTime bool) func(*Head) error {
		return func(h *Head) error {
			q := p
			q.Causal = causal
			_, err := h.Exact(context.Background(), q, Options{byTime: byTime})
			return err
		}
	}
	const tokensOfBlock, featuresOfBlock = 32, 64
	for _, c := range []struct {
		name               string
		solve              func(*Head) error
		products, synapses func(n, m, dv float64) float64
		inner              func(*Head) bool
		clearly            float64 // factor between the costs from which the choice must be the cheaper
	}{
		{
			"discrete", func(h *Head) error { h.Discrete(false, Division{}, Options{}); return nil },
			func(n, m, dv float64) float64 { return n * n * (m + dv) }, func(n, m, dv float64) float64 { return 2 * n * m * dv },
			func(h *Head) bool { return h.scores != nil }, 1.01,
		},
		{
			"bidirectional", exact(false, false),
			func(n, m, dv float64) float64 { return n * n * (m + dv) }, func(n, m, dv float64) float64 { return 2 * n * m * dv },
			func(h *Head) bool { return h.scores != nil }, 1.01,
		},
		{
			"causal", exact(true, false),
			func(n, m, dv float64) float64 { return 3 * n * n * m }, func(n, m, dv float64) float64 { return n * m * (4*dv + 4*tokensOfBlock) },
			func(h *Head) bool { return h.gram != nil }, 1.05,
		},
		{
			"by time", exact(false, true),
			func(n, m, dv float64) float64 { return 3 * n * n * m }, func(n, m, dv float64) float64 { return 2 * n * (featuresOfBlock + 2*dv) * m },
			func(h *Head) bool { return h.gram != nil }, 1.6,
		},
		{ // A_eff has N more value vectors, which H would have to hold
			"attention by time", func(h *Head) error {
				_, err := h.Exact(context.Background(), p, Options{byTime: true, Attention: true})
				return err
			},
			func(n, m, dv float64) float64 { return 3 * n * n * m },
			func(n, m, dv float64) float64 { return 2 * n * (featuresOfBlock + 2*(dv+n)) * m },
			func(h *Head) bool { return h.gram != nil }, 1.01,
		},
	} {
		chosen := map[bool]int{}
		for _, n := range []int{1, 4, 9, 20, 33, 50, 70, 120} {
			for _, m := range []int{2, 10, 40} {
				for _, dv := range []int{1, 3, 8, 30} {
					h, err := NewHead(ones(n*m), ones(n*m), ones(n*dv), n, m, dv)
					if err != nil {
						t.Fatal(err)
					}
					if err := c.solve(h); err != nil {
						t.Fatal(err)
					}
					ratio := c.products(float64(n), float64(m), float64(dv)) / c.synapses(float64(n), float64(m), float64(dv))
					if ratio > c.clearly && c.inner(h) || ratio < 1/c.clearly && !c.inner(h) {
						t.Errorf("%s, N %d, m %d, d_v %d: inner products cost %.2f of synapses; chosen: %v", c.name, n, m, dv, ratio, c.inner(h))
					}
					chosen[c.inner(h)]++
				}
			}
		}
		if chosen[false] < 10 && c.name != "attention by time" || chosen[true] < 10 {
			t.Errorf("%s: %v: the test says little", c.name, chosen)
		}
	}
}

func ones(n int) []float64 { return repeated([]float64{1}, n) }

// What depends on time alone is tabulated once: for a segment, its blank and a
// few patterns of samples. The oldest makes room, so that a long recording does
// not fill the memory.
func TestTimetablesAreKept(t *testing.T) {
	p := distinct()
	for _, phase := range []Phase{Writing, Reading} {
		s := newExactSolver(p)
		dwell, blank := Segment{Phase: phase, Duration: 0.1}, Segment{Phase: phase, Duration: 0.03, Blank: true}
		patterns := [][]float64{nil, {0.01}, {0.02}, {0.01, 0.02}, {0.03}}
		tables := map[*timetable]bool{}
		for range 3 {
			for _, at := range patterns {
				tables[s.timetable(dwell, at)] = true
			}
			tables[s.timetable(blank, nil)] = true
		}
		if len(tables) != len(patterns)+1 {
			t.Errorf("%s: %d tables of %d patterns", phase, len(tables), len(patterns)+1)
		}
		first := s.timetable(dwell, nil)
		for i := range 3 * keptTables {
			s.timetable(dwell, []float64{0.001 * float64(i+1)})
			if n := max(len(s.writing), len(s.reading)); n > keptTables {
				t.Fatalf("%d tables are kept, not %d", n, keptTables)
			}
		}
		if s.timetable(dwell, nil) == first {
			t.Errorf("%s: the oldest table is still there", phase)
		}
	}
}
