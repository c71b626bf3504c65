package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/nasim-sim/nasim/bench/internal/machine"
	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/bench/internal/side"
	"github.com/nasim-sim/nasim/bench/internal/turn"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// Sizes of the comparison, and the ratios aimed at.
const (
	heads, tokens, dim, neurons = 12, 197, 64, 1024
	ratioGoal                   = 6   // to PyTorch
	productsGoal                = 1.3 // to matrix products alone
	longEnough                  = 250 * time.Millisecond
)

// compare times exact and PyTorch in turn, and returns the block.
func compare(python, script string, rounds int) (string, error) {
	watch := machine.Watch()
	candidates, err := ownCandidates()
	if err != nil {
		return "", err
	}
	version, stop := "", func() {}
	if python != "" {
		t, err := startTorch(python, script)
		if err != nil {
			return "", err
		}
		version, stop = t.Version, t.Stop
		candidates = append(candidates, t.candidates()...)
	}
	seconds, err := turn.Rounds(rounds, candidates, nil)
	stop() // so that its time is not taken for other programs'
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s\n\n%d heads, N = %d, d = d_v = %d, m = %d, outputs only; nasim in float64:\n\n%s",
		watch.Describe(rounds, version), heads, tokens, dim, neurons, comparison(candidates, seconds, python != "")), nil
}

// ownCandidates are nasim's: the solution, of features that have just been
// evaluated and of those that all lie in memory; the feature maps; and both.
func ownCandidates() ([]turn.Candidate, error) {
	all := make([]*tokensOf, heads)
	given := make([]*features.Activity, heads)
	for i := range all {
		var err error
		if all[i], err = randomHead(tokens, dim, neurons, uint64(i+1)); err != nil {
			return nil, err
		}
		if given[i], err = all[i].activity(); err != nil {
			return nil, err
		}
	}
	each := func(f func(i int) error) func() (float64, error) {
		return func() (float64, error) {
			return turn.Repeat(longEnough, func() error {
				for i := range all {
					if err := f(i); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	solve := func(i int, a *features.Activity) error { return all[i].solve(a) }
	// As nasim run goes: a head's features take the place of those of the head before.
	var last *features.Activity
	next := func(i int) (_ *features.Activity, err error) {
		last, err = all[i].activityOver(last)
		return last, err
	}
	// solveOnly is the time of the solutions alone, each of features just evaluated.
	solveOnly := func() (float64, error) {
		var solving, passed time.Duration
		runs := 0
		for start := time.Now(); passed < longEnough; passed = time.Since(start) {
			for i := range heads {
				a, err := next(i)
				if err != nil {
					return 0, err
				}
				from := time.Now()
				if err := solve(i, a); err != nil {
					return 0, err
				}
				solving += time.Since(from)
			}
			runs++
		}
		return solving.Seconds() / float64(runs), nil
	}
	return []turn.Candidate{
		{Name: "nasim `exact`, features given by their map", Run: solveOnly},
		{Name: "nasim `exact`, features given in memory", Run: each(func(i int) error { return solve(i, given[i]) })},
		{Name: "nasim: the feature maps", Run: each(func(i int) error { _, err := next(i); return err })},
		{Name: "nasim `exact` with its feature maps", Run: each(func(i int) error {
			a, err := next(i)
			if err != nil {
				return err
			}
			return solve(i, a)
		})},
	}, nil
}

// Places of PyTorch's candidates.
const single, double = 4, 5

// comparison holds the medians and what they are in PyTorch's.
func comparison(candidates []turn.Candidate, seconds [][]float64, torch bool) string {
	var out strings.Builder
	out.WriteString("| | median | × PyTorch float32 | × PyTorch float64 |\n|---|---|---|---|\n")
	for i, c := range candidates {
		ratios := [2]string{"–", "–"}
		if torch {
			ratios = [2]string{turn.Ratio(seconds[i], seconds[single]).String(), turn.Ratio(seconds[i], seconds[double]).String()}
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", c.Name, page.Seconds(turn.Median(seconds[i])), ratios[0], ratios[1])
	}
	return out.String()
}

// torch is PyTorch's side.
type torch struct {
	*side.Side
	seconds [3]float64 // of the last answer
}

func startTorch(python, script string) (*torch, error) {
	// One thread, before any library asks how many there are.
	s, err := side.Start([]string{"OMP_NUM_THREADS=1", "MKL_NUM_THREADS=1"},
		python, script, fmt.Sprint(heads), fmt.Sprint(tokens), fmt.Sprint(dim))
	if err != nil {
		return nil, err
	}
	return &torch{Side: s}, nil
}

// candidates are PyTorch's three ways; the first asks, the others read on.
func (t *torch) candidates() []turn.Candidate {
	names := []string{
		"PyTorch `scaled_dot_product_attention`, float32", "PyTorch `scaled_dot_product_attention`, float64",
		"PyTorch, softmax(qkᵀ/√d)v written out, float32",
	}
	var out []turn.Candidate
	for i, name := range names {
		out = append(out, turn.Candidate{Name: name, Run: func() (float64, error) {
			if i > 0 {
				return t.seconds[i], nil
			}
			err := t.Measure("", &t.seconds[0], &t.seconds[1], &t.seconds[2])
			return t.seconds[0], err
		}})
	}
	return out
}
