// Command growth times the exact solution against the sizes of a head, over a
// 16-fold range each: outputs alone against tokens N, hidden neurons m and
// values d_v, where they should grow linearly, and with A_eff against N, where
// it should grow as N². It prints the times (Markdown) with the fitted
// exponents, and draws them.
//
//	go run ./bench/growth -figure docs/images/growth.png
//
// All sizes of all series run in turn, on one thread; the medians over the
// rounds are fitted. The exponents hold where the series are taken: see
// docs/performance.md for what happens at smaller sizes.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"time"

	"github.com/nasim-sim/nasim/bench/internal/turn"
	"github.com/nasim-sim/nasim/pkg/model"
)

// size is a head's.
type size struct{ tokens, neurons, values int }

// series varies one size.
type series struct {
	name, fixed string
	attention   bool
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

func allSeries() []*series {
	tokens, neurons, values := func(s size) int { return s.tokens }, func(s size) int { return s.neurons }, func(s size) int { return s.values }
	return []*series{
		{
			name: "outputs, tokens N", fixed: "m = 4096, d_v = 64", goal: 1, vary: tokens,
			sizes: doublings(64, func(n int) size { return size{n, 4096, 64} }),
		},
		{
			name: "outputs, neurons m", fixed: "N = 197, d_v = 64", goal: 1, vary: neurons,
			sizes: doublings(4096, func(m int) size { return size{197, m, 64} }),
		},
		{
			name: "outputs, values d_v", fixed: "N = 8320, m = 512", goal: 1, vary: values,
			sizes: doublings(256, func(dv int) size { return size{8320, 512, dv} }),
		},
		{
			name: "A_eff, tokens N", fixed: "m = 16384, d_v = 64", goal: 2, vary: tokens, attention: true,
			sizes: doublings(128, func(n int) size { return size{n, 16384, 64} }),
		},
	}
}

func main() {
	figure := flag.String("figure", "", "PNG file to draw; none: no figure")
	rounds := flag.Int("rounds", 5, "rounds; of each size the median counts")
	flag.Parse()
	if err := run(*rounds, *figure); err != nil {
		fmt.Fprintln(os.Stderr, "growth:", err)
		os.Exit(1)
	}
}

func run(rounds int, figure string) error {
	runtime.GOMAXPROCS(1)
	if rounds < 1 {
		return fmt.Errorf("-rounds %d: at least 1 is needed", rounds)
	}
	all := allSeries()
	var candidates []turn.Candidate
	for _, s := range all {
		for _, at := range s.sizes {
			candidates = append(candidates, turn.Candidate{
				Name: fmt.Sprintf("%s at %+v", s.name, at),
				Run:  func() (float64, error) { return at.measure(s.attention) },
			})
		}
	}
	seconds, err := turn.Rounds(rounds, candidates, func(round int) {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, rounds)
	})
	if err != nil {
		return err
	}
	for _, s := range all {
		for range s.sizes {
			s.seconds = append(s.seconds, turn.Median(seconds[0]))
			seconds = seconds[1:]
		}
	}
	printSeries(all)
	if figure == "" {
		return nil
	}
	return drawFigure(all, figure)
}

// printSeries prints the times and exponents.
func printSeries(all []*series) {
	fmt.Println("| series | others fixed | sizes | median seconds | exponent | goal |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, s := range all {
		sizes, seconds := "", ""
		for i, at := range s.sizes {
			sizes += fmt.Sprintf("%d ", s.vary(at))
			seconds += fmt.Sprintf("%.3g ", s.seconds[i])
		}
		fmt.Printf("| %s | %s | %s| %s| %.2f | %g ± 0.1 |\n", s.name, s.fixed, sizes, seconds, s.exponent(), s.goal)
	}
}

// longEnough is for how long a solution is repeated.
const longEnough = 200 * time.Millisecond

// measure times the exact solution of a random head, from the features given.
// Positive features of random size are what the network takes; time does not
// depend on their values.
func (s size) measure(attention bool) (float64, error) {
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
		Write: 0.25, Read: 0.25, Baseline: 1, Floor: 1e-9,
	}
	runtime.GC()
	return turn.Repeat(longEnough, func() error {
		// A new head each time: the Gram matrix is part of the work.
		h, err := model.NewHead(phiQ, phiK, v, s.tokens, s.neurons, s.values)
		if err != nil {
			return err
		}
		_, err = h.Exact(context.Background(), p, model.Options{Attention: attention})
		return err
	})
}
