package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/nasim-sim/nasim/bench/internal/turn"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// Sizes of the comparison, and the ratio aimed at.
const (
	heads, tokens, dim, neurons = 12, 197, 64, 1024
	ratioGoal                   = 6
	longEnough                  = 250 * time.Millisecond
)

// compare times exact and PyTorch in turn.
func compare(python, script string, rounds int) error {
	all := make([]*tokensOf, heads)
	given := make([]*features.Activity, heads)
	for i := range all {
		var err error
		if all[i], err = randomHead(tokens, dim, neurons, uint64(i+1)); err != nil {
			return err
		}
		if given[i], err = all[i].activity(); err != nil {
			return err
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
	solve := func(i int, a *features.Activity) error {
		h, err := all[i].head(a)
		if err != nil {
			return err
		}
		_, err = h.Exact(context.Background(), parameters, model.Options{})
		return err
	}
	candidates := []turn.Candidate{
		{Name: "nasim: feature maps alone", Run: each(func(i int) error { _, err := all[i].activity(); return err })},
		{Name: "nasim: exact, features given", Run: each(func(i int) error { return solve(i, given[i]) })},
		{Name: "nasim: exact with feature maps", Run: each(func(i int) error {
			a, err := all[i].activity()
			if err != nil {
				return err
			}
			return solve(i, a)
		})},
	}
	version := "PyTorch is left out"
	if python != "" {
		t, err := startTorch(python, script)
		if err != nil {
			return err
		}
		defer t.stop()
		version = t.version
		candidates = append(candidates, t.candidates()...)
	}
	seconds, err := turn.Rounds(rounds, candidates, nil)
	if err != nil {
		return err
	}
	fmt.Printf("%d heads, N = %d, d = d_v = %d, m = %d; nasim in float64; %s\n\n", heads, tokens, dim, neurons, version)
	printComparison(candidates, seconds, python != "")
	return nil
}

// printComparison prints the medians and what nasim's are in PyTorch's.
func printComparison(candidates []turn.Candidate, seconds [][]float64, torch bool) {
	fmt.Println("| | median ms | × PyTorch float32 | × PyTorch float64 |\n|---|---|---|---|")
	for i, c := range candidates {
		single, double := "", ""
		if torch {
			single = turn.Ratio(seconds[i], seconds[3]).String()
			double = turn.Ratio(seconds[i], seconds[4]).String()
		}
		fmt.Printf("| %s | %.3g | %s | %s |\n", c.Name, 1e3*turn.Median(seconds[i]), single, double)
	}
	if torch {
		fmt.Printf("\ngoal: exact within %d × PyTorch\n", ratioGoal)
	}
}

// torch is PyTorch's side, a process that measures when asked.
type torch struct {
	version string
	process *exec.Cmd
	ask     io.WriteCloser
	answers *bufio.Reader
	seconds [3]float64 // of the last answer
}

func startTorch(python, script string) (*torch, error) {
	cmd := exec.Command(python, script, fmt.Sprint(heads), fmt.Sprint(tokens), fmt.Sprint(dim))
	cmd.Stderr = os.Stderr
	// One thread, before any library asks how many there are.
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "MKL_NUM_THREADS=1")
	ask, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t := &torch{process: cmd, ask: ask, answers: bufio.NewReader(answers)}
	if t.version, err = t.answers.ReadString('\n'); err != nil {
		t.stop()
		return nil, fmt.Errorf("%s %s did not start: %w", python, script, err)
	}
	t.version = strings.TrimSpace(t.version)
	return t, nil
}

func (t *torch) stop() {
	t.ask.Close()
	t.process.Wait() // its failure has been reported by what it did not answer
}

// candidates are PyTorch's three ways; the first asks, the others read on.
func (t *torch) candidates() []turn.Candidate {
	names := []string{"PyTorch scaled_dot_product_attention, float32", "the same, float64", "softmax(qkᵀ/√d)v written out, float32"}
	var out []turn.Candidate
	for i, name := range names {
		out = append(out, turn.Candidate{Name: name, Run: func() (float64, error) {
			if i > 0 {
				return t.seconds[i], nil
			}
			if _, err := fmt.Fprintln(t.ask); err != nil {
				return 0, err
			}
			_, err := fmt.Fscanln(t.answers, &t.seconds[0], &t.seconds[1], &t.seconds[2])
			return t.seconds[0], err
		}})
	}
	return out
}
