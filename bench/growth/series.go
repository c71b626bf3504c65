package main

import (
	"context"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/nasim-sim/nasim/bench/internal/turn"
	"github.com/nasim-sim/nasim/pkg/model"
)

// size is a head's.
type size struct{ tokens, neurons, values int }

// work is what is asked of a head.
type work struct{ causal, attention bool }

// series varies one size.
type series struct {
	name, fixed string
	work        work
	goal        float64 // exponent
	sizes       []size
	vary        func(size) int
	seconds     []float64 // median, of each size
}

func (s *series) exponent() float64 {
	var x []float64
	for _, at := range s.sizes {
		x = append(x, float64(s.vary(at)))
	}
	return turn.Exponent(x, s.seconds)
}

// doublings returns from, 2 from, … 16 from.
func doublings(from int, at func(x int) size) (sizes []size) {
	for k := range 5 {
		sizes = append(sizes, at(from<<k))
	}
	return sizes
}

// allSeries holds the outputs' series in the range in which H is recalled from,
// not inner products, which few tokens make cheaper: bidirectional, where
// N(m + d_v) > 2 m d_v, causal, where 3N > 4(d_v + 32).
func allSeries() []*series {
	tokens, neurons, values := func(s size) int { return s.tokens }, func(s size) int { return s.neurons }, func(s size) int { return s.values }
	byTokens := doublings(512, func(n int) size { return size{n, 4096, 256} })
	byNeurons := doublings(6144, func(m int) size { return size{197, m, 64} })
	return []*series{
		{name: "outputs, N", fixed: "m = 4096, d_v = 256", goal: 1, vary: tokens, sizes: byTokens},
		{name: "outputs, m", fixed: "N = 197, d_v = 64", goal: 1, vary: neurons, sizes: byNeurons},
		{
			name: "outputs, d_v", fixed: "N = 4608, m = 4096", goal: 1, vary: values,
			sizes: doublings(256, func(dv int) size { return size{4608, 4096, dv} }),
		},
		{name: "causal outputs, N", fixed: "m = 4096, d_v = 256", goal: 1, vary: tokens, sizes: byTokens, work: work{causal: true}},
		{name: "causal outputs, m", fixed: "N = 197, d_v = 64", goal: 1, vary: neurons, sizes: byNeurons, work: work{causal: true}},
		{
			name: "A_eff, N", fixed: "m = 4096, d_v = 64", goal: 2, vary: tokens, work: work{attention: true},
			sizes: doublings(320, func(n int) size { return size{n, 4096, 64} }),
		},
	}
}

// longEnough is for how long a solution is repeated.
const longEnough = 200 * time.Millisecond

// measure times the exact solution of a random head, from the features given.
// Positive features of random size are what the network takes; time does not
// depend on their values.
func (s size) measure(w work) (float64, error) {
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = rng.Float64()
		}
		return x
	}
	phiQ, phiK, v := draw(s.tokens*s.neurons), draw(s.tokens*s.neurons), draw(s.tokens*s.values)
	p := model.Parameters{
		TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: 20, TauPresynaptic: 20,
		Write: 0.25, Read: 0.25, Baseline: 1, Division: model.Division{Floor: 1e-9}, Causal: w.causal,
	}
	runtime.GC()
	return turn.Repeat(longEnough, func() error {
		// A new head each time: its inner products are part of the work.
		h, err := model.NewHead(phiQ, phiK, v, s.tokens, s.neurons, s.values)
		if err != nil {
			return err
		}
		_, err = h.Exact(context.Background(), p, model.Options{Attention: w.attention})
		return err
	})
}
