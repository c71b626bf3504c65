package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/nasim-sim/nasim/bench/internal/machine"
	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/bench/internal/turn"
	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/model"
)

// The paper's scale, and what is aimed at there.
const (
	paperNeurons  = 100_000
	exactGoal     = 1.0  // s
	dopri5Goal    = 60.0 // s
	memoryGoalGiB = 1.5e9 / (1 << 30)
)

// paperSolutions are measured at that scale, by the name that -one takes.
var paperSolutions = []struct{ one, name string }{
	{"exact", "`exact`"}, {"causal", "`exact`, causal"}, {"dopri5", "`dopri5`, reduced state, rtol 1e-6"},
}

// paperScale runs each solution in a process of its own, whose peak of memory
// is then its, and returns the block.
func paperScale(rounds int) (string, error) {
	watch := machine.Watch()
	var maps, solutions, peaks [][]float64
	for range paperSolutions {
		maps, solutions, peaks = append(maps, nil), append(solutions, nil), append(peaks, nil)
	}
	for range rounds {
		for i, c := range paperSolutions {
			evaluated, solved, peak, err := askOne(c.one)
			if err != nil {
				return "", err
			}
			maps[i], solutions[i], peaks[i] = append(maps[i], evaluated), append(solutions[i], solved), append(peaks[i], peak)
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n\nOne head, m = %s, N = %d, d = d_v = %d, each solution in a process of its own:\n\n",
		watch.Describe(rounds), page.Whole(paperNeurons), tokens, dim)
	out.WriteString("| | feature map | solution, features given | peak memory |\n|---|---|---|---|\n")
	for i, c := range paperSolutions {
		fmt.Fprintf(&out, "| %s | %s | %s | %.2f GiB |\n", c.name, page.Seconds(turn.Median(maps[i])),
			page.Seconds(turn.Median(solutions[i])), turn.Median(peaks[i]))
	}
	return out.String(), nil
}

// askOne starts a process that runs one solution, and reads what it prints.
func askOne(name string) (evaluated, solved, peak float64, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, 0, 0, err
	}
	cmd := exec.Command(self, "-one", name)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return 0, 0, 0, err
	}
	_, err = fmt.Sscan(string(text), &evaluated, &solved, &peak)
	return evaluated, solved, peak, err
}

// runOne solves one head and prints the seconds of the feature map, those of
// the solution, and the peak of memory in GiB.
func runOne(name string) error {
	t, err := randomHead(tokens, dim, paperNeurons, 1)
	if err != nil {
		return err
	}
	runtime.GC()
	start := time.Now()
	a, err := t.activity()
	if err != nil {
		return err
	}
	evaluated := time.Since(start).Seconds()
	start = time.Now()
	h, err := t.head(a)
	if err != nil {
		return err
	}
	switch name {
	case "exact":
		_, err = h.Exact(context.Background(), parameters, model.Options{})
	case "causal":
		p := parameters
		p.Causal = true
		_, err = h.Exact(context.Background(), p, model.Options{})
	case "dopri5":
		s := model.Solver{Method: integrator.Dopri5(), Rtol: 1e-6, Atol: 1e-9}
		_, _, err = h.Integrate(context.Background(), parameters, s, model.Options{})
	default:
		err = fmt.Errorf("-one %s: exact, causal or dopri5", name)
	}
	if err != nil {
		return err
	}
	solved := time.Since(start).Seconds()
	peak, err := machine.PeakMemory()
	fmt.Println(evaluated, solved, peak)
	return err
}
