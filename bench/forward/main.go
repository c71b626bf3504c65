// Command forward times whole transformers, of the sizes of ViT-B (197 tokens) and
// BERT-base (512 tokens), in float32 against PyTorch's eager forward pass on the same
// threads and in turn: the plain pass, and that with all 144 heads replaced by the network
// (rung exact, in float64). It prints the table (Markdown), and writes it into a page
// between the lines of its block whole-models.
//
//	go run ./bench/forward -python python3 -page docs/performance.md
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/nasim-sim/nasim/bench/internal/machine"
	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/bench/internal/side"
	"github.com/nasim-sim/nasim/bench/internal/turn"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

const block = "whole-models"

// The ratios to PyTorch aimed at.
const plainGoal, swappedGoal = 1.25, 3

// neurons is m of a head that is replaced.
const neurons = 1024

func main() {
	python := flag.String("python", "python3", "Python with PyTorch and transformers")
	script := flag.String("script", "bench/forward_torch.py", "PyTorch's side")
	rounds := flag.Int("rounds", 5, "rounds; the median counts")
	threads := flag.Int("threads", 0, "threads of both; 0: as many as there are processors")
	file := flag.String("page", "", "Markdown page whose block is replaced; none: standard output alone")
	flag.Parse()
	if *threads == 0 {
		*threads = runtime.NumCPU()
	}
	if err := run(*python, *script, *rounds, *threads, *file); err != nil {
		fmt.Fprintln(os.Stderr, "forward:", err)
		os.Exit(1)
	}
}

func run(python, script string, rounds, threads int, file string) error {
	if err := page.Check(file, block); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "nasim-forward-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	watch := machine.Watch()
	var text strings.Builder
	version := ""
	for _, n := range uniq(1, threads) {
		torch, err := side.Start([]string{
			fmt.Sprintf("OMP_NUM_THREADS=%d", n), "OMP_WAIT_POLICY=PASSIVE", "KMP_BLOCKTIME=0", // or its threads wait at work while nasim runs
		}, python, script, fmt.Sprint(n), folder)
		if err != nil {
			return err
		}
		rows, err := compare(torch, folder, n, rounds)
		torch.Stop()
		if err != nil {
			return err
		}
		version = torch.Version
		text.WriteString(rows)
	}
	table := fmt.Sprintf("%s\n\n12 layers × 12 heads of size 64; the network with m = %d, its hidden layers' rows drawn beforehand:\n\n"+
		"| model | threads | | median | × PyTorch eager, float32 |\n|---|---|---|---|---|\n%s", watch.Describe(rounds, version), neurons, text.String())
	fmt.Printf("%s\ngoals: plain within %g ×, all heads replaced within %d ×\n", table, plainGoal, swappedGoal)
	return page.Write(file, page.Block{Name: block, Text: table})
}

// uniq is 1 and n, once each.
func uniq(one, n int) []int {
	if n == one {
		return []int{one}
	}
	return []int{one, n}
}

// compare times both models, and checks that both sides compute the same.
func compare(torch *side.Side, folder string, threads, rounds int) (string, error) {
	var out strings.Builder
	for _, m := range []struct{ name, title string }{{"vit", "ViT-B, 197 tokens"}, {"bert", "BERT-base, 512 tokens"}} {
		model, err := transformer.Open(filepath.Join(folder, m.name))
		if err != nil {
			return "", err
		}
		in, want, err := given(model, filepath.Join(folder, "input.npz"), m.name)
		if err != nil {
			return "", err
		}
		runner := model.Runner(transformer.Settings{Single: true, Threads: threads, Keep: true})
		swap, err := newNetworks(model)
		if err != nil {
			return "", err
		}
		forward := func(replace transformer.HeadFunc) (*transformer.Activations, error) {
			return runner.Forward(context.Background(), in, transformer.Options{Keep: transformer.KeepAnswer, Replace: replace})
		}
		a, err := forward(nil)
		if err != nil {
			return "", err
		}
		if off := difference(a.Final, want); !(off < 1e-4) {
			return "", fmt.Errorf("%s: the last hidden states differ from PyTorch's by %.2g", m.name, off)
		}
		timed := func(replace transformer.HeadFunc) func() (float64, error) {
			return func() (float64, error) {
				return turn.Repeat(time.Second, func() error { _, err := forward(replace); return err })
			}
		}
		candidates := []turn.Candidate{
			{Name: "PyTorch eager, float32", Run: func() (seconds float64, err error) {
				err = torch.Measure(m.name, &seconds)
				return seconds, err
			}},
			{Name: "nasim, float32", Run: timed(nil)},
			{Name: "nasim, all 144 heads replaced", Run: timed(swap.replace)},
		}
		seconds, err := turn.Rounds(rounds, candidates, nil)
		if err != nil {
			return "", err
		}
		for i, c := range candidates {
			fmt.Fprintf(&out, "| %s | %d | %s | %s | %s |\n", m.title, threads, c.Name, page.Seconds(turn.Median(seconds[i])), turn.Ratio(seconds[i], seconds[0]))
		}
	}
	return out.String(), nil
}
